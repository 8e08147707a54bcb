"""Which slices of one family a Service shall have: what is made, changed and deleted, without a store."""

from collections.abc import Sequence
from typing import Any

import pytest

from resolver.controlplane.controllers.endpoint_slice_plan import (
    CONTROLLER,
    FamilyPlan,
    owned_by,
    plan_family,
    service_families,
    slice_labels,
)
from resolver.controlplane.controllers.pod_facts import PodFacts, pod_facts
from resolver.controlplane.resources import ENDPOINT_SLICES, PODS
from resolver.controlplane.stored_object import JsonObject, StoredObject, stored

HTTP: JsonObject = {"name": "http", "protocol": "TCP", "port": 80, "targetPort": "web"}
OWNER: JsonObject = {"kind": "Service", "apiVersion": "v1", "name": "web", "uid": "u-web"}
LABELS = {"kubernetes.io/service-name": "web", "endpointslice.kubernetes.io/managed-by": CONTROLLER}
NODES = {"node-a": "zone-a", "node-b": ""}


def service(**spec: Any) -> JsonObject:
    metadata = {"name": "web", "namespace": "shop", "uid": "u-web"}
    return {"metadata": metadata, "spec": {"clusterIP": "10.43.0.7", "ports": [HTTP], **spec}}


def pod(name: str, *ips: str, port: int = 8080, node: str = "node-a", ready: bool = True) -> PodFacts:
    ports = [{"name": "web", "protocol": "TCP", "containerPort": port}] if port else []
    status: JsonObject = {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}]}
    status |= {"podIP": ips[0], "podIPs": [{"ip": each} for each in ips]}
    spec = {"containers": [{"ports": ports}], "nodeName": node}
    metadata = {"name": name, "namespace": "shop", "uid": f"u-{name}"}
    return pod_facts(stored(PODS, {"kind": "Pod", "metadata": metadata, "spec": spec, "status": status}, 7))


def there(name: str, draft: Any = None, *, owner: JsonObject = OWNER) -> StoredObject:
    """A slice that is there: as it was planned, or the empty one."""
    metadata = {"name": name, "namespace": "shop", "labels": LABELS, "ownerReferences": [owner]}
    endpoints, ports = (draft.endpoints, draft.ports) if draft else (None, None)
    return stored(ENDPOINT_SLICES, {"metadata": metadata, "endpoints": endpoints, "ports": ports}, 3)


def planned(
    pods: Sequence[PodFacts], existing: Sequence[StoredObject] = (), family: str = "IPv4", most: int = 2, **spec: Any
) -> FamilyPlan:
    return plan_family(service(**spec), family, pods, existing, NODES.get, most, {})


@pytest.mark.parametrize(
    ("spec", "families"),
    [
        ({"ipFamilies": ["IPv6", "IPv4"]}, ["IPv6", "IPv4"]),
        ({"clusterIP": "fd43::1"}, ["IPv6"]),
        ({"clusterIP": "10.43.0.1"}, ["IPv4"]),
        ({"clusterIP": "None"}, ["IPv4", "IPv6"]),
        ({}, ["IPv4", "IPv6"]),
    ],
)
def test_families_are_those_said_else_those_of_the_address(spec: JsonObject, families: list[str]) -> None:
    assert service_families(spec) == families


@pytest.mark.parametrize(("address", "headless"), [("None", True), ("", True), ("10.43.0.7", False)])
def test_labels_tell_a_headless_service(address: str, headless: bool) -> None:
    found = slice_labels(service(clusterIP=address))
    assert found == {**({"service.kubernetes.io/headless": ""} if headless else {}), **LABELS}


def test_without_pods_there_is_one_empty_slice_and_it_stays() -> None:
    plan = planned([])
    assert [(each.before, each.endpoints, each.ports) for each in plan.create] == [(None, [], [])]
    assert planned([], [there("web-1")]) == FamilyPlan([], [], [], set(), {})


