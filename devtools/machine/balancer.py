"""A load balancer, as before several Odoo servers: each connection goes to the next one."""

import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator, Sequence

CHUNK = 65536


@contextlib.contextmanager
def balancer(ports: Sequence[int]) -> Iterator[int]:
    """Share connections among these ports of this machine, dead ones left out; yields its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        turns = itertools.cycle(range(len(ports)))

        def serve() -> None:
            with contextlib.suppress(OSError):  # closed at the end
                while True:
                    client, _address = listening.accept()
                    threading.Thread(target=_join, args=(client, next(turns)), daemon=True).start()

        def _join(client: socket.socket, first: int) -> None:
            with client:
                for port in (*ports[first:], *ports[:first]):
                    with contextlib.suppress(ConnectionRefusedError):
                        with socket.create_connection(("127.0.0.1", port)) as server:
                            _both_ways(client, server)
                        return

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        # Wakes who waits in `accept`: closing alone does not.
        listening.shutdown(socket.SHUT_RDWR)


def _both_ways(client: socket.socket, server: socket.socket) -> None:
    back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
    back.start()
    _pass_on(client, server)
    back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):  # one of them was killed
        while data := source.recv(CHUNK):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
