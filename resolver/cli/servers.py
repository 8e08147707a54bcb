"""Servers as words: ``127.0.0.1``, ``::1``, ``localhost``, each with a port where one is written."""

import re
from typing import Final, NamedTuple

from resolver.cli.serve_options import DEFAULT_PORT

DEFAULT_SERVER: Final = "127.0.0.1"
START_ONE: Final = "start one with `dualdns serve --demo`, or name another with @SERVER and -p PORT"
_BRACKETS: Final = re.compile(r"\[([^]]*)\](?::(\d+))?")
_PORT: Final = 0xFFFF


class BadServer(ValueError):
    """Words that name no server; the message says what to write."""


class ServerWords(NamedTuple):
    """A host, by name or address, and a port."""

    host: str
    port: int


def server_words(text: str, port: int | None = None) -> ServerWords:
    """Reads ``HOST``, ``HOST:PORT``, ``ADDRESS6`` or ``[ADDRESS6]:PORT``; `port` counts where none is written.

    Raises BadServer.
    """
    host, written = _parted(text)
    number = int(written) if written else DEFAULT_PORT if port is None else port
    if not host or not 0 < number <= _PORT or (":" in host and not _is_address(host)):
        raise BadServer(f"{text!r} is no server: write HOST, HOST:PORT or [IPV6]:PORT, the port from 1 to 65535")
    return ServerWords(host, number)


def _parted(text: str) -> tuple[str, str]:
    if found := _BRACKETS.fullmatch(text):
        return found[1], found[2] or ""
    host, _, port = text.rpartition(":")
    return (host, port) if text.count(":") == 1 and port.isascii() and port.isdecimal() else (text, "")


def _is_address(host: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def addresses(server: ServerWords) -> list[str]:
    """The IP addresses of a server, in the order this host prefers. Raises BadServer."""
    import asyncio
    import socket

    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise BadServer(f"the server's name {server.host!r} is not known to this host: {error.strerror}") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
