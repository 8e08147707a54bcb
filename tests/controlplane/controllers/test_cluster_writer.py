"""How controllers write."""

import pytest

from resolver.controlplane.resources import CONFIG_MAPS, PODS
from resolver.controlplane.status_error import StatusError
from tests.support.controller_world import ControllerWorld


def test_a_new_object_needs_no_more_than_what_it_says() -> None:
    world = ControllerWorld()
    stored = world.writer.create(CONFIG_MAPS, {"metadata": {"name": "a", "namespace": "shop"}, "data": {"k": "v"}})
    assert (stored.object["kind"], stored.object["data"]) == ("ConfigMap", {"k": "v"})


def test_an_update_that_says_the_same_is_none() -> None:
    world = ControllerWorld()
    pod = world.pod("a", containers=[{"name": "main", "image": "x"}])
    version = world.store.version
    assert world.writer.overwrite(pod, pod.copy()) is pod
    assert world.store.version == version


def test_what_the_api_refuses_is_refused() -> None:
    world = ControllerWorld()
    with pytest.raises(StatusError, match="not found"):
        world.writer.create(PODS, {"metadata": {"name": "a", "namespace": "nowhere"}, "spec": {"containers": []}})


def test_an_overwrite_asks_nobody() -> None:
    world = ControllerWorld()
    pod = world.pod("a", nodeName="")
    value = pod.copy()
    value["spec"]["nodeName"] = "node-b"
    assert world.writer.overwrite(pod, value).object["spec"]["nodeName"] == "node-b"
