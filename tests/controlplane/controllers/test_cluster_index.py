"""Where objects are found."""

from hypothesis import given
from hypothesis import strategies as st

from resolver import limits
from resolver.controlplane.controllers.cluster_index import Groups
from resolver.controlplane.resources import ENDPOINT_SLICES, PODS, SERVICES
from tests.support.controller_world import ControllerWorld


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 2 * limits.SMALL_GROUP))))
def test_groups_are_sets_by_key_in_the_order_of_coming(steps: list[tuple[bool, int, int]]) -> None:
    groups: Groups[int, int] = Groups()
    model: dict[int, dict[int, None]] = {}
    for adds, key, value in steps:
        if adds:
            groups.add(key, value)
            model.setdefault(key, {})[value] = None
        else:
            groups.discard(key, value)
            model.get(key, {}).pop(value, None)
    for key in range(3):
        assert groups.get(key) == tuple(model.get(key, {}))
        assert groups.size(key) == len(model.get(key, {}))


def test_pods_are_found_by_labels_and_services_by_pods() -> None:
    world = ControllerWorld()
    world.service("both", selector={"app": "web", "tier": "front"})
    world.service("one", selector={"app": "web"}, clusterIP="10.43.1.2")
    world.pod("a", labels={"app": "web", "tier": "front"})
    world.pod("b", labels={"app": "web"})
    index = world.index
    assert [pod.name for pod in index.pods_selected("shop", {"app": "web"})] == ["a", "b"]
    assert [pod.name for pod in index.pods_selected("shop", {"app": "web", "tier": "front"})] == ["a"]
    assert index.pods_selected("shop", {}) == index.pods_selected("default", {"app": "web"}) == []
    assert sorted(index.services_selecting(index.pods["shop/a"])) == ["shop/both", "shop/one"]
    assert list(index.services_selecting(index.pods["shop/b"])) == ["shop/one"]
    world.remove(SERVICES, "one")
    world.remove(PODS, "a")
    assert list(index.services_selecting(index.pods["shop/b"])) == []
    assert "shop/a" not in index.pods


def test_pods_are_found_by_node_and_address() -> None:
    world = ControllerWorld()
    world.pod("a", "10.0.0.1", "fd00:0::1", nodeName="node-a")
    index = world.index
    assert (index.pods_on("node-a"), index.pod_at("fd00::1"), index.pod_at("10.0.0.2")) == (1, "shop/a", "")
    world.remove(PODS, "a")
    assert (index.pods_on("node-a"), index.pod_at("10.0.0.1")) == (0, "")


def test_slices_are_found_by_their_label_while_they_have_it() -> None:
    world = ControllerWorld()
    metadata = {"name": "mine", "namespace": "shop", "labels": {"kubernetes.io/service-name": "web"}}
    document = {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata}
    world.put({**document, "addressType": "IPv4"})
    assert [each.name for each in world.index.slices_of("shop/web")] == ["mine"]
    world.put({**document, "addressType": "IPv4", "metadata": {**metadata, "labels": {}}})
    assert world.index.slices_of("shop/web") == []


def test_dependents_are_found_by_the_uid_of_their_owner() -> None:
    world = ControllerWorld()
    owner = world.service()
    world.settle()
    uid = owner.object["metadata"]["uid"]
    reference = {"apiVersion": "v1", "kind": "Service", "name": "web", "uid": uid}
    world.pod("a", meta={"ownerReferences": [reference]})
    found = world.index.dependents(SERVICES, "shop/web", uid)
    assert sorted(each.resource.plural for each in found) == ["endpointslices", "pods"]
    assert world.index.dependent_keys(uid) == ((PODS, "shop/a"),)
    assert world.index.dependents(SERVICES, "shop/web", "another") == []
    world.remove(ENDPOINT_SLICES, found[-1].name)
    world.remove(PODS, "a")
    assert world.index.dependents(SERVICES, "shop/web", uid) == []
