"""A namespace that is deleted."""

import pytest

from resolver import limits
from resolver.controlplane.resources import CONFIG_MAPS, ENDPOINT_SLICES, NAMESPACES, PODS, SERVICES
from resolver.controlplane.status_error import StatusError
from tests.support.controller_world import ControllerWorld


@pytest.fixture
def world() -> ControllerWorld:
    return ControllerWorld()


def conditions(world: ControllerWorld) -> dict[str, tuple[str, str]]:
    found = world.api.get(NAMESPACES, "", "shop").object["status"]["conditions"]
    return {each["type"]: (each["status"], each["message"]) for each in found}


def config_map(world: ControllerWorld, name: str, *finalizers: str) -> None:
    metadata = {"name": name, "namespace": "shop", "finalizers": list(finalizers)}
    world.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})


def test_all_of_it_goes_and_then_the_namespace(world: ControllerWorld) -> None:
    world.service()
    world.pod("a", "10.143.0.1")
    world.settle()
    for number in range(3 * limits.DELETED_AT_ONCE):
        config_map(world, f"c{number}")
    world.api.delete(NAMESPACES, "", "shop")
    world.settle()
    assert world.store.get(NAMESPACES, "", "shop") is None
    for resource in (SERVICES, PODS, CONFIG_MAPS, ENDPOINT_SLICES):
        assert not world.objects(resource, "shop")
    assert not world.refused


def test_other_namespaces_are_left_alone(world: ControllerWorld) -> None:
    world.pod("a", "10.143.0.1", meta={"namespace": "default"})
    world.api.delete(NAMESPACES, "", "shop")
    world.settle()
    assert [each["metadata"]["name"] for each in world.objects(PODS, "default")] == ["a"]


def test_nothing_new_comes_in_while_it_terminates(world: ControllerWorld) -> None:
    config_map(world, "held", "x.example/hold")
    world.api.delete(NAMESPACES, "", "shop")
    world.settle()
    with pytest.raises(StatusError, match="because it is being terminated"):
        world.api.create(CONFIG_MAPS, "shop", {"metadata": {"name": "late"}})


def test_it_waits_for_finalizers_and_says_so(world: ControllerWorld) -> None:
    config_map(world, "held", "x.example/hold")
    config_map(world, "free")
    world.api.delete(NAMESPACES, "", "shop")
    world.settle()
    told = conditions(world)
    remaining = "Some resources are remaining: configmaps. has 1 resource instances"
    assert told["NamespaceContentRemaining"] == ("True", remaining)
    words = "Some content in the namespace has finalizers remaining: x.example/hold in 1 resource instances"
    assert told["NamespaceFinalizersRemaining"] == ("True", words)
    assert told["NamespaceDeletionDiscoveryFailure"] == ("False", "All resources successfully discovered")
    held = world.api.get(CONFIG_MAPS, "shop", "held").copy()
    del held["metadata"]["finalizers"]
    world.api.update(CONFIG_MAPS, "shop", "held", held)
    world.settle()
    assert world.store.get(NAMESPACES, "", "shop") is None


def test_the_rest_waits_for_pods(world: ControllerWorld) -> None:
    world.pod("held", "10.143.0.1", meta={"finalizers": ["x.example/hold"]})
    config_map(world, "other")
    world.api.delete(NAMESPACES, "", "shop")
    world.settle()
    assert len(world.objects(CONFIG_MAPS, "shop")) == 1
    assert {status for status, _ in conditions(world).values()} == {"False"}
    world.remove(PODS, "held")
    world.settle()
    assert world.store.get(NAMESPACES, "", "shop") is None


def test_a_finalizer_of_someone_else_keeps_the_empty_namespace(world: ControllerWorld) -> None:
    spec = {"finalizers": ["x.example/hold"]}
    world.api.create(NAMESPACES, "", {"metadata": {"name": "held"}, "spec": spec})
    world.api.delete(NAMESPACES, "", "held")
    world.settle()
    assert world.api.get(NAMESPACES, "", "held").object["spec"] == spec
