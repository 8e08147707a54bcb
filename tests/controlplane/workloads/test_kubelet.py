"""Pods that run as soon as they are there."""

from typing import Any

import pytest

from resolver.controlplane.resources import NODES, PODS
from tests.support.workload_world import WorkloadWorld, condition, ips, template


@pytest.fixture
def world() -> WorkloadWorld:
    return WorkloadWorld()


def bare(name: str = "a", **parts: Any) -> dict[str, Any]:
    found = template(**parts)
    return {"metadata": {"name": name, **found["metadata"]}, "spec": found["spec"]}


def test_a_bare_pod_runs_with_addresses_of_both_families(world: WorkloadWorld) -> None:
    world.make(PODS, bare())
    pod = world.pods()["a"]
    assert (pod["spec"]["nodeName"], pod["status"]["phase"]) == ("node-1", "Running")
    assert ips(pod) == ["10.244.0.2", "fd00:10:244::2"]
    assert pod["status"]["podIP"] == "10.244.0.2"
    assert condition(pod, "Ready")["status"] == "True"
    (container,) = pod["status"]["containerStatuses"]
    assert (container["ready"], list(container["state"])) == (True, ["running"])


def test_addresses_stand_in_the_order_of_the_ranges() -> None:
    world = WorkloadWorld("fd00:10:244::/56", "10.244.0.0/16")
    world.make(PODS, bare())
    assert ips(world.pods()["a"]) == ["fd00:10:244::2", "10.244.0.2"]


def test_one_range_gives_one_address() -> None:
    world = WorkloadWorld("10.244.0.0/16")
    world.make(PODS, bare())
    assert ips(world.pods()["a"]) == ["10.244.0.2"]


def test_pods_spread_over_the_nodes_and_say_their_zone(world: WorkloadWorld) -> None:
    for name in "abcd":
        world.make(PODS, bare(name))
    pods = world.pods().values()
    assert [each["spec"]["nodeName"] for each in pods] == ["node-1", "node-2", "node-3", "node-1"]
    zones = [each["metadata"]["labels"]["topology.kubernetes.io/zone"] for each in pods]
    assert zones == ["zone-a", "zone-b", "zone-c", "zone-a"]


def test_no_two_pods_have_one_address_and_what_is_free_is_not_had_again_at_once(world: WorkloadWorld) -> None:
    for number in range(6):
        world.make(PODS, bare(f"p{number}", nodeName="node-1"))
    world.take_away(PODS, "p0")
    world.make(PODS, bare("late", nodeName="node-1"))
    found = [each for pod in world.pods().values() for each in ips(pod)]
    assert len(set(found)) == len(found) == 12
    assert ips(world.pods()["late"])[0] == "10.244.0.8"


def test_a_pod_of_the_hosts_network_has_the_nodes_addresses(world: WorkloadWorld) -> None:
    world.make(PODS, bare(hostNetwork=True))
    status = world.pods()["a"]["status"]
    assert status["podIPs"] == status["hostIPs"] == [{"ip": "198.18.0.10"}, {"ip": "2001:db8:0:1::10"}]


def test_hostname_and_subdomain_are_kept(world: WorkloadWorld) -> None:
    world.make(PODS, bare(hostname="a-0", subdomain="web"))
    spec = world.pods()["a"]["spec"]
    assert (spec["hostname"], spec["subdomain"]) == ("a-0", "web")


def test_a_node_selector_is_heeded(world: WorkloadWorld) -> None:
    world.make(PODS, bare(nodeSelector={"topology.kubernetes.io/zone": "zone-c"}))
    world.make(PODS, bare("b", nodeSelector={"disk": "fast"}))
    assert world.pods()["a"]["spec"]["nodeName"] == "node-3"
    waiting = world.pods()["b"]
    assert (waiting["status"]["phase"], condition(waiting, "PodScheduled")["status"]) == ("Pending", "False")
    assert "spec.nodeSelector" in condition(waiting, "PodScheduled")["message"]
    world.make(NODES, {"metadata": {"name": "quick", "labels": {"disk": "fast"}}})
    assert world.pods()["b"]["spec"]["nodeName"] == "quick"


def test_a_users_own_nodes_come_first(world: WorkloadWorld) -> None:
    world.make(NODES, {"metadata": {"name": "mine"}})
    for name in "ab":
        world.make(PODS, bare(name))
    assert {each["spec"]["nodeName"] for each in world.pods().values()} == {"mine"}


def test_a_node_that_a_pod_names_joins_unless_a_user_has_brought_nodes(world: WorkloadWorld) -> None:
    world.make(PODS, bare(nodeName="worker-7"))
    assert (world.pods()["a"]["status"]["phase"], ips(world.pods()["a"])[0]) == ("Running", "10.244.3.2")
    world.make(NODES, {"metadata": {"name": "mine"}})
    world.make(PODS, bare("b", nodeName="worker-8"))
    assert condition(world.pods()["b"], "PodScheduled")["message"] == "there is no node worker-8"


