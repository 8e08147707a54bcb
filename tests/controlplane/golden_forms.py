"""Recorded objects and ours in one form: what is random, a time, or without an order is taken out."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "golden"
_TIMES = ("creationTimestamp", "endpoints.kubernetes.io/last-change-trigger-time")


@cache
def golden(name: str) -> dict[str, Any]:
    """A recorded file."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_bytes())
    return found


def cases(name: str) -> dict[str, dict[str, Any]]:
    """Its cases by id."""
    return {case["id"]: case for case in golden(name)["cases"]}


def comparable(value: Any) -> Any:
    """Without kind, generated names, uids and versions, with TIME for times; endpoints, ports and subsets sorted."""
    value = json.loads(json.dumps(value))
    metadata = value.get("metadata", {})
    if "generateName" in metadata:
        metadata.pop("name")
    for field in ("resourceVersion", "managedFields"):
        metadata.pop(field, None)
    value = _placeholders({key: each for key, each in value.items() if key not in ("kind", "apiVersion")})
    _sort(value)
    return value


def _sort(value: Any) -> None:
    """Lists that have no order."""
    for subset in value.get("subsets", ()):
        _sort(subset)
    for field in ("endpoints", "ports", "subsets"):
        if isinstance(value.get(field), list):
            value[field].sort(key=json.dumps)


def slice_forms(values: list[Any]) -> list[str]:
    """Slices as text, key order included. Those that differ in endpoints alone are one, with the size of each:
    which endpoint is in which of them is left to chance.
    """
    joined: dict[str, tuple[list[Any], list[int]]] = {}
    for form in map(comparable, values):
        endpoints = form["endpoints"] or []
        form["endpoints"] = [] if endpoints else form["endpoints"]
        together, sizes = joined.setdefault(json.dumps(form), ([], []))
        together += map(json.dumps, endpoints)
        sizes.append(len(endpoints))
    return sorted(f"{form} {sorted(sizes)} {sorted(together)}" for form, (together, sizes) in joined.items())


def _placeholders(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "UID" if key == "uid" else "TIME" if key in _TIMES else _placeholders(each)
                for key, each in value.items()}  # fmt: skip
    return [_placeholders(each) for each in value] if isinstance(value, list) else value
