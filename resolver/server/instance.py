"""One configuration at work: its blocks, clusters, status pages and listeners, from set-up to the end."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from ssl import SSLContext
from typing import Any, Protocol, TypeVar

from resolver.answers.memo import AnswerMemo
from resolver.answers.observation import Counter
from resolver.answers.outcome import Handler, Key
from resolver.corefile.blocks import ServerBlock
from resolver.corefile.keys import Key as ZoneKey
from resolver.corefile.keys import Serving, check_overlaps, has_preferred_syntax
from resolver.corefile.tokens import BadConfig
from resolver.plugins import chain
from resolver.plugins.metric_rows import MetricRow
from resolver.plugins.plugin import StatusHandler
from resolver.server.clusters import Clusters, FeedFactory
from resolver.server.configuration import Configuration
from resolver.server.files import interfaces
from resolver.server.host import BlockHost
from resolver.server.log import Log
from resolver.server.router import ListenerRouter, Served
from resolver.transports.listening import ALL_ADDRESSES
from resolver.wire.names import name_from_text

_T = TypeVar("_T")


class Owner(Protocol):
    """The server an instance belongs to."""

    lasting: dict[str, Any]

    def ask_for_reload(self, failed: Callable[[str], None] | None) -> None: ...

    def ask_for_end(self, text: str) -> None: ...

    def fingerprints(self) -> tuple[str, str] | None: ...

    def flush_counts(self) -> None: ...

    def metrics(self) -> Iterable[MetricRow]: ...


@dataclass(slots=True)
class Block:
    """One server block, set up."""

    source: ServerBlock
    keys: tuple[ZoneKey, ...]
    host: BlockHost
    handler: Handler | None = None
    any_class: bool = False


@dataclass(slots=True)
class Listening:
    """What one address and port serves. `address` empty: all addresses of both families."""

    address: str
    port: int
    zones: dict[bytes, Served] = field(default_factory=dict)
    any_class: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.address,) if self.address else ALL_ADDRESSES

    @property
    def server(self) -> str:
        shown = f"[{self.address}]" if ":" in self.address else self.address
        return f"dns://{shown}:{self.port}"


class Instance:
    """Set up by its constructor, which raises BadConfig; `start` runs what must run before the listeners open."""

    def __init__(
        self,
        owner: Owner,
        configuration: Configuration,
        log: Log,
        make_feed: FeedFactory,
        previous: "Instance | None" = None,
    ) -> None:
        self._owner = owner
        self._log = log
        self._shared: dict[str, Any] = {}
        self._local_addresses: list[str] | None = None
        self.configuration = configuration
        self.memos: dict[str, AnswerMemo] = {}
        self._routers: dict[str, ListenerRouter] = {}
        self.pages: dict[str, dict[str, tuple[StatusHandler, SSLContext | None]]] = {}
        self.clusters: Clusters = Clusters(make_feed, time.time, previous.clusters if previous is not None else None)
        self.blocks = [self._block(block.block, block.keys) for block in configuration.blocks]
        self.listening = self._listeners()

    def _block(self, source: ServerBlock, keys: tuple[ZoneKey, ...]) -> Block:
        enabled = list(dict.fromkeys(directive.plugin for directive in source.directives))
        zones = tuple(dict.fromkeys(name_from_text(key.zone) for key in keys))
        host = BlockHost(self, self._log, zones, enabled)
        block = Block(source, keys, host)
        for directive in chain.ORDER:
            uses = source.uses(directive)
            if not uses:
                continue
            try:
                plugin = chain.setup_of(directive)(uses, host)
            except BadConfig as error:
                raise error.of_plugin(directive) from error
            if plugin is not None:
                host.plugins.append(plugin)
        if host.plugins:
            block.handler = chain.link(host.plugins)
        block.any_class = not chain.OTHER_CLASSES.isdisjoint(enabled)
        return block

    def _listeners(self) -> list[Listening]:
        check_overlaps(Serving(key, block.host.bound() or ("",)) for block in self.blocks for key in block.keys)
        listeners: dict[tuple[str, int], Listening] = {}
        for block in self.blocks:
            servers = []
            for key in block.keys:
                for address in block.host.bound() or ("",):
                    listener = listeners.setdefault((address, key.port), Listening(address, key.port))
                    listener.zones[name_from_text(key.zone)] = Served(block.handler)
                    listener.any_class |= block.any_class
                    servers.append(listener.server)
            block.host.servers = tuple(dict.fromkeys(servers))
        return list(listeners.values())

    def zone_lines(self) -> list[str]:
        """What the start prints: one line a zone (spec N11)."""
        lines = []
        for block in self.blocks:
            for key in block.keys:
                lines += [key.text + (f" on {address}" if address else "") for address in block.host.bound() or ("",)]
        return sorted(lines)

    def warn_of_zones(self) -> None:
        """CoreDNS warns of zones that are no host names."""
        for block in self.blocks:
            for key in block.keys:
                if not has_preferred_syntax(key.zone):
                    self._log.line("WARNING", f"Domain {key.zone!r} does not follow RFC1035 preferred syntax")

    def router(self, listener: Listening) -> ListenerRouter:
        """The router of one listener; with `prometheus`, what reaches no block is counted too."""
        router = self._routers.get(listener.server)
        if router is None:
            totals = self._owner.lasting.get("prometheus totals")
            refused: tuple[Counter, ...] = (totals.dropped,) if totals is not None else ()
            router = self._routers[listener.server] = ListenerRouter(
                listener.server,
                listener.zones,
                time.monotonic,
                any_class=listener.any_class,
                stacktraces=any(block.host.stacktraces for block in self.blocks),
                refused=refused,
            )
        return router

    def router_named(self, server: str) -> ListenerRouter:
        """The router of a listener by its name in metrics: where a block asks what no client has asked."""
        return next(self.router(listener) for listener in self.listening if listener.server == server)

    def number(self, port: int) -> None:
        """Gives all listeners and blocks whose port is 0 the number that was picked for them."""
        for listening in self.listening:
            listening.port = listening.port or port
        for block in self.blocks:
            block.keys = tuple(replace(key, port=key.port or port) for key in block.keys)
            block.host.servers = tuple(
                dict.fromkeys(
                    Listening(address, key.port).server for key in block.keys for address in block.host.bound() or ("",)
                )
            )

    def memo_of(self, listener: Listening) -> AnswerMemo:
        """The memo of one listener."""
        return self.memos.setdefault(listener.server, AnswerMemo())

    async def start(self) -> None:
        """Clusters first, then the plugins' own steps. Raises BadConfig, or what a step raises."""
        await self.clusters.start()
        for block in self.blocks:
            for step in block.host.starting:
                await step()

    async def listen(self) -> None:
        """Tells the plugins that the listeners are open."""
        for block in self.blocks:
            for step in block.host.listening:
                await step()

    async def stop(self, *, final: bool, successor: "Instance | None" = None) -> None:
        """Ends the plugins, then the clusters that no successor has taken over."""
        for block in self.blocks:
            await block.host.stop(final=final)
        await self.clusters.stop(successor.clusters if successor is not None else None)

    def forget(self, keys: Iterable[Key]) -> None:
        keys = tuple(keys)
        for memo in self.memos.values():
            memo.forget(keys)

    def shared(self, name: str, make: Callable[[], _T], *, lasting: bool) -> _T:
        store = self._owner.lasting if lasting else self._shared
        found: _T
        if name in store:
            found = store[name]
        else:
            found = store[name] = make()
        return found

    def metrics(self) -> Iterable[MetricRow]:
        return self._owner.metrics()

    def own_metrics(self) -> Iterable[MetricRow]:
        """The rows of this instance's plugins, sources and clusters."""
        for block in self.blocks:
            for plugin in block.host.plugins:
                rows = getattr(plugin, "metrics", None)
                if rows is not None:
                    yield from rows()
            for source in block.host.metric_sources:
                yield from source()
        for cluster in self.clusters.clusters():
            if cluster.feed is not None:
                yield from cluster.feed.metrics()

    def local_addresses(self) -> list[str]:
        """This machine's addresses at the start, loopback left out, scopes taken off (spec J1)."""
        if self._local_addresses is None:
            texts = [address.partition("%")[0] for _, address in interfaces()]
            self._local_addresses = [text for text in texts if text != "::1" and not text.startswith("127.")]
        return self._local_addresses

    def add_status(self, listen: str, path: str, handler: StatusHandler, tls: SSLContext | None) -> None:
        self.pages.setdefault(listen, {})[path] = (handler, tls)

    def ask_for_reload(self, failed: Callable[[str], None] | None) -> None:
        self._owner.ask_for_reload(failed)

    def ask_for_end(self, text: str) -> None:
        self._owner.ask_for_end(text)

    def fingerprints(self) -> tuple[str, str] | None:
        return self._owner.fingerprints()

    def flush_counts(self) -> None:
        self._owner.flush_counts()
