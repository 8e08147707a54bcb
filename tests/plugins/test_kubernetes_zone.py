"""A zone that is served: what it holds, and its SOA."""

import pytest

from resolver.answers.outcome import Serial
from resolver.plugins.kubernetes_zone import Zone
from resolver.wire.names import name_from_text


def zone(name: str, ttl: int = 5, *fall: str, multicluster: bool = False) -> Zone:
    falls = frozenset(name_from_text(each) for each in fall)
    return Zone(name_from_text(name), Serial(7), ttl, falls, multicluster=multicluster)


@pytest.mark.parametrize(
    ("name", "reverse", "services"),
    [("cluster.local.", False, True), ("10.in-addr.arpa.", True, False), ("arpa.", True, False), (".", True, False)],
)
def test_a_zone_knows_what_names_are_in_it(name: str, reverse: bool, services: bool) -> None:
    found = zone(name)
    assert (found.holds_reverse, found.names_services) == (reverse, services)
    assert not zone("cluster.local.", multicluster=True).names_services


@pytest.mark.parametrize(
    ("fall", "falls"), [((), False), ((".",), True), (("svc.cluster.local.",), True), (("other.",), False)]
)
def test_names_fall_through_where_the_zones_meet(fall: tuple[str, ...], falls: bool) -> None:
    assert zone("cluster.local.", 5, *fall).falls == falls


def test_the_soa_ends_in_the_zone_as_typed_and_is_made_once() -> None:
    found = zone("cluster.local.", 3600)
    typed = name_from_text("Cluster.local.")
    soa = found.soa(typed)
    assert found.soa(typed) is soa
    assert (soa.record.owner, soa.record.ttl) == (typed, 300)
    assert soa.record.rdata.startswith(b"\2ns\3dns" + typed)


@pytest.mark.parametrize(("name", "start"), [("cluster.local.", "ns.dns.cluster.local."), (".", "")])
def test_the_name_of_its_name_servers_begins_so(name: str, start: str) -> None:
    assert zone(name).nameserver == (name_from_text(start)[:-1] if start else b"")
