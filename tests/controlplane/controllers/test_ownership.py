"""Who controls an object."""

import pytest

from resolver.controlplane.controllers.ownership import Selector, controller_of, controller_reference
from tests.support.controller_world import ControllerWorld


def test_the_controlling_owner_is_told_from_the_others() -> None:
    world = ControllerWorld()
    web = controller_reference("apps/v1", "ReplicaSet", {"name": "web", "uid": "u"})
    other = {"apiVersion": "v1", "kind": "Node", "name": "node-a", "uid": "n"}
    pod = world.pod("a", meta={"ownerReferences": [other, web]})
    assert controller_of(pod) == ("ReplicaSet", "web", "u")
    assert controller_of(world.pod("b")) == ("", "", "")


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "web", "tier": "back"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "db"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "x", "operator": "Exists"}]}, False),
        ({}, False),
    ],
)
def test_selectors_of_workloads(selector: dict[str, object], matches: bool) -> None:
    assert Selector(selector).matches({"app": "web", "tier": "front"}) is matches
