"""Endpoints shared out among zones."""

from typing import Any

import pytest

from resolver.controlplane.controllers.topology_hints import is_overloaded, wants_topology, zone_ratios
from resolver.controlplane.resources import NODES
from tests.support.controller_world import ControllerWorld

AUTO = {"annotations": {"service.kubernetes.io/topology-mode": "Auto"}}


def node(world: ControllerWorld, name: str, zone: str, cpu: str, *, ready: bool = True, **labels: str) -> None:
    metadata = {"name": name, "labels": {"topology.kubernetes.io/zone": zone, **labels} if zone else labels}
    conditions = [{"type": "Ready", "status": str(ready)}]
    status: dict[str, Any] = {"conditions": conditions, "allocatable": {"cpu": cpu} if cpu else {}}
    world.put({"apiVersion": "v1", "kind": "Node", "metadata": metadata, "status": status})


def pods(world: ControllerWorld, **counts: int) -> None:
    """So many Pods on each node."""
    for name, count in counts.items():
        for number in range(count):
            world.pod(f"{name}-{number}", f"10.{ord(name)}.0.{number + 1}", nodeName=name)


def hints(world: ControllerWorld) -> dict[str, int]:
    """Ready endpoints by the zone they are hinted to; those without a hint under an empty one."""
    found: dict[str, int] = {}
    for each in world.shown().values():
        for zone in each.get("hints", {}).get("forZones", ({"name": ""},)):
            found[zone["name"]] = found.get(zone["name"], 0) + 1
    return found


@pytest.fixture
def world() -> ControllerWorld:
    world = ControllerWorld()
    node(world, "a", "zone-1", "4")
    node(world, "b", "zone-2", "4000m")
    return world


def test_ratios_are_of_ready_workers_in_two_zones_or_more(world: ControllerWorld) -> None:
    assert zone_ratios(world.index.nodes.values()) == {"zone-1": 0.5, "zone-2": 0.5}
    node(world, "c", "zone-3", "8", **{"node-role.kubernetes.io/control-plane": ""})
    node(world, "d", "zone-3", "8", ready=False)
    assert zone_ratios(world.index.nodes.values()) == {"zone-1": 0.5, "zone-2": 0.5}
    node(world, "d", "zone-3", "8")
    assert zone_ratios(world.index.nodes.values()) == {"zone-1": 0.25, "zone-2": 0.25, "zone-3": 0.5}
    node(world, "e", "", "8")
    assert zone_ratios(world.index.nodes.values()) == {}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 2, "b": 2}, {"zone-1": 2, "zone-2": 2}),
        ({"a": 4, "b": 0}, {"zone-1": 2, "zone-2": 2}),
        ({"a": 3, "b": 1}, {"zone-1": 2, "zone-2": 2}),
        ({"a": 4, "b": 3}, {"zone-1": 4, "zone-2": 3}),
        ({"a": 1, "b": 0}, {"": 1}),
        ({"a": 2, "b": 1}, {"": 3}),
    ],
)
def test_endpoints_are_hinted_to_their_zone_and_some_to_another(
    world: ControllerWorld, counts: dict[str, int], expected: dict[str, int]
) -> None:
    pods(world, **counts)
    world.service(meta=AUTO)
    world.settle()
    assert hints(world) == expected


def test_without_enough_said_about_nodes_there_are_no_hints(world: ControllerWorld) -> None:
    node(world, "c", "zone-3", "")
    pods(world, a=4, b=4)
    world.service(meta=AUTO, trafficDistribution="PreferClose")
    world.settle()
    assert hints(world) == {"": 8}


def test_an_endpoint_without_a_zone_ends_all_hints(world: ControllerWorld) -> None:
    pods(world, a=4, b=4)
    world.service(meta=AUTO)
    world.settle()
    assert sum(hints(world).values()) == 8
    node(world, "c", "", "", ready=False)
    pods(world, c=1)
    world.settle()
    assert hints(world) == {"": 9}


def test_hints_follow_nodes_and_the_annotation(world: ControllerWorld) -> None:
    pods(world, a=5, b=5)
    world.service(meta=AUTO)
    world.settle()
    assert hints(world) == {"zone-1": 5, "zone-2": 5}
    node(world, "b", "zone-2", "12")
    world.settle()
    assert hints(world) == {"zone-1": 3, "zone-2": 7}
    world.remove(NODES, "b", "")
    world.settle()
    assert hints(world) == {"": 5}
    world.service()
    world.settle()
    assert set(hints(world)) == {""}


def test_endpoints_that_are_not_ready_have_no_hint(world: ControllerWorld) -> None:
    pods(world, a=2, b=2)
    world.pod("late", "10.0.0.9", nodeName="a", ready=False)
    world.service(meta=AUTO)
    world.settle()
    assert hints(world) == {"zone-1": 2, "zone-2": 2, "": 1}


@pytest.mark.parametrize(
    ("counts", "ratios", "expected"),
    [
        ({}, {"z": 0.5, "y": 0.5}, False),
        ({"z": 2, "y": 2}, {"z": 0.5, "y": 0.5}, False),
        ({"z": 4, "y": 1}, {"z": 0.5, "y": 0.5}, True),
        ({"z": 2}, {"z": 0.5, "y": 0.5}, True),
        ({"z": 2}, {}, True),
    ],
)
def test_when_hints_no_longer_fit(counts: dict[str, int], ratios: dict[str, float], expected: bool) -> None:
    assert is_overloaded(counts, ratios) is expected


@pytest.mark.parametrize(
    ("annotations", "wanted"),
    [
        ({}, False),
        ({"service.kubernetes.io/topology-mode": "auto"}, True),
        ({"service.kubernetes.io/topology-mode": "Disabled"}, False),
        ({"service.kubernetes.io/topology-aware-hints": "no", "service.kubernetes.io/topology-mode": "Auto"}, False),
    ],
)
def test_who_wants_them(annotations: dict[str, str], wanted: bool) -> None:
    assert wants_topology(annotations) is wanted
