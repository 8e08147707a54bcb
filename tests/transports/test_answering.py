"""Replies that are waited for: bounded, delivered once, never lost without a word."""

import asyncio
from collections.abc import Generator
from typing import Any

from resolver import limits
from resolver.transports.answering import PendingReplies, Reply, failure_line
from resolver.wire.peer import KeptPeer

PEER = KeptPeer("udp", 4, "192.0.2.7", 40_000, "192.0.2.1", 53)


async def test_a_reply_is_delivered_when_it_comes(log: list[str]) -> None:
    pending = PendingReplies(log.append)
    known: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    delivered: list[Reply] = []
    assert pending.wait_for(known, 12, PEER, delivered.append)
    assert (len(pending), delivered) == (1, [])
    known.set_result(b"reply")
    await pending.drain(5)
    assert (len(pending), delivered) == (0, [b"reply"])


async def test_a_failure_is_reported_and_delivered_as_silence(log: list[str]) -> None:
    async def broken() -> bytes:
        raise LookupError("no upstream")

    pending = PendingReplies(log.append)
    delivered: list[Reply] = []
    pending.wait_for(broken(), 12, PEER, delivered.append)
    await pending.drain(5)
    assert delivered == [None]
    assert log.pop() == "answering 12 bytes from 192.0.2.7 over udp failed: LookupError: no upstream"


async def test_what_cannot_be_delivered_is_reported_and_delivered_as_silence(log: list[str]) -> None:
    delivered: list[Reply] = []

    def deliver(reply: Reply) -> None:
        if reply is not None:
            raise OverflowError("too long")
        delivered.append(reply)

    async def reply() -> bytes:
        return b"reply"

    pending = PendingReplies(log.append)
    pending.wait_for(reply(), 12, PEER, deliver)
    await pending.drain(5)
    assert delivered == [None]
    assert log.pop() == "answering 12 bytes from 192.0.2.7 over udp failed: OverflowError: too long"


async def test_at_the_cap_an_answer_is_refused_ended_and_counted(log: list[str]) -> None:
    started: list[str] = []

    async def never() -> bytes:
        started.append("never")
        raise AssertionError("refused answers do not run")

    pending = PendingReplies(log.append, cap=1)
    known: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    refused: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    assert pending.wait_for(known, 12, PEER, lambda reply: None)
    assert not pending.wait_for(never(), 12, PEER, lambda reply: None)
    assert not pending.wait_for(refused, 12, PEER, lambda reply: None)
    assert refused.cancelled()
    assert (len(pending), pending.dropped, started) == (1, 2, [])
    await pending.drain(0)


async def test_what_wraps_an_answer_is_ended_by_its_own_close(log: list[str]) -> None:
    class Wrapped:
        closed = False

        def __await__(self) -> Generator[Any, Any, Reply]:
            raise AssertionError("refused answers do not run")

        def close(self) -> None:
            self.closed = True

    wrapped = Wrapped()
    assert not PendingReplies(log.append, cap=0).wait_for(wrapped, 12, PEER, lambda reply: None)
    assert wrapped.closed


async def test_settling_waits_for_what_is_pending_and_gives_nothing_up(log: list[str]) -> None:
    pending = PendingReplies(log.append)
    delivered: list[Reply] = []
    early, late = (asyncio.get_running_loop().create_future() for _ in range(2))
    await pending.settle(5)
    pending.wait_for(early, 12, PEER, delivered.append)
    settling = asyncio.ensure_future(pending.settle(5))
    await asyncio.sleep(0)
    pending.wait_for(late, 12, PEER, delivered.append)
    early.set_result(b"early")
    await settling
    assert delivered == [b"early"]
    await pending.settle(0)
    late.set_result(b"late")
    await pending.drain(5)
    assert delivered == [b"early", b"late"]


async def test_draining_gives_up_after_the_grace(log: list[str]) -> None:
    pending = PendingReplies(log.append)
    known: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    delivered: list[Reply] = []
    pending.wait_for(known, 12, PEER, delivered.append)
    await pending.drain(0)
    assert known.cancelled()
    assert (len(pending), delivered) == (0, [])


def test_a_failure_is_one_bounded_line() -> None:
    line = failure_line(ValueError("one\ntwo " * 100), 40, PEER)
    assert line.startswith("answering 40 bytes from 192.0.2.7 over udp failed: ValueError: one two one")
    assert len(line) == limits.LOG_LINE
    assert "\n" not in line
