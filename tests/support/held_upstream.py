"""An upstream server over UDP that keeps its replies back until it is told to answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dns.message
import dns.rrset

ANSWER = "192.0.2.9"


class HeldUpstream(asyncio.DatagramProtocol):
    """`address` is where it listens, as forward takes it."""

    def __init__(self) -> None:
        self._queries: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()
        self._held: list[tuple[bytes, tuple[str, int]]] = []
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self.address = "{}:{}".format(*transport.get_extra_info("sockname"))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._queries.put_nowait((data, addr))

    async def asked(self) -> None:
        """Returns when one more query has come."""
        self._held.append(await asyncio.wait_for(self._queries.get(), 30))

    def answer(self) -> None:
        """Answers all queries that came, with an A record of ANSWER."""
        for packet, asker in self._held:
            reply = dns.message.make_response(dns.message.from_wire(packet), recursion_available=True)
            reply.answer.append(dns.rrset.from_text(reply.question[0].name, 60, "IN", "A", ANSWER))
            self._transport.sendto(reply.to_wire(), asker)  # type: ignore[attr-defined]
        self._held.clear()


@asynccontextmanager
async def held_upstream() -> AsyncIterator[HeldUpstream]:
    """On a port of loopback that is free."""
    loop = asyncio.get_running_loop()
    transport, upstream = await loop.create_datagram_endpoint(HeldUpstream, local_addr=("127.0.0.1", 0))
    try:
        yield upstream
    finally:
        transport.close()
