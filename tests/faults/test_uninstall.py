"""The addon is uninstalled from a salon in full swing: Odoo is as if it had never been there."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, timedelta

import pytest

from devtools import paths
from devtools.demo import events, rpc
from devtools.demo.rpc import Api
from devtools.local_icloud import LocalICloud
from devtools.machine import postgres
from devtools.machine.database import BASE_MODULES, Databases
from devtools.machine.server import Server
from tests.live import until

DATABASE = "icloud_test_uninstall"
MODULE = "icloud_calendar_sync"
PASSWORD = "mara-uses-this-pass"
CUSTOMERS = ("Anna Berglund", "Otto Zwirner", "Ida Quast")
TITLE = "Dentist with a name that stands nowhere else"
PATIENCE = 300


class Salon:
    """The demo's salon. `rows` asks its database."""

    def __init__(self, server, cloud, cluster, databases) -> None:
        self.server, self.cloud, self.cluster = server, cloud, cluster
        self.databases = databases
        self.admin = self.login("admin")

    def login(self, name: str) -> Api:
        return Api.login(self.server.url, DATABASE, name, name)

    def rows(self, query: str, *values, database: str = DATABASE) -> list[tuple]:
        with closing(self.cluster.connect(database)) as connection:
            cursor = connection.cursor()
            cursor.execute(query, values or None)
            return cursor.fetchall()

    def button(self, name: str) -> None:
        [module] = self.admin.call("ir.module.module", "search", [("name", "=", MODULE)])
        self.admin.call("ir.module.module", name, [module])

    def errors(self) -> list[str]:
        lines = self.server.log.read_text().splitlines()
        return [line for line in lines if " ERROR " in line or " CRITICAL " in line]

    def key_file(self):
        return next(self.server.data_dir.glob("*.key"), None)


@pytest.fixture(scope="module")
def salon(tmp_path_factory) -> Iterator[Salon]:
    with pytest.MonkeyPatch.context() as patch, postgres.start() as cluster:
        patch.setattr(rpc, "SECONDS", PATIENCE)
        databases = Databases(cluster)
        databases.copy(databases.template("demo", [MODULE], demo=True), DATABASE)
        data_dir = tmp_path_factory.mktemp("data")
        (data_dir / "filestore").mkdir()
        files = paths.ODOO_DATA / "filestore" / DATABASE
        (data_dir / "filestore" / DATABASE).symlink_to(files)
        try:
            with (
                LocalICloud({"mara@example.com": PASSWORD}) as cloud,
                Server(
                    DATABASE,
                    cron_threads=1,
                    env={
                        "ICLOUD_CALDAV_URL": cloud.url,
                        "ICLOUD_CALDAV_HOSTS": ",".join(sorted(cloud.hosts)),
                    },
                    # Nobody listens there: no mail leaves the machine.
                    config={"data_dir": data_dir, "smtp_server": "127.0.0.1", "smtp_port": 1},
                ) as server,
            ):
                server.data_dir = data_dir
                yield Salon(server, cloud, cluster, databases)
        finally:
            databases.drop(DATABASE)


def in_full_swing(salon: Salon) -> list[str]:
    """Imported events, bookings of every kind, mails with links: the links' tokens."""
    mara = salon.login("mara")
    start = events.at(events.working_day(2), 13)
    salon.cloud.put_event(
        "mara@example.com", "Home", summary=TITLE, start=start, stop=start + timedelta(hours=1)
    )
    mara.call("icloud.account", "connect", "mara@example.com", PASSWORD)
    unread = [("check_conflicts", "=", True), ("last_import", "=", False)]
    until(lambda: not mara.call("icloud.calendar", "search_count", unread), PATIENCE)
    tokens = [
        token
        for slug in ("haircut", "first-visit", "wedding-styling", "braiding-workshop", "salon")
        for token in book(mara, slug)
    ]
    stays_with_only_our_group(salon)
    # What Odoo itself may do with our records and with sessions.
    for model in ("calendar.event", "icloud.booking"):
        domain = [("booking_type_id", "!=", False)] if model == "calendar.event" else []
        [record] = mara.call(model, "search", domain, limit=1)
        partner = mara.call("res.users", "read", [mara.uid], ["partner_id"], load="")[0]
        mara.call(model, "message_subscribe", [record], [partner["partner_id"]])
        mara.call(model, "message_post", [record], body="See you there")
    until(lambda: in_icloud(salon), PATIENCE)
    return tokens


