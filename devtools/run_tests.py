"""Runs the test suites: `python -m devtools.run_tests [pages] [servers] [odoo] [plain] [install]`.

Two at a time, the longest first; each prints when it is done. Nothing may fail, be skipped or be
missing: a suite without a test fails.

TESTS chooses: pytest's options, and places below tests/, of which each suite takes its own.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import psutil
import pytest

from devtools import paths
from devtools.machine import claims, odoo_run, postgres, venv
from devtools.machine.chromium import chromium
from devtools.machine.database import Databases
from devtools.machine.parent import end_with_make
from devtools.steps import SetupError

# The names of the folders below tests/; a plain room runs without Odoo, within seconds.
PLAIN = ("icloud", "ical", "scheduling", "sync", "local_icloud", "devtools", "fuzz")
ODOO = ("models",)
INSTALL = ("installing",)
PAGES = ("pages",)
SERVERS = ("main_job", "faults", "histories", "bad_input")

AT_ONCE = 2

_stopped, _printing = threading.Event(), threading.Lock()


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
        return f"{self.suite:7} {counts} in {self.seconds:.0f} s (pytest: {self.exit_code}){words}"


def run_plain(output: IO[str] | None = None) -> Outcome:
    """Tests of what needs no Odoo."""
    env = {**os.environ, **venv.path()}
    return run_pytest("plain", PLAIN, ["-p", "no:odoo"], env, output)


def run_odoo(output: IO[str] | None = None) -> Outcome:
    """Tests of the models, inside Odoo, on a fresh database with all our addons installed.

    Those beside the main one bring other calendar services along; live tests do without them.
    """
    with postgres.start() as server:
        databases = Databases(server)
        # Of this process alone: somebody else may run tests in the same checkout.
        name = f"icloud_test_{os.getpid()}"
        options = {"db_name": name, "dbfilter": f"^{name}$", "max_cron_threads": 0}
        modules = [addon.name for addon in paths.addons()]
        with databases.lent(databases.template("models", modules), name):
            config = odoo_run.write_config(server, claims.config(name), options)
            env = {**odoo_run.environment(server, config), **venv.path()}
            # The server for Odoo's browser tests would start queue_job's runner; tests play it.
            env["ODOO_QUEUE_JOB_CHANNELS"] = "root:0"
            return run_pytest("odoo", ODOO, ["--odoo-http"], _with_browser(env), output)


def run_install(output: IO[str] | None = None) -> Outcome:
    """Tests of a fresh environment, and beside Odoo's own tests."""
    with postgres.start():
        env = {**os.environ, **venv.path()}
        return run_pytest("install", INSTALL, ["-p", "no:odoo"], env, output)


def run_pages(output: IO[str] | None = None) -> Outcome:
    """Tests of the pages of real servers, many by a real browser."""
    return _run_live("pages", PAGES, output)


def run_servers(output: IO[str] | None = None) -> Outcome:
    """Tests of real server processes over HTTP."""
    return _run_live("servers", SERVERS, output)


def _run_live(suite: str, rooms: Sequence[str], output: IO[str] | None) -> Outcome:
    env = _with_browser({**os.environ, **venv.path()})
    with postgres.start():  # once for all, not for each server that a test starts
        return run_pytest(suite, rooms, ["-p", "no:odoo"], env, output)


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
    """Run the tests of those rooms that exist, or what TESTS names of them; print to `output`."""
    options = [*options, *chosen_options()]
    folders = [folder for room in rooms if (folder := paths.ROOT / "tests" / room).is_dir()]
    if places := chosen_places():
        folders = [place for place in places if Path(place).parts[1] in rooms]
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


def chosen_options() -> list[str]:
    """What TESTS says to pytest besides places: `-k name`, `-x`, `--durations=30`."""
    return [word for word in _chosen() if not _is_place(word)]


def chosen_places() -> list[str]:
    """The files, folders and tests below tests/ that TESTS names; none means all."""
    return [word for word in _chosen() if _is_place(word)]


def _chosen() -> list[str]:
    return shlex.split(os.environ.get("TESTS", ""))


def _is_place(word: str) -> bool:
    place = Path(word.partition("::")[0])
    return place.parts[:1] == ("tests",) and len(place.parts) > 1


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


# The longest first.
ROOMS = {"pages": PAGES, "servers": SERVERS, "odoo": ODOO, "plain": PLAIN, "install": INSTALL}
SUITES = {
    "pages": run_pages,
    "servers": run_servers,
    "odoo": run_odoo,
    "plain": run_plain,
    "install": run_install,
}


def stop_on_signal() -> None:
    """SIGTERM, or the end of `make`: pytest and its servers end in good order, and so do we."""

    def stop(*_signal: object) -> None:
        _stopped.set()
        for child in psutil.Process().children():
            child.send_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, stop)
    end_with_make()


def main(names: Sequence[str]) -> int:
    stop_on_signal()
    names = list(names or _suites())
    if not names:
        print(f"No suite has what TESTS names: {' '.join(chosen_places())}", file=sys.stderr)
        return 1
    outcomes = _that_were_meant(_outcomes(names))
    print("\n" + "\n".join(map(str, outcomes)))
    passed, failed, skipped = (
        sum(getattr(outcome, count) for outcome in outcomes)
        for count in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if all(outcome.good for outcome in outcomes) else 1


def _that_were_meant(outcomes: list[Outcome]) -> list[Outcome]:
    """Without the suites in which there is nothing of what TESTS chooses, if another has it."""
    found = [each for each in outcomes if each.exit_code != pytest.ExitCode.NO_TESTS_COLLECTED]
    return found if found and _chosen() else outcomes


def _suites() -> list[str]:
    """All, or those that have what TESTS names."""
    rooms = {Path(place).parts[1] for place in chosen_places()}
    return [name for name in SUITES if not rooms or rooms.intersection(ROOMS[name])]


def _outcomes(names: Sequence[str]) -> list[Outcome]:
    if len(names) == 1:
        return [_outcome(names[0])]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(_printed_when_done, names))


def _printed_when_done(name: str) -> Outcome:
    # pytest's output of two would mix.
    with TemporaryFile("w+") as output:
        outcome = _outcome(name, output)
        output.seek(0)
        with _printing:
            shutil.copyfileobj(output, sys.stdout)
            sys.stdout.flush()
    return outcome


def _outcome(name: str, *output: IO[str]) -> Outcome:
    try:
        if _stopped.is_set():
            raise SetupError("somebody stopped the tests")
        return SUITES[name](*output)
    except SetupError as error:
        print(f"The suite {name} could not run: {error}", file=sys.stderr)
        return Outcome(name, 0, 0, 0, 1, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
