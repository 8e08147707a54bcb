"""Addresses of Services, handed out as IPAddress objects."""

from random import Random
from typing import Any

import pytest

from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import IP_ADDRESSES, SERVICE_CIDRS
from resolver.controlplane.service_ips import ELSEWHERE, TAKEN, CannotAllocate, RangeFull, ServiceIps
from resolver.controlplane.stored_object import JsonObject
from resolver.controlplane.write_request import Write
from tests.support.embedded_cluster import NOW

WEB = {"name": "web", "namespace": "shop"}
WRITE, DRY = Write(False, NOW), Write(True, NOW)


class Lab:
    """A store with ServiceCIDRs and the addresses over it."""

    def __init__(self, *cidrs: str) -> None:
        self.store = ObjectStore()
        self.ips = ServiceIps(self.store, Random(1))
        if cidrs:
            self.add("kubernetes", *cidrs)

    def add(self, name: str, *cidrs: str, **parts: Any) -> None:
        metadata = {"name": name, "uid": name, "creationTimestamp": NOW, **parts.pop("metadata", {})}
        self.store.create(SERVICE_CIDRS, {"metadata": metadata, "spec": {"cidrs": list(cidrs)}, **parts})

    def taken(self) -> dict[str, JsonObject]:
        return {each.name: each.object for each in self.store.all(IP_ADDRESSES)}


def test_an_address_is_written_down_with_its_owner() -> None:
    lab = Lab("10.43.0.0/24")
    lab.ips.allocate(WEB, "10.43.0.9", WRITE)
    (found,) = lab.taken().values()
    assert found["spec"] == {"parentRef": {"resource": "services", "namespace": "shop", "name": "web"}}
    assert found["metadata"]["labels"] == {
        "ipaddress.kubernetes.io/ip-family": "IPv4",
        "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
    }


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("10.43.0.9", TAKEN),
        ("10.44.0.9", ELSEWHERE),
        ("10.43.0.0", ELSEWHERE),
        ("10.43.0.255", ELSEWHERE),
        ("fd43::1", ELSEWHERE),
    ],
)
def test_an_address_that_cannot_be_had(address: str, words: str) -> None:
    lab = Lab("10.43.0.0/24")
    lab.ips.allocate(WEB, "10.43.0.9", WRITE)
    with pytest.raises(CannotAllocate, match=words):
        lab.ips.allocate(WEB, address, WRITE)
    assert list(lab.taken()) == ["10.43.0.9"]


def test_a_long_form_is_the_same_address() -> None:
    lab = Lab("fd43::/112")
    lab.ips.allocate(WEB, "FD43:0:0:0:0:0:0:9", WRITE)
    assert list(lab.taken()) == ["fd43::9"]
    lab.ips.release("fd43:0::9")
    assert lab.taken() == {}


@pytest.mark.parametrize("name", ["", "a/b", ".."])
def test_an_owner_without_a_proper_name_gets_nothing(name: str) -> None:
    lab = Lab("10.43.0.0/24")
    with pytest.raises(CannotAllocate, match=r"spec\.parentRef\.name"):
        lab.ips.allocate({"name": name, "namespace": "shop"}, "10.43.0.9", WRITE)
    assert lab.taken() == {}


def test_picks_depend_on_namespace_name_and_family_alone() -> None:
    first, second = Lab("10.43.0.0/16", "fd43::/112"), Lab("10.43.0.0/16", "fd43::/112")
    second.ips.pick({"name": "other", "namespace": "shop"}, "IPv4", WRITE)
    picked = [lab.ips.pick(WEB, family, WRITE) for lab in (first, second) for family in ("IPv4", "IPv6")]
    assert picked[:2] == picked[2:]
    assert picked[0] != first.ips.pick({"name": "web", "namespace": "mart"}, "IPv4", WRITE)


def test_a_pick_that_is_taken_is_another() -> None:
    lab = Lab("10.43.0.0/24")
    assert len({lab.ips.pick(WEB, "IPv4", WRITE) for _ in range(254)}) == 254
    with pytest.raises(RangeFull):
        lab.ips.pick(WEB, "IPv4", WRITE)


@pytest.mark.parametrize("family", ["IPv4", "IPv6"])
def test_without_a_range_of_the_family_nothing_is_picked(family: str) -> None:
    lab = Lab(*(["fd43::/112"] if family == "IPv4" else ["10.43.0.0/24"]))
    with pytest.raises(RangeFull):
        lab.ips.pick(WEB, family, WRITE)


def test_a_range_wider_than_64_bits_hands_out_nothing() -> None:
    with pytest.raises(RangeFull):
        Lab("fd43::/63").ips.pick(WEB, "IPv6", WRITE)


def test_a_dry_run_writes_nothing_down() -> None:
    lab = Lab("10.43.0.0/24")
    assert lab.ips.pick(WEB, "IPv4", DRY) == "10.43.0.0"
    lab.ips.allocate(WEB, "10.43.0.9", WRITE)
    lab.ips.allocate(WEB, "10.43.0.9", DRY)
    with pytest.raises(CannotAllocate, match=r"The range of valid IPs is 10\.43\.0\.0/24"):
        lab.ips.allocate(WEB, "10.44.0.9", DRY)
    assert list(lab.taken()) == ["10.43.0.9"]


@pytest.mark.parametrize("address", ["10.43.0.9", "10.44.0.9", "None", ""])
def test_giving_back_what_nobody_has_does_nothing(address: str) -> None:
    Lab("10.43.0.0/24").ips.release(address)


def test_the_second_range_of_a_family_is_used_when_the_first_is_full() -> None:
    lab = Lab("10.43.0.0/29")
    for _ in range(6):
        lab.ips.pick(WEB, "IPv4", WRITE)
    lab.add("more", "10.44.0.0/29")
    assert lab.ips.pick(WEB, "IPv4", WRITE).startswith("10.44.0.")


@pytest.mark.parametrize(
    "parts",
    [
        {"metadata": {"deletionTimestamp": NOW}},
        {"status": {"conditions": [{"type": "Ready", "status": "False"}]}},
    ],
)
def test_a_cidr_that_is_going_or_not_ready_hands_out_nothing(parts: JsonObject) -> None:
    lab = Lab()
    lab.add("more", "10.44.0.0/29", **parts)
    with pytest.raises(RangeFull):
        lab.ips.pick(WEB, "IPv4", WRITE)


def test_a_range_that_two_cidrs_name_stays_until_both_are_gone() -> None:
    lab = Lab("10.43.0.0/24")
    lab.add("twin", "10.43.0.0/24")
    for name in ("kubernetes", "twin"):
        lab.ips.pick(WEB, "IPv4", WRITE)
        found = lab.store.get(SERVICE_CIDRS, "", name)
        assert found is not None
        lab.store.delete(found)
    with pytest.raises(RangeFull):
        lab.ips.pick(WEB, "IPv4", WRITE)


def test_a_range_that_comes_later_knows_what_is_taken_in_it() -> None:
    lab = Lab("10.43.0.0/29")
    lab.ips.allocate(WEB, "10.43.0.2", WRITE)
    found = lab.store.get(SERVICE_CIDRS, "", "kubernetes")
    assert found is not None
    lab.store.delete(found)
    lab.add("again", "10.43.0.0/29")
    assert {lab.ips.pick(WEB, "IPv4", WRITE) for _ in range(5)} == {f"10.43.0.{each}" for each in (1, 3, 4, 5, 6)}
