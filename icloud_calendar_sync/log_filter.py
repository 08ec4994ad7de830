"""Keeps what is private out of Odoo's own logs.

At debug level Odoo logs the arguments of every RPC call (`odoo/service/model.py: call_kw`), and
with them what a user types into the Connect dialog: maybe a password, an ordinary Apple one
included, or who books. So no argument of a method of our models is logged at all.

A query that fails is logged with its values, at debug level every query is (`odoo/sql_db.py:
execute`), and two who write the same row at once are enough to make one fail: so would be titles of
events, passwords (encrypted ones, too), and the links and names of customers. Of each query on
something of ours, or on what Odoo itself keeps of events, people and mails, the shape is logged,
and none of its texts.
"""

import logging
import re

_CALL = re.compile(r"(call icloud\.[\w.]+\([^)]*\)\.\w+)\(.*", re.DOTALL)

# What two may want at the same time, and one gets.
_RACES = (
    "icloud_booking_reservation_no_overlap",
    "icloud_booking_seat_number_uniq",
    "icloud_booking_quota_number_uniq",
)

# Every table of ours, and every column that holds what came from iCloud, bears the word; sessions,
# customers and what is written to them stand in tables of Odoo's.
_PRIVATE = re.compile(
    r"icloud_|\b(?:calendar_event|calendar_attendee|res_partner|mail_\w+|ir_attachment|bus_bus)\b"
)
# psycopg2 writes a text with a backslash as E'…', where a backslash escapes (PostgreSQL manual,
# section 4.1.2.2). A text without an end is one that was cut.
_TEXTS = re.compile(r"\bE'(?:[^'\\]|\\.|'')*(?:'|\Z)|'(?:[^']|'')*(?:'|\Z)", re.DOTALL)
# PostgreSQL's own report may quote the row.
_DETAIL = re.compile(r"\n(?:DETAIL|CONTEXT|LINE \d+):.*", re.DOTALL)


class _MaskCalls(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if _CALL.match(text):
            record.msg, record.args = _CALL.sub(r"\1(…)", text), ()
        return True


class _MaskQueries(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            # A failed query is bytes, which print as Python writes them: escaped once more.
            record.args = tuple(map(_as_text, record.args))
        text = record.getMessage()
        if any(constraint in text for constraint in _RACES):
            return False  # A lost race is an answer, not an error.
        if _PRIVATE.search(text):
            record.msg, record.args = "%s", (_without_texts(text),)
        return True


def _as_text(value: object) -> object:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _without_texts(text: str) -> str:
    query, mark, reason = text.partition("\nERROR: ")
    return _TEXTS.sub("'…'", query) + mark + _DETAIL.sub("", reason)


def install() -> None:
    """Put the masks on the loggers that see these; again is harmless."""
    for name, mask in (("odoo.service.model", _MaskCalls), ("odoo.sql_db", _MaskQueries)):
        logger = logging.getLogger(name)
        if not any(isinstance(known, mask) for known in logger.filters):
            logger.addFilter(mask())
