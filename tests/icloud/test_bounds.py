"""What a hostile answer costs: measured in a process of its own, against a real server."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

# Peak of resident memory, in MB, that all of them together may add. A listing of 50,000 events has
# a body of 13 MB, of which some 40 MB are made.
MAX_MEGABYTES = 160

ASKS = """
import json, sys, types
addon, url, netloc, paths = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
package = types.ModuleType("icloud_calendar_sync")
package.__path__ = [addon]
sys.modules["icloud_calendar_sync"] = package
from icloud_calendar_sync.icloud.client import Client
from icloud_calendar_sync.icloud.errors import ICloudError

def peak():
    # Not `getrusage`: its figure begins with that of the process that started this one.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024

before, said = peak(), {}
for path in paths:
    hosts = frozenset({netloc})
    with Client(url, "a@example.com", "x", trusted_hosts=hosts, timeout=30) as client:
        try:
            said[path] = str(len(client.propfind(path, ["{DAV:}getetag"], 1)))
        except ICloudError as error:
            said[path] = type(error).__name__
print(json.dumps({"said": said, "megabytes": peak() - before}))
"""

GOOD = (
    b'<response><href>/%d.ics</href><propstat><prop><getetag>"%d"</getetag></prop>'
    b"<status>HTTP/1.1 200 OK</status></propstat><propstat><prop><x/><y/></prop>"
    b"<status>HTTP/1.1 404 Not Found</status></propstat></response>"
)


def listing(*pieces: bytes) -> bytes:
    return b"<multistatus xmlns='DAV:'>" + b"".join(pieces) + b"</multistatus>"


def head(status: int, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} X", *lines, "", ""]).encode()


def endless(start: bytes, piece: bytes):
    def answer(handler):
        handler.wfile.write(start)
        while True:
            handler.wfile.write(piece * 1000)

    return answer


def whole(status: int, body: bytes, *lines: str):
    return lambda handler: handler.wfile.write(
        head(status, f"Content-Length: {len(body)}", *lines) + body
    )


# A gigabyte in one of them, in a hundred packets of 10 MB.
BOMB = gzip.compress(bytes(10 * 1024 * 1024)) * 100
CHUNKED = "Transfer-Encoding: chunked"
ZIPPED = "Content-Encoding: gzip"
BLOCK = b"x" * 1000
ANSWERS = {
    "/redirect-without-end": (endless(head(302, "Location: /good"), BLOCK), "1"),
    "/redirect-in-chunks": (
        endless(head(302, "Location: /good", CHUNKED), b"3e8\r\n" + BLOCK + b"\r\n"),
        "1",
    ),
    "/redirect-with-a-bomb": (whole(302, BOMB, "Location: /good", ZIPPED), "1"),
    "/redirect-in-deflate": (whole(302, BOMB, "Location: /good", "Content-Encoding: br"), "1"),
    "/refused-with-a-bomb": (whole(401, BOMB, ZIPPED), "Unauthorized"),
    "/broken-without-end": (endless(head(500), BLOCK), "Unavailable"),
    "/bomb": (whole(207, BOMB, ZIPPED), "BadAnswer"),
    "/list-without-end": (endless(head(207, CHUNKED), b"3e8\r\n" + BLOCK + b"\r\n"), "TooLarge"),
    "/chunk-of-minus-one": (endless(head(207, CHUNKED) + b"-1\r\n", BLOCK), "BadAnswer"),
    "/chunk-size-without-end": (endless(head(207, CHUNKED), b"0" * 1000), "BadAnswer"),
    "/trailers-without-end": (endless(head(302, CHUNKED) + b"0\r\n", b"X: y\r\n"), "BadAnswer"),
    "/headers-without-end": (endless(b"HTTP/1.1 207 X\r\n", b"X: y\r\n"), "BadAnswer"),
    "/header-without-end": (endless(b"HTTP/1.1 207 X\r\nX: ", BLOCK), "BadAnswer"),
    "/status-without-end": (endless(b"HTTP/1.1 ", BLOCK), "BadAnswer"),
    "/after-the-gzip": (
        whole(207, gzip.compress(listing()) + bytes(30 * 1024 * 1024), ZIPPED),
        "BadAnswer",
    ),
    "/four-million-tags": (whole(207, listing(b"<a/>" * 4_000_000)), "BadAnswer"),
    "/four-million-tags-in-one": (
        whole(207, listing(b"<response>", b"<a/>" * 4_000_000, b"</response>")),
        "BadAnswer",
    ),
    "/a-crowded-response": (
        whole(207, listing(b"<response>", b"<a/>" * 1_000_000, b"</response>")),
        "BadAnswer",
    ),
    "/ninety-thousand-names": (
        whole(207, listing(*(b"<response><a%d/></response>" % n for n in range(90_000)))),
        "BadAnswer",
    ),
    "/a-million-attributes": (
        whole(207, b"<multistatus " + b" ".join(b"a%d=''" % n for n in range(1_000_000)) + b"/>"),
        "BadAnswer",
    ),
    "/a-million-properties": (
        whole(
            207,
            listing(
                *[
                    b"<response><href>/</href><propstat><prop>",
                    *(b"<a%d/>" % number for number in range(20)),
                    b"</prop></propstat></response>",
                ]
                * 50_000
            ),
        ),
        "BadAnswer",
    ),
    "/ten-million-calendars": (
        endless(
            head(207) + b"<multistatus xmlns='DAV:'>", b"<response><href>/c/</href></response>"
        ),
        "TooLarge",
    ),
    "/fifty-thousand-events": (
        whole(207, listing(*(GOOD % (number, number) for number in range(50_000)))),
        "50000",
    ),
    "/good": (whole(207, listing(GOOD % (1, 1))), "1"),
}


@pytest.fixture
def asked(scripted):
    """What a client says of each answer, and how many megabytes they all cost it together."""

    def answer(handler, asked):
        handler.close_connection = True
        ANSWERS[asked.path][0](handler)

    scripted.does(answer)
    addon = Path(__file__).parents[2] / "icloud_calendar_sync"
    arguments = [addon, scripted.url, scripted.netloc, json.dumps(list(ANSWERS))]
    done = subprocess.run([sys.executable, "-c", ASKS, *arguments], capture_output=True, check=True)
    return json.loads(done.stdout)


def test_whatever_a_server_sends_is_bounded_in_bytes_and_memory(asked):
    # None of them is stopped by the clock: that would be TimedOut.
    assert asked["said"] == {path: expected for path, (_answer, expected) in ANSWERS.items()}
    assert asked["megabytes"] < MAX_MEGABYTES
