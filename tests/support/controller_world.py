"""A store with controllers on it and a clock that stands still: objects are put in as they are, then all is settled."""

from collections.abc import Callable, Hashable, Sequence
from random import Random
from typing import Any

from resolver import limits
from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.endpoint_slice_mirroring import MirroredSlices
from resolver.controlplane.controllers.endpoint_slices import EndpointSlices
from resolver.controlplane.controllers.endpoints import LegacyEndpoints
from resolver.controlplane.controllers.reconciling import Dispatcher, Reconciler
from resolver.controlplane.decoding import canonical
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import ENDPOINT_SLICES, ENDPOINTS, NAMESPACES, Resource, resource_of_kind
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject, StoredObject

CREATED = "2026-01-02T03:04:05Z"

MakeReconcilers = Callable[[ClusterIndex, ClusterWriter], Sequence[Reconciler]]


class ControllerWorld:
    """`now` is metav1.Time text, to be set by tests. `refused` is what controllers could not write."""

    def __init__(
        self,
        make: MakeReconcilers | None = None,
        *,
        endpoints_per_slice: int = limits.ENDPOINTS_PER_SLICE,
        mirrored: int = limits.MIRRORED_ADDRESSES,
    ) -> None:
        self.now = CREATED
        self.store = ObjectStore()
        self.random = Random(1)
        self.api = ClusterApi(self.store, {}, lambda: self.now, self.random)
        self.index = ClusterIndex(self.store)
        self.writer = ClusterWriter(self.api)
        self.refused: list[tuple[str, Hashable, StatusError]] = []
        reconcilers = make(self.index, self.writer) if make is not None else (
            EndpointSlices(self.index, self.writer, endpoints_per_slice),
            MirroredSlices(self.index, self.writer, mirrored),
            LegacyEndpoints(self.index, self.writer),
        )  # fmt: skip
        self.dispatcher = Dispatcher(
            self.store, self.index, reconcilers, lambda: None, lambda: 0.0, lambda *told: self.refused.append(told)
        )
        self.uids = 0
        self.dispatcher.start()
        for name in ("default", "shop"):
            self.put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    def put(self, document: JsonObject) -> StoredObject:
        """Stores an object as it is, in the API's shape; a new one gets a uid and the time of creation."""
        resource = resource_of_kind(document["apiVersion"], document["kind"])
        assert resource is not None
        metadata = {"creationTimestamp": self.now, **document["metadata"]}
        before = self.store.get(resource, metadata.get("namespace", ""), metadata["name"])
        if before is not None:
            metadata["uid"] = before.object["metadata"]["uid"]
        elif "uid" not in metadata:
            self.uids += 1
            metadata["uid"] = f"uid-{self.uids}"
        value = canonical(resource, {**document, "metadata": metadata})
        return self.store.create(resource, value) if before is None else self.store.update(resource, value, before)

    def remove(self, resource: Resource, name: str, namespace: str = "shop") -> None:
        """Takes an object out of the store, finalizers or not."""
        found = self.store.get(resource, namespace, name)
        assert found is not None
        self.store.delete(found)

    def settle(self) -> None:
        """Lets the controllers work until nothing is left to do."""
        for _ in range(10_000):
            if not self.dispatcher.turn():
                return
        raise AssertionError("the controllers never come to rest")

    def objects(self, resource: Resource, namespace: str = "") -> list[dict[str, Any]]:
        return [each.object for each in self.store.all(resource, namespace)]

    def slices(self, namespace: str = "shop") -> list[dict[str, Any]]:
        return self.objects(ENDPOINT_SLICES, namespace)

    def endpoints(self, name: str, namespace: str = "shop") -> dict[str, Any] | None:
        found = self.store.get(ENDPOINTS, namespace, name)
        return None if found is None else found.object

    def namespaces(self) -> list[str]:
        return [each.name for each in self.store.all(NAMESPACES)]
