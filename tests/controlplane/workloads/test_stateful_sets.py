"""StatefulSets."""

import pytest

from resolver.controlplane.resources import PODS, SERVICES, STATEFUL_SETS
from tests.support.workload_world import WorkloadWorld, template, workload


@pytest.fixture
def world() -> WorkloadWorld:
    return WorkloadWorld()


def revisions(world: WorkloadWorld) -> list[str]:
    """The revision of each Pod, in the order of their names."""
    return [each["metadata"]["labels"]["controller-revision-hash"] for each in world.pods().values()]


def test_pods_have_fixed_names_and_say_so(world: WorkloadWorld) -> None:
    world.make(STATEFUL_SETS, workload(replicas=3, serviceName="nodes"))
    assert list(world.pods()) == ["web-0", "web-1", "web-2"]
    pod = world.pods()["web-1"]
    assert (pod["spec"]["hostname"], pod["spec"]["subdomain"]) == ("web-1", "nodes")
    assert pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] == "web-1"
    assert pod["metadata"]["labels"]["apps.kubernetes.io/pod-index"] == "1"


def test_endpoints_of_its_service_carry_the_hostnames_in_both_families(world: WorkloadWorld) -> None:
    world.make(STATEFUL_SETS, workload(replicas=2, serviceName="nodes"))
    spec = {"clusterIP": "None", "ipFamilyPolicy": "RequireDualStack", "selector": {"app": "web"}}
    world.make(SERVICES, {"metadata": {"name": "nodes"}, "spec": spec})
    for family in ("IPv4", "IPv6"):
        assert sorted(each["hostname"] for each in world.shown(family).values()) == ["web-0", "web-1"]


def test_its_status_is_enough_for_kubectl(world: WorkloadWorld) -> None:
    world.make(STATEFUL_SETS, workload(replicas=2))
    status = world.status(STATEFUL_SETS)
    assert status["currentRevision"] == status["updateRevision"] == revisions(world)[0]
    counts = ("replicas", "readyReplicas", "availableReplicas", "currentReplicas", "updatedReplicas")
    assert [status[each] for each in counts] == [2] * 5
    assert status["observedGeneration"] == 1


def test_numbers_may_begin_elsewhere(world: WorkloadWorld) -> None:
    world.make(STATEFUL_SETS, workload(replicas=2, ordinals={"start": 5}))
    assert list(world.pods()) == ["web-5", "web-6"]


def test_pods_come_one_after_the_other_as_each_is_ready(world: WorkloadWorld) -> None:
    world.make(STATEFUL_SETS, workload(replicas=3, template=template(annotations={"dualdns.dev/ready": "false"})))
    assert list(world.pods()) == ["web-0"]
    world.annotate("web-0", ready="true")
    assert list(world.pods()) == ["web-0", "web-1"]


def test_parallel_ones_do_not_wait(world: WorkloadWorld) -> None:
    unready = template(annotations={"dualdns.dev/ready": "false"})
    world.make(STATEFUL_SETS, workload(replicas=3, podManagementPolicy="Parallel", template=unready))
    assert len(world.pods()) == 3
    world.change(STATEFUL_SETS, "web", replicas=1)
    assert list(world.pods()) == ["web-0"]


def test_it_is_scaled_from_the_end(world: WorkloadWorld) -> None:
    world.make(STATEFUL_SETS, workload(replicas=3))
    world.change(STATEFUL_SETS, "web", replicas=1)
    assert list(world.pods()) == ["web-0"]
    world.change(STATEFUL_SETS, "web", replicas=2)
    assert list(world.pods()) == ["web-0", "web-1"]


def test_a_pod_that_is_deleted_or_finished_comes_back_under_its_name(world: WorkloadWorld) -> None:
    world.make(STATEFUL_SETS, workload(replicas=2))
    before = {name: each["metadata"]["uid"] for name, each in world.pods().items()}
    world.take_away(PODS, "web-0")
    world.annotate("web-1", phase="Failed")
    after = {name: each["metadata"]["uid"] for name, each in world.pods().items()}
    assert list(after) == list(before)
    assert set(after.values()).isdisjoint(before.values())


def test_another_template_replaces_all_pods(world: WorkloadWorld) -> None:
    world.make(STATEFUL_SETS, workload(replicas=3))
    old = revisions(world)[0]
    world.change(STATEFUL_SETS, "web", template=template(hostname="ignored"))
    assert old not in revisions(world)
    status = world.status(STATEFUL_SETS)
    assert (status["currentRevision"], status["updatedReplicas"]) == (revisions(world)[0], 3)


def test_an_update_stops_at_the_partition_and_at_a_pod_that_is_not_ready(world: WorkloadWorld) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    world.make(STATEFUL_SETS, workload(replicas=3, updateStrategy=rolling))
    old = revisions(world)[0]
    world.change(STATEFUL_SETS, "web", template=template(annotations={"x": "1"}))
    assert revisions(world)[0] == old
    assert old not in revisions(world)[1:]
    status = world.status(STATEFUL_SETS)
    assert (status["currentRevision"], status["currentReplicas"], status["updatedReplicas"]) == (old, 1, 2)
    world.take_away(PODS, "web-0")
    assert revisions(world)[0] == old
    world.change(STATEFUL_SETS, "web", template=template(annotations={"dualdns.dev/ready": "false"}))
    assert len(set(revisions(world))) == 3


def test_on_delete_leaves_pods_alone(world: WorkloadWorld) -> None:
    world.make(STATEFUL_SETS, workload(replicas=2, updateStrategy={"type": "OnDelete"}))
    old = revisions(world)[0]
    world.change(STATEFUL_SETS, "web", template=template(annotations={"x": "1"}))
    assert revisions(world) == [old, old]
    world.take_away(PODS, "web-1")
    assert revisions(world)[1] != old


def test_claims_become_volumes(world: WorkloadWorld) -> None:
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
    mount = [{"name": "data", "mountPath": "/data"}]
    containers = [{"name": "main", "image": "x", "volumeMounts": mount}]
    world.make(STATEFUL_SETS, workload(volumeClaimTemplates=[claim], template=template(containers=containers)))
    assert world.pods()["web-0"]["spec"]["volumes"] == [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data-web-0"}}
    ]


def test_its_pods_go_with_it(world: WorkloadWorld) -> None:
    world.make(STATEFUL_SETS, workload(replicas=2))
    world.take_away(STATEFUL_SETS, "web")
    assert world.pods() == {}
