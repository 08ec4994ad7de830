"""What a server prints when it is told to print everything, and a server whose key changes."""

import base64
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
import requests
from cryptography.fernet import Fernet

from devtools.demo.odoo import OTHER_JOBS_OFF
from devtools.demo.rpc import Api
from devtools.local_icloud import LocalICloud
from devtools.machine import claims, odoo_run, postgres
from devtools.machine.database import Databases
from devtools.machine.server import Server
from tests.live import until
from tests.main_job.host import ZONE, at, iso

DATABASE = "icloud_test_secrets"
EMAIL, PASSWORD = "mara.quill@icloud.com", "qzjx-wvkp-hhgf-bbcd"
TITLE = "Pick Zebulon from school"
CUSTOMER = {"name": "Xanthippe Brandywine", "email": "xanthippe@brandywine.example"}
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SECONDS = 60


class Place:
    """One database, one iCloud; `odoo` is a server with these keys."""

    def __init__(self, cluster, cloud: LocalICloud, connection) -> None:
        self.cluster, self.cloud, self._connection = cluster, cloud, connection

    def odoo(self, keys: str, **config: object) -> Server:
        return Server(
            DATABASE,
            env=self.settings(keys),
            config={"smtp_server": "127.0.0.1", "smtp_port": 1, **config},
        )

    def settings(self, keys: str) -> dict[str, str]:
        return {
            "ICLOUD_SYNC_KEY": keys,
            "ICLOUD_CALDAV_URL": self.cloud.url,
            "ICLOUD_CALDAV_HOSTS": ",".join(sorted(self.cloud.hosts)),
        }

    def command(self, keys: str) -> subprocess.CompletedProcess:
        """What an operator types, and what it prints."""
        name = f"{DATABASE}-command"
        with claims.held(name):
            config = odoo_run.write_config(self.cluster, claims.config(name), {})
            addons = f"--addons-path={odoo_run.paths.ROOT}"
            arguments = ["icloud_rotate_keys", "-c", str(config), "-d", DATABASE]
            return subprocess.run(
                [*odoo_run.COMMAND, addons, *arguments],
                env=odoo_run.environment(self.cluster, config, self.settings(keys)),
                capture_output=True,
                text=True,
            )

    def sql(self, query: str, *values: object) -> list[tuple]:
        cursor = self._connection.cursor()
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres.start())
        cloud = stack.enter_context(LocalICloud({EMAIL: PASSWORD}))
        databases = Databases(cluster)
        template = databases.template("test", ["icloud_calendar_sync"])
        stack.enter_context(databases.lent(template, DATABASE))
        connection = stack.enter_context(closing(cluster.connect(DATABASE)))
        connection.cursor().execute(OTHER_JOBS_OFF)
        yield Place(cluster, cloud, connection)


