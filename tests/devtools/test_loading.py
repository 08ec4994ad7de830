"""What Odoo's own test command finds of ours: its loader, in a process of its own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from devtools import paths

LOADED = """
import json, sys
import odoo
from odoo.tools import config
config.parse_config(["--no-http", f"--addons-path={sys.argv[1]}"], setup_logging=False)
from odoo.tests.loader import get_module_test_cases, get_test_modules
found = {
    addon: {
        module.__file__: len(list(get_module_test_cases(module)))
        for module in get_test_modules(addon)
    }
    for addon in sys.argv[2:]
}
print(json.dumps(found))
"""


def load(addons_path: Path, *addons: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-P", "-c", LOADED, addons_path, *addons], text=True, capture_output=True
    )


def test_each_test_of_the_models_belongs_to_one_addon_of_a_checkout():
    done = load(paths.ROOT, *(addon.name for addon in paths.addons()))
    found = json.loads(done.stdout)
    files = sorted((paths.ROOT / "tests" / "models").rglob("test_*.py"))
    loaded = [Path(file) for tests in found.values() for file in tests]
    assert sorted(loaded) == files
    for name in ("google", "microsoft"):
        [file] = found[f"icloud_calendar_sync_{name}"]
        assert f"/models/{name}/" in file
    assert all(count for tests in found.values() for count in tests.values())


def test_a_copied_folder_says_where_the_tests_are(tmp_path):
    shutil.copytree(paths.ADDON, tmp_path / paths.ADDON.name)
    done = load(tmp_path, paths.ADDON.name)
    assert done.returncode
    assert (
        "The tests of the models are not here: a copied folder of the addon has none" in done.stderr
    )
