"""Deployments and their rollouts."""

from typing import Any

import pytest

from resolver.controlplane.resources import DEPLOYMENTS, PODS, REPLICA_SETS
from resolver.controlplane.write_request import ORPHAN, DeleteOptions
from tests.support.workload_world import WorkloadWorld, condition, template, workload

REVISION = "deployment.kubernetes.io/revision"


@pytest.fixture
def world() -> WorkloadWorld:
    return WorkloadWorld()


def sizes(world: WorkloadWorld) -> dict[str, int]:
    """Replicas by revision."""
    sets = world.objects(REPLICA_SETS, "shop")
    return {each["metadata"]["annotations"][REVISION]: each["spec"]["replicas"] for each in sets}


def progress(world: WorkloadWorld) -> dict[str, Any]:
    return condition(world.api.get(DEPLOYMENTS, "shop", "web").object, "Progressing")


def test_a_deployment_makes_a_replica_set_whose_name_depends_on_the_template_alone(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(replicas=2))
    (made,) = world.objects(REPLICA_SETS, "shop")
    code = made["metadata"]["labels"]["pod-template-hash"]
    assert made["metadata"]["name"] == f"web-{code}"
    assert made["spec"]["selector"]["matchLabels"] == {"app": "web", "pod-template-hash": code}
    assert made["spec"]["template"]["metadata"]["labels"] == {"app": "web", "pod-template-hash": code}
    other = WorkloadWorld()
    other.make(DEPLOYMENTS, workload(replicas=2))
    assert list(other.pods()) == list(world.pods())


def test_its_status_is_enough_for_kubectl(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(replicas=2))
    found = world.api.get(DEPLOYMENTS, "shop", "web").object
    status = found["status"]
    assert status["observedGeneration"] == found["metadata"]["generation"]
    assert [status[each] for each in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")] == [2] * 4
    assert "unavailableReplicas" not in status
    assert condition(found, "Available")["reason"] == "MinimumReplicasAvailable"
    assert progress(world)["reason"] == "NewReplicaSetAvailable"
    assert found["metadata"]["annotations"][REVISION] == "1"


def test_it_is_scaled(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(replicas=1))
    for replicas in (4, 2, 0):
        world.change(DEPLOYMENTS, "web", replicas=replicas)
        assert (len(world.pods()), sizes(world)) == (replicas, {"1": replicas})


def test_another_template_replaces_all_pods(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(replicas=3))
    before = set(world.pods())
    world.change(DEPLOYMENTS, "web", template=template(annotations={"kubectl.kubernetes.io/restartedAt": "now"}))
    assert len(world.pods()) == 3
    assert before.isdisjoint(world.pods())
    assert sizes(world) == {"1": 0, "2": 3}


def test_the_old_template_comes_back_with_a_new_revision(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(replicas=2))
    before = world.api.get(DEPLOYMENTS, "shop", "web").object["spec"]["template"]
    world.change(DEPLOYMENTS, "web", template=template(hostname="other"))
    world.change(DEPLOYMENTS, "web", template=before)
    assert sizes(world) == {"2": 0, "3": 2}


def test_a_rollout_stops_where_new_pods_do_not_become_ready(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(replicas=4))
    world.change(DEPLOYMENTS, "web", template=template(annotations={"dualdns.dev/ready": "false"}))
    assert sizes(world) == {"1": 3, "2": 2}
    assert progress(world)["reason"] == "ReplicaSetUpdated"
    status = world.status(DEPLOYMENTS)
    assert (status["updatedReplicas"], status["availableReplicas"], status["unavailableReplicas"]) == (2, 3, 2)
    world.change(DEPLOYMENTS, "web", template=template())
    assert len(world.pods()) == 4
    assert progress(world)["reason"] == "NewReplicaSetAvailable"


def test_pods_that_become_unready_later_are_no_rollout(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(replicas=1))
    world.set_ready(next(iter(world.pods())), False)
    found = world.api.get(DEPLOYMENTS, "shop", "web").object
    assert condition(found, "Available")["status"] == "False"
    assert progress(world)["reason"] == "NewReplicaSetAvailable"


def test_recreate_waits_until_all_old_pods_are_gone(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(replicas=2, strategy={"type": "Recreate"}))
    held = next(iter(world.pods()))
    value = world.api.get(PODS, "shop", held).copy()
    value["metadata"]["finalizers"] = ["x.example/hold"]
    world.api.update(PODS, "shop", held, value)
    world.change(DEPLOYMENTS, "web", template=template(hostname="other"))
    assert sizes(world) in ({"1": 0}, {"1": 0, "2": 2})
    value = world.api.get(PODS, "shop", held).copy()
    value["metadata"]["finalizers"] = []
    world.api.update(PODS, "shop", held, value)
    world.settle()
    assert (sizes(world), len(world.pods())) == ({"1": 0, "2": 2}, 2)


def test_a_paused_deployment_is_scaled_but_not_rolled_out(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(replicas=1))
    world.change(DEPLOYMENTS, "web", paused=True, replicas=2, template=template(hostname="other"))
    assert sizes(world) == {"1": 2}
    world.change(DEPLOYMENTS, "web", paused=False)
    assert sizes(world) == {"1": 0, "2": 2}


def test_old_replica_sets_are_kept_up_to_the_limit(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(replicas=1, revisionHistoryLimit=1))
    for name in ("one", "two", "three"):
        world.change(DEPLOYMENTS, "web", template=template(hostname=name))
    assert sizes(world) == {"3": 0, "4": 1}


def test_everything_goes_with_it_or_lives_on_and_is_adopted(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(replicas=2))
    before = list(world.pods())
    world.api.delete(DEPLOYMENTS, "shop", "web", DeleteOptions(propagation=ORPHAN))
    world.settle()
    assert list(world.pods()) == before
    world.make(DEPLOYMENTS, workload(replicas=2))
    assert (list(world.pods()), len(world.objects(REPLICA_SETS, "shop"))) == (before, 1)
    world.take_away(DEPLOYMENTS, "web")
    assert (world.pods(), world.objects(REPLICA_SETS, "shop")) == ({}, [])


def test_annotations_are_handed_on_but_for_those_of_kubectl(world: WorkloadWorld) -> None:
    document = workload()
    told = {"shop.example/owner": "team-a", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
    document["metadata"]["annotations"] = told
    world.make(DEPLOYMENTS, document)
    (made,) = world.objects(REPLICA_SETS, "shop")
    assert made["metadata"]["annotations"]["shop.example/owner"] == "team-a"
    assert "kubectl.kubernetes.io/last-applied-configuration" not in made["metadata"]["annotations"]


def test_pods_the_api_refuses_are_told_in_the_status(world: WorkloadWorld) -> None:
    world.make(DEPLOYMENTS, workload(template=template(priorityClassName="never-heard-of")))
    found = world.api.get(DEPLOYMENTS, "shop", "web").object
    assert condition(found, "ReplicaFailure")["reason"] == "FailedCreate"
