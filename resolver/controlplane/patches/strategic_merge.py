"""Strategic merge patch: a merge patch that knows which lists are maps (apimachinery pkg/util/strategicpatch).

The directives: ``$patch`` (replace, delete, merge), ``$retainKeys``, ``$setElementOrder/<list>`` and
``$deleteFromPrimitiveList/<list>``. Lists that are not merged by a key are replaced.
"""

from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from resolver.controlplane.api_types import api_types
from resolver.controlplane.go_values import go_type_of, go_value

JsonObject = dict[str, Any]

_DIRECTIVE: Final = "$patch"
_RETAIN: Final = "$retainKeys"
_ORDER: Final = "$setElementOrder"
_DELETE: Final = "$deleteFromPrimitiveList"


class BadPatch(Exception):
    """A patch that cannot be. `code` is the HTTP status: 400, 422, or 500 for what the real server did not expect."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class _Rule(NamedTuple):
    """How a field is merged. `type`: of the field, or of the items of a list. `strategy`: merge, replace or empty."""

    type: str
    strategy: str = ""
    key: str = ""


def apply_strategic_merge(type: str, original: JsonObject, patch: JsonObject) -> JsonObject:
    """The object of that type (see `api_types`) with the patch merged in. Both are used up. Raises BadPatch."""
    return _merge_object(type, original, patch)


@cache
def _rule(type: str, name: str) -> _Rule:
    if type.startswith("{}"):
        return _Rule(_inner(type[2:]))
    if type in api_types():
        for field in api_types()[type].fields:
            if field.name == name:
                strategies = [each for each in field.patch.split(",") if each != "retainKeys"]
                return _Rule(_inner(field.type), strategies[0] if strategies else "", field.merge_key)
    raise BadPatch(500, f'unable to find api field in struct {type.partition(".")[2]} for the json field "{name}"')


def _inner(type: str) -> str:
    return type.removeprefix("*").removeprefix("[]").removeprefix("*")


def _merge_object(type: str, original: JsonObject, patch: JsonObject) -> JsonObject:
    if _DIRECTIVE in patch:
        directive = patch.pop(_DIRECTIVE)
        if directive == "replace":
            return patch
        if directive == "delete":
            return {}
        raise BadPatch(500, f"unknown patch type: {directive} in map: {go_value(patch)}")
    _retain_keys(original, patch)
    for name in [each for each in patch if each.startswith(_ORDER)]:
        _merge_in_order(type, original, patch, name)
    for name, value in patch.items():
        deletes = name.startswith(_DELETE)
        key = _list_name(name, "primitive list") if deletes else name
        if value is None:
            original.pop(key, None)
        elif key not in original or _shape(original[key]) is not _shape(value):
            if not deletes:
                original[key] = _cleaned(value)
                if original[key] is _DROP:
                    del original[key]
        elif isinstance(value, dict):
            rule = _rule(type, key)
            original[key] = value if rule.strategy == "replace" else _merge_object(rule.type, original[key], value)
        elif isinstance(value, list):
            rule = _rule(type, key)
            if rule.strategy == "merge" or deletes:
                original[key] = _merge_list(rule, original[key], value, deletes=deletes)
            else:
                original[key] = value
        else:
            original[key] = value
    return original


def _retain_keys(original: JsonObject, patch: JsonObject) -> None:
    """``$retainKeys`` names all that may remain."""
    if _RETAIN not in patch:
        return
    retained = patch.pop(_RETAIN)
    wrong = BadPatch(400, "invalid patch format of retainKeys")
    if not isinstance(retained, list):
        raise wrong
    for name, value in patch.items():
        if value is not None and not name.startswith((_DELETE, _ORDER)) and name not in retained:
            raise wrong
    for name in [each for each in original if each not in retained]:
        del original[name]


def _merge_in_order(type: str, original: JsonObject, patch: JsonObject, name: str) -> None:
    """``$setElementOrder`` for one list: merges what the patch has of it and puts all in that order."""
    order = patch.pop(name)
    key = _list_name(name, "setElementOrder list")
    before, change = original.get(key), patch.get(key)
    for each in (order, before if key in original else [], change if key in patch else []):
        if not isinstance(each, list):
            raise BadPatch(500, f"expected a []interface {{}}, but received a {go_type_of(each)}")
    rule = _rule(type, key)
    _check_order(rule.key, change or [], order)
    if key not in original and key not in patch:
        return
    if key not in patch:
        merged = before
    elif key not in original:
        merged = _cleaned(change)
    elif rule.strategy == "merge":
        merged = _merge_list(rule, list(original[key]), patch[key])
    else:
        merged = change
    patch.pop(key, None)
    original[key] = _ordered(rule.key, merged or [], order, before or [])


def _check_order(key: str, change: list[Any], order: list[Any]) -> None:
    """What the patch changes stands in the order, in that order."""
    if not order:
        return
    wanted = iter([_identity(key, each) for each in order])
    for each in change:
        if isinstance(each, dict) and _DIRECTIVE in each:
            continue
        identity = _identity(key, each)
        if identity not in wanted:  # goes on where the last one was found
            words = f"The order in patch list:\n{go_value(change)}\n doesn't match {_ORDER} list:\n{go_value(order)}\n"
            raise BadPatch(500, words)


def _merge_list(rule: _Rule, original: list[Any], patch: list[Any], *, deletes: bool = False) -> list[Any]:
    if not original and not patch:
        return original
    kinds = {_shape(each) for each in (*original, *patch)}
    if list in kinds:
        raise BadPatch(422, "the server rejected our request due to an error in our request")
    if len(kinds) > 1:
        raise BadPatch(500, f"list element types are not identical: {go_value([original, patch])}")
    if kinds != {dict}:
        if deletes:
            return [each for each in original if each not in patch]
        merged = list({_identity("", each): each for each in (*original, *patch)}.values())
        return _ordered("", merged, patch, original)
    if not rule.key:
        raise BadPatch(500, f"cannot merge lists without merge key for {rule.type.partition('.')[2]}")
    original, patch = _directed(rule.key, original, patch)
    merged, places = list(original), {_identity(rule.key, each): at for at, each in reversed([*enumerate(original)])}
    for each in patch:
        identity = _identity(rule.key, each)
        if identity in places:
            merged[places[identity]] = _merge_object(rule.type, merged[places[identity]], each)
        else:
            places[identity] = len(merged)
            merged.append(each)
    return _ordered(rule.key, merged, patch, original)


def _directed(key: str, original: list[Any], patch: list[Any]) -> tuple[list[Any], list[Any]]:
    """The lists after the items of the patch that are directives; one that replaces leaves no patch."""
    rest, replaces, gone = [], False, set()
    for each in patch:
        directive = each.get(_DIRECTIVE)
        if directive is None:
            rest.append(each)
        elif directive == "delete":
            gone.add(_identity(key, each))
        elif directive == "replace":
            replaces = True
        elif directive == "merge":
            raise BadPatch(500, "merging lists cannot yet be specified in the patch")
        else:
            raise BadPatch(500, f"unknown patch type: {directive} in map: {go_value(each)}")
    if replaces:
        return rest, []
    return [each for each in original if each.get(key, _DROP) is _DROP or _identity(key, each) not in gone], rest


def _ordered(key: str, merged: Sequence[Any], wanted: Sequence[Any], before: Sequence[Any]) -> list[Any]:
    """Items that are wanted in the wanted order, the others in the order from before, woven by that one."""
    place = {_identity(key, each): at for at, each in reversed([*enumerate(wanted)])}
    past = {_identity(key, each): at for at, each in reversed([*enumerate(before)])}
    first, rest = [], []
    for each in merged:
        identity = _identity(key, each)
        if identity in place:
            first.append((place[identity], past.get(identity, -1), each))
        else:
            rest.append((past.get(identity, -1), each))
    first.sort(key=lambda each: each[0])
    rest.sort(key=lambda each: each[0])
    result, others = [], iter([*rest, None])
    other = next(others)
    for _, was, each in first:
        while other is not None and 0 <= other[0] < was:
            result.append(other[1])
            other = next(others)
        result.append(each)
    while other is not None:
        result.append(other[1])
        other = next(others)
    return result


def _identity(key: str, item: Any) -> Hashable:
    """What tells the items of a list apart: the value under its merge key, or the item itself."""
    if key:
        if not isinstance(item, dict):
            raise BadPatch(500, f"expected a map[string]interface {{}}, but received a {go_type_of(item)}")
        if key not in item:
            raise BadPatch(500, f"map: {go_value(item)} does not contain declared merge key: {key}")
        item = item[key]
    if isinstance(item, dict | list):
        raise BadPatch(500, "a map or a list cannot tell the items of a list apart")
    return type(item), item


_DROP: Final = object()


def _cleaned(value: Any) -> Any:
    """A part of a patch as part of an object: without nulls and directives. _DROP where nothing remains of it."""
    if isinstance(value, dict):
        if _DIRECTIVE in value:
            return _DROP
        kept = ((key, _cleaned(each)) for key, each in value.items() if each is not None)
        return {key: each for key, each in kept if each is not _DROP}
    if isinstance(value, list):
        return [each for each in map(_cleaned, value) if each is not _DROP]
    return value


def _list_name(name: str, what: str) -> str:
    prefix, _, key = name.partition("/")
    if not key or prefix not in (_ORDER, _DELETE):
        raise BadPatch(400, f"invalid patch format of {what}")
    return key


def _shape(value: Any) -> type:
    return type(value)
