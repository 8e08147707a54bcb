"""PATCH: from the body of a request to a function that makes the new state of an object."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from resolver import limits
from resolver.controlplane.api import json_bodies
from resolver.controlplane.api.bodies import media_type
from resolver.controlplane.api.restoring import restore_problem
from resolver.controlplane.api.yaml_bodies import BadYaml, read_yaml
from resolver.controlplane.api_types import KIND_TYPES
from resolver.controlplane.cluster_api import Produce
from resolver.controlplane.decoding import IGNORE, STRICT, Decoded, cannot_be_handled, decode, unknown_fields
from resolver.controlplane.field_errors import invalid
from resolver.controlplane.go_text import go_quote
from resolver.controlplane.go_values import go_value
from resolver.controlplane.patches.json_patch import PatchFails, apply_json_patch, unknown_members
from resolver.controlplane.patches.merge_patch import apply_merge_patch
from resolver.controlplane.patches.server_side_apply import Application, apply
from resolver.controlplane.patches.strategic_merge import BadPatch, apply_strategic_merge
from resolver.controlplane.resources import Resource
from resolver.controlplane.status_error import StatusError

JsonObject = dict[str, Any]

JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
STRATEGIC_PATCH: Final = "application/strategic-merge-patch+json"
APPLY_PATCH: Final = "application/apply-patch+yaml"

_REJECTED: Final = "the server rejected our request due to an error in our request"
_GO_TYPES: Final = {dict: "object", list: "array", str: "string", bool: "bool", int: "number", float: "number"}
_OBJECT: Final = "map[string]interface {}"
_OPERATIONS: Final = "[]handlers.jsonPatchOp"


def patch_type(content_type: str) -> str:
    """Raises StatusError 415 for what is no patch."""
    media = media_type(content_type)
    if media not in (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH):
        raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", details=True)
    return media


def patch_producer(resource: Resource, kind: str, body: bytes, validation: str) -> Produce:
    """For all but server-side apply. `kind`: one of the types above. Raises StatusError 4xx or 500, now or later."""
    try:
        patch = json_bodies.read_json(body)
    except json_bodies.BadJson:
        raise StatusError.bad_request("invalid JSON patch") from None
    make = {JSON_PATCH: _by_operations, MERGE_PATCH: _by_merge, STRATEGIC_PATCH: _by_strategy}[kind]
    problems = [] if validation == IGNORE or not json_bodies.has_duplicates(body) else _duplicates(body)
    produce = make(resource, patch, problems, validation)

    def produced(old: JsonObject | None) -> Decoded:
        if old is None:
            raise AssertionError("only server-side apply makes objects")
        return produce(old)

    return produced


def apply_producer(application: Application, body: bytes, validation: str) -> Produce:
    """For server-side apply. Raises StatusError 400, 409 or 500, now or later."""
    config, duplicates = _read_config(body)

    def produced(old: JsonObject | None) -> Decoded:
        result = apply(application, old, config)
        _check_types(application.resource, result, config.get("metadata") or {})
        if duplicates and validation == STRICT:
            lines = "".join(f"\n  {each}" for each in duplicates)
            words = "error strict decoding patch: error converting YAML to JSON: yaml: unmarshal errors:"
            raise StatusError.bad_request(words + lines)
        warnings = [] if validation == IGNORE else list(duplicates)
        return Decoded(decode(application.resource, result, IGNORE).value, warnings)

    return produced


def _check_types(resource: Resource, value: JsonObject, told: JsonObject) -> None:
    """What has been merged is of the types of its kind. `told`: the metadata of the patch. Raises StatusError 500."""
    problem = restore_problem(KIND_TYPES[resource.api_version, resource.kind], value)
    if problem:
        named = f"{told.get('namespace') or ''}/{told.get('name') or ''}"
        shown = f"{resource.group}/{resource.version}, Kind={resource.kind}"
        words = f"failed to convert new object ({named}; {shown}) to proper version: unable to convert unstructured"
        raise StatusError(500, "", f"{words} object to {shown}: {problem}")


def drop_record(value: JsonObject) -> None:
    """Empty managedFields drop the record; as an empty list is no list to the decoder, one empty entry says so."""
    metadata = value.get("metadata")
    if isinstance(metadata, dict) and metadata.get("managedFields") == []:
        value["metadata"] = {**metadata, "managedFields": [{}]}


def _by_operations(
    resource: Resource, patch: Any, problems: list[str], validation: str
) -> Callable[[JsonObject], Decoded]:
    operations = [] if patch is None else patch
    if not isinstance(operations, list):
        raise StatusError.bad_request(f"error decoding patch: {_unmarshal(patch, _OPERATIONS)}")
    for each in operations:
        if not isinstance(each, dict):
            raise StatusError.bad_request(f"error decoding patch: {_unmarshal(each, _OPERATIONS[2:])}")
        for name in ("op", "path", "from"):
            if not isinstance(each.get(name, ""), str):
                found = _GO_TYPES.get(type(each[name]), "null")
                words = f"json: cannot unmarshal {found} into Go struct field jsonPatchOp.{name} of type string"
                raise StatusError.bad_request(f"error decoding patch: {words}")
    if len(operations) > limits.PATCH_OPERATIONS:
        words = f"The allowed maximum operations in a JSON patch is {limits.PATCH_OPERATIONS}, got {len(operations)}"
        raise StatusError.too_large(words)
    if validation != IGNORE:
        found_problems = [f"unknown field {go_quote(each)}" for each in unknown_members(operations)] + problems
        problems = [f"json patch {each}" for each in found_problems]

    def produce(old: JsonObject) -> Decoded:
        try:
            patched = apply_json_patch(old, operations)
        except PatchFails:
            raise StatusError(422, "Invalid", _REJECTED, details=True) from None
        return _decoded(resource, patched, problems, validation)

    return produce


def _by_merge(resource: Resource, patch: Any, problems: list[str], validation: str) -> Callable[[JsonObject], Decoded]:
    if patch is None:
        raise StatusError.bad_request("Invalid JSON Patch")
    if not isinstance(patch, dict):
        raise StatusError.bad_request(f"error decoding patch: {_unmarshal(patch, _OBJECT)}")
    return lambda old: _decoded(resource, apply_merge_patch(old, patch), problems, validation)


def _by_strategy(
    resource: Resource, patch: Any, problems: list[str], validation: str
) -> Callable[[JsonObject], Decoded]:
    if patch is None:
        patch = {}
    if not isinstance(patch, dict):
        raise StatusError.bad_request(_unmarshal(patch, _OBJECT))
    shown = go_value(patch)
    type = KIND_TYPES[resource.api_version, resource.kind]

    def produce(old: JsonObject) -> Decoded:
        try:
            merged = apply_strategic_merge(type, old, patch)
        except BadPatch as error:
            reason = {400: "BadRequest", 422: "Invalid"}.get(error.code, "")
            raise StatusError(error.code, reason, error.message, details=error.code == 422) from None
        merged.pop("kind", None)
        merged.pop("apiVersion", None)
        drop_record(merged)
        if problem := restore_problem(type, merged):
            raise _refusal(shown, problem)
        unknown = (
            []
            if validation == IGNORE
            else [f"unknown field {go_quote(each)}" for each in unknown_fields(resource, merged)]
        )
        found = problems + unknown
        if found and validation == STRICT:
            raise _refusal(shown, f"strict decoding error: {', '.join(found)}")
        return Decoded(decode(resource, merged, IGNORE).value, found)

    return produce


def _decoded(resource: Resource, patched: JsonObject, problems: list[str], validation: str) -> Decoded:
    """What a patched document says. Raises StatusError 422 that shows the whole document."""
    drop_record(patched)
    try:
        value = decode(resource, patched, IGNORE).value
    except StatusError as error:
        problem = error.message
        if isinstance(patched, dict):
            problem = problem.removeprefix(cannot_be_handled(resource, patched, "")).rpartition("): ")[2]
        raise _refusal(_json(patched), problem) from None
    found = problems if validation == IGNORE else problems + _unknown(resource, patched)
    if found and validation == STRICT:
        raise _refusal(_json(patched), f"strict decoding error: {', '.join(found)}")
    return Decoded(value, list(found))


def _unknown(resource: Resource, patched: JsonObject) -> list[str]:
    return [f"unknown field {go_quote(each)}" for each in unknown_fields(resource, patched)]


def _duplicates(body: bytes) -> list[str]:
    return json_bodies.strict_problems(body, "")


def _refusal(shown: str, problem: str) -> StatusError:
    return StatusError.invalid_kind("", "", "", [invalid("patch", shown, problem)])


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _unmarshal(value: Any, type: str) -> str:
    return f"json: cannot unmarshal {_GO_TYPES.get(value.__class__, 'null')} into Go value of type {type}"


def _read_config(body: bytes) -> tuple[JsonObject, list[str]]:
    """What server-side apply is given: YAML, which JSON is too; and the keys it has twice."""
    value: Any
    duplicates: list[str] = []
    if body[:1] == b"{" and not _is_strange(body):
        value = json_bodies.read_json(body)
    else:
        try:
            value, duplicates = read_yaml(body)
        except BadYaml as error:
            raise StatusError.bad_request(f"error encoding patch: {error}") from None
    if value is None:
        return {}, duplicates
    if not isinstance(value, dict):
        words = "error decoding patch: error unmarshaling JSON: while decoding JSON"
        raise StatusError.bad_request(f"{words}: {_unmarshal(value, _OBJECT)}")
    return value, duplicates


def _is_strange(body: bytes) -> bool:
    """Whether it is no JSON, or has keys twice: then YAML's reader has to tell."""
    try:
        json_bodies.read_json(body)
    except json_bodies.BadJson:
        return True
    return json_bodies.has_duplicates(body)
