"""Label and field selectors as the Kubernetes API reads them (apimachinery labels and fields packages)."""

import re
from collections.abc import Mapping
from typing import Any

FIELDS = {
    "Namespace": ("metadata.name", "status.phase"),
    "Service": ("metadata.name", "metadata.namespace", "spec.clusterIP", "spec.type"),
    "EndpointSlice": ("metadata.name", "metadata.namespace"),
    "Pod": ("metadata.name", "metadata.namespace", "spec.nodeName", "status.phase", "status.podIP"),
    "ServiceImport": ("metadata.name", "metadata.namespace"),
}
"""Fields that may be selected by, of each kind."""

_SET = re.compile(r"(\S+)\s+(in|notin)\s*\(([^)]*)\)")
_COMPARISON = re.compile(r"([^=!\s]+)\s*(!=|==|=)\s*(.*)")


class BadSelector(Exception):
    """What the API answers with 400."""


def label_matches(selector: str, labels: Mapping[str, str]) -> bool:
    """Whether labels satisfy a selector of equality, set and existence terms."""
    return all(_label_term(term, labels) for term in _terms(selector))


def field_matches(selector: str, item: Mapping[str, Any]) -> bool:
    """Whether an object's fields satisfy a selector of `=` and `!=` terms."""
    for term in _terms(selector):
        found = _COMPARISON.fullmatch(term)
        if not found:
            raise BadSelector(f"invalid selector: {term!r}; can't understand {selector!r}")
        path, operator, wanted = found.groups()
        if path not in FIELDS.get(item["kind"], ()):
            raise BadSelector(f"field label not supported: {path}")
        if (_field(item, path) == wanted.strip()) == (operator == "!="):
            return False
    return True


def _terms(selector: str) -> list[str]:
    return [term.strip() for term in re.split(r",(?![^(]*\))", selector) if term.strip()]


def _label_term(term: str, labels: Mapping[str, str]) -> bool:
    if found := _SET.fullmatch(term):
        key, operator, values = found.groups()
        among = labels.get(key) in [value.strip() for value in values.split(",")]
        return among if operator == "in" else not among
    if found := _COMPARISON.fullmatch(term):
        key, operator, value = found.groups()
        return (labels.get(key) == value.strip()) != (operator == "!=")
    if re.fullmatch(r"!?[\w./-]+", term):
        return (term.lstrip("!") in labels) != term.startswith("!")
    raise BadSelector(f"unable to parse requirement: {term!r}")


def _field(item: Any, path: str) -> str:
    for part in path.split("."):
        item = item.get(part) if isinstance(item, Mapping) else None
    return "" if item is None else str(item)
