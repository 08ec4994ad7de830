"""Content lines and components (RFC 5545 section 3.1), kept verbatim.

What the host added on the phone must go back as it came, quirks included, so components are held as
lines here and single properties are parsed only where their value is needed. icalendar's own
component parser is not used for another reason too: it remembers each file's VTIMEZONE by name for
the whole process, so one host's definition would change the times of another host.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..sentence import Sentence, _

MAX_BYTES = 2_000_000
# Two megabytes of the shortest lines would take a hundred times as much memory.
MAX_LINES = 50_000
MAX_COMPONENTS = 5_000
MAX_DEPTH = 10
MAX_PARAMETERS = 1_000
FOLD_OCTETS = 74

_NAME = re.compile(r"[A-Za-z0-9-]+(?=[;:])")
_RAW_LINE = re.compile(r"[^\n]+")
# A colon inside quotes belongs to a parameter. Possessive: no line takes more than linear work.
_PARTS = re.compile(r'[^;:]++;?+(?P<parameters>(?:[^":]|"[^"]*")*+):(?P<value>.*)', re.DOTALL)
# For values that have no colon of their own: the last one ends the parameters, so that a zone may
# be called GMT+05:30 without quotes. (RFC 5545 section 3.1 wants them, not every writer does.)
_PARTS_OF_TIME = re.compile(r'[^;:]++;?+(?P<parameters>.*):(?P<value>[^":]*)', re.DOTALL)
_PARAMETER = re.compile(r'(?P<name>[^=;"]*+)=(?P<value>(?:[^";]|"[^"]*")*+)(?:;|$)', re.DOTALL)
_CARET = re.compile(r"\^([n^'])")
_CARET_MEANS = {"n": "\n", "^": "^", "'": '"'}


class Malformed(Exception):
    """The data is no iCalendar that can be used. `sentence` says why, in one plain Sentence."""

    @property
    def sentence(self) -> Sentence:
        return self.args[0]


class Line(NamedTuple):
    """One unfolded content line; `name` in capitals, "" where there is none."""

    name: str
    raw: str

    def parts(self, time: bool = False) -> tuple[Mapping[str, str], str]:
        """Return parameters (names in capitals) and value, the value still escaped.

        `time`: the value is a date, time, period or duration. Raises `Malformed`.
        """
        if self.name and self.raw[len(self.name)] == ":":
            value = self.raw[len(self.name) + 1 :]
            if not time or not (":" in value or '"' in value):
                return {}, value.strip(" \t")
        match = (_PARTS_OF_TIME if time else _PARTS).fullmatch(self.raw)
        if match is None:
            raise Malformed(_("The property %(name)s cannot be read.", name=self.name))
        text = match["parameters"]
        return self._parameters(text) if text else {}, match["value"].strip(" \t")

    def _parameters(self, text: str) -> Mapping[str, str]:
        """icalendar's own parser refuses a colon without quotes, and tears values at commas."""
        found, position, count = {}, 0, 0
        while position < len(text):
            match = _PARAMETER.match(text, position)
            count += 1
            if match is None or count > MAX_PARAMETERS:
                raise Malformed(_("The property %(name)s cannot be read.", name=self.name))
            value = match["value"].strip()
            if value.count('"') == 2 and value[0] == value[-1] == '"':
                value = value[1:-1]
            if "^" in value:
                # RFC 6868: what a quoted value cannot hold.
                value = _CARET.sub(lambda found: _CARET_MEANS[found[1]], value)
            found.setdefault(match["name"].strip().upper(), value)
            position = match.end()
        return found


class Component:
    """A component with its own lines and the components inside it, in their order.

    What was parsed is looked at line by line only where somebody asks: most files carry more lines
    about their time zone than about their event.
    """

    __slots__ = ("_lines", "_named", "children", "name", "raw")

    def __init__(
        self, name: str, lines: Iterable[Line] = (), children: Iterable["Component"] = ()
    ) -> None:
        self.name = name
        self.children = list(children)
        # Unfolded content lines that nobody has asked for yet.
        self.raw: list[str] = []
        self._lines = list(lines)
        self._named: dict[str, list[Line]] = {}

    @property
    def lines(self) -> list[Line]:
        if self.raw:
            self._lines += map(line, self.raw)
            self.raw = []
        return self._lines

    def first(self, name: str) -> Line | None:
        """Return the first property of that name: iCloud sometimes repeats one."""
        found = (self._named or self._by_name()).get(name)
        return found[0] if found else None

    def every(self, name: str) -> Sequence[Line]:
        """Return all properties of that name."""
        return (self._named or self._by_name()).get(name, ())

    def _by_name(self) -> Mapping[str, list[Line]]:
        self._named = {}
        for current in self.lines:
            self._named.setdefault(current.name, []).append(current)
        return self._named


def line(raw: str) -> Line:
    """Return one unfolded content line."""
    match = _NAME.match(raw)
    return Line(match[0].upper() if match else "", raw)


def parse(data: bytes) -> list[Component]:
    """Return the outermost components of `data`.

    Raises `Malformed` for data that is too large, or that was cut off in the middle.
    """
    if len(data) > MAX_BYTES:
        raise Malformed(_("The event is larger than 2 MB."))
    root, open_components, count = Component(""), [], 0
    for raw in _unfolded(data):
        name = _boundary(raw) if raw[0] in "BbEe" else ""
        if name == "BEGIN":
            count += 1
            if count > MAX_COMPONENTS or len(open_components) == MAX_DEPTH:
                raise Malformed(_("The event has too many parts."))
            parent = open_components[-1] if open_components else root
            open_components.append(Component(_tag(raw)))
            parent.children.append(open_components[-1])
        elif name == "END":
            if not open_components or open_components.pop().name != _tag(raw):
                raise Malformed(_("The parts of the event do not end where they should."))
        elif open_components:
            open_components[-1].raw.append(raw)
    if open_components:
        raise Malformed(_("The event is cut off."))
    return root.children


def _boundary(raw: str) -> str:
    if raw.startswith("BEGIN:"):
        return "BEGIN"
    return "END" if raw.startswith("END:") else line(raw).name


def _unfolded(data: bytes) -> Iterable[str]:
    # Unfolded as bytes: a fold may lie inside a character.
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    text = data.replace(b"\n ", b"").replace(b"\n\t", b"").decode("utf-8", "replace")
    if text.count("\n") < MAX_LINES:
        return filter(None, text.split("\n"))
    return _first_lines(text)


def _first_lines(text: str) -> Iterator[str]:
    # One by one: all the pieces would take a hundred times as much memory.
    for number, match in enumerate(_RAW_LINE.finditer(text)):
        if number == MAX_LINES:
            raise Malformed(_("The event has too many lines."))
        yield match[0]


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


def _tag(raw: str) -> str:
    return raw.partition(":")[2].strip().upper()


def _raw_lines(component: Component) -> list[str]:
    inner = [raw for child in component.children for raw in _raw_lines(child)]
    own = [current.raw for current in component.lines]
    return [f"BEGIN:{component.name}", *own, *inner, f"END:{component.name}"]
