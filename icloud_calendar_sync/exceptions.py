"""Exceptions that callers handle apart from a plain UserError."""

import logging

from odoo.exceptions import ConcurrencyError, UserError


class TimeTaken(UserError):
    """The time is not free. `nearest` are the free starts around it (naive UTC, sorted)."""

    def __init__(self, message, nearest):
        super().__init__(message)
        self.nearest = nearest


class OtherTerms(UserError):
    """The time is free, but not as the customer has seen it: by others, or for another price."""


class WrongFields(UserError):
    """What was typed cannot be taken.

    `fields` are sentences by name: name, email, phone, answers.
    """

    def __init__(self, fields):
        # One sentence, for who has no form to show the others at.
        super().__init__(next(iter(fields.values())))
        self.fields = fields


class LostRace(ConcurrencyError):
    """Somebody was faster, and what they did can only be seen by a new snapshot.

    They have committed: to begin anew at once is enough (`ir.http`). Where nobody does, Odoo
    begins anew after a pause.
    """


class NotCounted(Exception):
    """Nobody knows how often somebody has done something: it is refused."""


class OwnersAlone(UserError):
    """Why not, for nobody but the owner of the e-mail address and for staff.

    `record` has the address, and `template` names the e-mail that tells its owner; nothing where
    the record cannot be seen yet, because somebody else is about to store it.
    """

    def __init__(self, message, template, record):
        super().__init__(message)
        self.template, self.record = template, record


class TooOften(UserError):
    """Not now. `seconds` until it may be tried again."""

    http_status = 429
    loglevel = logging.INFO  # Whoever comes too often fills no log with warnings.

    def __init__(self, message, seconds):
        super().__init__(message)
        self.seconds = seconds


class Closed(TooOften):
    """Nobody can tell whether it is too often."""

    http_status = 503
