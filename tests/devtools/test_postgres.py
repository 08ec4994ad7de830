"""The embedded database server, as the processes that share it see it."""

import shutil
import signal
import subprocess
import sys
from contextlib import closing

import psycopg2
import pytest

from devtools import paths
from devtools.demo import __main__ as demo
from devtools.machine import postgres
from devtools.ports import free_port
from devtools.steps import SetupError

HOLDER = """
import sys
from pathlib import Path
from devtools import paths
from devtools.demo import __main__ as demo
from devtools.machine import postgres
from devtools.ports import free_port
paths.DEV = Path(sys.argv[1])
handle = postgres.start()
print(handle.host, flush=True)
sys.stdin.read()
handle.stop()
"""


def answers(host: str) -> bool:
    try:
        psycopg2.connect(host=host, user="odoo", dbname="postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


@pytest.fixture
def holder(own_folders):
    """Another process that holds the server until its standard input is closed."""
    command = [sys.executable, "-c", HOLDER, str(own_folders)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=paths.ROOT, **pipes) as process:
        process.stdout.readline()
        yield process
        process.stdin.close()


def execute(server: postgres.Postgres, statement: str) -> None:
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_database_made_by_the_role_of_odoo_outlives_the_server(own_folders):
    with postgres.start() as server:
        execute(server, "CREATE DATABASE made_by_odoo")
    with postgres.start() as server:
        server.connect("made_by_odoo").close()


def test_the_role_of_odoo_is_no_superuser(own_folders):
    with postgres.start() as server, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        execute(server, "CREATE ROLE another")


def test_the_last_one_out_stops_the_server(own_folders):
    first = postgres.start()
    second = postgres.start()
    first.stop()
    assert answers(second.host)
    second.stop()
    assert not answers(second.host)


def test_another_process_keeps_the_server_running(holder):
    ours = postgres.start()
    ours.stop()
    assert answers(ours.host)
    holder.stdin.close()
    holder.wait()
    assert not answers(ours.host)


def test_a_killed_holder_leaves_a_server_that_the_next_one_uses_and_stops(holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with postgres.start() as server:
        assert answers(server.host)
    assert not answers(server.host)


def test_a_checkout_with_a_long_path_has_a_server_too(own_folders, monkeypatch):
    deep = own_folders / ("long-" * 20) / ("path-" * 20)
    deep.mkdir(parents=True)
    monkeypatch.setattr(paths, "DEV", deep)
    with postgres.start() as server:
        assert answers(server.host)
    shutil.rmtree(server.host)


def test_a_checkout_that_others_may_not_enter_has_a_server_too(own_folders):
    own_folders.chmod(0o700)
    with postgres.start() as server:
        assert answers(server.host)


def test_half_made_data_of_a_killed_first_start_is_made_anew(own_folders):
    half = own_folders / "pgdata.partial"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with postgres.start() as server:
        assert answers(server.host)


def test_a_server_named_by_pghost_is_used_and_never_stopped(own_folders, monkeypatch):
    with postgres.start() as embedded:
        for name, value in embedded.environment().items():
            monkeypatch.setenv(name, value)
        with postgres.start() as named:
            assert named.host == embedded.host
        assert answers(embedded.host)


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("no-such-host.invalid", "", "could not translate host name"),
        ("127.0.0.1", "1", "Connection refused"),
        ("127.0.0.1", "many", 'invalid integer value "many"'),
        ("127.0.0.1", "65536", "invalid port number"),
        ("/no/such/folder", "", "No such file or directory"),
    ],
)
def test_a_server_that_is_not_there_is_named_in_a_sentence(monkeypatch, host, port, reason):
    name_server(monkeypatch, PGHOST=host, PGPORT=port)
    with pytest.raises(SetupError) as error:
        postgres.start()
    text = str(error.value)
    assert text.startswith(f"PostgreSQL at {host}")
    assert reason in text
    assert "unset PGHOST to use the embedded one" in text
    assert "\n" not in text


def name_server(monkeypatch, **variables):
    for name in postgres.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        if value:
            monkeypatch.setenv(name, value)


def test_a_role_that_is_not_there_is_named(own_folders, monkeypatch):
    with postgres.start() as embedded:
        name_server(monkeypatch, **{**embedded.environment(), "PGUSER": "nobody_here"})
        with pytest.raises(SetupError, match='role "nobody_here" does not exist'):
            postgres.start()


def test_a_role_that_may_not_create_databases_is_told_so(own_folders, monkeypatch):
    with postgres.start() as embedded:
        administrator = postgres.Postgres(embedded.host, embedded.port, "postgres")
        execute(administrator, "CREATE ROLE reader LOGIN")
        name_server(monkeypatch, **{**embedded.environment(), "PGUSER": "reader"})
        with pytest.raises(SetupError, match="reader may not create databases"):
            postgres.start()


def test_a_wrong_server_ends_the_demo_in_words(monkeypatch, capsys):
    name_server(monkeypatch, PGHOST="127.0.0.1", PGPORT="1")
    monkeypatch.setattr(demo, "_stop_on_signals", lambda: None)  # these are pytest's
    assert demo.run(lambda _salon: 0, free_port()) == 1
    assert capsys.readouterr().err.startswith("The demo cannot run: PostgreSQL at 127.0.0.1:1")


def test_the_role_postgres_is_refused_because_odoo_refuses_it(monkeypatch):
    monkeypatch.setenv("PGHOST", "localhost")
    monkeypatch.setenv("PGUSER", "postgres")
    with pytest.raises(SetupError, match="role postgres"):
        postgres.start()
