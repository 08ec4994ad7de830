"""Finds the tests of the models, which live in the repository, and makes them tests of an addon.

Odoo runs the modules `test_*` that are attributes of `odoo.addons.<addon>.tests`, and takes the
addon's name from theirs (odoo/tests/loader.py, odoo/tests/common.py).
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
# In a wheel; in a checkout, also one that a link in the addons path leads to.
PLACES = (HERE / "repository", HERE.parent.parent)
# Packages whose names the tests import, and which no addons path has.
SHARED = ("tests", "devtools")
MISSING = (
    "The tests of the models are not here: a copied folder of the addon has none. They come with "
    "the wheel, and with a checkout whose folder is in addons_path (see docs/operating.md)."
)


def modules_of(
    package: str, *, only: str = "", without: tuple[str, ...] = ()
) -> dict[str, ModuleType]:
    """The test modules of an addon, by the names under which Odoo looks for them.

    :param package: the addon's `tests`, which becomes their parent
    :param only: the one room of tests/models that is the addon's; else all but those in `without`
    :raise ImportError: there are none
    """
    home = next((place for place in PLACES if (place / "tests" / "models").is_dir()), None)
    if home is None:
        raise ImportError(MISSING)
    _share(home)
    models = home / "tests" / "models"
    sys.modules[package].__path__.append(str(models))
    found = {}
    for path in sorted((models / only).rglob("test_*.py")):
        rooms = path.relative_to(models).with_suffix("").parts
        if rooms[0] not in without:
            name = "test_" + "_".join(rooms).replace("test_", "")
            found[name] = importlib.import_module(".".join((package, *rooms)))
    return found


def _share(home: Path) -> None:
    for name in SHARED:
        shared = sys.modules.setdefault(name, ModuleType(name))
        places = list(getattr(shared, "__path__", ()))
        # Another package of that name, as some have: ours is looked up in it first.
        shared.__path__ = [str(home / name), *places]
