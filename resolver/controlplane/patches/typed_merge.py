"""Comparing, merging and pruning objects as server-side apply does it (structured-merge-diff typed).

Objects are plain dicts and lists; a `Node` tells how each part is to be taken. Nothing given is changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from resolver.controlplane.go_values import go_syntax, go_type_of, go_value
from resolver.controlplane.patches.field_sets import HERE, MEMBER, FieldSet, shown_element
from resolver.controlplane.patches.merge_schema import LIST, SCALAR, Node, NoKey

ABSENT: Final = object()
"""No value at all, where null would be one."""


class Comparison(NamedTuple):
    """The paths that an object lost, changed and gained."""

    removed: FieldSet
    modified: FieldSet
    added: FieldSet


class SchemaMismatch(Exception):
    """An object that is not of its type; the message names the field as ``.spec.ports``."""


def compare(node: Node, old: Any, new: Any) -> Comparison:
    """What became of the paths of `old` in `new`. Either may be ABSENT."""
    result = Comparison({}, {}, {})
    _compare(node, old, new, result)
    return result


def field_set(node: Node, value: Any) -> FieldSet:
    """Every leaf and every item of a list that the value mentions."""
    if node.leaf:
        return MEMBER
    result: FieldSet = {}
    if not value:
        return result
    if node.kind == LIST:
        element = node.inside("")
        seen: FieldSet = {}
        for item in value:
            key = node.item_key(item)
            seen[key] = MEMBER if key in seen else {**field_set(element, item), HERE: {}}
        return seen
    for key, item in value.items():
        inside = field_set(node.inside(key), item)
        if item is None or item == {} or key not in node.fields:
            inside = {**inside, HERE: {}}
        if inside:
            result[f"f:{key}"] = inside
    return result


def merge(node: Node, old: Any, new: Any) -> Any:
    """All of `new`, and of `old` what it does not say otherwise. Either may be ABSENT. Raises SchemaMismatch."""
    if new is ABSENT or old is ABSENT:
        return old if new is ABSENT else new
    if node.leaf or (not old and not new):
        return new
    if node.kind == LIST:
        return _merged_lists(node, old or [], new or []) or ABSENT
    old, new = old or {}, new or {}
    merged = {key: merge(node.inside(key), old.get(key, ABSENT), new.get(key, ABSENT)) for key in {**old, **new}}
    return {key: each for key, each in merged.items() if each is not ABSENT}


def prune(node: Node, value: Any, gone: FieldSet) -> Any:
    """The value without the paths in `gone`. None where nothing remains."""
    if node.kind == SCALAR:
        return value
    if not value or node.leaf:
        return None
    if node.kind == LIST:
        items = [_pruned(node.inside(""), item, gone.get(node.item_key(item))) for item in value]
        return [each for each in items if each is not ABSENT] or None
    pruned = {key: _pruned(node.inside(key), item, gone.get(f"f:{key}")) for key, item in value.items()}
    return {key: each for key, each in pruned.items() if each is not ABSENT} or None


def check(node: Node, value: Any, path: str = "", *, duplicates: bool = False) -> None:
    """Raises SchemaMismatch where the value is not of its type, or has items of a list twice unless `duplicates`."""
    problems = list(_problems(node, value, path, duplicates))
    if len(problems) == 1:
        raise SchemaMismatch(problems[0])
    if problems:
        raise SchemaMismatch("\n  ".join(["errors:", *problems]))


def _compare(node: Node, old: Any, new: Any, result: Comparison) -> None:
    if old is ABSENT:
        result.added.update(_whole(node, new))
    elif new is ABSENT:
        result.removed.update(_whole(node, old))
    elif node.leaf or (not old and not new):
        if old != new:
            result.modified[HERE] = {}
    elif old == new:
        return
    elif node.kind == LIST:
        _compare_lists(node, old or (), new or (), result)
    else:
        old, new = old or {}, new or {}
        for key in {**old, **new}:
            _compare_into(result, f"f:{key}", node.inside(key), old.get(key, ABSENT), new.get(key, ABSENT))


def _compare_into(result: Comparison, key: str, node: Node, old: Any, new: Any) -> None:
    inside = Comparison({}, {}, {})
    _compare(node, old, new, inside)
    for whole, part in zip(result, inside, strict=True):
        if part:
            whole[key] = part


def _compare_lists(node: Node, old: Iterable[Any], new: Iterable[Any], result: Comparison) -> None:
    before, after = _by_key(node, old), _by_key(node, new)
    element = node.inside("")
    for key in {**before, **after}:
        was, now = before.get(key, ()), after.get(key, ())
        if len(was) <= 1 and len(now) <= 1:
            _compare_into(result, key, element, was[0] if was else ABSENT, now[0] if now else ABSENT)
        elif len(was) > 1 and len(now) > 1:
            if was != now:
                result.modified[key] = MEMBER
        elif len(was) > 1:
            if now:
                _compare_into(result, key, element, ABSENT, now[0])
            result.removed[key] = MEMBER
        else:
            if was:
                _compare_into(result, key, element, was[0], ABSENT)
            result.added[key] = MEMBER


def _whole(node: Node, value: Any) -> FieldSet:
    """The paths of something that was not there before, itself included."""
    if node.leaf or not value:
        return MEMBER
    result: FieldSet = {HERE: {}}
    if node.kind == LIST:
        element = node.inside("")
        for key, items in _by_key(node, value).items():
            result[key] = _whole(element, items[0]) if len(items) == 1 else MEMBER
        return result
    fields, other = node.fields, node.element
    for key, item in value.items():
        inside = fields.get(key) or other
        result[f"f:{key}"] = MEMBER if inside is None or inside.leaf or not item else _whole(inside, item)
    return result


def _by_key(node: Node, items: Iterable[Any]) -> dict[str, list[Any]]:
    result: dict[str, list[Any]] = {}
    for item in items:
        result.setdefault(node.item_key(item), []).append(item)
    return result


def _merged_lists(node: Node, old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    """Items of both, in the order of `new`; what only `old` has keeps its place among its old neighbours."""
    element = node.inside("")
    old_keys, new_keys = [node.item_key(each) for each in old], [node.item_key(each) for each in new]
    before, after = _by_key(node, old), dict(zip(new_keys, new, strict=True))
    shared = iter([each for each in new_keys if each in before] + [""])
    next_shared = next(shared)
    result: list[Any] = []
    done: set[str] = set()
    at = to = 0
    while at < len(old) or to < len(new):
        if at < len(old) and to < len(new):
            if old_keys[at] != new_keys[to] and old_keys[at] in after and next_shared and next_shared != old_keys[at]:
                at += 1  # its turn comes with the order of `new`
                continue
            if old_keys[at] != new_keys[to] and old_keys[at] not in after:
                result.append(old[at])
                at += 1
                continue
        elif at < len(old):
            if old_keys[at] not in after:
                result.append(old[at])
            at += 1
            continue
        key = new_keys[to]
        if at < len(old) and (old_keys[at] == key or old_keys[at] in done):
            at += 1
        was = before.get(key, ())
        result.append(merge(element, was[0] if len(was) == 1 else ABSENT, after[key]))
        done.add(key)
        to += 1
        if key == next_shared:
            next_shared = next(shared)
    return result


def _pruned(node: Node, item: Any, gone: FieldSet | None) -> Any:
    if gone is None:
        return item
    return ABSENT if HERE in gone else prune(node, item, gone)


def _problems(node: Node, value: Any, path: str, duplicates: bool) -> Iterator[str]:
    if value is None:
        return
    if node.kind == SCALAR:
        if problem := _scalar_problem(node.scalar, value):
            yield f"{path}: {problem}"
    elif node.kind == LIST:
        if isinstance(value, list):
            yield from _list_problems(node, value, path, duplicates)
        else:
            yield f"{path}: expected list, got &{{{go_value(value)}}}"
    elif not isinstance(value, dict):
        yield f"{path}: expected map, got &{{{go_value(value)}}}"
    else:
        for key, item in value.items():
            if not node.declares(key):
                yield f"{path}.{key}: field not declared in schema"
                return
            yield from _problems(node.inside(key), item, f"{path}.{key}", duplicates)


def _list_problems(node: Node, items: list[Any], path: str, duplicates: bool) -> Iterator[str]:
    element = node.inside("")
    seen: set[str] = set()
    for index, item in enumerate(items):
        place = f"[{index}]"
        if not node.leaf:
            try:
                key = node.item_key(item)
            except NoKey as error:
                yield f"{path}: element {index}: {error}"
                return
            place = shown_element(key)
            if key in seen and not duplicates:
                yield f"{path}: duplicate entries for key {place}"
            seen.add(key)
        yield from _problems(element, item, f"{path}{place}", duplicates)


def _scalar_problem(scalar: str, value: Any) -> str:
    if scalar == "string" and not isinstance(value, str):
        return f"expected string, got &value.valueUnstructured{{Value:{go_syntax(value)}}}"
    if scalar == "numeric" and (isinstance(value, bool) or not isinstance(value, int | float)):
        return f"expected numeric (int or float), got {go_type_of(value)}"
    if scalar == "boolean" and not isinstance(value, bool):
        return f"expected boolean, got &{{{go_value(value)}}}"
    if scalar == "untyped" and isinstance(value, dict | list):
        return f"expected any scalar, got &{{{go_value(value)}}}"
    return ""
