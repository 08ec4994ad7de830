"""Builds the wheel `odoo-addon-icloud-calendar-sync`: our addons below odoo/addons/.

Odoo itself is on no Python index, so the wheel does not require it: install it beside Odoo 19,
which then finds the addons with no addons_path entry. All that describes it is in the manifest.
"""

import ast
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).resolve().parent
MAIN = "icloud_calendar_sync"
FILE_TYPES = {".py", ".xml", ".csv", ".js", ".scss", ".css", ".png", ".svg", ".jpg", ".po", ".pot"}
FILE_TYPES |= {".html", ".sql", ".rst", ".md", ".ics"}
TEST_PACKAGES = ["radicale>=3.5", "hypothesis"]


def addons() -> list[Path]:
    return sorted(manifest.parent for manifest in HERE.glob(f"{MAIN}*/__manifest__.py"))


def shared() -> dict[str, str]:
    """The tests of the models and what they stand on: package below the addon's tests → folder."""
    places = ["tests/models", "devtools/local_icloud"]
    folders = [path for place in places for path in (HERE / place).rglob("*") if path.is_dir()]
    kept = [path for path in folders if path.name.isidentifier() and path.name != "__pycache__"]
    places += [str(path.relative_to(HERE)) for path in kept]
    home = f"odoo.addons.{MAIN}.tests.repository."
    return {home + place.replace("/", "."): place for place in sorted(places)}


def packages(addon: Path) -> list[str]:
    """Every folder of the addon as a package: Odoo's data folders hold no __init__.py."""
    folders = [addon, *(path for path in addon.rglob("*") if path.is_dir())]
    places = [path.relative_to(HERE).parts for path in folders]
    # Identifiers only: no cache of a tool, be it called __pycache__ or .cache.
    kept = [parts for parts in places if all(map(str.isidentifier, parts))]
    return [".".join(("odoo", "addons", *parts)) for parts in kept if parts[-1] != "__pycache__"]


manifest = ast.literal_eval((HERE / MAIN / "__manifest__.py").read_text())
names = [name for addon in addons() for name in packages(addon)]
folders = {name: name.removeprefix("odoo.addons.").replace(".", "/") for name in names} | shared()
readme = HERE / "README.rst"

setup(
    name=f"odoo-addon-{MAIN.replace('_', '-')}",
    version=manifest["version"],
    description=manifest["summary"],
    long_description=readme.read_text() if readme.exists() else manifest["summary"],
    long_description_content_type="text/x-rst",
    author=manifest["author"],
    license=manifest["license"],
    python_requires=">=3.11",
    install_requires=manifest["external_dependencies"]["python"],
    # What Odoo's own test command needs besides, to run the tests that the wheel carries.
    extras_require={"test": TEST_PACKAGES},
    license_files=["LICENSE"],
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "Programming Language :: Python",
    ],
    packages=list(folders),
    package_dir=folders,
    # A version is no identifier: migration scripts lie in folders that are no packages.
    package_data={"": [*(f"*{ending}" for ending in FILE_TYPES), "[0-9]*.[0-9]*/*.py"]},
    include_package_data=False,
    zip_safe=False,
)
