"""The objects behind an inventory as the API has them: what the inventory leaves out is still there."""

import asyncio
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final, Protocol

import msgspec

from resolver import limits
from resolver.cluster.objects import ENDPOINT_SLICES, PODS, Kind
from resolver.cluster.reading import SERVICE_NAME_LABEL
from resolver.controlplane.resources import Resource, resource_of_kind
from resolver.controlplane.stored_object import StoredObject
from resolver.kubeapi.errors import UNREADABLE, ApiUnavailable
from resolver.server.api_feed import ApiFeed
from resolver.server.embedded_source import EmbeddedSource

_FIRST_IP: Final = "spec.clusterIPs[0]"

JsonObject = dict[str, Any]
Place = tuple[str, int]
"""File and line."""


class Unreadable(Exception):
    """The objects cannot be had; the text says why."""


class RawObjects(Protocol):
    """Reads whole objects. Raises Unreadable."""

    async def named(self, kind: Kind, namespace: str, name: str) -> JsonObject | None:
        """One object; namespace empty for an object of the cluster."""

    async def slices(self, namespace: str, service: str) -> list[JsonObject]:
        """The EndpointSlices that carry the Service's label."""

    async def services_of(self, address: str) -> list[tuple[str, str]]:
        """Namespaces and names of Services of which a slice holds the address, ready or not, where that can be told."""

    async def pods(self, namespace: str, labels: Mapping[str, str], names: frozenset[str]) -> list[JsonObject]:
        """The Pods that have all these labels, and those of these names."""

    def place(self, item: JsonObject, field: str = "") -> Place | None:
        """Where a manifest says this field of the object, or what is around it."""

    def owner(self, item: JsonObject) -> JsonObject | None:
        """The object whose controller made this one, where it can be looked at."""


class EmbeddedObjects:
    """From the embedded cluster's store."""

    def __init__(self, source: EmbeddedSource) -> None:
        self._store = source.cluster.store
        self._documents = source.documents()

    async def named(self, kind: Kind, namespace: str, name: str) -> JsonObject | None:
        return self._get(kind.api_version, kind.name, namespace, name)

    async def slices(self, namespace: str, service: str) -> list[JsonObject]:
        mark = f'"{service}"'.encode()
        found = await self._all(ENDPOINT_SLICES, namespace, lambda each: mark in each.body)
        return [each.object for each in found if each.labels.get(SERVICE_NAME_LABEL) == service]

    async def services_of(self, address: str) -> list[tuple[str, str]]:
        mark = f'"{address}"'.encode()
        found = await self._all(ENDPOINT_SLICES, "", lambda each: mark in each.body)
        return [(each.namespace, name) for each in found if (name := each.labels.get(SERVICE_NAME_LABEL))]

    async def pods(self, namespace: str, labels: Mapping[str, str], names: frozenset[str]) -> list[JsonObject]:
        wanted = labels.items()

        def fits(pod: StoredObject) -> bool:
            return pod.name in names or (bool(labels) and wanted <= pod.labels.items())

        return [each.object for each in await self._all(PODS, namespace, fits)]

    def place(self, item: JsonObject, field: str = "") -> Place | None:
        resource = resource_of_kind(item["apiVersion"], item["kind"])
        metadata = item["metadata"]
        if resource is None:
            return None
        document = self._documents.get((resource, metadata.get("namespace", ""), metadata["name"]))
        if document is None or not document.line:
            return None
        if field == _FIRST_IP and not (document.value.get("spec") or {}).get("clusterIPs"):
            field = "spec.clusterIP"  # what was written; the API has made a list of it
        return document.locate(field)

    def owner(self, item: JsonObject) -> JsonObject | None:
        metadata = item["metadata"]
        for reference in metadata.get("ownerReferences", ()):
            if reference.get("controller"):
                found = self._get(
                    reference["apiVersion"], reference["kind"], metadata.get("namespace", ""), reference["name"]
                )
                return found or self._get(reference["apiVersion"], reference["kind"], "", reference["name"])
        return None

    async def _all(self, kind: Kind, namespace: str, fits: Callable[[StoredObject], bool]) -> list[StoredObject]:
        """Those that fit; questions get their turn while many are looked through."""
        found: list[StoredObject] = []
        objects = self._store.all(_resource(kind), namespace)
        while some := list(islice(objects, limits.EXPLAINED_AT_ONCE)):
            found += filter(fits, some)
            await asyncio.sleep(0)
        return found

    def _get(self, api_version: str, kind: str, namespace: str, name: str) -> JsonObject | None:
        resource = resource_of_kind(api_version, kind)
        stored = self._store.get(resource, namespace, name) if resource is not None else None
        return stored.object if stored is not None else None


class ApiObjects:
    """From a Kubernetes API, by lists: who may watch a kind may list it, and not always get one object."""

    def __init__(self, feed: ApiFeed) -> None:
        self._feed = feed

    async def named(self, kind: Kind, namespace: str, name: str) -> JsonObject | None:
        found = await self._list(kind, namespace, {"fieldSelector": f"metadata.name={name}"})
        return found[0] if found else None

    async def slices(self, namespace: str, service: str) -> list[JsonObject]:
        return await self._list(ENDPOINT_SLICES, namespace, {"labelSelector": f"{SERVICE_NAME_LABEL}={service}"})

    async def services_of(self, address: str) -> list[tuple[str, str]]:
        return []  # the slices of a whole cluster are too many to look through

    async def pods(self, namespace: str, labels: Mapping[str, str], names: frozenset[str]) -> list[JsonObject]:
        if labels:
            selector = ",".join(f"{key}={value}" for key, value in labels.items())
            return await self._list(PODS, namespace, {"labelSelector": selector})
        return [each for each in await self._list(PODS, namespace, {}) if each["metadata"]["name"] in names]

    def place(self, item: JsonObject, field: str = "") -> Place | None:
        return None

    def owner(self, item: JsonObject) -> JsonObject | None:
        return None

    async def _list(self, kind: Kind, namespace: str, query: Mapping[str, str]) -> list[JsonObject]:
        head, _, plural = kind.path.rpartition("/")
        path = f"{head}/namespaces/{namespace}/{plural}" if namespace else kind.path
        try:
            body = msgspec.json.decode(await self._feed.fetch(path, query))
        except (ApiUnavailable, *UNREADABLE) as error:
            raise Unreadable(f"{plural} cannot be looked at: {error}") from error
        items = body.get("items") if isinstance(body, dict) else None
        return [{"apiVersion": kind.api_version, "kind": kind.name, **item} for item in items or ()]


def _resource(kind: Kind) -> Resource:
    found = resource_of_kind(kind.api_version, kind.name)
    if found is None:
        raise LookupError(kind.name)
    return found
