"""Kept replies: what is remembered of one, and the stores they are in (CoreDNS plugin/cache, pkg/cache)."""

from math import ceil
from random import Random

from resolver import limits
from resolver.answers.outcome import Reply
from resolver.plugins.cache_replies import with_ttl
from resolver.wire import codes
from resolver.wire.reply import Record

Sections = tuple[list[Record], list[Record], list[Record]]


CacheKey = tuple[bytes, int, int, bool, int]
"""What a question is to the cache: its name in lower case, type, class, DO and CD."""


class Item:
    """One kept reply. Times are on a monotonic clock, in seconds; `ttl` is how many whole seconds it is good for.

    `answering`: it answers its question. `last_good`: the item that did so before this one took its place.
    `hits` counts the questions that came without a long pause between them.
    """

    __slots__ = (
        "_ready", "_ready_ttl", "_retry_after", "_sections", "answering", "flags", "hits", "last_good", "last_hit",
        "place", "rcode", "refreshing", "stored", "ttl",
    )  # fmt: skip

    def __init__(self, reply: Reply, ttl: int, now: float, *, answering: bool) -> None:
        self.rcode = reply.rcode
        self.flags = reply.flags & (codes.AA | codes.RA | codes.AD)
        self._sections = (tuple(reply.answer), tuple(reply.authority), tuple(reply.additional))
        self.ttl = ttl
        self.stored = now
        self.answering = answering
        self.last_good: Item | None = None
        self.hits = 0
        self.last_hit = float("-inf")
        self.refreshing = False
        self.place = 0
        self._retry_after = float("-inf")
        self._ready: Sections | None = None
        self._ready_ttl = -1

    def ttl_left(self, now: float) -> int:
        """Whole seconds it is still good for; negative once it is stale."""
        return self.ttl - int(now - self.stored)

    def reply(self, ttl: int, *, keep_ad: bool) -> Reply:
        """The reply with this TTL on every record."""
        sections = self._ready
        if sections is None or ttl != self._ready_ttl:
            kept = self._sections
            sections = (with_ttl(kept[0], ttl), with_ttl(kept[1], ttl), with_ttl(kept[2], ttl))
            self._ready, self._ready_ttl = sections, ttl
        flags = self.flags if keep_ad else self.flags & ~codes.AD
        answer, authority, additional = sections
        return Reply(self.rcode, flags, answer.copy(), authority.copy(), additional.copy())

    # -- prefetch and refresh -----------------------------------------------------------------------------------------

    def is_wanted(self, amount: int, span: float, share: int, now: float) -> bool:
        """Counts a hit, and tells whether the reply is both asked for often and near its end."""
        self.hits = self.hits + 1 if self.last_hit >= now - span else 1
        self.last_hit = now
        return self.hits >= amount and self.ttl_left(now) <= ceil(share / 100 * self.ttl)

    def begin_refresh(self, now: float, recheck: float) -> bool:
        """Whether to refresh it now: nobody else does, and the last failure is long enough ago."""
        if self.refreshing or (recheck > 0 and now < self._retry_after):
            return False
        self.refreshing = True
        return True

    def end_refresh(self, now: float, recheck: float, *, refreshed: bool) -> None:
        self._retry_after = float("-inf") if refreshed else now + recheck
        self.refreshing = False

    def answering_item(self) -> "Item | None":
        """This item if it answers its question, or the one before it that did."""
        return self if self.answering else self.last_good


class CacheStore:
    """Items by key, a bounded number; where it is full, one at random goes."""

    def __init__(self, capacity: int, random: Random) -> None:
        self._capacity = limits.CACHE_SHARDS * max(capacity // limits.CACHE_SHARDS, limits.CACHE_SHARD)
        self._random = random.random
        self._items: dict[CacheKey, Item] = {}
        self._keys: list[CacheKey] = []
        self.evictions = 0
        self.get = self._items.get

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: CacheKey, item: Item) -> None:
        """Keeps the item, in place of one with the same key."""
        before = self._items.get(key)
        if before is not None:
            item.place = before.place
        else:
            if len(self._keys) >= self._capacity:
                self.remove(self._keys[int(self._random() * len(self._keys))])
                self.evictions += 1
            item.place = len(self._keys)
            self._keys.append(key)
        self._items[key] = item

    def remove(self, key: CacheKey) -> None:
        """Drops the item of this key, if there is one."""
        item = self._items.pop(key, None)
        if item is None:
            return
        last = self._keys.pop()
        if last != key:
            self._keys[item.place] = last
            self._items[last].place = item.place
