"""What the fuzzer begins with: files and answers that the tests know, and words it may use."""

from collections.abc import Iterator

from devtools import paths
from tests.ical.test_read import HOSTILE

# Larger ones slow the fuzzer down, and teach it nothing.
MOST_BYTES = 20_000
_TESTS = paths.ROOT / "tests"
_LISTING = paths.ROOT / "benchmarks" / "sync" / "listing.xml"
_HEAD = '<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
_FOUND = (
    "<response><href>/1/calendars/home/a.ics</href><propstat><prop><getetag>&quot;1&quot;"
    "</getetag><C:calendar-data>BEGIN:VCALENDAR</C:calendar-data></prop>"
    "<status>HTTP/1.1 200 OK</status></propstat></response>"
)
_GONE = "<response><href>a%20b.ics</href><status>HTTP/1.1 404 Not Found</status></response>"
_PRINCIPAL = (
    "<response><href>/</href><propstat><prop><current-user-principal><href>/1/principal/</href>"
    "</current-user-principal><C:calendar-home-set><href>https://p42-caldav.icloud.com:443/1/"
    "</href></C:calendar-home-set></prop></propstat></response>"
)
_ODD = (
    '<!-- x --><response><href>/1/</href><propstat><prop><C:comp name="VEVENT"/>'
    "<resourcetype><collection/></resourcetype><![CDATA[x]]></prop></propstat></response>"
)
ANSWERS = [
    f"{_HEAD}{inner}</multistatus>"
    for inner in (
        _FOUND,
        f"{_FOUND}{_GONE}<sync-token>HwoQEgwAAMz</sync-token>",
        _PRINCIPAL,
        "<response><href>/1/</href><status>HTTP/1.1 507 X</status></response>",
        _ODD,
    )
]
WORDS = {
    "ical": (
        *("BEGIN:", "END:", "VEVENT", "VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VALARM"),
        *("\\x0aDTSTART", "\\x0aDTEND", "\\x0aDURATION:", "\\x0aRRULE:", "\\x0aRDATE", "\\x0aUID:"),
        *(
            "\\x0aEXDATE",
            "\\x0aEXRULE:",
            "\\x0aRECURRENCE-ID",
            ";RANGE=THISANDFUTURE",
            "\\x0aTRANSP:",
        ),
        *(
            ";TZID=",
            ";VALUE=DATE:",
            ";VALUE=PERIOD:",
            "Europe/Berlin",
            "20261027T090000Z",
            "20261101",
        ),
        *("FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=SECONDLY", ";COUNT="),
        *(
            ";UNTIL=",
            ";INTERVAL=",
            ";BYDAY=",
            ";BYMONTH=",
            ";BYMONTHDAY=",
            ";BYSETPOS=",
            ";BYYEARDAY=",
        ),
        *(";BYWEEKNO=", ";BYHOUR=", ";BYMINUTE=", ";WKST=", "-1SU", "PT1H", "P1D", "P99999999W"),
        *(
            "TZOFFSETFROM:",
            "TZOFFSETTO:",
            "+2359",
            "00010101T000000",
            "99991231T235959Z",
            "\\x0d\\x0a ",
        ),
        *("\\x0aSTATUS:CANCELLED", "\\x0aATTENDEE;PARTSTAT=DECLINED:mailto:a@example.com"),
        *("\\x0aSUMMARY:", "\\x0aSEQUENCE:", "\\x0aX-APPLE-TRAVEL-DURATION;VALUE=DURATION:"),
    ),
    "xml": (
        *("<multistatus xmlns=\\x22DAV:\\x22>", "</multistatus>", "<response>", "</response>"),
        *(
            "<href>",
            "</href>",
            "<propstat>",
            "</propstat>",
            "<prop>",
            "</prop>",
            "<status>",
            "</status>",
        ),
        *(
            "HTTP/1.1 200 OK",
            "HTTP/1.1 404 Not Found",
            "<getetag>",
            "<sync-token>",
            "</sync-token>",
        ),
        *(
            "<!DOCTYPE x [",
            "<!ENTITY e \\x22x\\x22>",
            "]>",
            "&e;",
            "&#0;",
            "&#x110000;",
            "<![CDATA[",
            "]]>",
        ),
        *(
            "https://",
            "//",
            "%00",
            "%2F",
            "..",
            "icloud.com",
            ":443",
            "@",
            "\\xef\\xbb\\xbf",
            "\\xed\\xa0\\x80",
        ),
    ),
}


def of_target(name: str) -> Iterator[bytes]:
    """The seeds of one target."""
    if name == "parse":
        yield from (answer.encode() for answer in ANSWERS)
        yield _LISTING.read_bytes()
        return
    for path in sorted((_TESTS / "ical").glob("c*/*.ics")):
        yield path.read_bytes()
    yield from HOSTILE.values()


def words_of_target(name: str) -> str:
    """A dictionary as libFuzzer reads it."""
    words = WORDS["xml" if name == "parse" else "ical"]
    return "".join(f'"{word}"\n' for word in words)
