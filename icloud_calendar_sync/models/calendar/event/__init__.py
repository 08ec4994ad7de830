"""`calendar.event`, one idea a file: hooks, sessions, copies, imports, rights, busy minutes."""

from . import calendar_event
from . import session
from . import remote
from . import imported
from . import blocking
from . import copying
from . import storing
from . import busy
from . import rights
from . import veil
