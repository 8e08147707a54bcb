"""Names of Pods."""

from resolver.controlplane.resources import PODS
from resolver.controlplane.workloads.pod_names import PodNames
from tests.support.controller_world import ControllerWorld


def test_names_go_on_and_leave_out_those_in_use() -> None:
    world = ControllerWorld()
    owner = world.service("web")
    names = PodNames(world.store)
    first, second = names.next(owner), names.next(owner)
    names.forget(owner.object["metadata"]["uid"])
    world.pod(first)
    assert names.next(owner) == second
    assert world.store.get(PODS, "shop", first) is not None


def test_long_prefixes_are_cut() -> None:
    world = ControllerWorld()
    owner = world.service("w" * 63)
    assert len(PodNames(world.store).next(owner)) == 63


def test_another_prefix_may_be_given() -> None:
    world = ControllerWorld()
    assert PodNames(world.store).next(world.service("web"), "web-7-").startswith("web-7-")
