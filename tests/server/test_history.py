"""The history keeps what was asked and what really left, bounded by number and by bytes."""

import asyncio
import tracemalloc
from collections.abc import Awaitable
from typing import Any

import pytest

from resolver import limits
from resolver.server.history import History
from resolver.server.history_filter import Wanted
from resolver.transports.answering import PendingReplies, Reply
from resolver.wire.delivery import Delivery
from tests.support.doors import asker, query_packet
from tests.support.hosts import needs_ipv6
from tests.support.serving import endpoint_slice, namespace, service, serving

SHOP = (namespace("shop"), service("web", "10.96.0.1", "fd00:10:96::1", space="shop"))


def ask(history: History, number: int, size: int = 40) -> None:
    """One question whose name says its number."""
    history.record(query_packet(f"q{number}.example."), asker(), b"\0" * size)


def numbers(history: History, **wanted: Any) -> list[int]:
    return [int(asked.name[1:].split(".")[0]) for asked in history.questions(**wanted)]


# -- bounds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("capacity", [1, 10, limits.HISTORY_BLOCK, 1_000])
@pytest.mark.parametrize("asked", [0, 1, limits.HISTORY_BLOCK, 3 * limits.HISTORY_BLOCK + 7])
def test_the_last_ones_are_kept_oldest_first(capacity: int, asked: int) -> None:
    history = History(capacity, clock=iter(range(10_000)).__next__)
    for number in range(asked):
        ask(history, number)
    assert numbers(history) == list(range(max(0, asked - capacity), asked))
    assert (len(history), history.total) == (min(asked, capacity), asked)


def test_what_is_large_makes_room_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HISTORY_BYTES", 4 << 20)
    history = History(100_000, clock=iter(range(100_000)).__next__)
    for number in range(2_000):
        ask(history, number, size=5_000)
    kept = numbers(history)
    assert kept == list(range(2_000 - len(kept), 2_000))
    assert len(history) == len(kept)
    assert len(kept) * limits.HISTORY_REPLY <= (4 << 20) + limits.HISTORY_BLOCK * limits.HISTORY_REPLY


def test_a_hundred_thousand_questions_take_less_than_30_mib() -> None:
    """Long names, EDNS, IPv6 askers, and two AAAA records a reply."""
    tracemalloc.start()
    try:
        history = History()
        client = asker()
        said = bytes(12 + 47 + 2 * 28 + 11)
        answer = history.recording(lambda packet, client: packet[:2] + said, "udp", 4, 53)
        packets = [
            query_packet(f"backend-{number}.team-{number % 50}.svc.cluster.local.", "AAAA", edns=1232)
            for number in range(10_000, 11_000)
        ]
        for number in range(100_000):
            answer(packets[number % 1_000], client)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(history) == 100_000
    assert used < 30 << 20


def test_cleared_ones_are_gone_and_the_count_goes_on() -> None:
    history = History()
    for number in range(300):
        ask(history, number)
    assert history.clear() == 300
    assert (len(history), history.total, history.questions()) == (0, 300, [])
    ask(history, 300)
    assert (numbers(history), numbers(history, after=300), numbers(history, after=301)) == ([300], [300], [])
    assert history.clear() == 1
    assert history.clear() == 0


# -- what is recorded -------------------------------------------------------------------------------------------------


def recorded(reply: Reply | Awaitable[Reply]) -> tuple[History, Reply | Awaitable[Reply]]:
    """A history of one question that is answered so, and what comes back."""
    history = History(clock=iter((5.0, 6.0)).__next__)
    answer = history.recording(lambda packet, client: reply, "udp", 4, 1053)
    return history, answer(query_packet("web.shop."), asker())


@pytest.mark.parametrize(
    "reply", [b"\0" * 30, b"\0" * 5_000, None, [b"\0" * 20, b"\0" * 30], [], Delivery((b"\0" * 20,) * 2)]
)
def test_a_reply_passes_through_as_it_is(reply: Reply) -> None:
    history, came = recorded(reply)
    assert came is reply
    (asked,) = history.questions()
    assert (asked.name, asked.server_port, asked.at) == ("web.shop", 1053, 5.0)


async def coming(reply: Reply | Exception) -> Reply:
    await asyncio.sleep(0)
    if isinstance(reply, Exception):
        raise reply
    return reply


async def test_a_reply_that_comes_later_is_recorded_when_it_is_there() -> None:
    history, came = recorded(coming(b"\0\0\x81\x80" + b"\0" * 8))
    assert len(history) == 0
    assert isinstance(came, Awaitable)
    assert await came == b"\0\0\x81\x80" + b"\0" * 8
    (asked,) = history.questions()
    assert (asked.at, asked.rcode) == (5.0, "NOERROR")


async def test_a_reply_that_never_comes_is_silence() -> None:
    history, came = recorded(coming(RuntimeError("a bug")))
    assert isinstance(came, Awaitable)
    with pytest.raises(RuntimeError, match="a bug"):
        await came
    assert history.questions()[0].rcode is None


