"""From a JSON document to an object of a kind, with the API's words for what is wrong with it."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from resolver.controlplane.api_types import EMBEDDED, KIND_TYPES, ApiField, api_types, go_type
from resolver.controlplane.go_text import bad_base64, go_quote
from resolver.controlplane.quantities import BadQuantity, canonical_quantity
from resolver.controlplane.resources import Resource
from resolver.controlplane.shapes import JsonObject, Mismatch, Unknown, reader
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.timestamps import BadTime, parsed_micro_time, parsed_time

STRICT: Final = "Strict"
WARN: Final = "Warn"
IGNORE: Final = "Ignore"

_HEAD: Final = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'


class Decoded(NamedTuple):
    """An object in the API's shape, kind and apiVersion first, and what Warn says about its document."""

    value: JsonObject
    warnings: list[str]


def decode(resource: Resource, document: Any, validation: str = WARN) -> Decoded:
    """The object a document describes. A document without kind and apiVersion is taken to be of the resource.

    Raises StatusError 400 for another kind, a wrong type, and with `validation` Strict for unknown fields.
    """
    check_kind(resource, document)
    unknown = Unknown()
    try:
        shape = reader(KIND_TYPES[resource.api_version, resource.kind])(document, unknown)
    except Mismatch:
        raise StatusError.bad_request(
            cannot_be_handled(resource, document, first_mismatch(resource, document))
        ) from None
    warnings: list[str] = []
    if validation != IGNORE and unknown.count > ("kind" in document) + ("apiVersion" in document):
        warnings = [f"unknown field {go_quote(path)}" for path in unknown_fields(resource, document)]
        if validation == STRICT and warnings:
            problem = f"strict decoding error: {', '.join(warnings)}"
            raise StatusError.bad_request(cannot_be_handled(resource, document, problem))
    return Decoded({"kind": resource.kind, "apiVersion": resource.api_version, **shape}, warnings)


def canonical(resource: Resource, value: JsonObject) -> JsonObject:
    """The same object in Go's order and without what Go leaves out, after it has been worked on."""
    shape = reader(KIND_TYPES[resource.api_version, resource.kind])(value, Unknown())
    return {"kind": resource.kind, "apiVersion": resource.api_version, **shape}


def cannot_be_handled(resource: Resource, document: JsonObject, problem: str) -> str:
    """How the API introduces a problem with a body."""
    kind = document.get("kind") or resource.kind
    version = (document.get("apiVersion") or resource.api_version).rpartition("/")[2]
    return f'{kind} in version "{version}" cannot be handled as a {resource.kind}: {problem}'


def check_kind(resource: Resource, document: Any) -> None:
    """Raises StatusError 400 where the document says it is something else."""
    if not isinstance(document, dict):
        raise StatusError.bad_request(_unrecognized(resource, f"{_json_type(document)} into Go value of type {_HEAD}"))
    for name in ("apiVersion", "kind"):
        value = document.get(name)
        if value is not None and not isinstance(value, str):
            problem = f"{_json_type(value)} into Go struct field .{name} of type string"
            raise StatusError.bad_request(_unrecognized(resource, problem))
    kind = document.get("kind") or resource.kind
    api_version = document.get("apiVersion") or resource.api_version
    if kind == resource.kind and api_version == resource.api_version:
        return
    if (api_version, kind) in KIND_TYPES:
        group = resource.group.partition(".")[0] or "core"
        problem = (
            f"converting ({go_type(KIND_TYPES[api_version, kind])}) to ({group}.{resource.kind}): unknown conversion"
        )
    else:
        problem = f'no kind "{kind}" is registered for version "{api_version}" in scheme "pkg/runtime/scheme.go:111"'
    raise StatusError.bad_request(cannot_be_handled(resource, document, problem))


def _unrecognized(resource: Resource, problem: str) -> str:
    what = f"the object provided is unrecognized (must be of type {resource.kind})"
    return f"{what}: couldn't get version/kind; json parse error: json: cannot unmarshal {problem}"


def unknown_fields(resource: Resource, document: JsonObject) -> list[str]:
    """The paths of fields no one knows, in the document's order."""
    found: list[str] = []
    _walk_unknown(KIND_TYPES[resource.api_version, resource.kind], document, "", found, top=True)
    return found


