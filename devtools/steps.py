"""Steps of the set-up: their progress, their locks, their plain failures. Standard library only."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any


class SetupError(Exception):
    """What is missing and what helps, in plain words."""


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Say what begins, and how many seconds it took."""
    print(f"… {what}", flush=True)
    begin = time.monotonic()
    yield
    print(f"✓ {what} ({time.monotonic() - begin:.1f} s)", flush=True)


@contextlib.contextmanager
def exclusive(path: Path, waiting_for: str = "") -> Iterator[None]:
    """Hold the lock file `path`; the kernel frees it when the process ends, however it ends.

    `waiting_for` is told to the user if somebody else holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting_for:
                print(f"… waiting for {waiting_for}", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run(command: Sequence[str | Path], **options: Any) -> str:
    """Run a command and return what it printed; its last lines are in the SetupError if it fails.

    `options` are those of subprocess.run: cwd, env, user, …
    """
    try:
        done = subprocess.run(
            command,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **options,
        )
    except OSError as error:
        raise SetupError(f"{command[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-12:])
        words = " ".join(map(str, command))
        raise SetupError(f"this failed with exit code {done.returncode}:\n  {words}\n{tail}")
    return done.stdout


@contextlib.contextmanager
def built_whole(target: Path) -> Iterator[Path]:
    """Give a fresh folder that becomes `target` only if the block ends well. Hold a lock around it.

    Whatever an earlier, killed run left behind is deleted first.
    """
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)


def write_whole(path: Path, text: str) -> None:
    """Write a file that nobody ever sees half written; an unchanged one is not touched."""
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(text)
    partial.replace(path)
