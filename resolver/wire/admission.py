"""The one door: which packets become questions, which are refused at once, which are met with silence.

The header is judged before anything is parsed, then the question, then the records a query may carry
(miekg/dns acceptfunc.go; departures 1 to 4 and 9).
"""

from struct import Struct
from typing import Final

from resolver import limits
from resolver.wire import codes
from resolver.wire.edns import read_opt
from resolver.wire.peer import Peer
from resolver.wire.query import Edns, Query
from resolver.wire.rdata import Malformed, read_name, read_rdata

_HEADER: Final = Struct("!HHHHHH")
_QUESTION: Final = Struct("!HH")
_OPT_START: Final = b"\0\0\x29"  # the root as owner, type OPT
_OPT_REST: Final = Struct("!HIH")
_RECORD: Final = Struct("!HHIH")
_LONGEST: Final = limits.HEADER_SIZE + limits.NAME_SIZE
_NO_QUERY: Final = codes.QR | codes.OPCODE
_KEPT_ON_REJECTION: Final = codes.TC | codes.RD | codes.RA | codes.AD | codes.CD


def admit(packet: bytes, client: Peer) -> Query | bytes | None:
    """A question to answer; a finished refusal to send; or None for silence. Never raises."""
    if len(packet) < limits.HEADER_SIZE:
        return None
    id_, flags, questions, answers, authorities, additionals = _HEADER.unpack_from(packet)
    if flags & _NO_QUERY:
        if flags & codes.QR:
            return None
        return bare_header(id_, flags & (_KEPT_ON_REJECTION | codes.OPCODE) | codes.NOTIMP)
    if questions != 1 or answers > 1 or authorities > 1 or additionals > 2:
        return bare_header(id_, flags & _KEPT_ON_REJECTION | codes.FORMERR)
    at = _question_end(packet)
    if not at:
        return bare_header(id_, flags & _KEPT_ON_REJECTION | codes.FORMERR)
    qtype, qclass = _QUESTION.unpack_from(packet, at - 4)
    edns = None
    if answers or authorities or additionals:
        try:
            edns = _read_records(packet, at, answers, authorities, additionals)
        except Malformed:
            question = packet[limits.HEADER_SIZE : at]
            kept = flags & _KEPT_ON_REJECTION
            return _HEADER.pack(id_, codes.QR | kept | codes.FORMERR, 1, 0, 0, 0) + question
    return Query(id_, flags, packet[limits.HEADER_SIZE : at - 4], qtype, qclass, edns, client, packet)


def _question_end(packet: bytes) -> int:
    """Where the question ends, 0 where it is broken. A pointer in it could only lead into itself or the header."""
    at, size, longest = limits.HEADER_SIZE, len(packet), limits.LABEL_SIZE
    farthest = size if size < _LONGEST else _LONGEST
    while at < farthest:
        length = packet[at]
        if length > longest:
            return 0
        at += length + 1
        if not length:
            return at + 4 if at + 4 <= size else 0
    return 0


def bare_header(id_: int, flags: int) -> bytes:
    """A reply of twelve bytes, without the question, as for what could not be read."""
    return _HEADER.pack(id_, codes.QR | flags, 0, 0, 0, 0)


def _read_records(packet: bytes, at: int, answers: int, authorities: int, additionals: int) -> Edns | None:
    """Walks the records of a query and gives its EDNS. Raises Malformed."""
    edns, end = None, len(packet)
    if additionals == 1 and not answers and not authorities and packet[at : at + 3] == _OPT_START:
        data = at + 11
        rclass, ttl, length = _OPT_REST.unpack_from(packet, at + 3) if data <= end else (0, 0, end)
        if data + length > end:
            raise Malformed("an OPT record is cut short")
        return read_opt(rclass, ttl, packet[data : data + length] if length else b"")
    total = answers + authorities + additionals
    for number in range(total):
        start = at
        owner, at = read_name(packet, at)
        if at + 10 > end:
            raise Malformed("a record is promised and not there, or cut short")
        rtype, rclass, ttl, length = _RECORD.unpack_from(packet, at)
        at += 10
        if at + length > end:
            raise Malformed("record data runs past the end of the message")
        if rtype == codes.OPT:
            if number < answers + authorities or edns is not None or owner != b"\0" or packet[start]:
                raise Malformed("an OPT record out of place")
            edns = read_opt(rclass, ttl, packet[at : at + length])
        elif rtype == codes.TSIG:
            if number != total - 1 or number < answers + authorities:
                raise Malformed("a TSIG record out of place")
            _check_tsig(packet, at, at + length)
        else:
            read_rdata(packet, rtype, at, at + length)
        at += length
    return edns


def _check_tsig(packet: bytes, at: int, end: int) -> None:
    """RFC 8945 §4.2: algorithm name, time, fudge, MAC, original id, error, other data."""
    _, at = read_name(packet, at)
    at += 8  # time signed, fudge
    for fixed in (4, 0):  # what follows each of the two counted fields: original id and error
        if at + 2 > end:
            raise Malformed("a TSIG record is cut short")
        at += 2 + (packet[at] << 8 | packet[at + 1]) + fixed
    if at != end:
        raise Malformed("a TSIG record is cut short")
