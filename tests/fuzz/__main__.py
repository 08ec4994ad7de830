"""Fuzz what reads files and answers: `make fuzz SECONDS=3600`, or `TARGETS="read parse"`.

Guided by coverage (atheris), in an environment of its own. What it learned stays in .dev/fuzz and
is where the next run begins; what broke is written there too, and the command fails.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import tests.conftest  # noqa: F401 (lets the plain rooms be imported without Odoo)
from devtools import paths
from devtools.machine.own_venv import own_venv
from devtools.steps import SetupError, step, write_whole
from tests.fuzz import seeds
from tests.fuzz.targets import TARGETS

LOCK_FILE = Path(__file__).parent / "atheris.lock"
FOLDER = paths.DEV / "fuzz"
MEGABYTES = 700
# Of the wall: others may be at work. Of the processor it is MOST_SECONDS.
MOST_SECONDS = 60


def fetch() -> Path:
    """The fuzzer's own Python; made unless it is there."""
    folder = own_venv("atheris", "the fuzzer, atheris", LOCK_FILE)
    # What our own code needs is taken from the environment that there is.
    (site,) = folder.glob("lib/python3*/site-packages")
    (own,) = paths.VENV.glob("lib/python3*/site-packages")
    write_whole(site / "own.pth", f"{own}\n")
    return folder / "bin" / "python"


def fuzz(python: Path, name: str, seconds: int) -> tuple[int, list[Path]]:
    """How many inputs were tried, and those that broke it."""
    corpus, broken = FOLDER / name, FOLDER / f"{name}-broken"
    for folder in (corpus, broken):
        folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds.of_target(name)):
        if len(data) <= seeds.MOST_BYTES:
            (corpus / f"seed-{number:03}").write_bytes(data)
    words, log = FOLDER / f"{name}.dict", FOLDER / f"{name}.log"
    words.write_text(seeds.words_of_target(name))
    known = set(broken.iterdir())
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={MOST_SECONDS}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-max_len={seeds.MOST_BYTES}",
        f"-dict={words}",
        f"-artifact_prefix={broken}/",
        "-print_final_stats=1",
    ]
    with log.open("w") as output:
        subprocess.run(
            [python, "-m", "tests.fuzz.run", name, *options, corpus],
            cwd=paths.ROOT,
            stdout=output,
            stderr=output,
        )
    tried = re.findall(r"number_of_executed_units: (\d+)", log.read_text(errors="replace"))
    return int(tried[-1]) if tried else 0, sorted(set(broken.iterdir()) - known)


def results(seconds: int) -> Iterator[str]:
    """A line for each target; a broken one begins with ✗."""
    python = fetch()
    names = os.environ.get("TARGETS", "").split() or list(TARGETS)
    for name in names:
        with step(f"{name}, {seconds // len(names)} s"):
            tried, broken = fuzz(python, name, seconds // len(names))
        yield f"  {tried:,} inputs; {len(list((FOLDER / name).iterdir())):,} kept"
        if not tried:
            yield f"✗ {name}: nothing was tried, see {FOLDER / name}.log"
        for path in broken:
            yield f"✗ {name} broke: {path}"


def main() -> int:
    try:
        failed = 0
        for line in results(int(os.environ.get("SECONDS") or 60)):
            print(line, flush=True)
            failed += line.startswith("✗")
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
