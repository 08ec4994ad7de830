"""How many queries it takes to make, change and delete calendar events, with us and without."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping

from devtools import paths
from devtools.machine.database import Databases
from devtools.own.suites import Side, opened

EVENTS = (1, 100)


def count(databases: Databases, side: Side) -> dict[str, int]:
    """{what is done: queries}, in a process of its own."""
    with opened(databases, side) as env:
        done = subprocess.run(
            [paths.PYTHON, "-m", "devtools.own.queries"],
            cwd=paths.ROOT,
            env=env,
            text=True,
            check=True,
            stdout=subprocess.PIPE,
        )
    return json.loads(done.stdout.splitlines()[-1])


def lines(without: Mapping[str, int], with_us: Mapping[str, int]) -> Iterator[str]:
    """A table for people."""
    yield f"{'queries':16}{'without us':>12}{'with us':>12}"
    for name, number in without.items():
        yield f"{name:16}{number:12}{with_us[name]:12}"


def _measure() -> dict[str, int]:
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config([], setup_logging=False)
    with Registry(config["db_name"][0]).cursor() as cursor:
        env = api.Environment(cursor, SUPERUSER_ID, {"no_mail_to_attendees": True})
        counts = {}
        for number in (EVENTS[0], *EVENTS):  # once more at first: what is asked once is remembered
            counts |= _counts(env, number)
        cursor.rollback()
    return counts


def _counts(env: "api.Environment", number: int) -> dict[str, int]:  # noqa: F821
    partners = env["res.partner"].create([{"name": f"Guest {n}"} for n in range(number)])
    values = [
        {
            "name": "Meeting",
            "start": "2030-01-15 08:00:00",
            "stop": "2030-01-15 09:00:00",
            "partner_ids": [(6, 0, [partner.id, env.user.partner_id.id])],
        }
        for partner in partners
    ]
    env.flush_all()
    made = {}
    steps: dict[str, Callable[[], object]] = {
        "create": lambda: made.update(events=env["calendar.event"].create(values)),
        "rename": lambda: made["events"].write({"name": "Other"}),
        "move": lambda: made["events"].write(
            {"start": "2030-01-16 08:00:00", "stop": "2030-01-16 09:00:00"}
        ),
        "delete": lambda: made["events"].unlink(),
    }
    counts = {}
    for name, act in steps.items():
        before = env.cr.sql_log_count
        act()
        env.flush_all()
        counts[f"{name} {number}"] = env.cr.sql_log_count - before
    return counts


if __name__ == "__main__":
    print(json.dumps(_measure()))
    sys.exit()
