"""TEXT values: escaped as RFC 5545 section 3.3.11 says, and cleaned of what no event may carry.

icalendar's own `vText.to_ical` takes a backslash before a capital N for a line break that was
escaped already: "C:\\New folder" arrives as "C:", a line break and "ew folder" (7.3.0; a test
watches it). Hence the few lines here.
"""

import re
import unicodedata

# Control characters, lone surrogates and what XML 1.0 forbids: the text travels inside XML when a
# server reports it, and one such character makes the whole answer unreadable.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Some servers split lines at these too; a plain line break means the same to a reader.
_LINE_BREAKS = re.compile("\r\n?|[\u2028\u2029\x85]")
_BLANKS_AT_LINE_END = re.compile(r"[ \t]+(?=\n)")
# `lines.fold` must find a place to break that leaves no blank at the end of a physical line,
# because servers trim those: hence no run of blanks may be as long as a line.
_LONG_BLANKS = re.compile(r"([ \t]{20})[ \t]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def storable(text: str) -> str:
    """Return `text` without the characters that no XML and no database may hold."""
    return text if _is_plain(text) else _FORBIDDEN.sub("", text)


def clean(text: str, length: int) -> str:
    """Return `text` as it survives any server, at most `length` characters long.

    Composed (NFC), without control characters, without blanks at the ends of lines. Cleaning twice
    changes nothing more.
    """
    text = _LINE_BREAKS.sub("\n", text[: length * 4])
    text = unicodedata.normalize("NFC", storable(text))
    text = _LONG_BLANKS.sub(r"\1", _BLANKS_AT_LINE_END.sub("", text))
    return text.strip(" \t\n")[:length].rstrip(" \t\n")


def clean_line(text: str, length: int) -> str:
    """Return `text` cleaned, on one line."""
    if len(text) <= length and "  " not in text and _is_plain(text):
        return text.strip(" ")
    return clean(re.sub(r"\s+", " ", clean(text, length)), length)


def _is_plain(text: str) -> bool:
    """Whether there is nothing in it that could have to be cleaned, but blanks."""
    return text.isascii() and text.isprintable()


def escape(text: str) -> str:
    """Return the TEXT value for `text`."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n")


def unescape(value: str) -> str:
    """Return the text of a TEXT value; a backslash before any other character is dropped."""
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)
