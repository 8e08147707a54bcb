"""One TCP connection: the talks of a data table in memory and over real sockets, deadlines, order, bounds, its end."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver import limits
from resolver.transports.answering import AnswerFunction, Reply
from resolver.transports.listening import open_socket
from resolver.transports.tcp import TcpListener
from resolver.transports.tcp_connection import TcpConnection
from resolver.transports.tcp_connections import TcpConnections
from resolver.wire.delivery import Delivery
from resolver.wire.peer import Peer
from tests.support.loops import Run
from tests.support.streams import MemoryTransport, connect, feed, frame, messages
from tests.support.tcp_talks import Later, answer, answered, client, listening, query, read_reply


def form_error(number: int) -> bytes:
    return number.to_bytes(2, "big") + b"\x80\x01" + bytes(8)


@dataclass(frozen=True)
class Talk:
    what: str
    chunks: list[bytes]
    replies: list[bytes] = field(default_factory=list)
    closed: bool = False
    """By us, at once; else the connection stays open."""
    then_closes: bool = False
    """The client says that it sends no more."""


BROKEN = query(2)[:4] + bytes(8)
HTTP = b"GET / HTTP/1.1\r\nHost: dns\r\n\r\n"
TLS = bytes.fromhex("160301010001 0000fc0303") + bytes(40)

TALKS = [
    Talk("a frame of length 0", [b"\0\0"], closed=True),
    Talk("a frame of length 5", [frame(b"12345")], closed=True),
    Talk("a frame of length 11", [frame(bytes(11))], closed=True),
    Talk("a length of 5 without its frame", [b"\0\5"], closed=True),
    Talk("a good one, then a frame of length 5", [frame(query(1)) + frame(b"12345")], [answered(1)], closed=True),
    Talk("nothing after a frame of length 0 is read", [b"\0\0" + frame(query(1))], closed=True),
    Talk("a header without a question", [frame(bytes(12))], [form_error(0)]),
    Talk("length 100 with 47 sent, then the end", [b"\0\x64" + bytes(47)], closed=True, then_closes=True),
    Talk("half a prefix, then the end", [b"\0"], closed=True, then_closes=True),
    Talk("nothing, then the end", [], closed=True, then_closes=True),
    Talk("a good one, then the end", [frame(query(1))], [answered(1)], closed=True, then_closes=True),
    Talk("3 at once", [b"".join(frame(query(n)) for n in range(3))], [answered(n) for n in range(3)]),
    Talk("100 at once", [b"".join(frame(query(n)) for n in range(100))], [answered(n) for n in range(100)]),
    Talk("100 one by one", [frame(query(n)) for n in range(100)], [answered(n) for n in range(100)]),
    Talk(
        "a good one, a reply, a good one",
        [frame(query(1)), frame(answered(2)), frame(query(3))],
        [answered(1), answered(3)],
    ),
    Talk(
        "a good one, a broken one, a good one",
        [frame(query(1)) + frame(BROKEN) + frame(query(3))],
        [answered(1), form_error(2), answered(3)],
    ),
    Talk("a prefix in two pieces", [b"\0", frame(query(1))[1:]], [answered(1)]),
    Talk("a prefix by itself", [frame(query(1))[:2], query(1)], [answered(1)]),
    Talk("byte by byte", [bytes([byte]) for byte in frame(query(1)) + frame(query(2))], [answered(1), answered(2)]),
    Talk(
        "cut within the second",
        [frame(query(1)) + frame(query(2))[:9], frame(query(2))[9:] + frame(query(3))],
        [answered(1), answered(2), answered(3)],
    ),
    Talk("65,535 zeros", [frame(bytes(65_535))], [form_error(0)]),
    Talk("the longest query", [frame(query(1, bytes(65_523)))], [answered(1, bytes(65_523))]),
    Talk("a TLS hello waits for a long frame", [TLS]),
    Talk("an HTTP request waits for a long frame", [HTTP]),
]
every_talk = pytest.mark.parametrize("talk", TALKS, ids=[talk.what for talk in TALKS])


def in_pieces(chunks: list[bytes]) -> Iterator[bytes]:
    """As a socket would give them: no more than the buffer holds."""
    for chunk in chunks:
        for at in range(0, len(chunk), limits.TCP_CHUNK):
            yield chunk[at : at + limits.TCP_CHUNK]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    """A listener without a socket, on a clock of the test's own."""

    listener: TcpListener
    clock: Clock
    transports: list[MemoryTransport] = field(default_factory=list)

    def connect(self) -> tuple[TcpConnection, MemoryTransport]:
        connection, transport = connect(self.listener)
        self.transports.append(transport)
        return connection, transport

    def closed_by(self, seconds: float, transport: MemoryTransport) -> bool:
        """Whether the connection is cut `seconds` after the beginning."""
        self.clock.now = 1000.0 + seconds
        self.listener.connections.sweep()
        return transport.aborted


