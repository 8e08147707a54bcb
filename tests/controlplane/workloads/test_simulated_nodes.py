"""Nodes nobody has asked for, and what a user's own lack."""

from typing import Any

import pytest

from resolver.controlplane.resources import NODES
from tests.support.controller_world import ControllerWorld
from tests.support.workload_world import RANGES, WorkloadWorld, condition


@pytest.fixture
def world() -> WorkloadWorld:
    return WorkloadWorld()


def node(world: ControllerWorld, name: str) -> dict[str, Any]:
    return world.api.get(NODES, "", name).object


def test_a_cluster_begins_with_three_nodes_that_are_ready(world: WorkloadWorld) -> None:
    names = [each["metadata"]["name"] for each in world.objects(NODES)]
    assert names == ["node-1", "node-2", "node-3"]
    second = node(world, "node-2")
    assert second["spec"] == {"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24", "fd00:10:244:1::/64"]}
    assert condition(second, "Ready")["status"] == "True"
    addresses = {each["type"]: each["address"] for each in second["status"]["addresses"]}
    assert addresses["Hostname"] == "node-2"
    assert second["metadata"]["labels"]["topology.kubernetes.io/zone"] == "zone-b"
    assert "dualdns.dev/simulated" in second["metadata"]["annotations"]


def test_node_addresses_are_of_the_families_pods_have() -> None:
    world = WorkloadWorld("fd00:10:244::/56")
    types = [each["type"] for each in node(world, "node-1")["status"]["addresses"]]
    assert types == ["InternalIP", "Hostname"]


def test_a_users_own_node_gets_what_it_lacks(world: WorkloadWorld) -> None:
    world.make(NODES, {"metadata": {"name": "mine"}})
    mine = node(world, "mine")
    assert mine["spec"]["podCIDRs"] == ["10.244.3.0/24", "fd00:10:244:3::/64"]
    assert "taints" not in mine["spec"]
    assert condition(mine, "Ready")["status"] == "True"
    assert "annotations" not in mine["metadata"]


def test_what_it_says_itself_stays(world: WorkloadWorld) -> None:
    status = {
        "conditions": [{"type": "Ready", "status": "False", "reason": "Broken"}],
        "addresses": [{"type": "InternalIP", "address": "198.51.100.7"}],
    }
    document = {"metadata": {"name": "mine"}, "spec": {"podCIDRs": ["10.9.0.0/24"]}, "status": status}
    world.make(NODES, document)
    mine = node(world, "mine")
    assert mine["spec"]["podCIDRs"] == ["10.9.0.0/24"]
    assert [each["reason"] for each in mine["status"]["conditions"]] == ["Broken"]
    assert mine["status"]["addresses"] == status["addresses"]
    assert mine["spec"]["taints"][0]["key"] == "node.kubernetes.io/not-ready"


def test_a_cluster_that_has_nodes_gets_no_others() -> None:
    world = ControllerWorld(*RANGES, started=False)
    world.put({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "mine"}})
    world.start()
    world.settle()
    assert [each["metadata"]["name"] for each in world.objects(NODES)] == ["mine"]


def test_without_simulation_nodes_stay_as_they_are_written() -> None:
    world = ControllerWorld()
    world.api.create(NODES, "", {"metadata": {"name": "mine"}})
    world.settle()
    assert "podCIDRs" not in node(world, "mine")["spec"]
    assert "conditions" not in node(world, "mine").get("status", {})
