"""The bare requests: exactly those that the work needs, in a row, their answers hardly looked at.

One kept connection where the server keeps it. What is asked is what we ask.
"""

import base64
import http.client
import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from benchmarks.sync.radicale_server import PASSWORD

MULTIGET = 50
_LISTING = """<?xml version="1.0" encoding="utf-8"?>
<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"
 xmlns:S="http://calendarserver.org/ns/" xmlns:A="http://apple.com/ns/ical/"><D:prop>
<D:displayname/><D:resourcetype/><C:supported-calendar-component-set/><A:calendar-color/>
<D:current-user-privilege-set/><D:sync-token/><S:getctag/>
</D:prop></D:propfind>"""
_CHANGES = """<?xml version="1.0" encoding="utf-8"?>
<D:sync-collection xmlns:D="DAV:"><D:sync-token>{}</D:sync-token><D:sync-level>1</D:sync-level>
<D:prop><D:getetag/></D:prop></D:sync-collection>"""
_MULTIGET = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<D:prop><D:getetag/><C:calendar-data/></D:prop>{}</C:calendar-multiget>"""
_TOKEN = re.compile(rb"<(?:\w+:)?sync-token>([^<]*)</")
_MEMBER = re.compile(rb"<(?:\w+:)?href>([^<]*\.ics)</(?:\w+:)?href>")
_VERSION = re.compile(
    rb"<(?:\w+:)?href>([^<]*\.ics)</(?:\w+:)?href>.*?<(?:\w+:)?getetag>([^<]*)</", re.DOTALL
)


class Bare:
    """One account's requests. `path` is that of its calendar."""

    def __init__(self, netloc: str, email: str) -> None:
        self._connection = http.client.HTTPConnection(netloc)
        self._home, self.path = f"/{email}/", f"/{email}/home/"
        pair = base64.b64encode(f"{email}:{PASSWORD}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}"}

    def look(self) -> None:
        """What tells that nothing changed."""
        self._ask("PROPFIND", self._home, _LISTING, {"Depth": "1"})

    def changes(self, token: str = "") -> tuple[list[str], str]:
        """Members that changed since `token`, and the new one."""
        answer = self._ask("REPORT", self.path, _CHANGES.format(token), {"Depth": "1"})
        hrefs = [href.decode() for href in _MEMBER.findall(answer)]
        return hrefs, _TOKEN.findall(answer)[-1].decode()

    def fetch(self, hrefs: Sequence[str]) -> dict[str, str]:
        """Their texts, read and thrown away; {href: ETag}."""
        versions = {}
        for start in range(0, len(hrefs), MULTIGET):
            wanted = "".join(f"<D:href>{href}</D:href>" for href in hrefs[start : start + MULTIGET])
            answer = self._ask("REPORT", self.path, _MULTIGET.format(wanted), {"Depth": "1"})
            versions |= {
                unquote(href.decode()): etag.decode().replace("&quot;", '"')
                for href, etag in _VERSION.findall(answer)
            }
        return versions

    def create(self, files: Iterable[tuple[str, str]]) -> None:
        for name, text in files:
            self._ask("PUT", self.path + name, text, {"If-None-Match": "*"}, (201, 204))

    def overwrite(self, name: str, text: str) -> None:
        """What somebody else changes while nobody is measured."""
        self._ask("PUT", self.path + name, text, {}, (201, 204))

    def replace(self, files: Sequence[tuple[str, str]]) -> None:
        """Read all that is replaced, then write it: nothing of the phone's may be wiped."""
        versions = self.fetch([self.path + name for name, _text in files])
        for name, text in files:
            condition = {"If-Match": versions[self.path + name]}
            self._ask("PUT", self.path + name, text, condition, (201, 204))

    def _ask(
        self,
        method: str,
        path: str,
        body: str,
        headers: dict[str, str],
        wanted: Iterable[int] = (207,),
    ) -> bytes:
        kind = "text/calendar" if method == "PUT" else "application/xml"
        sent = {"Content-Type": f"{kind}; charset=utf-8", **self._headers, **headers}
        self._connection.request(method, path, body.encode(), sent)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status not in wanted:
            raise AssertionError(f"{method} {path}: {response.status} {answer[:500]!r}")
        return answer
