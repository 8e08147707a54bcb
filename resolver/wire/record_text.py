"""Records as text, as zone files and `dig` write them (RFC 1035 §5.1; data of unknown types as RFC 3597 §5).

Never raises: data that breaks its type's layout is written as what it is, bytes.
"""

from socket import AF_INET, AF_INET6, inet_ntop
from typing import Final

from resolver.wire import codes
from resolver.wire.names import name_to_text
from resolver.wire.rdata import LAYOUTS, Malformed, read_name
from resolver.wire.reply import Record

_PLAIN: Final = frozenset(range(0x20, 0x7F)) - frozenset(b'"\\')


def record_text(record: Record) -> str:
    """``web.shop.svc.cluster.local. 5 IN AAAA fd00::1``."""
    owner, rtype, rclass, ttl, rdata = record
    head = f"{name_to_text(owner)} {ttl} {codes.class_text(rclass)} {codes.type_text(rtype)}"
    return f"{head} {rdata_text(rtype, rdata)}"


def rdata_text(rtype: int, rdata: bytes) -> str:
    """The data of a record whose names are uncompressed, as ``Record.rdata`` is."""
    if rtype == codes.A and len(rdata) == 4:
        return inet_ntop(AF_INET, rdata)
    if rtype == codes.AAAA and len(rdata) == 16:
        return inet_ntop(AF_INET6, rdata)
    layout = "s" if rtype in (codes.TXT, codes.HINFO) else LAYOUTS.get(rtype)
    if layout is None or not rdata or rtype in (codes.A, codes.AAAA):
        return _as_bytes(rdata)
    try:
        return " ".join(_strings(rdata) if layout == "s" else _fields(layout, rdata))
    except (Malformed, IndexError):
        return _as_bytes(rdata)


def _fields(layout: str, rdata: bytes) -> list[str]:
    """Raises Malformed, or IndexError where the data is too short."""
    found, at = [], 0
    for step in layout:
        if step in "Nn":
            name, at = read_name(rdata, at, body=len(rdata))
            found.append(name_to_text(name))
        elif step == "s":
            end = at + 1 + rdata[at]
            found.append(_quoted(rdata[at + 1 : end]))
            at = end
        else:
            end = at + int(step)
            found.append(str(int.from_bytes(rdata[at:end], "big")))
            at = end
        if at > len(rdata):
            raise Malformed("record data is cut short")
    if at != len(rdata):
        raise Malformed("record data is longer than its type allows")
    return found


def _strings(rdata: bytes) -> list[str]:
    """All character strings. Raises Malformed."""
    found, at = [], 0
    while at < len(rdata):
        end = at + 1 + rdata[at]
        if end > len(rdata):
            raise Malformed("a character string runs past its record")
        found.append(_quoted(rdata[at + 1 : end]))
        at = end
    return found


def _quoted(string: bytes) -> str:
    inner = "".join(chr(byte) if byte in _PLAIN else f"\\{chr(byte)}" if byte in b'"\\' else f"\\{byte:03d}"
                    for byte in string)  # fmt: skip
    return f'"{inner}"'


def _as_bytes(rdata: bytes) -> str:
    """``\\# 3 0a0b0c``."""
    return f"\\# {len(rdata)} {rdata.hex()}".rstrip()
