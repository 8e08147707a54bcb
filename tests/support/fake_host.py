"""A `Host` for plugin tests: no sockets, files in a dictionary, and a clock that only `advance` moves."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from random import Random
from ssl import SSLContext
from typing import TYPE_CHECKING, Any, TypeVar

from resolver.answers.outcome import Answer, Failure, Handler, Key
from resolver.cluster.inventory import Inventory
from resolver.corefile.blocks import Directive, parse_corefile
from resolver.plugins.plugin import Plugin, StatusHandler
from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.query import Query

if TYPE_CHECKING:
    from resolver.plugins.metric_rows import MetricRow

_T = TypeVar("_T")


def directives(text: str, name: str | None = None) -> list[Directive]:
    """The uses of one directive (the first word's, if no name is given) in a server block with this text."""
    name = name or text.split(maxsplit=1)[0]
    blocks = parse_corefile(f". {{\n{text}\n}}\n", "Corefile", warn=lambda line: None)
    return list(blocks[0].uses(name))


class FakeHost:
    """Everything that was asked of it is in public attributes; `files` and the others may be set before set-up.

    `clock` is seconds since 1970 and moves with the monotonic clock, by `advance`, which runs the timers that fall due.
    """

    def __init__(self, *zones: str, files: Mapping[str, bytes] | None = None, seed: int = 1) -> None:
        self.zones: tuple[bytes, ...] = tuple(name_from_text(zone) for zone in zones or (".",))
        self.servers: tuple[str, ...] = ("dns://:53",)
        self.random = Random(seed)
        self.json_log = False
        self.logged: list[tuple[str, str]] = []
        self.log_fields: list[Mapping[str, object] | None] = []
        self.printed: list[str] = []
        self.clock = 1_700_000_000.0
        self.elapsed = 0.0
        self.slept: list[float] = []
        self.files: dict[str, bytes] = dict(files or {})
        self.stamps: dict[str, tuple[int, int]] = {}
        self.answer_itself: Handler = lambda query: Failure(codes.SERVFAIL)
        self.asked: list[Query] = []
        self.start_steps: list[Callable[[], Awaitable[None]]] = []
        self.listening_steps: list[Callable[[], Awaitable[None]]] = []
        self.shutdown_steps: list[Callable[[], Awaitable[None]]] = []
        self.stop_steps: list[Callable[[], Awaitable[None]]] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.pages: dict[tuple[str, str], StatusHandler] = {}
        self.tls: dict[str, SSLContext | None] = {}
        self.forgotten: list[Key] = []
        self.forgotten_all = 0
        self.bound_addresses: tuple[str, ...] = ()
        self.machine: list[tuple[str, str]] = [("lo", "127.0.0.1"), ("lo", "::1")]
        self.plugins: list[Plugin] = []
        self.directives: list[str] = []
        self.clusters: dict[Any, Inventory] = {}
        self.reloads = 0
        self.reload_error = ""
        self.fingerprints: Callable[[], tuple[str, str] | None] = lambda: None
        self.died: list[str] = []
        self.shared_objects: dict[str, Any] = {}
        self.metric_sources: list[Callable[[], Iterable[MetricRow]]] = []
        self.flushes = 0
        self.stacktraces = False
        self._timers: list[tuple[float, int, float | None, Callable[[], None]]] = []
        self._timer_count = 0

    # -- what tests do ------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Runs the steps of on_start and on_listening, in order."""
        for step in (*self.start_steps, *self.listening_steps):
            await step()

    async def stop(self, *, final: bool = True) -> None:
        """Ends the block: runs the steps of on_stop, before them with `final` those of on_shutdown, and cancels what
        was spawned."""
        for step in (*(self.shutdown_steps if final else ()), *self.stop_steps):
            await step()
        self._timers.clear()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def advance(self, seconds: float) -> None:
        """Moves the clocks, running timers at their time."""
        end = self.elapsed + seconds
        while self._timers and min(self._timers)[0] <= end:
            timer = min(self._timers)
            self._timers.remove(timer)
            due, number, interval, step = timer
            self._move_to(max(due, self.elapsed))
            if interval is not None:
                self._timers.append((self.elapsed + interval, number, interval, step))
            step()
        self._move_to(end)

    def stall(self, seconds: float) -> None:
        """Moves the clocks as while the event loop is busy: timers that fell due run late, at the end."""
        self._move_to(self.elapsed + seconds)
        self.advance(0)

    def write(self, path: str, content: bytes) -> None:
        """Writes a file; its stamp changes even if its size does not."""
        self.files[path] = content
        self.stamps[path] = (self.stamps.get(path, (0, 0))[0] + 1_000_000_000, len(content))

    def page(self, listen: str, path: str) -> tuple[int, str, bytes]:
        """What a GET of this page gives."""
        return self.pages[listen, path]()

    @property
    def lines(self) -> list[str]:
        """The log as text lines."""
        return [f"[{level}] {text}" for level, text in self.logged]

    def _move_to(self, elapsed: float) -> None:
        self.clock += elapsed - self.elapsed
        self.elapsed = elapsed

    # -- the Host -----------------------------------------------------------------------------------------------------

    def log(self, level: str, text: str, fields: Mapping[str, object] | None = None) -> None:
        self.logged.append((level, text))
        self.log_fields.append(fields)

    def print(self, text: str) -> None:
        self.printed.append(text)

    def now(self) -> float:
        return self.clock

    def monotonic(self) -> float:
        return self.elapsed

    def ask(self, query: Query) -> Answer:
        self.asked.append(query)
        return self.answer_itself(query)

    def on_start(self, step: Callable[[], Awaitable[None]]) -> None:
        self.start_steps.append(step)

    def on_listening(self, step: Callable[[], Awaitable[None]]) -> None:
        self.listening_steps.append(step)

    def on_shutdown(self, step: Callable[[], Awaitable[None]]) -> None:
        self.shutdown_steps.append(step)

    def on_stop(self, step: Callable[[], Awaitable[None]]) -> None:
        self.stop_steps.append(step)

    def every(self, seconds: float, step: Callable[[], None]) -> None:
        self._add_timer(seconds, seconds, step)

    def later(self, seconds: float, step: Callable[[], None]) -> None:
        self._add_timer(seconds, None, step)

    def _add_timer(self, seconds: float, interval: float | None, step: Callable[[], None]) -> None:
        self._timer_count += 1
        self._timers.append((self.elapsed + seconds, self._timer_count, interval, step))

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    async def pause(self, seconds: float) -> None:
        await self.sleep(seconds)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.ensure_future(work))

    async def within(self, seconds: float, work: Coroutine[Any, Any, None]) -> bool:
        """Work that ends within some turns of the event loop takes no time; other work takes more than there is."""
        self.spawn(work)
        for _ in range(20):
            if self.tasks[-1].done():
                return True
            await asyncio.sleep(0)
        self.advance(seconds)
        return self.tasks[-1].done()

    def read_file(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return self.files[path]

    def file_stamp(self, path: str) -> tuple[int, int] | None:
        if path not in self.files:
            return None
        return self.stamps.get(path, (0, len(self.files[path])))

    def add_status(self, listen: str, path: str, handler: StatusHandler, *, tls: SSLContext | None = None) -> None:
        assert (listen, path) not in self.pages, "two owners of one page"
        self.pages[listen, path] = handler
        self.tls[listen] = tls

    def shared(self, name: str, make: Callable[[], _T], *, lasting: bool = False) -> _T:
        if name not in self.shared_objects:
            self.shared_objects[name] = make()
        found: _T = self.shared_objects[name]
        return found

    def add_metrics(self, source: "Callable[[], Iterable[MetricRow]]") -> None:
        self.metric_sources.append(source)

    def metrics(self) -> "Iterable[MetricRow]":
        for plugin in self.plugins:
            yield from getattr(plugin, "metrics", tuple)()
        for source in self.metric_sources:
            yield from source()

    def flush_counts(self) -> None:
        self.flushes += 1

    def show_stacktraces(self) -> None:
        self.stacktraces = True

    def forget(self, keys: Iterable[Key]) -> None:
        self.forgotten.extend(keys)

    def forget_all(self) -> None:
        self.forgotten_all += 1

    def bind(self, addresses: Sequence[str]) -> None:
        self.bound_addresses = tuple(addresses)

    def bound(self) -> tuple[str, ...]:
        return self.bound_addresses

    def interfaces(self) -> Sequence[tuple[str, str]]:
        return self.machine

    def local_addresses(self) -> Sequence[str]:
        return [address for name, address in self.machine if name != "lo"]

    def neighbours(self) -> Sequence[Plugin]:
        return self.plugins

    def enabled(self) -> Sequence[str]:
        return self.directives

    def cluster(self, request: Any) -> Inventory:
        return self.clusters[request]

    def reload(self, failed: Callable[[str], None] | None = None) -> None:
        self.reloads += 1
        if self.reload_error and failed is not None:
            failed(self.reload_error)

    def fingerprint(self) -> tuple[str, str] | None:
        return self.fingerprints()

    def fatal(self, text: str) -> None:
        self.died.append(text)
