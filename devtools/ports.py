"""TCP ports of the loopback interface. Standard library only."""

import errno
import socket

from devtools.steps import SetupError

ADDRESS = "127.0.0.1"
FIRST_OF_ALL, LAST = 1024, 65535  # those below the first are often root's alone


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return probe.getsockname()[1]


def require_free(port: int, variable: str) -> None:
    """Make sure that a server of ours can listen there.

    :param variable: the environment variable that chooses the port
    :raise SetupError: why it cannot, and a port where it can
    """
    if problem := _problem(port):
        raise SetupError(f"{problem}. Choose another one, for example {variable}={_near(port)}")


def _problem(port: int) -> str:
    with socket.socket() as probe:
        # As Odoo will: connections that have just ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except PermissionError:
            return f"Port {port} may only be opened by root, as all below {FIRST_OF_ALL}"
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is in use by another program"
            return f"Port {port} cannot be opened: {error.strerror}"
    return ""


def _near(port: int) -> int:
    """The next port that is free; 80 becomes 8080, because people remember it."""
    first = port + 1 if port >= FIRST_OF_ALL else port + 8000
    nearby = range(first, min(first + 100, LAST + 1))
    return next((each for each in nearby if not _problem(each)), None) or free_port()
