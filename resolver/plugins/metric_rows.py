"""Rows of metrics as plugins yield them from `metrics()`: plain values, read at scrape time, free of any library.

Rows of one name and equal labels, from several blocks, are summed by whoever collects them.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Labels = tuple[tuple[str, str], ...]
"""Label names and values, in the order CoreDNS declares them."""

TIME_BUCKETS: Final = tuple(0.00025 * 2**power for power in range(16))
"""Seconds, from 0.25 ms to about 8 s: the buckets of nearly all of CoreDNS's durations (plugin.TimeBuckets)."""


class Buckets(NamedTuple):
    """What a histogram holds. `counts[i]` is how many values fell between `bounds[i - 1]` and `bounds[i]`, that one
    included; the last count, one more than there are bounds, is of those above all of them. They are not added up."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    sum: float


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One value of one metric: `name` in full (``coredns_forward_...``), a counter's with its `_total`."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: Labels
    value: float | Buckets


class Histogram:
    """Counts values by bucket."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Iterable[float] = TIME_BUCKETS) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """Counts one value, or so many equal ones."""
        self._counts[bisect_left(self._bounds, value)] += times
        self._sum += value * times

    @property
    def value(self) -> Buckets:
        return Buckets(self._bounds, tuple(self._counts), self._sum)
