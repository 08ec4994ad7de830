"""A server of the benchmark's, in a process of its own."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from devtools import paths
from devtools.ports import free_port
from devtools.steps import SetupError

START_SECONDS = 30
STOP_SECONDS = 10


@contextlib.contextmanager
def serving(module: str, *arguments: str | Path) -> Iterator[int]:
    """Run `python -m module PORT arguments…` for the length of a block; yields the port.

    :raise SetupError: it ended, or does not listen
    """
    port = free_port()
    process = subprocess.Popen(
        [paths.PYTHON, "-m", module, str(port), *arguments],
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _wait_for(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (code := process.poll()) is not None:
            raise SetupError(f"The server at port {port} ended with exit code {code}")
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.05)
    raise SetupError(f"Nobody listens at port {port} after {START_SECONDS} s")
