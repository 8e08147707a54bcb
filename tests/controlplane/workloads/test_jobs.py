"""Jobs."""

from typing import Any

import pytest

from resolver.controlplane.resources import JOBS
from tests.support.workload_world import WorkloadWorld, condition, template


@pytest.fixture
def world() -> WorkloadWorld:
    return WorkloadWorld()


def job(**spec: Any) -> dict[str, Any]:
    parts = spec.pop("parts", {})
    return {
        "metadata": {"name": "sums"},
        "spec": {"template": template("sums", restartPolicy="Never", **parts), **spec},
    }


def running(world: WorkloadWorld) -> list[str]:
    return [name for name, each in world.pods().items() if each["status"]["phase"] == "Running"]


def test_its_pods_run_until_someone_says_they_are_done(world: WorkloadWorld) -> None:
    world.make(JOBS, job())
    (name,) = running(world)
    status = world.status(JOBS, "sums")
    assert (status["active"], status["ready"], "conditions" in status) == (1, 1, False)
    world.annotate(name, phase="Succeeded")
    found = world.api.get(JOBS, "shop", "sums").object
    assert (found["status"]["succeeded"], "active" in found["status"]) == (1, False)
    assert condition(found, "Complete")["reason"] == "CompletionsReached"
    assert running(world) == []


def test_so_many_run_at_a_time_until_enough_have_succeeded(world: WorkloadWorld) -> None:
    world.make(JOBS, job(completions=3, parallelism=2))
    for count in (2, 2, 1):
        assert len(running(world)) == count
        world.annotate(running(world)[0], phase="Succeeded")
    assert world.status(JOBS, "sums")["succeeded"] == 3


def test_one_that_fails_is_replaced_until_it_is_too_much(world: WorkloadWorld) -> None:
    world.make(JOBS, job(backoffLimit=1))
    world.annotate(running(world)[0], phase="Failed")
    assert len(running(world)) == 1
    world.annotate(running(world)[0], phase="Failed")
    found = world.api.get(JOBS, "shop", "sums").object
    assert condition(found, "Failed")["reason"] == "BackoffLimitExceeded"
    assert (running(world), "completionTime" in found["status"]) == ([], False)


def test_indexed_ones_have_numbers_and_host_names(world: WorkloadWorld) -> None:
    world.make(JOBS, job(completions=3, parallelism=2, completionMode="Indexed", parts={"subdomain": "sums"}))
    assert sorted(each["spec"]["hostname"] for each in world.pods().values()) == ["sums-0", "sums-1"]
    world.annotate(running(world)[0], phase="Succeeded")
    assert sorted(each["spec"]["hostname"] for each in world.pods().values()) == ["sums-0", "sums-1", "sums-2"]
    annotation = "batch.kubernetes.io/job-completion-index"
    assert sorted(each["metadata"]["annotations"][annotation] for each in world.pods().values()) == ["0", "1", "2"]


def test_a_suspended_one_has_no_pods(world: WorkloadWorld) -> None:
    world.make(JOBS, job(suspend=True))
    assert world.pods() == {}
    world.change(JOBS, "sums", suspend=False)
    assert len(running(world)) == 1
    world.change(JOBS, "sums", suspend=True)
    assert running(world) == []


def test_annotations_of_the_template_finish_it_at_once(world: WorkloadWorld) -> None:
    world.make(JOBS, job(completions=2, parts={"annotations": {"dualdns.dev/phase": "Succeeded"}}))
    assert world.status(JOBS, "sums")["succeeded"] == 2


def test_pods_carry_the_labels_of_their_job(world: WorkloadWorld) -> None:
    made = world.make(JOBS, job())
    (pod,) = world.pods().values()
    uid = made.object["metadata"]["uid"]
    labels = pod["metadata"]["labels"]
    assert (labels["batch.kubernetes.io/job-name"], labels["batch.kubernetes.io/controller-uid"]) == ("sums", uid)


def test_its_pods_go_with_it(world: WorkloadWorld) -> None:
    world.make(JOBS, job())
    world.take_away(JOBS, "sums")
    assert world.pods() == {}
