"""Where the demo listens, and what is said if it cannot."""

import re
import socket
from contextlib import closing
from unittest.mock import patch

import pytest

from devtools import ports
from devtools.demo import __main__ as demo
from devtools.steps import SetupError


def refusal(port: int) -> str:
    with pytest.raises(SetupError) as error:
        ports.require_free(port, "DEMO_PORT")
    return str(error.value)


def offered(text: str) -> int:
    return int(re.search(r"for example DEMO_PORT=(\d+)$", text)[1])


@pytest.fixture
def listener():
    with closing(socket.create_server((ports.ADDRESS, 0))) as server:
        yield server.getsockname()[1]


def test_a_port_in_use_is_said_to_be_and_one_that_works_is_offered(listener):
    text = refusal(listener)
    assert text.startswith(f"Port {listener} is in use by another program. ")
    ports.require_free(offered(text), "DEMO_PORT")


def test_where_the_next_ones_end_another_is_offered(listener, monkeypatch):
    monkeypatch.setattr(ports, "LAST", listener)
    ports.require_free(offered(refusal(listener)), "DEMO_PORT")


def test_a_port_below_1024_is_said_to_be_root_s():
    """A stand-in refuses to bind: whether this machine would depends on its user and its kernel."""
    bind = socket.socket.bind

    def as_anybody(probe, address):
        if address[1] < 1024 and address[1]:
            raise PermissionError(13, "Permission denied")
        return bind(probe, address)

    with patch.object(socket.socket, "bind", as_anybody):
        text = refusal(80)
    assert "Port 80 may only be opened by root" in text
    assert "in use" not in text
    assert 8080 <= offered(text) < 8180
    ports.require_free(offered(text), "DEMO_PORT")


@pytest.mark.parametrize("wrong", ["0", "65536", "-1", "http", "80 80", "٨٠٦٩", "8069.5"])
def test_what_is_no_port_is_named(monkeypatch, wrong):
    monkeypatch.setenv("DEMO_PORT", wrong)
    with pytest.raises(SystemExit, match=f"DEMO_PORT is {re.escape(wrong)}: .* from 1 to 65535"):
        demo.port()


@pytest.mark.parametrize(("chosen", "port"), [("", 8069), (" 8071 ", 8071)])
def test_a_port_is_taken_from_the_environment(monkeypatch, chosen, port):
    monkeypatch.setenv("DEMO_PORT", chosen)
    assert demo.port() == port
