"""Channels kept for the next question (CoreDNS plugin/pkg/proxy persistent.go), bounded."""

from collections import deque
from collections.abc import Callable
from random import Random

from resolver.plugins.forward_channels import STOPPED, Channel, UpstreamFailed


class Pool:
    """The channels of one network to one upstream: idle ones longest unused first, and those in use.

    A question gets an idle channel or a new one; where `cap` are in use, it shares one of them. `expire` and `max_age`
    are seconds since the last use and since the start, `max_idle` is how many may lie idle; 0 is no limit for the last
    two. `hits` counts questions that found a channel, `misses` those that took a new one.
    """

    def __init__(
        self, make: Callable[[], Channel], cap: int, expire: float, max_age: float, max_idle: int, random: Random
    ) -> None:
        self._make = make
        self._cap = cap
        self._expire = expire
        self._max_age = max_age
        self._max_idle = max_idle
        self._random = random
        self._idle: deque[Channel] = deque()
        self._used: set[Channel] = set()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._idle) + len(self._used)

    def take(self, now: float) -> tuple[Channel, bool]:
        """A channel to be given back, and whether it had been used before. Raises UpstreamFailed."""
        channel = self._kept(now)
        kept = channel is not None
        if channel is None:
            self.misses += 1
            channel = self._make()
        else:
            self.hits += 1
        channel.users += 1
        self._used.add(channel)
        return channel, kept

    def _kept(self, now: float) -> Channel | None:
        while self._idle:
            channel = self._idle.popleft()
            if self._is_fresh(channel, now):
                return channel
            channel.close()
        if len(self._used) < self._cap:
            return None
        open_ones = [channel for channel in self._used if not channel.closed]
        return self._random.choice(open_ones) if open_ones else None

    def give_back(self, channel: Channel, now: float) -> None:
        channel.users -= 1
        if channel.users:
            return
        self._used.discard(channel)
        if channel.spent or channel.closed or 0 < self._max_idle <= len(self._idle):
            channel.close()
        else:
            channel.used = now
            self._idle.append(channel)

    def sweep(self, now: float) -> None:
        """Closes idle channels that are too old."""
        fresh = deque[Channel]()
        for channel in self._idle:
            if self._is_fresh(channel, now):
                fresh.append(channel)
            else:
                channel.close()
        self._idle = fresh

    def _is_fresh(self, channel: Channel, now: float) -> bool:
        return (
            not channel.closed
            and now - channel.used <= self._expire
            and (not self._max_age or now - channel.created <= self._max_age)
        )

    def close(self) -> None:
        """Closes all; questions on the way fail."""
        for channel in (*self._idle, *self._used):
            channel.fail(UpstreamFailed, STOPPED)
        self._idle.clear()
