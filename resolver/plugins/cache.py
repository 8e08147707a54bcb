"""cache: replies of others, kept for as long as their records live (CoreDNS plugin/cache).

Replies from our own zones say what they depend on and are kept elsewhere, for as long as they are true (departure 13):
they pass by, and of CoreDNS's cache only show what its first answer shows, one TTL on all records.
"""

from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from functools import partial
from typing import Any, Final

from resolver.answers.outcome import Answer, Failure, Handler, Pending, Reply, Settled, after
from resolver.corefile import settings
from resolver.corefile.directives import Directive
from resolver.plugins.cache_keeping import Keeping, StoreName, wants_ad
from resolver.plugins.cache_settings import CacheSettings, read_settings
from resolver.plugins.cache_store import CacheKey, CacheStore, Item
from resolver.plugins.metric_rows import Labels, MetricRow
from resolver.plugins.plugin import Host
from resolver.wire import codes
from resolver.wire.names import ROOT, is_at_or_below, name_from_text, name_to_text
from resolver.wire.peer import KeptPeer
from resolver.wire.query import Query

NAME: Final = "cache"


class Cache:
    """The plugin. Counters are public attributes."""

    name = NAME

    def __init__(self, options: CacheSettings, host: Host) -> None:
        self.keeping = Keeping(options, host)
        self.requests = 0
        self.misses = 0
        self.prefetches = 0
        self.served_stale = 0
        self._options = options
        self._host = host
        self._zones = tuple(name_from_text(zone).lower() for zone in options.zones)
        self._everywhere = ROOT in self._zones

    def answer(self, query: Query, next: Handler, /) -> Answer:
        name, flags, edns = query.name, query.flags, query.edns
        if flags & codes.OPCODE or not (self._everywhere or self._covers(name)):
            return next(query)
        self.requests += 1
        key = (name, query.qtype, query.qclass, edns is not None and edns.do, flags & codes.CD)
        item = self.keeping.choose(key)
        if item is not None:
            return self._from_item(item, query, next, key)
        self.misses += 1
        answer = _ask(query, next)
        if isinstance(answer, Reply) and answer.depends is not None:
            return self.keeping.show(answer, query)
        return after(answer, partial(self._missed, query, key))

    def _covers(self, name: bytes) -> bool:
        return any(is_at_or_below(name, zone) for zone in self._zones)

    def _missed(self, query: Query, key: CacheKey, settled: Settled) -> Settled:
        """What a miss brought. A failure without a reply is remembered as a bare SERVFAIL if it had a reason."""
        if isinstance(settled, Reply):
            if settled.depends is not None:
                return self.keeping.show(settled, query)
            return self.keeping.keep(settled, query, key)
        if isinstance(settled, Failure) and settled.error and settled.rcode == codes.SERVFAIL:
            self.keeping.keep(Reply(codes.SERVFAIL), query, key)
        return settled

    # -- from the stores -----------------------------------------------------------------------------------------------

    def _from_item(self, item: Item, query: Query, next: Handler, key: CacheKey) -> Answer:
        options, now = self._options, self._host.monotonic()
        left = item.ttl_left(now)
        if left <= 0:
            if options.verify:
                return self._verify(item, query, next, key)
            self._refresh_behind(item, query, next, key, now + left, stale=True)
            return self._stale_reply(item, query)
        if options.prefetch and item.is_wanted(options.prefetch, options.prefetch_span, options.prefetch_share, now):
            self._refresh_behind(item, query, next, key, now, stale=False)
        return item.reply(item.ttl if options.keep_ttl else left, keep_ad=wants_ad(query))

    def _stale_reply(self, item: Item, query: Query) -> Reply:
        self.served_stale += 1
        ttl = self._options.stale_ttl or (item.ttl if self._options.keep_ttl else 0)
        return item.reply(ttl, keep_ad=wants_ad(query))

    # -- refreshing behind the client's back ---------------------------------------------------------------------------

    def _refresh_behind(
        self, item: Item, query: Query, next: Handler, key: CacheKey, now: float, *, stale: bool
    ) -> None:
        """Asks anew while the client has its answer; never twice at once for one item."""
        if item.begin_refresh(self._host.monotonic(), self._options.stale_recheck if stale else 0.0):
            self._host.spawn(self._refresh(item, _without_client(query), next, key, now, stale=stale))

    async def _refresh(
        self, item: Item, query: Query, next: Handler, key: CacheKey, now: float, *, stale: bool
    ) -> None:
        self.prefetches += 1
        refreshed = False
        try:
            settled = await _settled(_ask(query, next))
            if stale:
                refreshed = self.keeping.accept(settled, query, key, behind=True) is not None
            else:
                refreshed = True
                if isinstance(settled, Reply) and settled.depends is None:
                    self.keeping.keep(settled, query, key, behind=True)
            newer = self.keeping.newest(key)
            if refreshed and newer is not None:
                newer.hits, newer.last_hit = item.hits, now
        finally:
            recheck = self._options.stale_recheck if stale else 0.0
            item.end_refresh(self._host.monotonic(), recheck, refreshed=refreshed)

    # -- verifying before the client gets a stale reply ----------------------------------------------------------------

    def _verify(self, item: Item, query: Query, next: Handler, key: CacheKey) -> Answer:
        """The reply of now if there is a good one, else the stale one."""
        if self._options.verify_seconds > 0 or self._options.stale_recheck > 0:
            return Pending(_Later(partial(self._verify_alone, item, query, next, key)))
        return after(_ask(query, next), partial(self._verified, item, query, key))

    def _verified(self, item: Item, query: Query, key: CacheKey, settled: Settled) -> Settled:
        return self.keeping.accept(settled, query, key) or self._stale_reply(item, query)

    async def _verify_alone(self, item: Item, query: Query, next: Handler, key: CacheKey) -> Settled:
        """The same, one client at a time, which waits for so long at most; then the refresh goes on without it."""
        seconds, recheck, host = self._options.verify_seconds, self._options.stale_recheck, self._host
        found: list[Reply] = []

        async def refresh() -> None:
            try:
                settled = await _settled(_ask(query, next))
                reply = self.keeping.accept(settled, query, key, behind=seconds > 0)
                found.extend(() if reply is None else (reply,))
            finally:
                item.end_refresh(host.monotonic(), recheck, refreshed=bool(found))

        if item.begin_refresh(host.monotonic(), recheck):
            if seconds > 0:
                in_time = await host.within(seconds, refresh())
            else:
                await refresh()
                in_time = True
            if in_time and found:
                return found[0]
        return self._stale_reply(item, query)

    # -- metrics -------------------------------------------------------------------------------------------------------

    def metrics(self) -> Iterable[MetricRow]:
        """Counters of what came by here; a reply that the answer memo gives never does."""
        server, zones, view = labels = self._labels()
        stores: Iterable[tuple[StoreName, CacheStore]] = (
            ("success", self.keeping.successes),
            ("denial", self.keeping.denials),
        )
        for kind, store in stores:
            of_kind = (server, ("type", kind), zones, view)
            yield MetricRow("coredns_cache_entries", "gauge", "Replies in the cache.", of_kind, len(store))
            yield _counter("hits", "Questions answered from the cache.", of_kind, self.keeping.hits[kind])
            yield _counter("evictions", "Replies dropped to make room.", of_kind, store.evictions)
        for name, what, value in (
            ("requests", "Questions that came to the cache.", self.requests),
            ("misses", "Questions not answered from the cache.", self.misses),
            ("prefetch", "Replies refreshed ahead of or after their end.", self.prefetches),
            ("served_stale", "Questions answered with a reply past its end.", self.served_stale),
        ):
            yield _counter(name, what, labels, value)

    def _labels(self) -> Labels:
        return ("server", self._host.servers[0]), ("zones", ",".join(self._options.zones)), ("view", "")


