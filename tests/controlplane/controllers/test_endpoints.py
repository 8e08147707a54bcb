"""Legacy Endpoints: the rules of section 9 by number."""

from typing import Any

import pytest

from resolver.controlplane.resources import ENDPOINTS, PODS, SERVICES
from tests.support.controller_world import CREATED, HTTP, ControllerWorld

MANAGED_BY = "endpoints.kubernetes.io/managed-by"
HEADLESS = "service.kubernetes.io/headless"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"


@pytest.fixture
def world() -> ControllerWorld:
    world = ControllerWorld()
    world.node("node-a", "zone-1")
    return world


def ips(found: dict[str, Any] | None, field: str = "addresses") -> list[str]:
    return [each["ip"] for subset in (found or {}).get("subsets", ()) for each in subset.get(field, ())]


def test_e1_there_is_one_for_each_service_with_a_selector(world: ControllerWorld) -> None:
    world.service()
    world.service("none", selector=None)
    world.service("away", type="ExternalName", externalName="x.example.net")
    world.settle()
    assert [each["metadata"]["name"] for each in world.objects(ENDPOINTS, "shop")] == ["web"]


@pytest.mark.parametrize(
    ("spec", "address"),
    [
        ({"ipFamilies": ["IPv4", "IPv6"]}, "10.143.0.1"),
        ({"ipFamilies": ["IPv6", "IPv4"]}, "fd43:143::1"),
        ({"ipFamilies": None, "clusterIP": "fd43::9"}, "fd43:143::1"),
        ({"ipFamilies": None, "clusterIP": "10.43.0.9"}, "10.143.0.1"),
        ({"ipFamilies": None, "clusterIP": "None"}, "fd43:143::1"),
    ],
)
def test_e2_the_family_is_the_services_first(world: ControllerWorld, spec: dict[str, Any], address: str) -> None:
    world.pod("a", "fd43:143:0::1", "10.143.0.1")
    world.service(**spec)
    world.settle()
    assert ips(world.endpoints()) == [address]


def test_e2_a_pod_without_an_address_of_that_family_is_left_out(world: ControllerWorld) -> None:
    world.pod("a", "fd43:143::1")
    world.service()
    world.settle()
    assert "subsets" not in (world.endpoints() or {})


@pytest.mark.parametrize(
    ("ready", "terminating", "publish", "field"),
    [
        (True, False, False, "addresses"),
        (False, False, False, "notReadyAddresses"),
        (False, False, True, "addresses"),
        (True, True, False, ""),
        (False, True, True, "addresses"),
    ],
)
def test_e3_where_a_pod_stands(
    world: ControllerWorld, ready: bool, terminating: bool, publish: bool, field: str
) -> None:
    meta = {"deletionTimestamp": CREATED, "finalizers": ["x.example/hold"]} if terminating else {}
    world.pod("a", "10.143.0.1", ready=ready, meta=meta)
    world.service(publishNotReadyAddresses=publish)
    world.settle()
    found = world.endpoints()
    assert {each for each in ("addresses", "notReadyAddresses") if ips(found, each)} == {field} - {""}


