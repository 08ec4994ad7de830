"""Some random histories, always the same; the long run is `make histories`."""

import os
import subprocess
import sys

from devtools import paths

COUNT, SEED = 50, 19


def test_whatever_happens_nothing_is_lost_doubled_or_deleted():
    command = [sys.executable, "-m", "tests.histories", "--lanes", "1"]
    command += ["--count", str(COUNT), "--seed", str(SEED)]
    done = subprocess.run(
        command, cwd=paths.ROOT, env=os.environ, stdout=subprocess.PIPE, text=True
    )
    assert done.returncode == 0, done.stdout
    # A machine that breaks no worker and meets no fault would prove nothing.
    found = {name: int(count) for count, name in _pairs(done.stdout.splitlines()[-1])}
    assert found["histories"] >= COUNT, done.stdout
    assert min(found["kills"], found["faults"]) >= COUNT // 4, done.stdout


def _pairs(line: str) -> list[tuple[str, str]]:
    return [tuple(part.split(" ", 1)) for part in line.rpartition(" in ")[0].split(", ")]
