"""Copies of databases, on a real server. (`make test-odoo` builds a template by Odoo.)"""

from contextlib import closing

import pytest

from devtools import paths
from devtools.machine import database, postgres
from devtools.machine.database import Databases


@pytest.fixture
def databases(own_folders):
    with postgres.start() as server:
        yield Databases(server)


@pytest.fixture
def original(databases):
    """A database with one row and one stored file."""
    with closing(databases.postgres.connect()) as connection:
        connection.cursor().execute("CREATE DATABASE original")
    with closing(databases.postgres.connect("original")) as connection:
        connection.cursor().execute("CREATE TABLE note AS SELECT 'hello' AS text")
    stored = paths.ODOO_DATA / "filestore" / "original" / "ab"
    stored.mkdir(parents=True)
    (stored / "abcd").write_text("content")
    return "original"


def notes(databases: Databases, name: str) -> list[tuple]:
    with closing(databases.postgres.connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT text FROM note")
        return cursor.fetchall()


def stored_file(name: str):
    return paths.ODOO_DATA / "filestore" / name / "ab" / "abcd"


def test_a_copy_has_the_rows_and_the_files(databases, original):
    databases.copy(original, "copy")
    assert notes(databases, "copy") == [("hello",)]
    assert stored_file("copy").read_text() == "content"


def test_a_copy_is_made_even_while_somebody_is_connected_to_the_original(databases, original):
    with closing(databases.postgres.connect(original)):
        databases.copy(original, "copy")
    assert notes(databases, "copy") == [("hello",)]


def test_what_happens_to_a_copy_does_not_reach_the_original(databases, original):
    databases.copy(original, "copy")
    with closing(databases.postgres.connect("copy")) as connection:
        connection.cursor().execute("DELETE FROM note")
    databases.drop("copy")
    assert notes(databases, original) == [("hello",)]
    assert stored_file(original).exists()


def test_a_dropped_database_leaves_nothing_even_if_it_was_in_use(databases, original):
    with closing(databases.postgres.connect(original)):
        databases.drop(original)
    assert original not in databases.names()
    assert not stored_file(original).exists()


def test_dropping_a_database_that_is_not_there_is_fine(databases):
    databases.drop("never_made")


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ("models/thing.py", True),
        ("views/thing.xml", True),
        ("__manifest__.py", True),
        ("static/src/thing.js", False),
        ("controllers/main.py", False),
        ("models/__pycache__/thing.pyc", False),
    ],
)
def test_a_template_is_built_anew_when_what_shapes_it_changed(
    tmp_path, monkeypatch, changed, counts
):
    addon = tmp_path / "icloud_calendar_sync"
    for name in ("__manifest__.py", changed):
        (addon / name).parent.mkdir(parents=True, exist_ok=True)
        (addon / name).write_text("{}")
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    before = list(database.addon_sources())
    (addon / changed).write_text("{'changed': 1}")
    assert (list(database.addon_sources()) != before) is counts
