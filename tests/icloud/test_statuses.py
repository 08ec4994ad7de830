"""Each status of an answer becomes the exception that its caller must handle."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from icloud_calendar_sync.icloud.errors import (
    BadAnswer,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Refused,
    Unauthorized,
    Unavailable,
)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Refused),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (405, Refused),
        (408, Unavailable),
        (409, Refused),
        (410, NotFound),
        (412, PreconditionFailed),
        (413, Refused),
        (415, Refused),
        (423, Refused),
        (429, Unavailable),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (507, Unavailable),
        (204, BadAnswer),
        (304, BadAnswer),
        (303, BadAnswer),
    ],
)
def test_each_status_has_its_exception(scripted, status, expected):
    scripted.answers(status, "" if status in (204, 304) else "<html>Apple is sorry</html>")
    with scripted.client() as client, pytest.raises(expected) as failure:
        scripted.ask(client)
    assert type(failure.value) is expected
    assert failure.value.status == status


def in_an_hour() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        ("120", 120, 120),
        (" 0 ", 0, 0),
        ("999999999999999999999", 86400, 86400),
        ("in an hour", 3500, 3600),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400, 86400),
    ],
)
def test_retry_after_is_read_as_seconds_or_date_and_bounded(scripted, header, low, high):
    scripted.answers(429, Retry_After=header.replace("in an hour", in_an_hour()))
    with scripted.client() as client, pytest.raises(Unavailable) as failure:
        scripted.ask(client)
    assert low <= failure.value.retry_after <= high


@pytest.mark.parametrize("header", ["soon", "-5", "1.5", "٣", "Mon, 99 Foo 2026"])
def test_an_unreadable_retry_after_is_none(scripted, header):
    scripted.answers(503, Retry_After=header.encode().decode("latin-1"))
    with scripted.client() as client, pytest.raises(Unavailable) as failure:
        scripted.ask(client)
    assert failure.value.retry_after is None
