"""What becomes of a reply that comes by the cache: its TTL, and whether it is kept (CoreDNS plugin/cache)."""

from typing import Final, Literal, NamedTuple

from resolver import limits
from resolver.answers.outcome import Reply, Settled, Transfer
from resolver.plugins.cache_replies import (
    DENIALS,
    TRANSFERS,
    Kind,
    answers_question,
    kind_of,
    lowest_ttl,
    may_be_kept,
    ttls_of,
    with_ttl,
)
from resolver.plugins.cache_settings import CacheSettings, StoreSettings
from resolver.plugins.cache_store import CacheKey, CacheStore, Item
from resolver.plugins.plugin import Host
from resolver.wire import codes
from resolver.wire.names import is_at_or_below
from resolver.wire.query import Query

_FOUND_OR_MISSING: Final = (codes.NOERROR, codes.NXDOMAIN)

StoreName = Literal["success", "denial"]


class _Bounds(NamedTuple):
    """Seconds a reply may be kept; `most` counts where they contradict each other."""

    least: int
    most: int

    def clamp(self, ttl: int) -> int:
        return min(max(ttl, self.least), self.most)


def _bounds(options: StoreSettings) -> _Bounds:
    return _Bounds(min(options.least_ttl, limits.CACHE_TTL_MOST), min(options.most_ttl, limits.CACHE_TTL_MOST))


