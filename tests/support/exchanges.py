"""Questions over bare sockets: everything a server sends back, in order, however broken."""

import asyncio
import socket
from dataclasses import dataclass, field

from resolver.wire.names import name_from_text
from tests.support.doors import query_packet

SENTINEL = 60_000
"""The id of the question behind all others: when it is answered, all before it are, but for those that were delayed."""


def packet(name: str, qtype: str = "A", id: int = 1, *, edns: int | None = None) -> bytes:
    return query_packet(name_from_text(name), qtype, id=id, edns=edns)


def id_of(message: bytes) -> int:
    return int.from_bytes(message[:2], "big")


async def over_udp(port: int, *packets: bytes, sentinel: str, late: int = 0) -> list[bytes]:
    """The datagrams that came before the reply to the sentinel's question, and `late` more that came after it."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(("127.0.0.1", port))
        for each in (*packets, packet(sentinel, id=SENTINEL)):
            sock.send(each)  # all are there before a server on this event loop sees the first
        came: list[bytes] = []
        async with asyncio.timeout(5):
            while SENTINEL not in map(id_of, came) or len(came) <= late:
                came.append(await loop.sock_recv(sock, 65_535))
        return [each for each in came if id_of(each) != SENTINEL]


@dataclass
class Stream:
    """What came over one TCP connection: whole frames, in how many reads, and whether it ended in a reset."""

    frames: list[bytes] = field(default_factory=list)
    reads: int = 0
    reset: bool = False


async def over_tcp(port: int, *packets: bytes, sentinel: str) -> Stream:
    """All questions at once; reads until the sentinel's reply, or the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    result, unread = Stream(), b""
    try:
        for each in (*packets, packet(sentinel, id=SENTINEL)):
            writer.write(len(each).to_bytes(2, "big") + each)
        async with asyncio.timeout(5):
            while SENTINEL not in map(id_of, result.frames) and (part := await reader.read(65_535)):
                result.reads += 1
                unread += part
                while len(unread) >= 2 and len(unread) >= (size := 2 + int.from_bytes(unread[:2], "big")):
                    result.frames.append(unread[2:size])
                    unread = unread[size:]
    except ConnectionResetError:
        result.reset = True
    finally:
        writer.transport.abort()
    result.frames = [each for each in result.frames if id_of(each) != SENTINEL]
    return result
