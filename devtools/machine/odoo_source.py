"""Finds Odoo 19: the one that ODOO_HOME names, or one fetched into the cache.

Standard library only.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path

from devtools import paths
from devtools.machine import apt
from devtools.steps import SetupError, built_whole, exclusive, run, step

REPOSITORY = "https://github.com/odoo/odoo.git"
BRANCH = "19.0"

# Odoo's static files are links to files of these packages. Unstable's Font Awesome has other file
# names than Odoo expects; the one of Debian 12 and 13 fits.
FROM_UNSTABLE = (
    "odoo-19",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
FROM_OWN_SUITE = ("fonts-font-awesome", "fonts-inconsolata")

# Debian left this file out, but the backend's asset bundle names it, so each page of the backend
# would log an error, and Odoo's browser tests take any logged error for a failure.
MISSING_SCRIPT = Path("addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js")


def find() -> Path:
    """The folder that holds the package `odoo`, fetched if ODOO_HOME and the cache have none."""
    home = os.environ.get("ODOO_HOME")
    if home:
        return _checked(Path(home).expanduser().resolve())
    target = paths.cache() / "odoo-19"
    with exclusive(paths.cache() / "odoo-19.lock", "another download of Odoo"):
        if not target.exists():
            with step("Odoo 19 fetched, once for this machine"), built_whole(target) as folder:
                _fetch(folder)
    found = _package_parent(target)
    if found is None:
        raise SetupError(f"{target} holds no Odoo: delete it and try again")
    return found


def _package_parent(home: Path) -> Path | None:
    places = [home, home / "usr/lib/python3/dist-packages", *home.glob("lib/python3*/*-packages")]
    if home.name == "odoo":
        places.append(home.parent)
    return next((place for place in places if (place / "odoo" / "release.py").exists()), None)


def _checked(home: Path) -> Path:
    found = _package_parent(home)
    if found is None:
        raise SetupError(f"ODOO_HOME={home} holds no package `odoo`")
    release = (found / "odoo" / "release.py").read_text()
    version = re.search(r"^version_info = \((\d+), (\d+),", release, re.MULTILINE)
    if version is None or version.groups() != ("19", "0"):
        number = ".".join(version.groups()) if version else "of an unknown version"
        raise SetupError(f"ODOO_HOME={home} is Odoo {number}; Odoo 19.0 is needed")
    return found


def _fetch(folder: Path) -> None:
    try:
        _fetch_from_debian(folder)
    except SetupError as debian:
        shutil.rmtree(folder)
        try:
            run(["git", "clone", "--quiet", "--depth=1", f"--branch={BRANCH}", REPOSITORY, folder])
        except SetupError as git:
            raise SetupError(
                "Odoo 19 could not be fetched. If you have it, name its folder in ODOO_HOME.\n"
                f"From Debian unstable: {debian}\nBy git: {git}"
            ) from git


def _fetch_from_debian(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as state:
        source = apt.PrivateApt(Path(state), unstable=True)
        names = [f"{name}/sid" for name in FROM_UNSTABLE]
        names += [f"{name}/{source.suite}" for name in FROM_OWN_SUITE]
        apt.extract(source.download(*names), folder)
    package = folder / "usr/lib/python3/dist-packages/odoo"
    script = package / MISSING_SCRIPT
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text("// Not in Debian's package; empty so that the asset bundle finds it.\n")
