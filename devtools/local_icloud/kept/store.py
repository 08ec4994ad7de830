"""Everything the server remembers: calendars, their properties, their events."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath

from radicale import Application, config
from radicale import item as radicale_item

from ..messages import Answer, Request
from .storage import BadDataError, Collection, Rights, Storage, opaque_item, parse_item

KIND = "{urn:local-icloud}kind"


class Store:
    """Requests that read go through Radicale's application; everything else to its storage."""

    def __init__(self, folder: Path) -> None:
        # What Radicale calls an error is often a test's intention; a failure of its own is raised.
        logging.getLogger("radicale").setLevel(logging.CRITICAL)
        self._application = Application(_configuration(folder))
        self._storage: Storage = self._application._storage
        self._uids: dict[str, dict[str, str]] = {}

    def exclusive(self) -> AbstractContextManager[None]:
        """For whoever checks something and then writes upon it; may be taken again inside."""
        return self._storage.acquire_lock("w")

    def ask(self, request: Request, body: bytes, depth: str) -> Answer:
        """What plain Radicale answers to the request of an account."""
        environ = {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": request.path,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "text/xml; charset=utf-8",
            "HTTP_DEPTH": depth,
            "REMOTE_USER": request.account.dsid,
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
        }
        answer = Answer(500)

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            answer.status = int(status.split()[0])
            answer.headers = dict(headers)

        answer.body = b"".join(self._application(environ, start_response))
        if answer.status >= 500:
            raise RuntimeError(f"Radicale failed at {request.method} {request.path}")
        return answer

    def create(self, path: str, properties: Mapping[str, str]) -> None:
        with self.exclusive():
            self._storage.create_collection(path, props=dict(properties))

    def change(self, path: str, properties: Mapping[str, str]) -> None:
        """Other properties of a collection; those that are not named stay."""
        with self.exclusive():
            collection = self.collection(path)
            collection.set_meta({**collection.get_meta(), **properties})

    def find(self, path: str) -> Collection | radicale_item.Item | None:
        with self.exclusive():
            return next(iter(self._storage.discover(path)), None)

    def collection(self, path: str) -> Collection | None:
        found = self.find(path)
        return found if isinstance(found, Collection) else None

    def member(self, path: str) -> radicale_item.Item | None:
        found = None if path.endswith("/") else self.find(path)
        return found if isinstance(found, radicale_item.Item) else None

    def members(self, path: str) -> list[radicale_item.Item]:
        with self.exclusive():
            collection = self.collection(path)
            return list(collection.get_all()) if collection else []

    def calendars(self, home: PurePosixPath) -> list[Collection]:
        with self.exclusive():
            children = self._storage.discover(f"{home}/", depth="1")
            return [found for found in children if isinstance(found, Collection) and found.tag]

    def write(self, path: str, text: str) -> str:
        """Store `text` verbatim at `path`, whatever it is; the ETag it has now."""
        parent, name = path.rsplit("/", 1)
        with self.exclusive():
            collection = next(iter(self._storage.discover(f"{parent}/")))
            try:
                item = parse_item(collection, text)
            except BadDataError:
                item = opaque_item(collection, text)
            stored, _ = collection.upload(name, item)
            self._places(path)[item.uid] = path
            return stored.etag

    def remove(self, path: str) -> None:
        with self.exclusive():
            found = next(iter(self._storage.discover(path)))
            if isinstance(found, Collection):
                found.delete()
                self._uids.pop(path.split("/")[1], None)
            else:
                self._places(path).pop(found.uid, None)
                found.collection.delete(found.href)

    def move(self, path: str, destination: str) -> None:
        parent, name = destination.rsplit("/", 1)
        with self.exclusive():
            item = next(iter(self._storage.discover(path)))
            target = next(iter(self._storage.discover(f"{parent}/")))
            replaced = self.member(destination)
            if replaced is not None:
                self._places(path).pop(replaced.uid, None)
            self._storage.move(item, target, name)
            self._places(path)[item.uid] = destination

    def place_of(self, path: str, uid: str) -> str | None:
        """Where in the account that owns `path` the UID stands, or None."""
        with self.exclusive():
            return self._places(path).get(uid)

    def _places(self, path: str) -> dict[str, str]:
        dsid = path.split("/")[1]
        if dsid not in self._uids:
            self._uids[dsid] = {
                item.uid: f"/{calendar.path}/{item.href}"
                for calendar in self.calendars(PurePosixPath("/", dsid, "calendars"))
                for item in calendar.get_all()
            }
        return self._uids[dsid]


def _configuration(folder: Path) -> config.Configuration:
    configuration = config.load()
    ours = {
        "auth": {"type": "remote_user", "delay": "0"},  # Radicale lets every 403 wait
        "rights": {"type": Rights},
        "storage": {
            "type": Storage,
            "filesystem_folder": str(folder),
            "skip_broken_item": "False",
            "_filesystem_fsync": "False",
        },
        "server": {"delay_on_error": "0", "max_resource_size": "30000000"},
        "web": {"type": "none"},
    }
    configuration.update(ours, "local iCloud", privileged=True)
    return configuration
