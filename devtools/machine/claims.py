"""What lasts as long as its owner: servers and databases, and what a killed owner left of them.

Who makes one holds a claim of its name: a locked file in .dev/run. The kernel frees the lock
however its holder ends, so a claim that nobody holds names a leftover.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil

from devtools import paths
from devtools.steps import SetupError, exclusive

ENDING = ".claim"


def folder() -> Path:
    """Where claims are, beside all that carries their names: configurations, calendars."""
    return paths.DEV / "run"


def config(name: str) -> Path:
    """The configuration file of a server of that name, by which its processes are known."""
    return folder() / f"{name}.conf"


@contextlib.contextmanager
def held(name: str) -> Iterator[None]:
    """Hold the claim of a name for the length of a block, and delete what carries it afterwards.

    :raise SetupError: another process of this checkout holds it
    """
    with contextlib.ExitStack() as stack:
        with _mutex():
            file = stack.enter_context((folder() / f"{name}{ENDING}").open("a"))
            if not _lock(file):
                raise SetupError(f"{name} is in use by another run of this checkout")
        try:
            yield
        finally:
            with _mutex():
                _delete(name)


@contextlib.contextmanager
def abandoned() -> Iterator[list[str]]:
    """The names whose owners were killed; when the block ends well, their claims are deleted."""
    with _mutex():
        names = [path.stem for path in sorted(folder().glob(f"*{ENDING}")) if _is_free(path)]
        yield names
        for name in names:
            _delete(name)


def end_processes(name: str) -> None:
    """End at once whatever runs with the configuration file of that name, all its workers too."""
    running = [process for process in psutil.process_iter() if _has_config(process, config(name))]
    for process in running:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(running)


def _has_config(process: psutil.Process, path: Path) -> bool:
    if process.pid == os.getpid():
        return False
    # AccessDenied: somebody else's, or one that has just ended.
    with contextlib.suppress(psutil.Error, OSError):
        return process.environ().get("ODOO_RC") == str(path)
    return False


def _mutex() -> contextlib.AbstractContextManager[None]:
    folder().mkdir(parents=True, exist_ok=True)
    return exclusive(folder() / "claims.lock")


def _is_free(path: Path) -> bool:
    with path.open() as file:
        return _lock(file)


def _lock(file: IO[str]) -> bool:
    """Whether nobody else holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _delete(name: str) -> None:
    for path in folder().glob(f"{name}.*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