def connect_book_and_read(place: Place, server: Server) -> None:
    """All that a host and a customer do: the host by the API, the customer on the page."""
    api = Api.login(server.url, server.database, "admin", "admin")
    api.call("icloud.account", "connect", EMAIL, PASSWORD)
    place.cloud.put_event(EMAIL, "Home", summary=TITLE, start=at(15), stop=at(16))
    days = [
        (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": 8, "hour_to": 18})
        for day in range(7)
    ]
    hours = {"name": "Every day", "attendance_ids": [(5,), *days]}
    values = {
        "name": "First visit",
        "slug": "first",
        "tz": ZONE.key,
        "min_notice": 0,
        "is_published": True,
        "host_ids": [(0, 0, {"user_id": api.uid})],
        "schedule_id": api.call("resource.calendar", "create", hours),
    }
    offer = api.call("icloud.booking.type", "create", values)
    [account] = api.find("icloud.account", [], "id")
    api.call("icloud.account", "action_sync_now", [account["id"]])
    until(lambda: api.find("calendar.event", [("icloud_origin_id", "!=", False)], "id"))
    api.call("icloud.booking.type", "book", [offer], iso(at(9)), CUSTOMER)
    book_on_the_page(server)
    until(lambda: copies(place) == 2)
    [booking, _other] = api.find("icloud.booking", [], "id")
    api.call("icloud.booking", "reschedule", [booking["id"]], iso(at(17)))
    until(lambda: b"T170000" in b"".join(place.cloud.events(EMAIL, "Home").values()))


def book_on_the_page(server: Server) -> None:
    browser = requests.Session()
    page = browser.get(f"{server.url}/bookings/first", timeout=SECONDS)
    token = re.search(r'name="csrf_token" value="([^"]+)"|csrf_token: "([^"]+)"', page.text)
    form = {**CUSTOMER, "start": iso(at(11)), "tz": ZONE.key, "note": "", "seats": "1"}
    form["csrf_token"] = token[1] or token[2]
    answer = browser.post(f"{server.url}/bookings/first", data=form, timeout=SECONDS)
    assert "You are booked" in answer.text


def copies(place: Place) -> int:
    events = place.cloud.events(EMAIL, "Home").values()
    return sum(b"SUMMARY:First visit" in data for data in events)


def private(place: Place) -> dict[str, str]:
    """{what it is: how it may look in a log}"""
    [(ciphertext,)] = place.sql("SELECT secret FROM icloud_account")
    basic = base64.b64encode(f"{EMAIL}:{PASSWORD}".encode()).decode()
    return {
        "password": PASSWORD,
        "password without dashes": PASSWORD.replace("-", ""),
        "Authorization header": basic,
        "ciphertext": ciphertext[10:50],
        "key": OLD,
        "title": TITLE,
        "Apple Account": EMAIL,
        "customer's name": CUSTOMER["name"],
        "customer's surname": "Brandywine",
        "customer's address": CUSTOMER["email"],
    }


def test_a_log_of_everything_holds_nothing_private(place):
    """Root logger at DEBUG: urllib3, werkzeug, each query, each call."""
    server = place.odoo(OLD, log_level="debug", log_handler=":DEBUG,odoo.sql_db:DEBUG")
    with server:
        connect_book_and_read(place, server)
    printed = server.log.read_text(errors="replace")
    for logger in ("urllib3.connectionpool", "odoo.sql_db", "odoo.service.model", "werkzeug"):
        assert f" {logger}: " in printed, f"{logger} said nothing"
    assert 'INSERT INTO "icloud_booking"' in printed
    assert 'INSERT INTO "res_partner"' in printed
    lines = printed.splitlines()
    found = {
        what: [line[:400] for line in lines if words.lower() in line.lower()][:5]
        for what, words in private(place).items()
    }
    assert {what: where for what, where in found.items() if where} == {}


def test_an_operator_changes_the_key_and_nobody_connects_again(place):
    for key in (NEW, Fernet.generate_key()):
        place.sql(
            "INSERT INTO icloud_account (user_id, state, secret)"
            " SELECT id, 'password_needed', %s FROM res_users"
            " WHERE id NOT IN (SELECT user_id FROM icloud_account) LIMIT 1",
            Fernet(key).encrypt(PASSWORD.encode()).decode(),
        )
    first, again = place.command(f"{NEW},{OLD}"), place.command(f"{NEW},{OLD}")
    assert "1 moved to the first key, 1 were under it already, 1 cannot be read" in first.stderr
    assert "0 moved to the first key, 2 were under it already, 1 cannot be read" in again.stderr
    assert (first.returncode, again.returncode) == (1, 1)
    place.cloud.put_event(EMAIL, "Home", summary="Dentist", start=at(13), stop=at(14))
    with place.odoo(NEW) as server:
        api = Api.login(server.url, server.database, "admin", "admin")
        [account] = api.find("icloud.account", [("user_id", "=", api.uid)], "id")
        api.call("icloud.account", "action_sync_now", [account["id"]])
        until(lambda: len(api.find("calendar.event", [("icloud_origin_id", "!=", False)])) == 2)
        [account] = api.find("icloud.account", [("user_id", "=", api.uid)], "state")
        assert account["state"] == "connected"


def test_a_mistyped_key_makes_everybody_wait_and_nobody_connect_again(place):
    typo = f"{NEW[:-3]},{OLD}"
    refused = place.command(typo)
    assert refused.returncode == 2
    assert "no key" in refused.stderr
    with place.odoo(typo) as server:
        api = Api.login(server.url, server.database, "admin", "admin")
        [account] = api.find("icloud.account", [("user_id", "=", api.uid)], "id")
        api.call("icloud.account", "action_sync_now", [account["id"]])
        names = ("state", "last_error")
        until(
            lambda: api.find("icloud.account", [("id", "=", account["id"])], *names)[0][
                "last_error"
            ]
        )
        [account] = api.find("icloud.account", [("id", "=", account["id"])], *names)
        assert account["state"] == "connected"
        assert "key" in account["last_error"]