def stays_with_only_our_group(salon: Salon) -> None:
    """A host who is no part of the demo, and whose every right comes from the addon's group."""
    group = salon.rows(
        "SELECT res_id FROM ir_model_data WHERE module = %s AND name = 'group_booking_manager'",
        MODULE,
    )
    values = {"name": "Lotte", "login": "lotte", "password": "lotte", "tz": "Europe/Berlin"}
    [lotte] = salon.admin.call(
        "res.users", "create", [{**values, "group_ids": [(6, 0, [group[0][0]])]}]
    )
    offer = salon.admin.call(
        "icloud.booking.type",
        "create",
        {"name": "Colouring", "is_published": True, "host_ids": [(0, 0, {"user_id": lotte})]},
    )
    slug = salon.admin.call("icloud.booking.type", "read", [offer], ["slug"])[0]["slug"]
    book(salon.admin, slug)


def book(api: Api, slug: str) -> list[str]:
    """One booking for each customer, at the first times there are; their tokens."""
    [offer] = api.call("icloud.booking.type", "search", [("slug", "=", slug)])
    begin = events.at(events.working_day(1), 8).astimezone(UTC)
    window = begin.isoformat(), (begin + timedelta(days=21)).isoformat()
    services = api.find("icloud.booking.service", [("type_id", "=", offer)], "id")
    chosen = {"service_ids": [services[0]["id"]]} if services else {}
    tokens = []
    for number, name in enumerate(CUSTOMERS):
        start = api.call("icloud.booking.type", "slots", [offer], *window, **chosen)[0]["start"]
        customer = {"name": name, "email": f"customer{number}@example.net"}
        [booking] = api.call("icloud.booking.type", "book", [offer], start, customer, **chosen)
        tokens.append(api.call("icloud.booking", "read", [booking], ["token"])[0]["token"])
    return tokens


def in_icloud(salon: Salon) -> list[str]:
    """Addresses of the bookings that stand on Mara's phone."""
    found = salon.cloud.events("mara@example.com", "Home").items()
    return sorted(href for href, data in found if any(name.encode() in data for name in CUSTOMERS))


