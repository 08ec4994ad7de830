"""What Odoo's calendar costs with us, and the limits that Odoo's own tests set for it."""

import pytest

from devtools import paths
from devtools.machine import postgres
from devtools.machine.database import Databases
from devtools.own import queries, suites

OTHERS = ("google_calendar", "microsoft_calendar")
# When attendees are busy is stored; deleting asks who attends and who has booked.
MOST_MORE = {"create": 0, "rename": 0, "move": 4, "delete": 2}


@pytest.fixture(scope="module")
def databases():
    with postgres.start() as server:
        yield Databases(server)


@pytest.fixture(scope="module")
def with_us() -> suites.Side:
    # The template of the suite inside Odoo: it is there.
    return suites.Side("models", tuple(addon.name for addon in paths.addons()))


def test_odoo_s_own_limits_of_queries_hold(databases, with_us):
    results = suites.run(databases, with_us, ["google_calendar"], "-k", "Odoo2Google and perf")
    assert len(results) == 2
    assert not any(results.values()), results


def test_events_cost_few_queries_more_and_as_many_for_one_as_for_a_hundred(databases, with_us):
    without = queries.count(databases, suites.Side("own_few", OTHERS))
    ours = queries.count(databases, with_us)
    more = {name: ours[name] - number for name, number in without.items()}
    for number in queries.EVENTS:
        for name, most in MOST_MORE.items():
            assert more[f"{name} {number}"] <= most, more


def test_what_fails_with_us_alone_is_told_and_nothing_else():
    without = {"a": None, "b": "broken", "c": None, "d": None}
    with_us = {"a": None, "b": "broken", "c": "28 > 24"}
    assert suites.difference(without, with_us) == [
        "d is not run with us\n",
        "c fails with us alone: 28 > 24\n",
    ]
