"""`make race` in small: every scenario once, and whether it would see what is sold twice."""

import pytest

from benchmarks.race import audit
from benchmarks.race.classes import LastSeats, OpeningAClass
from benchmarks.race.rounds import race
from benchmarks.race.rules import MostADay, MostForACustomer, OneChain
from benchmarks.race.scenarios import SCENARIOS
from benchmarks.race.shop import opened
from benchmarks.race.times import OneSlotOfATeam, OneSlotOfOneHost, OneSlotWithARoom

ROUNDS = 20  # at most; something is sold twice in the first
# The locks alone do not help: who waited for one reads a snapshot from before it.
GUARDS = {
    "icloud_booking_reservation.no_overlap": (
        [OneSlotOfOneHost, OneSlotOfATeam, OneSlotWithARoom, OneChain, OpeningAClass],
        ["times of a resource that overlap", "sessions of a host that overlap"],
    ),
    "icloud_booking_seat.number_uniq": (
        [LastSeats],
        ["seats that are sold twice", "sessions with more seats sold than there are"],
    ),
    "icloud_booking_quota.number_uniq": (
        [MostADay, MostForACustomer],
        [
            "days of a type with more sessions than its maximum",
            "customers with more bookings than one may have",
        ],
    ),
}


@pytest.fixture(scope="module")
def opened_shop():
    with opened() as (shop, server):
        yield shop, server


def test_every_scenario_sells_each_time_once(opened_shop):
    shop, server = opened_shop
    tallies = race([scenario(shop) for scenario in SCENARIOS], rounds=1)
    assert [wrong for tally in tallies for wrong in tally.wrongs] == []
    assert all(tally.seconds for tally in tallies)
    assert audit.wrongs(shop.connection) == []
    assert audit.server_errors(server.log) == []


@pytest.mark.parametrize("guard", GUARDS)
def test_what_is_sold_twice_without_its_guard_is_seen(opened_shop, guard):
    shop, _server = opened_shop
    table, constraint = guard.split(".")
    query = f"ALTER TABLE {table} DROP CONSTRAINT {table}_{constraint}"
    shop.connection.cursor().execute(query)
    scenarios, words = GUARDS[guard]
    for crowd in [scenario(shop) for scenario in scenarios]:
        tallies = (tally for _ in range(ROUNDS) for tally in race([crowd], rounds=1))
        tally = next(tally for tally in tallies if tally.wrongs)
        assert "sold, where it was" in tally.wrongs[-1]
    found = " ".join(audit.wrongs(shop.connection))
    assert [each for each in words if each not in found] == []
