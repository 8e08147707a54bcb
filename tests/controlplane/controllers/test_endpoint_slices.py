"""EndpointSlices from Services and Pods: the rules of section 7 by number."""

from typing import Any

import pytest

from resolver.controlplane.resources import ENDPOINT_SLICES, PODS, SERVICES
from resolver.controlplane.status_error import StatusError
from tests.support.controller_world import CREATED, HTTP, ControllerWorld

DUAL = {"ipFamilies": ["IPv4", "IPv6"]}
SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
HEADLESS = "service.kubernetes.io/headless"
TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"


@pytest.fixture
def world() -> ControllerWorld:
    world = ControllerWorld(endpoints_per_slice=10)
    world.node("node-a", "zone-1")
    return world


def sizes(world: ControllerWorld, family: str = "IPv4") -> list[int]:
    return sorted(len(each["endpoints"] or ()) for each in world.slices(family))


def names(world: ControllerWorld) -> set[str]:
    return {each["metadata"]["name"] for each in world.slices()}


def fill(world: ControllerWorld, first: int, last: int) -> None:
    """Pods p000, p001, … up to but not including the last number."""
    for number in range(first, last):
        world.pod(f"p{number:03}", f"10.143.0.{number + 1}")


def test_s1_services_without_selector_and_external_names_have_no_slices(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service("none", selector=None)
    world.service("away", type="ExternalName", externalName="x.example.net")
    world.settle()
    assert world.slices() == []


def test_s1_slices_stay_when_a_service_loses_its_selector(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service()
    world.settle()
    world.service(selector=None)
    world.settle()
    assert list(world.shown()) == ["10.143.0.1"]


@pytest.mark.parametrize(
    ("spec", "families"),
    [
        ({"ipFamilies": ["IPv6"]}, ["IPv6"]),
        ({"ipFamilies": ["IPv6", "IPv4"]}, ["IPv4", "IPv6"]),
        ({"ipFamilies": None, "clusterIP": "10.43.0.9"}, ["IPv4"]),
        ({"ipFamilies": None, "clusterIP": "fd43::9"}, ["IPv6"]),
        ({"ipFamilies": None, "clusterIP": "None"}, ["IPv4", "IPv6"]),
    ],
)
def test_s2_there_are_slices_for_each_family(world: ControllerWorld, spec: dict[str, Any], families: list[str]) -> None:
    world.service(**spec)
    world.settle()
    assert sorted(each["addressType"] for each in world.slices()) == families


def test_s3_slices_of_a_family_that_is_dropped_go(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1", "fd43:143::1")
    world.service(**DUAL)
    world.settle()
    assert list(world.shown("IPv6")) == ["fd43:143::1"]
    world.service()
    world.settle()
    assert [each["addressType"] for each in world.slices()] == ["IPv4"]


def test_s4_a_family_without_endpoints_has_one_empty_slice_with_nulls(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service(**DUAL)
    world.settle()
    (empty,) = world.slices("IPv6")
    assert (empty["endpoints"], empty["ports"]) == (None, None)
    assert sizes(world) == [1]


def test_s4_the_empty_slice_takes_the_first_endpoint_and_is_left_by_the_last(world: ControllerWorld) -> None:
    world.service()
    world.settle()
    before = names(world)
    world.pod("a", "10.143.0.1")
    world.settle()
    assert (names(world), sizes(world)) == (before, [1])
    world.remove(PODS, "a")
    world.settle()
    assert (names(world), sizes(world)) == (before, [0])


@pytest.mark.parametrize(
    ("phase", "ips", "shown"),
    [
        ("Succeeded", ["10.143.0.1"], False),
        ("Failed", ["10.143.0.1"], False),
        ("Running", [], False),
        ("Pending", ["10.143.0.1"], True),
        ("Unknown", ["10.143.0.1"], True),
    ],
)
def test_s5_which_pods_count(world: ControllerWorld, phase: str, ips: list[str], shown: bool) -> None:
    world.pod("a", *ips, phase=phase)
    world.pod("other", "10.143.0.8", labels={"app": "db"})
    world.pod("elsewhere", "10.143.0.9", meta={"namespace": "default"})
    world.service()
    world.settle()
    assert list(world.shown()) == (["10.143.0.1"] if shown else [])


def test_s5_all_labels_of_the_selector_must_be_there(world: ControllerWorld) -> None:
    world.pod("half", "10.143.0.1", labels={"app": "web"})
    world.pod("whole", "10.143.0.2", labels={"app": "web", "tier": "front"})
    world.service(selector={"app": "web", "tier": "front"})
    world.settle()
    assert list(world.shown()) == ["10.143.0.2"]


def test_s6_a_pod_on_an_unknown_node_waits_for_the_node(world: ControllerWorld) -> None:
    world.pod("lost", "10.143.0.1", nodeName="node-z")
    world.pod("nowhere", "10.143.0.2", nodeName="")
    world.service()
    world.service("always", publishNotReadyAddresses=True, clusterIP="10.43.1.2")
    world.settle()
    of_web = [each["endpoints"] for each in world.slices() if each["metadata"]["labels"][SERVICE_NAME] == "web"]
    assert (of_web, sorted(world.shown())) == ([None], ["10.143.0.1", "10.143.0.2"])
    world.node("node-z", "zone-9")
    world.settle()
    of_web = [each["endpoints"] for each in world.slices() if each["metadata"]["labels"][SERVICE_NAME] == "web"]
    assert [each["zone"] for each in of_web[0]] == ["zone-9"]


def test_s6_every_node_is_known_where_there_are_no_nodes() -> None:
    world = ControllerWorld()
    world.pod("a", "10.143.0.1", nodeName="node-z")
    world.service()
    world.settle()
    assert world.shown()["10.143.0.1"]["nodeName"] == "node-z"


def test_s7_addresses_are_those_of_the_family_in_their_canonical_form(world: ControllerWorld) -> None:
    world.pod("a", "fd43:143:0:0::00A", "10.143.0.1")
    world.pod("four", "10.143.0.2")
    world.pod("six", "FD43:143::B")
    world.service(**DUAL)
    world.settle()
    assert sorted(world.shown()) == ["10.143.0.1", "10.143.0.2"]
    assert sorted(world.shown("IPv6")) == ["fd43:143::a", "fd43:143::b"]


@pytest.mark.parametrize(
    ("ready", "terminating", "publish", "conditions"),
    [
        (True, False, False, (True, True, False)),
        (False, False, False, (False, False, False)),
        (None, False, False, (False, False, False)),
        (True, True, False, (False, True, True)),
        (False, True, False, (False, False, True)),
        (False, False, True, (True, False, False)),
        (True, True, True, (True, True, True)),
    ],
)
def test_s8_and_s9_conditions_are_all_set_and_honest(
    world: ControllerWorld, ready: bool | None, terminating: bool, publish: bool, conditions: tuple[bool, ...]
) -> None:
    meta = {"deletionTimestamp": CREATED, "finalizers": ["x.example/hold"]} if terminating else {}
    world.pod("a", "10.143.0.1", ready=ready, meta=meta)
    world.service(publishNotReadyAddresses=publish)
    world.settle()
    found = world.shown()["10.143.0.1"]["conditions"]
    assert (found["ready"], found["serving"], found["terminating"]) == conditions


def test_s8_readiness_is_followed(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service()
    world.settle()
    world.pod("a", "10.143.0.1", ready=False)
    world.settle()
    assert world.shown()["10.143.0.1"]["conditions"] == {"ready": False, "serving": False, "terminating": False}


def test_s10_an_endpoint_names_its_pod_node_and_zone(world: ControllerWorld) -> None:
    pod = world.pod("a", "10.143.0.1")
    world.node("bare")
    world.pod("b", "10.143.0.2", nodeName="bare")
    world.service()
    world.settle()
    found = world.shown()["10.143.0.1"]
    uid = pod.object["metadata"]["uid"]
    assert found["targetRef"] == {"kind": "Pod", "namespace": "shop", "name": "a", "uid": uid}
    assert (found["nodeName"], found["zone"]) == ("node-a", "zone-1")
    assert "zone" not in world.shown()["10.143.0.2"]


@pytest.mark.parametrize(
    ("spec", "hostname"),
    [
        ({"hostname": "a-0", "subdomain": "web"}, "a-0"),
        ({"hostname": "a-0", "subdomain": "db"}, None),
        ({"hostname": "a-0"}, None),
        ({"subdomain": "web"}, None),
    ],
)
def test_s11_and_s12_hostnames_need_the_services_subdomain(
    world: ControllerWorld, spec: dict[str, str], hostname: str | None
) -> None:
    world.pod("a", "10.143.0.1", **spec)
    world.service()
    world.settle()
    assert world.shown()["10.143.0.1"].get("hostname") == hostname


def container(*ports: tuple[str, int, str], name: str = "main", **fields: Any) -> dict[str, Any]:
    numbers = [{"name": each, "containerPort": number, "protocol": protocol} for each, number, protocol in ports]
    return {"name": name, "ports": numbers, **fields}


@pytest.mark.parametrize(
    ("port", "spec", "number"),
    [
        ({"targetPort": 9090}, {}, 9090),
        ({"targetPort": "http"}, {"containers": [container(("http", 81, "TCP"))]}, 81),
        ({"targetPort": "http"}, {"containers": [container(("http", 81, "UDP"), ("http", 82, "TCP"))]}, 82),
        ({"targetPort": "http", "protocol": "UDP"}, {"containers": [container(("http", 81, "TCP"))]}, None),
        (
            {"targetPort": "m"},
            {"containers": [container()], "initContainers": [container(("m", 9, "TCP"), restartPolicy="Always")]},
            9,
        ),
        ({"targetPort": "m"}, {"containers": [container()], "initContainers": [container(("m", 9, "TCP"))]}, None),
        (
            {"targetPort": "m"},
            {
                "containers": [container(), container(("m", 8, "TCP"), name="second")],
                "initContainers": [container(("m", 9, "TCP"), restartPolicy="Always")],
            },
            8,
        ),
    ],
)
def test_s13_and_s14_how_a_port_resolves(
    world: ControllerWorld, port: dict[str, Any], spec: dict[str, Any], number: int | None
) -> None:
    world.pod("a", "10.143.0.1", **spec)
    world.service(ports=[{**HTTP, **port}])
    world.settle()
    (item,) = world.slices()
    assert [each["port"] for each in item["ports"] or ()] == ([] if number is None else [number])
    assert list(world.shown()) == ["10.143.0.1"]


def test_s15_pods_with_other_numbers_have_slices_of_their_own(world: ControllerWorld) -> None:
    world.pod("old", "10.143.0.1", containers=[container(("http", 8080, "TCP"))])
    world.pod("new", "10.143.0.2", containers=[container(("http", 9090, "TCP"))])
    world.service(ports=[{**HTTP, "targetPort": "http"}])
    world.settle()
    found = {each["ports"][0]["port"]: each["endpoints"][0]["addresses"] for each in world.slices()}
    assert found == {8080: ["10.143.0.1"], 9090: ["10.143.0.2"]}


def test_s16_ports_carry_name_protocol_number_and_application(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service(ports=[{"port": 80, "appProtocol": "h2c"}, {"name": "dns", "port": 53, "protocol": "UDP"}])
    world.settle()
    (item,) = world.slices()
    assert item["ports"] == [
        {"name": "", "protocol": "TCP", "port": 80, "appProtocol": "h2c"},
        {"name": "dns", "protocol": "UDP", "port": 53},
    ]


def test_s17_a_headless_service_without_ports_has_endpoints_without_ports(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service(ports=[], clusterIP="None")
    world.settle()
    (item,) = world.slices()
    assert (item["ports"], len(item["endpoints"])) == (None, 1)


def test_s18_no_slice_holds_more_than_the_flag_says(world: ControllerWorld) -> None:
    fill(world, 0, 25)
    world.service()
    world.settle()
    assert (sizes(world), len(world.shown())) == ([5, 10, 10], 25)


def test_s19_what_is_left_over_fits_the_slice_that_ends_fullest(world: ControllerWorld) -> None:
    fill(world, 0, 10)
    world.service()
    world.settle()
    fill(world, 10, 14)
    world.settle()
    assert sizes(world) == [4, 10]
    fill(world, 14, 20)
    world.settle()
    assert sizes(world) == [10, 10]


def test_s19_slices_that_change_anyway_are_filled_first_and_sparse_ones_are_left_alone(world: ControllerWorld) -> None:
    fill(world, 0, 20)
    world.service()
    world.settle()
    for number in (0, 1, 2, 3):
        world.remove(PODS, f"p{number:03}")
    world.settle()
    assert sizes(world) == [6, 10]
    world.remove(PODS, "p010")
    fill(world, 30, 33)
    world.settle()
    assert sizes(world) == [8, 10]


def test_s20_a_needed_slice_takes_the_name_of_one_that_would_go(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service()
    world.settle()
    before = names(world)
    world.service(ports=[{**HTTP, "targetPort": 8080}])
    world.settle()
    assert names(world) == before
    assert [each["ports"][0]["port"] for each in world.slices()] == [8080]


def test_s21_slices_are_named_after_their_service_and_owned_by_it(world: ControllerWorld) -> None:
    service = world.service()
    world.settle()
    (item,) = world.slices()
    metadata = item["metadata"]
    owner = {"apiVersion": "v1", "kind": "Service", "name": "web", "uid": service.object["metadata"]["uid"]}
    assert metadata["ownerReferences"] == [{**owner, "controller": True, "blockOwnerDeletion": True}]
    assert (metadata["generateName"], metadata["name"][:4]) == ("web-", "web-")


def test_s21_a_slice_of_a_service_of_the_same_name_that_is_gone_is_replaced(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service()
    world.settle()
    before = names(world)
    world.remove(SERVICES, "web")
    fresh = world.service()
    world.settle()
    assert names(world).isdisjoint(before)
    uids = {each["metadata"]["ownerReferences"][0]["uid"] for each in world.slices()}
    assert uids == {fresh.object["metadata"]["uid"]}


@pytest.mark.parametrize(("address", "headless"), [("None", True), ("10.43.0.9", False)])
def test_s22_labels_are_the_services_and_three_of_their_own(
    world: ControllerWorld, address: str, headless: bool
) -> None:
    labels = {"tier": "front", SERVICE_NAME: "fake", MANAGED_BY: "fake", HEADLESS: "fake"}
    world.service(clusterIP=address, meta={"labels": labels, "annotations": {"shop.example/owner": "team-a"}})
    world.settle()
    (item,) = world.slices()
    own = {SERVICE_NAME: "web", MANAGED_BY: "endpointslice-controller.k8s.io", **({HEADLESS: ""} if headless else {})}
    assert item["metadata"]["labels"] == {"tier": "front", **own}
    assert "shop.example/owner" not in item["metadata"]["annotations"]


def test_s22_labels_follow_the_service(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service(meta={"labels": {"tier": "front"}})
    world.settle()
    world.service(meta={"labels": {"team": "one"}})
    world.settle()
    (item,) = world.slices()
    assert (item["metadata"]["labels"].get("tier"), item["metadata"]["labels"]["team"]) == (None, "one")


def test_s23_the_trigger_time_is_the_services_creation_and_then_what_is_new(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1", since="2026-01-02T03:00:00Z")
    world.service()
    world.settle()
    assert [each["metadata"]["annotations"][TRIGGER] for each in world.slices()] == [CREATED]
    world.pod("a", "10.143.0.1", ready=False, since="2026-01-02T05:00:00Z")
    world.settle()
    assert [each["metadata"]["annotations"][TRIGGER] for each in world.slices()] == ["2026-01-02T05:00:00Z"]
    world.service(meta={"labels": {"team": "one"}})
    world.settle()
    assert "annotations" not in world.slices()[0]["metadata"]


def test_s24_a_service_that_is_being_deleted_gets_no_new_slices_but_keeps_its_own_right(world: ControllerWorld) -> None:
    fill(world, 0, 10)
    world.service(**DUAL)
    world.settle()
    world.service(**DUAL, meta={"deletionTimestamp": CREATED, "finalizers": ["x.example/hold"]})
    world.remove(PODS, "p000")
    fill(world, 10, 13)
    world.settle()
    assert sizes(world) == [10]


def test_a_slice_that_someone_takes_away_or_changes_is_made_right(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service(**DUAL)
    world.settle()
    world.remove(ENDPOINT_SLICES, world.slices("IPv4")[0]["metadata"]["name"])
    world.settle()
    assert list(world.shown()) == ["10.143.0.1"]
    found = world.slices("IPv4")[0]
    world.put({**found, "endpoints": [{**found["endpoints"][0], "addresses": ["10.9.9.9"]}]})
    world.settle()
    assert list(world.shown()) == ["10.143.0.1"]


def test_a_slice_that_is_being_deleted_does_not_count(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service()
    world.settle()
    found = world.slices()[0]
    metadata = {**found["metadata"], "deletionTimestamp": CREATED, "finalizers": ["x.example/hold"]}
    world.put({**found, "metadata": metadata})
    world.settle()
    assert len(world.slices()) == 2


def test_labels_of_a_pod_that_change_move_it(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service()
    world.service("db", selector={"app": "db"}, clusterIP="10.43.1.2")
    world.settle()
    world.pod("a", "10.143.0.1", labels={"app": "db"})
    world.settle()
    found = {each["metadata"]["labels"][SERVICE_NAME]: len(each["endpoints"] or ()) for each in world.slices()}
    assert found == {"web": 0, "db": 1}


@pytest.mark.parametrize(
    ("distribution", "hints"),
    [
        ("PreferClose", {"forZones": [{"name": "zone-1"}]}),
        ("PreferSameZone", {"forZones": [{"name": "zone-1"}]}),
        ("PreferSameNode", {"forZones": [{"name": "zone-1"}], "forNodes": [{"name": "node-a"}]}),
        (None, None),
    ],
)
def test_traffic_distribution_hints_ready_endpoints(
    world: ControllerWorld, distribution: str | None, hints: dict[str, Any] | None
) -> None:
    world.pod("a", "10.143.0.1")
    world.pod("b", "10.143.0.2", ready=False)
    world.service(trafficDistribution="PreferSameNode")
    world.settle()
    world.service(trafficDistribution=distribution)
    world.settle()
    assert world.shown()["10.143.0.1"].get("hints") == hints
    assert "hints" not in world.shown()["10.143.0.2"]


def test_s24a_each_change_of_endpoints_or_ports_is_a_new_generation(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1")
    world.service()
    world.settle()
    assert [each["metadata"]["generation"] for each in world.slices()] == [1]
    world.pod("a", "10.143.0.1", ready=False)
    world.settle()
    assert [each["metadata"]["generation"] for each in world.slices()] == [2]
    world.pod("a", "10.143.0.1", ready=False, meta={"annotations": {"x": "y"}})
    world.settle()
    assert [each["metadata"]["generation"] for each in world.slices()] == [2]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"addressType": "IPv6", "endpoints": []}, "addressType"),
        ({"endpoints": [{"addresses": ["fd43::1"]}]}, "endpoints[0].addresses"),
        ({"endpoints": [{"addresses": ["127.0.0.1"]}]}, "endpoints[0].addresses[0]"),
        ({"endpoints": [{"addresses": ["169.254.0.1"]}]}, "endpoints[0].addresses[0]"),
        ({"endpoints": [{"addresses": ["224.0.0.1"]}]}, "endpoints[0].addresses[0]"),
        ({"endpoints": [{"addresses": ["0.0.0.0"]}]}, "endpoints[0].addresses[0]"),
        ({"ports": [{"name": "a", "port": 1}, {"name": "a", "port": 2}]}, "ports[1].name"),
    ],
)
def test_s25_what_a_slice_may_not_say(world: ControllerWorld, change: dict[str, Any], field: str) -> None:
    document = {"metadata": {"name": "mine"}, "addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"]}]}
    world.api.create(ENDPOINT_SLICES, "shop", document)
    with pytest.raises(StatusError) as refused:
        world.api.update(ENDPOINT_SLICES, "shop", "mine", {**document, **change})
    assert [each.field for each in refused.value.causes] == [field]


@pytest.mark.parametrize(("kind", "taken"), [("IPv4", True), ("IPv6", True), ("FQDN", True), ("IP", False)])
def test_s25_address_types(world: ControllerWorld, kind: str, taken: bool) -> None:
    document = {"metadata": {"name": "mine"}, "addressType": kind}
    if taken:
        assert world.api.create(ENDPOINT_SLICES, "shop", document).created
    else:
        with pytest.raises(StatusError, match="addressType"):
            world.api.create(ENDPOINT_SLICES, "shop", document)
