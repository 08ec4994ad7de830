"""Runs tests that stand in Odoo's own addons, by pytest, on a database with us or without."""

import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from odoo import release

from devtools import paths
from devtools.machine import claims, odoo_run
from devtools.machine.database import Databases
from devtools.steps import SetupError

ADDONS = Path(release.__file__).parent / "addons"


class Side(NamedTuple):
    """A template of that name with these modules."""

    template: str
    modules: tuple[str, ...]


def sides(modules: Sequence[str]) -> dict[str, Side]:
    """The databases to compare, by words for people."""
    ours = tuple(addon.name for addon in paths.addons())
    return {
        "without us": Side("own_without", tuple(modules)),
        "with us": Side("own_with", (*modules, *ours)),
    }


@contextmanager
def opened(databases: Databases, side: Side) -> Iterator[Mapping[str, str]]:
    """The environment of an Odoo on a fresh copy of a side."""
    name = f"icloud_{side.template}"
    with databases.lent(databases.template(side.template, side.modules), name):
        options = {"db_name": name, "dbfilter": f"^{name}$", "max_cron_threads": 0}
        server = databases.postgres
        config = odoo_run.write_config(server, claims.config(name), options)
        yield odoo_run.environment(server, config)


def run(
    databases: Databases, side: Side, modules: Sequence[str], *options: str
) -> dict[str, str | None]:
    """Odoo's tests of these modules: {test: why it failed, or None}; `options` are pytest's."""
    report = paths.LOGS / f"{side.template}.xml"
    log = paths.LOGS / f"{side.template}.log"
    report.unlink(missing_ok=True)
    folders = [ADDONS / name / "tests" for name in modules]
    command = [paths.PYTHON, "-m", "pytest", "--odoo-http", f"--junitxml={report}", *options]
    command += ["-p", "no:cacheprovider", f"--rootdir={ADDONS}", "-o", "junit_family=xunit2"]
    with opened(databases, side) as env, log.open("w") as output:
        subprocess.run([*command, *folders], env=env, stdout=output, stderr=output)
    found = _results(report) if report.exists() else {}
    if not found:
        raise SetupError(f"No test of Odoo's ran: see {log}")
    return found


def _results(report: Path) -> dict[str, str | None]:
    results: dict[str, str | None] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}".partition(" ")[0]
        failure = case.find("failure") if case.find("failure") is not None else case.find("error")
        # A test is told of once for itself, and once more for each of its subtests that failed.
        reason = None if failure is None else (failure.get("message") or "failed").splitlines()[0]
        results[name] = results.get(name) or reason
    return results


def summary(results: Mapping[str, str | None]) -> str:
    failed = sum(reason is not None for reason in results.values())
    return f"  {len(results)} tests, {failed} failed"


def difference(without: Mapping[str, str | None], with_us: Mapping[str, str | None]) -> list[str]:
    """The tests that fail with us alone, or are gone, a line each."""
    gone = [f"{name} is not run with us\n" for name in sorted(set(without) - set(with_us))]
    return gone + [
        f"{name} fails with us alone: {reason}\n"
        for name, reason in sorted(with_us.items())
        if reason and not without.get(name)
    ]
