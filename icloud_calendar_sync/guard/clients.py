"""Who asks, and to whom we would write: as keys to count by. No key can be read back."""

import hashlib
import hmac
import re
from ipaddress import ip_address, ip_network

# What a provider gives to one customer (RIPE-690: a /64 at the very least).
_V6_PREFIX = 64
# As some proxies tell a client, with the port of this one connection.
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([\d.]+):\d+")
_DOTS_MEAN_NOTHING = frozenset({"gmail.com", "googlemail.com"})


def network_of(address: str | None) -> str:
    """The network that a client's address (text) stands for; IPv6 counts by /64."""
    found = _WITH_PORT.fullmatch(address or "")
    text = (found[1] or found[2] if found else address or "").partition("%")[0]
    try:
        ip = ip_address(text)
    except ValueError:
        return text[:64]  # A socket of this machine has none.
    if ip.version == 4:
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ip_network((ip, _V6_PREFIX), strict=False))


def mailbox_of(email: str) -> str:
    """One text for all ways to write an address that end in the same mailbox.

    Case, international domains (RFC 5891), and what most providers ignore: “+anything” (RFC 5233),
    and the dots of Gmail.
    """
    local, _at, domain = email.strip().casefold().rpartition("@")
    try:
        domain = domain.rstrip(".").encode("idna").decode()
    except UnicodeError:
        domain = domain.rstrip(".")
    local = local.partition("+")[0] or local
    if domain in _DOTS_MEAN_NOTHING:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def key_of(secret: str, name: str, who: str) -> str:
    """What a limit is counted under: nobody who reads the table learns who it was."""
    words = f"{name}\n{who}".encode(errors="replace")
    return hmac.new(secret.encode(), words, hashlib.sha256).hexdigest()[:40]
