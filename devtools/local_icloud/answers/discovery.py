"""The way to the calendars: `/` says who the principal is, the principal where the home is."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from .. import dialect
from ..accounts import Account
from ..dialect import CALDAV, DAV, SERVER, element
from ..messages import Answer, Request, html, listing


def find_principal(request: Request) -> Answer:
    """PROPFIND on `/`: answered in place, with a relative principal."""
    return _answer(request, "/", _root_properties(request.account))


def find_well_known(request: Request) -> Answer:
    """PROPFIND on `/.well-known/caldav`: no redirect, the principal answers in place."""
    account = request.account
    return _answer(request, account.principal_path, _root_properties(account))


def describe_principal(request: Request) -> Answer:
    """PROPFIND on the principal; Depth 1 is refused although a principal has no members."""
    if request.depth != "0":
        return html(400)
    properties = _principal_properties(request.account, request.partition_url)
    return _answer(request, request.account.principal_path, properties)


def _answer(request: Request, href: str, properties: dict[str, ET.Element]) -> Answer:
    try:
        wanted = dialect.read(request.body)
    except ValueError:
        return html(400)
    names = wanted.find(f"{DAV}prop") if wanted is not None else None
    if names is None:  # an allprop request; iCloud leaves the resource type out of the answer
        found = [given for tag, given in properties.items() if tag != f"{DAV}resourcetype"]
        missing = []
    else:
        found = [properties[name.tag] for name in names if name.tag in properties]
        missing = [ET.Element(name.tag) for name in names if name.tag not in properties]
    return listing(element(f"{DAV}multistatus", dialect.response(href, found, missing)))


def _root_properties(account: Account) -> dict[str, ET.Element]:
    principal = element(f"{DAV}href", account.principal_path)
    return _by_tag(
        element(f"{DAV}current-user-principal", principal),
        element(f"{DAV}resourcetype", element(f"{DAV}collection")),
    )


def _principal_properties(account: Account, partition_url: str) -> dict[str, ET.Element]:
    def hrefs(tag: str, *targets: str) -> ET.Element:
        return element(tag, *(element(f"{DAV}href", target) for target in targets))

    home = f"{partition_url}{account.home}/"
    principal = account.principal_path
    name = account.email.partition("@")[0]
    return _by_tag(
        hrefs(f"{DAV}current-user-principal", principal),
        hrefs(f"{DAV}principal-URL", principal),
        element(f"{DAV}resourcetype", element(f"{DAV}principal")),
        element(f"{DAV}displayname", name),
        hrefs(f"{CALDAV}calendar-home-set", home),
        _addresses(account),
        hrefs(f"{CALDAV}schedule-inbox-URL", f"{home}inbox/"),
        hrefs(f"{CALDAV}schedule-outbox-URL", f"{home}outbox/"),
        hrefs(f"{SERVER}notification-URL", f"{home}notification/"),
        element(f"{CALDAV}calendar-user-type", "INDIVIDUAL"),
    )


def _addresses(account: Account) -> ET.Element:
    mails = [
        element(f"{DAV}href", f"mailto:{address}", preferred=str(int(address == account.email)))
        for address in (account.email, *account.aliases)
    ]
    own = element(f"{DAV}href", account.principal_path)
    return element(f"{CALDAV}calendar-user-address-set", *mails, own)


def _by_tag(*elements: ET.Element) -> dict[str, ET.Element]:
    return {made.tag: made for made in elements}
