"""The fieldsV1 of an object that has just been made: what comparing it with an empty one gives, found faster."""

from collections.abc import Collection
from typing import Any, Final

from resolver.controlplane.patches.field_sets import HERE, element_order
from resolver.controlplane.patches.merge_schema import LIST, Node

JsonObject = dict[str, Any]

NOBODYS: Final = frozenset(("kind", "apiVersion"))
"""Fields that no one owns."""
NOBODYS_METADATA: Final = frozenset(
    (
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "clusterName",
        "generation",
        "managedFields",
        "resourceVersion",
    )
)


def new_fields(node: Node, empty: JsonObject, value: JsonObject, reset: Collection[str]) -> JsonObject:
    """What its author owns. `reset`: sections that an author has no say in."""
    result = {}
    for key in sorted(value):
        if key in NOBODYS or key in reset:
            continue
        inside = node.inside(key)
        if key not in empty:
            result[f"f:{key}"] = _whole(inside, value[key])
            continue
        given = value[key]
        if key == "metadata":
            given = {name: each for name, each in given.items() if name not in NOBODYS_METADATA}
        if found := _added(inside, empty[key], given):
            result[f"f:{key}"] = found
        elif inside.leaf and given != empty[key]:
            result[f"f:{key}"] = {}
    return result


def _added(node: Node, old: Any, new: Any) -> JsonObject:
    """What `new` has beyond `old`, which is nearly empty."""
    if node.leaf or not new or old == new:
        return {}
    if node.kind == LIST:
        whole = _whole(node, new)
        whole.pop(HERE, None)
        return whole
    result = {}
    before = old or {}
    for key in sorted(new):
        inside = node.inside(key)
        if key not in before:
            result[f"f:{key}"] = _whole(inside, new[key])
        elif inside.leaf or not (new[key] or before[key]):
            if new[key] != before[key]:
                result[f"f:{key}"] = {}
        elif found := _added(inside, before[key], new[key]):
            result[f"f:{key}"] = found
    return result


def _whole(node: Node, value: Any) -> JsonObject:
    """Something that was not there before, itself included."""
    if node.leaf or not value:
        return {}
    result: JsonObject = {HERE: {}}
    if node.kind == LIST:
        element = node.inside("")
        found: JsonObject = {}
        for item in value:
            key = node.item_key(item)
            found[key] = {} if key in found else _whole(element, item)
        for key in sorted(found, key=element_order) if len(found) > 1 else found:
            result[key] = found[key]
        return result
    fields, other = node.fields, node.element
    for key in sorted(value):
        inside = fields.get(key) or other
        item = value[key]
        result[f"f:{key}"] = {} if inside is None or inside.leaf or not item else _whole(inside, item)
    return result
