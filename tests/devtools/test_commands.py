"""The commands as they are typed: `devtools/odoo -- …` and the test runner."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from devtools import paths, run_tests
from devtools.machine import server


def odoo(*arguments: str) -> subprocess.CompletedProcess:
    command = [paths.ROOT / "devtools" / "odoo", *arguments]
    return subprocess.run(command, text=True, capture_output=True)


def test_devtools_odoo_runs_odoo_19():
    assert odoo("--", "--version").stdout.startswith("Odoo Server 19.0")


def test_its_exit_code_is_that_of_odoo():
    done = odoo("--", "no-such-command")
    assert done.returncode != 0
    assert "no-such-command" in done.stderr


ON_ITS_OWN = """
import sys
from pathlib import Path
from devtools import paths
paths.DEV, paths.ODOO_CONF = Path(sys.argv[1]), Path(sys.argv[1]) / "odoo.conf"
from devtools.machine import run_odoo
run_odoo.become_odoo(sys.argv[2:])
"""


def test_a_signal_ends_odoo_as_it_would_alone_and_the_database_server_after_it(own_folders):
    port = server.free_port()
    words = [own_folders, f"--http-port={port}", "--max-cron-threads=0"]
    program = subprocess.Popen(
        [paths.PYTHON, "-c", ON_ITS_OWN, *words], cwd=paths.ROOT, stderr=subprocess.DEVNULL
    )
    # Not only until it listens: in the moments before its main loop Odoo does not end cleanly.
    wait_until(lambda: answers(port))
    assert postmaster(own_folders).exists()
    program.send_signal(signal.SIGTERM)
    assert program.wait() == 0
    wait_until(lambda: not postmaster(own_folders).exists())


def answers(port: int) -> bool:
    try:
        requests.get(f"http://127.0.0.1:{port}/web/health", timeout=60)
    except requests.ConnectionError:
        return False
    return True


def postmaster(folder: Path) -> Path:
    elsewhere = folder / "pgdata-elsewhere"
    return (elsewhere if elsewhere.exists() else folder) / "pgdata" / "postmaster.pid"


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited for a minute in vain"
        time.sleep(0.05)


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a suite whose one folder holds the given test file."""
    (tmp_path / "tests" / "room").mkdir(parents=True)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "LOGS", tmp_path / "log")
    monkeypatch.delenv("TESTS", raising=False)

    def run(source: str) -> run_tests.Outcome:
        (tmp_path / "tests" / "room" / "test_it.py").write_text(source)
        return run_tests.run_pytest("it", ("room", "absent"), ["-p", "no:odoo"], {})

    return run


def test_a_suite_whose_tests_pass_is_good(suite):
    outcome = suite("def test_it(): pass")
    assert outcome.good
    assert outcome.passed == 1


def test_a_failed_test_fails_the_suite(suite):
    outcome = suite("def test_it(): assert False\ndef test_fine(): pass")
    assert not outcome.good
    assert (outcome.passed, outcome.failed) == (1, 1)


def test_a_skipped_test_fails_the_suite(suite):
    outcome = suite("import pytest\ndef test_it(): pytest.skip()\ndef test_fine(): pass")
    assert not outcome.good
    assert (outcome.passed, outcome.skipped) == (1, 1)


def test_a_file_that_cannot_be_imported_fails_the_suite(suite):
    assert not suite("import no_such_module").good


def test_a_suite_without_a_test_fails(suite):
    assert not suite("").good


def test_a_suite_without_a_folder_fails_instead_of_running_everything(suite):
    suite("def test_it(): pass")
    assert not run_tests.run_pytest("it", ("absent",), ["-p", "no:odoo"], {}).good


def test_tests_chooses_by_place_and_by_pytest_s_options(suite, monkeypatch):
    two = "def test_one(): pass\ndef test_two(): pass"
    monkeypatch.setenv("TESTS", "-k 'one or three'")
    assert suite(two).passed == 1
    monkeypatch.setenv("TESTS", "tests/room/test_it.py::test_two")
    assert suite(two).passed == 1
    monkeypatch.setenv("TESTS", "tests/elsewhere/test_it.py")
    assert suite(two).passed == 0


def test_only_the_suites_run_that_have_what_is_chosen(monkeypatch):
    monkeypatch.setenv("TESTS", "tests/ical tests/models/booking/test_class.py -x")
    assert run_tests._suites() == ["odoo", "plain"]
    monkeypatch.setenv("TESTS", "tests/modles")
    assert subprocess.run(["make", "test"], cwd=paths.ROOT, capture_output=True).returncode
    monkeypatch.setenv("TESTS", "-k name")
    assert run_tests._suites() == list(run_tests.SUITES)


@pytest.mark.parametrize("names", [["plain"], ["odoo", "pages"], list(run_tests.SUITES)])
def test_every_suite_runs_once_and_the_outcomes_are_in_order(monkeypatch, names):
    """Stand-ins for the suites, which take minutes."""
    for name in names:
        outcome = run_tests.Outcome(name, 1, 0, 0, 0, 0.1)
        monkeypatch.setitem(run_tests.SUITES, name, lambda *_output, outcome=outcome: outcome)
    assert [outcome.suite for outcome in run_tests._outcomes(names)] == names


def test_a_suite_without_what_is_chosen_does_not_count_if_another_has_it(monkeypatch):
    some, none = (run_tests.Outcome("it", count, 0, 0, code, 1) for count, code in ((1, 0), (0, 5)))
    monkeypatch.setenv("TESTS", "-k name")
    assert run_tests._that_were_meant([some, none]) == [some]
    assert run_tests._that_were_meant([none, none]) == [none, none]
    monkeypatch.delenv("TESTS")
    assert run_tests._that_were_meant([some, none]) == [some, none]
