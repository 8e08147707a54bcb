"""A reply looked at byte by byte, without the program's own reading of messages: what must hold of every one of them.

It knows the layout of the record types that a kubernetes zone holds; fast enough for hundreds of thousands of replies.
"""

from struct import Struct
from typing import NamedTuple

_HEADER = Struct("!HHHHHH")
_FIXED = Struct("!HHIH")
_NAMES = {2: "n", 5: "n", 6: "nn20", 12: "n", 15: "2n", 33: "6n"}  # NS CNAME SOA PTR MX SRV
_SIZES = {1: 4, 28: 16}  # A AAAA


class Broken(AssertionError):
    """A reply that breaks a rule; the message says which."""


class Shape(NamedTuple):
    """What a reply looks like. `opt` is the size its OPT gives, None without one; `rcode` has the OPT's upper bits."""

    rcode: int
    flags: int
    question: bytes
    answers: int
    authorities: int
    additionals: int
    opt: int | None
    do: bool

    @property
    def truncated(self) -> bool:
        return bool(self.flags & 0x0200)


def read(reply: bytes, packet: bytes, limit: int) -> Shape:
    """The shape of a reply to this packet, of which at most `limit` bytes may come. Raises Broken."""
    if len(reply) < 12:
        raise Broken("shorter than a header")
    if len(reply) > limit:
        raise Broken(f"{len(reply)} bytes for an asker that takes {limit}")
    id_, flags, questions, *counts = _HEADER.unpack_from(reply)
    if id_ != packet[0] << 8 | packet[1]:
        raise Broken("another id")
    if not flags & 0x8000:
        raise Broken("QR is not set")
    if questions > 1:
        raise Broken("more than one question")
    at, question = 12, b""
    if questions:
        end = _plain_name(reply, 12) + 4
        question = reply[12:end]
        if question != packet[12:end]:
            raise Broken("another question than was asked")
        at = end
    if (flags ^ packet[2] << 8) & 0x7800 and not (flags & 15 == 1 and not questions):
        raise Broken("another opcode than was asked")
    opt, rcode, do = None, flags & 15, False
    for section, count in enumerate(counts):
        for _ in range(count):
            owner_is_root = reply[at : at + 1] == b"\0"
            at = _name(reply, at)
            if at + 10 > len(reply):
                raise Broken("a record is cut short")
            rtype, rclass, ttl, length = _FIXED.unpack_from(reply, at)
            at += 10
            if at + length > len(reply):
                raise Broken("record data is cut short")
            if rtype == 41:
                if section != 2 or opt is not None or not owner_is_root:
                    raise Broken("an OPT out of place")
                opt, do = rclass, bool(ttl & 0x8000)
                rcode |= ttl >> 24 << 4
                if ttl & 0x00FF7FFF:
                    raise Broken("an OPT of another version, or with Z bits")
            else:
                _check_data(reply, rtype, at, at + length)
            at += length
    if at != len(reply):
        raise Broken(f"{len(reply) - at} bytes behind the last record")
    return Shape(rcode, flags, question, counts[0], counts[1], counts[2] - (opt is not None), opt, do)


def _check_data(reply: bytes, rtype: int, at: int, end: int) -> None:
    size = _SIZES.get(rtype)
    if size is not None:
        if end - at != size:
            raise Broken(f"{end - at} bytes of data for type {rtype}")
        return
    layout = _NAMES.get(rtype)
    if layout is None:
        return
    at += int(layout[0]) if layout[0].isdigit() else 0
    for _ in range(layout.count("n")):
        at = _name(reply, at)
    at += 20 if layout.endswith("20") else 0
    if at != end:
        raise Broken(f"data of type {rtype} that its length does not fit")


def _plain_name(reply: bytes, at: int) -> int:
    """Where an uncompressed name ends."""
    start = at
    while at < len(reply):
        length = reply[at]
        at += length + 1
        if not length:
            if at - start > 255:
                raise Broken("a name of more than 255 bytes")
            return at
        if length > 63:
            break
    raise Broken("a question name that is broken or compressed")


def _name(reply: bytes, at: int) -> int:
    """Where a name ends; what its pointers lead to is followed, backwards only."""
    end, size, before = 0, 0, at
    while at < len(reply):
        length = reply[at]
        if length >= 0xC0:
            target = (length & 0x3F) << 8 | reply[at + 1]
            if not 12 <= target < before:
                raise Broken("a pointer that does not lead backwards")
            end = end or at + 2
            at = before = target
            continue
        if length > 63:
            break
        at += length + 1
        size += length + 1
        if not length:
            if size > 255:
                raise Broken("a name of more than 255 bytes")
            return end or at
    raise Broken("a name that is broken")
