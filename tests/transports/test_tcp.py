"""The TCP listener: whom it answers, how many at once, and its end."""

import asyncio

import pytest

from resolver.transports.tcp_connections import TcpConnections
from resolver.wire.peer import KeptPeer, Peer
from tests.support.hosts import rows
from tests.support.loops import Run
from tests.support.streams import connect, feed, frame
from tests.support.tcp_talks import Later, answered, client, listening, query, read_reply


@pytest.mark.parametrize("address", rows(["127.0.0.1", "::1", "0.0.0.0", "::"]))
def test_the_peer_says_who_asked_and_whom(run: Run, log: list[str], address: str) -> None:
    seen: list[Peer] = []

    def see(packet: bytes, peer: Peer) -> bytes:
        seen.append(peer)
        return packet

    async def talk() -> None:
        asked = "::1" if ":" in address else "127.0.0.2" if address == "0.0.0.0" else address
        async with listening(log, see, address) as (_, port), client(port, asked) as (reader, writer):
            writer.write(frame(query(1)) + frame(query(2)))
            await read_reply(reader)
            await read_reply(reader)
            own = writer.get_extra_info("sockname")
        assert seen[0] == KeptPeer("tcp", 6 if ":" in asked else 4, own[0], own[1], asked, port)
        assert seen[0] is seen[1] is seen[0].keep()

    run(talk())


async def test_over_all_connections_only_so_many_replies_are_waited_for(log: list[str]) -> None:
    later = Later()
    async with listening(log, later) as (listener, _):
        listener.pending._cap = 1
        first, first_transport = connect(listener)
        second, transport = connect(listener)
        feed(first, [frame(query(1))])
        feed(second, [frame(query(2)) + frame(query(1000))])
        assert transport.take() == [answered(1000)], "the dropped one leaves no gap"
        assert listener.dropped_pending == 1
        later.known[1].set_result(None)
        for each in (first_transport, transport):
            each.abort()
            each.protocol.connection_lost(None)


def test_at_the_cap_the_most_idle_connection_goes(run: Run, log: list[str]) -> None:
    async def talk() -> None:
        connections = TcpConnections(cap=2)
        async with (
            listening(log, connections=connections) as (_, port),
            client(port) as (first_reader, first),
            client(port) as (second_reader, second),
        ):
            for reader, writer in ((first_reader, first), (second_reader, second), (first_reader, first)):
                writer.write(frame(query(1)))
                assert await read_reply(reader) == answered(1)
            async with client(port) as (third_reader, third):
                assert await second_reader.read() == b""
                for reader, writer in ((first_reader, first), (third_reader, third)):
                    writer.write(frame(query(2)))
                    assert await read_reply(reader) == answered(2)
            assert (connections.accepted, connections.evicted) == (3, 1)

    run(talk())


def test_a_client_that_leaves_costs_nothing(run: Run, log: list[str]) -> None:
    later = Later()

    async def talk() -> None:
        async with listening(log, later) as (_, port):
            async with client(port) as (reader, writer):
                writer.write(frame(query(1000)) + frame(query(1)))
                await read_reply(reader)
                writer.transport.abort()
            async with client(port) as (reader, writer):
                writer.write(frame(query(1000)))
                await read_reply(reader)
                later.known[1].set_result(b"for nobody")
                writer.write(frame(query(1001)))
                assert await read_reply(reader) == answered(1001)

    run(talk())


def test_stopping_sends_what_comes_within_the_grace(run: Run, log: list[str]) -> None:
    later = Later()

    async def talk() -> None:
        async with listening(log, later) as (listener, port):
            async with client(port) as (idle_reader, idle), client(port) as (reader, writer):
                idle.write(frame(query(1000)))
                await read_reply(idle_reader)
                writer.write(frame(query(1001)) + frame(query(1)) + frame(query(1002)))
                await read_reply(reader)
                stopping = asyncio.ensure_future(listener.stop(5))
                assert await idle_reader.read() == b""
                later.known[1].set_result(b"late")
                assert await reader.read() == frame(b"late") + frame(answered(1002))
                await stopping
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)

    run(talk())


def test_stopping_cuts_off_who_is_still_there(run: Run, log: list[str]) -> None:
    later = Later()

    async def talk() -> None:
        async with listening(log, later, grace=0) as (listener, port), client(port) as (reader, writer):
            writer.write(frame(query(1000)) + frame(query(1)))
            await read_reply(reader)
            await listener.stop(0)
            assert await reader.read() == b""
            assert later.known[1].cancelled()

    run(talk())
