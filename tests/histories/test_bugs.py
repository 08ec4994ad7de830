"""The list of seeded bugs is kept up; that each is caught is shown by `make seeded-bugs`."""

from devtools import paths
from tests.histories.seeded import ADDON, bugs


def test_each_seeded_bug_can_be_planted():
    addon = paths.ROOT / ADDON
    for bug in bugs():
        compile(bug.planted(addon), bug.file, "exec")


def test_there_are_many_and_no_two_are_one():
    lines = [(bug.file, bug.line.strip(), bug.instead.strip()) for bug in bugs()]
    assert len({*lines}) == len(lines) >= 30
    assert len({bug.name for bug in bugs()}) == len(lines)
