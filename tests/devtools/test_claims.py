"""What killed owners leave, and that the next one clears it away."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from devtools import paths
from devtools.machine import claims, postgres
from devtools.machine.database import Databases
from devtools.steps import SetupError

# A stand-in for Odoo's process: of what an Odoo is, only its environment counts here.
OWNER = """
import subprocess, sys
from pathlib import Path
from devtools import paths
from devtools.machine import claims, postgres
from devtools.machine.database import Databases
paths.DEV = Path(sys.argv[1])
paths.ODOO_DATA = paths.DEV / "odoo-data"
databases = Databases(postgres.start())
with databases.lent("template0", "lent"), claims.held("lent-8069"):
    config = claims.config("lent-8069")
    config.touch()
    (claims.folder() / "lent.icloud").mkdir()
    options = {"env": {"ODOO_RC": str(config)}, "start_new_session": True}
    sleeper = subprocess.Popen(["sleep", "600"], **options)
    print(sleeper.pid, flush=True)
    sys.stdin.read()
    sleeper.kill()
"""


@pytest.fixture
def owner(own_folders):
    """Another process with a server and a database, and the process id of its server."""
    command = [sys.executable, "-c", OWNER, str(own_folders)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=paths.ROOT, **pipes) as process:
        yield process, psutil.Process(int(process.stdout.readline()))
        process.stdin.close()


def left(folder):
    return {path.name for path in (folder / "run").iterdir()} - {"claims.lock"}


def test_nothing_of_a_killed_owner_outlives_the_next_one(own_folders, owner):
    process, server = owner
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert server.is_running()
    with postgres.start() as cluster:
        databases = Databases(cluster)
        assert "lent" in databases.names()
        databases.clear()
        assert "lent" not in databases.names()
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    assert left(own_folders) == set()


def test_what_a_living_owner_has_is_left_alone(own_folders, owner):
    process, server = owner
    with postgres.start() as cluster:
        databases = Databases(cluster)
        databases.clear()
        assert "lent" in databases.names()
        assert server.is_running()
        with pytest.raises(SetupError, match="lent is in use by another run"), claims.held("lent"):
            pass
        process.stdin.close()
        process.wait()
        assert "lent" not in databases.names()
    assert left(own_folders) == set()


def test_a_failure_in_the_middle_leaves_nothing(own_folders):
    with postgres.start() as cluster:
        databases = Databases(cluster)
        with pytest.raises(KeyboardInterrupt), databases.lent("template0", "lent"):
            raise KeyboardInterrupt
        assert "lent" not in databases.names()
    assert left(own_folders) == set()


UNDER_MAKE = """
import os, time
from devtools.machine.parent import end_with_make
end_with_make()
print(os.getpid(), flush=True)
time.sleep(600)
"""


def test_a_command_ends_with_the_make_that_runs_it_even_if_that_is_killed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(UNDER_MAKE)
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"it:\n\t@{paths.PYTHON} {program}\n")
    make = subprocess.Popen(
        ["make", "--no-print-directory", "-f", makefile, "it"],
        text=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(paths.ROOT)},
    )
    command = psutil.Process(int(make.stdout.readline()))
    make.kill()
    make.wait()
    command.wait(60)
    make.stdout.close()
