"""DaemonSets."""

import pytest

from resolver.controlplane.resources import DAEMON_SETS, NODES, PODS
from tests.support.workload_world import WorkloadWorld, ips, template, workload


@pytest.fixture
def world() -> WorkloadWorld:
    return WorkloadWorld()


def nodes(world: WorkloadWorld) -> list[str]:
    return sorted(each["spec"]["nodeName"] for each in world.pods().values())


def test_there_is_a_pod_on_each_node(world: WorkloadWorld) -> None:
    world.make(DAEMON_SETS, workload(template=template(hostNetwork=True)))
    assert nodes(world) == ["node-1", "node-2", "node-3"]
    assert sorted(ips(each)[0] for each in world.pods().values()) == ["198.18.0.10", "198.18.0.11", "198.18.0.12"]
    counts = ("currentNumberScheduled", "desiredNumberScheduled", "numberReady", "numberAvailable")
    assert [world.status(DAEMON_SETS)[each] for each in (*counts, "updatedNumberScheduled")] == [3] * 5


def test_nodes_that_come_and_go_are_followed(world: WorkloadWorld) -> None:
    world.make(DAEMON_SETS, workload())
    world.make(NODES, {"metadata": {"name": "mine"}})
    assert "mine" in nodes(world)
    world.remove(NODES, "mine", "")
    world.settle()
    assert nodes(world) == ["node-1", "node-2", "node-3"]


def test_a_node_selector_chooses(world: WorkloadWorld) -> None:
    world.make(DAEMON_SETS, workload(template=template(nodeSelector={"topology.kubernetes.io/zone": "zone-b"})))
    assert nodes(world) == ["node-2"]
    world.change(DAEMON_SETS, "web", template=template(nodeSelector={"topology.kubernetes.io/zone": "zone-c"}))
    assert nodes(world) == ["node-3"]


def test_a_deleted_pod_is_replaced_on_its_node(world: WorkloadWorld) -> None:
    world.make(DAEMON_SETS, workload())
    world.take_away(PODS, next(iter(world.pods())))
    assert nodes(world) == ["node-1", "node-2", "node-3"]


def test_another_template_replaces_pods_unless_that_is_left_to_the_user(world: WorkloadWorld) -> None:
    world.make(DAEMON_SETS, workload())
    before = set(world.pods())
    world.change(DAEMON_SETS, "web", template=template(annotations={"x": "1"}))
    assert before.isdisjoint(world.pods())
    assert nodes(world) == ["node-1", "node-2", "node-3"]
    before = set(world.pods())
    world.change(DAEMON_SETS, "web", updateStrategy={"type": "OnDelete"}, template=template(annotations={"x": "2"}))
    assert set(world.pods()) == before


def test_an_update_stops_at_pods_that_are_not_ready(world: WorkloadWorld) -> None:
    world.make(DAEMON_SETS, workload())
    before = set(world.pods())
    world.change(DAEMON_SETS, "web", template=template(annotations={"dualdns.dev/ready": "false"}))
    assert len(before & set(world.pods())) == 2
    status = world.status(DAEMON_SETS)
    assert (status["updatedNumberScheduled"], status["numberUnavailable"]) == (1, 1)


def test_its_pods_go_with_it(world: WorkloadWorld) -> None:
    world.make(DAEMON_SETS, workload())
    world.take_away(DAEMON_SETS, "web")
    assert world.pods() == {}
