"""How long to wait after a failure, as client-go's reflector does (tools/cache, exponential back-off manager)."""

from collections.abc import Callable

from resolver import limits


class Backoff:
    """Doubling delays with jitter that begin anew after a quiet time. `random` gives numbers in [0, 1)."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._next = limits.BACKOFF_FIRST
        self._last: float | None = None

    def delay(self, now: float) -> float:
        """Seconds to wait after a failure at `now` (seconds of any monotonic clock)."""
        if self._last is None or now - self._last > limits.BACKOFF_QUIET:
            self._next = limits.BACKOFF_FIRST
        self._last = now
        base = self._next
        self._next = min(base * limits.BACKOFF_FACTOR, limits.BACKOFF_CAP)
        return base * (1.0 + self._random())
