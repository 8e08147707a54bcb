from typing import Any

import pytest

from resolver.controlplane.kinds.label_selectors import selector_errors, selects

LABELS = {"app": "shop", "tier": "web"}


def _expression(operator: str, *values: str, key: str = "app") -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ({}, True),
        ({"matchLabels": {"app": "shop"}}, True),
        ({"matchLabels": {"app": "bank"}}, False),
        ({"matchLabels": {"app": "shop", "zone": "a"}}, False),
        (_expression("In", "shop", "bank"), True),
        (_expression("In", "bank"), False),
        (_expression("NotIn", "bank"), True),
        (_expression("NotIn", "shop"), False),
        (_expression("NotIn", "shop", key="zone"), True),
        (_expression("Exists"), True),
        (_expression("Exists", key="zone"), False),
        (_expression("DoesNotExist"), False),
        (_expression("DoesNotExist", key="zone"), True),
        ({"matchLabels": {"app": "shop"}, **_expression("In", "db", key="tier")}, False),
    ],
)
def test_what_a_selector_selects(selector: dict[str, Any], chosen: bool) -> None:
    assert selector_errors(selector, "spec.selector") == []
    assert selects(selector, LABELS) == chosen


@pytest.mark.parametrize(
    "selector",
    [
        _expression("In"),
        _expression("Exists", "shop"),
        _expression("Above", "shop"),
        _expression("In", "shop", key="a b"),
        {"matchLabels": {"a": "b c"}},
    ],
)
def test_selectors_that_mean_nothing_are_refused(selector: dict[str, Any]) -> None:
    assert selector_errors(selector, "spec.selector")
