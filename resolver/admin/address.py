"""Where an admin API is: a unix socket, or a host and port."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from resolver import limits
from resolver.cluster.addresses import is_loopback

VARIABLE: Final = "DUALDNS_ADMIN"
"""The environment variable that says where clients find it."""

_SCHEME: Final = "unix:"
_LOOPBACK: Final = "127.0.0.1"


class BadAddress(ValueError):
    """Text that is no such place; the message says what to write."""


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A unix socket by its path."""

    path: str

    def __str__(self) -> str:
        return f"{_SCHEME}{self.path}"


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host, name or address without brackets, and a port."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)

    def __str__(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


Address = UnixAddress | TcpAddress


def parse_address(text: str) -> Address:
    """``unix:PATH``, ``PORT``, ``HOST:PORT``, ``[IPV6]:PORT``, or any of these as printed. Raises BadAddress."""
    if text.startswith(_SCHEME):
        path = text.removeprefix(_SCHEME)
        if not path or "\0" in path:
            raise BadAddress(f"{text!r} names no socket: write unix:/run/dualdns/admin.sock")
        if len(os.fsencode(path)) > limits.SOCKET_PATH:
            raise BadAddress(f"{text} is longer than the {limits.SOCKET_PATH} bytes a socket's path may have")
        return UnixAddress(path)
    host, _, port = text.removeprefix("http://").removesuffix("/").rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        if not _is_ipv6(host):
            raise _bad(text)
    elif ":" in host or "/" in host or any(char.isspace() for char in host):
        raise _bad(text)
    if not (port.isascii() and port.isdigit()) or int(port) > limits.PORT:
        raise _bad(text)
    return TcpAddress(host or _LOOPBACK, int(port))


def default_address(environment: Mapping[str, str]) -> UnixAddress:
    """The socket in this user's own folder for such things, or in one below /tmp that only this user may have."""
    folder = environment.get("XDG_RUNTIME_DIR", "")
    if folder and os.path.isabs(folder) and os.path.isdir(folder):
        return UnixAddress(os.path.join(folder, "dualdns", "admin.sock"))
    return UnixAddress(f"/tmp/dualdns-{os.getuid()}/admin.sock")  # noqa: S108 - the folder is checked (socket_file.py)


def client_address(text: str | None, environment: Mapping[str, str]) -> Address:
    """Where a client looks: what it was told, what the environment says, or the usual socket. Raises BadAddress."""
    if text is not None:
        return parse_address(text)
    told = environment.get(VARIABLE)
    return parse_address(told) if told else default_address(environment)


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).version == 6
    except ValueError:
        return False


def _bad(text: str) -> BadAddress:
    return BadAddress(f"{text!r} is no address of an admin API: write PORT, HOST:PORT, [IPV6]:PORT or unix:PATH")
