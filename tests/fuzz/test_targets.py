"""What the fuzzer begins with keeps all promises: else it would find nothing but that."""

import pytest

from tests.fuzz.seeds import MOST_BYTES, of_target, words_of_target
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_keeps_what_is_promised(name):
    tried = 0
    for data in of_target(name):
        if len(data) <= MOST_BYTES:
            TARGETS[name](data)
            tried += 1
    assert tried > 5


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("read", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART:20261101T080000Z\nEND:VEVENT\n"),
        ("write", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\nEND:VEVENT\nEND:VCALENDAR\n"),
        ("parse", b"<multistatus xmlns='DAV:'><response><href>/a</href></response></multistatus>"),
    ],
)
def test_a_promise_that_is_broken_is_noticed(name, data, monkeypatch):
    broken = {
        "read": ("tests.fuzz.targets.checked", lambda *_args, **_named: 1 // 0),
        "write": ("tests.fuzz.targets.fingerprint", lambda _session: "another"),
        "parse": ("tests.fuzz.targets.check_clean", lambda _value: 1 // 0),
    }
    TARGETS[name](data)
    monkeypatch.setattr(*broken[name])
    with pytest.raises((ZeroDivisionError, AssertionError)):
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_words_are_such_as_the_fuzzer_reads(name):
    for line in words_of_target(name).splitlines():
        assert line.startswith('"')
        assert line.endswith('"')
        assert line.isascii()
