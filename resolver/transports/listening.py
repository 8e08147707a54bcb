"""Opening the sockets a server listens on: UDP and TCP under one number, each address family by itself.

A wildcard is two sockets, 0.0.0.0 and :: with IPV6_V6ONLY: then an IPv4 client is seen with its IPv4 address, and
neither family depends on the other being there.
"""

import errno
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from resolver import limits
from resolver.transports.port_holder import port_holder
from resolver.wire.peer import Network

ALL_ADDRESSES: Final = ("0.0.0.0", "::")  # noqa: S104 - a Corefile without `bind` asks for it
LOOPBACK: Final = ("127.0.0.1", "::1")

_NOT_HERE: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.ENODEV, errno.ENXIO})

_Opened = TypeVar("_Opened", bound="_Closable")


class _Closable(Protocol):
    def close(self) -> None: ...


class CannotListen(Exception):
    """A socket could not be opened; the text says which, why, and what to do about it."""


class PortTaken(CannotListen):
    """Another socket has the number; `holder` names its process where the system tells."""

    def __init__(self, address: str, port: int, protocol: Network, holder: str | None, instead: str = "") -> None:
        self.address = address
        self.port = port
        self.protocol = protocol
        self.holder = holder
        self.another = port + 1 if 1024 <= port < limits.PORT else 1053
        instead = instead or f"listen on another number: `--port {self.another}`, or `--port 0` for one that is free"
        super().__init__(
            f"{shown(address, port)} ({protocol}) is taken by {holder or 'another process'}: stop that, or {instead}"
        )


class PortForbidden(CannotListen):
    """Numbers below 1024 need a privilege."""

    def __init__(self, address: str, port: int, protocol: Network) -> None:
        self.address = address
        self.port = port
        self.protocol = protocol
        super().__init__(
            f"{shown(address, port)} ({protocol}) needs a privilege: run as root, give the process "
            "CAP_NET_BIND_SERVICE (in a pod: securityContext.capabilities.add: [NET_BIND_SERVICE]), "
            "or listen above 1023: `--port 1053`"
        )


class AddressMissing(CannotListen):
    """The host does not have the address, or not its family."""

    def __init__(self, address: str, why: str) -> None:
        self.address = address
        super().__init__(f"cannot listen on {address}: {why}")


@dataclass(frozen=True, slots=True)
class SocketPair:
    """The UDP and TCP socket of one address and number, bound; the TCP one already queues connections."""

    address: str
    udp: socket.socket
    tcp: socket.socket

    def close(self) -> None:
        self.udp.close()
        self.tcp.close()


@dataclass(frozen=True, slots=True)
class SharedPort:
    """Several addresses under one number, at least one of them; `missing` are those that this host does not have."""

    port: int
    pairs: tuple[SocketPair, ...]
    missing: tuple[AddressMissing, ...]


def shown(address: str, port: int) -> str:
    """`192.0.2.1:53`, `[2001:db8::1]:53`."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def is_address(text: str) -> bool:
    """Whether `text` is an IP address, perhaps with a scope."""
    try:
        _family(text.partition("%")[0])
    except AddressMissing:
        return False
    return True


def loopback_addresses() -> tuple[str, ...]:
    """The loopback addresses this host has: many containers have no ::1. Both where it seems to have none."""
    here = []
    for address in LOOPBACK:
        try:
            open_socket(address, 0, "udp").close()
        except AddressMissing:
            continue
        here.append(address)
    return tuple(here) or LOOPBACK


def open_pair(address: str, port: int, *, reuse_port: bool = False) -> tuple[socket.socket, socket.socket]:
    """The UDP and TCP socket of one address under one number (0: any that is free for both). Raises CannotListen."""
    pair = open_pairs((address,), port, reuse_port=reuse_port).pairs[0]
    return pair.udp, pair.tcp


def open_pairs(addresses: Sequence[str], port: int, *, reuse_port: bool = False) -> SharedPort:
    """UDP and TCP sockets of all the addresses this host has, under one number. Raises CannotListen.

    Raises AddressMissing only if the host has none of them.
    """

    def open_at(address: str, number: int) -> SocketPair:
        tcp = open_socket(address, number, "tcp", reuse_port=reuse_port)
        try:
            udp = open_socket(address, tcp.getsockname()[1], "udp", reuse_port=reuse_port)
        except CannotListen:
            tcp.close()
            raise
        return SocketPair(address, udp, tcp)

    pairs, missing = _open_under_one_number(addresses, port, open_at, lambda pair: pair.tcp.getsockname()[1])
    return SharedPort(pairs[0].tcp.getsockname()[1], tuple(pairs), tuple(missing))


def open_streams(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """TCP sockets of all the addresses this host has, under one number. Raises CannotListen."""
    sockets, _ = _open_under_one_number(
        addresses, port, lambda address, number: open_socket(address, number, "tcp"), lambda sock: sock.getsockname()[1]
    )
    return sockets


def open_socket(address: str, port: int, protocol: Network, *, reuse_port: bool = False) -> socket.socket:
    """One bound, non-blocking socket; a TCP one listens already, else the number were not ours. Raises CannotListen.

    `address` is an IP address, an IPv6 one perhaps with a scope (`fe80::1%eth0`).
    """
    plain, _, scope = address.partition("%")
    family = _family(plain)
    try:
        sock = socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    except OSError as error:
        raise AddressMissing(address, "this host has no IPv6" if family == socket.AF_INET6 else str(error)) from error
    try:
        sock.setblocking(False)
        if protocol == "tcp":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((plain, port, 0, _interface(address, scope)))
        else:
            sock.bind((plain, port))
        if protocol == "tcp":
            sock.listen(limits.TCP_BACKLOG)
    except OSError as error:
        sock.close()
        raise _explained(error, address, port, protocol) from error
    except AddressMissing:
        sock.close()
        raise
    return sock


def _open_under_one_number(
    addresses: Sequence[str],
    port: int,
    open_at: Callable[[str, int], _Opened],
    number_of: Callable[[_Opened], int],
) -> tuple[list[_Opened], list[AddressMissing]]:
    """Opens all of them or, but for addresses the host lacks, none; with port 0 the first one picks the number."""
    tries_left = 1 if port else limits.PORT_TRIES
    while True:
        tries_left -= 1
        opened: list[_Opened] = []
        missing: list[AddressMissing] = []
        number = port
        try:
            for address in addresses:
                try:
                    opened.append(open_at(address, number))
                except AddressMissing as error:
                    missing.append(error)
                else:
                    number = number_of(opened[0])
        except CannotListen as error:
            for one in opened:
                one.close()
            if isinstance(error, PortTaken) and tries_left:
                continue
            raise
        if not opened:
            raise missing[0]
        return opened, missing


def _family(address: str) -> socket.AddressFamily:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, address)
        except OSError:
            continue
        return family
    raise AddressMissing(address, "that is not an IP address")


def _interface(address: str, scope: str) -> int:
    if not scope:
        return 0
    try:
        return int(scope) if scope.isdecimal() else socket.if_nametoindex(scope)
    except OSError as error:
        raise AddressMissing(address, f"this host has no interface {scope}") from error


def _explained(error: OSError, address: str, port: int, protocol: Network) -> CannotListen:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(address, port, protocol, port_holder(address.partition("%")[0], port, protocol))
    if error.errno == errno.EACCES:
        return PortForbidden(address, port, protocol)
    if error.errno in _NOT_HERE:
        return AddressMissing(address, "this host does not have it; `ip address` lists those it has")
    return CannotListen(f"cannot listen on {shown(address, port)} ({protocol}): {error.strerror}")
