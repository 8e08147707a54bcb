import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.cluster.dns_names import (
    Part,
    Request,
    endpoint_label,
    is_reverse,
    parse,
    pod_address,
    reverse_address,
)
from resolver.wire.names import name_from_text

ZONE = name_from_text("cluster.local")
WEB = {"namespace": b"\4shop", "key": b"\3web\4shop"}
SERVICE = Request(Part.SERVICE, **WEB)
POD = Request(Part.POD, b"\4shop", pod=b"10-0-0-1")


def parsed(text: str, *, multicluster: bool = False, zonal: bool = False) -> Request | None:
    name = name_from_text(f"{text}.cluster.local" if text else "cluster.local")
    return parse(name, len(ZONE), multicluster=multicluster, zonal=zonal)


NAMES = [
    ("", Request(Part.EMPTY)),
    ("svc", Request(Part.EMPTY)),
    ("pod", Request(Part.EMPTY)),
    ("shop.svc", Request(Part.NAMESPACE, b"\4shop")),
    ("shop.pod", Request(Part.POD_NAMESPACE, b"\4shop")),
    ("web.shop.svc", SERVICE),
    ("a.web.shop.svc", SERVICE._replace(endpoint=b"a")),
    ("_http.web.shop.svc", SERVICE._replace(endpoint=b"_http")),
    ("_http._tcp.web.shop.svc", SERVICE._replace(port=b"http", protocol=b"tcp")),
    ("http.tcp.web.shop.svc", SERVICE._replace(port=b"http", protocol=b"tcp")),
    ("__http.__tcp.web.shop.svc", SERVICE._replace(port=b"_http", protocol=b"_tcp")),
    ("_._.web.shop.svc", SERVICE),
    ("10-0-0-1.shop.pod", POD),
    ("x.10-0-0-1.shop.pod", POD),
    ("x.y.10-0-0-1.shop.pod", POD),
    ("x", None),
    ("ns.dns", None),
    ("web.shop.service", None),
    ("a.b.c.web.shop.svc", None),
    ("x.y.z.10-0-0-1.shop.pod", None),
]


@pytest.mark.parametrize(("text", "request_"), NAMES, ids=[row[0] or "apex" for row in NAMES])
def test_a_name_is_parsed_as_coredns_does(text: str, request_: Request | None) -> None:
    assert parsed(text) == request_


def test_svc_may_be_the_name_of_a_service_and_of_a_namespace() -> None:
    assert parsed("svc.svc.svc") == Request(Part.SERVICE, b"\3svc", b"\3svc\3svc")


def test_in_a_multicluster_zone_two_labels_are_endpoint_and_cluster() -> None:
    assert parsed("a.east.web.shop.svc", multicluster=True) == SERVICE._replace(endpoint=b"a", cluster=b"east")


@pytest.mark.parametrize("front", ["_http._tcp", "_http.tcp", "http._tcp"])
def test_in_a_multicluster_zone_an_underscore_makes_port_and_protocol(front: str) -> None:
    assert parsed(f"{front}.web.shop.svc", multicluster=True) == SERVICE._replace(port=b"http", protocol=b"tcp")


@pytest.mark.parametrize(
    ("front", "topology", "prefer"),
    [("z1.pin._zone", b"z1", False), ("z1.prefer._zone", b"z1", True), ("eu.west.pin._zone", b"eu.west", False)],
)
def test_a_zonal_name_speaks_of_a_topology_zone(front: str, topology: bytes, prefer: bool) -> None:
    expected = SERVICE._replace(topology=topology, prefer=prefer)
    assert parsed(f"{front}.web.shop.svc", zonal=True) == expected
    assert parsed(f"{front}.web.shop.svc") is None
    assert parsed(f"{front}.web.shop.svc", zonal=True, multicluster=True) is None


@pytest.mark.parametrize("front", ["z1.other._zone", "z1.pin.zone", "z1.pin._zones"])
def test_an_unknown_directive_is_no_name(front: str) -> None:
    assert parsed(f"{front}.web.shop.svc", zonal=True) is None


def test_a_zonal_pod_is_no_name() -> None:
    assert parsed("z1.pin._zone.10-0-0-1.shop.pod", zonal=True) is None


