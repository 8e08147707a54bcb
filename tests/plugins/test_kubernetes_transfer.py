"""Listings of zones; CoreDNS's own expectations are in tests/conformance/test_upstream_tables.py."""

import dns.rdata
import dns.rdatatype
import pytest

from resolver.cluster.dns_records import View
from resolver.wire.names import name_from_text, name_to_text
from tests.support import cluster_objects as api
from tests.support.doors import CLOCK, World

ZONE = "cluster.local."
WEB, DB = "web.shop.svc.cluster.local.", "db.shop.svc.cluster.local."
SPACE = api.namespace("shop")


def listing(*objects: api.Object, zone: str = ZONE, **options: object) -> list[str]:
    """The records between the first SOA and the last, as lines ``OWNER TTL TYPE DATA``."""
    multicluster = options.pop("multicluster", False)
    zones = (name_from_text(zone),) if multicluster else ()
    world = World([SPACE, *objects], zones=[ZONE], multicluster_zones=zones, **options)  # type: ignore[arg-type]
    records = world.plugin.transfer(name_from_text(zone), 0)
    assert records is not None
    lines = []
    for record in records:
        rdata = dns.rdata.from_wire("IN", record.rtype, record.rdata, 0, len(record.rdata))
        kind = dns.rdatatype.to_text(record.rtype)
        lines.append(f"{name_to_text(record.owner)} {record.ttl} {kind} {rdata}")
    assert lines[0] == lines[-1]
    assert lines[0].startswith(f"{zone} 5 SOA ns.dns.{zone} hostmaster.{zone} ")
    return lines[1:-1]


def test_an_empty_cluster_is_two_soas() -> None:
    assert listing() == []


def test_name_servers_have_addresses_of_ttl_0() -> None:
    assert listing(local=["192.0.2.2", "fd00::2"]) == [
        f"{ZONE} 5 NS ns.dns.{ZONE}",
        f"ns.dns.{ZONE} 0 A 192.0.2.2",
        f"ns.dns.{ZONE} 0 AAAA fd00::2",
    ]


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        (("http:80/TCP",), [f"{WEB} 5 SRV 0 100 80 {WEB}", f"_http._tcp.{WEB} 5 SRV 0 100 80 {WEB}"]),
        (("80",), [f"{WEB} 5 SRV 0 100 80 {WEB}"]),
        (("http:80",), [f"{WEB} 5 SRV 0 100 80 {WEB}", f"_http._.{WEB} 5 SRV 0 100 80 {WEB}"]),
        ((), [f"{WEB} 5 SRV 0 100 65535 {WEB}"]),
        ((f"{'p' * 62}:80/TCP",), [f"{WEB} 5 SRV 0 100 80 {WEB}", f"_{'p' * 62}._tcp.{WEB} 5 SRV 0 100 80 {WEB}"]),
        ((f"{'p' * 63}:80/TCP",), [f"{WEB} 5 SRV 0 100 80 {WEB}"]),
    ],
)
def test_a_service_is_its_addresses_and_then_its_ports(ports: tuple[str, ...], expected: list[str]) -> None:
    found = listing(api.service("web", "10.0.0.1", "fd00::1", space="shop", ports=ports))
    assert found == [f"{WEB} 5 A 10.0.0.1", f"{WEB} 5 AAAA fd00::1", *expected]


def test_a_headless_service_is_each_endpoint_twice_and_its_named_ports() -> None:
    four = api.endpoint_slice("db-4", "db", api.endpoint("10.1.0.1", hostname="zero"), "10.1.0.2", space="shop")
    six = api.endpoint_slice("db-6", "db", "fd00:1::1", space="shop", ports=("http:80/TCP", "53"))
    assert listing(api.service("db", space="shop"), four, six) == [
        f"{DB} 5 A 10.1.0.1",
        f"zero.{DB} 5 A 10.1.0.1",
        f"_http._tcp.{DB} 5 SRV 0 50 80 zero.{DB}",
        f"{DB} 5 A 10.1.0.2",
        f"10-1-0-2.{DB} 5 A 10.1.0.2",
        f"_http._tcp.{DB} 5 SRV 0 50 80 10-1-0-2.{DB}",
        f"{DB} 5 AAAA fd00:1::1",
        f"fd00-1--1.{DB} 5 AAAA fd00:1::1",
        f"_http._tcp.{DB} 5 SRV 0 100 80 fd00-1--1.{DB}",
    ]


@pytest.mark.parametrize(
    ("target", "found"), [("a.example", True), ("a.example.", True), ("10.0.0.1", False), ("a..b", False)]
)
def test_an_alias_is_listed_where_it_is_a_name(target: str, found: bool) -> None:
    expected = ["away.shop.svc.cluster.local. 5 CNAME a.example."] if found else []
    assert listing(api.external_name("away", target, space="shop")) == expected


def test_services_come_by_their_names() -> None:
    names = [line.split(".")[0] for line in listing(*(api.external_name(name, "x.y", space="shop") for name in "cab"))]
    assert names == ["a", "b", "c"]


def test_namespaces_that_are_not_exposed_are_left_out() -> None:
    hidden = api.namespace("lab"), api.service("web", "10.0.0.2", space="lab"), api.service("x", "10.0.0.3", space="no")
    view = View(namespaces=frozenset((b"\4shop",)))
    assert listing(*hidden, view=view) == []


def test_without_endpoints_a_headless_service_is_not_there() -> None:
    item = api.endpoint_slice("db-4", "db", "10.1.0.1", space="shop")
    assert listing(api.service("db", space="shop"), item, view=View(endpoints=False)) == []


@pytest.mark.parametrize("endpoints", [True, False])
def test_a_multicluster_zone_lists_imports(endpoints: bool) -> None:
    objects = [
        api.service("own", "10.0.0.1", space="shop"),
        api.service_import("web", "10.7.0.1", space="shop", ports=()),
        api.service_import("db", space="shop", kind="Headless"),
        api.imported_slice("db-e", "db", "east", api.endpoint("10.8.0.1", hostname="zero"), space="shop"),
    ]
    assert listing(*objects, multicluster=True, view=View(endpoints=endpoints)) == [
        f"{DB} 5 A 10.8.0.1",
        f"zero.{DB} 5 A 10.8.0.1",
        f"_http._tcp.{DB} 5 SRV 0 100 80 zero.{DB}",
        f"{WEB} 5 A 10.7.0.1",
    ]


def test_names_too_long_to_be_names_are_left_out() -> None:
    long = "a" * 63
    space = api.namespace(long)
    item = api.endpoint_slice("s", long, api.endpoint("10.1.0.1", hostname=long), space=long)
    zone = f"{'b' * 55}.svc.{ZONE}"
    assert listing(space, api.service(long, space=long), item, zone=zone) == [f"{long}.{long}.svc.{zone} 5 A 10.1.0.1"]


def test_the_serial_is_that_of_the_cluster() -> None:
    world = World([SPACE, api.service("web", "10.0.0.1", space="shop")], zones=[ZONE])
    records = world.plugin.transfer(name_from_text(ZONE), 0)
    assert records is not None
    assert next(iter(records)).rdata[-20:-16] == CLOCK.to_bytes(4, "big")
