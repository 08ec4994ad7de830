"""What monitoring reads at /bookings/health, and who may."""

import pytest
import requests
from prometheus_client.openmetrics.parser import text_string_to_metric_families

SECONDS = 30
METRICS = "application/openmetrics-text; version=1.0.0"


@pytest.fixture(scope="module")
def token(admin):
    view = admin.call("icloud.health.view", "create", {})
    return admin.call("icloud.health.view", "action_new_token", [view])["params"]["message"]


@pytest.fixture
def ask(server):
    """Asks as a program does; `token` None says nothing of who asks."""

    def get(token, query="", **headers):
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return requests.get(
            f"{server.url}/bookings/health{query}", headers=headers, timeout=SECONDS
        )

    return get


@pytest.fixture
def requests_sent(server, database, token):
    """As if workers had asked iCloud."""
    database.execute(
        "INSERT INTO icloud_tally (hour, method, outcome, requests, seconds) VALUES"
        " (date_trunc('hour', now() AT TIME ZONE 'UTC'), 'PUT', '201', 3, 0.75),"
        " ('1970-01-01', 'PUT', '201', 7, 1.25)"
    )
    yield
    database.execute("DELETE FROM icloud_tally")


def metrics(answer):
    """{name of a sample: {labels: value}}, read as Prometheus reads: strictly."""
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def test_the_token_opens_it_and_nothing_else_does(ask, token):
    assert ask(token).json()["status"] in ("ok", "warning", "critical")
    for wrong in (None, "", "x", token[:-1], token + "x", "é"):
        answer = ask(wrong if wrong != "é" else "%C3%A9")
        assert answer.status_code == 401, wrong
        assert "Bearer" in answer.headers["WWW-Authenticate"]
        assert list(answer.json()) == ["error"]
    assert ask(None, f"?token={token}").status_code == 401
    assert ask(token).headers["Cache-Control"] == "no-store"


def test_without_a_token_made_there_is_nothing(ask, token, database, admin):
    parameter = "icloud_calendar_sync.health_token_sha256"
    kept = admin.call("ir.config_parameter", "get_param", parameter)
    admin.call("ir.config_parameter", "set_param", parameter, "")
    try:
        assert ask(token).status_code == 404
        assert ask("").status_code == 404
    finally:
        admin.call("ir.config_parameter", "set_param", parameter, kept)
    assert ask(token).status_code in (200, 503)


def test_prometheus_understands_it(ask, token, requests_sent):
    answer = ask(token, Accept=METRICS)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    found = metrics(answer)
    put = frozenset({("method", "PUT"), ("outcome", "201")})
    assert found["icloud_sync_request_seconds_count"] == {put: 10}
    assert found["icloud_sync_request_seconds_sum"] == {put: 2.0}
    assert sum(found["icloud_sync_status"].values()) == 1
    assert found["icloud_sync_accounts"][frozenset({("state", "connected")})] == 0
    assert metrics(ask(token, "?format=openmetrics")).keys() == found.keys()


def test_both_say_the_same(ask, token, requests_sent):
    plain, found = ask(token).json(), metrics(ask(token, Accept=METRICS))
    levels = {"ok": 0, "warning": 1, "critical": 2}
    assert found["icloud_sync_check_level"] == {
        frozenset({("check", check["name"])}): levels[check["level"]] for check in plain["checks"]
    }
    assert plain["requests"] == [
        {"method": "PUT", "outcome": "201", "requests": 10, "seconds": 2.0}
    ]
    assert plain["requests_last_hour"][0]["requests"] == 3


def test_a_sync_that_stands_still_is_an_error_for_the_simplest_monitor(ask, token, database):
    database.execute(
        "UPDATE ir_cron SET active = FALSE WHERE id IN (SELECT res_id FROM ir_model_data"
        " WHERE module = 'icloud_calendar_sync' AND name = 'cron_push')"
    )
    try:
        answer = ask(token)
        assert answer.status_code == 503
        assert answer.json()["status"] == "critical"
        assert ask(token, Accept=METRICS).status_code == 200
    finally:
        database.execute(
            "UPDATE ir_cron SET active = TRUE WHERE id IN (SELECT res_id FROM ir_model_data"
            " WHERE module = 'icloud_calendar_sync' AND name = 'cron_push')"
        )


@pytest.mark.parametrize(
    "options",
    [{}, {"viewport": {"width": 1280, "height": 900}, "is_mobile": False}],
    ids=["phone", "desktop"],
)
def test_an_administrator_reads_it_in_odoo(new_visitor, server, token, requests_sent, options):
    page = new_visitor(**options).page
    page.goto("/web/login")
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", "admin")
    page.click("button[type=submit]")
    page.goto("/odoo/icloud-health")
    page.get_by_role("heading", name="What is watched").wait_for()
    assert page.get_by_role("row", name="PUT 201 3 250 ms").is_visible()
    # Nothing lies outside of a phone's window.
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
