"""Lets customers rate their visit; installs itself beside Odoo's ratings."""

from . import models
