"""The XML of a multistatus answer → plain values, within bounds, however odd or hostile it is.

No tree is built: lxml tells each tag and text as it meets them, what is wanted is kept, the rest
is forgotten at once. (A tree costs a hundred bytes and more for each of the tags, of which a body
of nothing else has millions.)
"""

import codecs
from collections.abc import Callable, Iterator
from typing import NamedTuple

from lxml import etree

from ..sentence import _
from .errors import BadAnswer

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"

# A listing has 6 to 14 elements for each resource, a calendar in the home some 60.
MAX_ELEMENTS = 2_000_000
MAX_ELEMENTS_OF_RESPONSE = 10_000
MAX_DEPTH = 100
# lxml keeps every name it ever met for as long as the thread lives.
MAX_NAMES = 1_000
MAX_PROPERTIES = 300_000
# What lxml tells only when it has ended: a comment, a CDATA section (some releases), and a tag with
# all its attributes, which cost much and have two quotes each.
MAX_SILENCE_BYTES = 4 * 1024 * 1024
MAX_SILENCE_QUOTES = 100_000
# Of one property; a resource beyond client.MAX_RESOURCE_BYTES need not be known any further.
MAX_CONTENT_BYTES = 2 * 1024 * 1024 + 1
# Of what is a line: hrefs, statuses, tokens. One byte more than any of them may have.
MAX_LINE_BYTES = 32_001

_PIECE_BYTES = 64 * 1024


class Property(NamedTuple):
    """The value of one property.

    `content` is its text in UTF-8, at most MAX_CONTENT_BYTES; `hrefs` are its DAV:href elements,
    `tags` the names of all elements in it, `components` the names of its CALDAV:comp elements.
    """

    content: bytes
    hrefs: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    components: frozenset[str] = frozenset()


class Entry(NamedTuple):
    """One DAV:response as sent. `properties` holds those given with a 2xx status, or none."""

    hrefs: tuple[str, ...]
    status: str
    properties: dict[str, Property]


class Answer(NamedTuple):
    """A whole DAV:multistatus."""

    entries: list[Entry]
    sync_token: str


