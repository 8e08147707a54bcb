"""Counts of questions and replies, by server and zone: the coredns_dns_ metrics (CoreDNS plugin/metrics/vars).

Counting adds to integers in dictionaries; names, labels and sums are made when the counts are read.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from resolver.answers.observation import Observation
from resolver.plugins.metric_rows import Buckets, Histogram, Labels, MetricRow
from resolver.wire import codes
from resolver.wire.names import ROOT, closest_zone, name_to_text

SIZE_BUCKETS: Final = (
    0.0, 100.0, 200.0, 300.0, 400.0, 511.0, 1023.0, 2047.0, 4095.0, 8291.0, 16e3, 32e3, 48e3, 64e3,
)  # fmt: skip
_LABELLED: Final = (
    "A", "AAAA", "CNAME", "DNSKEY", "DS", "MX", "NSEC", "NSEC3", "NS", "PTR",
    "RRSIG", "SOA", "SRV", "TXT", "HTTPS", "SVCB", "IXFR", "AXFR", "ANY",
)  # fmt: skip
TYPES: Final = {codes.type_number(text): text for text in _LABELLED}
"""Types that have a label of their own; all others are ``other``."""


DROPPED: Final = "dropped"
"""The zone label of questions that reach no block; without a dot at the end it is no zone's name."""

_PREFIX: Final = "coredns_dns_"


class RequestCounter:
    """Counts what one server block replied. `plugin` is the next one in the chain, whoever wrote the reply.

    `bare`: the server itself wrote the reply, which counts as no plugin's and of no size. `zone_label` stands for the
    zone where a question has none.
    """

    def __init__(self, zones: tuple[bytes, ...], plugin: str, *, bare: bool = False, zone_label: str = "") -> None:
        self.plugin = "" if bare else plugin
        self.questions: dict[tuple[str, bytes, str, int, str], int] = {}
        """By server, zone, protocol, family and type."""
        self.replies: dict[tuple[str, bytes, str, bool, int, int, int], list[int]] = {}
        """By server, zone, protocol, DO, rcode and the size buckets of query and reply: how many, bytes of both."""
        self.durations: dict[tuple[str, bytes], Histogram] = {}
        """By server and zone."""
        self._bare = bare
        self._zone_label = zone_label
        self._zones = frozenset(zones)
        self._only_zone = zones[0] if len(zones) == 1 else None

    def count(self, observation: Observation, times: int, seconds: float) -> None:
        seen = observation
        server, protocol, request_size = seen.server, seen.protocol, seen.request_size
        zone = self._only_zone
        if zone is None:
            zone = closest_zone(seen.qname, self._zones) or ROOT
        size = 0 if self._bare else seen.size
        question = (server, zone, protocol, seen.family, TYPES.get(seen.qtype, "other"))
        self.questions[question] = self.questions.get(question, 0) + times
        buckets = bisect_left(SIZE_BUCKETS, request_size), bisect_left(SIZE_BUCKETS, size)
        reply = (server, zone, protocol, seen.do, seen.rcode, *buckets)
        cell = self.replies.get(reply)
        if cell is None:
            cell = self.replies[reply] = [0, 0, 0]
        cell[0] += times
        cell[1] += times * request_size
        cell[2] += times * size
        durations = self.durations.get((server, zone))
        if durations is None:
            durations = self.durations[server, zone] = Histogram()
        durations.observe(seconds / times, times)

    def rows(self) -> Iterator[MetricRow]:
        """All of it, as CoreDNS names it."""
        for (server, zone, protocol, family, qtype), times in self.questions.items():
            labels = (*self._labels(server, zone), ("proto", protocol), ("family", str(family)), ("type", qtype))
            yield _counter("requests_total", "Questions, by protocol, IP version and type.", labels, times)
        for (server, zone), durations in self.durations.items():
            name, help_text = "request_duration_seconds", "Seconds from a question to its reply."
            yield _histogram(name, help_text, self._labels(server, zone), durations.value)
        yield from self._reply_rows()

    def _reply_rows(self) -> Iterator[MetricRow]:
        sizes: dict[Labels, tuple[_Sizes, _Sizes]] = {}
        for (server, zone, protocol, do, rcode, request_bucket, bucket), cell in self.replies.items():
            times, request_bytes, reply_bytes = cell
            labels = self._labels(server, zone)
            request_sizes, reply_sizes = sizes.setdefault((*labels, ("proto", protocol)), (_Sizes(), _Sizes()))
            request_sizes.add(request_bucket, times, request_bytes)
            reply_sizes.add(bucket, times, reply_bytes)
            if do:
                yield _counter("do_requests_total", "Questions with the DO bit.", labels, times)
            labels = (*labels, ("rcode", codes.rcode_text(rcode)), ("plugin", self.plugin))
            yield _counter("responses_total", "Replies, by response code and the plugin that gave it.", labels, times)
        for labels, (request_sizes, reply_sizes) in sizes.items():
            yield _histogram("request_size_bytes", "Bytes of a question.", labels, request_sizes.value)
            help_text = "Bytes of a reply before its names are compressed."
            yield _histogram("response_size_bytes", help_text, labels, reply_sizes.value)

    def _labels(self, server: str, zone: bytes) -> Labels:
        return ("server", server), ("zone", self._zone_label or name_to_text(zone)), ("view", "")


class _Sizes:
    """A size histogram in the making."""

    def __init__(self) -> None:
        self.counts = [0] * (len(SIZE_BUCKETS) + 1)
        self.bytes = 0

    def add(self, bucket: int, times: int, size: int) -> None:
        self.counts[bucket] += times
        self.bytes += size

    @property
    def value(self) -> Buckets:
        return Buckets(SIZE_BUCKETS, tuple(self.counts), float(self.bytes))


def _counter(name: str, help_text: str, labels: Labels, value: int) -> MetricRow:
    return MetricRow(_PREFIX + name, "counter", help_text, labels, value)


def _histogram(name: str, help_text: str, labels: Labels, value: Buckets) -> MetricRow:
    return MetricRow(_PREFIX + name, "histogram", help_text, labels, value)


class RequestTotals:
    """The counters of a program; they outlive reloads."""

    def __init__(self) -> None:
        self._counters: dict[tuple[tuple[bytes, ...], str, bool], RequestCounter] = {}
        self.dropped: Final = RequestCounter((ROOT,), "", zone_label=DROPPED)
        """Counts what a server answers without asking any block."""

    def counter(self, zones: tuple[bytes, ...], plugin: str = "", *, bare: bool = False) -> RequestCounter:
        """The counter of a block with these zones; see `RequestCounter`."""
        key = (zones, plugin, bare)
        if key not in self._counters:
            self._counters[key] = RequestCounter(zones, plugin, bare=bare)
        return self._counters[key]

    def rows(self) -> Iterator[MetricRow]:
        for counter in (self.dropped, *self._counters.values()):
            yield from counter.rows()
