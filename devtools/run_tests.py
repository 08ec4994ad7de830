"""Runs the test suites: `python -m devtools.run_tests [plain] [odoo] [live]`.

One after the other, but for the plain one: it uses one core and no server, so it runs beside the
first of the others, and prints when they are done. Nothing may fail, be skipped or be missing: a
suite without a test fails.
"""

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from devtools import paths
from devtools.machine import odoo_run, postgres, venv
from devtools.machine.chromium import chromium
from devtools.machine.database import Databases
from devtools.steps import SetupError

# The names of the folders below tests/; a plain room runs without Odoo, within seconds.
PLAIN = ("icloud", "ical", "scheduling", "sync", "local_icloud", "devtools")
ODOO = ("models",)
LIVE = ("pages", "faults", "main_job")


@dataclass
class Outcome:
    """What a suite came to; `exit_code` is pytest's."""

    suite: str
    passed: int
    failed: int
    skipped: int
    exit_code: int
    seconds: float

    @property
    def good(self) -> bool:
        # pytest's code tells of failures and of no test at all, but not of skipped ones.
        return self.exit_code == 0 and not self.skipped

    def __str__(self) -> str:
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        words = "" if self.good else "  ← not good"
        return f"{self.suite:6} {counts} in {self.seconds:.0f} s (pytest: {self.exit_code}){words}"


def run_plain(output: IO[str] | None = None) -> Outcome:
    """Tests of what needs no Odoo."""
    env = {**os.environ, **venv.path()}
    return run_pytest("plain", PLAIN, ["-p", "no:odoo"], env, output)


def run_odoo() -> Outcome:
    """Tests of the models, inside Odoo, on a fresh database with all our addons installed.

    Those beside the main one bring other calendar services along; live tests do without them.
    """
    with postgres.start() as server:
        databases = Databases(server)
        # Of this process alone: somebody else may run tests in the same checkout.
        name = f"icloud_test_{os.getpid()}"
        options = {"db_name": name, "dbfilter": f"^{name}$", "max_cron_threads": 0}
        config = odoo_run.write_config(server, paths.DEV / "run" / f"{name}.conf", options)
        env = {**odoo_run.environment(server, config), **venv.path()}
        modules = [addon.name for addon in paths.addons()]
        databases.copy(databases.template("models", modules), name)
        try:
            return run_pytest("odoo", ODOO, ["--odoo-http"], _with_browser(env))
        finally:
            databases.drop(name)
            config.unlink()


def run_live() -> Outcome:
    """Tests of real server processes over HTTP, many by a real browser."""
    env = _with_browser({**os.environ, **venv.path()})
    with postgres.start():  # once for all, not for each server that a test starts
        return run_pytest("live", LIVE, ["-p", "no:odoo"], env)


def _with_browser(env: Mapping[str, str]) -> dict[str, str]:
    """CHROMIUM for Playwright; PATH because Odoo's own browser tests look there alone."""
    browser = chromium()
    return {**env, "CHROMIUM": str(browser), "PATH": f"{env['PATH']}{os.pathsep}{browser.parent}"}


def run_pytest(
    suite: str,
    rooms: Sequence[str],
    options: Sequence[str],
    env: Mapping[str, str],
    output: IO[str] | None = None,
) -> Outcome:
    """Run the tests of those rooms that exist, and print to `output`; PYTEST_ADDOPTS adds."""
    folders = [folder for room in rooms if (folder := paths.ROOT / "tests" / room).is_dir()]
    report = paths.LOGS / f"tests-{suite}-{os.getpid()}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    command = [paths.PYTHON, "-m", "pytest", *options, f"--junitxml={report}", *folders]
    begin = time.monotonic()
    # Without a folder pytest would take them all.
    run = {"cwd": paths.ROOT, "env": env, "stdout": output, "stderr": output}
    code = subprocess.run(command, **run).returncode if folders else 5
    outcome = Outcome(suite, *_counts(report), code, time.monotonic() - begin)
    report.unlink(missing_ok=True)
    return outcome


def _counts(report: Path) -> tuple[int, int, int]:
    """(passed, failed, skipped) of a JUnit report."""
    if not report.exists():
        return 0, 0, 0
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    total = failed = skipped = 0
    for suite in suites:
        total += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0))
    return total - failed - skipped, failed, skipped


SUITES = {"plain": run_plain, "odoo": run_odoo, "live": run_live}


def main(names: Sequence[str]) -> int:
    outcomes = _outcomes(list(names or SUITES))
    print("\n" + "\n".join(map(str, outcomes)))
    passed, failed, skipped = (
        sum(getattr(outcome, count) for outcome in outcomes)
        for count in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if all(outcome.good for outcome in outcomes) else 1


def _outcomes(names: Sequence[str]) -> list[Outcome]:
    if "plain" not in names or len(names) == 1:
        return [_outcome(name) for name in names]
    with TemporaryFile("w+") as output, ThreadPoolExecutor() as pool:
        plain = pool.submit(_outcome, "plain", output)
        others = [_outcome(name) for name in names if name != "plain"]
        outcomes = [plain.result(), *others]
        output.seek(0)
        shutil.copyfileobj(output, sys.stdout)
    return outcomes


def _outcome(name: str, *output: IO[str]) -> Outcome:
    try:
        return SUITES[name](*output)
    except SetupError as error:
        print(f"The suite {name} could not run: {error}", file=sys.stderr)
        return Outcome(name, 0, 0, 0, 1, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
