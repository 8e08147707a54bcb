"""Records into messages: compression, and cutting a reply to what the asker takes, as miekg/dns does both."""

from struct import Struct
from typing import Final, NamedTuple

from resolver import limits
from resolver.wire import codes
from resolver.wire.rdata import LAYOUTS

_FIXED: Final = Struct("!HHIH")
_POINTER: Final = Struct("!H")
_HEADER: Final = Struct("!HHHHHH")
_COMPRESSIBLE: Final = 0x4000  # offsets a 14-bit pointer reaches, RFC 1035 §4.1.4
SERIAL_FROM_END: Final = 20  # bytes from the serial to the end of a SOA's data, RFC 1035 §3.3.13
QUESTION_POINTER: Final = b"\xc0\x0c"


class Record(NamedTuple):
    """One resource record; owner and the names inside `rdata` are uncompressed wire names. TTL in seconds."""

    owner: bytes
    rtype: int
    rclass: int
    ttl: int
    rdata: bytes


class Written(NamedTuple):
    """Records in wire form, one piece a record, in section order.

    `counts` are those of the three sections; `truncated` says that records were left out.
    """

    pieces: list[bytes]
    counts: tuple[int, int, int]
    truncated: bool


class Writer:
    """Writes records behind one question, compressing names against all that stands before them (RFC 1035 §4.1.4).

    Letter case counts in the comparison, as in miekg/dns: `Cluster.local` is no pointer to `cluster.local`.
    `before` bytes of the question name stand in front of `asked`, and are not pointed to.
    """

    __slots__ = ("_at", "_known", "_question", "_question_pointer")

    def __init__(self, asked: bytes, before: int = 0) -> None:
        self._question = asked
        start = limits.HEADER_SIZE + before
        self._question_pointer = _POINTER.pack(0xC000 | start) if before else QUESTION_POINTER
        self._at = start + len(asked) + 4
        known: dict[bytes, int] = {}
        at = 0
        while length := asked[at]:
            known[asked[at:]] = start + at
            at += length + 1
        self._known = known

    @property
    def size(self) -> int:
        """Bytes written so far, header and question included."""
        return self._at

    def record(self, record: Record) -> bytes:
        """The record in wire form at the current place, which moves behind it."""
        owner, rtype, rclass, ttl, rdata = record
        if owner == self._question and len(owner) > 1:
            head = self._question_pointer
        else:
            head = self._name(owner, self._at, compress=True)
        layout = LAYOUTS.get(rtype)
        if layout is not None and rtype not in (codes.A, codes.AAAA) and rdata:
            rdata = self._rdata(layout, rdata, self._at + len(head) + 10)
        piece = head + _FIXED.pack(rtype, rclass, ttl, len(rdata)) + rdata
        self._at += len(piece)
        return piece

    def _rdata(self, layout: str, rdata: bytes, at: int) -> bytes:
        parts, place, written = [], 0, 0
        for step in layout:
            if step in "Nn":
                end = _name_end(rdata, place)
                part = self._name(rdata[place:end], at + written, compress=step == "N")
            else:
                end = place + (int(step) if step != "s" else 1 + rdata[place])
                part = rdata[place:end]
            parts.append(part)
            written += len(part)
            place = end
        return b"".join(parts)

    def _name(self, name: bytes, at: int, *, compress: bool) -> bytes:
        known, place = self._known, 0
        while length := name[place]:
            rest = name[place:]
            target = known.get(rest)
            if target is None:
                if at + place < _COMPRESSIBLE:
                    known[rest] = at + place
            elif compress:
                return name[:place] + _POINTER.pack(0xC000 | target)
            place += length + 1
        return name


def _name_end(data: bytes, at: int) -> int:
    while length := data[at]:
        at += length + 1
    return at + 1


def write(asked: bytes, sections: tuple[list[Record], list[Record], list[Record]], limit: int) -> Written:
    """The three sections behind the question, as many whole records in order as `limit` bytes hold.

    `limit` is that of the whole message less what follows it (OPT). Nothing after the first record that does not fit
    is written (miekg/dns Msg.Truncate, whose lengths are those of compressed records).
    """
    writer, counts = Writer(asked), [0, 0, 0]
    pieces: list[bytes] = []
    for section, records in enumerate(sections):
        for record in records:
            piece = writer.record(record)
            if writer.size > limit:
                return Written(pieces, (counts[0], counts[1], counts[2]), True)
            pieces.append(piece)
            counts[section] += 1
    return Written(pieces, (counts[0], counts[1], counts[2]), False)


def uncompressed_size(asked: bytes, sections: tuple[list[Record], list[Record], list[Record]]) -> int:
    """Bytes of the message if no name were compressed: what CoreDNS's log and metrics count, OPT not included."""
    size = limits.HEADER_SIZE + len(asked) + 4
    for records in sections:
        for record in records:
            size += len(record.owner) + 10 + len(record.rdata)
    return size


def header(id_: int, flags: int, answer: int, authority: int, additional: int) -> bytes:
    """The twelve bytes of a reply to one question."""
    return _HEADER.pack(id_, flags, 1, answer, authority, additional)