def _counter(name: str, what: str, labels: Labels, value: int) -> MetricRow:
    return MetricRow(f"coredns_cache_{name}_total", "counter", what, labels, value)


class _Later(Awaitable[Settled]):
    """Work that begins when it is awaited, and leaves no trace if it never is."""

    __slots__ = ("_begin",)

    def __init__(self, begin: Callable[[], Awaitable[Settled]]) -> None:
        self._begin = begin

    def __await__(self) -> Generator[Any, Any, Settled]:
        return self._begin().__await__()


def _ask(query: Query, next: Handler) -> Answer:
    """Asks for whoever comes later too: AD set, so that an upstream says whether it validated its reply.

    The question is the client's own again when this returns; plugins that wait have taken from it what they need.
    """
    flags = query.flags
    query.flags = flags | codes.AD
    answer = next(query)
    query.flags = flags
    return answer


def _without_client(query: Query) -> Query:
    """The question as the cache asks it for itself: over TCP, so that no reply is cut."""
    client = query.client
    peer = KeptPeer("tcp", client.family, client.address, client.port, client.local_address, client.local_port)
    flags = query.flags | codes.AD
    asked = Query(query.id, flags, query.asked, query.qtype, query.qclass, query.edns, peer, query.packet)
    asked.router, asked.lookups = query.router, query.lookups
    return asked


async def _settled(answer: Answer) -> Settled:
    return await answer if isinstance(answer, Pending) else answer


def setup(directives: Sequence[Directive], host: Host) -> Cache:
    """Reads the directive of one block. Raises BadConfig."""
    options = read_settings(directives[0], [name_to_text(zone) for zone in host.zones])
    settings.only_once(directives)
    return Cache(options, host)
