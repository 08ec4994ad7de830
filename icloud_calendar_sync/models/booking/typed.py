"""What strangers typed, made fit to be stored and shown: on pages, in mails, on phones."""

import re
import unicodedata

import idna
from odoo.tools import email_normalize

# Taken for blanks: controls, line and paragraph separators, and what is no character at all (no
# column takes a NUL, no mail a half of a surrogate pair).
_BLANK = {"Cc", "Cs", "Cn", "Co", "Zl", "Zp", "Zs"}
# Format characters that do show: signs that go before or under a number (Prepended_Concatenation_
# Mark). All others of their category are invisible, or turn the text that follows them around.
_SHOWN_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
# Invisible, although their category says letter, mark or symbol.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# ZERO WIDTH NON-JOINER and JOINER: Persian words, Indian scripts and emoji are written with them.
_JOINERS = "\u200c\u200d"
_JOINER_RUN = re.compile(f"[{_JOINERS}]+")
# Where programs that read mail see an address of the web or a mailbox: a dot before two characters
# or a digit, whatever kind of dot (IDNA, UTS 46 section 2.3), a colon inside a word, an @.
_ADDRESS_SIGNS = re.compile(
    r"(?<=\S)[.\u2024\u3002\ufe52\uff0e\uff61](?=[^\s.]{2}|\d)|(?<=\S)[:\uff1a](?=\S)|@(?=\S)"
)
# What RFC 5322 section 3.2.3 lets stand in an address without quotes, and with RFC 6531 section 3.3
# any letter of any script.
_LOCAL_PART = re.compile(r"[^\s\x00-\x1f\x7f\"(),:;<>@\[\\\]]+")
# As mail programs copy it: Anna Berg <anna@example.com>.
_BRACKETS = re.compile(r"<([^<>]*)>$")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# RFC 5321 section 4.5.3.1; a path of 256 has two brackets.
_LONGEST_LOCAL_PART, _LONGEST_ADDRESS = 64, 254


def one_line(text):
    """As one line of what can be seen: no control characters, no marks that turn a text around."""
    # Composed last: what stood between a letter and its mark may be gone.
    seen = unicodedata.normalize("NFC", "".join(map(_seen, _plain(text))))
    line = " ".join(_JOINER_RUN.sub(_joining, seen).split())
    return line if any(map(_is_visible, line)) else ""


def lines(text):
    """The same, line by line."""
    return "\n".join(map(one_line, _plain(text).splitlines())).strip()


def name(text):
    """As the name of a person, on one line: it is put into mails, where an address is a link.

    Addresses are taken apart by a blank, "evil. example", because programs find them by how they
    look; initials ("J.R.") stay as they are.
    """
    return _ADDRESS_SIGNS.sub(r"\g<0> ", one_line(text))


def address(text):
    """An e-mail address as mail needs it, or "" for what is none.

    The domain in the form of IDNA 2008 (UTS 46 maps what people type), in small letters; the part
    before it as Odoo compares it.
    """
    line = one_line(text)
    in_brackets = _BRACKETS.search(line)
    local_part, at, domain = (in_brackets[1] if in_brackets else line).rpartition("@")
    try:
        domain = idna.encode(domain, uts46=True).decode() if not domain.isascii() else domain
    except idna.IDNAError:
        return ""
    found = f"{local_part}{at}{domain.lower()}"
    labels = domain.lower().split(".")
    if (
        not _LOCAL_PART.fullmatch(local_part)
        or len(local_part.encode()) > _LONGEST_LOCAL_PART
        or len(found.encode()) > _LONGEST_ADDRESS
        or len(labels) < 2
        or not all(map(_LABEL.fullmatch, labels))
        or labels[-1].isdecimal()
    ):
        return ""
    normalized = email_normalize(found)
    # Whatever Odoo would read in another way is not written to.
    return normalized if normalized and normalized.casefold() == found.casefold() else ""


def spellings(found):
    """The ways in which an address may stand in a contact: as mail needs it, or as people read it.

    :param found: what `address` returned
    """
    local_part, at, domain = found.rpartition("@")
    try:
        return [found, f"{local_part}{at}{idna.decode(domain)}"]
    except idna.IDNAError:
        return [found]


def _plain(text):
    """What was typed; a file, a list or a record is nothing that anybody typed."""
    return str(text) if isinstance(text, (str, int, float)) and text is not False else ""


def _seen(char):
    category = unicodedata.category(char)
    if category in _BLANK:
        return " "
    if char in _UNSEEN:
        return ""
    is_hidden = category == "Cf" and char not in _SHOWN_FORMATS and char not in _JOINERS
    return "" if is_hidden else char


def _joining(run):
    """One joiner where there is something to join: inside a word, or after a mark (Malayalam)."""
    before = run.string[max(run.start() - 1, 0) : run.start()].strip()
    after = run.string[run.end() : run.end() + 1].strip()
    joins = before and (after or unicodedata.category(before)[0] == "M")
    return run[0][0] if joins else ""


def _is_visible(char):
    """Marks alone show nothing of their own: they need a letter."""
    return unicodedata.category(char)[0] in "LNPS"
