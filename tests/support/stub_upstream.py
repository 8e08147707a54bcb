"""An upstream server in the test's own event loop, over UDP and TCP on one loopback port, that does as it is told."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import dns.message
import dns.rrset

Respond = Callable[[bytes, str], list[bytes]]
"""From a query and its network to the messages to send back, as they are."""


def answering(*texts: str, rcode: int = 0) -> Respond:
    """Answers with these records, as zone-file lines, whatever is asked."""

    def respond(packet: bytes, network: str) -> list[bytes]:
        reply = dns.message.make_response(dns.message.from_wire(packet), recursion_available=True)
        reply.set_rcode(rcode)  # type: ignore[arg-type]
        for text in texts:
            owner, ttl, rclass, rtype, data = text.split(None, 4)
            reply.answer.append(dns.rrset.from_text(owner, int(ttl), rclass, rtype, data))
        return [reply.to_wire()]

    return respond


def silent(packet: bytes, network: str) -> list[bytes]:
    """Takes the query and says nothing."""
    return []


@dataclass
class StubUpstream:
    """`seen` holds (query, network, source port); with `hang_up`, a TCP connection ends instead of a reply."""

    port: int = 0
    host: str = "127.0.0.1"
    respond: Respond = silent
    hang_up: bool = False
    seen: list[tuple[bytes, str, int]] = field(default_factory=list)
    connections: int = 0

    @property
    def address(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def replies(self, packet: bytes, network: str, port: int) -> list[bytes]:
        self.seen.append((packet, network, port))
        return self.respond(packet, network)

    async def serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        port = writer.get_extra_info("peername")[1]
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                packet = await reader.readexactly(size)
                if self.hang_up:
                    return
                for message in self.replies(packet, "tcp", port):
                    writer.write(len(message).to_bytes(2, "big") + message)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, stub: StubUpstream) -> None:
        self.stub = stub

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for message in self.stub.replies(data, "udp", addr[1]):
            self.transport.sendto(message, addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def upstream(respond: Respond, host: str = "127.0.0.1") -> AsyncIterator[StubUpstream]:
    """A stub that listens on a port of its own."""
    stub = StubUpstream(host=host, respond=respond)
    loop = asyncio.get_running_loop()
    for _ in range(20):
        server = await asyncio.start_server(stub.serve_stream, host, 0)
        stub.port = server.sockets[0].getsockname()[1]
        try:
            datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(stub), (host, stub.port))
        except OSError:
            server.close()
            continue
        break
    try:
        yield stub
    finally:
        datagrams.close()
        server.close()


def unused_port(host: str = "127.0.0.1") -> int:
    """A port that nobody has, over UDP or TCP (though somebody may soon)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family) as stream, socket.socket(family, socket.SOCK_DGRAM) as datagrams:
            stream.bind((host, 0))  # of the two, connections that have ended keep ports from being taken
            port = int(stream.getsockname()[1])
            try:
                datagrams.bind((host, port))
            except OSError:
                continue
            return port
