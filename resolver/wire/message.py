"""Whole messages read from the wire: the replies of upstream servers, which may be anything a stranger sends.

Reading takes time linear in the packet: what a compression pointer leads to is put together once and kept, so names
that point to names that point to names cost no more than their bytes.
"""

from struct import Struct
from typing import Final, NamedTuple

from resolver import limits
from resolver.wire import codes
from resolver.wire.edns import check_options
from resolver.wire.rdata import LAYOUTS, Malformed, read_rdata
from resolver.wire.reply import Record

_HEADER: Final = Struct("!HHHHHH")
_QUESTION: Final = Struct("!HH")
_RECORD: Final = Struct("!HHIH")
_ROOT: Final = b"\0"
_NAMELESS: Final = {codes.A: 4, codes.AAAA: 16}  # record data of one fixed size, in bytes


class Question(NamedTuple):
    """One entry of the question section; the name as it came, in wire form."""

    name: bytes
    qtype: int
    qclass: int


class Opt(NamedTuple):
    """The OPT of a message (RFC 6891 §6.1): sender's UDP size, version, flags (DO is 0x8000), options as they came."""

    size: int
    version: int
    flags: int
    options: bytes


class Message(NamedTuple):
    """A message taken apart. Names, those in record data too, are uncompressed and in the letter case they came in.

    `flags` are the header's two flag bytes; `rcode` has the upper bits that an OPT adds. OPT is not in `additional`.
    """

    id: int
    flags: int
    rcode: int
    questions: tuple[Question, ...]
    answer: list[Record]
    authority: list[Record]
    additional: list[Record]
    opt: Opt | None


def parse_message(packet: bytes) -> Message:
    """Takes a message apart. Raises Malformed, and nothing else.

    As in miekg/dns, the packet may end between two records although the header's counts promise more, and bytes behind
    the last record are ignored. OPT is taken in the additional section only, once, and owned by the root.
    """
    if len(packet) < limits.HEADER_SIZE:
        raise Malformed("a message is shorter than its header")
    id_, flags, questions, answers, authorities, additionals = _HEADER.unpack_from(packet)
    reader = _Reader(packet)
    asked = reader.questions(questions)
    answer, _ = reader.records(answers, opt_allowed=False)
    authority, _ = reader.records(authorities, opt_allowed=False)
    additional, opt_record = reader.records(additionals, opt_allowed=True)
    rcode, opt = flags & codes.RCODE, None
    if opt_record is not None:
        ttl = opt_record.ttl
        rcode |= ttl >> 24 << 4
        opt = Opt(opt_record.rclass, ttl >> 16 & 0xFF, ttl & 0xFFFF, opt_record.rdata)
    return Message(id_, flags, rcode, asked, answer, authority, additional, opt)


class _Reader:
    """Walks a packet; `at` is where the next thing begins."""

    __slots__ = ("_known", "_packet", "at")

    def __init__(self, packet: bytes) -> None:
        self._packet = packet
        self._known: dict[int, bytes] = {}
        self.at = limits.HEADER_SIZE

    def questions(self, count: int) -> tuple[Question, ...]:
        found, packet = [], self._packet
        for _ in range(count):
            if self.at == len(packet):
                break
            name, at = self._name(self.at)
            if at + 4 > len(packet):
                raise Malformed("a question is cut short")
            self._known[self.at] = name
            found.append(Question(name, *_QUESTION.unpack_from(packet, at)))
            self.at = at + 4
        return tuple(found)

    def records(self, count: int, *, opt_allowed: bool) -> tuple[list[Record], Record | None]:
        """The records of one section, and its OPT apart."""
        packet, end, at = self._packet, len(self._packet), self.at
        found: list[Record] = []
        opt = None
        for _ in range(count):
            if at == end:
                break
            owner, at = self._name(at)
            if at + 10 > end:
                raise Malformed("a record is cut short")
            rtype, rclass, ttl, length = _RECORD.unpack_from(packet, at)
            at += 10
            following = at + length
            if following > end:
                raise Malformed("record data runs past the end of the message")
            if rtype == codes.OPT:
                if not opt_allowed or opt is not None or owner != _ROOT:
                    raise Malformed("an OPT record out of place")
                check_options(packet[at:following])
                opt = Record(owner, rtype, rclass, ttl, packet[at:following])
            else:
                found.append(Record(owner, rtype, rclass, ttl, self._rdata(rtype, at, following)))
            at = following
        self.at = at
        return found, opt

    def _rdata(self, rtype: int, at: int, end: int) -> bytes:
        """Record data with its names uncompressed; read_rdata for the names' sake apart, which are kept here."""
        layout = LAYOUTS.get(rtype)
        if end - at == _NAMELESS.get(rtype):
            return self._packet[at:end]
        if layout is None or at == end or not ("N" in layout or "n" in layout):
            return read_rdata(self._packet, rtype, at, end)
        parts = []
        for step in layout:
            if step in "Nn":
                part, following = self._name(at)
            else:
                following = at + (int(step) if step != "s" else 1 + (self._packet[at] if at < end else 0))
                part = self._packet[at:following]
            if following > end:
                raise Malformed("record data is cut short")
            parts.append(part)
            at = following
        if at != end:
            raise Malformed("record data is longer than its type allows")
        return b"".join(parts)

    def _name(self, at: int) -> tuple[bytes, int]:
        """The name at this place, and where it ends."""
        head = self._packet[at : at + 2]
        if (
            len(head) == 2
            and head[0] >= 0xC0
            and (name := self._known.get((head[0] & 0x3F) << 8 | head[1])) is not None
        ):
            return name, at + 2  # a place that is known lies before all that is read later
        run, target, end = self._run(at)
        name = run + (self._led_to(target, at) if target else _ROOT)
        if len(name) > limits.NAME_SIZE:
            raise Malformed("a name is too long")
        return name, end

    def _led_to(self, place: int, before: int) -> bytes:
        """The name that a pointer leads to. Pointers lead backwards only, into the body (RFC 1035 §4.1.4)."""
        known, way = self._known, []
        while True:
            if not limits.HEADER_SIZE <= place < before:
                raise Malformed("a compression pointer leads forwards, into itself or into the header")
            name = known.get(place)
            if name is not None:
                break
            run, target, _ = self._run(place)
            way.append((place, run))
            if not target:
                name = _ROOT
                break
            place, before = target, place
        for passed, run in reversed(way):
            name = run + name
            if len(name) > limits.NAME_SIZE:
                raise Malformed("a name is too long")
            known[passed] = name
        return name

    def _run(self, at: int) -> tuple[bytes, int, int]:
        """Labels up to the root (0) or a pointer (where it leads), and the end of it all."""
        packet, start = self._packet, at
        try:
            while length := packet[at]:
                if length >= 0xC0:
                    return packet[start:at], (length & 0x3F) << 8 | packet[at + 1], at + 2
                if length > limits.LABEL_SIZE:
                    raise Malformed("a label of unknown type")
                at += length + 1
                if at - start >= limits.NAME_SIZE:
                    raise Malformed("a name is too long")
        except IndexError:
            raise Malformed("a name runs past the end of the message") from None
        return packet[start:at], 0, at + 1
