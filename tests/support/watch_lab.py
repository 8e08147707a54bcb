"""A ClusterWatcher over real sockets on a clock that tests move: what the watcher's own tests are written in."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import count

from resolver import limits
from resolver.cluster.decoding import Decoder, Problem
from resolver.cluster.objects import NAMESPACES, SERVICES, ClusterObject, Kind, identity
from resolver.kubeapi.connection import Patience
from resolver.kubeapi.credentials import ApiTarget
from resolver.kubeapi.watched import WatchedKind
from resolver.kubeapi.watcher import ClusterWatcher
from tests.support.api_server import ApiServer

SHORT = 60.0
"""Seconds; waits up to this are passed over, longer ones (audits) only when a test moves the clock."""


class Alarm:
    """A call that is due at a time of the virtual clock."""

    def __init__(self, due: float, seconds: float, callback: Callable[[], None]) -> None:
        self.due = due
        self.seconds = seconds
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class VirtualClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self._now = 1_000.0
        self._order = count()
        self._alarms: list[tuple[float, int, Alarm]] = []
        self.changed = asyncio.Event()

    def now(self) -> float:
        return self._now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Alarm:
        alarm = Alarm(self._now + seconds, seconds, callback)
        heapq.heappush(self._alarms, (alarm.due, next(self._order), alarm))
        self.changed.set()
        return alarm

    def advance(self, seconds: float) -> None:
        """Moves on, and makes the calls that fall due."""
        self._until(self._now + seconds)

    def pass_short_wait(self) -> bool:
        """Moves to the first call that was asked for with a short wait; False where there is none."""
        short = [
            due
            for due, _, alarm in self._alarms
            if alarm.seconds <= SHORT and alarm.seconds != limits.INITIAL_EVENTS_SILENCE and not alarm.cancelled
        ]
        if short:
            self._until(min(short))
        return bool(short)

    def _until(self, then: float) -> None:
        while self._alarms and self._alarms[0][0] <= then:
            due, _, alarm = heapq.heappop(self._alarms)
            self._now = max(self._now, due)
            if not alarm.cancelled:
                alarm.callback()
        self._now = max(self._now, then)


class RecordingSink:
    """Holds what it is told, per kind, and what it was told how."""

    def __init__(self, changed: asyncio.Event) -> None:
        self._changed = changed
        self.objects: dict[str, dict[bytes | str, ClusterObject]] = {}
        self.batches: list[list[tuple[str, ClusterObject]]] = []
        self.replaced: list[tuple[str, int]] = []

    def replace(self, kind: Kind, objects: Iterable[ClusterObject]) -> int:
        fresh = {identity(item): item for item in objects}
        held = self.objects.get(kind.name, {})
        self.objects[kind.name] = fresh
        self.replaced.append((kind.name, len(fresh)))
        self._changed.set()
        return sum(held.get(key) != fresh.get(key) for key in held.keys() | fresh.keys())

    def apply(self, kind: Kind, changes: Sequence[tuple[str, ClusterObject]]) -> None:
        held = self.objects[kind.name]
        for change, item in changes:
            if change == "DELETED":
                held.pop(identity(item), None)
            else:
                held[identity(item)] = item
        self.batches.append(list(changes))
        self._changed.set()


class Lab:
    """A stand-in, a watcher of it, and what the watcher said and did."""

    def __init__(self, api: ApiServer, kinds: Sequence[WatchedKind], **options: object) -> None:
        self.api = api
        self.kinds = kinds
        self.clock = VirtualClock()
        self.sink = RecordingSink(self.clock.changed)
        self.logged: list[tuple[str, str]] = []
        self.problems: list[Problem] = []
        self._decoder = Decoder(self.problems.append)
        options.setdefault("patience", Patience(connect=5.0, list=5.0, watch=5.0))
        self.watcher = ClusterWatcher(
            options.pop("target", None) or ApiTarget(endpoint=api.url),  # type: ignore[arg-type]
            kinds,
            self.sink,
            self._decoder,
            self._log,
            clock=self.clock,
            random=lambda: 0.5,
            **options,  # type: ignore[arg-type]
        )
        api.notify(self.clock.changed.set)

    def _log(self, level: str, text: str) -> None:
        self.logged.append((level, text))
        self.clock.changed.set()

    def said(self, level: str, part: str) -> int:
        """How many lines of the level hold the text."""
        return sum(said == level and part in text for said, text in self.logged)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Lets things happen, short waits passing in no time, until the condition holds."""
        async with asyncio.timeout(5):
            while not condition():
                self.clock.changed.clear()
                if not self.clock.pass_short_wait():
                    await self.clock.changed.wait()
                await asyncio.sleep(0)

    def in_step(self) -> bool:
        """Whether the sink holds, of each kind, what one fresh list would bring."""
        for watched in self.kinds:
            kind = watched.kind
            wanted = self.api.wanted({"labelSelector": watched.label_selector, "fieldSelector": watched.field_selector})
            found = [self._decoder.manifest(kind, item) for item in self.api.state.objects(kind.name, wanted)]
            if {identity(item): item for item in found if item is not None} != self.sink.objects.get(kind.name):
                return False
        return True

    def held(self, kind: Kind) -> int:
        return len(self.sink.objects.get(kind.name, ()))


@asynccontextmanager
async def lab(
    api: ApiServer, kinds: Sequence[WatchedKind] = (WatchedKind(NAMESPACES), WatchedKind(SERVICES)), **options: object
) -> AsyncIterator[Lab]:
    """A lab whose watcher is started and synced, and stopped in the end."""
    made = Lab(api, kinds, **options)
    await made.watcher.start()
    try:
        await made.until(lambda: made.watcher.synced and len(api.watches) == len(kinds))
        yield made
    finally:
        await made.watcher.stop()