SCHEMA = {
    "columns": """
        SELECT table_name, column_name FROM information_schema.columns
         WHERE table_schema = 'public'
    """,
    "constraints": "SELECT conrelid::regclass::text, conname FROM pg_constraint",
    "indexes": "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """
        SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    """,
    "scheduled jobs": "SELECT cron_name FROM ir_cron",
    "models": "SELECT model FROM ir_model",
    "fields": "SELECT model, name FROM ir_model_fields",
    "groups": "SELECT id, name::text FROM res_groups",
    "rules": "SELECT name FROM ir_rule",
    "views": "SELECT name FROM ir_ui_view",
    "menus": "SELECT name::text FROM ir_ui_menu",
    "mails": "SELECT name::text FROM mail_template",
    "resources": "SELECT name FROM resource_resource",
    "hours": "SELECT name::text FROM resource_calendar",
    "files": "SELECT name, res_model FROM ir_attachment WHERE url IS NULL",
    "names of records": """
        SELECT module, name FROM ir_model_data
         WHERE module LIKE 'icloud%' OR name LIKE '%icloud%' AND model <> 'ir.module.module'
    """,
    "names of constraints": "SELECT name FROM ir_model_constraint",
    "names of relations": "SELECT name FROM ir_model_relation",
}
TEXTS = """
    SELECT table_name, column_name FROM information_schema.columns
      JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND data_type IN ('character varying', 'text', 'jsonb')
"""


@pytest.fixture(scope="module")
def uninstalled(salon) -> dict:
    """What there was before, and what the log said meanwhile."""
    tokens = in_full_swing(salon)
    sessions = salon.rows("SELECT id, start FROM calendar_event WHERE booking_type_id IS NOT NULL")
    had = {
        "tokens": tokens,
        "sessions": sessions,
        "in icloud": in_icloud(salon),
        "imported": salon.rows("SELECT id FROM calendar_event WHERE icloud_origin_id IS NOT NULL"),
        "key": salon.key_file(),
        "files": salon.rows("SELECT id FROM ir_attachment WHERE name = 'booking.ics'"),
        "errors": len(salon.errors()),
    }
    assert all(had[name] for name in had if name != "errors")
    salon.button("button_immediate_uninstall")
    return had


def test_it_leaves_the_log_without_an_error(salon, uninstalled):
    assert salon.errors()[uninstalled["errors"] :] == []


@pytest.mark.parametrize("kind", SCHEMA)
def test_it_leaves_nothing_of_its_own(salon, uninstalled, kind):
    assert uninstalled
    before = salon.databases.template("base", BASE_MODULES, demo=True)
    left = set(salon.rows(SCHEMA[kind])) - set(salon.rows(SCHEMA[kind], database=before))
    assert left == set()


def test_bookings_stay_as_plain_events_that_name_nobody(salon, uninstalled):
    stayed = salon.rows(
        "SELECT id, start FROM calendar_event WHERE id = ANY(%s)",
        [session_id for session_id, _start in uninstalled["sessions"]],
    )
    assert sorted(stayed) == sorted(uninstalled["sessions"])
    names = {name for (name,) in salon.rows("SELECT name FROM calendar_event")}
    assert {"Haircut", "First visit", "Wedding styling", "Braiding workshop"} <= names
    assert salon.rows("SELECT FROM calendar_event WHERE name = 'Colouring' AND user_id IS NOT NULL")


def test_no_customer_no_title_and_no_link_is_found_anywhere_but_in_contacts(salon, uninstalled):
    words = [f"%{word}%" for word in (*CUSTOMERS, TITLE, *uninstalled["tokens"])]
    found = {
        table
        for table, column in salon.rows(TEXTS)
        if salon.rows(f'SELECT FROM "{table}" WHERE "{column}"::text LIKE ANY(%s)', words)
    }
    # Customers are contacts of the business; what was on its way to open browsers is gone in a day.
    assert found - {"bus_bus"} == {"res_partner"}


def test_imported_events_and_files_are_gone(salon, uninstalled):
    ids = [row[0] for row in uninstalled["imported"]]
    assert salon.rows("SELECT FROM calendar_event WHERE id = ANY(%s)", ids) == []
    ids = [row[0] for row in uninstalled["files"]]
    assert salon.rows("SELECT FROM ir_attachment WHERE id = ANY(%s)", ids) == []


def test_nobody_is_left_without_a_right(salon, uninstalled):
    assert uninstalled
    without = salon.rows(
        "SELECT login FROM res_users WHERE NOT EXISTS ("
        "SELECT FROM res_groups_users_rel rel WHERE rel.uid = res_users.id)"
    )
    assert without == []
    assert salon.login("lotte").call("calendar.event", "search_count", [])


def test_what_stands_in_icloud_stays_and_the_key_is_gone(salon, uninstalled):
    assert in_icloud(salon) == uninstalled["in icloud"]
    assert salon.key_file() is None


def test_odoo_starts_again_and_the_calendar_opens(salon, uninstalled):
    assert uninstalled
    salon.server.stop()
    salon.server.start()
    admin = salon.login("admin")
    found = admin.call("calendar.event", "web_search_read", [], {"display_name": {}, "start": {}})
    assert found["length"] >= len(uninstalled["sessions"])
    [event] = admin.call("calendar.event", "create", [{"name": "Team lunch"}])
    assert admin.call("calendar.event", "write", [event], {"name": "Team dinner"})
    assert admin.call("calendar.event", "unlink", [event])
    assert salon.errors()[uninstalled["errors"] :] == []


def test_it_can_be_installed_again(salon, uninstalled):
    salon.button("button_immediate_install")
    admin = salon.login("admin")
    offer = admin.call(
        "icloud.booking.type",
        "create",
        {"name": "Anew", "is_published": True, "host_ids": [(0, 0, {"user_id": admin.uid})]},
    )
    slug = admin.call("icloud.booking.type", "read", [offer], ["slug"])[0]["slug"]
    assert len(book(admin, slug)) == len(CUSTOMERS)
    own = salon.rows(
        "SELECT resource.id FROM resource_resource resource JOIN res_users users"
        " ON users.booking_resource_id = resource.id WHERE users.id = %s",
        admin.uid,
    )
    assert len(own) == 1
    assert salon.errors()[uninstalled["errors"] :] == []
