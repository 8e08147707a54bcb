"""Talks with a TCP listener: queries and replies in small, answers known later, a listener and a client on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

from resolver.transports.answering import AnswerFunction, Reply
from resolver.transports.listening import open_socket
from resolver.transports.tcp import TcpListener
from resolver.transports.tcp_connections import TcpConnections
from resolver.wire.peer import KeptPeer, Peer


def query(number: int, body: bytes = b"?") -> bytes:
    """A header with QDCOUNT 1, then what stands for a question."""
    return number.to_bytes(2, "big") + b"\x01\x00\x00\x01" + bytes(6) + body


def answer(packet: bytes, peer: Peer) -> bytes | None:
    """The core in small: silent to a reply, FORMERR without a question, else the query back with QR set."""
    if packet[2] & 0x80:
        return None
    if packet[4:6] != b"\x00\x01":
        return packet[:2] + b"\x80\x01" + bytes(8)
    return packet[:2] + bytes([packet[2] | 0x80]) + packet[3:]


def answered(number: int, body: bytes = b"?") -> bytes:
    reply = answer(query(number, body), KeptPeer("tcp", 4, "192.0.2.7", 1, "192.0.2.1", 53))
    assert reply is not None
    return reply


class Later:
    """An answer that is known when the test says so, for every query; replies carry the query's number."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.known: dict[int, asyncio.Future[Reply]] = {}

    def __call__(self, packet: bytes, peer: Peer) -> Awaitable[Reply] | Reply:
        number = int.from_bytes(packet[:2], "big")
        self.asked.append(number)
        if number >= 1000:
            return answered(number)
        self.known[number] = asyncio.get_running_loop().create_future()
        return self.known[number]


@asynccontextmanager
async def listening(
    log: list[str],
    answer: AnswerFunction = answer,
    address: str = "127.0.0.1",
    connections: TcpConnections | None = None,
    grace: float = 5,
) -> AsyncIterator[tuple[TcpListener, int]]:
    sock = open_socket(address, 0, "tcp")
    port = sock.getsockname()[1]
    listener = TcpListener(sock, answer, log.append, connections)
    await listener.start()
    try:
        yield listener, port
    finally:
        await listener.stop(grace)


@asynccontextmanager
async def client(
    port: int, address: str = "127.0.0.1"
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(address, port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionResetError):  # as a server does that closes with bytes unread
            await writer.wait_closed()


async def read_reply(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
