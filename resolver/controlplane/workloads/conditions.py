"""Conditions in the status of workloads."""

from collections.abc import Iterable, Sequence

from resolver.controlplane.stored_object import JsonObject


def with_condition(
    conditions: Iterable[JsonObject],
    type: str,
    status: bool,
    reason: str,
    message: str,
    now: str,
    *,
    updated: bool = False,
) -> list[JsonObject]:
    """The conditions with this one set. Its time is kept while its status is the same.

    `updated`: the kind has a lastUpdateTime as well, of the last change of anything in it.
    """
    found = {each["type"]: each for each in conditions}
    old = found.get(type, {})
    fresh: JsonObject = {"type": type, "status": str(status)}
    same = old.get("status") == fresh["status"]
    if updated:
        unchanged = same and (old.get("reason"), old.get("message")) == (reason, message)
        fresh["lastUpdateTime"] = old["lastUpdateTime"] if unchanged else now
    fresh["lastTransitionTime"] = old["lastTransitionTime"] if same else now
    found[type] = {**fresh, "reason": reason, "message": message}
    return list(found.values())


def without_condition(conditions: Iterable[JsonObject], type: str) -> list[JsonObject]:
    return [each for each in conditions if each["type"] != type]


def condition(conditions: Sequence[JsonObject], type: str) -> JsonObject:
    """The condition, empty where there is none."""
    return next((each for each in conditions if each["type"] == type), {})
