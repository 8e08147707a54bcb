"""The server: start, reload, drain. One instance answers at a time; a new one takes its place whole or not at all."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from resolver import __version__, limits
from resolver.corefile.tokens import BadConfig
from resolver.faults.fault_list import FaultList
from resolver.plugins.metric_rows import MetricRow
from resolver.server.clusters import FeedFactory
from resolver.server.configuration import Source, read_configuration
from resolver.server.history import History
from resolver.server.instance import Instance
from resolver.server.listeners import Listeners
from resolver.server.log import Log
from resolver.server.pages import StatusPages
from resolver.transports.listening import CannotListen


class Server:
    """Everything that runs. `source` says where the Corefile is, `make_feed` makes what fills an inventory.

    `history` is where questions are kept that are asked; None: nowhere. `faults` are what goes wrong on purpose: with a
    list every block looks at it, named in the Corefile or not; None: only blocks whose Corefile says `faults`.
    """

    def __init__(
        self,
        source: Source,
        log: Log,
        make_feed: FeedFactory,
        *,
        history: History | None = None,
        faults: FaultList | None = None,
    ) -> None:
        self._source = source
        self._log = log
        self._make_feed = make_feed
        self._listeners = Listeners(log, history)
        self._pages = StatusPages(log.error)
        self._instance: Instance | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._reloading: asyncio.Task[None] | None = None
        self._to_reload: list[Callable[[str], None]] = []
        """Who is told why the next reload failed; while there are any, one is due."""
        self._ended = asyncio.Event()
        self.history = history
        self.faults = faults
        all_faults = FaultList() if faults is None else faults
        all_faults.use_clocks(time.monotonic, time.time)
        self.lasting: dict[str, Any] = {"faults": all_faults}
        self.exit_status = 0

    @property
    def instance(self) -> Instance:
        """What answers now. Only after `start`."""
        if self._instance is None:
            raise RuntimeError("the server has not been started")
        return self._instance

    def ports(self) -> list[int]:
        """The port numbers it listens on."""
        return self._listeners.ports()

    async def start(self) -> bool:
        """Reads the configuration and serves it. Raises BadConfig or CannotListen; then nothing is left open.

        False where the end was asked for meanwhile; then nothing is open either.
        """
        if self._ended.is_set():
            return False
        instance = Instance(self, read_configuration(self._source, self._warn), self._log, self._make_feed)
        try:
            await self._take_over(instance)
        except BaseException as error:
            await instance.stop()
            await self._pages.close()
            await self._listeners.close(grace=0.0)
            if isinstance(error, asyncio.CancelledError) and self._ended.is_set():
                return False
            raise
        instance.warn_of_zones()
        if self._to_reload:
            self._reload_soon()
        return True

    async def _take_over(self, instance: Instance) -> None:
        """Starts the instance and lets it answer. What was there before goes on if this raises."""
        self._preparing = asyncio.ensure_future(self._prepare(instance))
        try:
            await self._preparing
        finally:
            self._preparing = None
        await self._listeners.serve(instance)
        await self._pages.show(instance.pages)
        self._instance = instance
        await instance.listen()

    async def _prepare(self, instance: Instance) -> None:
        """All that may fail, or take long."""
        instance.set_up()
        self._listeners.number(instance)
        await instance.start()
        await self._pages.open(instance.pages)
        self._listeners.bind(instance)

    async def reload(self) -> str:
        """Takes up the configuration as it is now. Returns why not, empty if it did; the old one then goes on."""
        old = self.instance
        self._log.info("Reloading")
        try:
            configuration = read_configuration(self._source, self._warn)
        except BadConfig as error:
            return str(error)
        instance = Instance(self, configuration, self._log, self._make_feed, old)
        try:
            await self._take_over(instance)
        except BaseException as error:
            self._listeners.release()
            await self._pages.show(old.pages)
            await instance.stop(successor=old)
            if isinstance(error, BadConfig | CannotListen):
                return str(error)
            if isinstance(error, Exception):  # a bug; the server goes on as it was
                return f"{type(error).__name__}: {error}"
            raise
        await self._listeners.retire(instance)
        await old.stop(successor=instance)
        self._log.info("Reloading complete")
        return ""

    def ask_for_reload(self, failed: Callable[[str], None] | None = None) -> None:
        """Reloads when the server has started and no other reload is under way; `failed` is told why it could not."""
        told = failed or self._report_failure
        if told not in self._to_reload:
            self._to_reload.append(told)
        if self._instance is not None:
            self._reload_soon()

    def _reload_soon(self) -> None:
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.ensure_future(self._reload_as_asked())

    async def _reload_as_asked(self) -> None:
        while self._to_reload and not self._ended.is_set():
            asked, self._to_reload = self._to_reload, []
            problem = await self.reload()
            for failed in asked if problem else ():
                failed(problem)

    async def reload_now(self) -> str:
        """Reloads, after the reload that is under way. Returns why not, empty if it did. Only after `start`."""
        problems: list[str] = []

        def failed(problem: str) -> None:
            problems.append(problem)

        self.ask_for_reload(failed)
        if self._reloading is not None:
            await asyncio.wait((self._reloading,))  # it goes on where whoever asked does not wait
        if self._ended.is_set():
            return "the server is ending"
        return "".join(problems)

    def _report_failure(self, problem: str) -> None:
        self._log.error(f"Restart failed: {problem}")

    def ask_for_end(self, text: str = "") -> None:
        """Ends `start` and `wait`; with a text, as a failure."""
        if text:
            self._log.line("FATAL", text)
            self.exit_status = 1
        self._ended.set()
        if self._preparing is not None:
            self._preparing.cancel()

    async def wait(self) -> None:
        """Comes back when the end has been asked for."""
        await self._ended.wait()

    async def stop(self, grace: float = limits.DRAIN) -> None:
        """The lameduck time first; then the listeners, drained; then plugins and clusters, and the pages.

        `grace`: seconds that questions under way have; without any there is no lameduck time either.
        """
        self.ask_for_end()
        if self._reloading is not None:
            await asyncio.gather(self._reloading, return_exceptions=True)
        if self.exit_status:
            grace = 0.0
        if self._instance is not None and grace:
            await self._instance.shut_down()
        await self._listeners.close(grace)
        if self._instance is not None:
            await self._instance.stop()
        await self._pages.close()

    def fingerprints(self) -> tuple[str, str] | None:
        """(configuration in use, configuration on disk). Raises BadConfig."""
        if not self._source.is_file:
            return None
        return self.instance.configuration.fingerprint, read_configuration(self._source, lambda _: None).fingerprint

    def flush_counts(self) -> None:
        self._listeners.flush_counts()

    def metrics(self) -> Iterable[MetricRow]:
        """All rows of the program but those of requests."""
        panics = sum(door.panics for door in self._listeners.doors())
        yield MetricRow("coredns_panics_total", "counter", "Questions that made a plugin fail.", (), panics)
        yield from self.instance.own_metrics()

    def traffic(self) -> Iterable[MetricRow]:
        """Rows of its sockets, which CoreDNS's pages do not have."""
        return self._listeners.traffic()

    def _warn(self, text: str) -> None:
        self._log.line("WARNING", text)


def banner() -> str:
    """The version line of the start."""
    return f"dualdns-{__version__}"
