"""Which controllers a cluster has."""

from resolver.controlplane.controller_set import ControllerSettings, controller_set
from resolver.controlplane.workloads.pod_ranges import pod_ranges
from tests.support.controller_world import ControllerWorld

ALWAYS = ["namespaces", "endpoint slices", "mirrored endpoint slices", "endpoints", "garbage"]


def names(settings: ControllerSettings) -> list[str]:
    world = ControllerWorld(started=False)
    made = controller_set(world.index, world.writer, lambda: world.now, settings)
    assert (made.nodes is None) == (settings.pod_ranges is None)
    return [each.name for each in made.reconcilers]


def test_without_pod_ranges_nothing_is_simulated() -> None:
    assert names(ControllerSettings()) == ALWAYS


def test_pods_are_run_before_those_that_make_them_and_endpoints_come_after_both() -> None:
    found = names(ControllerSettings(pod_ranges=pod_ranges(["10.244.0.0/16"])))
    assert [each for each in found if each in ALWAYS] == ALWAYS
    assert found.index("pods") < found.index("replica sets") < found.index("deployments") < found.index("endpoints")
