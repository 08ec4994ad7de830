"""Keeps app-specific passwords out of Odoo's own logs.

At debug level Odoo logs the arguments of every RPC call (`odoo/service/model.py: call_kw`), and
with them what a user types into the Connect dialog. Whatever was typed there may be a password,
an ordinary Apple one included, so no argument of this model's methods is logged at all.
"""

import logging
import re

_LOGGER = "odoo.service.model"
_CALL = re.compile(r"(call icloud\.account\([^)]*\)\.\w+)\(.*", re.DOTALL)


class _Mask(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if _CALL.match(text):
            record.msg, record.args = _CALL.sub(r"\1(…)", text), ()
        return True


def install() -> None:
    """Put the mask on the logger that sees RPC arguments; again is harmless."""
    logger = logging.getLogger(_LOGGER)
    if not any(isinstance(known, _Mask) for known in logger.filters):
        logger.addFilter(_Mask())
