"""Record data: which types hold names and where, and reading it safely out of a message.

A layout is a string: ``N`` a name that may be compressed both ways, ``n`` one that is read compressed but never
written so, a digit that many fixed bytes, ``s`` a character string, ``*`` the rest. RFC 1035 §3.3, RFC 3597 §4,
RFC 2782 for SRV.
"""

from typing import Final

from resolver import limits
from resolver.wire import codes


class Malformed(ValueError):
    """A message that breaks the wire format; the message says how."""


LAYOUTS: Final[dict[int, str]] = {
    codes.NS: "N",
    3: "N",  # MD
    4: "N",  # MF
    codes.CNAME: "N",
    codes.SOA: "NN44444",
    7: "N",  # MB
    8: "N",  # MG
    9: "N",  # MR
    codes.PTR: "N",
    14: "NN",  # MINFO
    codes.MX: "2N",
    17: "nn",  # RP
    18: "2n",  # AFSDB
    21: "2n",  # RT
    26: "2nn",  # PX
    codes.SRV: "222n",
    35: "22sssn",  # NAPTR
    36: "2n",  # KX
    codes.DNAME: "n",
    codes.A: "4",
    codes.AAAA: "88",
}


def read_name(message: bytes, at: int, *, body: int = limits.HEADER_SIZE) -> tuple[bytes, int]:
    """The name at `at`, uncompressed, and where it ends. Pointers lead backwards only, into the body.

    Raises Malformed on any other pointer, too many of them, label type, or length (departure 2; RFC 1035 §4.1.4).
    """
    labels: list[bytes] = []
    size, end, floor = 1, -1, at
    pointers, length = 0, len(message)
    while True:
        if at >= length:
            raise Malformed("a name runs past the end of the message")
        byte = message[at]
        if byte == 0:
            return b"".join(labels) + b"\0", (at + 1 if end < 0 else end)
        if byte < 0x40:
            following = at + 1 + byte
            size += byte + 1
            if following > length or size > limits.NAME_SIZE:
                raise Malformed("a name is too long or cut short")
            labels.append(message[at:following])
            at = following
        elif byte >= 0xC0:
            if at + 2 > length:
                raise Malformed("a compression pointer is cut short")
            target = (byte & 0x3F) << 8 | message[at + 1]
            if end < 0:
                end = at + 2
            pointers += 1
            if not body <= target < floor or pointers > limits.NAME_POINTERS:
                raise Malformed("a compression pointer leads forwards, into itself or into the header")
            at = floor = target
        else:
            raise Malformed("a label of unknown type")


def read_rdata(message: bytes, rtype: int, at: int, end: int) -> bytes:
    """The record data from `at` to `end`, its names uncompressed. Raises Malformed where the type's layout breaks.

    Empty data is sound for any type: queries and dynamic updates carry it (RFC 2136 §2.4).
    """
    if at == end:
        return b""
    layout = LAYOUTS.get(rtype)
    if layout is None:
        if rtype == codes.TXT:
            _check_strings(message, at, end)
        return message[at:end]
    parts = []
    for step in layout:
        if step in "Nn":
            name, at = read_name(message, at)
            parts.append(name)
        else:
            size = int(step) if step != "s" else 1 + (message[at] if at < end else 0)
            parts.append(message[at : at + size])
            at += size
        if at > end:
            raise Malformed("record data is cut short")
    if at != end:
        raise Malformed("record data is longer than its type allows")
    return b"".join(parts)


def _check_strings(message: bytes, at: int, end: int) -> None:
    while at < end:
        at += 1 + message[at]
    if at != end:
        raise Malformed("a character string runs past its record")
