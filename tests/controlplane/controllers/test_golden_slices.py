"""The slices and Endpoints that a real kube-controller-manager 1.37.2 made of the same Services and Pods."""

import json
from typing import Any

import pytest

from resolver.controlplane.resources import SERVICES
from tests.controlplane.golden_forms import cases, comparable, golden, slice_forms
from tests.support.controller_world import CREATED, ControllerWorld


def world_of(name: str, case: dict[str, Any]) -> ControllerWorld:
    """The recorded cluster with the case's objects, before the controllers have looked at it."""
    world = ControllerWorld()
    world.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": case["service"]["metadata"]["namespace"]}})
    for node in golden(name)["nodes"]:
        metadata = {key: each for key, each in node["metadata"].items() if key in ("name", "labels")}
        world.put({**node, "metadata": metadata, "apiVersion": "v1", "kind": "Node", "status": {}})
    service = case.get("storedService") or stored_service(case["service"])
    world.put({**service, "metadata": {**service["metadata"], "uid": "uid-service", "creationTimestamp": CREATED}})
    for pod in case["pods"]:
        world.put(stored_pod(pod))
    return world


def stored_pod(pod: dict[str, Any]) -> dict[str, Any]:
    """A Pod as sent, with the defaults of its ports and the mark of its deletion."""
    pod = {**pod, "spec": dict(pod["spec"]), "metadata": dict(pod["metadata"])}
    for field in ("containers", "initContainers"):
        containers = pod["spec"].get(field, [])
        pod["spec"][field] = [
            {**each, "ports": [{"protocol": "TCP", **port} for port in each.get("ports", ())]} for each in containers
        ]
    if pod.pop("deleted", False):
        pod["metadata"]["deletionTimestamp"] = CREATED
    return pod


def stored_service(service: dict[str, Any]) -> dict[str, Any]:
    """A Service as sent, with what the API server would have added to it on a dual-stack cluster (IPv4 first)."""
    spec = {"type": "ClusterIP", "clusterIP": "10.43.0.9", **service["spec"]}
    families = spec.get("ipFamilies") or ["IPv4"]
    if spec.get("ipFamilyPolicy", "SingleStack") != "SingleStack" and len(families) == 1:
        families = [*families, *({"IPv4", "IPv6"} - set(families))]
    ports = [{"protocol": "TCP", "targetPort": each["port"], **each} for each in spec.get("ports", ())]
    return {**service, "spec": {**spec, "ipFamilies": families, "ports": ports}}


@pytest.mark.parametrize("id", cases("slices"))
def test_slices_are_those_of_the_real_controller(id: str) -> None:
    case = cases("slices")[id]
    world = world_of("slices", case)
    world.settle()
    assert slice_forms(world.slices(namespace=case["service"]["metadata"]["namespace"])) == slice_forms(case["slices"])
    assert [name for name, _, _ in world.refused if name != "endpoints"] == []


@pytest.mark.parametrize("id", cases("endpoints"))
def test_endpoints_are_those_of_the_real_controller(id: str) -> None:
    case = cases("endpoints")[id]
    world = world_of("endpoints", case)
    world.settle()
    metadata = case["service"]["metadata"]
    found = world.endpoints(metadata["name"], metadata["namespace"])
    if case["status"] == 404:
        assert found is None
    else:
        assert json.dumps(comparable(found)) == json.dumps(comparable(case["endpoints"]))


def test_a_second_look_changes_nothing() -> None:
    world = world_of("slices", cases("slices")["many/130"])
    world.settle()
    version = world.store.version
    world.put(world.objects(SERVICES, "shop-24")[0])
    world.settle()
    assert world.store.version == version + 1
