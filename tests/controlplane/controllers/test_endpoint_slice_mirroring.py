"""Slices that mirror hand-made Endpoints: the rules of section 8 by number."""

from typing import Any

import pytest

from resolver.controlplane.controllers.endpoint_slice_mirroring import mirrors
from resolver.controlplane.resources import ENDPOINT_SLICES, ENDPOINTS, SERVICES
from tests.support.controller_world import CREATED, ControllerWorld

SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
PORTS = [{"name": "http", "port": 80, "protocol": "TCP"}]


@pytest.fixture
def world() -> ControllerWorld:
    world = ControllerWorld(mirrored=3)
    world.service(selector=None)
    return world


def subset(*ips: str, waiting: tuple[str, ...] = (), ports: Any = PORTS) -> dict[str, Any]:
    found = {"addresses": [{"ip": each} for each in ips], "notReadyAddresses": [{"ip": each} for each in waiting]}
    return {**{key: each for key, each in found.items() if each}, "ports": ports}


def test_m1_endpoints_of_a_service_without_selector_are_mirrored(world: ControllerWorld) -> None:
    world.hand_made("web", subset("198.51.100.1"))
    world.hand_made("nobody", subset("198.51.100.9"))
    world.settle()
    (item,) = world.slices()
    assert item["ports"] == [{"name": "http", "protocol": "TCP", "port": 80}]
    assert item["endpoints"] == [{"addresses": ["198.51.100.1"], "conditions": {"ready": True}}]


