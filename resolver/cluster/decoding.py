"""JSON of the Kubernetes API into cluster objects: whole pages, single watch lines, manifests.

A page is decoded in one go by types; only when it holds something malformed is it taken apart item by item, so that
a bad object is reported with its kind, namespace, name and field, and the rest is kept.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from resolver.cluster import raw
from resolver.cluster.objects import ClusterObject, Kind
from resolver.cluster.reading import READERS, Detail, Reading


class Problem(NamedTuple):
    """What is wrong with an object, and where: `field` is a path like ``spec.clusterIPs[1]``."""

    kind: str
    namespace: str
    name: str
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name or "(no name)"
        return f"{self.kind} {where}: {self.field}: {self.message}"


class ListPage(NamedTuple):
    """One page of a list. `continue_token` is empty on the last page."""

    resource_version: str
    continue_token: str
    objects: list[ClusterObject]


class WatchEvent(NamedTuple):
    """One line of a watch: `type` as sent; `object` is None for BOOKMARK, ERROR and what could not be read."""

    type: str
    object: ClusterObject | None
    resource_version: str = ""
    initial_events_end: bool = False
    status: raw.Status | None = None


Report = Callable[[Problem], None]

_T = TypeVar("_T")

_INITIAL_EVENTS_END: Final = "k8s.io/initial-events-end"
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises: a wrong type or broken JSON, bytes that are no UTF-8, values nested too deep."""


class Decoder:
    """Decodes one cluster's objects. `report` hears of what could not be used; `detail` says what to keep."""

    def __init__(self, report: Report, detail: Detail | None = None) -> None:
        self._report = report
        self._reading = Reading(detail or Detail(), self._field_problem)
        self._lists = {name: msgspec.json.Decoder(reader.list_type) for name, reader in READERS.items()}
        self._events = {name: msgspec.json.Decoder(reader.event_type) for name, reader in READERS.items()}
        self._any_list = msgspec.json.Decoder(raw.AnyList)
        self._any_event = msgspec.json.Decoder(raw.AnyEvent)
        self._meta = msgspec.json.Decoder(raw.AnyObject)
        self._status = msgspec.json.Decoder(raw.Status)
        self._kind = ""

    def page(self, kind: Kind, body: bytes) -> ListPage:
        """Decodes a list response. Raises msgspec.DecodeError where the body is no list at all."""
        self._kind = kind.name
        try:
            page = self._lists[kind.name].decode(body)
        except _UNREADABLE:
            return self._page_by_item(kind, body)
        objects = []
        for item in page.items or ():
            found = self._read(kind, item)
            if found is not None:
                objects.append(found)
        meta = page.metadata or raw.ListMeta()
        return ListPage(meta.resource_version or "", meta.continue_ or "", objects)

    def event(self, kind: Kind, line: bytes) -> WatchEvent:
        """Decodes one line of a watch. Raises msgspec.DecodeError where the line is no event at all."""
        self._kind = kind.name
        try:
            event = self._events[kind.name].decode(line)
        except _UNREADABLE:
            return self._event_by_part(kind, line)
        item = event.object
        meta = item.metadata
        version = meta.resource_version or "" if meta else ""
        if event.type == "BOOKMARK":
            return _bookmark(meta)
        if event.type == "ERROR":
            return self._event_by_part(kind, line)
        return WatchEvent(event.type, self._read(kind, item), version)

    def manifest(self, kind: Kind, document: object) -> ClusterObject | None:
        """Reads one object that came as plain values (YAML); None, and a report, where it cannot be used."""
        self._kind = kind.name
        try:
            item = msgspec.convert(document, READERS[kind.name].item_type)
        except msgspec.ValidationError as error:
            meta = document.get("metadata") if isinstance(document, dict) else None
            self._report(_problem(kind, _texts(meta), error))
            return None
        return self._read(kind, item)

    def _read(self, kind: Kind, item: Any) -> ClusterObject | None:
        meta = item.metadata
        if item.kind is not None and item.kind != kind.name:
            self._field_problem(meta, "kind", f"is {item.kind[:80]!r}")
            return None
        if meta is None or not meta.name:
            self._field_problem(meta, "metadata.name", "is missing")
            return None
        found: ClusterObject | None = READERS[kind.name].read(self._reading, item)
        return found

    def _page_by_item(self, kind: Kind, body: bytes) -> ListPage:
        page = _decoded(self._any_list, body)
        decoder = msgspec.json.Decoder(READERS[kind.name].item_type)
        objects = []
        for item in page.items or ():
            try:
                found = self._read(kind, decoder.decode(item))
            except _UNREADABLE as error:
                self._report(_problem(kind, _names(item), error))
                continue
            if found is not None:
                objects.append(found)
        meta = page.metadata or raw.ListMeta()
        return ListPage(meta.resource_version or "", meta.continue_ or "", objects)

    def _event_by_part(self, kind: Kind, line: bytes) -> WatchEvent:
        event = _decoded(self._any_event, line)
        if event.type == "ERROR":
            return WatchEvent("ERROR", None, status=_decoded(self._status, event.object))
        meta = _decoded(self._meta, event.object).metadata
        version = meta.resource_version or "" if meta else ""
        if event.type == "BOOKMARK":
            return _bookmark(meta)
        item_type = READERS[kind.name].item_type
        try:
            item = msgspec.json.decode(event.object, type=item_type)
        except _UNREADABLE as error:
            self._report(_problem(kind, _names(event.object), error))
            if event.type != "DELETED":
                return WatchEvent(event.type, None, version)
            item = item_type(metadata=meta)  # to delete an object its names are enough
        return WatchEvent(event.type, self._read(kind, item), version)

    def _field_problem(self, meta: raw.Meta | None, field: str, message: str) -> None:
        namespace, name = ((meta.namespace or ""), (meta.name or "")) if meta else ("", "")
        self._report(Problem(self._kind, namespace, name, field, message))


def _decoded(decoder: "msgspec.json.Decoder[_T]", data: bytes | msgspec.Raw) -> _T:
    """What it says; whatever is wrong is a DecodeError."""
    try:
        return decoder.decode(data)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from None


def _names(item: msgspec.Raw) -> tuple[str, str]:
    """Namespace and name of an object that is broken elsewhere, empty where they cannot be read either."""
    try:
        value = msgspec.json.decode(item)
    except _UNREADABLE:
        return "", ""
    return _texts(value.get("metadata") if isinstance(value, dict) else None)


def _bookmark(meta: raw.Meta | None) -> WatchEvent:
    version = meta.resource_version or "" if meta else ""
    annotations = (meta.annotations if meta else None) or {}
    return WatchEvent("BOOKMARK", None, version, annotations.get(_INITIAL_EVENTS_END) == "true")


def _texts(meta: object) -> tuple[str, str]:
    if not isinstance(meta, dict):
        return "", ""
    return str(meta.get("namespace") or ""), str(meta.get("name") or "")


def _problem(kind: Kind, names: tuple[str, str], error: Exception) -> Problem:
    message, _, path = str(error).partition(" - at `$.")
    return Problem(kind.name, *names, path.rstrip("`") or "object", message)
