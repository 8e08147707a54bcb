"""EDNS(0), RFC 6891: reading the OPT of a query, writing that of a reply."""

from struct import Struct
from typing import Final

from resolver.wire import codes
from resolver.wire.query import Edns
from resolver.wire.rdata import Malformed, read_name

DO: Final = 0x8000
_OPTION: Final = Struct("!HH")
_OPT_HEAD: Final = Struct("!BHHBBHH")
OPT_SIZE: Final = _OPT_HEAD.size  # bytes of an OPT without options

LLQ, UPDATE_LEASE, CLIENT_SUBNET, EXPIRE, KEEPALIVE, EXTENDED_ERROR, REPORTING, ZONE_VERSION = (
    1, 2, 8, 9, 11, 15, 18, 19,
)  # fmt: skip


def read_opt(size: int, ttl: int, options: bytes) -> Edns:
    """The OPT of these fields: class is the size, TTL holds version and flags. Raises Malformed on a broken option."""
    if options:
        check_options(options)
    return Edns(size, ttl >> 16 & 0xFF, ttl & DO != 0, options)


def check_options(options: bytes) -> None:
    """Walks the options and looks into those whose shape is fixed (as miekg/dns does). Raises Malformed."""
    at, end = 0, len(options)
    while at < end:
        if at + 4 > end:
            raise Malformed("an EDNS option is cut short")
        code, length = _OPTION.unpack_from(options, at)
        at += 4
        if at + length > end:
            raise Malformed("an EDNS option runs past its record")
        if not _option_is_sound(code, options[at : at + length]):
            raise Malformed(f"EDNS option {code} is broken")
        at += length


def _option_is_sound(code: int, data: bytes) -> bool:
    if code == CLIENT_SUBNET:
        return _subnet_is_sound(data)
    if code == EXPIRE:
        return not data or len(data) >= 4
    if code == KEEPALIVE:
        return len(data) in (0, 2)
    if code in (EXTENDED_ERROR, ZONE_VERSION):
        return len(data) >= 2
    if code == UPDATE_LEASE:
        return len(data) in (4, 8)
    if code == LLQ:
        return len(data) >= 18
    if code == REPORTING:
        read_name(data, 0, body=0)
    return True


def _subnet_is_sound(data: bytes) -> bool:
    """RFC 7871 §6, read as leniently as CoreDNS does: short addresses and trailing bits pass."""
    if len(data) < 4:
        return False
    family, source, scope = data[0] << 8 | data[1], data[2], data[3]
    if family == 0:
        return source == 0
    if family in (1, 2):
        widest = 32 if family == 1 else 128
        return source <= widest and scope <= widest
    return False


def opt_record(size: int, do: bool, options: bytes = b"", extended_rcode: int = 0) -> bytes:
    """The OPT of a reply: version 0, the asker's size and DO bit, no Z bits (departure 5)."""
    return _OPT_HEAD.pack(0, codes.OPT, size, extended_rcode, 0, DO if do else 0, len(options)) + options


def option(code: int, data: bytes) -> bytes:
    """One EDNS option in wire form."""
    return _OPTION.pack(code, len(data)) + data
