"""What one server block's plugins are given: the program around them (resolver/plugins/plugin.py, Host)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from random import Random, SystemRandom
from ssl import SSLContext
from typing import TYPE_CHECKING, Any, TypeVar

from resolver import limits
from resolver.answers.outcome import Answer, Key
from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest
from resolver.plugins.metric_rows import MetricRow
from resolver.plugins.plugin import Plugin, StatusHandler
from resolver.server import files
from resolver.server.log import Log
from resolver.wire.query import Query

if TYPE_CHECKING:
    from resolver.server.instance import Instance

_T = TypeVar("_T")

Step = Callable[[], Awaitable[None]]


class BlockHost:
    """The host of one block. Timers and tasks end with `stop`."""

    def __init__(self, instance: "Instance", log: Log, zones: tuple[bytes, ...], enabled: Sequence[str]) -> None:
        self._instance = instance
        self._log = log
        self._enabled = tuple(enabled)
        self._bound: tuple[str, ...] = ()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._stopped = False
        self._pauses: set[asyncio.Future[None]] = set()
        self._ending = False
        self.zones = zones
        self.servers: tuple[str, ...] = ()
        self.random: Random = SystemRandom()
        self.json_log = log.json
        self.stacktraces = False
        self.plugins: list[Plugin] = []
        self.starting: list[Step] = []
        self.listening: list[Step] = []
        self.shutting_down: list[Step] = []
        self.stopping: list[Step] = []
        self.metric_sources: list[Callable[[], Iterable[MetricRow]]] = []

    def log(self, level: str, text: str, fields: Mapping[str, object] | None = None) -> None:
        self._log.line(level, text, fields)

    def print(self, text: str) -> None:
        self._log.print(text)

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def ask(self, query: Query) -> Answer:
        router = query.router or self._instance.router_named(self.servers[0])
        answer: Answer = router.ask(query)
        return answer

    def on_start(self, step: Step) -> None:
        self.starting.append(step)

    def on_listening(self, step: Step) -> None:
        self.listening.append(step)

    def on_shutdown(self, step: Step) -> None:
        self.shutting_down.append(step)

    def on_stop(self, step: Step) -> None:
        self.stopping.append(step)

    def every(self, seconds: float, step: Callable[[], None]) -> None:
        def run() -> None:
            self.later(seconds, run)
            self._guarded(step)

        self.later(seconds, run)

    def later(self, seconds: float, step: Callable[[], None]) -> None:
        if self._stopped:
            return

        def run() -> None:
            self._timers.discard(timer)
            self._guarded(step)

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - a timer's bug is told and does not end the others
            self._log.error(f"a timer failed: {type(error).__name__}: {error}"[: limits.LOG_LINE])

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def pause(self, seconds: float) -> None:
        if self._ending:
            return
        over = asyncio.get_running_loop().create_future()
        timer = asyncio.get_running_loop().call_later(seconds, _end_pause, over)
        self._pauses.add(over)
        try:
            await over
        finally:
            timer.cancel()
            self._pauses.discard(over)

    def _end_pauses(self) -> None:
        """All that are and those that come."""
        self._ending = True
        for over in self._pauses:
            _end_pause(over)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._stopped:
            work.close()
            return
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def within(self, seconds: float, work: Coroutine[Any, Any, None]) -> bool:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait((task,), timeout=seconds)
        return bool(done)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._log.error(f"a task failed: {type(error).__name__}: {error}"[: limits.LOG_LINE])

    def read_file(self, path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()

    def file_stamp(self, path: str) -> tuple[int, int] | None:
        return files.stamp(path)

    def add_status(self, listen: str, path: str, handler: StatusHandler, *, tls: SSLContext | None = None) -> None:
        self._instance.add_status(listen, path, handler, tls)

    def shared(self, name: str, make: Callable[[], _T], *, lasting: bool = False) -> _T:
        return self._instance.shared(name, make, lasting=lasting)

    def add_metrics(self, source: Callable[[], Iterable[MetricRow]]) -> None:
        self.metric_sources.append(source)

    def metrics(self) -> Iterable[MetricRow]:
        return self._instance.metrics()

    def flush_counts(self) -> None:
        self._instance.flush_counts()

    def show_stacktraces(self) -> None:
        self.stacktraces = True

    def forget(self, keys: Iterable[Key]) -> None:
        self._instance.forget(keys)

    def forget_all(self) -> None:
        self._instance.forget_all()

    def bind(self, addresses: Sequence[str]) -> None:
        self._bound += tuple(addresses)

    def bound(self) -> tuple[str, ...]:
        return self._bound

    def interfaces(self) -> Sequence[tuple[str, str]]:
        return files.interfaces()

    def local_addresses(self) -> Sequence[str]:
        return self._instance.local_addresses()

    def neighbours(self) -> Sequence[Plugin]:
        return self.plugins

    def enabled(self) -> Sequence[str]:
        return self._enabled

    def cluster(self, request: ClusterRequest) -> Inventory:
        return self._instance.clusters.inventory(request)

    def reload(self, failed: Callable[[str], None] | None = None) -> None:
        self._instance.ask_for_reload(failed)

    def fingerprint(self) -> tuple[str, str] | None:
        return self._instance.fingerprints()

    def fatal(self, text: str) -> None:
        self._instance.ask_for_end(text)

    async def shut_down(self) -> None:
        """Runs what has to be done before the end, while all else goes on."""
        await self._run(self.shutting_down)
        self._end_pauses()

    async def _run(self, steps: Sequence[Step]) -> None:
        """A step that fails keeps no other back."""
        for step in steps:
            try:
                await step()
            except Exception as error:  # noqa: BLE001 - the end goes on
                self._log.error(f"stopping failed: {type(error).__name__}: {error}"[: limits.LOG_LINE])

    async def stop(self) -> None:
        """Runs the plugins' last steps, then ends all timers and tasks."""
        self._end_pauses()
        await self._run(self.stopping)
        self._stopped = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _end_pause(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)
