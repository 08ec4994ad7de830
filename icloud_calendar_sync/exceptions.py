"""Exceptions that callers handle apart from a plain UserError."""

from odoo.exceptions import ConcurrencyError, UserError


class TimeTaken(UserError):
    """The time is not free. `nearest` are the free starts around it (naive UTC, sorted)."""

    def __init__(self, message, nearest):
        super().__init__(message)
        self.nearest = nearest


class LostRace(ConcurrencyError):
    """Somebody was faster, and what they did can only be seen by a new snapshot.

    They have committed: to begin anew at once is enough (`ir.http`). Where nobody does, Odoo
    begins anew after a pause.
    """
