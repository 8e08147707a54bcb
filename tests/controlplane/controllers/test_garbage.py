"""What becomes of dependents."""

from typing import Any

import pytest

from resolver import limits
from resolver.controlplane.resources import CONFIG_MAPS, ENDPOINT_SLICES, SECRETS, SERVICES
from resolver.controlplane.write_request import BACKGROUND, FOREGROUND, ORPHAN, DeleteOptions
from tests.support.controller_world import ControllerWorld


@pytest.fixture
def world() -> ControllerWorld:
    return ControllerWorld()


def reference(name: str, uid: str, *, blocks: bool = False) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": uid, "blockOwnerDeletion": blocks}


def config_map(world: ControllerWorld, name: str, *owners: str, blocks: bool = False, hold: bool = False) -> str:
    """A ConfigMap owned by others; returns its uid."""
    uids = {each["metadata"]["name"]: each["metadata"]["uid"] for each in world.objects(CONFIG_MAPS, "shop")}
    references = [reference(each, uids.get(each, "uid-of-nobody"), blocks=blocks) for each in owners]
    finalizers = ["x.example/hold"] if hold else []
    metadata = {"name": name, "namespace": "shop", "ownerReferences": references, "finalizers": finalizers}
    uid: str = world.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}).object["metadata"]["uid"]
    return uid


def names(world: ControllerWorld) -> list[str]:
    return [each["metadata"]["name"] for each in world.objects(CONFIG_MAPS, "shop")]


def test_slices_go_with_their_service(world: ControllerWorld) -> None:
    world.service(ipFamilies=["IPv4", "IPv6"])
    world.settle()
    world.remove(SERVICES, "web")
    world.settle()
    assert world.objects(ENDPOINT_SLICES, "shop") == []


def test_in_the_background_the_owner_goes_first_and_everything_below_follows(world: ControllerWorld) -> None:
    config_map(world, "top")
    config_map(world, "middle", "top")
    for number in range(2 * limits.DELETED_AT_ONCE + 1):
        config_map(world, f"leaf-{number}", "middle")
    config_map(world, "other")
    world.settle()
    world.api.delete(CONFIG_MAPS, "shop", "top", DeleteOptions(propagation=BACKGROUND))
    assert "top" not in names(world)
    world.settle()
    assert names(world) == ["other"]


def test_in_the_foreground_the_owner_waits_for_those_that_block_it(world: ControllerWorld) -> None:
    config_map(world, "top")
    config_map(world, "held", "top", blocks=True, hold=True)
    config_map(world, "free", "top")
    world.api.delete(CONFIG_MAPS, "shop", "top", DeleteOptions(propagation=FOREGROUND))
    world.settle()
    assert names(world) == ["held", "top"]
    held = world.api.get(CONFIG_MAPS, "shop", "held").copy()
    del held["metadata"]["finalizers"]
    world.api.update(CONFIG_MAPS, "shop", "held", held)
    world.settle()
    assert names(world) == []


def test_in_the_foreground_nobody_waits_for_those_that_do_not_block(world: ControllerWorld) -> None:
    config_map(world, "top")
    config_map(world, "held", "top", hold=True)
    world.api.delete(CONFIG_MAPS, "shop", "top", DeleteOptions(propagation=FOREGROUND))
    world.settle()
    assert names(world) == ["held"]


def test_orphans_live_on_without_the_owner(world: ControllerWorld) -> None:
    config_map(world, "top")
    config_map(world, "below", "top")
    world.api.delete(CONFIG_MAPS, "shop", "top", DeleteOptions(propagation=ORPHAN))
    world.settle()
    assert names(world) == ["below"]
    assert "ownerReferences" not in world.objects(CONFIG_MAPS, "shop")[0]["metadata"]


def test_another_owner_keeps_a_dependent_alive(world: ControllerWorld) -> None:
    config_map(world, "one")
    config_map(world, "two")
    config_map(world, "below", "one", "two")
    world.api.delete(CONFIG_MAPS, "shop", "one")
    world.settle()
    found = world.api.get(CONFIG_MAPS, "shop", "below").object["metadata"]["ownerReferences"]
    assert [each["name"] for each in found] == ["two"]
    world.api.delete(CONFIG_MAPS, "shop", "two")
    world.settle()
    assert names(world) == []


def test_an_owner_of_the_same_name_with_another_uid_is_somebody_else(world: ControllerWorld) -> None:
    config_map(world, "top")
    config_map(world, "below", "top")
    world.remove(CONFIG_MAPS, "top")
    config_map(world, "top")
    world.settle()
    assert names(world) == ["top"]


def test_an_owner_nobody_has_seen_is_no_reason_to_delete(world: ControllerWorld) -> None:
    config_map(world, "below", "never")
    world.settle()
    assert names(world) == ["below"]


def test_kinds_that_are_not_served_own_nothing(world: ControllerWorld) -> None:
    owner = {"apiVersion": "x.example/v1", "kind": "Thing", "name": "t", "uid": "uid-t"}
    metadata = {"name": "below", "namespace": "shop", "ownerReferences": [owner]}
    world.put({"apiVersion": "v1", "kind": "Secret", "metadata": metadata})
    world.settle()
    assert len(world.objects(SECRETS, "shop")) == 1


def test_what_went_before_the_controllers_came_is_dealt_with_at_the_start() -> None:
    world = ControllerWorld(started=False)
    config_map(world, "top")
    config_map(world, "below", "top")
    world.remove(CONFIG_MAPS, "top")
    world.start()
    world.settle()
    assert names(world) == []
