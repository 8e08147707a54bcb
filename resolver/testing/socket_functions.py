"""What stands in for the lookups of the `socket` module: the same arguments, results and errors, other answers."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final

from resolver.testing.host_lookups import Elsewhere, HostLookups, error, is_numeric
from resolver.testing.redirection import Target, current, current_for
from resolver.wire import codes

_Original = Callable[..., Any]

_BOTH: Final = (codes.A, codes.AAAA)
_TYPES: Final[dict[int, tuple[int, ...]]] = {
    socket.AF_UNSPEC: _BOTH,
    socket.AF_INET: (codes.A,),
    socket.AF_INET6: (codes.AAAA,),
}
_NOT_PASSED_ON: Final = (
    socket.AI_ADDRCONFIG | socket.AI_CANONNAME | getattr(socket, "AI_V4MAPPED", 0) | getattr(socket, "AI_ALL", 0)
)
_HOST_NOT_FOUND: Final = (1, "Unknown host")


def socket_targets() -> Iterator[Target]:
    """All that Python code can look a host up with in `socket`; and its sockets, which are given names too."""
    for make in (_getaddrinfo, _gethostbyname, _gethostbyname_ex, _gethostbyaddr, _getnameinfo):
        yield Target(socket, make.__name__.removeprefix("_"), make)
    for name in ("connect", "connect_ex", "sendto"):
        yield Target(socket.socket, name, _to_address)


def _getaddrinfo(original: _Original) -> _Original:
    @wraps(original)
    def getaddrinfo(
        host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> list[tuple[Any, ...]]:
        found = current_for(host)
        qtypes = _TYPES.get(family)
        if found is None or qtypes is None or flags & socket.AI_NUMERICHOST:
            return original(host, port, family, type, proto, flags)  # type: ignore[no-any-return]
        if family == socket.AF_INET6 and flags & socket.AI_V4MAPPED:
            qtypes = _BOTH
        try:
            addresses, name = found[0].addresses(_ascii(found[1]), qtypes)
        except Elsewhere:
            return original(host, port, family, type, proto, flags)  # type: ignore[no-any-return]
        if family == socket.AF_INET6:
            addresses = _as_v6(addresses, all_of_them=bool(flags & socket.AI_ALL))
        passed_on = flags & ~_NOT_PASSED_ON | socket.AI_NUMERICHOST
        rows = [row for each in addresses for row in original(each, port, family, type, proto, passed_on)]
        if flags & socket.AI_CANONNAME:
            rows[0] = (*rows[0][:3], name, rows[0][4])
        return rows

    return getaddrinfo


def _gethostbyname(original: _Original) -> _Original:
    @wraps(original)
    def gethostbyname(hostname: Any) -> Any:
        found = current_for(hostname)
        try:
            return original(hostname) if found is None else _of_v4(*found)[0][0]
        except Elsewhere:
            return original(hostname)

    return gethostbyname


def _gethostbyname_ex(original: _Original) -> _Original:
    @wraps(original)
    def gethostbyname_ex(hostname: Any) -> Any:
        found = current_for(hostname)
        try:
            if found is None:
                return original(hostname)
            addresses, name = _of_v4(*found)
        except Elsewhere:
            return original(hostname)
        return name, [], addresses

    return gethostbyname_ex


def _gethostbyaddr(original: _Original) -> _Original:
    @wraps(original)
    def gethostbyaddr(ip_address: Any) -> Any:
        lookups = current()
        if lookups is None or not isinstance(ip_address, str) or _is_everywhere(lookups, ip_address):
            return original(ip_address)
        try:
            address = ip_address if is_numeric(ip_address) else lookups.addresses(_ascii(ip_address), _BOTH)[0][0]
        except Elsewhere:
            return original(ip_address)
        name = lookups.name_of(_plain(address))
        if name is None:
            if lookups.elsewhere:
                return original(ip_address)
            raise socket.herror(*_HOST_NOT_FOUND)
        return name, [], [address]

    return gethostbyaddr


def _getnameinfo(original: _Original) -> _Original:
    @wraps(original)
    def getnameinfo(sockaddr: Any, flags: int) -> Any:
        numeric, service = original(sockaddr, flags & ~socket.NI_NAMEREQD | socket.NI_NUMERICHOST)
        lookups = current()
        if lookups is None or flags & socket.NI_NUMERICHOST or _is_everywhere(lookups, numeric):
            return original(sockaddr, flags)
        name = lookups.name_of(numeric)
        if name is not None:
            return name, service
        if lookups.elsewhere:
            return original(sockaddr, flags)
        if flags & socket.NI_NAMEREQD:
            raise error("EAI_NONAME")
        return numeric, service

    return getnameinfo


def _to_address(original: _Original) -> _Original:
    @wraps(original)
    def with_an_address(self: socket.socket, *arguments: Any) -> Any:
        """The address is the last argument of connect, connect_ex and sendto."""
        *others, address = arguments or (None,)
        if isinstance(address, tuple) and len(address) > 1 and self.family in (socket.AF_INET, socket.AF_INET6):
            found = current_for(address[0])
            if found is not None:
                row = socket.getaddrinfo(address[0], address[1], self.family, self.type)[0]
                return original(self, *others, (row[4][0], *address[1:]))
        return original(self, *arguments)

    return with_an_address


def _of_v4(lookups: HostLookups, host: str) -> tuple[list[str], str]:
    return lookups.addresses(_ascii(host), (codes.A,))


def _ascii(host: str) -> str:
    """As Python gives it to the C library. Raises UnicodeError."""
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _as_v6(addresses: list[str], *, all_of_them: bool) -> list[str]:
    """IPv4 addresses mapped (AI_V4MAPPED), unless there are others and not all are wanted (AI_ALL)."""
    of_v6 = [each for each in addresses if ":" in each]
    if of_v6 and not all_of_them:
        return of_v6
    return [each if ":" in each else f"::ffff:{each}" for each in addresses]


def _plain(address: str) -> str:
    """``127.1`` as ``127.0.0.1``."""
    return address if ":" in address else socket.inet_ntoa(socket.inet_aton(address))


def _is_everywhere(lookups: HostLookups, host: str) -> bool:
    """Whether it means this machine: every /etc/hosts knows it."""
    if is_numeric(host):
        return ipaddress.ip_address(_plain(host).partition("%")[0]).is_loopback
    return not lookups.concerns(host)
