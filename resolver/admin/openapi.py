"""The OpenAPI 3.1 description of the API, made from the table its routes are made from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

import resolver
from resolver.admin.operation import Operation, Problem

JSON: Final = "application/json"
JSON_LINES: Final = "application/x-ndjson"

_ANYWHERE: Final = {
    400: "A parameter or the body is wrong.",
    401: "The token is missing or wrong.",
    403: "Asked by a name that is not this machine's, or by a web page.",
}
_WRITING: Final = {413: "The body is too large.", 415: "The body is no JSON."}
_TEMPLATE: Final = "#/components/schemas/{name}"


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole document."""
    schemas = _Schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dualdns admin",
            "version": resolver.__version__,
            "description": "Looks into a running dualdns and puts faults into its answers.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


class _Schemas:
    """JSON Schema of all types that operations take and give."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        types: list[Any] = [Problem]
        for operation in operations:
            types += [operation.parameters, operation.body, operation.answer, *operation.lines]
        kinds = [each for each in dict.fromkeys(types) if each is not None]
        found, components = msgspec.json.schema_components(kinds, ref_template=_TEMPLATE)
        self._found = dict(zip(kinds, found, strict=True))
        parameters = {operation.parameters.__name__ for operation in operations}
        self._parameters = {name: schema for name, schema in components.items() if name in parameters}
        self.components = {name: schema for name, schema in components.items() if name not in parameters}

    def of(self, kind: Any) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._found[kind]
        return found

    def parameters_of(self, kind: type[msgspec.Struct]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._parameters[kind.__name__]
        return found


def _described(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    errors = {**_ANYWHERE, **(_WRITING if operation.writes else {}), **operation.errors}
    content: dict[str, Any] = {}
    if operation.answer is not None:
        content[JSON] = {"schema": schemas.of(operation.answer)}
    if operation.lines:
        content[JSON_LINES] = {"schema": {"anyOf": [schemas.of(kind) for kind in operation.lines]}}
    found: dict[str, Any] = {
        "operationId": operation.handler.__name__,
        "summary": operation.summary,
        "parameters": _parameters(operation, schemas),
        "responses": {
            "200": {"description": "Done.", "content": content},
            **{
                str(status): {"description": why, "content": {JSON: {"schema": schemas.of(Problem)}}}
                for status, why in sorted(errors.items())
            },
        },
    }
    if operation.body is not None:
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": schemas.of(operation.body)}}}
    return found


def _parameters(operation: Operation, schemas: _Schemas) -> list[dict[str, Any]]:
    described = schemas.parameters_of(operation.parameters)
    found = []
    for name, schema in described["properties"].items():
        in_path = f"{{{name}}}" in operation.path
        found.append(
            {
                "name": name,
                "in": "path" if in_path else "query",
                "required": in_path or name in described.get("required", ()),
                "description": _description(schema),
                "schema": _plain(schema),
            }
        )
    return found


def _description(schema: Mapping[str, Any]) -> str:
    text: str = _there(schema).get("description", "")
    return text


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is said beside it, and without null: a parameter that is not given is left out."""
    default = {"default": schema["default"]} if schema.get("default") is not None else {}
    return {key: value for key, value in _there(schema).items() if key not in ("description", "default")} | default


def _there(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a value that is there."""
    found: Mapping[str, Any] = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
    return found
