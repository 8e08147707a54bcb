"""From the body of a request to a document, with the API's words for bodies that are none."""

from typing import Any, Final, NamedTuple

from resolver.controlplane.api import json_bodies, protobuf_bodies, yaml_bodies
from resolver.controlplane.api.negotiation import JSON, PROTOBUF, YAML
from resolver.controlplane.api_types import KIND_TYPES
from resolver.controlplane.decoding import IGNORE, STRICT, cannot_be_handled, decode, unknown_fields
from resolver.controlplane.go_text import go_quote
from resolver.controlplane.resources import Resource
from resolver.controlplane.status_error import StatusError

_UNSUPPORTED: Final = (
    f"the body of the request was in an unknown format - accepted media types include: {JSON}, {YAML}, {PROTOBUF}"
)
_HEAD: Final = r'struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'
_SHOWN: Final = 30  # bytes of a body that messages repeat
_GO_TYPES: Final = {dict: "object", list: "array", str: "string", bool: "bool", int: "number", float: "number"}


class BadBody(Exception):
    """A body that cannot be read, in the words of its decoder."""


class Document(NamedTuple):
    """An object as it came. `warnings`: what its decoding is to warn of, where that differs from unknown fields."""

    value: dict[str, Any]
    warnings: tuple[str, ...] | None = None


def media_type(content_type: str) -> str:
    """The media type without its parameters; JSON where none is said."""
    return content_type.partition(";")[0].strip().lower() or JSON


def read_object(resource: Resource, body: bytes, content_type: str, validation: str) -> Document:
    """The document of an object that is to be written. Raises StatusError 400 or 415.

    A document with keys that are there twice is refused here under Strict, and brings its warnings under Warn.
    """
    media = media_type(content_type)
    try:
        value, duplicates = _read(body, media, resource)
    except BadBody as error:
        problem = f"the object provided is unrecognized (must be of type {resource.kind}): {error} ({_summary(body)})"
        raise StatusError.bad_request(problem) from None
    if validation == IGNORE or not duplicates:
        return Document(value)
    if media == YAML:
        problems = duplicates + [f"unknown field {go_quote(each)}" for each in unknown_fields(resource, value)]
    else:
        problems = json_bodies.strict_problems(body, KIND_TYPES[resource.api_version, resource.kind])
    if validation == STRICT:
        decode(resource, value, IGNORE)
        shown = ", ".join(problems)
        if media == YAML:
            lines = "".join(f"\n  {each}" for each in duplicates)
            shown = ", ".join([f"yaml: unmarshal errors:{lines}", *problems[len(duplicates) :]])
        raise StatusError.bad_request(cannot_be_handled(resource, value, f"strict decoding error: {shown}"))
    return Document(value, tuple(problems))


def read_options(body: bytes, content_type: str) -> dict[str, Any]:
    """The document of DeleteOptions. Raises StatusError 400 or 415."""
    try:
        value, _ = _read(body, media_type(content_type), None)
    except BadBody as error:
        raise StatusError.bad_request(str(error)) from None
    if (kind := value.get("kind", "DeleteOptions")) != "DeleteOptions":
        version = value.get("apiVersion", "")
        problem = f'no kind "{kind}" is registered for version "{version}" in scheme "pkg/runtime/scheme.go:111"'
        raise StatusError.bad_request(problem)
    return value


def _read(body: bytes, media: str, resource: Resource | None) -> tuple[dict[str, Any], list[str]]:
    """The document, and what is twice in it: of JSON only whether anything is."""
    if media == JSON:
        try:
            value = json_bodies.read_json(body)
        except json_bodies.BadJson as error:
            raise BadBody(_no_head(str(error))) from None
        return _headed(value), [""] if json_bodies.has_duplicates(body) else []
    if media == YAML:
        try:
            value, duplicates = yaml_bodies.read_yaml(body)
        except yaml_bodies.BadYaml as error:
            raise BadBody(str(error)) from None
        return _headed(value), duplicates
    if media == PROTOBUF:
        return _read_protobuf(body, resource), []
    raise StatusError.unsupported_media_type(_UNSUPPORTED)


def _read_protobuf(body: bytes, resource: Resource | None) -> dict[str, Any]:
    try:
        envelope = protobuf_bodies.read_envelope(body)
    except protobuf_bodies.BadProtobuf as error:
        raise BadBody(str(error)) from None
    head = {"kind": envelope.kind, "apiVersion": envelope.api_version}
    type = KIND_TYPES[resource.api_version, resource.kind] if resource else "meta.DeleteOptions"
    if resource and (envelope.api_version, envelope.kind) != (resource.api_version, resource.kind):
        return head  # refused for what it says it is
    try:
        return protobuf_bodies.read_protobuf(envelope, type)
    except protobuf_bodies.BadProtobuf as error:
        if resource is None:
            raise BadBody(str(error)) from None
        raise StatusError.bad_request(cannot_be_handled(resource, head, str(error))) from None


def _headed(value: Any) -> dict[str, Any]:
    """An object that may say what it is; null is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadBody(_no_head(f"json: cannot unmarshal {_GO_TYPES[type(value)]} into Go value of type {_HEAD}"))
    for name in ("apiVersion", "kind"):
        if (found := value.get(name)) is not None and not isinstance(found, str):
            shown = _GO_TYPES[type(found)]
            raise BadBody(_no_head(f"json: cannot unmarshal {shown} into Go struct field .{name} of type string"))
    return value


def _no_head(problem: str) -> str:
    return f"couldn't get version/kind; json parse error: {problem}"


def _summary(body: bytes) -> str:
    """The beginning of a body as messages show it."""
    if not body:
        return "<empty>"
    more = " ..." if len(body) > _SHOWN else ""
    begun = body[:_SHOWN]
    return (begun.decode("utf-8", "replace") if body.startswith(b"{") else begun.hex()) + more
