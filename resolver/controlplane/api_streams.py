"""Sends the changes of a watch until its time is up."""

import asyncio
import random
from typing import TYPE_CHECKING, Any

from resolver import limits
from resolver.controlplane.api.watching import Watch

if TYPE_CHECKING:
    from aiohttp import web


class WatchStream:
    """One watch on one connection. `changed` is set when there is more to take, `stopping` when the server ends."""

    def __init__(
        self, watch: Watch, response: "web.StreamResponse", changed: asyncio.Event, stopping: asyncio.Event
    ) -> None:
        self._watch = watch
        self._response = response
        self._changed = changed
        self._stopping = stopping

    async def run(self, seconds: int | None) -> None:
        """Until then; some time of our own where that is nothing.

        Raises TimeoutError where the client reads nothing for too long, and ConnectionError where it is gone.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + (seconds or random.uniform(*limits.SERVED_WATCH))  # noqa: S311 - spreads the load
        for lines in self._watch.first():
            await self._write(lines)
        told = loop.time()
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            while not self._watch.ended and not stopping.done() and loop.time() < ends:
                self._changed.clear()
                if lines := self._watch.take():
                    await self._write(lines)
                    continue
                due = _next_due(told, ends)
                await self._wait(stopping, due - loop.time())
                if loop.time() >= due and not self._changed.is_set():
                    told = loop.time()
                    await self._write(self._watch.bookmark() if told < ends else b"")
        finally:
            stopping.cancel()

    async def _wait(self, stopping: "asyncio.Future[Any]", seconds: float) -> None:
        """For a change, the end of the server, or so long."""
        woken = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((woken, stopping), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()

    async def _write(self, lines: bytes) -> None:
        if lines:
            async with asyncio.timeout(limits.WATCH_STALL):
                await self._response.write(lines)


def _next_due(told: float, ends: float) -> float:
    """When the clock asks for something after the last bookmark: one each minute, one near the end, then the end."""
    last = ends - limits.BOOKMARK_BEFORE_END
    return min(told + limits.BOOKMARK_INTERVAL, last) if told < last else ends
