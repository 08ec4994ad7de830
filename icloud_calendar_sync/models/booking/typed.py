"""What strangers typed, made fit to be stored and shown: on pages, in mails, on phones."""

import unicodedata


def one_line(text):
    """On one line and without control characters (no column takes a NUL)."""
    # The invisible joiners stay: names and emoji are made with them.
    kept = (
        char if unicodedata.category(char) not in ("Cc", "Cs", "Cn") else " "
        for char in str(text or "")
    )
    return " ".join("".join(kept).split())


def lines(text):
    """The same, line by line."""
    return "\n".join(map(one_line, str(text or "").splitlines())).strip()
