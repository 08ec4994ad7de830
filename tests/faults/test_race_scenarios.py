"""`make race` in small: every scenario once, and whether it would see a time sold twice."""

import pytest

from benchmarks import race_audit
from benchmarks.race import race
from benchmarks.race_scenarios import SCENARIOS, OneSlotOfOneHost
from benchmarks.race_shop import opened

ROUNDS = 20  # at most; a time is sold twice in the first


@pytest.fixture(scope="module")
def shop():
    with opened() as (shop, _server):
        yield shop


def test_every_scenario_sells_each_time_once(shop):
    tallies = race([scenario(shop) for scenario in SCENARIOS], rounds=1)
    assert [wrong for tally in tallies for wrong in tally.wrongs] == []
    assert all(tally.seconds for tally in tallies)
    assert race_audit.wrongs(shop.connection) == []


def test_a_time_that_is_sold_twice_is_seen(shop):
    # Without the constraint the lock alone does not help: who waited for it reads a snapshot from
    # before it.
    shop.connection.cursor().execute(
        "ALTER TABLE icloud_booking_reservation"
        " DROP CONSTRAINT icloud_booking_reservation_no_overlap"
    )
    scenario = OneSlotOfOneHost(shop)
    tally = next(
        tally for _ in range(ROUNDS) for tally in race([scenario], rounds=1) if tally.wrongs
    )
    assert "sold, where it was 1" in tally.wrongs[-1]
    found = " ".join(race_audit.wrongs(shop.connection))
    assert "times of a resource that overlap" in found
    assert "sessions of a host that overlap" in found
