"""What one HTTP request and its answer are, between the listener and the rooms behind it."""

from __future__ import annotations

import base64
import binascii
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from .accounts import Account

HTML = "text/html;charset=ISO-8859-1"
XML = "text/xml;charset=UTF-8"
REALM = 'realm="MMCalDav"'


@dataclass
class Request:
    """One request as it arrived; `path` is unquoted, `target` is as it stood on the wire.

    `host` is "front" or "partition"; `partition_url` is where homes are (scheme://host:port).
    """

    method: str
    target: str
    path: str
    host: str
    headers: Mapping[str, str]
    body: bytes
    partition_url: str
    account: Account | None = None

    def header(self, name: str) -> str:
        return self.headers.get(name) or ""

    @property
    def depth(self) -> str:
        """RFC 4918 section 9.1: a PROPFIND without a Depth header means infinity."""
        return self.header("Depth").strip().lower() or "infinity"

    @property
    def credentials(self) -> tuple[str, str]:
        """User and password of the Basic header; two empty texts when it is anything else."""
        scheme, _, encoded = self.header("Authorization").partition(" ")
        if scheme.lower() != "basic":
            return "", ""
        try:
            text = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        email, _, password = text.partition(":")
        return email, password


@dataclass
class Answer:
    """One answer; a `multistatus` is written out as the very last step, so faults can edit it.

    `broken` is what the connection does instead of answering properly: "reset" or "truncate".
    With a `pause` (seconds) the body trickles, `piece` bytes at a time.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    multistatus: ET.Element | None = None
    challenges: tuple[str, ...] = ()
    broken: str = ""
    pause: float = 0.0
    piece: int = 1


def empty(status: int, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()})


def unauthorized(account: Account | None = None) -> Answer:
    """401 as Apple sends it: no body, two challenges, and the partition if the account exists."""
    answer = empty(401)
    answer.challenges = (f"X-MobileMe-AuthToken {REALM}", f"Basic {REALM}")
    if account is not None:
        answer.headers["x-apple-user-partition"] = account.partition
    return answer


def html(status: int, words: str = "") -> Answer:
    """The page Apple's front end shows instead of a DAV:error element."""
    title = f"{status} {HTTPStatus(status).phrase}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{words}</body></html>"
    return Answer(status, {"Content-Type": HTML}, page.encode())


def listing(multistatus: ET.Element) -> Answer:
    return Answer(207, {"Content-Type": XML}, multistatus=multistatus)
