"""Databases ready for use: templates, built once per state of the sources, and their copies."""

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import psycopg2
from odoo import release
from psycopg2 import sql

from devtools import paths
from devtools.machine import claims, odoo_run
from devtools.machine.postgres import Postgres
from devtools.steps import SetupError, exclusive, step

BASE_MODULES = ("calendar", "portal", "resource")
# Folders of an addon that no database depends on.
WITHOUT_EFFECT = {
    "controllers",
    "ical",
    "icloud",
    "scheduling",
    "static",
    "sync",
    "tests",
    "__pycache__",
}


class Databases:
    """The databases of one server."""

    def __init__(self, postgres: Postgres) -> None:
        self.postgres = postgres

    def template(self, name: str, modules: Sequence[str], *, demo: bool = False) -> str:
        """The name of a database with `modules` installed, built unless these sources have one.

        `name` tells templates apart: an older one of the same name is dropped.
        """
        with exclusive(paths.DEV / "templates.lock", "another process that builds templates"):
            base = self._built(f"base{'_demo' * demo}", _odoo_digest(), BASE_MODULES, demo, None)
            if set(modules) <= set(BASE_MODULES):
                return base
            wanted = _digest([base, *sorted(modules), *addon_sources()])
            return self._built(name, wanted, modules, demo, base)

    def _built(
        self, name: str, digest: str, modules: Sequence[str], demo: bool, base: str | None
    ) -> str:
        # A database's files are in the checkout: on a shared server each has its own templates.
        family = f"icloud_{_digest([str(paths.ROOT)])}_{name}_"
        target, partial = f"{family}{digest}", f"{family}partial"
        if target in self.names() and _filestore(target).exists():
            return target
        for old in self.names():
            if old == partial or (old.startswith(family) and len(old) == len(target)):
                self.drop(old)
        with step(f"database template {name}: {', '.join(modules)}"):
            if base:
                self.copy(base, partial)
            self._install(partial, modules, demo)
            self._rename(partial, target)
        return target

    def _install(self, database: str, modules: Sequence[str], demo: bool) -> None:
        log = paths.LOGS / f"install-{database}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        options = [f"--database={database}", f"--init={','.join(modules)}", f"--logfile={log}"]
        options += ["--stop-after-init", "--no-http", "--with-demo" if demo else "--without-demo"]
        config = odoo_run.write_config(self.postgres)
        with log.open("w") as output:  # what Odoo says before it logs
            done = subprocess.run(
                [*odoo_run.COMMAND, *options],
                env=odoo_run.environment(self.postgres, config),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        missing = set(modules) - self._installed(database)
        if done.returncode or missing:
            raise SetupError(f"Odoo could not install {', '.join(modules)}: see {log}")

    def _installed(self, database: str) -> set[str]:
        if database not in self.names():
            return set()
        try:
            rows = self._rows(
                "SELECT name FROM ir_module_module WHERE state = 'installed'", database
            )
        except psycopg2.errors.UndefinedTable:
            return set()
        return {name for (name,) in rows}

    def names(self) -> set[str]:
        """The names of all databases."""
        return {name for (name,) in self._rows("SELECT datname FROM pg_database")}

    def copy(self, template: str, new: str) -> None:
        """Make `new` a copy of `template`, with its files; an older `new` is dropped."""
        self.drop(new)
        self._disconnect(template)
        self._execute("CREATE DATABASE {} TEMPLATE {}", new, template)
        source, target = _filestore(template), _filestore(new)
        if source.exists():
            # Odoo never changes a stored file, it only adds and deletes: links do.
            shutil.copytree(source, target, copy_function=os.link)

    @contextlib.contextmanager
    def lent(self, template: str, name: str) -> Iterator[str]:
        """A copy of `template` for the length of a block; yields its name.

        What earlier owners left because they were killed goes first.
        """
        self.clear()
        with claims.held(name):
            self.copy(template, name)
            try:
                yield name
            finally:
                self.drop(name)

    def clear(self) -> None:
        """End servers and drop databases whose owners were killed."""
        with claims.abandoned() as names:
            for name in names:
                claims.end_processes(name)
                self.drop(name)

    def drop(self, name: str) -> None:
        """Delete a database and its files, also one in use; one that is not there is fine."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        shutil.rmtree(_filestore(name), ignore_errors=True)

    def _rename(self, old: str, new: str) -> None:
        self._disconnect(old)
        shutil.rmtree(_filestore(new), ignore_errors=True)
        if _filestore(old).exists():
            _filestore(old).rename(_filestore(new))
        self._execute("ALTER DATABASE {} RENAME TO {}", old, new)

    def _disconnect(self, name: str) -> None:
        # PostgreSQL copies and renames only what nobody is connected to.
        # Autovacuum gets out of the way by itself, and may not be ended by us.
        self._rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            name=name,
        )

    def _execute(self, statement: str, *identifiers: str) -> None:
        with closing(self.postgres.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, identifiers)))

    def _rows(
        self, query: str, database: str = "postgres", *, name: str | None = None
    ) -> list[tuple]:
        with closing(self.postgres.connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute(query, None if name is None else (name,))
            return cursor.fetchall()


def _filestore(database: str) -> Path:
    return paths.ODOO_DATA / "filestore" / database


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _odoo_digest() -> str:
    source = Path(release.__file__)
    return _digest([release.version, str(source), str(source.stat().st_mtime_ns)])


def addon_sources() -> Iterator[str]:
    """Names and contents of the files of our addons that shape a database."""
    for addon in paths.addons():
        for path in sorted(addon.rglob("*")):
            within = path.relative_to(addon)
            if path.is_file() and within.parts[0] not in WITHOUT_EFFECT and path.suffix != ".pyc":
                yield f"{addon.name}/{within}"
                yield hashlib.sha256(path.read_bytes()).hexdigest()
