"""JSON of a request: its value, what Go says where it is none, and the keys it has twice."""

import json
from typing import Any, Final

import msgspec

from resolver.controlplane.api.go_json import syntax_error
from resolver.controlplane.api_types import api_types
from resolver.controlplane.go_text import go_quote

_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode


class BadJson(Exception):
    """Text that is no JSON; the message is Go's."""


def read_json(body: bytes) -> Any:
    """The value. Of keys that are there twice the last one counts. Raises BadJson."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    if problem := syntax_error(body):
        raise BadJson(problem)
    try:
        return _whole(json.loads(body.decode("utf-8", "replace")))
    except RecursionError:
        raise BadJson("exceeded max depth") from None


def has_duplicates(body: bytes) -> bool:
    """Whether any object in valid JSON has a key twice."""
    if b"\\" not in body and _colons_of_value(body) == body.count(b":"):
        return False
    found = False

    def see(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({key for key, _ in pairs}) != len(pairs)

    try:
        json.loads(body.decode("utf-8", "replace"), object_pairs_hook=see)
    except RecursionError:
        return False
    return found


def strict_problems(body: bytes, type: str) -> list[str]:
    """What strict decoding into that type finds, in the order of the document: unknown and duplicate fields.

    An empty `type` knows all fields. Each is told once. The messages name them as ``unknown field "spec.a"``.
    """
    found: list[str] = []
    _walk(json.loads(body.decode("utf-8", "replace"), object_pairs_hook=_Pairs), type, "", found)
    return list(dict.fromkeys(found))


def _colons_of_value(body: bytes) -> int:
    """Of the value written anew: as many as in the body where nothing is escaped and no key was lost."""
    try:
        return _encode(_decode(body)).count(b":")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return -1


class _Pairs(list[tuple[str, Any]]):
    """The members of an object, in order, all of them."""


def _walk(value: Any, type: str, path: str, found: list[str]) -> None:
    type = type.removeprefix("*")
    if isinstance(value, _Pairs):
        fields = {each.name: each.type for each in api_types()[type].fields} if type in api_types() else None
        seen: set[str] = set()
        for key, inner in value:
            place = f"{path}.{key}" if path else key
            if fields is not None and key not in fields and (path or key not in ("kind", "apiVersion")):
                found.append(f"unknown field {go_quote(place)}")
                continue
            if key in seen:
                found.append(f"duplicate field {go_quote(place)}")
            seen.add(key)
            if fields is None:
                _walk(inner, type[2:] if type.startswith("{}") else "", place, found)
            elif key in fields:
                _walk(inner, fields[key], place, found)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _walk(inner, type[2:] if type.startswith("[]") else "", f"{path}[{index}]", found)


def _whole(value: Any) -> Any:
    """Without halves of surrogate pairs: Go puts U+FFFD in their place."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(each) for key, each in value.items()}
    return value
