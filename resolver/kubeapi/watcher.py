"""Watching a cluster: all wanted kinds, over one set of connections, into one sink."""

import asyncio
import gc
import random as randomness
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from resolver import limits
from resolver.cluster.decoding import Decoder
from resolver.kubeapi.access import open_access
from resolver.kubeapi.connection import Connection, Patience, RequestMetrics
from resolver.kubeapi.credentials import ApiTarget
from resolver.kubeapi.errors import ApiUnavailable
from resolver.kubeapi.kind_watch import Clock, KindWatch, Timer
from resolver.kubeapi.outage import Log, Outages
from resolver.kubeapi.watch_machine import WatchMachine
from resolver.kubeapi.watched import ClusterSink, WatchedKind


class LoopClock:
    """The running event loop's clock."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(seconds, callback)


class ClusterWatcher:
    """Keeps a sink in step with a cluster from `start` to `stop`; whatever goes wrong, the sink keeps what it has.

    `log` takes a level and a text. `random` gives numbers in [0, 1). A fresh list checks each kind's stream every
    `audit_interval` seconds (0: never).
    """

    def __init__(
        self,
        target: ApiTarget,
        kinds: Sequence[WatchedKind],
        sink: ClusterSink,
        decoder: Decoder,
        log: Log,
        *,
        clock: Clock | None = None,
        random: Callable[[], float] = randomness.random,
        audit_interval: float = limits.AUDIT_INTERVAL,
        patience: Patience | None = None,
    ) -> None:
        self._target = target
        self._kinds = tuple(kinds)
        self._sink = sink
        self._decoder = decoder
        self._log = log
        self._clock = clock or LoopClock()
        self._random = random
        self._audit_interval = audit_interval
        self._patience = patience or Patience()
        self._connection: Connection | None = None
        self._outages: Outages | None = None
        self._watches: list[KindWatch] = []
        self._freezing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins the first list of every kind. Raises BadCredentials; an API that is away is waited for."""
        access = await open_access(self._target, self._clock.now)
        self._connection = Connection(access, self._patience, self._clock.now)
        self._outages = Outages(self._log, access.server)
        self._connection.open()
        for watched in self._kinds:
            machine = WatchMachine(watched.kind, self._random, self._audit_interval)
            self._watches.append(
                KindWatch(
                    watched,
                    machine,
                    self._connection,
                    self._sink,
                    self._decoder,
                    self._clock,
                    self._patience,
                    self._outages,
                    self._log,
                )
            )
        for watch in self._watches:
            watch.begin()
        self._freezing = asyncio.get_running_loop().create_task(self._freeze_when_synced())

    async def stop(self) -> None:
        """Ends all requests and closes the connections; the sink is left as it is."""
        if self._freezing is not None:
            self._freezing.cancel()
        await asyncio.gather(*(watch.stop() for watch in self._watches))
        if self._connection is not None:
            await self._connection.close()

    async def wait_synced(self) -> None:
        """Returns when every kind has delivered its first whole list."""
        await asyncio.gather(*(watch.synced.wait() for watch in self._watches))

    async def _freeze_when_synced(self) -> None:
        """Takes a large first list out of the garbage collector's rounds: they took 45 ms at 300,000 objects."""
        await self.wait_synced()
        if sum(watch.first_list for watch in self._watches) >= limits.FREEZE_FROM:
            gc.collect()
            gc.freeze()

    async def fetch(self, path: str, query: Mapping[str, str]) -> bytes:
        """The body of one GET beside the watches. Raises ApiUnavailable, also for a refusal, and BadCredentials."""
        if self._connection is None:
            raise ApiUnavailable("nothing is watched yet")
        async with self._connection.get(path, query, self._patience.list) as response:
            if response.status != HTTPStatus.OK:
                raise ApiUnavailable(f"GET {path}: {response.status} {response.reason}")
            return await response.read()

    @property
    def synced(self) -> bool:
        return bool(self._watches) and all(watch.synced.is_set() for watch in self._watches)

    @property
    def in_step(self) -> bool:
        """Whether the API can be reached and lets all kinds be watched, as far as is known now."""
        return self._outages is not None and not self._outages.lasting

    @property
    def repaired(self) -> int:
        """Objects that audits put right because the watch had lost their changes."""
        return sum(watch.repaired for watch in self._watches)

    @property
    def relists(self) -> int:
        """Whole lists after the first ones, audits not counted."""
        return sum(watch.machine.relists for watch in self._watches)

    @property
    def reconnects(self) -> int:
        """Watches opened again at the version they had come to."""
        return sum(watch.machine.reconnects for watch in self._watches)

    @property
    def last_error(self) -> str:
        """The latest failure, empty if there was none."""
        return self._outages.last_error if self._outages else ""

    @property
    def last_contact(self) -> float | None:
        """When the API answered last, in seconds of the clock; None if it never did."""
        return self._connection.last_contact if self._connection else None

    @property
    def requests(self) -> RequestMetrics | None:
        """Counters of the requests made, None before `start`."""
        return self._connection.metrics if self._connection else None
