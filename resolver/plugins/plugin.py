"""What a plugin is, and what the server gives it when its block is set up.

A plugin is one file with two public names: ``NAME``, its directive, and ``setup``, which reads the directives of one
server block and returns a `Plugin`, or None where there is nothing to do per question (bind, health, reload).
Order is data: resolver/plugins/chain.py. No plugin knows its neighbours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from resolver.answers.outcome import Answer, Handler, Key
from resolver.cluster.inventory import Inventory
from resolver.corefile.blocks import Directive
from resolver.wire.query import Query
from resolver.wire.reply import Record

if TYPE_CHECKING:
    from ssl import SSLContext

    from resolver.plugins.metric_rows import MetricRow

_T = TypeVar("_T")

StatusHandler = Callable[[], tuple[int, str, bytes]]
"""Answers a GET: HTTP status, content type, body."""


class Plugin(Protocol):
    """A link of the chain."""

    name: str

    def answer(self, query: Query, next: Handler, /) -> Answer:
        """Answers, or passes the question on (``next(query)``); what must wait is a Pending. Never raises or awaits."""


class Transferable(Protocol):
    """A plugin that can send whole zones (`transfer`)."""

    def transfer(self, zone: bytes, serial: int) -> Iterable[Record] | None:
        """All records of the lower-case zone, SOA first and last; one SOA where the asker's serial (0: none) is ours;
        None where the zone is not this plugin's."""


class Readiness(Protocol):
    """A plugin that `ready` waits for."""

    name: str

    def ready(self) -> bool: ...


class Host(Protocol):
    """What the server offers to the plugins of one block. Sockets, files, clocks and timers are behind it."""

    zones: tuple[bytes, ...]
    """The block's zones in the order of its keys, lower case, wire form."""
    servers: tuple[str, ...]
    """Its listeners as CoreDNS's metrics name them: ``dns://:53``."""
    random: Random
    json_log: bool
    """Whether the program logs JSON lines (``-log-format json``)."""

    def log(self, level: str, text: str, fields: Mapping[str, object] | None = None) -> None:
        """One line: level is ``DEBUG`` (shown with `debug` only), ``INFO``, ``WARNING`` or ``ERROR``.

        The text names the plugin (``plugin/forward: ...``). `fields` are further members of a JSON line, not shown in
        text.
        """

    def print(self, text: str) -> None:
        """One line of the program's output, no level added (the query log formats its own)."""

    def now(self) -> float:
        """Seconds since 1970."""

    def monotonic(self) -> float:
        """Seconds of a clock that is never set back."""

    def ask(self, query: Query) -> Answer:
        """The server's question to itself: through the whole block that serves the name, log and metrics included."""

    def on_start(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run before the listeners open; what it raises stops the start."""

    def on_listening(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run once the listeners are open."""

    def on_shutdown(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run when the program is to end, while it still answers; the end waits for it. Not run at a reload."""

    def on_stop(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run when the block has ended, at a reload or with the program: none of its questions is under way."""

    def every(self, seconds: float, step: Callable[[], None]) -> None:
        """Calls the step each so many seconds while the block lives."""

    def later(self, seconds: float, step: Callable[[], None]) -> None:
        """Calls the step once, after so many seconds, if the block still lives then."""

    async def sleep(self, seconds: float) -> None:
        """Comes back after so many seconds."""

    async def pause(self, seconds: float) -> None:
        """The same, but sooner where the program or the block is to end: what waits for nothing keeps no end back."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs it beside all else; cancelled when the block ends; what it raises is logged."""

    async def within(self, seconds: float, work: Coroutine[Any, Any, None]) -> bool:
        """Runs it as `spawn` does and waits for its end, at most so long: whether it has ended. It goes on if not."""

    def read_file(self, path: str) -> bytes:
        """The file's bytes; a relative path is relative to the block's root. Raises OSError."""

    def file_stamp(self, path: str) -> tuple[int, int] | None:
        """Modification time (ns) and size, None where there is no such file."""

    def add_status(self, listen: str, path: str, handler: StatusHandler, *, tls: SSLContext | None = None) -> None:
        """Serves a path over HTTP on an address such as ``:8080`` while the block lives; called before on_start.

        With `tls`, over HTTPS.
        """

    def shared(self, name: str, make: Callable[[], _T], *, lasting: bool = False) -> _T:
        """The one object of this name for all blocks of the configuration, made when it is first asked for.

        `lasting` objects outlive reloads: there is one for the whole program.
        """

    def add_metrics(self, source: Callable[[], Iterable[MetricRow]]) -> None:
        """Rows for `metrics` while the block lives, from what is not in the chain or counts for the whole program."""

    def metrics(self) -> Iterable[MetricRow]:
        """The rows of the whole program: of plugins that have `metrics()`, of `add_metrics`, and the server's own."""

    def flush_counts(self) -> None:
        """Reports what kept replies have been counted for since the last time; before counts are read."""

    def show_stacktraces(self) -> None:
        """A crash in this block is logged with its traceback (errors: `stacktrace`)."""

    def forget(self, keys: Iterable[Key]) -> None:
        """Drops the kept replies that depend on any of these."""

    def forget_all(self) -> None:
        """Drops all kept replies."""

    def bind(self, addresses: Sequence[str]) -> None:
        """Listen on these addresses only."""

    def bound(self) -> tuple[str, ...]:
        """The addresses of `bind`, empty for all. Complete from on_start on."""

    def interfaces(self) -> Sequence[tuple[str, str]]:
        """(interface name, address) of this machine, link-local ones with their scope (``fe80::1%eth0``)."""

    def local_addresses(self) -> Sequence[str]:
        """The machine's addresses, loopback left out, in the system's order."""

    def neighbours(self) -> Sequence[Plugin]:
        """The block's plugins in chain order. Complete from on_start on."""

    def enabled(self) -> Sequence[str]:
        """The block's directives. Complete from on_start on."""

    def cluster(self, request: Any) -> Inventory:
        """The inventory of the cluster that a kubernetes block asks for; equal requests share one."""

    def reload(self, failed: Callable[[str], None] | None = None) -> None:
        """Reads the configuration anew; where it cannot be used all stays as it is, and `failed` is told why."""

    def fingerprint(self) -> tuple[str, str] | None:
        """(SHA-512 of the configuration in use, of that on disk now); None where it came from no file.

        Raises BadConfig where that on disk cannot be parsed, OSError where it cannot be read.
        """

    def fatal(self, text: str) -> None:
        """Ends the program with exit status 1 and this line."""


Setup = Callable[[Sequence[Directive], Host], Plugin | None]
