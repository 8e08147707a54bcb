"""The addresses of this machine, from getifaddrs(3): the standard library has no call for them."""

import ctypes
import socket
from collections.abc import Iterator, Sequence
from typing import Any


class _Address(ctypes.Structure):
    _fields_ = (("family", ctypes.c_ushort), ("data", ctypes.c_ubyte * 26))


class _Interface(ctypes.Structure):
    pass


_Interface._fields_ = [
    ("next", ctypes.POINTER(_Interface)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.POINTER(_Address)),
    ("netmask", ctypes.c_void_p),
    ("broadcast", ctypes.c_void_p),
    ("extra", ctypes.c_void_p),
]


def all_addresses() -> Sequence[tuple[str, str]]:
    """(interface, address) pairs, IPv4 first and then IPv6, each in the system's order; link-local ones with scope."""
    library = ctypes.CDLL(None, use_errno=True)  # what Python itself is linked with, the C library among it
    first = ctypes.POINTER(_Interface)()
    if library.getifaddrs(ctypes.byref(first)) != 0:
        raise OSError(ctypes.get_errno(), "getifaddrs failed")
    try:
        found = [entry for entry in _entries(first) if entry is not None]
    finally:
        library.freeifaddrs(first)
    return [pair for family in (socket.AF_INET, socket.AF_INET6) for pair in _of_family(found, family)]


def _entries(first: Any) -> Iterator[tuple[str, int, str] | None]:
    entry = first
    while entry:
        yield _entry(entry.contents)
        entry = entry.contents.next


def _entry(interface: Any) -> tuple[str, int, str] | None:
    if not interface.address:
        return None
    name = interface.name.decode()
    address = interface.address.contents
    data = bytes(address.data)
    if address.family == socket.AF_INET:
        return name, socket.AF_INET, socket.inet_ntop(socket.AF_INET, data[2:6])
    if address.family == socket.AF_INET6:
        text = socket.inet_ntop(socket.AF_INET6, data[6:22])
        return name, socket.AF_INET6, f"{text}%{name}" if data[6] == 0xFE and data[7] & 0xC0 == 0x80 else text
    return None


def _of_family(found: list[tuple[str, int, str]], family: int) -> Iterator[tuple[str, str]]:
    return ((name, address) for name, kind, address in found if kind == family)
