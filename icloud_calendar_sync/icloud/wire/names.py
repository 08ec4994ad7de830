"""Addresses of a host, looked up in no more time than there is.

The system's resolver knows no time limit that a caller could set, so it works in a thread of its
own: one that gets no answer ends by itself later, and nobody waits for it.
"""

import socket
from contextlib import suppress
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread


def addresses(host: str, port: int, seconds: float) -> list[tuple]:
    """What `socket.getaddrinfo` gives for streams.

    :raise OSError: nobody knows the host
    :raise TimeoutError: no answer in time
    """
    if _is_number(host):
        return _found(host, port)
    answers: SimpleQueue = SimpleQueue()
    Thread(target=_look_up, args=(host, port, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError("the name was not found in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _look_up(host: str, port: int, answers: SimpleQueue) -> None:
    try:
        answers.put(_found(host, port))
    except Exception as error:  # noqa: BLE001 (raised again where it was asked)
        answers.put(error)


def _found(host: str, port: int) -> list[tuple]:
    return socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)


def _is_number(host: str) -> bool:
    with suppress(ValueError):
        ip_address(host)
        return True
    return False
