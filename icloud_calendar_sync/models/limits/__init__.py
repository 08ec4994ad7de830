"""How often strangers may do something. Imports `guard`, and no other room."""

from . import icloud_limit
