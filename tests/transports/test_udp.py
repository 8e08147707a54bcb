"""UDP listeners over real sockets: both kinds, on both event loops."""

import asyncio
import ctypes
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import repeat
from typing import Any

import pytest

from resolver import limits
from resolver.transports import mmsg
from resolver.transports.answering import AnswerFunction, Reply
from resolver.transports.listening import open_socket
from resolver.transports.udp import BatchedUdpListener, UdpListener, udp_listener
from resolver.wire.delivery import Delivery
from resolver.wire.peer import KeptPeer, Peer
from tests.support.hosts import link_local, rows
from tests.support.loops import Run

Kind = type[UdpListener]
needs_recvmmsg = pytest.mark.skipif(not mmsg.AVAILABLE, reason="this system has no recvmmsg")


@pytest.fixture(params=[pytest.param(BatchedUdpListener, marks=needs_recvmmsg), UdpListener])
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@asynccontextmanager
async def listening(
    kind: Kind, answer: AnswerFunction, log: list[str], address: str = "127.0.0.1", grace: float = 5
) -> AsyncIterator[tuple[UdpListener, int]]:
    """A listener at work, and its port."""
    sock = open_socket(address, 0, "udp")
    port = sock.getsockname()[1]
    listener = kind(sock, answer, log.append)
    listener.start()
    try:
        yield listener, port
    finally:
        await listener.stop(grace)


