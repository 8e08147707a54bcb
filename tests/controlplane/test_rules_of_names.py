"""Section 11 of the rules: what the embedded cluster makes of Services and Pods is what the names answer."""

from typing import Any

import pytest

from resolver.controlplane.resources import ENDPOINT_SLICES, NAMESPACES, SERVICES
from tests.support.controller_world import ControllerWorld
from tests.support.doors import World, outcome, records

BOTH: dict[str, Any] = {"ipFamilyPolicy": "RequireDualStack"}
HEADLESS: dict[str, Any] = {"clusterIP": "None"}
SERVICE = "web.shop.svc.cluster.local."


@pytest.fixture
def world() -> ControllerWorld:
    world = ControllerWorld()
    world.node("node-a")
    return world


def created(world: ControllerWorld, selector: bool = True, **spec: Any) -> None:
    """The Service web, past all rules of the API, with one port."""
    pods = {"selector": {"app": "web"}} if selector else {}
    world.api.create(
        SERVICES,
        "shop",
        {"metadata": {"name": "web"}, "spec": {"ports": [{"name": "http", "port": 80}], **pods, **spec}},
    )


def asked(world: ControllerWorld, name: str, *kinds: str) -> list[str]:
    """What each type of question is answered: addresses and targets, or the outcome in a word."""
    world.settle()
    door = World([each for kind in (NAMESPACES, SERVICES, ENDPOINT_SLICES) for each in world.objects(kind)])
    said = []
    for kind in kinds:
        reply = door.ask(name, kind)
        said.append(" ".join(sorted(each.split(" ")[-1] for each in records(reply.answer))) or outcome(reply))
    return said


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"clusterIP": "10.43.0.7"}, ["10.43.0.7", "NODATA"]),
        ({"clusterIP": "fd43::7"}, ["NODATA", "fd43::7"]),
        ({"clusterIP": "10.43.0.7", "clusterIPs": ["10.43.0.7", "fd43::7"], **BOTH}, ["10.43.0.7", "fd43::7"]),
        ({"clusterIP": "fd43::7", "clusterIPs": ["fd43::7", "10.43.0.7"], **BOTH}, ["10.43.0.7", "fd43::7"]),
    ],
)
def test_n1_a_family_the_service_lacks_has_no_data(
    world: ControllerWorld, spec: dict[str, Any], expected: list[str]
) -> None:
    created(world, **spec)
    assert asked(world, SERVICE, "A", "AAAA") == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, ["10.143.0.1 10.143.0.2", "NODATA"]),
        ({"ipFamilies": ["IPv6"]}, ["NODATA", "fd44::1 fd44::2"]),
        (BOTH, ["10.143.0.1 10.143.0.2", "fd44::1 fd44::2"]),
    ],
)
def test_n2_headless_answers_with_the_endpoints_of_its_families(
    world: ControllerWorld, spec: dict[str, Any], expected: list[str]
) -> None:
    created(world, **HEADLESS, **spec)
    world.pod("a", "10.143.0.1", "fd44::1")
    world.pod("b", "10.143.0.2", "fd44::2")
    assert asked(world, SERVICE, "A", "AAAA") == expected


def test_n2_headless_without_a_selector_has_both_families_by_default(world: ControllerWorld) -> None:
    created(world, selector=False, **HEADLESS)
    world.hand_made(
        "web", {"addresses": [{"ip": "192.0.2.1"}, {"ip": "2001:db8::1"}], "ports": [{"port": 80, "protocol": "TCP"}]}
    )
    assert asked(world, SERVICE, "A", "AAAA") == ["192.0.2.1", "2001:db8::1"]


def test_n3_a_hostname_has_the_addresses_of_both_families(world: ControllerWorld) -> None:
    created(world, **HEADLESS, **BOTH)
    world.pod("a", "10.143.0.1", "fd44::1", hostname="db-0", subdomain="web")
    world.pod("b", "fd44::2", hostname="db-1", subdomain="web")
    assert asked(world, f"db-0.{SERVICE}", "A", "AAAA") == ["10.143.0.1", "fd44::1"]
    assert asked(world, f"db-1.{SERVICE}", "A", "AAAA") == ["NODATA", "fd44::2"]
    assert asked(world, f"db-2.{SERVICE}", "A") == ["NXDOMAIN"]
    assert asked(world, SERVICE, "SRV") == [f"db-0.{SERVICE} db-1.{SERVICE}"]


def test_n3_an_endpoint_without_a_hostname_is_named_for_each_of_its_addresses(world: ControllerWorld) -> None:
    created(world, **HEADLESS, **BOTH)
    world.pod("a", "10.143.0.1", "fd44::1")
    assert asked(world, f"10-143-0-1.{SERVICE}", "A", "AAAA") == ["10.143.0.1", "NODATA"]
    assert asked(world, f"fd44--1.{SERVICE}", "A", "AAAA") == ["NODATA", "fd44::1"]
    assert asked(world, f"_http._tcp.{SERVICE}", "SRV") == [f"10-143-0-1.{SERVICE} fd44--1.{SERVICE}"]


def test_n4_a_slice_without_endpoints_makes_the_name_exist(world: ControllerWorld) -> None:
    created(world, **HEADLESS, **BOTH)
    world.pod("a", "10.143.0.1")
    assert asked(world, SERVICE, "A", "AAAA") == ["10.143.0.1", "NODATA"]
    assert asked(world, f"missing.{SERVICE}", "A") == ["NXDOMAIN"]


@pytest.mark.parametrize(("published", "expected"), [(False, "10.143.0.2"), (True, "10.143.0.1 10.143.0.2")])
def test_n4_a_terminating_endpoint_that_still_serves_is_not_answered(
    world: ControllerWorld, published: bool, expected: str
) -> None:
    created(world, **HEADLESS, publishNotReadyAddresses=published)
    world.pod("a", "10.143.0.1", meta={"deletionTimestamp": "2026-01-02T03:05:05Z", "finalizers": ["x/y"]})
    world.pod("b", "10.143.0.2")
    assert asked(world, SERVICE, "A") == [expected]
    assert world.shown()["10.143.0.1"]["conditions"] == {"ready": published, "serving": True, "terminating": True}


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, "10.143.0.8 10.143.0.9"),
        ({"ready": None}, "10.143.0.8 10.143.0.9"),
        ({"ready": True}, "10.143.0.8 10.143.0.9"),
        ({"ready": False}, "10.143.0.8"),
    ],
)
def test_n5_an_endpoint_is_ready_unless_it_says_it_is_not(
    world: ControllerWorld, conditions: dict[str, Any], expected: str
) -> None:
    created(world, selector=False, **HEADLESS)
    world.api.create(
        ENDPOINT_SLICES,
        "shop",
        {
            "metadata": {"name": "web-1", "labels": {"kubernetes.io/service-name": "web"}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["10.143.0.8"]}, {"addresses": ["10.143.0.9"], "conditions": conditions}],
            "ports": [{"name": "http", "port": 80}],
        },
    )
    assert asked(world, SERVICE, "A") == [expected]
