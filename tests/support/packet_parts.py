"""Pieces that odd packets are put together from, and what their replies look like."""

from struct import pack
from typing import NamedTuple

from resolver.wire import codes
from resolver.wire.names import name_from_text

NAME = name_from_text("svc1.testns.svc.cluster.local")
MISSING = name_from_text("missing.testns.svc.cluster.local")
ZONE = name_from_text("cluster.local")
MANY = name_from_text("many.testns.svc.cluster.local")
ID = 0x1234
POINTER = b"\xc0\x0c"


class Expect(NamedTuple):
    """The shape of a reply. `rcode` None is silence; `opt` the size in its OPT, None for no OPT.

    `answers`: how many records, None where it does not matter.
    """

    rcode: int | None
    question: bool = True
    opt: int | None = None
    answers: int | None = 0
    do: bool = False
    truncated: bool = False


SILENCE = Expect(None)
BARE_FORMERR = Expect(codes.FORMERR, question=False)
BARE_NOTIMP = Expect(codes.NOTIMP, question=False)
BARE_SERVFAIL = Expect(codes.SERVFAIL, question=False)
FORMERR = Expect(codes.FORMERR)
REFUSED = Expect(codes.REFUSED)
SERVFAIL = Expect(codes.SERVFAIL)
NODATA = Expect(codes.NOERROR)
NXDOMAIN = Expect(codes.NXDOMAIN)
ANSWER = Expect(codes.NOERROR, answers=1)
BADVERS = Expect(codes.BADVERS, opt=0)


def head(
    flags: int = codes.RD, questions: int = 1, answers: int = 0, authorities: int = 0, additionals: int = 0
) -> bytes:
    return pack("!HHHHHH", ID, flags, questions, answers, authorities, additionals)


def asked(name: bytes = NAME, qtype: int = codes.A, qclass: int = codes.IN) -> bytes:
    return name + pack("!HH", qtype, qclass)


def query(name: bytes = NAME, qtype: int = codes.A, qclass: int = codes.IN, flags: int = codes.RD) -> bytes:
    return head(flags) + asked(name, qtype, qclass)


def record(
    rtype: int, rdata: bytes, owner: bytes = POINTER, rclass: int = codes.IN, ttl: int = 5, length: int | None = None
) -> bytes:
    """`length` is what rdlength says where it lies."""
    return owner + pack("!HHIH", rtype, rclass, ttl, len(rdata) if length is None else length) + rdata


ADDRESS = record(codes.A, b"\x0a\0\0\x01")


def option(code: int, data: bytes = b"", length: int | None = None) -> bytes:
    return pack("!HH", code, len(data) if length is None else length) + data


def opt(options: bytes = b"", size: int = 1232, ttl: int = 0, owner: bytes = b"\0", length: int | None = None) -> bytes:
    return record(codes.OPT, options, owner, size, ttl, length)


def with_opt(options: bytes = b"", size: int = 1232, ttl: int = 0, name: bytes = NAME) -> bytes:
    return head(additionals=1) + asked(name) + opt(options, size, ttl)


def with_records(answers: int, authorities: int, additionals: int, *records: bytes) -> bytes:
    return head(codes.RD, 1, answers, authorities, additionals) + asked() + b"".join(records)


def padded(size: int) -> bytes:
    """A query with a padding option that makes it this long."""
    bare = len(with_opt(option(12)))
    return with_opt(option(12, bytes(size - bare)))


def tsig(mac: bytes = bytes(32), cut: int = 0) -> bytes:
    """A TSIG with a key nobody knows; `cut` bytes are missing at its end."""
    data = name_from_text("hmac-sha256.") + pack("!HIHH", 0, 1_700_000_000, 300, len(mac)) + mac
    data += pack("!HHH", ID, 0, 0)
    return record(codes.TSIG, data[: len(data) - cut], name_from_text("key.example"), codes.ANY, 0)


def sig0() -> bytes:
    """A SIG(0) of nobody (RFC 2931)."""
    data = pack("!HBBIIIH", 0, 8, 0, 0, 2_000_000_000, 1_600_000_000, 7) + name_from_text("key.example") + bytes(64)
    return record(24, data, b"\0", codes.ANY, 0)


def soa(serial: int = 1) -> bytes:
    data = name_from_text("ns.dns.cluster.local") + name_from_text("hostmaster.cluster.local")
    return record(codes.SOA, data + pack("!IIIII", serial, 2, 3, 4, 5), ZONE)


def subnet(family: int, source: int, scope: int, address: bytes) -> bytes:
    """An EDNS client subnet option (RFC 7871)."""
    return option(8, pack("!HBB", family, source, scope) + address)


def labels(*sizes: int, rest: bytes = ZONE) -> bytes:
    """A name of labels this long, in front of `rest`."""
    return b"".join(bytes((size,)) + b"a" * size for size in sizes) + rest


def long_name(size: int) -> bytes:
    """A name below the zone that is exactly this long on the wire."""
    left, sizes = size - len(ZONE), []
    while left > 64:
        sizes.append(62)
        left -= 63
    return labels(*sizes, left - 1)