@contextmanager
def client(port: int, address: str = "127.0.0.1") -> Iterator[socket.socket]:
    """A socket that takes replies from the address and port it asks only."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.connect((address, port))
        yield sock


def receive(sock: socket.socket) -> Awaitable[bytes]:
    return asyncio.to_thread(sock.recv, limits.MESSAGE_SIZE)


def query(number: int) -> bytes:
    return number.to_bytes(2, "big") + bytes(10)


def echo(packet: bytes, peer: Peer) -> bytes:
    return packet + b" answered"


@pytest.mark.parametrize("address", rows(["127.0.0.1", "::1", "0.0.0.0", "::"]))
def test_a_query_gets_its_reply(run: Run, kind: Kind, log: list[str], address: str) -> None:
    async def talk() -> None:
        async with listening(kind, echo, log, address) as (listener, port):
            with client(port, "::1" if ":" in address else "127.0.0.1") as sock:
                sock.send(query(1))
                assert await receive(sock) == query(1) + b" answered"
            assert (listener.received, listener.sent, listener.send_errors) == (1, 1, 0)

    run(talk())


def test_a_reply_leaves_from_the_address_asked(run: Run, kind: Kind, log: list[str]) -> None:
    async def talk() -> None:
        async with listening(kind, echo, log, "0.0.0.0") as (_, port):
            for address in ("127.0.0.2", "127.0.0.1", "127.9.8.7"):
                with client(port, address) as sock:
                    sock.send(query(2))
                    assert await receive(sock) == query(2) + b" answered"

    run(talk())


def test_late_and_large_replies_leave_from_the_address_asked_too(run: Run, kind: Kind, log: list[str]) -> None:
    large = bytes(limits.UDP_QUERY_SIZE + 1)

    async def later() -> bytes:
        return b"later"

    def answer(packet: bytes, peer: Peer) -> Reply | Awaitable[Reply]:
        return large if packet == query(1) else later()

    async def talk() -> None:
        async with listening(kind, answer, log, "0.0.0.0") as (_, port):
            with client(port, "127.0.0.2") as sock:
                sock.send(query(1))
                assert await receive(sock) == large
                sock.send(query(2))
                assert await receive(sock) == b"later"

    run(talk())


@pytest.mark.parametrize(
    ("bound", "asked"),
    rows([("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.3"), ("::1", "::1"), ("::", "::1")]),
)
def test_the_peer_says_who_asked_and_whom(run: Run, kind: Kind, log: list[str], bound: str, asked: str) -> None:
    seen: list[KeptPeer] = []

    def answer(packet: bytes, peer: Peer) -> bytes:
        kept = peer.keep()
        names = ("protocol", "family", "address", "port", "local_address", "local_port")
        assert [getattr(peer, name) for name in names] == [getattr(kept, name) for name in names]
        seen.append(kept)
        return b"seen"

    async def talk() -> None:
        async with listening(kind, answer, log, bound) as (_, port):
            with client(port, asked) as sock:
                sock.send(query(1))
                await receive(sock)
                address, source_port = sock.getsockname()[:2]
            assert seen == [KeptPeer("udp", 6 if ":" in asked else 4, address, source_port, asked, port)]

    run(talk())


def test_a_link_local_query_is_answered(run: Run, kind: Kind, log: list[str]) -> None:
    address, _, scope = link_local()

    async def talk() -> None:
        async with listening(kind, lambda packet, peer: peer.local_address.encode(), log, "::") as (_, port):
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
                sock.settimeout(5)
                sock.connect((address, port, 0, scope))
                sock.send(query(1))
                assert await receive(sock) == address.encode()

    run(talk())


def test_of_a_burst_none_is_lost_and_each_asker_gets_its_own(run: Run, kind: Kind, log: list[str]) -> None:
    clients, each = 4, 100

    async def talk() -> None:
        async with listening(kind, echo, log) as (listener, port):
            sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(clients)]
            try:
                for number, sock in enumerate(sockets):
                    sock.settimeout(5)
                    sock.connect(("127.0.0.1", port))
                    for at in range(each):
                        sock.send(query(number * each + at))
                for number, sock in enumerate(sockets):
                    replies = {await receive(sock) for _ in range(each)}
                    assert replies == {query(number * each + at) + b" answered" for at in range(each)}
            finally:
                for sock in sockets:
                    sock.close()
            assert (listener.received, listener.sent) == (clients * each, clients * each)

    run(talk())


def test_silence_late_large_and_failed_answers_leave_the_rest_of_a_batch_alone(
    run: Run, kind: Kind, log: list[str]
) -> None:
    large = bytes(10_000)
    released = asyncio.Event()

    async def later(packet: bytes) -> bytes:
        await released.wait()
        return packet + b" later"

    def answer(packet: bytes, peer: Peer) -> Reply | Awaitable[Reply]:
        match packet[1] % 5:
            case 0:
                return None
            case 1:
                return later(packet)
            case 2:
                return packet + large
            case 3:
                raise ValueError("a bug\nof two lines")
            case _:
                return packet + b" now"

    async def talk() -> None:
        async with listening(kind, answer, log) as (listener, port):
            with client(port) as sock:
                for number in range(40):
                    sock.send(query(number))
                at_once = {await receive(sock) for _ in range(16)}
                assert at_once == {query(n) + (large if n % 5 == 2 else b" now") for n in range(40) if n % 5 in (2, 4)}
                released.set()
                assert {await receive(sock) for _ in range(8)} == {query(n) + b" later" for n in range(1, 40, 5)}
            assert (listener.received, listener.sent) == (40, 24)
        assert set(log) == {"answering 12 bytes from 127.0.0.1 over udp failed: ValueError: a bug of two lines"}
        assert len(log) == 8
        log.clear()

    run(talk())


@pytest.mark.parametrize("size", [limits.UDP_QUERY_SIZE, limits.UDP_QUERY_SIZE + 1, 65_000])
def test_replies_may_be_large(run: Run, kind: Kind, log: list[str], size: int) -> None:
    async def talk() -> None:
        async with listening(kind, lambda packet, peer: bytes(size), log) as (_, port):
            with client(port) as sock:
                sock.send(query(1))
                assert await receive(sock) == bytes(size)

    run(talk())


def test_a_reply_no_datagram_can_hold_is_counted_and_the_next_is_sent(run: Run, kind: Kind, log: list[str]) -> None:
    async def talk() -> None:
        async with listening(kind, lambda packet, peer: bytes(65_530) if packet == query(1) else b"small", log) as (
            listener,
            port,
        ):
            with client(port) as sock:
                sock.send(query(1))
                sock.send(query(2))
                assert await receive(sock) == b"small"
            assert (listener.received, listener.sent, listener.send_errors) == (2, 1, 1)

    run(talk())


@pytest.mark.parametrize("size", [0, 1, 512, limits.UDP_QUERY_SIZE, limits.UDP_QUERY_SIZE + 1])
def test_queries_are_read_up_to_the_limit(run: Run, kind: Kind, log: list[str], size: int) -> None:
    async def talk() -> None:
        async with listening(kind, lambda packet, peer: b"%d" % len(packet), log) as (_, port):
            with client(port) as sock:
                sock.send(bytes(size))
                assert await receive(sock) == b"%d" % min(size, limits.UDP_QUERY_SIZE)

    run(talk())


def test_at_the_cap_of_pending_replies_a_query_is_dropped_and_counted(run: Run, kind: Kind, log: list[str]) -> None:
    released = asyncio.Event()

    async def later(packet: bytes) -> bytes:
        await released.wait()
        return packet

    async def talk() -> None:
        async with listening(kind, lambda packet, peer: later(packet) if packet < query(9) else b"now", log) as (
            listener,
            port,
        ):
            listener._pending._cap = 2
            with client(port) as sock:
                for number in (1, 2, 3, 9):
                    sock.send(query(number))
                assert await receive(sock) == b"now"
                assert listener.dropped_pending == 1
                released.set()
                assert {await receive(sock), await receive(sock)} == {query(1), query(2)}

    run(talk())


def test_stopping_sends_what_comes_within_the_grace(run: Run, kind: Kind, log: list[str]) -> None:
    asked, released = asyncio.Event(), asyncio.Event()

    async def later() -> bytes:
        asked.set()
        await released.wait()
        return b"late"

    async def talk() -> None:
        async with listening(kind, lambda packet, peer: later(), log, grace=5) as (listener, port):
            with client(port) as sock:
                sock.send(query(1))
                await asked.wait()
                stopping = asyncio.ensure_future(listener.stop(5))
                await asyncio.wait({stopping}, timeout=0)
                assert not stopping.done()
                released.set()
                await stopping
                assert await receive(sock) == b"late"

    run(talk())


def test_stopping_gives_up_what_does_not_come(run: Run, kind: Kind, log: list[str]) -> None:
    asked = asyncio.Event()

    async def never() -> bytes:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    async def talk() -> None:
        async with listening(kind, lambda packet, peer: never(), log, grace=0) as (_, port):
            with client(port) as sock:
                sock.send(query(1))
                await asked.wait()

    run(talk())


def test_a_failed_pending_answer_is_reported_and_nothing_is_sent(run: Run, kind: Kind, log: list[str]) -> None:
    async def broken() -> bytes:
        raise OSError("upstream gone")

    async def talk() -> None:
        async with listening(kind, lambda packet, peer: broken() if packet == query(1) else b"fine", log) as (_, port):
            with client(port) as sock:
                sock.send(query(1))
                sock.send(query(2))
                assert await receive(sock) == b"fine"
        assert log == ["answering 12 bytes from 127.0.0.1 over udp failed: OSError: upstream gone"]
        log.clear()

    run(talk())


def test_the_buffers_granted_can_be_read(run: Run, kind: Kind, log: list[str]) -> None:
    async def talk() -> None:
        async with listening(kind, echo, log) as (listener, _):
            assert 0 < listener.receive_buffer <= limits.UDP_RECEIVE_BUFFER
            assert 0 < listener.send_buffer <= limits.UDP_SEND_BUFFER

    run(talk())


def test_the_fastest_kind_is_chosen() -> None:
    with open_socket("127.0.0.1", 0, "udp") as sock:
        chosen = udp_listener(sock, echo, print)
    assert type(chosen) is (BatchedUdpListener if mmsg.AVAILABLE else UdpListener)


Outcome = int | None
"""Of one sendmmsg call: how many of its messages go out, None for all; below 0 the errno of the first."""

EVERY = set(range(10))
SEND_FAULTS: list[tuple[str, list[Outcome], set[int], int]] = [
    ("one at a time", [1] * 10, EVERY, 0),
    ("first half only, then the rest", [5, None], EVERY, 0),
    ("interrupted", [-errno.EINTR, None], EVERY, 0),
    ("full at once", [-errno.EAGAIN, None], EVERY, 0),
    ("full in the middle, twice", [3, -errno.EAGAIN, 2, -errno.EAGAIN, None], EVERY, 0),
    ("the first refused", [-errno.EPERM, None], EVERY - {0}, 1),
    ("one in the middle unreachable", [4, -errno.ENETUNREACH, None], EVERY - {4}, 1),
    ("the last refused by its host", [9, -errno.ECONNREFUSED], EVERY - {9}, 1),
    ("all refused", [-errno.EPERM] * 10, set(), 10),
    ("refused, full, refused", [1, -errno.EPERM, -errno.EAGAIN, -errno.EPERM, None], EVERY - {1, 2}, 2),
]


def schedule_sending(monkeypatch: pytest.MonkeyPatch, outcomes: Iterator[Outcome]) -> None:
    """Batches made from now on send as `outcomes` say; when these end, as they should."""
    assert mmsg._calls is not None
    receive_messages, send_messages = mmsg._calls

    def faulty(descriptor: int, headers: Any, count: int, flags: int) -> int:
        outcome = next(outcomes, None)
        if outcome is not None and outcome < 0:
            ctypes.set_errno(-outcome)
            return -1
        return send_messages(descriptor, headers, count if outcome is None else outcome, flags)

    monkeypatch.setattr(mmsg, "_calls", (receive_messages, faulty))


@needs_recvmmsg
@pytest.mark.parametrize("fault", SEND_FAULTS, ids=[row[0] for row in SEND_FAULTS])
def test_what_the_kernel_refuses_costs_that_reply_only(
    run: Run,
    log: list[str],
    monkeypatch: pytest.MonkeyPatch,
    fault: tuple[str, list[Outcome], set[int], int],
) -> None:
    _, outcomes, arriving, errors = fault
    schedule_sending(monkeypatch, iter(outcomes))

    async def talk() -> None:
        async with listening(BatchedUdpListener, echo, log) as (listener, port):
            with client(port) as sock:
                for number in range(10):
                    sock.send(query(number))
                replies = {(await receive(sock))[1] for _ in arriving}
                assert replies == arriving
                sock.send(query(99))
                assert await receive(sock) == query(99) + b" answered"
            assert (listener.sent, listener.send_errors) == (len(arriving) + 1, errors)

    run(talk())


@needs_recvmmsg
def test_stopping_does_not_wait_for_a_kernel_that_takes_nothing(
    run: Run, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule_sending(monkeypatch, repeat(-errno.EAGAIN))

    async def talk() -> None:
        asked = asyncio.Event()

        def answer(packet: bytes, peer: Peer) -> bytes:
            asked.set()
            return packet

        async with listening(BatchedUdpListener, answer, log) as (listener, port):
            with client(port) as sock:
                sock.send(query(1))
                await asked.wait()
            await listener.stop(5)
            assert (listener.received, listener.sent) == (1, 0)

    run(talk())


def test_each_message_of_a_delivery_is_a_datagram(run: Run, kind: Kind, log: list[str]) -> None:
    def answer(packet: bytes, peer: Peer) -> Reply:
        deliveries = {1: Delivery((packet, packet + b"?")), 2: Delivery(), 3: Delivery((packet,), 300.0, reset=True)}
        return deliveries[packet[1]]

    async def talk() -> None:
        async with listening(kind, answer, log) as (listener, port):
            with client(port) as sock:
                for number in (1, 2, 3):
                    sock.send(query(number))
                assert [await receive(sock) for _ in range(3)] == [query(1), query(1) + b"?", query(3)]
            assert listener.sent == 3

    run(talk())