def test_e4_an_address_none_of_whose_ports_resolves_vanishes(world: ControllerWorld) -> None:
    numbers = [{"name": "http", "containerPort": 8080, "protocol": "TCP"}]
    world.pod("has", "10.143.0.1", containers=[{"name": "main", "ports": numbers}])
    world.pod("lacks", "10.143.0.2")
    world.service(ports=[{**HTTP, "targetPort": "http"}, {"name": "alt", "port": 81, "targetPort": "alt"}])
    world.settle()
    found = world.endpoints() or {}
    assert ips(found) == ["10.143.0.1"]
    assert found["subsets"][0]["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]


def test_e5_headless_without_ports_has_addresses_only(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service(ports=[], clusterIP="None")
    world.settle()
    (subset,) = (world.endpoints() or {})["subsets"]
    assert list(subset) == ["addresses"]


def test_e6_addresses_say_who_they_are_and_are_sorted(world: ControllerWorld) -> None:
    world.pod("b", "10.143.0.2", hostname="b-0", subdomain="web")
    pod = world.pod("a", "10.143.0.10")
    world.service()
    world.settle()
    (subset,) = (world.endpoints() or {})["subsets"]
    assert [each["ip"] for each in subset["addresses"]] == ["10.143.0.10", "10.143.0.2"]
    assert subset["addresses"][1]["hostname"] == "b-0"
    target = {"kind": "Pod", "namespace": "shop", "name": "a", "uid": pod.object["metadata"]["uid"]}
    assert subset["addresses"][0] == {"ip": "10.143.0.10", "nodeName": "node-a", "targetRef": target}


def test_e6_there_is_one_subset_for_each_set_of_ports(world: ControllerWorld) -> None:
    for name, number, ip in (("old", 8080, "10.143.0.1"), ("new", 9090, "10.143.0.2")):
        ports = [{"name": "http", "containerPort": number, "protocol": "TCP"}]
        world.pod(name, ip, containers=[{"name": "main", "ports": ports}])
    world.service(ports=[{**HTTP, "targetPort": "http"}])
    world.settle()
    found = {each["ports"][0]["port"]: each["addresses"][0]["ip"] for each in (world.endpoints() or {})["subsets"]}
    assert found == {8080: "10.143.0.1", 9090: "10.143.0.2"}


@pytest.mark.parametrize(("ready", "waiting"), [(1010, 0), (990, 30)])
def test_e7_above_a_thousand_addresses_ready_ones_are_kept_first(
    world: ControllerWorld, ready: int, waiting: int
) -> None:
    for number in range(ready + waiting):
        world.pod(f"p{number}", f"10.143.{number // 250}.{number % 250 + 1}", ready=number < ready)
    world.service()
    world.settle()
    found = world.endpoints() or {}
    assert (len(ips(found)), len(ips(found, "notReadyAddresses"))) == (min(ready, 1000), max(1000 - ready, 0))
    assert found["metadata"]["annotations"][OVER_CAPACITY] == "truncated"
    for number in range(20):
        world.remove(PODS, f"p{number}")
    world.settle()
    assert OVER_CAPACITY not in (world.endpoints() or {})["metadata"].get("annotations", {})


def test_e8_labels_are_the_services_and_two_of_their_own(world: ControllerWorld) -> None:
    world.service(clusterIP="None", meta={"labels": {"tier": "front"}})
    world.settle()
    found = world.endpoints() or {}
    assert found["metadata"]["labels"] == {"tier": "front", HEADLESS: "", MANAGED_BY: "endpoint-controller"}
    assert (found["metadata"]["annotations"], "subsets" in found) == ({TRIGGER: CREATED}, False)


def test_e8_labels_follow_and_other_annotations_stay(world: ControllerWorld) -> None:
    world.service()
    world.settle()
    found = world.endpoints() or {}
    world.put({**found, "metadata": {**found["metadata"], "annotations": {"shop.example/owner": "team-a"}}})
    world.service(meta={"labels": {"tier": "front"}})
    world.settle()
    metadata = (world.endpoints() or {})["metadata"]
    assert metadata["labels"]["tier"] == "front"
    assert metadata["annotations"] == {"shop.example/owner": "team-a"}


def test_e9_they_go_with_the_service_and_come_back_while_it_is_there(world: ControllerWorld) -> None:
    world.service()
    world.settle()
    world.remove(ENDPOINTS, "web")
    world.settle()
    assert world.endpoints() is not None
    world.remove(SERVICES, "web")
    world.settle()
    assert world.endpoints() is None


def test_e9_hand_made_ones_of_a_service_without_selector_go_with_it_too(world: ControllerWorld) -> None:
    world.service(selector=None)
    world.hand_made("web", {"addresses": [{"ip": "198.51.100.1"}]})
    world.settle()
    world.remove(SERVICES, "web")
    world.settle()
    assert world.endpoints() is None


def test_what_someone_writes_into_them_stays_until_the_next_change(world: ControllerWorld) -> None:
    world.service()
    world.settle()
    found = world.endpoints() or {}
    world.put({**found, "subsets": [{"addresses": [{"ip": "198.51.100.1"}]}]})
    world.settle()
    assert ips(world.endpoints()) == ["198.51.100.1"]
    world.pod("a", "10.143.0.1")
    world.settle()
    assert ips(world.endpoints()) == ["10.143.0.1"]
