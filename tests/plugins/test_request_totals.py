from collections import Counter

import pytest

from resolver.answers.observation import Observation
from resolver.plugins.metric_rows import Buckets, MetricRow
from resolver.plugins.request_totals import SIZE_BUCKETS, RequestCounter, RequestTotals
from resolver.wire import codes
from resolver.wire.names import name_from_text

ROOT_ZONE = (name_from_text("."),)
ZONES = tuple(name_from_text(zone) for zone in ("shop.", "a.shop.", "org."))
SEEN = Observation(
    server="dns://:53",
    protocol="udp",
    family=1,
    qname=name_from_text("web.a.shop."),
    qtype=codes.A,
    qclass=codes.IN,
    query_flags=0,
    request_size=100,
    do=False,
    bufsize=1232,
    rcode=codes.NOERROR,
    flags=codes.QR,
    size=101,
    written=True,
    options_size=0,
)


def counted(*observations: Observation, zones: tuple[bytes, ...] = ROOT_ZONE, bare: bool = False) -> list[MetricRow]:
    counter = RequestCounter(zones, "errors", bare=bare)
    for observation in observations:
        counter.count(observation, 1, 0.001)
    return list(counter.rows())


def values(rows: list[MetricRow], name: str, *labels: str) -> dict[tuple[str, ...], float]:
    """Counts of one metric by some of its labels."""
    found: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if row.name == f"coredns_dns_{name}":
            pairs = dict(row.labels)
            amount = sum(row.value.counts) if isinstance(row.value, Buckets) else row.value
            found[tuple(pairs[label] for label in labels)] += int(amount)
    return dict(found)


def test_questions_are_counted_by_protocol_family_and_type() -> None:
    rows = counted(SEEN, SEEN, SEEN._replace(family=2), SEEN._replace(protocol="tcp", qtype=codes.HINFO))
    assert values(rows, "requests_total", "server", "zone", "view", "proto", "family", "type") == {
        ("dns://:53", ".", "", "udp", "1", "A"): 2,
        ("dns://:53", ".", "", "udp", "2", "A"): 1,
        ("dns://:53", ".", "", "tcp", "1", "other"): 1,
    }


@pytest.mark.parametrize(
    ("qtype", "label"),
    [(28, "AAAA"), (65, "HTTPS"), (255, "ANY"), (252, "AXFR"), (50, "NSEC3"), (35, "other"), (65_535, "other")],
)
def test_rare_types_share_a_label(qtype: int, label: str) -> None:
    assert values(counted(SEEN._replace(qtype=qtype)), "requests_total", "type") == {(label,): 1}


@pytest.mark.parametrize(
    ("name", "zone"),
    [("web.a.shop.", "a.shop."), ("b.shop.", "shop."), ("org.", "org."), ("elsewhere.", ".")],
)
def test_the_zone_is_the_longest_of_the_block(name: str, zone: str) -> None:
    rows = counted(SEEN._replace(qname=name_from_text(name)), zones=ZONES)
    for metric in ("requests_total", "request_duration_seconds", "request_size_bytes", "responses_total"):
        assert values(rows, metric, "zone") == {(zone,): 1}


def test_replies_are_counted_by_rcode_and_plugin() -> None:
    rows = counted(SEEN, SEEN._replace(rcode=codes.NXDOMAIN), SEEN._replace(rcode=12))
    assert values(rows, "responses_total", "rcode", "plugin") == {
        ("NOERROR", "errors"): 1,
        ("NXDOMAIN", "errors"): 1,
        ("RCODE12", "errors"): 1,
    }


def test_replies_of_the_server_itself_have_no_plugin_and_no_size() -> None:
    rows = counted(SEEN._replace(rcode=codes.SERVFAIL), bare=True)
    assert values(rows, "responses_total", "rcode", "plugin") == {("SERVFAIL", ""): 1}
    sizes = [row.value for row in rows if row.name == "coredns_dns_response_size_bytes"]
    assert sizes == [Buckets(SIZE_BUCKETS, (1, *[0] * 14), 0.0)]


def test_questions_with_do_are_counted() -> None:
    assert values(counted(SEEN), "do_requests_total", "zone") == {}
    assert values(counted(SEEN, SEEN._replace(do=True)), "do_requests_total", "zone") == {(".",): 1}


def test_sizes_fall_into_the_bucket_that_holds_them() -> None:
    rows = counted(*(SEEN._replace(request_size=size) for size in (12, 100, 101, 511, 64_000, 64_001)))
    sizes = [row.value for row in rows if row.name == "coredns_dns_request_size_bytes"]
    assert sizes == [Buckets(SIZE_BUCKETS, (0, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1), 128_725.0)]


def test_kept_replies_are_counted_in_bulk() -> None:
    counter = RequestCounter(ROOT_ZONE, "errors")
    counter.count(SEEN, 1_000, 0.003)
    rows = list(counter.rows())
    for metric in ("requests_total", "request_duration_seconds", "response_size_bytes", "responses_total"):
        assert values(rows, metric) == {(): 1_000}
    durations = next(row.value for row in rows if row.name == "coredns_dns_request_duration_seconds")
    assert isinstance(durations, Buckets)
    assert durations.counts[0] == 1_000
    assert durations.sum == pytest.approx(0.003)


def test_a_block_read_anew_goes_on_counting_where_it_was() -> None:
    totals = RequestTotals()
    assert totals.counter(ZONES, "errors") is totals.counter(ZONES, "errors")
    assert totals.counter(ZONES, "errors") is not totals.counter(ZONES, "errors", bare=True)


def test_questions_that_reach_no_block_are_called_dropped() -> None:
    totals = RequestTotals()
    totals.dropped.count(SEEN._replace(rcode=codes.REFUSED, options_size=12), 1, 0.0)
    rows = list(totals.rows())
    sizes = next(row.value for row in rows if row.name == "coredns_dns_request_size_bytes")
    assert isinstance(sizes, Buckets)
    assert sizes.sum == 88
    assert values(rows, "responses_total", "zone", "rcode", "plugin") == {("dropped", "REFUSED", ""): 1}