@asynccontextmanager
async def bench(log: list[str], answer: AnswerFunction = answer, cap: int = 10) -> AsyncIterator[Bench]:
    clock = Clock()
    with open_socket("127.0.0.1", 0, "tcp") as sock:
        listener = TcpListener(sock, answer, log.append, TcpConnections(cap=cap, clock=clock))
        made = Bench(listener, clock)
        yield made
        for transport in made.transports:
            transport.abort()
            transport.protocol.connection_lost(None)
        await listener.pending.drain(0)
    assert len(listener.connections) == 0


@every_talk
async def test_talks_in_memory(talk: Talk, log: list[str]) -> None:
    async with bench(log) as at:
        connection, transport = at.connect()
        feed(connection, in_pieces(talk.chunks))
        closed = transport.closed or (talk.then_closes and not connection.eof_received())
        assert (transport.take(), closed) == (talk.replies, talk.closed)
        assert at.listener.sent == len(talk.replies)


@every_talk
def test_talks_over_sockets(run: Run, log: list[str], talk: Talk) -> None:
    clock = Clock()

    async def talk_it() -> None:
        async with (
            listening(log, connections=TcpConnections(clock=clock)) as (listener, port),
            client(port) as (reader, writer),
        ):
            for chunk in talk.chunks:
                writer.write(chunk)
                await writer.drain()
            if talk.then_closes:
                writer.write_eof()
            assert [await read_reply(reader) for _ in talk.replies] == talk.replies
            if not talk.closed and not talk.replies:  # it waits for more, but not for ever
                async with client(port) as (other_reader, other_writer):
                    other_writer.write(frame(query(7)))
                    assert await read_reply(other_reader) == answered(7)
                    clock.now += limits.TCP_FIRST_READ
                    listener.connections.sweep()
            elif not talk.closed:
                writer.write(frame(query(999)))
                assert await read_reply(reader) == answered(999)
                return
            assert await reader.read() == b""

    run(talk_it())


# -- deadlines

FIRST_BYTE = frame(query(1))[:1]
REST = frame(query(1))[1:]
WHOLE = frame(query(1))


@pytest.mark.parametrize(
    ("events", "end"),
    [
        pytest.param([], 3, id="nothing after connecting"),
        pytest.param([(0, FIRST_BYTE)], 3, id="one byte"),
        pytest.param([(2.9, FIRST_BYTE)], 3, id="one byte late"),
        pytest.param([(0, FIRST_BYTE), (1, REST[:1]), (2, REST[1:2]), (2.9, REST[2:3])], 3, id="byte after byte"),
        pytest.param([(0, WHOLE)], 10, id="after a query"),
        pytest.param([(2.9, FIRST_BYTE), (2.95, REST)], 12.95, id="after a query in pieces"),
        pytest.param([(1, WHOLE), (10.9, WHOLE)], 20.9, id="after each query anew"),
        pytest.param([(1, WHOLE + FIRST_BYTE)], 4, id="a begun frame after a query"),
        pytest.param([(1, WHOLE), (10.9, FIRST_BYTE)], 13.9, id="a frame begun at the end of being idle"),
        pytest.param([(1, WHOLE), (2, FIRST_BYTE), (4.9, REST[:1])], 5, id="a begun frame, byte after byte"),
        pytest.param([(1, WHOLE), (2, FIRST_BYTE), (4, REST + FIRST_BYTE)], 7, id="each begun frame anew"),
        pytest.param([(1, frame(answered(1)))], 11, id="after a frame that is not answered"),
    ],
)
async def test_a_client_that_keeps_us_waiting_is_cut(
    log: list[str], events: list[tuple[float, bytes]], end: float
) -> None:
    async with bench(log) as at:
        connection, transport = at.connect()
        for moment, chunk in events:
            assert not at.closed_by(moment, transport)
            feed(connection, [chunk])
        assert not at.closed_by(end - 0.01, transport)
        assert at.closed_by(end, transport)


