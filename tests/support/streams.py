"""A TCP transport in memory: what a `TcpConnection` wrote, and switches for what the other end does."""

import asyncio
from collections.abc import Iterable
from typing import Any

from resolver.transports.tcp import TcpListener
from resolver.transports.tcp_connection import TcpConnection

_CLIENT = ("192.0.2.7", 40_000)
_SERVER = ("192.0.2.1", 53)


def frame(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


def messages(stream: bytes) -> list[bytes]:
    """The messages of whole frames; fails if some bytes are left."""
    found = []
    while stream:
        size = 2 + int.from_bytes(stream[:2], "big")
        assert len(stream) >= size, "a frame is cut"
        found.append(stream[2:size])
        stream = stream[size:]
    return found


class MemoryTransport(asyncio.Transport):
    """Unless `reads` is set to false, the client takes every byte at once."""

    def __init__(self, protocol: TcpConnection, peer: tuple[str, int] | None = _CLIENT) -> None:
        super().__init__({"peername": peer, "sockname": _SERVER})
        self.protocol = protocol
        self.written = bytearray()
        self.writes = 0
        self.wrote = asyncio.Event()
        self.reads = True
        self.reading = True
        self.closed = False
        self.aborted = False
        self._high = 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = high or 0

    def write(self, data: Any) -> None:
        self.written += data
        self.writes += 1
        self.wrote.set()
        if not self.reads and len(self.written) > self._high:
            self.protocol.pause_writing()

    def take(self) -> list[bytes]:
        """The replies written since the last call."""
        taken = messages(bytes(self.written))
        self.written.clear()
        self.wrote.clear()
        return taken

    async def take_later(self) -> list[bytes]:
        """The replies of the next write."""
        await self.wrote.wait()
        return self.take()

    def drain(self) -> None:
        """The client reads what there is."""
        self.written.clear()
        self.protocol.resume_writing()

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def is_closing(self) -> bool:
        return self.closed


def connect(listener: TcpListener) -> tuple[TcpConnection, MemoryTransport]:
    """A client of `listener`, without its socket."""
    connection = TcpConnection(listener)
    transport = MemoryTransport(connection)
    connection.connection_made(transport)
    return connection, transport


def feed(connection: TcpConnection, chunks: Iterable[bytes]) -> None:
    """Each chunk arrives as one read."""
    for chunk in chunks:
        buffer = connection.get_buffer(-1)
        buffer[: len(chunk)] = chunk
        connection.buffer_updated(len(chunk))
