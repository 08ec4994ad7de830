"""Sentences as HTML; whatever stands in them is text."""

from collections.abc import Iterable

from markupsafe import Markup


def as_list(sentences: Iterable[str]) -> Markup | bool:
    """A list of them, or False for a field that is empty."""
    items = Markup().join(Markup("<li>%s</li>") % sentence for sentence in sentences)
    return items and Markup('<ul class="mb-0 ps-3">%s</ul>') % items