@pytest.mark.parametrize(
    "meta",
    [
        {"labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
        {"annotations": {"control-plane.alpha.kubernetes.io/leader": "{}"}},
    ],
)
def test_m1_some_endpoints_are_not_mirrored_and_lose_their_slices(world: ControllerWorld, meta: dict[str, Any]) -> None:
    world.hand_made("web", subset("198.51.100.1"))
    world.settle()
    assert len(world.slices()) == 1
    world.hand_made("web", subset("198.51.100.1"), **meta)
    world.settle()
    assert world.slices() == []


def test_m1_a_selector_ends_the_mirroring_and_its_loss_begins_it(world: ControllerWorld) -> None:
    world.hand_made("web", subset("198.51.100.1"))
    world.settle()
    world.service()
    world.settle()
    assert [each["metadata"]["labels"][MANAGED_BY] for each in world.slices()] == ["endpointslice-controller.k8s.io"]
    world.service(selector=None)
    world.remove(ENDPOINTS, "web")
    world.hand_made("web", subset("198.51.100.2"))
    world.settle()
    found = {each["metadata"]["labels"][MANAGED_BY] for each in world.slices()}
    assert "endpointslicemirroring-controller.k8s.io" in found


def test_m1_without_the_service_nothing_is_mirrored(world: ControllerWorld) -> None:
    world.hand_made("web", subset("198.51.100.1"))
    world.settle()
    world.remove(SERVICES, "web")
    world.settle()
    assert (world.slices(), world.endpoints()) == ([], None)


def test_m2_addresses_under_several_port_sets_merge(world: ControllerWorld) -> None:
    other = [{"name": "dns", "port": 53, "protocol": "UDP"}]
    world.hand_made("web", subset("198.51.100.1", ports=PORTS), subset("198.51.100.1", ports=other))
    world.settle()
    (item,) = world.slices()
    assert sorted(each["name"] for each in item["ports"]) == ["dns", "http"]


def test_m2_ready_and_not_ready_for_one_port_is_not_ready(world: ControllerWorld) -> None:
    world.hand_made("web", subset("198.51.100.1"), subset(waiting=("198.51.100.1",)))
    world.settle()
    assert world.shown()["198.51.100.1"]["conditions"] == {"ready": False}


def test_m3_family_comes_from_the_addresses(world: ControllerWorld) -> None:
    world.hand_made("web", subset("198.51.100.1", "2001:db8::1"))
    world.settle()
    assert (list(world.shown()), list(world.shown("IPv6"))) == (["198.51.100.1"], ["2001:db8::1"])


def test_m3_each_port_set_has_a_slice_and_bad_addresses_are_skipped(world: ControllerWorld) -> None:
    other = [{"name": "dns", "port": 53, "protocol": "UDP"}]
    world.hand_made("web", subset("198.51.100.1"), subset("198.51.100.2", "nonsense", ports=other))
    world.settle()
    assert sorted(each["ports"][0]["name"] for each in world.slices()) == ["dns", "http"]
    assert sorted(world.shown()) == ["198.51.100.1", "198.51.100.2"]


def test_m4_only_ready_is_known_and_there_is_no_empty_slice(world: ControllerWorld) -> None:
    world.hand_made("web", subset("198.51.100.1", waiting=("198.51.100.2",)))
    world.settle()
    assert world.shown()["198.51.100.2"]["conditions"] == {"ready": False}
    world.hand_made("web")
    world.settle()
    assert world.slices() == []


def test_m4_what_an_address_says_is_kept(world: ControllerWorld) -> None:
    target = {"kind": "Pod", "namespace": "shop", "name": "a"}
    address = {"ip": "198.51.100.1", "hostname": "a-0", "nodeName": "node-a", "targetRef": target}
    world.hand_made("web", {"addresses": [address], "ports": PORTS})
    world.settle()
    found = world.shown()["198.51.100.1"]
    assert (found["hostname"], found["nodeName"], found["targetRef"]) == ("a-0", "node-a", target)


def test_m5_a_subset_gives_so_many_addresses_ready_ones_first(world: ControllerWorld) -> None:
    world.hand_made("web", subset("198.51.100.1", "198.51.100.2", waiting=("198.51.100.3", "198.51.100.4")))
    world.settle()
    assert sorted(world.shown()) == ["198.51.100.1", "198.51.100.2", "198.51.100.3"]


def test_m6_labels_annotations_and_owner_are_those_of_the_endpoints(world: ControllerWorld) -> None:
    annotations = {
        "shop.example/owner": "team-a",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "endpoints.kubernetes.io/last-change-trigger-time": CREATED,
    }
    made = world.hand_made("web", subset("198.51.100.1"), labels={"tier": "front"}, annotations=annotations)
    world.settle()
    (item,) = world.slices()
    controller = "endpointslicemirroring-controller.k8s.io"
    assert item["metadata"]["labels"] == {"tier": "front", SERVICE_NAME: "web", MANAGED_BY: controller}
    assert item["metadata"]["annotations"] == {"shop.example/owner": "team-a"}
    owner = item["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["uid"]) == ("Endpoints", made.object["metadata"]["uid"])


def test_m6_labels_that_change_are_followed_and_the_slice_keeps_its_name(world: ControllerWorld) -> None:
    world.hand_made("web", subset("198.51.100.1"))
    world.settle()
    before = world.slices()[0]["metadata"]["name"]
    world.hand_made("web", subset("198.51.100.1"), labels={"tier": "front"})
    world.settle()
    (item,) = world.slices()
    assert (item["metadata"]["name"], item["metadata"]["labels"]["tier"]) == (before, "front")


def test_m6a_endpoints_that_are_being_deleted_get_no_new_slices_but_keep_theirs(world: ControllerWorld) -> None:
    world.hand_made("web", subset("198.51.100.1"))
    world.settle()
    meta = {"deletionTimestamp": CREATED, "finalizers": ["x.example/hold"]}
    world.hand_made("web", subset("198.51.100.1", "2001:db8::1"), **meta)
    world.settle()
    assert [each["addressType"] for each in world.slices()] == ["IPv4"]
    world.remove(ENDPOINTS, "web")
    world.settle()
    assert world.slices() == []


def test_m7_slices_made_by_hand_are_left_alone(world: ControllerWorld) -> None:
    metadata = {"name": "mine", "namespace": "shop", "labels": {SERVICE_NAME: "web"}}
    document = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata}
    mine = world.put({**document, "addressType": "IPv4", "endpoints": [{"addresses": ["198.51.100.7"]}]})
    world.hand_made("web", subset("198.51.100.7"))
    world.settle()
    assert len(world.slices()) == 2
    assert mine.version == next(each.version for each in world.store.all(mine.resource) if each.name == "mine")


def test_a_port_set_that_changes_takes_over_the_slice(world: ControllerWorld) -> None:
    world.hand_made("web", subset("198.51.100.1"))
    world.settle()
    before = world.slices()[0]["metadata"]["name"]
    world.hand_made("web", subset("198.51.100.1", ports=[{**PORTS[0], "port": 81}]))
    world.settle()
    (item,) = world.slices()
    assert (item["metadata"]["name"], item["ports"][0]["port"]) == (before, 81)


def test_a_slice_that_is_taken_away_comes_back(world: ControllerWorld) -> None:
    made = world.hand_made("web", subset("198.51.100.1"))
    world.settle()
    world.remove(ENDPOINT_SLICES, world.slices()[0]["metadata"]["name"])
    world.settle()
    assert list(world.shown()) == ["198.51.100.1"]
    assert world.store.get(ENDPOINTS, "shop", "web") is made


def test_ports_with_an_application_protocol_are_not_joined_over_subsets() -> None:
    port = {**PORTS[0], "appProtocol": "h2c"}
    found = mirrors([subset("198.51.100.1", ports=[port]), subset("198.51.100.2", ports=[port])], 10)
    assert [(each.ports, len(each.endpoints)) for each in found] == [
        ([{"name": "http", "protocol": "TCP", "port": 80, "appProtocol": "h2c"}], 2)
    ]
