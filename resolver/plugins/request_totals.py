"""Counts of questions and replies, by server and zone: the coredns_dns_ metrics (CoreDNS plugin/metrics/vars).

Counting adds to integers in dictionaries; names, labels and sums are made when the counts are read.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, TypeAlias

from resolver.answers.observation import Observation
from resolver.plugins.metric_rows import TIME_BUCKETS, Buckets, Labels, MetricRow
from resolver.wire import codes
from resolver.wire.names import ROOT, closest_zone, name_to_text

SIZE_BUCKETS: Final = (
    0, 100, 200, 300, 400, 511, 1_023, 2_047, 4_095, 8_291, 16_000, 32_000, 48_000, 64_000,
)  # fmt: skip
"""Bytes; CoreDNS's, the odd ones too."""
_LABELLED: Final = (
    "A", "AAAA", "CNAME", "DNSKEY", "DS", "MX", "NSEC", "NSEC3", "NS", "PTR",
    "RRSIG", "SOA", "SRV", "TXT", "HTTPS", "SVCB", "IXFR", "AXFR", "ANY",
)  # fmt: skip
TYPES: Final = {codes.type_number(text): text for text in _LABELLED}
"""Types that have a label of their own."""
OTHER: Final = "other"
"""The label that all other types share."""


DROPPED: Final = "dropped"
"""The zone label of questions that reach no block; without a dot at the end it is no zone's name."""

_PREFIX: Final = "coredns_dns_"

_Key: TypeAlias = tuple[str, bytes, str, int, str, bool, int, int, int]
"""Server, zone, protocol, family, type, DO, rcode, and the size buckets of query and reply."""


class RequestCounter:
    """Counts what one server block replied. `plugin` is the next one in the chain, whoever wrote the reply.

    `bare`: the server itself wrote the reply, which counts as no plugin's and of no size. `zone_label` stands for the
    zone where a question has none.
    """

    def __init__(self, zones: tuple[bytes, ...], plugin: str, *, bare: bool = False, zone_label: str = "") -> None:
        self.plugin = "" if bare else plugin
        self.cells: dict[_Key, list[int]] = {}
        """How many, and the bytes of the queries and of the replies."""
        self.durations: dict[tuple[str, bytes], tuple[list[int], list[float]]] = {}
        """By server and zone: how many by bucket, one more than there are bounds; the seconds of all together."""
        self._bare = bare
        self._zone_label = zone_label
        self._zones = frozenset(zones)
        self._only_zone = zones[0] if len(zones) == 1 else None

    def count(self, observation: Observation, times: int, seconds: float) -> None:
        seen = observation
        server, request_size = seen.server, seen.request_size
        if self._zone_label:
            request_size -= seen.options_size  # CoreDNS counts these after its reply took the options off
        zone = self._only_zone
        if zone is None:
            zone = closest_zone(seen.qname, self._zones) or ROOT
        size = 0 if self._bare else seen.size
        key = (
            server,
            zone,
            seen.protocol,
            seen.family,
            TYPES.get(seen.qtype, OTHER),
            seen.do,
            seen.rcode,
            bisect_left(SIZE_BUCKETS, request_size),
            bisect_left(SIZE_BUCKETS, size),
        )
        cell = self.cells.get(key)
        if cell is None:
            cell = self.cells[key] = [0, 0, 0]
        cell[0] += times
        cell[1] += times * request_size
        cell[2] += times * size
        durations = self.durations.get((server, zone))
        if durations is None:
            durations = self.durations[server, zone] = ([0] * (len(TIME_BUCKETS) + 1), [0.0])
        durations[0][bisect_left(TIME_BUCKETS, seconds / times)] += times
        durations[1][0] += seconds

    def rows(self) -> Iterator[MetricRow]:
        """All of it, as CoreDNS names it. Rows of equal labels are for the reader to add up."""
        sizes: dict[Labels, tuple[_Sizes, _Sizes]] = {}
        for key, (times, request_bytes, reply_bytes) in self.cells.items():
            server, zone, protocol, family, qtype, do, rcode, request_bucket, bucket = key
            labels = self._labels(server, zone)
            by_protocol = (*labels, ("proto", protocol))
            by_type = (*by_protocol, ("family", str(family)), ("type", qtype))
            yield _counter("requests_total", "Questions, by protocol, IP version and type.", by_type, times)
            if do:
                yield _counter("do_requests_total", "Questions with the DO bit.", labels, times)
            by_rcode = (*labels, ("rcode", codes.rcode_text(rcode)), ("plugin", self.plugin))
            yield _counter("responses_total", "Replies, by response code and the plugin that gave it.", by_rcode, times)
            request_sizes, reply_sizes = sizes.setdefault(by_protocol, (_Sizes(), _Sizes()))
            request_sizes.add(request_bucket, times, request_bytes)
            reply_sizes.add(bucket, times, reply_bytes)
        for labels, (request_sizes, reply_sizes) in sizes.items():
            yield _histogram("request_size_bytes", "Bytes of a question.", labels, request_sizes.value)
            help_text = "Bytes of a reply before its names are compressed."
            yield _histogram("response_size_bytes", help_text, labels, reply_sizes.value)
        for (server, zone), (counts, seconds) in self.durations.items():
            value = Buckets(TIME_BUCKETS, tuple(counts), seconds[0])
            help_text = "Seconds from a question to its reply."
            yield _histogram("request_duration_seconds", help_text, self._labels(server, zone), value)

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
