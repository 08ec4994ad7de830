"""The set-up, as a developer with a clean or a half-made checkout sees it."""

import os
import subprocess
from pathlib import Path

import pytest

from devtools import paths, steps
from devtools.machine import odoo_source
from devtools.steps import SetupError


def odoo_tree(folder: Path, version: str) -> Path:
    (folder / "odoo").mkdir(parents=True)
    (folder / "odoo" / "release.py").write_text(f"version_info = ({version}, FINAL, 0, '')\n")
    return folder


def test_a_set_up_checkout_is_left_alone_without_a_word():
    done = subprocess.run(
        [paths.ROOT / "devtools" / "setup"], text=True, capture_output=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_a_python_that_is_too_old_says_what_is_needed(tmp_path):
    """`python3` here is a stand-in that fails the version probe, and no other Python is on PATH."""
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    script = (paths.ROOT / "devtools" / "setup").read_text()
    program = f"import sys; sys.executable = {str(old)!r}; exec({script!r})"
    done = subprocess.run(
        [paths.PYTHON, "-c", program], env={"PATH": str(tmp_path)}, text=True, capture_output=True
    )
    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 with its venv module is needed" in done.stderr


def test_odoo_home_may_be_a_source_tree(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(odoo_tree(tmp_path, "19, 0, 0")))
    assert odoo_source.find() == tmp_path


@pytest.mark.parametrize(
    "inside", ["usr/lib/python3/dist-packages", "lib/python3.12/site-packages"]
)
def test_odoo_home_may_be_a_prefix(tmp_path, monkeypatch, inside):
    odoo_tree(tmp_path / inside, "19, 0, 0")
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    assert odoo_source.find() == tmp_path / inside


def test_another_odoo_is_refused_by_its_number(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(odoo_tree(tmp_path, "18, 0, 0")))
    with pytest.raises(SetupError, match=r"is Odoo 18.0; Odoo 19.0 is needed"):
        odoo_source.find()


def test_a_folder_without_odoo_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(SetupError, match="holds no package"):
        odoo_source.find()


def test_without_apt_and_git_the_message_says_what_helps(tmp_path, monkeypatch):
    monkeypatch.delenv("ODOO_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="ODOO_HOME"):
        odoo_source.find()
    assert not (paths.cache() / "odoo-19").exists()


def test_without_apt_odoo_is_cloned_by_git(tmp_path, monkeypatch):
    """`git` here is a stand-in that makes the tree which a clone would bring."""
    git = tmp_path / "git"
    lines = [
        "#!/bin/sh",
        'for folder; do :; done; echo "$@" > "$folder.words"',
        '/bin/mkdir -p "$folder/odoo"',
        'echo "version_info = (19, 0, 0)" > "$folder/odoo/release.py"',
    ]
    git.write_text("\n".join(lines))
    git.chmod(0o755)
    monkeypatch.delenv("ODOO_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert odoo_source.find() == paths.cache() / "odoo-19"
    assert "--depth=1 --branch=19.0" in (paths.cache() / "odoo-19.partial.words").read_text()


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "made"

    def half() -> None:
        with steps.built_whole(target) as folder:
            (folder / "half").touch()
            raise SetupError("the network went away")

    with pytest.raises(SetupError):
        half()
    assert not target.exists()
    with steps.built_whole(target) as folder:
        (folder / "whole").touch()
    assert os.listdir(target) == ["whole"]


def test_only_one_set_up_at_a_time_holds_the_lock(tmp_path):
    lock = tmp_path / "lock"
    another = ["flock", "--nonblock", lock, "true"]
    with steps.exclusive(lock):
        assert subprocess.run(another).returncode == 1
    assert subprocess.run(another).returncode == 0


def test_a_failed_command_says_how_it_failed():
    with pytest.raises(SetupError, match=r"exit code 3:[\s\S]*no such suite"):
        steps.run(["sh", "-c", "echo no such suite; exit 3"])
