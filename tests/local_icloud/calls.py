"""One who speaks HTTP with the local iCloud, and what one needs to read its answers."""

import xml.etree.ElementTree as ET
from urllib.parse import urljoin

import requests

from devtools.local_icloud import LocalICloud

EMAIL, PASSWORD = "anna@example.com", "abcd-efgh-ijkl-mnop"
DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
PROPERTIES = (
    "<D:displayname/><D:resourcetype/><D:current-user-privilege-set/><D:sync-token/><S:getctag/>"
    "<D:getetag/><C:supported-calendar-component-set/><A:calendar-color/>"
)
NAMESPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:S="http://calendarserver.org/ns/" xmlns:A="http://apple.com/ns/ical/"'
)


class Caller:
    """Sends requests to the partition (or, with a whole URL, anywhere) as the account."""

    def __init__(self, cloud: LocalICloud) -> None:
        self.cloud = cloud
        self.session = requests.Session()
        self.session.auth = (EMAIL, PASSWORD)
        self.dsid = cloud.accounts()[0]["dsid"]

    def path(self, rest: str) -> str:
        """The path of a calendar or member below the account's home."""
        return f"/{self.dsid}/calendars/{rest}"

    def __call__(self, method: str, path: str, data: str | bytes = "", **headers: str):
        url = path if path.startswith("http") else self.cloud.partition_url + path
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        body = data.encode() if isinstance(data, str) else data
        return self.session.request(method, url, data=body, headers=sent, allow_redirects=False)

    def propfind(self, path: str, properties: str = PROPERTIES, depth: str = "0"):
        body = f"<D:propfind {NAMESPACES}><D:prop>{properties}</D:prop></D:propfind>"
        return self("PROPFIND", path, body, Depth=depth)

    def report(self, path: str, name: str, inside: str):
        return self("REPORT", path, f"<{name} {NAMESPACES}>{inside}</{name}>", Depth="1")

    def sync(self, path: str, token: str = "", extra: str = ""):
        inside = (
            f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{extra}"
            "<D:prop><D:getetag/><C:calendar-data/></D:prop>"
        )
        return self.report(path, "D:sync-collection", inside)

    def multiget(self, path: str, *hrefs: str):
        wanted = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
        properties = "<D:prop><D:getetag/><C:calendar-data/></D:prop>"
        return self.report(path, "C:calendar-multiget", properties + wanted)

    def put(self, rest: str, data: str | bytes, **headers: str):
        return self("PUT", self.path(rest), data, **headers)


def event(uid: str = "one", *lines: str, title: str = "Lunch") -> str:
    """An event as a client writes it; `lines` stand in place of the times."""
    times = lines or ("DTSTART:20261122T120000Z", "DTEND:20261122T130000Z")
    inside = ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T080000Z", *times)
    whole = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", *inside)
    return "\r\n".join((*whole, f"SUMMARY:{title}", "END:VEVENT", "END:VCALENDAR", ""))


def responses(answer: requests.Response) -> dict[str, dict[str, ET.Element]]:
    """href → property tag → element, of the properties found; response-level 404s as {}."""
    found: dict[str, dict[str, ET.Element]] = {}
    for response in ET.fromstring(answer.content).findall(f"{DAV}response"):
        properties = found[response.findtext(f"{DAV}href")] = {}
        for propstat in response.findall(f"{DAV}propstat"):
            if " 200 " in propstat.findtext(f"{DAV}status"):
                properties.update({each.tag: each for each in propstat.find(f"{DAV}prop")})
    return found


def token_of(answer: requests.Response) -> str:
    return ET.fromstring(answer.content).findtext(f"{DAV}sync-token")


def home_of(call: Caller) -> str:
    """The home set that discovery finds, as a client walks it."""
    root = responses(call.propfind(call.cloud.url, "<D:current-user-principal/>"))["/"]
    principal = root[f"{DAV}current-user-principal"].findtext(f"{DAV}href")
    answer = call.propfind(urljoin(call.cloud.url, principal), "<C:calendar-home-set/>")
    return responses(answer)[principal][f"{CALDAV}calendar-home-set"].findtext(f"{DAV}href")
