"""`make faults`: the matrix, by some processes side by side; exits non-zero if a cell is red.

FAULTS chooses cells by what their names hold ("operation / fault / flavour"), several separated by
semicolons, and leaves out what stands behind a minus; FAULTS_SAMPLE=2 takes two operations of each
fault, FAULTS_SAMPLE=test those of the tests; FAULTS_PROCESSES says how many processes there are (2
unless told).
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from devtools import paths
from devtools.machine import postgres
from devtools.machine.parent import end_with_make
from devtools.steps import SetupError
from tests.faults.matrix import table
from tests.faults.matrix.chosen import representative
from tests.faults.matrix.runner import ALL, Name, Outcome, names, run
from tests.faults.matrix.world import opened

PART = "--part"


def chosen() -> list[Name]:
    """The cells that FAULTS names, or all."""
    words = [each.strip().lower() for each in os.environ.get("FAULTS", "").split(";")]
    wanted = [word for word in words if word and not word.startswith("-")]
    unwanted = [word[1:] for word in words if word.startswith("-")]
    sample = os.environ.get("FAULTS_SAMPLE", "0")
    return [
        name
        for name in (representative() if sample == "test" else names(int(sample)))
        if not wanted or _holds(name, wanted)
        if not _holds(name, unwanted)
    ]


def _holds(name: Name, words: Sequence[str]) -> bool:
    return any(word in str(name).lower() for word in words)


def run_part(number: int, count: int) -> None:
    """Every count-th trouble, in this process; each outcome is a line of JSON on stdout."""
    troubles = list(ALL)[number::count]
    mine = [name for name in chosen() if name.trouble in troubles]
    with opened(f"icloud_test_matrix_{os.getppid()}_{number}") as world:
        for outcome in run(world, mine):
            print(json.dumps([*outcome.name, outcome.met, outcome.wrong]), flush=True)


def outcomes(count: int) -> Iterator[Outcome]:
    """Those of all parts, each in a process of its own, as they come."""
    with ExitStack() as stack:
        parts = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.faults.matrix", PART, str(number), str(count)],
                cwd=paths.ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(count)
        ]
        for part in parts:
            stack.callback(part.wait)
            stack.callback(part.terminate)
        for part in parts:
            for line in part.stdout:
                if not line.startswith("["):  # what the machinery says of its steps
                    sys.stderr.write(line)
                    continue
                *name, met, wrong = json.loads(line)
                yield Outcome(Name(*name), met, wrong)
            if part.wait():
                raise SetupError(f"a part of the matrix ended with {part.returncode}")


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == [PART]:
        end_with_make()
        run_part(*map(int, arguments[1:]))
        return 0
    count = int(os.environ.get("FAULTS_PROCESSES", "2"))
    found = []
    try:
        with postgres.start():
            for outcome in outcomes(count):
                found.append(outcome)
                if outcome.wrong:
                    print(f"✗ {outcome.name}: {'; '.join(outcome.wrong)}", flush=True)
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    print(*table.lines(found), sep="\n")
    return 1 if not found or any(outcome.wrong for outcome in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
