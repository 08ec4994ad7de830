"""Folders and a database server of one's own, so that no test touches those of the checkout."""

import shutil
import tempfile
from pathlib import Path

import pytest

from devtools import paths


@pytest.fixture
def own_folders(monkeypatch: pytest.MonkeyPatch):
    """A fresh folder, which anybody may enter, for all that is else made inside the checkout."""
    monkeypatch.delenv("PGHOST", raising=False)
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    monkeypatch.setattr(paths, "DEV", folder)
    monkeypatch.setattr(paths, "ODOO_DATA", folder / "odoo-data")
    yield folder
    for elsewhere in folder.rglob("pgdata-elsewhere"):
        shutil.rmtree(elsewhere.readlink())
    shutil.rmtree(folder)
