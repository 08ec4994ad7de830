"""`devtools/odoo -- …` after the set-up: this process becomes Odoo, beside a running database."""

import os
import sys

from devtools.machine import odoo_run, postgres
from devtools.steps import SetupError


def become_odoo(arguments: list[str]) -> None:
    """Replace this process by Odoo, so that signals and the exit code are Odoo's own."""
    server = postgres.start()
    config = odoo_run.write_config(server)
    _give_back_at_our_end(server)
    command = [*odoo_run.COMMAND, *arguments]
    os.execve(command[0], command, odoo_run.environment(server, config))


def _give_back_at_our_end(server: postgres.Postgres) -> None:
    """Leave a process behind that gives the handle back when this one, as Odoo, has ended."""
    reading, writing = os.pipe()
    # Inherited by Odoo and its workers: the pipe ends with the last of them.
    os.set_inheritable(writing, True)
    if child := os.fork():
        os.close(reading)
        os.waitpid(child, 0)
        return
    os.setsid()  # out of reach of Ctrl-C
    if os.fork():  # not a child of Odoo, which would wonder whose it is
        os._exit(0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(writing)
    os.read(reading, 1)
    server.stop()
    os._exit(0)


if __name__ == "__main__":
    words = sys.argv[1:]
    try:
        become_odoo(words[1:] if words[:1] == ["--"] else words)
    except SetupError as error:
        sys.exit(f"devtools/odoo: {error}")
