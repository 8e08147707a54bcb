"""meta/v1 LabelSelector, as workloads have it: matchLabels and matchExpressions."""

from collections.abc import Mapping
from typing import Any

from resolver.controlplane.field_errors import FieldError, forbidden, invalid, required
from resolver.controlplane.metadata_rules import label_errors
from resolver.controlplane.names import label_key_problems, label_value_problems

JsonObject = dict[str, Any]


def selector_errors(selector: JsonObject, field: str) -> list[FieldError]:
    """What is wrong with a selector (apimachinery pkg/apis/meta/v1/validation)."""
    errors = label_errors(selector.get("matchLabels", {}), f"{field}.matchLabels")
    for index, each in enumerate(selector.get("matchExpressions", ())):
        errors += _requirement_errors(each, f"{field}.matchExpressions[{index}]")
    return errors


def selects(selector: JsonObject, labels: Mapping[str, str]) -> bool:
    """All of it holds for the labels."""
    wanted = selector.get("matchLabels", {})
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_holds(each, labels) for each in selector.get("matchExpressions", ()))


def _holds(requirement: JsonObject, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement["key"])
    values = requirement.get("values", ())
    if requirement["operator"] == "In":
        return bool(value in values)
    if requirement["operator"] == "NotIn":
        return bool(value not in values)
    return (value is not None) == bool(requirement["operator"] == "Exists")


def _requirement_errors(requirement: JsonObject, field: str) -> list[FieldError]:
    errors = []
    operator, values = requirement["operator"], requirement.get("values", ())
    if operator in ("In", "NotIn"):
        if not values:
            errors.append(required(f"{field}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            words = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.append(forbidden(f"{field}.values", words))
    else:
        errors.append(invalid(f"{field}.operator", operator, "not a valid selector operator"))
    errors += [invalid(f"{field}.key", requirement["key"], each) for each in label_key_problems(requirement["key"])]
    for index, value in enumerate(values):
        errors += [invalid(f"{field}.values[{index}]", value, each) for each in label_value_problems(value)]
    return errors
