"""Exceptions that callers handle apart from a plain UserError."""

from odoo.exceptions import UserError


class TimeTaken(UserError):
    """The time is not free. `nearest` are the free starts around it (naive UTC, sorted)."""

    def __init__(self, message, nearest):
        super().__init__(message)
        self.nearest = nearest