def test_without_a_topology_the_anchor_is_port_and_protocol() -> None:
    assert parsed("pin._zone.web.shop.svc", zonal=True) == SERVICE._replace(port=b"pin", protocol=b"zone")


@pytest.mark.parametrize(
    ("text", "reverse"),
    [
        ("1.0.0.10.in-addr.arpa", True),
        ("1.ip6.arpa", True),
        ("in-addr.arpa", False),
        ("ip6.arpa", False),
        ("arpa", False),
        ("a.b", False),
    ],
)
def test_names_below_the_reverse_zones_are_reverse(text: str, reverse: bool) -> None:
    assert is_reverse(name_from_text(text)) is reverse


REVERSE = [
    ("1.0.0.10.in-addr.arpa", "10.0.0.1"),
    ("255.255.255.255.in-addr.arpa", "255.255.255.255"),
    ("256.0.0.10.in-addr.arpa", ""),
    ("01.0.0.10.in-addr.arpa", ""),
    ("0.0.10.in-addr.arpa", ""),
    ("x.1.0.0.10.in-addr.arpa", ""),
    ("a.0.0.10.in-addr.arpa", ""),
    ("in-addr.arpa", ""),
    ("1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa", "2001:db8::1"),
    ("1" + ".0" * 23 + ".8.B.D.0.1.0.0.2.ip6.arpa", "2001:db8::1"),
    ("x.y.z.1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa", "2001:db8::1"),
    ("w.x.y.z.1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa", ""),
    ("0" * 2 + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa", ""),
    ("g" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa", ""),
    ("0" + ".0" * 22 + ".8.b.d.0.1.0.0.2.ip6.arpa", ""),
    ("4.0.3.0.2.0.1.0.f.f.f.f" + ".0" * 20 + ".ip6.arpa", "1.2.3.4"),
    ("web.shop.svc.cluster.local", ""),
    ("1.0.0.10.in-addr.arpa.cluster.local", ""),
]


@pytest.mark.parametrize(("text", "address"), REVERSE)
def test_a_whole_reverse_name_is_an_address(text: str, address: str) -> None:
    assert reverse_address(name_from_text(text).lower()) == address


@given(st.ip_addresses())
def test_every_address_is_found_by_its_reverse_name(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    mapped = address.ipv4_mapped if address.version == 6 else None
    assert reverse_address(name_from_text(address.reverse_pointer)) == str(mapped or address)


def test_bytes_that_only_look_like_digits_are_no_address() -> None:
    assert reverse_address(b"\2\xc2\xb2\x010\x010\x0210\7in-addr\4arpa\0") == ""


@pytest.mark.parametrize(
    ("label", "address"),
    [
        (b"10-0-0-1", "10.0.0.1"),
        (b"1-2-3", "1:2:3"),
        (b"1-2-3-4-5", "1:2:3:4:5"),
        (b"fd00--1", "fd00::1"),
        (b"--1", "::1"),
        (b"1--2-3", "1::2:3"),
        (b"2001-db8--", "2001:db8::"),
        (b"web", "web"),
        (b"1.2.3.4", ""),
        (b"\xff-1", "\xff:1"),
    ],
)
def test_a_pod_name_spells_an_address(label: bytes, address: str) -> None:
    assert pod_address(label) == address


@pytest.mark.parametrize(
    ("address", "hostname", "target", "label"),
    [
        ("10.0.0.1", b"", b"", b"10-0-0-1"),
        ("10.0.0.1", b"a", b"pod", b"a"),
        ("10.0.0.1", b"", b"pod", b"pod"),
        ("2001:db8::1", b"", b"", b"2001-db8--1"),
        ("2001:db8::", b"", b"", b"2001-db8--0"),
        ("::", b"", b"", b"--0"),
        ("2001:DB8:0:0::1", b"", b"", b"2001-DB8-0-0--1"),
        ("::ffff:10.0.0.1", b"", b"", b"::ffff:10-0-0-1"),
    ],
)
def test_an_endpoint_is_named_by_hostname_pod_or_address(
    address: str, hostname: bytes, target: bytes, label: bytes
) -> None:
    assert endpoint_label(address, hostname, target) == label
