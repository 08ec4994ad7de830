"""Odoo in a fresh environment: what README.rst names is enough, and the wheel has its tests."""

import ast
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from devtools import paths, wheel
from devtools.machine import postgres
from devtools.machine.database import BASE_MODULES, Databases
from devtools.ports import free_port
from tests.installing.environment import Environment, needs_of_odoo

MAIN = "icloud_calendar_sync"
PIP_LINE = re.compile(r'pip install ("caldav[^`\n]*)')
STATE = "SELECT state FROM ir_module_module WHERE name = %s"
RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")


def words_for_pip(document: str) -> list[str]:
    """What that document says to install."""
    [line] = PIP_LINE.findall((paths.ROOT / document).read_text())
    return shlex.split(line)


@pytest.fixture(scope="module")
def environment() -> Iterator[Environment]:
    # In the checkout: links reach no further than one file system.
    folder = Path(tempfile.mkdtemp(dir=paths.DEV))
    yield Environment(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Postgres]:
    with postgres.start() as running:
        yield running


@pytest.fixture(scope="module")
def database(server) -> Iterator[str]:
    """Odoo's calendar, without us."""
    databases = Databases(server)
    template = databases.template("base", BASE_MODULES)
    with databases.lent(template, "icloud_test_installing") as name:
        yield name


def test_every_document_names_what_the_manifest_needs_beside_odoo():
    manifest = ast.literal_eval((paths.ADDON / "__manifest__.py").read_text())
    own = {canonicalize_name(name) for name in needs_of_odoo()}
    needed = map(Requirement, manifest["external_dependencies"]["python"])
    beside = {each for each in needed if canonicalize_name(each.name) not in own}
    for document in ("README.rst", "docs/operating.md"):
        assert set(map(Requirement, words_for_pip(document))) == beside, document


def test_it_installs_with_the_line_of_the_readme_and_nothing_else(environment, server, database):
    environment.pip(*words_for_pip("README.rst"))
    done = environment.odoo(
        server, database, f"--init={MAIN}", f"--addons-path={paths.ROOT}", "--no-http"
    )
    with closing(server.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(STATE, [MAIN])
        assert cursor.fetchone() == ("installed",), done.stdout[-3000:]
    assert done.returncode == 0


def test_odoo_s_own_test_command_runs_the_tests_that_the_wheel_carries(
    environment, server, database, tmp_path
):
    """One class of them; all take minutes. They are the wheel's: the checkout is in no path."""
    environment.pip(f"{wheel.build(tmp_path)}[test]")
    done = environment.odoo(
        server,
        database,
        f"--update={MAIN}",
        f"--test-tags=/{MAIN}:TestConnect",
        f"--http-port={free_port()}",
    )
    found = RESULT.findall(done.stdout)
    assert len(found) == 1, done.stdout[-3000:]
    [(failed, errors, run)] = found
    assert (failed, errors) == ("0", "0"), done.stdout[-3000:]
    assert int(run) > 10
    assert done.returncode == 0
