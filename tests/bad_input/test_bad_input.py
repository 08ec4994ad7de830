"""Whatever a server or a file does: it is bounded, skipped and named, and all else goes on."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from devtools.demo.rpc import Api
from tests.bad_input.cases import CASES, IN_A_FILE, IN_A_LIST, IN_AN_ANSWER, PATIENCE, READ_ON
from tests.bad_input.hostile_server import PASSWORD, Case, Hostile, event, running
from tests.live import Odoo, live_odoo, until

# One whose server stays good all the time.
HEALTHY = "healthy"
# That many accounts at once, each with what may be kept of one answer; a single one has 36 MB.
MOST_MEGABYTES = 600

NOT_READ = "SELECT id FROM icloud_account WHERE last_import IS NULL"
DUE_NOW = """
    UPDATE icloud_account SET next_import = NULL, last_error = NULL, quiet_until = NULL
    RETURNING now() AT TIME ZONE 'UTC'
"""
# Whose turn came too late on a busy machine has its turn again.
AGAIN = """
    UPDATE icloud_account SET next_import = NULL, last_error = NULL
     WHERE last_error LIKE '%no time left%' RETURNING id
"""
WAITING = "SELECT id FROM icloud_account WHERE last_error IS NULL AND last_import < %s"
WORDS = """
    SELECT split_part(account.username, '@', 1), log.message
      FROM icloud_log log JOIN icloud_account account ON account.id = log.account_id
     WHERE log.message NOT LIKE '%no time left%'
"""
TITLES = """
    SELECT split_part(account.username, '@', 1), event.icloud_title
      FROM calendar_event event
      JOIN icloud_event remote ON remote.id = event.icloud_origin_id
      JOIN icloud_account account ON account.id = remote.account_id
"""


class Outcome(NamedTuple):
    """What came of all accounts.

    `words` are what each one's owner can look up, `titles` what Odoo shows of each; `strangers` the
    paths that another host was asked for; `megabytes` what the memory of Odoo grew by at most.
    """

    words: Mapping[str, str]
    titles: Mapping[str, set[str]]
    strangers: list[str]
    megabytes: float


@pytest.fixture(scope="module")
def server() -> Iterator[Hostile]:
    with running({**CASES, HEALTHY: Case("", lambda: event("Bad", 2))}) as hostile:
        yield hostile


@pytest.fixture(scope="module")
def outcome(server) -> Outcome:
    """Every account is connected and read; then the server turns hostile, and all are read."""
    with live_odoo("icloud_test_bad_input", server.url, {server.netloc}) as odoo:
        hosts = [_connected(odoo, name) for name in server.cases]
        until(lambda: not odoo.rows(NOT_READ), PATIENCE)
        process = Path(f"/proc/{odoo.pid}")
        (process / "clear_refs").write_text("5")  # The peak is counted anew.
        before = _megabytes(process, "VmRSS")
        server.is_hostile = True
        since = odoo.rows(DUE_NOW)[0][0]
        _sync_now(hosts[0])
        until(lambda: _is_over(odoo, hosts[0], since), PATIENCE)
        grown = _megabytes(process, "VmHWM") - before
        words, titles = ({name: set() for name in server.cases} for _kind in range(2))
        for found, query in ((words, WORDS), (titles, TITLES)):
            for name, text in odoo.rows(query):
                found[name].add(text)
        return Outcome(
            {name: " ".join(lines) for name, lines in words.items()},
            titles,
            server.strangers,
            grown,
        )


def _connected(odoo: Odoo, name: str) -> Api:
    host = odoo.new_user(name)
    host.call("icloud.account", "connect", f"{name}@example.com", PASSWORD)
    return host


def _is_over(odoo: Odoo, anybody: Api, since: datetime) -> bool:
    """Whether each account was read, or met what is bad."""
    if odoo.rows(AGAIN):
        _sync_now(anybody)
        return False
    return not odoo.rows(WAITING, since)


def _sync_now(host: Api) -> None:
    (account,) = host.find("icloud.account", [("user_id", "=", host.uid)], "id")
    host.call("icloud.account", "action_sync_now", [account["id"]])


def _megabytes(process: Path, name: str) -> float:
    status = (process / "status").read_text()
    return int(re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)[1]) / 1024


@pytest.mark.parametrize("name", CASES)
def test_what_is_bad_is_named_to_its_owner(outcome, name):
    if CASES[name].named:
        assert re.search(CASES[name].named, outcome.words[name])
    else:
        assert outcome.words[name] == ""


@pytest.mark.parametrize("name", [*IN_A_FILE, *READ_ON])
def test_the_good_file_beside_a_bad_one_is_read(outcome, name):
    assert {"First", "Good"} <= outcome.titles[name]


@pytest.mark.parametrize("name", [*IN_AN_ANSWER, *IN_A_LIST])
def test_what_was_read_before_a_bad_answer_stays(outcome, name):
    assert "First" in outcome.titles[name]


def test_who_has_nothing_to_do_with_it_is_read_meanwhile(outcome):
    assert outcome.titles[HEALTHY] == {"First", "Good", "Bad"}
    assert outcome.words[HEALTHY] == ""


def test_no_other_host_is_ever_asked(outcome):
    assert outcome.strangers == []


def test_all_of_it_takes_a_bounded_amount_of_memory(outcome):
    assert outcome.megabytes < MOST_MEGABYTES
