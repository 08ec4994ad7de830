"""Public pages: routes in `pages`, what visitors choose, what is shown. Imports `models`' values."""

from . import pages
