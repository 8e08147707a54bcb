"""How a kind is treated that has no ways of its own."""

import pytest

from resolver.controlplane.field_errors import FieldError, required
from resolver.controlplane.resources import CONFIG_MAPS, PODS, Resource
from resolver.controlplane.stored_object import JsonObject
from resolver.controlplane.strategy import Strategy
from resolver.controlplane.write_request import DeleteOptions


class Counted(Strategy):
    has_generation = True


class Kept(Strategy):
    keeps_status = True


def value(**parts: object) -> JsonObject:
    return {"metadata": {"name": "x"}, **parts}


@pytest.mark.parametrize(
    ("strategy", "resource", "expected"),
    [
        (Strategy, PODS, value(spec=1)),
        (Strategy, CONFIG_MAPS, value(spec=1, status=2)),
        (Kept, PODS, value(spec=1, status=2)),
        (Counted, CONFIG_MAPS, {"metadata": {"name": "x", "generation": 1}, "spec": 1, "status": 2}),
    ],
)
def test_a_new_object_loses_its_status_where_that_is_a_subresource(
    strategy: type[Strategy], resource: Resource, expected: JsonObject
) -> None:
    made = value(spec=1, status=2)
    strategy(resource).prepare_create(made)
    assert made == expected


@pytest.mark.parametrize(
    ("strategy", "old", "expected"),
    [
        (Strategy, value(spec=1, status="old"), "old"),
        (Strategy, value(spec=1), None),
        (Kept, value(spec=1, status="old"), "new"),
    ],
)
def test_an_update_leaves_the_status_alone(strategy: type[Strategy], old: JsonObject, expected: str | None) -> None:
    new = value(spec=1, status="new")
    strategy(PODS).prepare_update(new, old)
    assert new.get("status") == expected


@pytest.mark.parametrize(("spec", "generation"), [(1, 4), (2, 5)])
def test_a_change_of_spec_is_a_new_generation(spec: int, generation: int) -> None:
    new = {"metadata": {"generation": 4}, "spec": spec}
    Counted(PODS).prepare_update(new, {"metadata": {"generation": 4}, "spec": 1})
    assert new["metadata"] == {"generation": generation}


def test_a_write_to_the_status_changes_nothing_else() -> None:
    new = {"kind": "Pod", "metadata": {"labels": {"a": "b"}}, "spec": 2, "extra": 3, "status": "new"}
    Strategy(PODS).prepare_subresource("status", new, {"metadata": {}, "spec": 1, "status": "old"})
    assert new == {"kind": "Pod", "metadata": {"labels": {"a": "b"}}, "spec": 1, "status": "new"}


def test_all_is_right_and_nothing_waits_unless_a_kind_says_so() -> None:
    strategy = Strategy(PODS)
    assert strategy.validate(value()) == strategy.validate_update(value(), value()) == []
    assert strategy.validate_subresource("status", value(), value()) == []
    assert strategy.warnings(value(), None) == []
    assert strategy.subresource_warnings("status", value()) == []
    assert strategy.grace_period(value(), DeleteOptions()) is None
    assert not strategy.keeps_until_finalized(value())
    assert (strategy.create_on_update, strategy.unconditional_update) == (False, True)


def test_an_update_is_judged_as_a_create_unless_a_kind_says_so() -> None:
    class Strict(Strategy):
        def validate(self, value: JsonObject) -> list[FieldError]:
            return [required("spec")]

    assert Strict(PODS).validate_update(value(), value()) == [required("spec")]


@pytest.mark.parametrize(
    ("name", "good"), [("a.b-c", True), ("1a", True), ("A", False), ("", False), ("a" * 254, False)]
)
def test_a_name_is_a_subdomain(name: str, good: bool) -> None:
    assert (Strategy(PODS).name_problems(name) == []) is good
