"""Proves the histories: bugs of one line each, and every one must be caught.

`python -m tests.histories.seeded [what it is called …]`. Each runs in a process of its own with a
copy of the addon in which one line is another. bugs.toml holds them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from devtools import paths

ADDON = "icloud_calendar_sync"
LIST = Path(__file__).with_name("bugs.toml")
AT_ONCE = 2
SEED = 4000


@dataclass(frozen=True)
class Bug:
    """`line` stands once in `file` (spaces around it aside) and becomes `instead`.

    `faults`: iCloud misbehaves in these ways only, or not at all; `only`: these changes alone are
    made. Both only have it met sooner. `count`: so many histories may be needed.
    """

    name: str
    file: str
    line: str
    instead: str
    faults: str = "none"
    only: str = ""
    count: int = 100

    def planted(self, addon: Path) -> str:
        """The file with the bug in it.

        :raise LookupError: the line is not there, or more than once: the list has to be kept up
        """
        lines = (addon / self.file).read_text().splitlines(keepends=True)
        places = [place for place, line in enumerate(lines) if line.strip() == self.line.strip()]
        if len(places) != 1:
            raise LookupError(f"{self.name}: {len(places)} times in {self.file}: {self.line}")
        line = lines[places[0]]
        indent = line[: len(line) - len(line.lstrip())]
        lines[places[0]] = f"{indent}{self.instead.strip()}\n"
        return "".join(lines)


def bugs() -> list[Bug]:
    """All of the list."""
    return [Bug(**each) for each in tomllib.loads(LIST.read_text())["bug"]]


@dataclass(frozen=True)
class Outcome:
    """`caught`: what the machine said, or None where it noticed nothing."""

    bug: Bug
    caught: str | None
    histories: int

    def __str__(self) -> str:
        words = self.caught or "SURVIVES"
        return f"{self.bug.name:58} {self.histories:>4}  {words[:150]}"


def tried(bug: Bug) -> Outcome:
    """:raise LookupError: as `planted`"""
    with tempfile.TemporaryDirectory(prefix="seeded-") as folder:
        addon = Path(folder) / ADDON
        shutil.copytree(paths.ROOT / ADDON, addon, ignore=shutil.ignore_patterns("__pycache__"))
        text = bug.planted(addon)
        (addon / bug.file).write_text(text)
        said, histories = _lived(Path(folder), bug, bug.count)
    return Outcome(bug, said, histories)


def _lived(addons: Path, bug: Bug, count: int) -> tuple[str | None, int]:
    """What the first history that goes wrong says, and how many there were."""
    command = [sys.executable, "-m", "tests.histories", "--lanes", "1", "--first"]
    command += ["--count", str(count), "--seed", str(SEED)]
    command += ["--faults", bug.faults, "--only", bug.only, "--addons", str(addons)]
    done = subprocess.run(command, cwd=paths.ROOT, env=os.environ, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    said = [line.strip() for line in lines if line.lstrip().startswith("→")]
    if not lines or bool(done.returncode) != bool(said):
        raise RuntimeError(f"no history was lived\n{done.stdout}\n{done.stderr}")
    return (said[0] if said else None), int(lines[-1].partition(" ")[0])


def outcomes(chosen: Sequence[Bug]) -> Iterator[Outcome]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(tried, chosen)


def main(words: Sequence[str]) -> int:
    chosen = [bug for bug in bugs() if not words or any(word in bug.name for word in words)]
    for bug in chosen:
        bug.planted(paths.ROOT / ADDON)  # Loudly, and before an hour has gone by.
    survivors, needed = 0, {}
    for outcome in outcomes(chosen):
        survivors += outcome.caught is None
        bug = outcome.bug
        known = needed.get((bug.faults, bug.only))
        if not known or known.histories < outcome.histories:
            needed[bug.faults, bug.only] = outcome
        print(outcome, flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} bugs caught", flush=True)
    return 1 if survivors + _false_alarms([*needed.values()]) else 0


def _false_alarms(needed: Sequence[Outcome]) -> int:
    """What goes wrong without any bug in as many histories as the bugs needed."""
    wrong = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        lived = [pool.submit(_lived, paths.ROOT, each.bug, each.histories) for each in needed]
        for each, future in zip(needed, lived, strict=True):
            said, _histories = future.result()
            if said:
                wrong += 1
                print(f"without the bug, as for “{each.bug.name}”: {said[:300]}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
