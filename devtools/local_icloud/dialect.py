"""Apple's way of writing XML: legal, and unlike everybody else's.

No prefixes, namespaces declared again and again, blank lines, single quotes here and there,
calendar data in CDATA. A parser that only looks for `<D:href>` finds nothing.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import unquote
from xml.sax.saxutils import escape, quoteattr

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
SERVER = "{http://calendarserver.org/ns/}"
APPLE = "{http://apple.com/ns/ical/}"

_PROLOGUE = "<?xml version='1.0' encoding='UTF-8' standalone=\"yes\"?>"
_REDECLARED = frozenset({f"{DAV}response", f"{DAV}multistatus", f"{DAV}sync-token"})
_IN_CDATA = frozenset({f"{CALDAV}calendar-data", f"{CALDAV}calendar-timezone"})


def read(body: bytes) -> ET.Element | None:
    """The root element, None for an empty body; ValueError where Apple answers 400.

    White space before the XML declaration, which Apple refuses, is an error to any parser.
    """
    if not body:
        return None
    try:
        return ET.fromstring(body)
    except ET.ParseError as error:
        raise ValueError(str(error)) from error


def write(root: ET.Element) -> bytes:
    return (_PROLOGUE + "\n\n" + "".join(_pieces(root, "", 0))).encode()


def _pieces(element: ET.Element, inherited: str, level: int) -> Iterator[str]:
    namespace, name = element.tag[1:].split("}")
    opening = "<" + name
    if namespace != inherited or element.tag in _REDECLARED:
        quote = "'" if level > 3 else '"'
        opening += f" xmlns={quote}{namespace}{quote}"
    for key, value in element.attrib.items():
        opening += f" {key}={quoteattr(value)}"
    if len(element):
        yield opening + ">\n"
        for child in element:
            yield "  " * (level + 1)
            yield from _pieces(child, namespace, level + 1)
        yield f"{'  ' * level}</{name}>\n\n"
    elif element.text:
        yield f"{opening}>{_text(element)}</{name}>\n"
    else:
        yield opening + "/>\n"


def _text(element: ET.Element) -> str:
    text = element.text or ""
    if element.tag in _IN_CDATA:
        return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return escape(text)


def element(tag: str, *children: ET.Element | str, **attributes: str) -> ET.Element:
    """An element in Clark notation with children, or with one text."""
    made = ET.Element(tag, attributes)
    for child in children:
        if isinstance(child, str):
            made.text = child
        else:
            made.append(child)
    return made


def response(href: str, found: list[ET.Element], missing: list[ET.Element]) -> ET.Element:
    """A DAV:response with the two propstats Apple sends, the second with empty elements."""
    made = element(f"{DAV}response", element(f"{DAV}href", href))
    for status, properties in (("200 OK", found), ("404 Not Found", missing)):
        if properties:
            made.append(
                element(
                    f"{DAV}propstat",
                    element(f"{DAV}prop", *properties),
                    element(f"{DAV}status", f"HTTP/1.1 {status}"),
                )
            )
    return made


def gone(href: str) -> ET.Element:
    """A response-level 404, for a member that is not there."""
    status = element(f"{DAV}status", "HTTP/1.1 404 Not Found")
    return element(f"{DAV}response", element(f"{DAV}href", href), status)


def path_of(response: ET.Element) -> str:
    """The unquoted path a DAV:response speaks of."""
    return unquote(response.findtext(f"{DAV}href") or "")


def properties_of(response: ET.Element) -> tuple[list[ET.Element], list[ET.Element]]:
    """The properties found and the ones missing, in one DAV:response."""
    found: list[ET.Element] = []
    missing: list[ET.Element] = []
    for propstat in response.findall(f"{DAV}propstat"):
        ok = " 200 " in (propstat.findtext(f"{DAV}status") or "")
        prop = propstat.find(f"{DAV}prop")
        (found if ok else missing).extend([] if prop is None else prop)
    return found, missing
