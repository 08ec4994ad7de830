"""A Python environment made from nothing: what Odoo 19 itself needs, and what pip is told."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from odoo import release
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from devtools import paths
from devtools.machine import claims
from devtools.machine.postgres import Postgres

ODOO_SECTION = re.compile(r"^# --- Odoo 19$(.*?)^# ---", re.MULTILINE | re.DOTALL)


def needs_of_odoo() -> list[str]:
    """The distributions that an Odoo 19 brings along, whoever installed it."""
    [section] = ODOO_SECTION.findall((paths.ROOT / "devtools" / "requirements.in").read_text())
    lines = [line for line in section.splitlines() if line and not line.startswith("#")]
    return [Requirement(line).name for line in lines]


class Environment:
    """Odoo's needs are linked from our own environment; all else comes by pip, from the index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        [self.site] = folder.glob("lib/python3*/site-packages")
        for distribution in _with_their_needs(needs_of_odoo()):
            _link(distribution, self.site)

    def pip(self, *words: str | Path) -> None:
        """`pip install` with these words, as somebody types them."""
        command = [self.folder / "bin" / "pip", "install", "--quiet", *words]
        subprocess.run(command, check=True, env=_without_our_paths())

    def odoo(self, server: Postgres, database: str, *words: str) -> subprocess.CompletedProcess:
        """Run Odoo there until it has installed or updated; what it printed is in `stdout`."""
        config = claims.config(database)
        config.write_text(f"[options]\ndata_dir = {paths.ODOO_DATA}\n")
        options = [f"--database={database}", "--stop-after-init", "--http-interface=127.0.0.1"]
        return subprocess.run(
            [self.folder / "bin" / "python", "-P", "-m", "odoo", *options, *words],
            cwd=self.folder,
            env={
                **_without_our_paths(),
                **server.environment(),
                "ODOO_RC": str(config),
                "PYTHONPATH": str(Path(release.__file__).parent.parent),
            },
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


def _without_our_paths() -> dict[str, str]:
    ours = {"PYTHONPATH", "VIRTUAL_ENV", "ODOO_RC"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    places = [place for place in kept["PATH"].split(os.pathsep) if str(paths.VENV) not in place]
    return {**kept, "PATH": os.pathsep.join(places)}


def _with_their_needs(names: Sequence[str]) -> Iterator[metadata.Distribution]:
    waiting, seen = list(names), set()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        distribution = metadata.distribution(name)
        yield distribution
        requirements = map(Requirement, distribution.requires or ())
        waiting += [each.name for each in requirements if _applies(each)]


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _link(distribution: metadata.Distribution, site: Path) -> None:
    for file in distribution.files:
        target = site / file
        if ".." in file.parts or target.suffix == ".pyc":
            continue  # a program, which nobody calls here
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(distribution.locate_file(file), target)