class Keeping:
    """The two stores, and the rules for what goes into and comes out of them. `hits` counts by store."""

    def __init__(self, options: CacheSettings, host: Host) -> None:
        self.successes = CacheStore(options.success.capacity, host.random)
        self.denials = CacheStore(options.denial.capacity, host.random)
        self._held, self._denied = self.successes.get, self.denials.get
        self.hits: dict[StoreName, int] = {"success": 0, "denial": 0}
        self._options = options
        self._host = host
        self._stale = int(options.stale)
        self._success_bounds = _bounds(options.success)
        self._denial_bounds = _bounds(options.denial)
        self._least = max(self._success_bounds.least, self._denial_bounds.least)
        self._most = min(self._success_bounds.most, self._denial_bounds.most)

    # -- in ------------------------------------------------------------------------------------------------------------

    def show(self, reply: Reply, query: Query) -> Reply:
        """The reply with one TTL on all records and no options: what a client sees of one that is not kept."""
        if self._needs_nothing(reply, query):
            return reply
        if isinstance(reply, Transfer):
            ttl = self._success_bounds.clamp(limits.CACHE_LEAST_TTL)
            reply.messages = [with_ttl(records, ttl) for records in reply.messages]
        else:
            self._set_ttl(reply, self._lifetime(reply, self._kind(reply, query)))
        return reply

    def _needs_nothing(self, reply: Reply, query: Query) -> bool:
        """Whether it is plain to see that no TTL changes, as of nearly all replies from our own zones."""
        records = reply.answer
        if records:
            plain = reply.rcode == codes.NOERROR and not reply.authority and not reply.additional
        else:
            records = reply.authority
            plain = len(records) == 1 and records[0].rtype == codes.SOA and not reply.additional
        if not plain or reply.options or query.do or query.qtype in TRANSFERS:
            return False
        ttl = records[0].ttl
        if not self._least <= ttl <= self._most or reply.rcode not in _FOUND_OR_MISSING:
            return False
        return len(records) == 1 or all(record.ttl == ttl for record in records)

    def keep(self, reply: Reply, query: Query, key: CacheKey, *, behind: bool = False) -> Reply:
        """The reply as `show` gives it, kept if it may be. `behind`: no client is waiting for it."""
        if isinstance(reply, Transfer):
            return self.show(reply, query)
        kind = self._kind(reply, query)
        ttl = self._lifetime(reply, kind)
        self._set_ttl(reply, ttl)
        if (kind is not Kind.SERVER_ERROR or self._options.servfail > 0) and may_be_kept(reply, kind, query):
            self._store(reply, kind, ttl, query, key, behind=behind)
        if not wants_ad(query):
            reply.flags &= ~codes.AD
        return reply

    def accept(self, settled: Settled, query: Query, key: CacheKey, *, behind: bool = False) -> Reply | None:
        """A reply that is fit to take a stale one's place (RFC 8767 §4), kept and as `keep` gives it; else None.

        With prefer_positive only an answer is; other replies are kept all the same.
        """
        if not isinstance(settled, Reply) or settled.flags & codes.TC:
            return None
        if settled.depends is not None:
            return self.show(settled, query)
        kind = self._kind(settled, query)
        if self._options.prefer_positive:
            if kind is Kind.SUCCESS and answers_question(settled, query):
                return self.keep(settled, query, key, behind=behind)
            self.keep(settled, query, key, behind=True)
            return None
        if kind is Kind.OTHER or settled.rcode not in (codes.NOERROR, codes.NXDOMAIN):
            return None
        return self.keep(settled, query, key, behind=behind)

    def _kind(self, reply: Reply, query: Query) -> Kind:
        return kind_of(reply, query, self._host.now() if query.do else 0.0)

    def _lifetime(self, reply: Reply, kind: Kind) -> int:
        """Seconds: the lowest TTL within the bounds of the store."""
        if kind is Kind.SERVER_ERROR:
            return int(self._options.servfail)
        bounds = self._denial_bounds if kind in DENIALS else self._success_bounds
        return bounds.clamp(lowest_ttl(ttls_of(reply), kind, bounds.most))

    @staticmethod
    def _set_ttl(reply: Reply, ttl: int) -> None:
        """Leaves the lists alone where all records have it. Options go from hop to hop only (RFC 6891 §6.2.6)."""
        reply.options = b""
        ttls = ttls_of(reply)
        if ttls.count(ttl) == len(ttls):
            return
        reply.answer = with_ttl(reply.answer, ttl)
        reply.authority = with_ttl(reply.authority, ttl)
        reply.additional = with_ttl(reply.additional, ttl)

    def _store(self, reply: Reply, kind: Kind, ttl: int, query: Query, key: CacheKey, *, behind: bool) -> None:
        denial = kind in DENIALS
        options = self._options.denial if denial else self._options.success
        if any(is_at_or_below(query.name, zone) for zone in options.excepted):
            return
        item = Item(reply, ttl, self._host.monotonic(), answering=answers_question(reply, query))
        if denial:
            self.denials.add(key, item)
            return
        prefer_positive = self._options.prefer_positive
        if prefer_positive and not item.answering and (before := self.successes.get(key)) is not None:
            item.last_good = before.answering_item()
        self.successes.add(key, item)
        if item.answering if prefer_positive else behind:
            self.denials.remove(key)

    # -- out -----------------------------------------------------------------------------------------------------------

    def choose(self, key: CacheKey) -> Item | None:
        """The item to answer with, good or stale enough. A failure hides no reply that is still good."""
        held, denied = self._held(key), self._denied(key)
        if held is None and denied is None:
            return None
        now = self._host.monotonic()
        if held is not None and self._stale and self._options.prefer_positive:
            good = held.answering_item()
            if good is not None and self._is_usable(good, now):
                self.hits["success"] += 1
                return good
        if held is not None and not self._is_usable(held, now):
            held = None
        if denied is not None and self._is_usable(denied, now) and not (denied.rcode == codes.SERVFAIL and held):
            self.hits["denial"] += 1
            return denied
        if held is not None:
            self.hits["success"] += 1
        return held

    def newest(self, key: CacheKey) -> Item | None:
        """The item of this key, however old."""
        return self.denials.get(key) or self.successes.get(key)

    def _is_usable(self, item: Item, now: float) -> bool:
        left = item.ttl_left(now)
        return left > 0 or -left < self._stale


def wants_ad(query: Query) -> bool:
    """Whether the asker understands AD (RFC 6840 §5.7)."""
    return query.do or bool(query.flags & codes.AD)
