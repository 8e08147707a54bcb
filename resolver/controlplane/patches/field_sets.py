"""Sets of paths inside an object, and their form in metadata.managedFields (structured-merge-diff fieldpath).

A set is a tree of dicts. The keys are path elements: ``f:name`` for a member of an object, ``k:{"port":80}`` and
``v:"text"`` for items of lists. ``"."`` says that the path to this place is in the set itself, not only paths below it.
Trees share their parts: none is changed after it has been made.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from resolver.controlplane.go_text import go_quote
from resolver.controlplane.patches.merge_schema import Node

FieldSet = dict[str, Any]

HERE: Final = "."
MEMBER: Final[FieldSet] = {HERE: {}}
"""The set of the place itself. Shared: never change it."""


def from_fields(fields: Any) -> FieldSet:
    """The set that a fieldsV1 describes. Raises ValueError for what is none."""
    if not isinstance(fields, dict):
        raise ValueError("fieldsV1 is no object")
    result: FieldSet = {}
    for key, inner in fields.items():
        if key == HERE:
            result[HERE] = {}
        elif key[:2] in ("f:", "i:"):
            result[key] = from_fields(inner) or MEMBER
        elif key[:2] in ("k:", "v:"):
            value = msgspec.json.decode(key[2:])
            result[_element(key[:2], value)] = from_fields(inner) or MEMBER
        else:
            raise ValueError(f"no path element: {key!r}")
    return result


def to_fields(paths: FieldSet) -> dict[str, Any]:
    """The fieldsV1 of a set, sorted as the API sorts it."""
    result = {}
    for key in sorted(paths, key=element_order):
        inner = paths[key]
        result[key] = {} if len(inner) == 1 and HERE in inner else to_fields(inner)
    return result


def of_paths(paths: Iterable[tuple[str, ...]]) -> FieldSet:
    """The set of paths of field names."""
    result: FieldSet = {}
    for path in paths:
        place = result
        for name in path:
            place = place.setdefault(f"f:{name}", {})
        place[HERE] = {}
    return result


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    if not one or not other:
        return one or other
    result = dict(one)
    for key, inner in other.items():
        result[key] = union(result[key], inner) if key in result else inner
    return result


def intersection(one: FieldSet, other: FieldSet) -> FieldSet:
    result: FieldSet = {}
    for key, inner in one.items():
        if key == HERE:
            if key in other:
                result[key] = inner
        elif key in other and (both := intersection(inner, other[key])):
            result[key] = both
    return result


def difference(one: FieldSet, other: FieldSet) -> FieldSet:
    """The paths of one that are not in the other. What lies below a path of the other stays."""
    if not other:
        return one
    result: FieldSet = {}
    for key, inner in one.items():
        if key not in other:
            result[key] = inner
        elif key != HERE and (rest := difference(inner, other[key])):
            result[key] = rest
    return result


def without(one: FieldSet, prefixes: FieldSet) -> FieldSet:
    """The paths that neither are in `prefixes` nor lie below one of them."""
    if not prefixes:
        return one
    result: FieldSet = {}
    for key, inner in one.items():
        below = prefixes.get(key)
        if below is None:
            result[key] = inner
        elif HERE not in below and (rest := without(inner, below)):
            result[key] = rest
    return result


def with_named_fields(paths: FieldSet, node: Node) -> FieldSet:
    """The set, and every declared field on the way to one of its paths."""
    result: FieldSet = {}
    for key, inner in paths.items():
        if key == HERE:
            result[key] = inner
            continue
        declared = key[:2] == "f:" and key[2:] in node.fields
        below = node.inside(key[2:]) if key[:2] in ("f:", "k:") else node
        if len(inner) == 1 and HERE in inner:
            result[key] = inner
        else:
            named = with_named_fields(inner, below)
            result[key] = {HERE: {}, **named} if declared else named
    return result


def shown_paths(paths: FieldSet, prefix: str = "") -> Iterator[str]:
    """The paths as messages show them, ``.spec.ports[port=80,protocol="TCP"].name``, in the API's order."""
    keys = sorted((each for each in paths if each != HERE), key=element_order)
    for key in keys:
        if HERE in paths[key]:
            yield prefix + shown_element(key)
    for key in keys:
        yield from shown_paths(paths[key], prefix + shown_element(key))


def _element(kind: str, value: Any) -> str:
    if kind == "k:" and isinstance(value, dict):
        value = {key: value[key] for key in sorted(value)}
    return kind + msgspec.json.encode(value).decode()


def element_order(key: str) -> tuple[int, str, float]:
    """Where a path element stands: fields by name, then keyed items, values and indices, each by what they are."""
    kind, text = key[:2], key[2:]
    if kind == "i:":
        return 4, "", float(text)
    if kind in ("k:", "v:"):
        value = msgspec.json.decode(text)
        if isinstance(value, dict):
            parts = [
                f"{name}\0{each:020}" if isinstance(each, int) else f"{name}\0{each}" for name, each in value.items()
            ]
            return 2, "\1".join(parts), 0
        if isinstance(value, str):
            return 3, value, 0
        return 3, "", float(value)
    return (0, "", 0) if key == HERE else (1, text, 0)


def shown_element(key: str) -> str:
    """A path element as messages show it."""
    kind, text = key[:2], key[2:]
    if kind == "f:":
        return f".{text}"
    if kind == "i:":
        return f"[{text}]"
    value = msgspec.json.decode(text)
    if isinstance(value, dict):
        return f"[{','.join(f'{name}={_value(each)}' for name, each in value.items())}]"
    return f"[={_value(value)}]"


def _value(value: Any) -> str:
    return go_quote(value) if isinstance(value, str) else msgspec.json.encode(value).decode()