async def test_a_reply_that_nobody_can_wait_for_is_silence() -> None:
    history, came = recorded(coming(b"\0" * 12))
    waiting = PendingReplies(lambda line: None, cap=0)
    assert isinstance(came, Awaitable)
    assert not waiting.wait_for(came, 30, asker(), lambda reply: None)
    assert history.questions()[0].rcode is None


async def test_the_asker_of_a_later_reply_is_the_one_who_asked() -> None:
    """The transport uses its peers again."""

    class Slot:
        protocol, family, sockaddr = "udp", 4, bytearray(b"\x9c\x40\x0a\0\0\1")

    history = History()
    slot: Any = Slot()
    came = history.recording(lambda packet, client: coming(b"\0" * 12), "udp", 4, 53)(query_packet("a."), slot)
    slot.sockaddr[:] = b"\x9c\x41\x0a\0\0\2"
    assert isinstance(came, Awaitable)
    await came
    (asked,) = history.questions()
    assert (asked.client, asked.client_port) == ("10.0.0.1", 40_000)


def test_questions_are_told_in_the_order_they_were_asked() -> None:
    clock = iter((1.0, 3.0, 2.0))
    history = History(clock=clock.__next__)
    for number in (1, 3, 2):
        ask(history, number)
    assert numbers(history) == [1, 2, 3]


# -- following --------------------------------------------------------------------------------------------------------


async def test_those_who_wait_are_told_of_more() -> None:
    history = History()
    ask(history, 0)
    await history.more(0)
    waiting = [asyncio.ensure_future(history.more(1)) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    ask(history, 1)
    await asyncio.gather(*waiting)
    ask(history, 2)
    assert history.total == 3


async def test_a_follower_sees_each_question_once() -> None:
    history = History(1_000, clock=iter(range(10_000)).__next__)
    for number in range(10):
        ask(history, number)
    found: list[str] = []
    news = history.follow(Wanted(), after=4)
    for upto in (10, 11, 11 + limits.HISTORY_BLOCK):
        for number in range(history.total, upto):
            ask(history, number)
        while len(found) < upto - 4:
            some, lost = await anext(news)
            found += [asked.name for asked in some]
            assert lost == 0
    assert found == [f"q{number}.example" for number in range(4, 11 + limits.HISTORY_BLOCK)]
    await news.aclose()


async def test_a_follower_that_is_too_slow_hears_what_it_missed() -> None:
    history = History(100)
    for number in range(1_000):
        ask(history, number)
    news = history.follow(Wanted(), after=0)
    missed = seen = 0
    while missed + seen < 1_000:
        some, lost = await anext(news)
        missed, seen = missed + lost, seen + len(some)
    assert (missed, seen) == (900, 100)
    await news.aclose()


# -- a server with one ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["127.0.0.1", pytest.param("::1", marks=needs_ipv6)])
@pytest.mark.parametrize("tcp", [False, True])
async def test_a_server_records_what_it_is_asked(address: str, tcp: bool) -> None:
    history = History()
    text = f".:0 {{\nbind {address}\nkubernetes cluster.local\n}}\n"
    async with serving(text, SHOP, history=history) as served:
        for _ in range(3):  # the door keeps packets it has seen
            await served.ask("web.shop.svc.cluster.local.", "AAAA", tcp=tcp, address=address)
        await served.ask("Nothing.shop.svc.cluster.local.", "A", tcp=tcp, address=address)
        port = served.port
    *found, missing = history.questions()
    for asked in found:
        assert (asked.client, asked.server_port, asked.protocol) == (address, port, "tcp" if tcp else "udp")
        assert (asked.name, asked.type, asked.rcode) == ("web.shop.svc.cluster.local", "AAAA", "NOERROR")
        assert asked.answers == ("web.shop.svc.cluster.local. 5 IN AAAA fd00:10:96::1",)
    assert len(found) == 3
    assert (missing.name, missing.rcode, missing.answers) == ("Nothing.shop.svc.cluster.local", "NXDOMAIN", ())


async def test_a_transfer_is_one_question() -> None:
    history = History()
    text = ".:0 {\nbind 127.0.0.1\ntransfer {\nto *\n}\nkubernetes cluster.local\n}\n"
    slices = endpoint_slice("web-1", "web", "10.244.0.1", space="shop")
    async with serving(text, (*SHOP, slices), history=history) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        packet = query_packet("cluster.local.", "AXFR")
        writer.write(len(packet).to_bytes(2, "big") + packet)
        reply = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        writer.close()
        await writer.wait_closed()
    (asked,) = history.questions()
    assert (asked.type, asked.rcode, asked.protocol) == ("AXFR", "NOERROR", "tcp")
    assert asked.size >= len(reply)
    assert " IN SOA " in asked.answers[0]


async def test_without_a_history_the_door_itself_is_asked() -> None:
    async with serving(".:0 {\nbind 127.0.0.1\nwhoami\n}\n") as served:
        assert served.server.history is None
        (door, *_) = served.server._listeners.doors()
        (opened,) = served.server._listeners._open.values()
        assert opened.udp[0]._answer == door.answer
