"""Radicale underneath, as a library: the storage classes that keep what was written verbatim.

Radicale re-serialises what it stores; iCloud gives back the bytes it was given. Radicale's files
and its item cache therefore hold our text here, and its ETags follow from that text.
"""
# ruff: noqa: ARG002 (the signatures are Radicale's)

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, AnyStr, ClassVar

from radicale import item as radicale_item
from radicale.config import Configuration
from radicale.item import filter as radicale_filter
from radicale.rights import BaseRights
from radicale.storage import multifilesystem

from .journal import Journal

UID = re.compile(r"^UID(?:;[^:\r\n]*)?:(.*)$", re.MULTILINE)


class Collection(multifilesystem.Collection):
    """A Radicale collection with our journal in place of its history."""

    _storage: Storage

    @property
    def journal(self) -> Journal:
        known = self._storage.journals
        if self.path not in known:
            known[self.path] = Journal(Path(self._filesystem_path))
        return known[self.path]

    def sync(self, old_token: str = "") -> tuple[str, Iterable[str]]:
        """The current token and the names changed since `old_token` (ValueError: not ours)."""
        journal = self.journal
        return journal.token, journal.since(old_token) if old_token else list(self._list())

    @property
    def etag(self) -> str:
        return self.journal.token if self.tag else super().etag

    def delete(self, href: str | None = None) -> None:
        super().delete(href)
        if href is None:
            self._storage.journals.pop(self.path, None)

    def _update_history_etag(self, href: str, item: radicale_item.Item | None) -> None:
        """Radicale calls this for each item stored, replaced, moved or deleted."""
        self.journal.record(href)

    def _clean_history(self) -> None:
        """There is no history to clean: the journal stands in for it."""

    @contextmanager
    def _atomic_write(
        self, path: str, mode: str = "w", newline: str | None = None
    ) -> Iterator[IO[AnyStr]]:
        # Radicale makes and removes a folder for each file: a third of the time of a PUT.
        temporary = Path(path).with_name(".Radicale.tmp-" + Path(path).name)
        encoding = None if "b" in mode else self._encoding
        with temporary.open(mode, newline=newline, encoding=encoding) as file:
            yield file
        temporary.replace(path)

    def _get(self, href: str, verify_href: bool = True) -> radicale_item.Item | None:
        try:
            return super()._get(href, verify_href)
        except RuntimeError:  # it cannot be parsed, and its cache is lost
            text = Path(self._filesystem_path, href).read_bytes().decode()
            self._store_item_cache(
                href, opaque_item(self, text), self._item_cache_hash(text.encode())
            )
            return super()._get(href, verify_href)

    def _store_item_cache(self, href: str, item: radicale_item.Item, cache_hash: str = ""):
        # After its cache is lost, Radicale would cache its own serialisation of the file.
        if item._text is None:
            item._text = Path(self._filesystem_path, href).read_bytes().decode()
        return super()._store_item_cache(href, item, cache_hash)


class Storage(multifilesystem.Storage):
    _collection_class: ClassVar[type[Collection]] = Collection

    def __init__(self, configuration: Configuration) -> None:
        self.journals: dict[str, Journal] = {}
        self.lock = threading.RLock()
        super().__init__(configuration)

    @contextmanager
    def acquire_lock(self, mode: str, user: str = "", *args, **kwargs) -> Iterator[None]:
        """One lock for all. Radicale's is a file lock: a thread that takes it twice waits for ever,
        and iCloud's checks before a write read what the write then changes.
        """
        with self.lock:
            yield


class Rights(BaseRights):
    """The gateway has let nobody in who may not; what remains is all allowed."""

    def authorization(self, user: str, user_groups: set, path: str) -> str:
        return "RrWw"


class BadDataError(Exception):
    """The text is not a calendar object."""


def parse_item(collection: Collection, text: str) -> radicale_item.Item:
    """The item of a valid calendar object; BadDataError for anything else."""
    limit = collection._storage._max_vevent_rrule_occurrence
    try:
        components = radicale_item.read_components(text)
        radicale_item.check_and_sanitize_items(components, limit, tag="VCALENDAR")
        parsed = components[0]
        item = radicale_item.Item(collection_path=collection.path, vobject_item=parsed, text=text)
        item.prepare()
    except Exception as error:  # vobject raises whatever the bad data leads it into
        raise BadDataError(f"{type(error).__name__}: {error}") from error
    return item


def opaque_item(collection: Collection, text: str) -> radicale_item.Item:
    """An item nobody can parse, which real calendars hold too: always listed, never expanded."""
    uid = UID.search(text)
    return radicale_item.Item(
        collection_path=collection.path,
        text=text,
        uid=uid[1].strip() if uid else "",
        name="VCALENDAR",
        component_name="VEVENT",
        time_range=(radicale_filter.TIMESTAMP_MIN, radicale_filter.TIMESTAMP_MAX),
    )
