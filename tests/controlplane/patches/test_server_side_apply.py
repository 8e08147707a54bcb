from typing import Any

import pytest

from resolver.controlplane.patches.server_side_apply import LAST_APPLIED, Application, apply
from resolver.controlplane.resources import CONFIG_MAPS, SERVICES
from resolver.controlplane.status_error import StatusError

JsonObject = dict[str, Any]


class World:
    """A ConfigMap and those who apply it."""

    def __init__(self) -> None:
        self.live: JsonObject | None = None

    def apply(self, manager: str, data: JsonObject | None, *, force: bool = False, **metadata: Any) -> list[str]:
        """The keys of data afterwards."""
        config: JsonObject = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", **metadata}}
        if data is not None:
            config["data"] = data
        application = Application(CONFIG_MAPS, manager, force, "2026-01-01T00:00:00Z")
        self.live = apply(application, self.live, config)
        return sorted(self.live.get("data") or {})

    def owners(self, key: str) -> list[str]:
        assert self.live is not None
        entries = self.live["metadata"].get("managedFields", [])
        return [each["manager"] for each in entries if f"f:{key}" in each["fieldsV1"].get("f:data", {})]


def test_what_is_no_longer_applied_goes_if_no_one_else_owns_it() -> None:
    world = World()
    world.apply("a", {"x": "1", "y": "1"})
    world.apply("b", {"y": "1", "z": "1"})
    assert world.apply("a", {}) == ["y", "z"]
    assert (world.owners("y"), world.owners("x")) == (["b"], [])


def test_equal_values_are_owned_together() -> None:
    world = World()
    world.apply("a", {"x": "1"})
    world.apply("b", {"x": "1"})
    assert sorted(world.owners("x")) == ["a", "b"]


def test_another_value_is_a_conflict_unless_it_is_forced() -> None:
    world = World()
    world.apply("a", {"x": "1", "y": "1"})
    with pytest.raises(StatusError) as refused:
        world.apply("b", {"x": "2", "y": "2"})
    assert refused.value.code == 409
    assert refused.value.message == 'Apply failed with 2 conflicts: conflicts with "a":\n- .data.x\n- .data.y'
    world.apply("b", {"x": "2"}, force=True)
    assert (world.owners("x"), world.owners("y")) == (["b"], ["a"])


def test_the_record_is_gone_when_no_one_owns_anything() -> None:
    world = World()
    world.apply("a", {"x": "1"})
    assert world.apply("a", None) == []
    assert world.live is not None
    assert "managedFields" not in world.live["metadata"]


def test_what_was_there_before_the_first_apply_belongs_to_itself() -> None:
    world = World()
    world.live = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x", "uid": "1"}, "data": {"x": "1"}}
    with pytest.raises(StatusError, match="before-first-apply"):
        world.apply("a", {"x": "2"})
    assert world.apply("a", {"y": "1"}) == ["x", "y"]


def test_kubectl_takes_over_what_its_client_side_apply_said() -> None:
    world = World()
    written = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"x":"1"}}'
    world.apply("old", {"x": "1"}, annotations={LAST_APPLIED: written})
    with pytest.raises(StatusError):
        world.apply("other", {"x": "2"})
    world.apply("kubectl", {"x": "2"})
    assert world.owners("x") == ["kubectl"]
    assert world.live is not None
    remembered = world.live["metadata"]["annotations"][LAST_APPLIED]
    assert remembered == '{"apiVersion":"v1","data":{"x":"2"},"kind":"ConfigMap","metadata":{"name":"x"}}\n'


@pytest.mark.parametrize(
    ("config", "code", "message"),
    [
        ({}, 400, "invalid object type: /, Kind="),
        ({"apiVersion": "v2", "kind": "Service"}, 400, "invalid object type: /v2, Kind=Service"),
        ({"apiVersion": "apps/v1", "kind": "Pod"}, 400, "invalid object type: apps/v1, Kind=Pod"),
        (
            {"apiVersion": "v1", "kind": "Service", "metadata": {"managedFields": []}},
            400,
            "metadata.managedFields must be nil",
        ),
        (
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart"}, "spec": {"foo": 1}},
            500,
            "failed to create typed patch object (/cart; /v1, Kind=Service): .spec.foo: field not declared in schema",
        ),
    ],
)
def test_what_cannot_be_applied_is_refused_as_recorded(config: JsonObject, code: int, message: str) -> None:
    with pytest.raises(StatusError) as refused:
        apply(Application(SERVICES, "a", False, ""), None, config)
    assert (refused.value.code, refused.value.message) == (code, message)
