"""The wheel, as somebody who installs it beside an Odoo 19 sees it."""

import ast
import email
import subprocess
import sys
import zipfile
from email.message import Message
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from devtools import paths, wheel

FOUND_BY_ODOO = """
import sys
import odoo.addons
from odoo.modules.module import Manifest
from odoo.tools import config
config.parse_config(["--no-http"], setup_logging=False)
assert not any(path in sys.argv[1] for path in config["addons_path"])
manifest = Manifest.for_addon(sys.argv[2])
manifest.check_manifest_dependencies()
print(manifest.path)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def names(built: Path) -> list[str]:
    return zipfile.ZipFile(built).namelist()


@pytest.fixture(scope="module")
def metadata(built: Path, names: list[str]) -> Message:
    (name,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(zipfile.ZipFile(built).read(name))


@pytest.fixture(scope="module")
def manifest() -> dict:
    return ast.literal_eval((paths.ADDON / "__manifest__.py").read_text())


def test_its_description_is_that_of_the_manifest(metadata, manifest):
    assert metadata["Name"] == "odoo-addon-icloud-calendar-sync"
    assert metadata["Version"] == manifest["version"]
    assert metadata["Summary"] == manifest["summary"]
    assert metadata["Author"] == manifest["author"]
    assert manifest["license"] in (metadata["License"], metadata["License-Expression"])


def test_it_requires_what_the_manifest_requires_and_no_odoo(metadata, manifest):
    required = {Requirement(text) for text in metadata.get_all("Requires-Dist")}
    for_tests = {each for each in required if each.marker}
    assert {each.name for each in for_tests} == {"radicale", "hypothesis"}
    named = set(map(Requirement, manifest["external_dependencies"]["python"]))
    assert required - for_tests == named


def test_it_holds_every_file_of_every_addon_and_the_tests_of_the_models(names):
    expected = {f"odoo/addons/{each}" for addon in paths.addons() for each in files(addon)}
    for place in wheel.SHARED:
        home = f"odoo/addons/{paths.ADDON.name}/tests/repository"
        expected |= {f"{home}/{each}" for each in files(paths.ROOT / place)}
    assert {name for name in names if not name.split("/")[0].endswith(".dist-info")} == expected


def files(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(paths.ROOT)) for path in found}


def test_it_holds_the_licence(built, names):
    (name,) = (name for name in names if name.endswith("/LICENSE"))
    licence = zipfile.ZipFile(built).read(name).decode()
    assert licence == (paths.ROOT / "LICENSE").read_text()
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in licence


def test_it_does_not_break_the_namespace_that_odoo_shares(names):
    assert not {"odoo/__init__.py", "odoo/addons/__init__.py"} & set(names)


def test_a_real_odoo_finds_the_installed_addon_without_an_addons_path(built, tmp_path):
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, f"--target={target}", built], check=True)
    for addon in paths.addons():
        found = subprocess.run(
            [sys.executable, "-P", "-c", FOUND_BY_ODOO, target, addon.name],
            env={"PYTHONPATH": str(target), "HOME": str(tmp_path)},
            check=True,
            text=True,
            capture_output=True,
        )
        assert found.stdout.strip() == str(target / "odoo" / "addons" / addon.name)