async def test_a_client_that_waits_for_us_is_not_cut(log: list[str]) -> None:
    known: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    async with bench(log, lambda packet, peer: known) as at:
        connection, transport = at.connect()
        feed(connection, [WHOLE + FIRST_BYTE])
        assert not at.closed_by(1000, transport)
        known.set_result(b"at last")
        assert await transport.take_later() == [b"at last"]
        assert not at.closed_by(1002.9, transport)
        assert at.closed_by(1003, transport), "then the begun frame counts"


async def test_a_client_that_does_not_read_is_cut(log: list[str]) -> None:
    async with bench(log, lambda packet, peer: bytes(limits.MESSAGE_SIZE)) as at:
        connection, transport = at.connect()
        transport.reads = False
        feed(connection, [WHOLE])
        assert not at.closed_by(4.9, transport)
        transport.drain()
        assert not at.closed_by(14.8, transport), "it read, so it is idle only"
        feed(connection, [WHOLE])
        assert not at.closed_by(19.7, transport)
        assert at.closed_by(19.8, transport)


async def test_a_closed_connection_whose_client_does_not_read_the_last_reply_is_cut(log: list[str]) -> None:
    async with bench(log) as at:
        connection, transport = at.connect()
        feed(connection, [WHOLE + b"\0\0"])
        assert transport.closed
        assert not at.closed_by(4.9, transport)
        assert at.closed_by(5, transport)


# -- order, bounds


async def test_replies_keep_the_order_asked(log: list[str]) -> None:
    later = Later()
    async with bench(log, later) as at:
        connection, transport = at.connect()
        feed(connection, [b"".join(frame(query(n)) for n in (1000, 1, 1001, 2, 3, 1002)), frame(query(1003))])
        assert transport.take() == [answered(1000)]
        later.known[2].set_result(b"two")
        later.known[1].set_result([b"one", b"and a half"])
        assert await transport.take_later() == [b"one", b"and a half", answered(1001), b"two"]
        later.known[3].set_result(None)
        assert await transport.take_later() == [answered(1002), answered(1003)]
        feed(connection, [frame(query(1004))])
        assert transport.take() == [answered(1004)]


async def test_behind_a_reply_not_known_only_so_many_wait(log: list[str]) -> None:
    later = Later()
    count = limits.TCP_TURNS + 5
    async with bench(log, later) as at:
        connection, transport = at.connect()
        feed(connection, [b"".join(frame(query(n)) for n in (1, *range(1000, 1000 + count)))])
        assert len(later.asked) == limits.TCP_TURNS
        assert not transport.reading
        feed(connection, [frame(query(2000))])  # read already when reading was paused
        assert len(later.asked) == limits.TCP_TURNS
        later.known[1].set_result(b"one")
        first = await transport.take_later()
        assert [*first, *transport.take()] == [b"one", *(answered(n) for n in (*range(1000, 1000 + count), 2000))]
        assert transport.reading


