"""Tells when files may have changed: watchfiles where it works, and a look now and then where it does not."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable
from typing import NamedTuple, Self

from watchfiles import awatch

from resolver import limits
from resolver.controlplane.manifest_files import WatchedFolder

_Found = tuple[tuple[str, int, int], ...]
"""Paths with the device and number of the folder there: one that was put in another's place has to be watched anew."""


class _Running(NamedTuple):
    found: _Found
    stop: asyncio.Event
    task: asyncio.Task[None]


class FolderWatch:
    """`changed` comes back when something in the folders has changed, and every `rescan` seconds in any case: network
    file systems and full tables of watches send no events.

    `report` hears of folders that cannot be watched. Use as ``async with``.
    """

    def __init__(
        self,
        folders: Callable[[], list[WatchedFolder]],
        report: Callable[[str], None],
        rescan: float = limits.MANIFEST_RESCAN,
    ) -> None:
        self._folders = folders
        self._report = report
        self._rescan = rescan
        self._changed = asyncio.Event()
        self._running: dict[bool, _Running] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._told: set[str] = set()

    async def __aenter__(self) -> Self:
        self._follow()
        return self

    async def __aexit__(self, *_: object) -> None:
        for recursive in tuple(self._running):
            self._end(recursive)
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def changed(self) -> None:
        """Comes back when it is time to look; at once the first time, for what changed before the watch began."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._rescan):
                await self._changed.wait()
        self._changed.clear()
        self._follow()

    def _follow(self) -> None:
        """Watches the folders there are now; two watches suffice for all of them."""
        folders = self._folders()
        for recursive in (True, False):
            found = _found(folder.path for folder in folders if folder.recursive is recursive)
            running = self._running.get(recursive)
            if running is not None and (running.found != found or running.task.done()):
                self._end(recursive)
                running = None
            if running is None and found:
                stop = asyncio.Event()
                work = self._watch([path for path, _, _ in found], stop, recursive=recursive)
                self._running[recursive] = _Running(found, stop, asyncio.ensure_future(work))

    def _end(self, recursive: bool) -> None:
        running = self._running.pop(recursive)
        running.stop.set()
        self._ending.add(running.task)
        running.task.add_done_callback(self._ending.discard)

    async def _watch(self, paths: list[str], stop: asyncio.Event, *, recursive: bool) -> None:
        asyncio.get_running_loop().call_soon(self._changed.set)  # runs when the watch is set up: awatch waits then
        try:
            async for _ in awatch(
                *paths,
                watch_filter=None,
                debounce=round(limits.MANIFEST_BUSY * 1000),
                step=round(limits.MANIFEST_QUIET * 1000),
                stop_event=stop,
                recursive=recursive,
            ):
                self._changed.set()
        except Exception as error:  # noqa: BLE001 - whatever it is, files are looked at every few seconds all the same
            text = f"{', '.join(paths)} cannot be watched, so it is looked at every {self._rescan:g} s: {error}"
            if text not in self._told:
                self._told.add(text)
                self._report(text)


def _found(paths: Iterable[str]) -> _Found:
    found = []
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            continue
        found.append((path, status.st_dev, status.st_ino))
    return tuple(found)