def test_the_empty_slice_is_taken_by_the_first_endpoint() -> None:
    plan = planned([pod("a", "10.1.0.1")], [there("web-1")])
    assert (plan.create, plan.delete) == ([], [])
    ((before, draft),) = plan.update
    assert (before.name, draft.ports) == ("web-1", [{"name": "http", "protocol": "TCP", "port": 8080}])
    assert [each["addresses"] for each in draft.endpoints] == [["10.1.0.1"]]


def test_an_endpoint_says_what_is_known_of_its_pod() -> None:
    (draft,) = planned([pod("a", "10.1.0.1", "fd44::1", ready=False)], family="IPv6").create
    assert draft.endpoints == [
        {
            "addresses": ["fd44::1"],
            "conditions": {"ready": False, "serving": False, "terminating": False},
            "targetRef": {"kind": "Pod", "namespace": "shop", "name": "a", "uid": "u-a"},
            "nodeName": "node-a",
            "zone": "zone-a",
        }
    ]


@pytest.mark.parametrize(
    ("pods", "sizes"),
    [
        ([pod("a", "10.1.0.1"), pod("b", "10.1.0.2"), pod("c", "10.1.0.3")], [2, 1]),
        ([pod("a", "10.1.0.1"), pod("b", "10.1.0.2", port=8081)], [1, 1]),
        ([pod("a", "10.1.0.1"), pod("b", "10.1.0.2", port=0)], [1, 1]),
        ([pod("a", "10.1.0.1"), pod("b", "fd44::2")], [1]),
        ([pod("a", "fd44::1")], [0]),
    ],
)
def test_pods_are_grouped_by_what_their_ports_are(pods: list[PodFacts], sizes: list[int]) -> None:
    assert sorted((len(each.endpoints) for each in planned(pods).create), reverse=True) == sizes


def test_what_is_as_it_shall_be_is_left_alone() -> None:
    pods = [pod("a", "10.1.0.1"), pod("b", "10.1.0.2")]
    (draft,) = planned(pods).create
    assert planned(pods, [there("web-1", draft)]) == FamilyPlan([], [], [], set(), {})


def test_slices_nobody_needs_any_more_go_but_one_is_emptied() -> None:
    both = planned([pod("a", "10.1.0.1"), pod("b", "10.1.0.2", port=8081)]).create
    plan = planned([], [there("web-1", both[0]), there("web-2", both[1])])
    assert plan.create == []
    assert [draft.endpoints for _, draft in plan.update] == [[]]
    assert len(plan.delete) == 1


def test_a_leftover_empty_slice_stays_beside_others_while_a_pod_has_no_port_and_no_address_of_the_family() -> None:
    plan = planned([pod("a", "10.1.0.1"), pod("b", "fd44::2", port=0)], [there("web-1")])
    assert (len(plan.create), plan.update, plan.delete) == (1, [], [])


def test_a_slice_of_another_owner_is_replaced() -> None:
    pods = [pod("a", "10.1.0.1")]
    gone = {**OWNER, "uid": "u-gone"}
    old = there("web-1", planned(pods).create[0], owner=gone)
    plan = planned(pods, [old])
    assert (len(plan.create), plan.update, plan.delete) == (1, [], [old])
    assert planned([], [there("web-1", owner=gone)]).delete == []  # the empty one is never looked at closely (upstream)


@pytest.mark.parametrize(
    ("change", "owned"), [({}, True), ({"uid": "x"}, False), ({"kind": "Pod"}, False), ({"apiVersion": "v2"}, False)]
)
def test_an_owner_is_a_service_of_that_uid(change: JsonObject, owned: bool) -> None:
    assert owned_by(there("web-1", owner={**OWNER, **change}).object, service()) is owned


@pytest.mark.parametrize(("publish", "lost", "endpoints"), [(False, {"node-x"}, 0), (True, set(), 1)])
def test_a_pod_on_a_node_that_is_not_there_waits_unless_all_are_published(
    publish: bool, lost: set[str], endpoints: int
) -> None:
    plan = planned([pod("a", "10.1.0.1", node="node-x")], publishNotReadyAddresses=publish)
    assert plan.lost == lost
    assert sum(len(each.endpoints) for each in plan.create) == endpoints
