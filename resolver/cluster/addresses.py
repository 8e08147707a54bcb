"""IP addresses as text and as bytes, read as Go's net.ParseIP reads them."""

from ipaddress import ip_address
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import Final

_MAPPED: Final = b"\0" * 10 + b"\xff\xff"


def packed_address(text: str) -> bytes | None:
    """4 or 16 bytes; None where the text is no address. An IPv4-mapped IPv6 address counts as IPv4 (Go: To4)."""
    try:
        if ":" not in text:
            return inet_pton(AF_INET, text)
        packed = inet_pton(AF_INET6, text)
    except (OSError, ValueError):  # ValueError: a NUL or a lone surrogate inside the text
        return None
    return packed[12:] if packed.startswith(_MAPPED) else packed


def canonical_address(packed: bytes) -> str:
    """The text Go's net.IP.String gives: dotted quad, or RFC 5952 (no embedded dotted quad)."""
    if len(packed) == 4:
        return inet_ntop(AF_INET, packed)
    text = inet_ntop(AF_INET6, packed)
    if "." in text:  # the C library writes ::1.2.3.4 where Go writes ::102:304
        head, _, quad = text.rpartition(":")
        high, low = int.from_bytes(packed[12:14]), int.from_bytes(packed[14:16])
        return f"{head}:{high:x}:{low:x}" if quad else text
    return text


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host, a name or an address (with a scope or without)."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
