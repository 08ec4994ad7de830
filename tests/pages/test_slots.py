"""The free times as JSON."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.main_job.host import at, iso


def test_a_day_of_free_times(offer, script):
    answer = script.slots(offer.path, **{"from": str(at(0).date()), "to": str(at(0).date())})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    slots = answer.json()["slots"]
    assert len(slots) == 20  # from 8 to 18, half an hour each
    assert slots[0] == {"start": iso(at(8)), "stop": iso(at(8, 30)), "seats_left": 1}


def test_dates_are_those_of_the_visitors_zone(offer, script):
    day = at(0).date()
    question = {"from": str(day), "to": str(day), "tz": "Pacific/Auckland"}
    starts = [slot["start"] for slot in script.slots(offer.path, **question).json()["slots"]]
    auckland = ZoneInfo("Pacific/Auckland")
    begin = at(0).replace(tzinfo=auckland)
    assert starts
    assert iso(begin) <= starts[0]
    assert starts[-1] < iso(begin + timedelta(days=1))


def test_times_with_an_offset_mean_themselves(offer, script):
    question = {"from": at(9).isoformat(), "to": at(10).isoformat()}
    starts = [slot["start"] for slot in script.slots(offer.path, **question).json()["slots"]]
    assert starts == [iso(at(9)), iso(at(9, 30))]


def test_one_host_can_be_asked_for(offer, script):
    day = {"from": str(at(0).date()), "to": str(at(0).date())}
    assert len(script.slots(offer.path, user=str(offer.host_id), **day).json()["slots"]) == 20
    assert script.slots(offer.path, user="1", **day).status_code == 400


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"from": "2026-12-01"},
        {"from": "soon", "to": "later"},
        {"from": "2026-12-01", "to": "2026-02-30"},
        {"from": "2026-12-02", "to": "2026-11-30"},
        {"from": "2026-01-01", "to": "2026-12-31"},
        {"from": "0001-01-01", "to": "0001-01-02", "tz": "Asia/Tokyo"},
        {"from": "9999-12-31", "to": "9999-12-31", "tz": "America/New_York"},
        {"from": "2026-12-01", "to": "2026-12-01", "tz": "Moon/Crater"},
        {"from": "2026-12-01", "to": "2026-12-01", "tz": "../../etc/passwd"},
        {"from": "2026-12-01", "to": "2026-12-01", "user": "Mara"},
        {"from": "2026-12-01", "to": "2026-12-01", "user": "-1"},
        {"from": "2026-12-01", "to": "2026-12-01", "user": "9" * 30},
        {"from": "2026-12-01", "to": "2026-12-01", "services": "1,2"},
        {"from": "2026-12-01", "to": "2026-12-01", "services": "x"},
        {"from": "2" * 5000, "to": "2026-12-01"},
        {"from": "\0", "to": "2026-12-01"},
    ],
)
def test_a_bad_question_is_answered_with_one_sentence(offer, script, question):
    answer = script.slots(offer.path, **question)
    assert answer.status_code == 400
    sentence = answer.json()["error"]
    assert sentence.endswith(".")
    assert len(sentence) < 200
