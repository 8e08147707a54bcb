"""The table of odd packets and the TCP talks, tried on a whole server over real sockets."""

import asyncio

import dns.message
import pytest

from resolver import limits
from tests.support import strict
from tests.support.packet_parts import query
from tests.support.packets import CLUSTER, PACKETS
from tests.support.serving import serving
from tests.support.talks import TALKS, End, frame

COREFILE = "cluster.local:0 {\nbind 127.0.0.1\nkubernetes\n}\n"
FENCE = b"\xfe\xed" + query()[2:]


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self):
        self.received = asyncio.Queue()

    def datagram_received(self, data, _):
        self.received.put_nowait(data)


async def replies_before_the_fence(port, packet):
    """What comes back for a packet before the reply to a sound query sent behind it."""
    loop = asyncio.get_running_loop()
    transport, client = await loop.create_datagram_endpoint(Datagrams, remote_addr=("127.0.0.1", port))
    try:
        transport.sendto(packet)
        transport.sendto(FENCE)
        replies = []
        while True:
            reply = await asyncio.wait_for(client.received.get(), 5)
            if reply.startswith(FENCE[:2]):
                return replies
            replies.append(reply)
    finally:
        transport.close()


def judge(wire, row, *, tcp):
    dns.message.from_wire(wire)
    shape, expected = strict.read(wire, row.data, limits.MESSAGE_SIZE), row.reply
    assert (shape.rcode, bool(shape.question), shape.opt, shape.do) == (
        expected.rcode,
        expected.question,
        expected.opt,
        expected.do,
    )
    if not tcp:
        assert expected.answers in (None, shape.answers)
        assert shape.truncated == expected.truncated or row.data[2] & 2


async def test_odd_packets_over_udp():
    async with serving(COREFILE, CLUSTER) as server:
        for row in PACKETS:
            replies = await replies_before_the_fence(server.port, row.data)
            if row.reply.rcode is None:
                assert replies == [], row.id
            else:
                assert len(replies) == 1, row.id
                judge(replies[0], row, tcp=False)


async def test_odd_packets_over_tcp():
    async with serving(COREFILE, CLUSTER) as server:
        for row in PACKETS:
            if len(row.data) < limits.HEADER_SIZE:
                continue
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(frame(row.data) + frame(FENCE))
            replies = []
            while not (replies and replies[-1].startswith(FENCE[:2])):
                size = await asyncio.wait_for(reader.readexactly(2), 5)
                replies.append(await reader.readexactly(int.from_bytes(size, "big")))
            writer.close()
            await writer.wait_closed()
            if row.reply.rcode is None:
                assert len(replies) == 1, row.id
            else:
                assert len(replies) == 2, row.id
                judge(replies[0], row, tcp=True)


@pytest.mark.parametrize("talk", [talk for talk in TALKS if talk.end is not End.FIRST_READ], ids=lambda talk: talk.id)
async def test_talks_over_one_connection(talk):
    async with serving(COREFILE, CLUSTER) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for part in talk.writes:
            writer.write(part)
            await writer.drain()
        if talk.finished:
            writer.write_eof()
        for expected in talk.replies:
            size = await asyncio.wait_for(reader.readexactly(2), 5)
            shape = dns.message.from_wire(await reader.readexactly(int.from_bytes(size, "big")))
            assert shape.rcode() == expected.rcode
        if talk.end is End.AT_ONCE:
            assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        await writer.wait_closed()
