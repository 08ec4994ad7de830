"""Odoo's models, one a file, in six rooms."""

# What others delegate to or inherit from must be known before them.
from . import icloud
from . import limits
from . import calendar
from . import offer
from . import booking
from . import planning

from . import ir_default
from . import ir_http
from . import res_partner
from . import res_users
