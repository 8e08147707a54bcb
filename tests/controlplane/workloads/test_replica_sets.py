"""ReplicaSets."""

import pytest

from resolver import limits
from resolver.controlplane.resources import PODS, REPLICA_SETS
from resolver.controlplane.write_request import ORPHAN, DeleteOptions
from tests.support.workload_world import WorkloadWorld, condition, template, workload


@pytest.fixture
def world() -> WorkloadWorld:
    return WorkloadWorld()


def test_there_are_as_many_pods_as_it_says_and_their_names_are_stable(world: WorkloadWorld) -> None:
    world.make(REPLICA_SETS, workload(replicas=3))
    other = WorkloadWorld()
    other.make(REPLICA_SETS, workload(replicas=3))
    assert len(world.pods()) == 3
    assert list(world.pods()) == list(other.pods())
    assert all(name.startswith("web-") and len(name) == len("web-") + 5 for name in world.pods())


def test_pods_say_whose_they_are(world: WorkloadWorld) -> None:
    made = world.make(REPLICA_SETS, workload())
    (pod,) = world.pods().values()
    (owner,) = pod["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"], owner["controller"]) == ("ReplicaSet", made.object["metadata"]["uid"], True)
    assert (pod["metadata"]["generateName"], pod["metadata"]["labels"]["app"]) == ("web-", "web")


def test_its_status_counts(world: WorkloadWorld) -> None:
    world.make(REPLICA_SETS, workload(replicas=2))
    counts = {"replicas": 2, "fullyLabeledReplicas": 2, "readyReplicas": 2, "availableReplicas": 2}
    assert world.status(REPLICA_SETS) == {**counts, "observedGeneration": 1}
    world.set_ready(next(iter(world.pods())), False)
    assert world.status(REPLICA_SETS)["readyReplicas"] == 1


@pytest.mark.parametrize("replicas", [0, 1, 5, 2 * limits.PODS_AT_ONCE + 1])
def test_it_is_scaled(world: WorkloadWorld, replicas: int) -> None:
    world.make(REPLICA_SETS, workload(replicas=3))
    world.change(REPLICA_SETS, "web", replicas=replicas)
    assert len(world.pods()) == replicas
    assert world.status(REPLICA_SETS)["replicas"] == replicas


def test_a_pod_that_is_deleted_or_finished_is_replaced_by_one_of_another_name(world: WorkloadWorld) -> None:
    world.make(REPLICA_SETS, workload(replicas=2))
    first, second = world.pods()
    world.take_away(PODS, first)
    assert first not in world.pods()
    world.annotate(second, phase="Failed")
    assert sum(each["status"]["phase"] == "Running" for each in world.pods().values()) == 2


def test_pods_that_are_missed_least_go_first(world: WorkloadWorld) -> None:
    world.make(REPLICA_SETS, workload(replicas=4))
    unready, _, cheap, _ = world.pods()
    world.set_ready(unready, False)
    value = world.api.get(PODS, "shop", cheap).copy()
    value["metadata"]["annotations"] = {"controller.kubernetes.io/pod-deletion-cost": "-5"}
    world.api.update(PODS, "shop", cheap, value)
    world.change(REPLICA_SETS, "web", replicas=3)
    assert unready not in world.pods()
    world.change(REPLICA_SETS, "web", replicas=2)
    assert cheap not in world.pods()


def test_its_pods_go_with_it_or_live_on_and_are_adopted(world: WorkloadWorld) -> None:
    world.make(REPLICA_SETS, workload(replicas=2))
    before = list(world.pods())
    world.api.delete(REPLICA_SETS, "shop", "web", DeleteOptions(propagation=ORPHAN))
    world.settle()
    assert list(world.pods()) == before
    again = world.make(REPLICA_SETS, workload(replicas=2))
    owners = {each["metadata"]["ownerReferences"][0]["uid"] for each in world.pods().values()}
    assert (list(world.pods()), owners) == (before, {again.object["metadata"]["uid"]})
    world.take_away(REPLICA_SETS, "web")
    assert world.pods() == {}


def test_a_pod_whose_labels_no_longer_match_is_set_free_and_replaced(world: WorkloadWorld) -> None:
    world.make(REPLICA_SETS, workload())
    (name,) = world.pods()
    value = world.api.get(PODS, "shop", name).copy()
    value["metadata"]["labels"]["app"] = "quarantine"
    world.api.update(PODS, "shop", name, value)
    world.settle()
    assert len(world.pods()) == 2
    assert "ownerReferences" not in world.pods()[name]["metadata"]


def test_a_selector_may_have_expressions(world: WorkloadWorld) -> None:
    expressions = [{"key": "app", "operator": "In", "values": ["web", "shop"]}]
    world.make(REPLICA_SETS, workload(selector={"matchLabels": {"app": "web"}, "matchExpressions": expressions}))
    assert len(world.pods()) == 1


def test_pods_the_api_refuses_are_told_in_the_status(world: WorkloadWorld) -> None:
    world.make(REPLICA_SETS, workload(template=template(priorityClassName="never-heard-of")))
    found = world.api.get(REPLICA_SETS, "shop", "web").object
    failure = condition(found, "ReplicaFailure")
    assert (failure["reason"], "never-heard-of" in failure["message"]) == ("FailedCreate", True)
