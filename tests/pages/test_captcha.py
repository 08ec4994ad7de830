"""Odoo's own captchas, reCAPTCHA and Turnstile, where the operator has set one up."""

from pathlib import Path

import pytest

from devtools import paths
from devtools.demo.rpc import Api
from tests.main_job.host import at, iso
from tests.pages.captcha import CLOUDFLARE, GOOGLE, SECRET, Judge, give_scripts, judging
from tests.pages.fresh_server import fresh_server
from tests.pages.offer import Offer, every_day_from_8_to_18
from tests.pages.test_with_website import MODULES
from tests.pages.visitor import Script

ANNA = {"name": "Anna Berg", "email": "anna@example.net", "tz": "Europe/Berlin"}
KEYS = {
    GOOGLE: {
        "recaptcha_public_key": "public",
        "recaptcha_private_key": SECRET,
        "recaptcha_min_score": "0.5",
    },
    CLOUDFLARE: {"cf.turnstile_site_key": "public", "cf.turnstile_secret_key": SECRET},
}
SENTENCE = "We could not see that a person sent this."


@pytest.fixture(scope="module")
def judge():
    return Judge()


@pytest.fixture(scope="module")
def server(judge):
    here = Path(__file__).parent / "addons"
    with judging(judge) as url:
        config = {
            "addons_path": f"{paths.ROOT},{here}",
            "server_wide_modules": "base,rpc,web,captcha_at_home",
        }
        env = {"CAPTCHA_AT_HOME": url}
        with fresh_server("website", MODULES, config=config, env=env) as running:
            yield running


@pytest.fixture(scope="module")
def admin(server):
    return Api.login(server.url, server.database, "admin", "admin")


@pytest.fixture(scope="module")
def hours_id(admin):
    return every_day_from_8_to_18(admin)


@pytest.fixture
def script(server):
    return Script(server.url)


@pytest.fixture
def offer(server, admin, hours_id):
    return Offer(admin, server.url, hours_id)


@pytest.fixture
def captcha(admin, judge):
    """Sets up one of the two."""

    def set_up(who):
        for name, values in KEYS.items():
            for key, value in values.items():
                admin.call("ir.config_parameter", "set_param", key, value if name == who else False)
        judge.heard.clear()

    yield set_up
    set_up(None)


@pytest.fixture
def person(new_visitor):
    visitor = new_visitor()
    give_scripts(visitor.page.context)
    # By keyboard: a theme's fonts arrive late, or never, and move a button from under a tap.
    visitor.confirm = lambda: visitor.see(".o_booking_confirm").press("Enter")
    return visitor


def wait_for_scripts(person):
    """Nobody is as quick as a browser that is driven; who were would read the sentence below."""
    name = "@icloud_calendar_sync/booking/person_form"
    person.page.wait_for_function("name => window.odoo?.loader?.modules.has(name)", arg=name)


@pytest.mark.parametrize("who", [GOOGLE, CLOUDFLARE])
def test_a_person_books_and_cancels(offer, person, captcha, judge, who):
    captcha(who)
    person.book(offer.path, at(10))
    assert person.text("h1") == "You are booked"
    person.page.get_by_role("link", name="Cancel").click()
    person.see(".btn-danger").wait_for()
    wait_for_scripts(person)
    person.page.get_by_role("button", name="Cancel the booking").click()
    person.page.get_by_role("heading", name="This booking is cancelled").wait_for()
    assert offer.bookings()[0]["state"] == "cancelled"
    assert [asked for asked, _token in judge.heard] == [who, who]
    assert all(token.startswith("human booking ") for _asked, token in judge.heard)


@pytest.mark.parametrize("who", [GOOGLE, CLOUDFLARE])
def test_the_time_that_is_offered_instead_is_the_one_that_is_booked(offer, person, captcha, who):
    captcha(who)
    person.open(offer.path)
    person.choose(at(10))
    person.fill_in()
    offer.book(at(10))
    person.confirm()
    person.see(".o_booking_nearest").first.wait_for()
    wait_for_scripts(person)
    start = person.see(".o_booking_nearest").first.get_attribute("value")
    person.see(".o_booking_nearest").first.click()
    person.page.wait_for_url("**/booking/*")
    assert iso(at(10)) != start
    newest = offer.bookings()[0]
    assert (newest["customer_name"], f"{newest['start'].replace(' ', 'T')}Z") == (
        "Anna Berg",
        start,
    )


@pytest.mark.parametrize("who", [GOOGLE, CLOUDFLARE])
def test_without_scripts_a_sentence_says_why_not(offer, new_visitor, captcha, who):
    captcha(who)
    visitor = new_visitor(java_script_enabled=False)
    visitor.page.goto(f"{offer.path}?plain=1")
    visitor.see(f"label[for='{iso(at(10))}']").click()
    visitor.page.fill("[name=name]", "Anna Berg")
    visitor.page.fill("[name=email]", "anna@example.net")
    visitor.page.get_by_role("button", name="Confirm").click()
    assert SENTENCE in visitor.text(".o_booking_refusal")
    assert visitor.see("[name=name]").input_value() == "Anna Berg"
    assert offer.bookings() == []


@pytest.mark.parametrize("who", [GOOGLE, CLOUDFLARE])
def test_a_program_can_do_nothing(offer, script, captcha, judge, who):
    captcha(who)
    booking = offer.book(at(10))
    path = f"/booking/{booking['token']}"
    for answer in (
        script.post(offer.path, start=iso(at(11)), **ANNA),
        script.post(f"{offer.path}/wait", offer.path, start=iso(at(11)), **ANNA),
        script.post(f"{path}/move", start=iso(at(11))),
        script.post(f"{path}/cancel"),
        script.post(offer.path, start=iso(at(11)), recaptcha_token_response="x", **ANNA),
        script.post(offer.path, start=iso(at(11)), turnstile_captcha="x", **ANNA),
    ):
        assert answer.status_code in (409, 422)
        assert SENTENCE in answer.text
    assert offer.bookings() == [booking]
    # A token that was good once is good no more.
    token = dict.fromkeys(("recaptcha_token_response", "turnstile_captcha"), "human booking 1")
    assert script.post(offer.path, start=iso(at(11)), **ANNA, **token).status_code == 303
    assert script.post(offer.path, start=iso(at(12)), **ANNA, **token).status_code == 422
    assert len(offer.bookings()) == 2


def test_where_none_is_set_up_nothing_is_asked(offer, script, judge):
    assert script.post(offer.path, start=iso(at(11)), **ANNA).status_code == 303
    assert judge.heard == []
    assert "data-captcha" not in script.get(offer.path).text
