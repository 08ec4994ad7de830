"""Whether what was typed can be a phone number."""

import re

# As people write them, in digits of any script: + ( ) . - / and blanks.
_NUMBER = re.compile(r"[+\uff0b]?[\d\s().\-\u2010-\u2015\u2212/]+")
_EXTENSION = re.compile(r"\s*(?:ext\.?|[x#;,])\s*\d{1,7}$", re.IGNORECASE)
# The shortest that are called from abroad, and ITU-T E.164 (15) behind a prefix like 00.
_FEWEST_DIGITS, _MOST_DIGITS = 5, 17


def can_be_called(number: str) -> bool:
    """Whether this has the shape of a phone number; which ones are in use nobody is asked."""
    without_extension = _EXTENSION.sub("", number)
    digits = sum(map(str.isdecimal, without_extension))
    return bool(_NUMBER.fullmatch(without_extension) and _FEWEST_DIGITS <= digits <= _MOST_DIGITS)
