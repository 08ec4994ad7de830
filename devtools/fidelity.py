"""How close the local iCloud is to the real one: `python -m devtools.fidelity`.

caldav-server-tester probes the local iCloud; caldav's profile of the real service, probed by its
authors, is set beside it. Both live in an environment of their own (devtools/fidelity.in).
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from devtools import paths
from devtools.local_icloud import LocalICloud
from devtools.steps import SetupError, exclusive, run, step, write_whole

VENV = paths.DEV / "fidelity-venv"
PYTHON = VENV / "bin" / "python"
LOCK_FILE = paths.ROOT / "devtools" / "fidelity.lock"
STAMP = VENV / "lock.stamp"
LOG = paths.LOGS / "fidelity.log"

LEAST = 15  # features that must match
EMAIL, PASSWORD = "fidelity@example.com", "abcd-efgh-ijkl-mnop"


def prepare() -> None:
    """Make the environment unless it is whole and of this lock file."""
    wanted = hashlib.sha256(f"{sys.version}\n{VENV}\n".encode() + LOCK_FILE.read_bytes())
    with exclusive(paths.DEV / "fidelity-venv.lock", "another measurement"):
        if STAMP.exists() and STAMP.read_text() == wanted.hexdigest():
            return
        shutil.rmtree(VENV, ignore_errors=True)
        with step("environment of devtools/fidelity.lock"):
            run([sys.executable, "-m", "venv", VENV])
            pip = [PYTHON, "-m", "pip", "install", "--quiet"]
            run([*pip, "--require-hashes", "-r", LOCK_FILE])
        write_whole(STAMP, wanted.hexdigest())


def probe() -> str:
    """The tester's report on the local iCloud; its own messages go to the log."""
    with LocalICloud({EMAIL: PASSWORD}) as cloud:
        options = {"url": cloud.url, "username": EMAIL, "password": PASSWORD}
        command = [VENV / "bin" / "caldav-server-tester", "--format", "hints"]
        for name, value in options.items():
            command += [f"--caldav-{name}", value]
        return _output(command)


def compare(report: str) -> list[dict]:
    """The rows of fidelity_profile.py."""
    script = Path(__file__).with_name("fidelity_profile.py")
    return json.loads(_output([PYTHON, script], report))


def _output(command: list, given: str = "") -> str:
    LOG.parent.mkdir(parents=True, exist_ok=True)
    # A proxy of the user's must not come between two ends of this machine.
    environment = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
    with LOG.open("a") as log:
        done = subprocess.run(
            command, input=given, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
        )
    if done.returncode:
        raise SetupError(f"{command[0]} failed; see {LOG.relative_to(paths.ROOT)}")
    return done.stdout


def show(rows: list[dict]) -> int:
    """Print the rows; the number of features that the profile states and ours matches."""
    stated = [row for row in rows if row["stated"]]
    matching = [row for row in stated if row["real"] == row["ours"]]
    print(f"\n  {'feature':42} {'iCloud':12} local")
    for row in stated:
        mark = "✓" if row in matching else "✗"
        print(f"{mark} {row['name']:42} {row['real']:12} {row['ours']}")
    print(f"\n{len(matching)} of {len(stated)} features match caldav's profile of iCloud")
    others = [row for row in rows if not row["stated"] and row["real"] != row["ours"]]
    seen = [row for row in others if row["ours"] != "unknown"]
    untested = len(others) - len(seen)
    print(f"\nNot stated by the profile, so presumably as the standard says ({untested} untested):")
    for row in seen:
        print(f"· {row['name']:42} {row['real']:12} {row['ours']}")
    return len(matching)


def main() -> int:
    try:
        prepare()
        with step("caldav-server-tester against the local iCloud"):
            report = probe()
        matching = show(compare(report))
    except SetupError as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if matching >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
