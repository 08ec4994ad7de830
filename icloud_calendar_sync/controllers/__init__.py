"""Public pages: routes in `pages`, what visitors choose, what is shown."""

from . import pages
