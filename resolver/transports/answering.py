"""What a transport asks of the core, and the replies it waits for."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from resolver import limits
from resolver.wire.delivery import Delivery
from resolver.wire.peer import Peer

Reply: TypeAlias = bytes | Sequence[bytes] | Delivery | None
"""One whole message; several of them (a zone transfer, TCP only); what to send otherwise; or None: stay silent."""

AnswerFunction: TypeAlias = Callable[[bytes, Peer], Reply | Awaitable[Reply]]
"""The core's door: never waits, never raises. An awaitable is a reply that is not known yet."""

Report: TypeAlias = Callable[[str], None]
"""Takes one line for the log."""


def failure_line(error: BaseException, packet_size: int, peer: Peer) -> str:
    """One bounded line about an answer that raised, which is a bug of the core and no reason to stop listening."""
    what = f"answering {packet_size} bytes from {peer.address} over {peer.protocol} failed"
    return f"{what}: {type(error).__name__}: {error}".replace("\n", " ")[: limits.LOG_LINE]


class PendingReplies:
    """The replies one listener is waiting for: bounded, each held by a strong reference until it is delivered."""

    def __init__(self, report: Report, cap: int = limits.PENDING_REPLIES) -> None:
        self._report = report
        self._cap = cap
        self._tasks: set[asyncio.Task[None]] = set()
        self.dropped = 0
        """Queries given up because too many replies were being waited for."""

    def __len__(self) -> int:
        return len(self._tasks)

    def wait_for(
        self, answer: Awaitable[Reply], packet_size: int, peer: Peer, deliver: Callable[[Reply], None]
    ) -> bool:
        """Calls `deliver` once with the reply when it comes, with None when it fails. At the cap: False, and never."""
        if len(self._tasks) >= self._cap:
            self.dropped += 1
            abandon(answer)
            return False
        task = asyncio.ensure_future(self._deliver(answer, packet_size, peer.keep(), deliver))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _deliver(
        self, answer: Awaitable[Reply], packet_size: int, peer: Peer, deliver: Callable[[Reply], None]
    ) -> None:
        try:
            deliver(await answer)
        except Exception as error:  # noqa: BLE001 - whatever it is, one reply is lost and not the listener
            self._report(failure_line(error, packet_size, peer))
            deliver(None)

    async def settle(self, grace: float) -> None:
        """Returns when all that is pending now is there, or after `grace` seconds."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=grace)

    async def drain(self, grace: float) -> None:
        """Returns when nothing is pending; what is not there after `grace` seconds is given up."""
        await self.settle(grace)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


@runtime_checkable
class _Closable(Protocol):
    """A coroutine, or what wraps one."""

    def close(self) -> None: ...


def abandon(answer: Awaitable[Reply]) -> None:
    """Ends what will not be awaited, so that it neither runs on nor complains."""
    if isinstance(answer, asyncio.Future):
        answer.cancel()
    elif isinstance(answer, _Closable):
        answer.close()
