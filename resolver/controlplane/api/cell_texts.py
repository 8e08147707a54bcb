"""What cells of many kinds have in common (kubernetes pkg/printers/internalversion)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from resolver.controlplane.api.ages import age

JsonObject = dict[str, Any]
Cells = list[Any]

NONE: Final = "<none>"
_OPERATORS: Final = {"In": "in", "NotIn": "notin"}


def name(value: JsonObject) -> str:
    found: str = (value.get("metadata") or {}).get("name", "")
    return found


def born(value: JsonObject, now: datetime) -> str:
    return age((value.get("metadata") or {}).get("creationTimestamp"), now)


def shown_labels(labels: Mapping[str, str] | None) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or NONE


def shown_selector(selector: JsonObject | None) -> str:
    """A LabelSelector as text, its conditions by key."""
    if selector is None:
        return ""
    terms = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    for each in selector.get("matchExpressions") or ():
        key, operator = each.get("key", ""), each.get("operator", "")
        if operator in _OPERATORS:
            values = ",".join(sorted(each.get("values") or ()))
            terms.append((key, f"{key} {_OPERATORS[operator]} ({values})"))
        else:
            terms.append((key, key if operator == "Exists" else f"!{key}"))
    return ",".join(text for _, text in sorted(terms, key=lambda term: term[0]))
