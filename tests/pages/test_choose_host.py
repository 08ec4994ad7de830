"""Customers say with whom, where they may."""

import re

import pytest

from tests.main_job.host import at, iso

ANNA = {"name": "Anna Berg", "email": "anna@example.net", "tz": "Europe/Berlin"}


@pytest.fixture
def team(new_offer):
    """Mara and Jonas; customers choose. Mara is busy at ten."""
    offer = new_offer(choose_host=True, keep_host=True)
    offer.jonas_id = offer.new_host("Jonas")
    offer.make_busy(at(10), at(10, 30))
    return offer


def hosts(offer):
    found = offer.admin.find("icloud.booking", [("type_id", "=", offer.type_id)], "user_id")
    return [booking["user_id"] for booking in found]


def test_a_visitor_chooses_the_host(team, visitor):
    visitor.open(team.path)
    names = visitor.see(".o_booking_host").all_inner_texts()
    assert [name.strip() for name in names] == ["Anybody", team.host_name, "Jonas"]
    visitor.turn_to(at(10).date())
    visitor.see(f"[data-day='{at(10).date()}']").click()
    visitor.time(at(10)).wait_for()
    with visitor.page.expect_response(re.compile(rf"slots\?.*user={team.host_id}")):
        visitor.see(f"label[for=booking_host_{team.host_id}]").click()
    # The day stays, with the times of this host alone.
    visitor.time(at(10)).wait_for(state="detached")
    visitor.time(at(10, 30)).click()
    assert f"with {team.host_name}" in visitor.text(".o_booking_chosen")
    visitor.fill_in()
    visitor.confirm()
    visitor.page.wait_for_url("**/booking/*")
    assert f"with {team.host_name}" in visitor.text("main")
    assert hosts(team) == [team.host_id]


def test_the_host_stays_chosen_when_the_time_was_just_taken(team, visitor):
    visitor.open(f"{team.path}?user={team.jonas_id}")
    assert visitor.see(f"#booking_host_{team.jonas_id}").is_checked()
    visitor.choose(at(10))
    visitor.fill_in()
    team.book(at(10))
    visitor.confirm()
    visitor.see(f".o_booking_nearest[value='{iso(at(10, 30))}']").click()
    visitor.page.wait_for_url("**/booking/*")
    assert hosts(team) == [team.jonas_id, team.jonas_id]


def test_without_scripts(team, new_visitor):
    visitor = new_visitor(java_script_enabled=False)
    visitor.page.goto(f"{team.path}?plain=1")
    visitor.page.get_by_label("With whom?").select_option(str(team.jonas_id))
    visitor.page.get_by_role("button", name="Show these times").click()
    visitor.see(f"label[for='{iso(at(11))}']").click()
    visitor.page.fill("[name=name]", "Anna Berg")
    visitor.page.fill("[name=email]", "anna@example.net")
    visitor.page.get_by_role("button", name="Confirm").click()
    assert hosts(team) == [team.jonas_id]


@pytest.mark.parametrize("user", ["1", "-1", "Mara", "9" * 30])
def test_who_is_no_host_cannot_be_booked(team, script, user):
    answer = script.post(team.path, start=iso(at(11)), user=user, **ANNA)
    assert answer.status_code == 422
    assert 'class="o_booking_refusal' in answer.text
    assert team.bookings() == []
    assert script.get(f"{team.path}?user={user}").status_code == 200


@pytest.mark.parametrize("left", [{"active": False}, {"group_ids": [(5,)]}])
def test_who_is_no_internal_user_any_more_is_no_choice(team, script, left):
    team.new_host("Nora")
    assert "Jonas" in script.get(team.path).text
    team.admin.call("res.users", "write", [team.jonas_id], left)
    page = script.get(team.path).text
    assert "Nora" in page
    assert "Jonas" not in page
    answer = script.post(team.path, start=iso(at(11)), user=str(team.jonas_id), **ANNA)
    assert answer.status_code in (409, 422)
    assert team.bookings() == []


def test_nobody_is_asked_where_customers_do_not_choose(team, script):
    team.change(choose_host=False)
    page = script.get(f"{team.path}?user={team.jonas_id}").text
    assert "With whom?" not in page
    assert 'data-query=""' in page
    script.post(team.path, start=iso(at(11)), user=str(team.jonas_id), **ANNA)
    # Both are free and equal: the first of them.
    assert hosts(team) == [team.host_id]


def test_where_each_booking_is_confirmed_one_requests(new_offer, visitor):
    offer = new_offer(needs_approval=True)
    visitor.open(offer.path)
    assert "We confirm each booking ourselves" in visitor.text(".o_booking_facts")
    visitor.choose(at(10))
    visitor.fill_in()
    visitor.page.get_by_role("button", name="Request").click()
    visitor.page.wait_for_url("**/booking/*")
    assert visitor.text("h1") == "Waiting for confirmation"
    assert offer.bookings()[0]["state"] == "pending"