def test_a_cluster_that_is_full_grows_and_then_says_that_it_is_full() -> None:
    world = WorkloadWorld("10.244.0.0/27")
    for number in range(30):
        world.api.create(PODS, "shop", bare(f"p{number:02}"))
    world.settle()
    running = [each for each in world.pods().values() if each["status"]["phase"] == "Running"]
    nodes = {each["metadata"]["name"] for each in world.objects(NODES)}
    assert (len(running), nodes) == (20, {"node-1", "node-2", "node-3", "node-4"})
    waiting = next(each for each in world.pods().values() if each["status"]["phase"] == "Pending")
    assert condition(waiting, "PodScheduled")["message"] == "no address is left in the cluster's Pod ranges"
    world.take_away(PODS, running[0]["metadata"]["name"])
    assert sum(each["status"]["phase"] == "Running" for each in world.pods().values()) == 20


def test_a_deleted_pod_is_gone_at_once_unless_a_finalizer_holds_it(world: WorkloadWorld) -> None:
    world.make(PODS, bare())
    world.take_away(PODS, "a")
    assert world.pods() == {}
    held = bare()
    held["metadata"]["finalizers"] = ["x.example/hold"]
    world.make(PODS, held)
    world.take_away(PODS, "a")
    assert "deletionTimestamp" in world.pods()["a"]["metadata"]


def test_a_status_that_someone_writes_is_not_written_over(world: WorkloadWorld) -> None:
    world.make(PODS, bare())
    world.set_ready("a", False)
    world.make(PODS, bare("b"))
    assert condition(world.pods()["a"], "Ready")["status"] == "False"


def test_a_status_that_was_there_first_stays_and_the_pod_gets_a_node(world: WorkloadWorld) -> None:
    pod = bare()
    status = {"phase": "Running", "podIP": "10.9.9.9", "podIPs": [{"ip": "10.9.9.9"}]}
    metadata = {**pod["metadata"], "namespace": "shop"}
    world.put({**pod, "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": status})
    world.settle()
    found = world.pods()["a"]
    assert (ips(found), found["spec"]["nodeName"], found["status"].get("conditions")) == (["10.9.9.9"], "node-1", None)


@pytest.mark.parametrize(
    ("annotations", "phase", "ready", "addresses"),
    [
        ({"dualdns.dev/ready": "false"}, "Running", "False", ["10.244.0.2", "fd00:10:244::2"]),
        ({"dualdns.dev/phase": "Succeeded"}, "Succeeded", "False", ["10.244.0.2", "fd00:10:244::2"]),
        ({"dualdns.dev/phase": "Pending"}, "Pending", None, []),
        ({"dualdns.dev/pod-ips": "192.0.2.7, 2001:DB8::7"}, "Running", "True", ["192.0.2.7", "2001:db8::7"]),
        ({"dualdns.dev/pod-ips": "2001:db8::7"}, "Running", "True", ["2001:db8::7"]),
    ],
)
def test_annotations_steer_a_pod(
    world: WorkloadWorld, annotations: dict[str, str], phase: str, ready: str | None, addresses: list[str]
) -> None:
    world.make(PODS, bare(annotations=annotations))
    pod = world.pods()["a"]
    assert (pod["status"]["phase"], condition(pod, "Ready").get("status"), ips(pod)) == (phase, ready, addresses)


def test_groups_of_addresses_are_taken_one_by_one(world: WorkloadWorld) -> None:
    annotations = {"dualdns.dev/pod-ips": "192.0.2.1,2001:db8::1; 192.0.2.2,2001:db8::2"}
    for name in "abc":
        world.make(PODS, bare(name, annotations=annotations))
    assert [ips(each)[0] for each in world.pods().values()] == ["192.0.2.1", "192.0.2.2", "10.244.2.2"]


def test_an_annotation_that_makes_no_sense_keeps_the_pod_waiting_and_says_what_to_write(world: WorkloadWorld) -> None:
    world.make(PODS, bare(annotations={"dualdns.dev/ready": "no"}))
    assert condition(world.pods()["a"], "PodScheduled")["message"].endswith('write "true" or "false"')


def test_annotations_of_a_running_pod_are_followed(world: WorkloadWorld) -> None:
    world.make(PODS, bare())
    world.annotate("a", ready="false")
    assert condition(world.pods()["a"], "Ready")["status"] == "False"
    world.annotate("a", ready="true")
    assert condition(world.pods()["a"], "Ready")["status"] == "True"
    world.annotate("a", phase="Succeeded")
    pod = world.pods()["a"]
    assert (pod["status"]["phase"], list(pod["status"]["containerStatuses"][0]["state"])) == (
        "Succeeded",
        ["terminated"],
    )


def test_sidecars_run_and_other_init_containers_are_done(world: WorkloadWorld) -> None:
    first = [{"name": "side", "image": "x", "restartPolicy": "Always"}, {"name": "setup", "image": "x"}]
    world.make(PODS, bare(initContainers=first))
    states = {each["name"]: list(each["state"]) for each in world.pods()["a"]["status"]["initContainerStatuses"]}
    assert states == {"side": ["running"], "setup": ["terminated"]}
