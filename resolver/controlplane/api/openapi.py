"""OpenAPI documents: enough for kubectl's validation and ``kubectl explain``, from the shapes in `api_types`."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

import msgspec

from resolver.controlplane.api.discovery import GROUP_ORDER
from resolver.controlplane.api.field_notes import ENUMS, FIELD_NOTES, TYPE_NOTES
from resolver.controlplane.api_types import KIND_TYPES, ApiField, api_types
from resolver.controlplane.resources import RESOURCES, Resource

JsonObject = dict[str, Any]

_INFO: Final = {"title": "Kubernetes", "version": "1.37"}
_PREFIXES: Final = {
    "meta": "io.k8s.apimachinery.pkg.apis.meta.v1",
    "core": "io.k8s.api.core.v1",
    "apps": "io.k8s.api.apps.v1",
    "batch": "io.k8s.api.batch.v1",
    "discovery": "io.k8s.api.discovery.v1",
    "networking": "io.k8s.api.networking.v1",
    "coordination": "io.k8s.api.coordination.v1",
    "autoscaling": "io.k8s.api.autoscaling.v1",
    "scheduling": "io.k8s.api.scheduling.v1alpha1",
}
_SIMPLE: Final[dict[str, JsonObject]] = {
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "bytes": {"type": "string", "format": "byte"},
    "time": {"type": "string", "format": "date-time"},
    "microtime": {"type": "string", "format": "date-time"},
    "quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "int-or-string": {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    "fields": {"type": "object"},
}
_ZEROS: Final = {"string": "", "bool": False, "int32": 0, "int64": 0}
_VALIDATED: Final = ("post", "put", "patch")
_QUERY: Final = [
    {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
    for name in ("dryRun", "fieldManager", "fieldValidation")
]
PATHS: Final = {"api/v1": "", **{f"apis/{each}/v1": each for each in GROUP_ORDER}}
"""Of each document its group."""


@cache
def index() -> bytes:
    """/openapi/v3: where the documents are; the hash lets clients keep them."""
    places = {path: {"serverRelativeURL": f"/openapi/v3/{path}?hash={etag(path)}"} for path in PATHS}
    return msgspec.json.encode({"paths": places})


@cache
def etag(path: str) -> str:
    return hashlib.sha512(document(path)).hexdigest().upper()


@cache
def document(path: str) -> bytes:
    """The document of one group and version. Raises KeyError for what is none."""
    group = PATHS[path]
    resources = [each for each in RESOURCES if each.group == group]
    found: dict[str, JsonObject] = {}
    for each in resources:
        _collect(KIND_TYPES[each.api_version, each.kind], found)
        found[_list_name(each)] = _list_schema(each)
    _collect("meta.ListMeta", found)
    _collect("meta.DeleteOptions", found)
    if any(each.has_scale for each in resources):
        _collect("autoscaling.Scale", found)
    for each in resources:
        _add_identity(found[_name(KIND_TYPES[each.api_version, each.kind])], each)
    return msgspec.json.encode(
        {
            "openapi": "3.0.0",
            "info": _INFO,
            "paths": dict(sorted(item for each in resources for item in _paths(each))),
            "components": {"schemas": dict(sorted(found.items()))},
        }
    )


def swagger() -> bytes:
    """/openapi/v2, which nothing needs where there is v3."""
    return msgspec.json.encode({"swagger": "2.0", "info": _INFO, "paths": {}, "definitions": {}})


def _name(type: str) -> str:
    package, _, name = type.partition(".")
    return f"{_PREFIXES[package]}.{name}"


def _list_name(resource: Resource) -> str:
    return _name(KIND_TYPES[resource.api_version, resource.kind]).removesuffix(resource.kind) + resource.list_kind


def _reference(name: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{name}"}


def _collect(type: str, found: dict[str, JsonObject]) -> None:
    """Adds the schema of a struct and of all it needs."""
    name = _name(type)
    if name in found:
        return
    found[name] = {}
    fields = sorted(api_types()[type].fields, key=lambda each: each.name)
    for inner in _structs(fields):
        _collect(inner, found)
    schema: JsonObject = {"description": TYPE_NOTES.get(type, f"{type.partition('.')[2]} of the Kubernetes API.")}
    schema["type"] = "object"
    required = [each.name for each in fields if not each.optional and not each.type.startswith("*") and not each.omit]
    if required:
        schema["required"] = required
    schema["properties"] = {each.name: _property(type, each) for each in fields}
    if api_types()[type].atomic:
        schema["x-kubernetes-map-type"] = "atomic"
    found[name] = schema


def _structs(fields: Iterable[ApiField]) -> Iterator[str]:
    for each in fields:
        inner = each.type
        while inner.startswith(("*", "[]", "{}")):
            inner = inner.removeprefix("*").removeprefix("[]").removeprefix("{}")
        if inner in api_types():
            yield inner


def _property(type: str, field: ApiField) -> JsonObject:
    schema = _schema(field.type)
    note = FIELD_NOTES.get((type, field.name)) or f"{field.name} of {type.partition('.')[2]}."
    if "$ref" in schema:
        schema = {"allOf": [schema]}
        if not field.type.startswith("*"):
            schema = {"default": {}} | schema
    elif field.default is not None:
        schema["default"] = field.default
    elif not field.optional and not field.omit and field.type.partition(" ")[0] in _ZEROS:
        schema["default"] = _ZEROS[field.type.partition(" ")[0]]
    return {"description": note} | schema | _extensions(field)


def _schema(type: str) -> JsonObject:
    type = type.removeprefix("*")
    if type.startswith("[]"):
        return {"type": "array", "items": _schema(type[2:])}
    if type.startswith("{}"):
        return {"type": "object", "additionalProperties": _schema(type[2:])}
    if type in api_types():
        return _reference(_name(type))
    plain, _, named = type.partition(" ")
    return _SIMPLE[plain] | ({"enum": list(ENUMS[named])} if named in ENUMS else {})


def _extensions(field: ApiField) -> JsonObject:
    found = {
        "x-kubernetes-list-map-keys": list(field.list_keys),
        "x-kubernetes-list-type": field.list,
        "x-kubernetes-map-type": field.map or field.struct,
        "x-kubernetes-patch-merge-key": field.merge_key,
        "x-kubernetes-patch-strategy": field.patch,
    }
    return {key: value for key, value in found.items() if value}


def _list_schema(resource: Resource) -> JsonObject:
    items = {"type": "array", "items": _reference(_name(KIND_TYPES[resource.api_version, resource.kind]))}
    metadata = {"allOf": [_reference(_name("meta.ListMeta"))]}
    properties = {"apiVersion": {"type": "string"}, "items": items, "kind": {"type": "string"}, "metadata": metadata}
    schema = {"description": f"A list of {resource.kind}.", "type": "object", "required": ["items"]}
    return schema | {"properties": properties, "x-kubernetes-group-version-kind": [_kind(resource, resource.list_kind)]}


def _add_identity(schema: JsonObject, resource: Resource) -> None:
    """What makes a struct a kind: its head, and the name of the kind."""
    texts = {
        "apiVersion": {"description": "The group and version of this form of the object.", "type": "string"},
        "kind": {"description": "What kind of object this is.", "type": "string"},
    }
    schema["properties"] = dict(sorted((texts | schema["properties"]).items()))
    schema["x-kubernetes-group-version-kind"] = [_kind(resource, resource.kind)]


def _kind(resource: Resource, kind: str) -> JsonObject:
    return {"group": resource.group, "kind": kind, "version": resource.version}


def _paths(resource: Resource) -> Iterator[tuple[str, JsonObject]]:
    root = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    collection = (
        f"{root}/namespaces/{{namespace}}/{resource.plural}" if resource.namespaced else f"{root}/{resource.plural}"
    )
    yield collection, _operations(resource, ("get", "post"))
    yield f"{collection}/{{name}}", _operations(resource, ("get", "put", "delete", "patch"))
    if resource.has_status:
        yield f"{collection}/{{name}}/status", _operations(resource, ("get", "put", "patch"))


def _operations(resource: Resource, methods: Iterable[str]) -> JsonObject:
    return {
        method: {
            "x-kubernetes-action": method,
            "x-kubernetes-group-version-kind": _kind(resource, resource.kind),
            **({"parameters": _QUERY} if method in _VALIDATED else {}),
            "responses": {},
        }
        for method in methods
    }