async def test_a_client_that_does_not_read_is_read_no_further(log: list[str]) -> None:
    asked = []

    def large(packet: bytes, peer: Peer) -> bytes:
        asked.append(packet)
        return packet + bytes(limits.TCP_OUTPUT // 4)

    queries = [query(number) for number in range(40)]
    async with bench(log, large) as at:
        connection, transport = at.connect()
        transport.reads = False
        feed(connection, [b"".join(map(frame, queries))])
        assert not transport.reading
        read = []
        while not transport.reading:
            assert len(transport.written) <= 2 * limits.TCP_OUTPUT
            read += messages(bytes(transport.written))
            transport.drain()
        assert asked == queries
        assert [message[:2] for message in read + transport.take()] == [packet[:2] for packet in queries]


async def test_a_zone_transfer_goes_out_as_far_as_it_is_read(log: list[str]) -> None:
    transfer = [bytes([number]) * 30_000 for number in range(20)]
    async with bench(log, lambda packet, peer: transfer if packet == query(1) else b"after") as at:
        connection, transport = at.connect()
        transport.reads = False
        feed(connection, [frame(query(1)) + frame(query(2))])
        read = []
        while not transport.reading:
            assert len(transport.written) <= 2 * limits.TCP_OUTPUT
            read += messages(bytes(transport.written))
            transport.drain()
        assert read + transport.take() == [*transfer, b"after"]


@pytest.mark.parametrize("several", [list, tuple])
def test_an_answer_may_be_several_messages(run: Run, log: list[str], several: Callable[..., Reply]) -> None:
    transfer = [bytes([number]) * 60_000 for number in range(50)]

    async def later() -> Reply:
        return several(transfer)

    async def talk() -> None:
        async with (
            listening(log, lambda packet, peer: later() if packet == query(1) else several(transfer)) as (_, port),
            client(port) as (reader, writer),
        ):
            writer.write(frame(query(1)) + frame(query(2)))
            assert [await read_reply(reader) for _ in range(100)] == transfer * 2

    run(talk())


def test_a_client_that_reads_late_gets_everything(run: Run, log: list[str]) -> None:
    count, size = 300, 40_000

    async def talk() -> None:
        async with (
            listening(log, lambda packet, peer: packet + bytes(size)) as (listener, port),
            client(port) as (reader, writer),
        ):
            writer.write(b"".join(frame(query(n)) for n in range(count)))
            for number in range(count):
                assert await read_reply(reader) == query(number) + bytes(size)
            assert (listener.received, listener.sent) == (count, count)

    run(talk())


async def test_an_answer_that_raises_costs_that_reply_only(log: list[str]) -> None:
    def sometimes(packet: bytes, peer: Peer) -> bytes:
        if packet == query(2):
            raise RuntimeError("a bug " * 100)
        return packet if packet != query(4) else bytes(limits.MESSAGE_SIZE + 1)

    async with bench(log, sometimes) as at:
        connection, transport = at.connect()
        feed(connection, [frame(query(1)) + frame(query(2)) + frame(query(3)) + frame(query(4)) + frame(query(5))])
        assert transport.take() == [query(1), query(3), query(5)]
    assert "error: " in log.pop()
    assert len(log.pop()) == limits.LOG_LINE


# -- the end


def test_a_client_that_says_it_asks_no_more_gets_its_replies(run: Run, log: list[str]) -> None:
    later = Later()

    async def talk() -> None:
        async with listening(log, later) as (_, port), client(port) as (reader, writer):
            writer.write(frame(query(1000)) + frame(query(1)) + frame(query(1001))[:-1])
            writer.write_eof()
            assert await read_reply(reader) == answered(1000)
            later.known[1].set_result(b"late")
            assert await reader.read() == frame(b"late")

    run(talk())


@pytest.mark.parametrize("gone", ["the client", "we"])
async def test_a_connection_accepted_too_late_is_cut_at_once(log: list[str], gone: str) -> None:
    async with bench(log) as at:
        at.listener.stopping = gone == "we"
        connection = TcpConnection(at.listener)
        transport = MemoryTransport(connection, peer=None if gone == "the client" else ("192.0.2.7", 40_000))
        connection.connection_made(transport)
        assert transport.aborted
        assert at.listener.connections.accepted == 0
        connection.connection_lost(None)


@given(
    frames=st.lists(st.binary(min_size=12, max_size=40), max_size=20),
    tail=st.binary(max_size=30),
    cuts=st.lists(st.integers(min_value=0, max_value=900), max_size=20),
)
def test_where_a_stream_is_cut_makes_no_difference(frames: list[bytes], tail: bytes, cuts: list[int]) -> None:
    stream = b"".join(map(frame, frames)) + tail
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    chunks = [stream[start:end] for start, end in pairwise(edges)]

    async def outcome(chunks: list[bytes]) -> tuple[list[bytes], bool]:
        log: list[str] = []
        async with bench(log) as at:
            connection, transport = at.connect()
            for chunk in chunks:
                if not transport.closed:
                    feed(connection, [chunk])
            result = transport.take(), transport.closed
        assert log == []
        return result

    async def compare() -> None:
        assert await outcome(chunks) == await outcome([stream] if stream else [])

    asyncio.run(compare())


# -- what leaves otherwise, on purpose ---------------------------------------------------------------------------------


def oddly(packet: bytes, peer: Peer) -> Reply:
    """Slow where the query's body says s, twice where d, reset where r, nothing where n, else as usual."""
    reply = packet[:2] + b"\x80" + packet[3:]
    return {
        b"s": Delivery((reply,), seconds=0.02),
        b"h": Delivery((reply,), seconds=300.0),
        b"d": Delivery((reply, reply)),
        b"r": Delivery(reset=True),
        b"n": Delivery(),
    }.get(packet[12:], reply)


def odd(*queries: tuple[int, bytes]) -> list[bytes]:
    return [b"".join(frame(query(number, body)) for number, body in queries)]


def numbers(replies: list[bytes]) -> list[int]:
    return [int.from_bytes(reply[:2], "big") for reply in replies]


async def test_a_slow_reply_keeps_its_place_and_only_its_connection(log: list[str]) -> None:
    async with bench(log, oddly) as at:
        connection, transport = at.connect()
        _, other = at.connect()
        feed(connection, odd((1, b"?"), (2, b"s"), (3, b"?"), (4, b"d"), (5, b"n"), (6, b"?")))
        feed(other.protocol, odd((7, b"?")))
        assert numbers(other.take()) == [7]
        assert transport.written[: 15 + 1] == frame(oddly(query(1, b"?"), connection._peer)) + b"\0"  # type: ignore[arg-type]
        while numbers_so_far(transport) < 6:
            await asyncio.wait_for(transport.wrote.wait(), 5)
            transport.wrote.clear()
        assert numbers(transport.take()) == [1, 2, 3, 4, 4, 6]
        assert at.listener.sent == 7
        assert connection.deadline != math.inf


def numbers_so_far(transport: MemoryTransport) -> int:
    """How many whole frames have been written."""
    stream, found = bytes(transport.written), 0
    while len(stream) >= 2 and len(stream) >= (size := 2 + int.from_bytes(stream[:2], "big")):
        stream, found = stream[size:], found + 1
    return found


async def test_a_client_that_reads_nothing_while_a_reply_drips_gets_the_rest_later(log: list[str]) -> None:
    async with bench(log, oddly) as at:
        connection, transport = at.connect()
        feed(connection, odd((1, b"s"), (2, b"?")))
        connection.pause_writing()
        while numbers_so_far(transport) < 1:
            await asyncio.wait_for(transport.wrote.wait(), 5)
            transport.wrote.clear()
        assert numbers_so_far(transport) == 1
        connection.resume_writing()
        assert numbers(transport.take()) == [1, 2]


async def test_a_slow_reply_is_sent_at_once_when_the_listener_ends(log: list[str]) -> None:
    async with bench(log, oddly) as at:
        connection, transport = at.connect()
        feed(connection, odd((1, b"h"), (2, b"h"), (3, b"?")))
        at.listener.stopping = True
        connection.finish()
        assert numbers(transport.take()) == [1, 2, 3]
        assert transport.closed


async def test_a_lost_connection_drips_no_more(log: list[str]) -> None:
    async with bench(log, oddly) as at:
        connection, transport = at.connect()
        feed(connection, odd((1, b"s")))
        transport.abort()
        connection.connection_lost(None)
        assert connection._drip is not None
        assert connection._drip._timer is None


async def test_a_reset_ends_the_connection_and_what_follows_is_not_answered(log: list[str]) -> None:
    async with bench(log, oddly) as at:
        connection, transport = at.connect()
        feed(connection, odd((1, b"?"), (2, b"r"), (3, b"?")))
        assert numbers(transport.take()) == [1]
        assert transport.aborted


def test_a_reset_is_seen_as_one(run: Run, log: list[str]) -> None:
    async def talk() -> None:
        async with listening(log, oddly) as (_, port), client(port) as (reader, writer):
            writer.write(odd((1, b"r"))[0])
            with pytest.raises(ConnectionResetError):
                await reader.read(1)

    run(talk())
