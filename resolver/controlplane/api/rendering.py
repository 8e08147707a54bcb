"""Objects and lists as the bytes of an answer: JSON as it is stored, or what the client would rather have."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import yaml

from resolver.controlplane.api import tables
from resolver.controlplane.api.negotiation import PARTIAL, PARTIAL_LIST, TABLE, YAML, Answer
from resolver.controlplane.resources import Resource
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject

JsonObject = dict[str, Any]

INITIAL_EVENTS_END: Final = "k8s.io/initial-events-end"
_encode: Final = msgspec.json.Encoder().encode
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_DUMPER):  # type: ignore[misc,valid-type]  # one of two classes, by what is installed
    """Quotes as sigs.k8s.io/yaml does: double quotes where a text would be taken for something else."""


def _text(dumper: Any, text: str) -> Any:
    tag = dumper.resolve(yaml.ScalarNode, text, (True, False))
    style = "|" if "\n" in text else '"' if tag != "tag:yaml.org,2002:str" else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def encoded(value: Any, answer: Answer) -> bytes:
    """A value that is no stored object: a Status, a Table, a document of discovery."""
    return dressed(_encode(value), answer)


def dressed(body: bytes, answer: Answer) -> bytes:
    """JSON in the representation that is wanted."""
    if answer.media_type == YAML:
        dumped: bytes = yaml.dump(
            msgspec.json.decode(body), Dumper=_Dumper, encoding="utf-8", allow_unicode=True, width=1 << 16
        )
        return dumped
    if answer.pretty:
        return json.dumps(msgspec.json.decode(body), indent=2, ensure_ascii=False).encode() + b"\n"
    return body + b"\n"


def list_head(resource: Resource, metadata: JsonObject) -> bytes:
    """A list up to its first item."""
    return b'{"kind":"%b","apiVersion":"%b","metadata":%b,"items":[' % (
        resource.list_kind.encode(),
        resource.api_version.encode(),
        _encode(metadata),
    )


class Renderer:
    """Writes what one request is answered with. `include`: what tables hold besides cells. `now`: for ages."""

    def __init__(self, answer: Answer, include: str, now: Callable[[], datetime]) -> None:
        self._answer = answer
        self._include = include
        self._now = now
        self._headed = False

    @property
    def content_type(self) -> str:
        return self._answer.media_type

    def one(self, item: StoredObject) -> bytes:
        """An object by itself. Raises StatusError 406 for a list form."""
        kind = self._answer.kind
        if not kind:
            return dressed(item.body, self._answer)
        if kind == PARTIAL:
            return encoded(partial(item.object, self._answer.version), self._answer)
        if kind == PARTIAL_LIST:
            words = "you requested PartialObjectMetadataList, but the requested object is not a list"
            raise StatusError.not_acceptable(f"{words} ({_internal(item.resource)}.{item.resource.kind})")
        return encoded(self.table(item.object, {"resourceVersion": str(item.version)}), self._answer)

    def value(self, value: JsonObject) -> bytes:
        """The same for what is not stored in this form: a Scale, a Status, a deleted object."""
        kind = self._answer.kind
        if not kind or value["kind"] == "Status":
            return encoded(value, self._answer)
        if kind == TABLE:
            metadata = {"resourceVersion": value["metadata"].get("resourceVersion", "")}
            return encoded(self.table(value, metadata), self._answer)
        return encoded(partial(value, self._answer.version), self._answer)

    def many(self, resource: Resource, items: Sequence[StoredObject], metadata: JsonObject) -> bytes:
        """A list. Raises StatusError 406 for the form of a single object."""
        kind, version = self._answer.kind, self._answer.version
        if not kind:
            body = list_head(resource, metadata) + b",".join([each.item for each in items]) + b"]}"
            return dressed(body, self._answer)
        if kind == TABLE:
            now = self._now()
            rows = [tables.row(each.object, self._beside(each.object), now) for each in items]
            return encoded(tables.table(metadata, tables.columns(resource.kind), rows, version), self._answer)
        if kind == PARTIAL:
            words = "you requested PartialObjectMetadata, but the requested object is a list"
            raise StatusError.not_acceptable(f"{words} ({_internal(resource)}.{resource.list_kind})")
        listed = [partial(each.object, version) for each in items]
        shown = {"kind": PARTIAL_LIST, "apiVersion": f"meta.k8s.io/{version}", "metadata": metadata, "items": listed}
        return encoded(shown, self._answer)

    def event(self, type: str, item: StoredObject) -> bytes:
        """A line of a watch."""
        if not self._answer.kind:
            return b'{"type":"%b","object":%b}\n' % (type.encode(), item.body)
        return self.event_of(type, item.object)

    def event_of(self, type: str, value: JsonObject) -> bytes:
        """The same for a bookmark or an error."""
        shown: Any = value
        if value["kind"] != "Status" and self._answer.kind:
            if self._answer.kind == TABLE:
                shown = self.table(value, {"resourceVersion": value["metadata"].get("resourceVersion", "")})
            else:
                shown = partial(value, self._answer.version)
        return _encode({"type": type, "object": shown}) + b"\n"

    def table(self, value: JsonObject, metadata: JsonObject) -> Any:
        """A table of one row. Only the first one of a watch has its columns."""
        definitions = None if self._headed else tables.columns(value["kind"])
        self._headed = True
        row = tables.row(value, self._beside(value), self._now())
        return tables.table(metadata, definitions, [row], self._answer.version)

    def _beside(self, value: JsonObject) -> Any:
        ends = INITIAL_EVENTS_END in (value["metadata"].get("annotations") or {})
        if self._include == "Object":
            return value
        return None if self._include == "None" and not ends else partial(value, self._answer.version)


def _internal(resource: Resource) -> str:
    """The Go package in which the real server keeps a kind."""
    return f"*{resource.group.partition('.')[0] or 'core'}"


def partial(value: JsonObject, version: str) -> JsonObject:
    """The metadata alone."""
    return {"kind": PARTIAL, "apiVersion": f"meta.k8s.io/{version}", "metadata": value["metadata"]}
