"""Content lines and components (RFC 5545 section 3.1), kept verbatim.

What the host added on the phone must go back as it came, quirks included, so components are held as
lines here and single properties are parsed only where their value is needed. icalendar's own
component parser is not used for another reason too: it remembers each file's VTIMEZONE by name for
the whole process, so one host's definition would change the times of another host.
"""

import re
from dataclasses import dataclass, field

from icalendar.parser import Parameters

MAX_BYTES = 2_000_000
MAX_COMPONENTS = 5_000
MAX_DEPTH = 10
FOLD_OCTETS = 74

_FOLD = re.compile(rb"\r?\n[ \t]")
_NAME = re.compile(r"[A-Za-z0-9-]+(?=[;:])")
# A colon inside quotes belongs to a parameter. Possessive: no line takes more than linear work.
_PARTS = re.compile(r'[^;:]++;?+(?P<parameters>(?:[^":]|"[^"]*")*+):(?P<value>.*)', re.DOTALL)


class Malformed(Exception):
    """The data is no iCalendar that can be used. Its text is one plain sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """One unfolded content line; `name` in capitals, "" where there is none."""

    name: str
    raw: str

    def parts(self) -> tuple[Parameters, str]:
        """Return parameters and value, the value still escaped. Raises `Malformed`."""
        match = _PARTS.fullmatch(self.raw)
        try:
            parameters = Parameters.from_ical(match["parameters"]) if match else None
        except ValueError as error:
            raise Malformed(f"The property {self.name} cannot be read.") from error
        if parameters is None:
            raise Malformed(f"The property {self.name} cannot be read.")
        return parameters, match["value"].strip(" \t")


@dataclass(slots=True)
class Component:
    """A component with its own lines and the components inside it, in their order."""

    name: str
    lines: list[Line] = field(default_factory=list)
    children: list["Component"] = field(default_factory=list)

    def first(self, name: str) -> Line | None:
        """Return the first property of that name: iCloud sometimes repeats one."""
        return next((line for line in self.lines if line.name == name), None)

    def every(self, name: str) -> list[Line]:
        """Return all properties of that name."""
        return [line for line in self.lines if line.name == name]


def line(raw: str) -> Line:
    """Return one unfolded content line."""
    match = _NAME.match(raw)
    return Line(match[0].upper() if match else "", raw)


def parse(data: bytes) -> list[Component]:
    """Return the outermost components of `data`.

    Raises `Malformed` for data that is too large, or that was cut off in the middle.
    """
    if len(data) > MAX_BYTES:
        raise Malformed("The event is larger than 2 MB.")
    root, open_components, count = Component(""), [], 0
    # Unfolded as bytes: a fold may lie inside a character.
    text = _FOLD.sub(b"", data.removeprefix(b"\xef\xbb\xbf")).decode("utf-8", "replace")
    for raw in filter(None, text.replace("\r\n", "\n").split("\n")):
        current = line(raw)
        if current.name == "BEGIN":
            count += 1
            if count > MAX_COMPONENTS or len(open_components) == MAX_DEPTH:
                raise Malformed("The event has too many parts.")
            parent = open_components[-1] if open_components else root
            parent.children.append(Component(_tag(current)))
            open_components.append(parent.children[-1])
        elif current.name == "END":
            if not open_components or open_components.pop().name != _tag(current):
                raise Malformed("The parts of the event do not end where they should.")
        elif open_components:
            open_components[-1].lines.append(current)
    if open_components:
        raise Malformed("The event is cut off.")
    return root.children


def serialise(component: Component) -> bytes:
    """Return the component as folded lines that end in CRLF."""
    return b"".join(fold(raw) for raw in _raw_lines(component))


def fold(raw: str) -> bytes:
    """Return one line folded at 75 octets, never inside a character nor after a blank.

    A server that trims the ends of lines would else eat the blank between two words.
    """
    data, pieces, start = raw.encode(), [], 0
    while len(data) - start > FOLD_OCTETS:
        stop = start + FOLD_OCTETS
        while data[stop] & 0xC0 == 0x80:
            stop -= 1
        unbroken = len(data[start:stop].rstrip(b" \t"))
        stop = start + unbroken if unbroken else stop
        pieces.append(data[start:stop])
        start = stop
    pieces.append(data[start:])
    return b"\r\n ".join(pieces) + b"\r\n"


def _tag(current: Line) -> str:
    return current.raw.partition(":")[2].strip().upper()


def _raw_lines(component: Component) -> list[str]:
    inner = [raw for child in component.children for raw in _raw_lines(child)]
    own = [current.raw for current in component.lines]
    return [f"BEGIN:{component.name}", *own, *inner, f"END:{component.name}"]
