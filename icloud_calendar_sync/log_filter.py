"""Keeps what is private out of Odoo's own logs.

At debug level Odoo logs the arguments of every RPC call (`odoo/service/model.py: call_kw`), and
with them what a user types into the Connect dialog: maybe a password, an ordinary Apple one
included, so no argument of this model's methods is logged at all. A query that fails is logged with
its values (`odoo/sql_db.py: execute`), and so would be the titles of events.
"""

import logging
import re

_CALL = re.compile(r"(call icloud\.account\([^)]*\)\.\w+)\(.*", re.DOTALL)

# What two may want at the same time, and one gets.
_RACES = (
    "icloud_booking_reservation_no_overlap",
    "icloud_booking_seat_number_uniq",
    "icloud_booking_quota_number_uniq",
)


class _MaskCalls(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if _CALL.match(text):
            record.msg, record.args = _CALL.sub(r"\1(…)", text), ()
        return True


class _MaskQueries(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if any(constraint in text for constraint in _RACES):
            return False  # A lost race is an answer, not an error.
        if "icloud_title" in text:
            record.msg, record.args = "a query with private titles, not shown", ()
        return True


def install() -> None:
    """Put the masks on the loggers that see these; again is harmless."""
    for name, mask in (("odoo.service.model", _MaskCalls), ("odoo.sql_db", _MaskQueries)):
        logger = logging.getLogger(name)
        if not any(isinstance(known, mask) for known in logger.filters):
            logger.addFilter(mask())
