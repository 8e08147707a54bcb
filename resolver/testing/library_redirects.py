"""Libraries that do not look names up with `socket`: dnspython, uvloop, pycares (aiodns)."""

from collections.abc import Callable, Iterator
from functools import wraps
from importlib import import_module
from os import PathLike, fspath
from typing import Any, Final

from resolver.testing.redirection import Target, current, current_for

_Original = Callable[..., Any]

_RESOLV_CONF: Final = "/etc/resolv.conf"


def library_targets() -> Iterator[Target]:
    """Of those libraries that are installed; looking for them imports them."""
    resolver, asyncresolver = _imported("dns.resolver"), _imported("dns.asyncresolver")
    if resolver is not None and asyncresolver is not None:
        yield Target(resolver.BaseResolver, "read_resolv_conf", _read_resolv_conf)
        for module in (resolver, asyncresolver):  # it is made anew when somebody wants it
            yield Target(module, "default_resolver", lambda _: None, always=True)
    uvloop = _imported("uvloop")
    if uvloop is not None:
        for make in (_getaddrinfo, _getnameinfo, _create_connection, _create_datagram_endpoint):
            yield Target(uvloop.Loop, make.__name__.removeprefix("_"), make)
    pycares = _imported("pycares")
    if pycares is not None:
        yield Target(pycares.Channel, "__init__", _channel)


def _imported(name: str) -> Any:
    """The module; None where it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        return None


# -- dnspython: the file its resolvers are made from


def _read_resolv_conf(original: _Original) -> _Original:
    @wraps(original)
    def read_resolv_conf(self: Any, f: Any) -> None:
        lookups = current()
        if lookups is None or not _is_the_systems(f):
            original(self, f)
            return
        from io import StringIO

        original(self, StringIO(lookups.conf.text()))
        self.port = lookups.server[1]

    return read_resolv_conf


def _is_the_systems(file: Any) -> bool:
    return isinstance(file, str | PathLike) and fspath(file) == _RESOLV_CONF


# -- uvloop: its own lookups are in C


def _getaddrinfo(original: _Original) -> _Original:
    @wraps(original)
    async def getaddrinfo(self: Any, host: Any, port: Any, **hints: int) -> Any:
        if current_for(host) is None:
            return await original(self, host, port, **hints)
        import socket

        return await self.run_in_executor(None, lambda: socket.getaddrinfo(host, port, **hints))

    return getaddrinfo


def _getnameinfo(original: _Original) -> _Original:
    @wraps(original)
    async def getnameinfo(self: Any, sockaddr: Any, flags: int = 0) -> Any:
        if current() is None:
            return await original(self, sockaddr, flags)
        import socket

        return await self.run_in_executor(None, socket.getnameinfo, sockaddr, flags)

    return getnameinfo


def _create_connection(original: _Original) -> _Original:
    @wraps(original)
    async def create_connection(
        self: Any, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any
    ) -> Any:
        """Tries one address after the other."""
        if current_for(host) is None:
            return await original(self, protocol_factory, host, port, **options)
        if options.get("ssl") and options.get("server_hostname") is None:
            options["server_hostname"] = host
        import socket

        hints = {name: options.pop(name, 0) for name in ("family", "proto", "flags")}
        rows = await self.getaddrinfo(host, port, type=socket.SOCK_STREAM, **hints)
        failed: OSError | None = None
        for *_, address in rows:
            try:
                return await original(self, protocol_factory, *address[:2], **options)
            except OSError as error:
                failed = failed or error
        raise failed or OSError(f"no address of {host!r} could be connected to")

    return create_connection


def _create_datagram_endpoint(original: _Original) -> _Original:
    @wraps(original)
    async def create_datagram_endpoint(
        self: Any, protocol_factory: Any, local_addr: Any = None, remote_addr: Any = None, **options: Any
    ) -> Any:
        if remote_addr is not None and current_for(remote_addr[0]) is not None:
            import socket

            hints = {name: options.get(name, 0) for name in ("family", "proto", "flags")}
            rows = await self.getaddrinfo(*remote_addr[:2], type=socket.SOCK_DGRAM, **hints)
            remote_addr = rows[0][4][:2]
        return await original(self, protocol_factory, local_addr=local_addr, remote_addr=remote_addr, **options)

    return create_datagram_endpoint


# -- pycares: the servers of a channel


def _channel(original: _Original) -> _Original:
    @wraps(original)
    def __init__(self: Any, **options: Any) -> None:  # noqa: N807 - it stands for Channel.__init__
        lookups = current()
        if lookups is not None and not options.get("servers"):
            host, port = lookups.server
            options |= {"servers": [host], "udp_port": port, "tcp_port": port, "ndots": 5}
            options |= {"domains": list(lookups.conf.searches)}
        original(self, **options)

    return __init__
