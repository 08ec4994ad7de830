"""What a network can do to a request, and what then happens."""

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest

from icloud_calendar_sync.icloud import client as client_module
from icloud_calendar_sync.icloud.client import Client
from icloud_calendar_sync.icloud.errors import (
    Unreachable,
)
from icloud_calendar_sync.icloud.wire import wallclock


def test_nobody_listening_is_unreachable(scripted):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        netloc = f"127.0.0.1:{free.getsockname()[1]}"
    with (
        Client(f"http://{netloc}/", "a@b.c", "x", trusted_hosts=frozenset({netloc})) as client,
        pytest.raises(Unreachable, match="accept"),
    ):
        scripted.ask(client)


def test_a_name_that_nobody_knows_is_unreachable(monkeypatch):
    def unknown(*args):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with Client("https://caldav.icloud.com/", "a@b.c", "x") as client, pytest.raises(Unreachable):
        client.get("/")


def test_an_unknown_certificate_is_unreachable_and_learns_nothing(tmp_path, monkeypatch):
    # The host has ten addresses and takes its time: that must not cut the handshake short.
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args: resolve(*args) * 10)
    learnt = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=pretend_tls, args=(listener, tmp_path, learnt))
        thread.start()
        netloc = f"127.0.0.1:{listener.getsockname()[1]}"
        hosts = frozenset({netloc})
        with (
            Client(f"https://{netloc}/", "a@b.c", "x", trusted_hosts=hosts, timeout=3) as client,
            pytest.raises(Unreachable, match="secure"),
        ):
            client.get("/")
        thread.join()
    assert learnt == []


@pytest.mark.parametrize(("name", "is_accepted"), [("127.0.0.1", True), ("127.0.0.9", False)])
def test_a_known_certificate_counts_for_its_own_host_alone(
    scripted, tmp_path, monkeypatch, name, is_accepted
):
    pem = self_signed(tmp_path, name)
    monkeypatch.setattr(client_module, "certificates", lambda: str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    scripted.answers(207, scripted.GOOD).over(context)
    hosts = frozenset({scripted.netloc})
    url = scripted.url.replace("http:", "https:")
    with Client(url, "a@b.c", "x", trusted_hosts=hosts, timeout=5) as client:
        if is_accepted:
            assert scripted.ask(client) == '"1"'
        else:
            with pytest.raises(Unreachable, match="secure"):
                scripted.ask(client)
    assert bool(scripted.asked) is is_accepted


def pretend_tls(listener, folder, learnt):
    """Accept one connection with a certificate of our own making; keep what the client says."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))
    connection, _ = listener.accept()
    with connection:
        time.sleep(0.5)
        try:
            with context.wrap_socket(connection, server_side=True) as secure:
                learnt.append(secure.recv(100))
        except ssl.SSLError:
            pass


def self_signed(folder, address="127.0.0.1"):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
    builder = builder.add_extension(names, critical=False)
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return pem


def test_connections_are_kept(scripted):
    ports = []

    def note(handler, asked):
        ports.append(handler.client_address[1])
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndata")

    scripted.does(note)
    with scripted.client() as client:
        client.get("/x.ics")
        client.get("/x.ics")
    assert len(set(ports)) == 1


@pytest.fixture
def stale(scripted):
    """A server that answers the first request of each connection and resets it at the second."""

    def serve(handler, asked):
        handler.count = getattr(handler, "count", 0) + 1
        if handler.count > 1:
            scripted.reset(handler, asked)
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndata")

    return scripted.does(serve)


def test_a_read_survives_a_connection_that_the_server_has_given_up(stale):
    with stale.client() as client:
        assert client.get("/x.ics").data == b"data"
        assert client.get("/x.ics").data == b"data"


def test_a_write_does_not_use_a_connection_that_the_server_may_have_given_up(stale, monkeypatch):
    monkeypatch.setattr(wallclock, "MAX_IDLE_SECONDS", 0)
    with stale.client() as client:
        client.get("/x.ics")
        client.put("/x.ics", b"data", etag=None)
    assert [asked.method for asked in stale.asked] == ["GET", "PUT"]


@pytest.mark.parametrize(
    "write",
    [
        lambda client: client.put("/x.ics", b"data", etag=None),
        lambda client: client.delete("/x.ics", etag=None),
    ],
)
def test_a_write_that_is_reset_is_not_sent_again(scripted, write):
    scripted.does(scripted.reset)
    with scripted.client() as client, pytest.raises(Unreachable):
        write(client)
    assert len(scripted.asked) == 1