def first_mismatch(resource: Resource, document: JsonObject) -> str:
    """What Go's decoder says of the first value of a wrong type, in the document's order."""
    found = _walk_mismatch(KIND_TYPES[resource.api_version, resource.kind], document, ("", []))
    return found or "json: cannot unmarshal value"


def _walk_unknown(type: str, value: Any, path: str, found: list[str], *, top: bool = False) -> None:
    type = type.removeprefix("*")
    if type.startswith("[]") and isinstance(value, list):
        for index, each in enumerate(value):
            _walk_unknown(type[2:], each, f"{path}[{index}]", found)
    elif type.startswith("{}") and isinstance(value, dict):
        for key, each in value.items():
            _walk_unknown(type[2:], each, f"{path}.{key}", found)
    elif type in api_types() and isinstance(value, dict):
        fields = {field.name: field for field in api_types()[type].fields}
        for key, each in value.items():
            inner = f"{path}.{key}" if path else key
            if key in fields:
                _walk_unknown(fields[key].type, each, inner, found)
            elif not (top and key in ("kind", "apiVersion")):
                found.append(inner)


_Place = tuple[str, list[str]]
"""The Go name of the struct around a value, and the names of the fields down to it."""


def _walk_mismatch(type: str, value: Any, place: _Place) -> str:
    if value is None:
        return ""
    type = type.removeprefix("*")
    if type.startswith("[]"):
        if not isinstance(value, list):
            return _unmarshal(_json_type(value), type, place)
        return next(filter(None, (_walk_mismatch(type[2:], each, place) for each in value)), "")
    if type.startswith("{}"):
        if not isinstance(value, dict):
            return _unmarshal(_json_type(value), type, place)
        return next(filter(None, (_walk_mismatch(type[2:], each, place) for each in value.values())), "")
    if type in api_types():
        if not isinstance(value, dict):
            return _unmarshal(_json_type(value), type, place)
        fields: dict[str, ApiField] = {field.name: field for field in api_types()[type].fields}
        struct = type.partition(".")[2]
        inner = (
            (fields[key].type, each, (struct, [*place[1], *_embedded(type, fields[key]), key]))
            for key, each in value.items()
            if key in fields
        )
        return next(filter(None, (_walk_mismatch(*each) for each in inner)), "")
    return _simple_mismatch(type, value, place)


def _embedded(type: str, field: ApiField) -> list[str]:
    """What Go says between a struct and a field of a struct it embeds."""
    return [EMBEDDED.get(type, "LocalObjectReference")] if field.within else []


def _simple_mismatch(type: str, value: Any, place: _Place) -> str:
    plain = type.partition(" ")[0]
    try:
        reader(type)(value, Unknown())
    except Mismatch:
        pass
    else:
        return ""
    if plain in ("time", "microtime"):
        return _bad_time(value, place, parsed_time if plain == "time" else parsed_micro_time)
    if plain == "quantity":
        return _bad_quantity(value)
    if plain == "bytes" and isinstance(value, str):
        return bad_base64(value)
    if plain == "int-or-string":
        type = plain = "int32"
    number = plain in ("int32", "int64") and isinstance(value, int | float) and not isinstance(value, bool)
    return _unmarshal(f"number {value}" if number else _json_type(value), type, place)


def _bad_time(value: Any, place: _Place, parse: Callable[[str], object]) -> str:
    if not isinstance(value, str):
        return _unmarshal(_json_type(value), "string", place)
    try:
        parse(value)
    except BadTime as error:
        return str(error)
    raise AssertionError(value)


def _bad_quantity(value: Any) -> str:
    try:
        canonical_quantity(str(value))
    except BadQuantity as error:
        return str(error)
    return f"quantities must be strings or numbers, not {go_quote(_json_type(value))}"


def _unmarshal(found: str, type: str, place: _Place) -> str:
    struct, fields = place
    if not fields:
        return f"json: cannot unmarshal {found} into Go value of type {go_type(type)}"
    return f"json: cannot unmarshal {found} into Go struct field {struct}.{'.'.join(fields)} of type {go_type(type)}"


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"
