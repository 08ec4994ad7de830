"""All kinds and all rules at once, compared with trying everything minute by minute."""

from dataclasses import replace
from random import Random

from hypothesis import given, note, settings
from hypothesis import strategies as st

from icloud_calendar_sync.scheduling.facts import Facts, Host, Hours, Leg
from icloud_calendar_sync.scheduling.hours import apply_overrides
from icloud_calendar_sync.scheduling.intervals import merge
from icloud_calendar_sync.scheduling.plans import MOST_PLANS
from icloud_calendar_sync.scheduling.search import Search
from tests.scheduling.clock import minutes
from tests.scheduling.situations import situation
from tests.scheduling.slow_search import SlowSearch
from tests.scheduling.test_windows import calendars, slow_starts

# A seed each, and what is drawn from it is told when it fails: a tenth of the time that shrinking
# needs, and all the rules in one situation, which are what this is about.
randoms = st.randoms(use_true_random=True)


def told(random: Random, **fixed) -> Facts:
    known = situation(random, **fixed)
    note(repr(known))
    return known


@settings(max_examples=250, deadline=None)
@given(randoms)
def test_exactly_the_starts_that_trying_every_minute_finds_are_offered_and_can_be_taken(
    random,
):
    known = told(random)
    search, slow = Search(known), SlowSearch(known)
    offers = search.offers()
    assert offers == slow.offers()
    ranked = [host.key for host in known.hosts]
    random.shuffle(ranked)
    standing = {offer.start for offer in offers if offer.session is not None}
    asked = {offer.start for offer in random.sample(offers, min(4, len(offers)))}
    asked |= {random.randrange(known.earliest, known.latest) for _time in range(4)}
    # What stands is joined, it needs no plan.
    for start in asked - standing:
        plans, all_plans = list(search.plans(start, ranked)), slow.plans(start, ranked)
        assert len(set(plans)) == len(plans) == min(len(all_plans), MOST_PLANS)
        assert all_plans.issuperset(plans)
        assert bool(plans) == (start in {offer.start for offer in offers})


@settings(max_examples=150, deadline=None)
@given(randoms)
def test_nothing_is_refused_exactly_where_a_host_could_take_it_alone(random):
    known = told(random)
    search, slow = Search(known), SlowSearch(known)
    offered = [offer.start for offer in search.offers()]
    asked = {random.randrange(known.earliest, known.latest) for _time in range(8)}
    asked |= set(random.sample(offered, min(4, len(offered))))
    for start in asked:
        broken = {key: sorted(names) for key, names in search.refusals(start).items()}
        assert broken == {host.key: slow.refusals_of(host, start) for host in known.hosts}


@settings(max_examples=150, deadline=None)
@given(randoms)
def test_what_is_taken_is_free_for_all_its_time(random):
    known = told(random)
    search = Search(known)
    offers = search.offers()
    new = [offer for offer in offers if offer.session is None]
    for offer in random.sample(new, min(4, len(new))):
        plans = list(search.plans(offer.start, [host.key for host in known.hosts]))
        # Who is asked only when the first one lost a race may take longer than was shown.
        assert plans[0][-1].stop <= offer.start + offer.duration
        for plan in plans:
            assert [part.start for part in plan] == [offer.start, *(p.stop for p in plan[:-1])]
            assert sum(len(part.legs) for part in plan) == len(known.hosts[0].legs)
            for part in plan:
                for key in part.hosts:
                    assert minutes(known.busy[key]).isdisjoint(range(*part.padded))
                for use in part.rooms:
                    busy = minutes(known.room_busy[use.resource])
                    assert busy.isdisjoint(range(use.start, use.stop))


@settings(max_examples=150, deadline=None)
@given(randoms)
def test_a_part_of_a_window_lists_the_same_as_the_whole(random):
    known = told(random, only_adjacent=False)
    first, last = sorted(random.sample(range(known.earliest, known.latest + 1), 2))
    part = Search(replace(known, earliest=first, latest=last)).offers()
    assert part == [each for each in Search(known).offers() if first <= each.start < last]


@settings(max_examples=150, deadline=None)
@given(randoms)
def test_whole_days_list_the_same_alone_also_when_only_times_next_to_bookings_count(random):
    known = told(random, only_adjacent=True)
    known = replace(known, earliest=known.days[0][0], latest=known.days[-1][1])
    begin, end = sorted(random.sample(range(len(known.days) + 1), 2))
    its_days = known.days[begin:end]
    first, last = its_days[0][0], its_days[-1][1]
    part = Search(replace(known, earliest=first, latest=last, days=its_days)).offers()
    assert part == [each for each in Search(known).offers() if first <= each.start < last]


@settings(max_examples=25, deadline=None)
@given(calendars())
def test_on_days_on_which_clocks_change_too(calendar):
    zone, _day, weekly, overrides, busy, full, rules, earliest, latest = calendar
    its_hours = merge(span for part in apply_overrides(weekly, overrides) for span in part)
    known = Facts(
        kind="round_robin",
        step=rules.step,
        earliest=earliest,
        latest=latest,
        hosts=[
            Host(1, "own", (Leg(rules.duration, rules.buffer_before, rules.buffer_after),)),
        ],
        hours={"own": Hours(zone, its_hours)},
        busy={1: busy},
        full=full,
    )
    assert [offer.start for offer in Search(known).offers()] == slow_starts(*calendar)
