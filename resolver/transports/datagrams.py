"""What one datagram needs, on any system: buffers, the address it was sent to, and the way back."""

import socket
import struct
import sys
from dataclasses import dataclass
from typing import Any, Final

from resolver.wire.peer import Family, KeptPeer

Ancillary = list[tuple[int, int, bytes]]

IP_PKTINFO: Final = 26 if sys.platform == "darwin" else 8  # Python 3.11's socket module lacks it
_LINUX: bool = sys.platform.startswith("linux")
_HAS_IP_PKTINFO: bool = _LINUX or sys.platform == "darwin"
_IP_PACKET_INFO: Final = struct.Struct("=I4s4s")  # in_pktinfo: interface, our address, address in the header
_ANCILLARY_SIZE: Final = 128  # bytes: room for either packet info with its header, on any system

_FORCED: Final = {socket.SO_RCVBUF: 33, socket.SO_SNDBUF: 32}  # SO_RCVBUFFORCE, SO_SNDBUFFORCE of asm-generic/socket.h


@dataclass(frozen=True, slots=True)
class ReturnPath:
    """Where to send a reply (as `socket.sendmsg` takes it) and the packet info that makes it leave from our address."""

    address: tuple[Any, ...]
    ancillary: Ancillary


def ask_for_buffer(sock: socket.socket, option: int, size: int) -> int:
    """Sets SO_RCVBUF or SO_SNDBUF, past the system's maximum where we are allowed to; gives the bytes granted."""
    if _LINUX:
        try:
            sock.setsockopt(socket.SOL_SOCKET, _FORCED[option], size)
        except PermissionError:
            sock.setsockopt(socket.SOL_SOCKET, option, size)
        return sock.getsockopt(socket.SOL_SOCKET, option) // 2  # the kernel doubles what it grants: socket(7)
    try:
        sock.setsockopt(socket.SOL_SOCKET, option, size)
    except OSError:  # BSD refuses what is over its maximum instead of granting less: then the default stays
        return sock.getsockopt(socket.SOL_SOCKET, option)
    return sock.getsockopt(socket.SOL_SOCKET, option)


def family_of(sock: socket.socket) -> Family:
    return 6 if sock.family == socket.AF_INET6 else 4


def fixed_local_address(sock: socket.socket) -> str | None:
    """The one address the socket is bound to; None if it is bound to all, so that each datagram must tell."""
    address: str = sock.getsockname()[0]
    return None if address in {"0.0.0.0", "::"} else address.partition("%")[0]  # noqa: S104 - compared, not bound


def ask_for_local_addresses(sock: socket.socket) -> None:
    """From now on every datagram received says which of our addresses it was sent to, where the system can tell."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    elif _HAS_IP_PKTINFO:
        sock.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)


def read_datagram(sock: socket.socket, size: int, local: str | None) -> tuple[bytes, KeptPeer, ReturnPath]:
    """One datagram, its asker and the way back. Raises OSError (BlockingIOError: nothing there)."""
    data, ancillary, _, name = sock.recvmsg(size, _ANCILLARY_SIZE)
    family = family_of(sock)
    path = ReturnPath(name, [])
    for level, kind, info in ancillary if local is None else ():
        if level == socket.IPPROTO_IPV6 and kind == socket.IPV6_PKTINFO:
            local = socket.inet_ntop(socket.AF_INET6, info[:16])
            path = ReturnPath(name, [(level, kind, info[:20])])
        elif level == socket.IPPROTO_IP and kind == IP_PKTINFO:
            _, ours, asked = _IP_PACKET_INFO.unpack(info[:12])
            source = ours if any(ours) else asked
            local = socket.inet_ntop(socket.AF_INET, source)
            path = ReturnPath(name, [(level, kind, ip_packet_info(source))])
    own = sock.getsockname()
    address = name[0].partition("%")[0]
    return data, KeptPeer("udp", family, address, name[1], own[0] if local is None else local, own[1]), path


def ip_packet_info(source: bytes) -> bytes:
    """An in_pktinfo that chooses the source address only.

    Naming the interface too would send the reply out where the query came in even if the route back is another.
    """
    return _IP_PACKET_INFO.pack(0, source, bytes(4))