def read(body: bytes, most: int, is_good: Callable[[str], bool]) -> Answer:
    """What the answer says.

    :param most: DAV:response elements
    :param is_good: whether properties with this status line are there
    :raise BadAnswer: not well-formed, with a DTD, too large, or no multistatus
    """
    target = _Target(most, is_good)
    # `encoding` overrules what the document says of itself, which may be a charset nobody knows.
    parser = etree.XMLParser(
        target=target,
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        for piece in _utf8(body):
            parser.feed(piece)
            target.hear_nothing(piece)
        return parser.close()
    except etree.XMLSyntaxError as error:
        raise BadAnswer(_("The server's answer is not well-formed XML.")) from error


def _utf8(body: bytes) -> Iterator[bytes]:
    """A name in another charset costs that name its umlauts, not the user the calendar."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    view = memoryview(body)
    for start in range(0, len(body), _PIECE_BYTES):
        # To XML both are one end of a line (section 2.11); lxml tells the longer one line by line.
        piece = decoder.decode(view[start : start + _PIECE_BYTES]).replace("\r\n", "\n")
        yield piece.encode()
    yield decoder.decode(b"", final=True).encode()


class _Text:
    """What stands inside one element, up to a limit."""

    __slots__ = ("_left", "_pieces")

    def __init__(self, most: int):
        self._pieces, self._left = bytearray(), most

    def add(self, text: str) -> None:
        if self._left > 0:
            piece = text.encode()[: self._left]
            self._pieces += piece
            self._left -= len(piece)

    @property
    def content(self) -> bytes:
        return bytes(self._pieces)

    @property
    def line(self) -> str:
        return self._pieces.decode("utf-8", "replace").strip()


class _Building:
    """A property, or a DAV:response, that has begun and not ended."""

    def __init__(self):
        self.text = _Text(MAX_CONTENT_BYTES)
        self.hrefs: list[str] = []
        self.status = ""
        self.properties: dict[str, Property] = {}
        self.tags: set[str] = set()
        self.components: set[str] = set()

    def as_property(self) -> Property:
        if not self.tags:
            return Property(self.text.content)
        return Property(
            self.text.content,
            tuple(filter(None, self.hrefs)),
            frozenset(self.tags),
            frozenset(self.components),
        )


class _Limits:
    """Counts what comes, and ends it."""

    def __init__(self):
        self._all = self._of_response = self._silence = self._quotes = 0
        self._names: set[str] = set()

    def hear_nothing(self, piece: bytes) -> None:
        """`piece` was given to the parser; what it found in it, it has told."""
        if self._silence == 0:
            self._quotes = 0
        self._silence += len(piece)
        self._quotes += piece.count(b"'") + piece.count(b'"')
        if self._silence > MAX_SILENCE_BYTES or self._quotes > MAX_SILENCE_QUOTES:
            raise _too_large()

    def count(self, tag: str, attributes) -> None:
        self._silence = 0
        self._all += 1 + len(attributes)
        self._of_response += 1 + len(attributes)
        self._names.add(tag)
        if attributes:
            self._names.update(attributes)
        if (
            self._all > MAX_ELEMENTS
            or self._of_response > MAX_ELEMENTS_OF_RESPONSE
            or len(self._names) > MAX_NAMES
        ):
            raise _too_large()


class _Target(_Limits):
    """What lxml calls for each piece of the document, by its depth: 1 is the root.

    multistatus(1) / response(2) / href, status or propstat(3) / status or prop(4) / property(5)
    """

    def __init__(self, most: int, is_good: Callable[[str], bool]):
        super().__init__()
        self._most, self._is_good = most, is_good
        self._entries: list[Entry] = []
        self._sync_token = ""
        self._kept = 0
        self._depth = 0
        self._line: _Text | None = None
        self._line_depth = 0
        self._response: _Building | None = None
        self._propstat: _Building | None = None
        self._property: _Building | None = None
        self._is_in_prop = False

    # -- called by lxml ------------------------------------------------------------------------

    def _refuse_dtd(self, *_names) -> None:
        raise BadAnswer(_("The server's answer has a DTD, which none of this kind needs."))

    doctype = _refuse_dtd

    def start(self, tag: str, attributes) -> None:
        self.count(tag, attributes)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _too_large()
        if self._property:
            self._begin_in_property(tag, attributes)
        elif self._depth <= 2:
            self._begin_outside(tag)
        elif self._response:
            self._begin_in_response(tag)

    def data(self, text: str) -> None:
        self._silence = 0
        if self._line:
            self._line.add(text)
        if self._property:
            self._property.text.add(text)

    def end(self, tag: str) -> None:
        if self._line and self._line_depth == self._depth:
            self._end_line(tag, self._line.line)
            self._line = None
        if self._depth == 5 and self._property:
            self._end_property(tag)
        elif self._depth == 4:
            self._is_in_prop = False
        elif self._depth == 3 and self._propstat:
            self._end_propstat()
        elif self._depth == 2 and self._response:
            self._end_response()
        self._depth -= 1

    def close(self) -> Answer:
        return Answer(self._entries, self._sync_token)

    # -- beginnings ----------------------------------------------------------------------------

    def _begin_outside(self, tag: str) -> None:
        if self._depth == 1 and tag != DAV + "multistatus":
            raise BadAnswer(_("The server's answer is not the kind of list that was asked for."))
        if self._depth == 2 and tag == DAV + "response":
            self._of_response = 0
            self._response = _Building()
        elif self._depth == 2 and tag == DAV + "sync-token":
            self._begin_line()

    def _begin_in_response(self, tag: str) -> None:
        if self._depth == 3 and tag == DAV + "propstat":
            self._propstat = _Building()
        elif (self._depth == 3 and tag in (DAV + "href", DAV + "status")) or (
            self._depth == 4 and self._propstat and tag == DAV + "status"
        ):
            self._begin_line()
        elif self._depth == 4 and self._propstat and tag == DAV + "prop":
            self._is_in_prop = True
        elif self._depth == 5 and self._is_in_prop:
            self._property = _Building()

    def _begin_in_property(self, tag: str, attributes) -> None:
        self._property.tags.add(tag)
        if tag == DAV + "href" and not self._line:
            self._begin_line()
        elif tag == CALDAV + "comp":
            self._property.components.add(attributes.get("name", "").upper())

    def _begin_line(self) -> None:
        self._line, self._line_depth = _Text(MAX_LINE_BYTES), self._depth

    # -- ends ----------------------------------------------------------------------------------

    def _end_line(self, tag: str, line: str) -> None:
        if self._depth == 2:
            self._sync_token = line
        elif tag == DAV + "status":
            (self._propstat or self._response).status = line
        else:
            (self._property or self._response).hrefs.append(line)

    def _end_property(self, tag: str) -> None:
        self._propstat.properties[tag] = self._property.as_property()
        self._property = None

    def _end_propstat(self) -> None:
        if self._is_good(self._propstat.status):
            self._response.properties.update(self._propstat.properties)
        self._propstat = None

    def _end_response(self) -> None:
        done, self._response = self._response, None
        self._of_response = 0
        self._kept += len(done.properties)
        self._entries.append(Entry(tuple(done.hrefs), done.status, done.properties))
        if self._kept > MAX_PROPERTIES:
            raise _too_large()
        if len(self._entries) > self._most:
            raise BadAnswer(_("The server listed more than %(count)s resources.", count=self._most))


def _too_large() -> BadAnswer:
    return BadAnswer(_("The server's answer is too large."))
