"""Who imports whom: `make lint` refuses what design.md, section 2, does not allow."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from devtools import lint, paths

# contract → (file, the line that breaks it)
TRESPASSES = {
    "plain": ("icloud_calendar_sync/ical/text.py", "import odoo"),
    "plain-rooms": ("icloud_calendar_sync/ical/lines.py", "from ..icloud import errors"),
    "sync-does-not-decide": ("icloud_calendar_sync/sync/push.py", "from ..scheduling import slots"),
    "client": ("icloud_calendar_sync/icloud/discovery.py", "import requests"),
    "models-rooms": (
        "icloud_calendar_sync/models/planning/minutes.py",
        "from ..booking import icloud_booking",
    ),
    "models-icloud": (
        "icloud_calendar_sync/models/calendar/quiet.py",
        "from ..icloud import icloud_event",
    ),
    "models-offer": (
        "icloud_calendar_sync/models/offer/icloud_booking_host.py",
        "from ..booking import icloud_booking",
    ),
    "pages": ("icloud_calendar_sync/controllers/lookup.py", "from .pages import offer_pages"),
    "guard": ("icloud_calendar_sync/guard/limits.py", "from ..models.planning import minutes"),
    "no-circles": ("devtools/local_icloud/messages.py", "from . import accounts"),
    "tools": ("devtools/machine/venv.py", "from devtools.local_icloud import cloud"),
}


@pytest.fixture
def tree(tmp_path) -> Path:
    for folder in ("icloud_calendar_sync", "devtools", "benchmarks"):
        sources = shutil.ignore_patterns("static", "i18n", "__pycache__", "*.lock")
        shutil.copytree(paths.ROOT / folder, tmp_path / folder, ignore=sources)
    shutil.copy(paths.ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken(tree: Path) -> set[str]:
    """Which contracts do not hold there."""
    done = subprocess.run(
        [paths.VENV / "bin" / "lint-imports", "--no-logo", "--no-cache"],
        cwd=tree,
        env={**os.environ, "COLUMNS": "300"},  # a line for each
        text=True,
        capture_output=True,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert re.search(r"^Contracts: \d+ kept, \d+ broken", done.stdout, re.MULTILINE), done.stderr
    return {
        each
        for each, name in contracts().items()
        if re.search(rf"^{re.escape(name)} *BROKEN", done.stdout, re.MULTILINE)
    }


def contracts() -> dict[str, str]:
    """Identifier → name."""
    tables = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return {table["id"]: table["name"] for table in tables["contracts"]}


def test_every_contract_is_broken_by_a_line_that_breaks_it(tree):
    assert broken(tree) == set()
    for file, line in TRESPASSES.values():
        with (tree / file).open("a") as source:
            source.write(f"\n{line}\n")
    assert broken(tree) == set(contracts()) == set(TRESPASSES)


def test_lint_and_so_ci_keeps_them():
    assert lint.checks()["imports"][0] == "lint-imports"
    assert "make lint" in (paths.ROOT / ".ci" / "run").read_text()


def test_pre_commit_runs_what_lint_runs():
    hooks = (paths.ROOT / ".pre-commit-config.yaml").read_text()
    run = re.findall(r"-m devtools\.lint (.+)$", hooks, re.MULTILINE)
    assert [name.strip('"') for name in run] == list(lint.checks())
