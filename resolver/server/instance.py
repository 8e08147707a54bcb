"""One configuration at work: its blocks, clusters, status pages and listeners, from set-up to the end."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from ssl import SSLContext
from typing import Any, Final, Protocol, TypeVar

from resolver.answers.memo import AnswerMemo
from resolver.answers.observation import Counter
from resolver.answers.outcome import Handler, Key
from resolver.corefile.blocks import ServerBlock
from resolver.corefile.keys import Key as ZoneKey
from resolver.corefile.keys import Serving, check_overlaps, has_preferred_syntax
from resolver.corefile.tokens import BadConfig
from resolver.faults.fault_list import FaultList
from resolver.plugins import chain
from resolver.plugins.metric_rows import MetricRow
from resolver.plugins.plugin import Plugin, StatusHandler
from resolver.server.clusters import Clusters, FeedFactory
from resolver.server.configuration import Configuration
from resolver.server.files import interfaces
from resolver.server.host import BlockHost
from resolver.server.log import Log
from resolver.server.router import ListenerRouter, Served
from resolver.transports.listening import ALL_ADDRESSES, shown
from resolver.wire.names import name_from_text, name_to_text

_T = TypeVar("_T")

_FAULTS: Final = "faults"  # the plugin that is in every block of a server that was given a FaultList


class Owner(Protocol):
    """The server an instance belongs to."""

    lasting: dict[str, Any]
    faults: FaultList | None

    def ask_for_reload(self, failed: Callable[[str], None] | None) -> None: ...

    def ask_for_end(self, text: str) -> None: ...

    def fingerprints(self) -> tuple[str, str] | None: ...

    def flush_counts(self) -> None: ...

    def metrics(self) -> Iterable[MetricRow]: ...


@dataclass(slots=True)
class Block:
    """One server block and its plugins."""

    source: ServerBlock
    keys: tuple[ZoneKey, ...]
    host: BlockHost
    handler: Handler | None = None
    any_class: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it listens; one empty text is all addresses."""
        return self.host.bound() or ("",)


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
        """Its name in metrics."""
        return f"dns://{shown(self.address, self.port)}"

    def lines(self) -> str:
        """What the start prints of it: one line a zone, ``cluster.local.:53 on 127.0.0.1`` (CoreDNS's startUpZones)."""
        where = f":{self.port}" + (f" on {self.address}" if self.address else "")
        return "\n".join(f"{zone}{where}" for zone in sorted(map(name_to_text, self.zones)))


class Instance:
    """First `set_up`, then `start`, and once the listeners are open `listen`. `stop` ends it at any point."""

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
        self.blocks: list[Block] = []
        self.listening: list[Listening] = []

    def set_up(self) -> None:
        """Sets up the plugins of all blocks. Raises BadConfig."""
        for block in self.configuration.blocks:
            self._set_up(block.block, block.keys)
        self._lay_out()

    def _set_up(self, source: ServerBlock, keys: tuple[ZoneKey, ...]) -> None:
        enabled = list(dict.fromkeys(directive.plugin for directive in source.directives))
        zones = tuple(dict.fromkeys(name_from_text(key.zone) for key in keys))
        host = BlockHost(self, self._log, zones, enabled)
        block = Block(source, keys, host)
        self.blocks.append(block)
        for directive in chain.ORDER:
            uses = source.uses(directive)
            if not uses:
                continue
            try:
                plugin = chain.setup_of(directive)(uses, host)
            except BadConfig as error:
                raise error.of_plugin(directive) from error
            except UnicodeEncodeError as error:
                raise BadConfig.at(uses[0].name, "holds bytes that are no UTF-8").of_plugin(directive) from error
            if plugin is not None:
                host.plugins.append(plugin)
        if host.plugins and self._owner.faults is not None and _FAULTS not in enabled:
            _put_in(host.plugins, chain.setup_of(_FAULTS)((), host))
        if host.plugins:
            block.handler = chain.link(host.plugins)
        block.any_class = not chain.OTHER_CLASSES.isdisjoint(enabled)

    def _lay_out(self) -> None:
        """Finds the listeners that the blocks ask for, and which of them each block has. Raises BadConfig."""
        _refuse_overlaps(self.blocks)
        listeners: dict[tuple[str, int], Listening] = {}
        for block in self.blocks:
            servers = []
            for key in block.keys:
                for address in block.addresses:
                    listener = listeners.setdefault((address, key.port), Listening(address, key.port))
                    listener.zones[name_from_text(key.zone)] = Served(block.handler)
                    listener.any_class |= block.any_class
                    servers.append(listener.server)
            block.host.servers = tuple(dict.fromkeys(servers))
        self.listening = list(listeners.values())

    def number(self, port: int) -> None:
        """Gives all keys without a number (port 0) this one, which was picked for them."""
        for block in self.blocks:
            block.keys = tuple(replace(key, port=key.port or port) for key in block.keys)
        self._lay_out()

    def zone_lines(self) -> list[str]:
        """What the start prints of each listener."""
        return [listening.lines() for listening in self.listening]

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

    async def shut_down(self) -> None:
        """Lets the plugins do what they have to before the end of the program; it still answers."""
        for block in self.blocks:
            await block.host.shut_down()

    async def stop(self, successor: "Instance | None" = None) -> None:
        """Ends the plugins, then the clusters that no successor has taken over."""
        for block in self.blocks:
            await block.host.stop()
        await self.clusters.stop(successor.clusters if successor is not None else None)

    def forget(self, keys: Iterable[Key]) -> None:
        keys = tuple(keys)
        for memo in self.memos.values():
            memo.forget(keys)

    def forget_all(self) -> None:
        for memo in self.memos.values():
            memo.clear()

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
        """This machine's addresses at the start, loopback left out, scopes taken off."""
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


def _put_in(plugins: list[Plugin], added: Plugin | None) -> None:
    """Puts a plugin into its place among those of a block."""
    if added is not None:
        plugins.append(added)
        plugins.sort(key=lambda plugin: chain.ORDER.index(plugin.name))


def _refuse_overlaps(blocks: Iterable[Block]) -> None:
    """Raises BadConfig at the block that wants what an earlier one has."""
    seen: list[Block] = []

    def servings() -> Iterator[Serving]:
        for block in blocks:
            seen.append(block)
            yield from (Serving(key, block.addresses) for key in block.keys)

    try:
        check_overlaps(servings())
    except BadConfig as error:
        raise BadConfig.at(seen[-1].source.keys[0], error.message) from None
