"""A store with controllers on it and a clock that stands still: objects are put in as they are, then all is settled."""

from collections.abc import Hashable, Sequence
from random import Random
from typing import Any

from resolver import limits
from resolver.controlplane.control_plane import Settings, new_cluster
from resolver.controlplane.controller_set import ControllerSettings, controller_set
from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.reconciling import Dispatcher
from resolver.controlplane.decoding import canonical
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.patches.managed_fields import FieldRecorder
from resolver.controlplane.resources import ENDPOINT_SLICES, ENDPOINTS, NAMESPACES, Resource, resource_of_kind
from resolver.controlplane.service_ranges import service_ranges
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.workloads.pod_ranges import pod_ranges

HTTP: JsonObject = {"name": "http", "port": 80}
CREATED = "2026-01-02T03:04:05Z"


class ControllerWorld:
    """`now` is metav1.Time text, to be set by tests. `refused` is what controllers could not write.

    `simulate`: Pod ranges; without any nothing is simulated.
    """

    def __init__(
        self,
        *simulate: str,
        endpoints_per_slice: int = limits.ENDPOINTS_PER_SLICE,
        mirrored: int = limits.MIRRORED_ADDRESSES,
        started: bool = True,
    ) -> None:
        self.now = CREATED
        self.store = ObjectStore()
        self.random = Random(1)
        ranges = pod_ranges(pods) if (pods := list(simulate)) else None
        services = Settings(service_ranges("10.43.0.0/16,fd43::/112"))
        record = FieldRecorder(lambda: self.now)
        self.api = new_cluster(self.store, services, lambda: self.now, self.random, track_fields=record)
        self.index = ClusterIndex(self.store)
        self.writer = ClusterWriter(self.api)
        self.refused: list[tuple[str, Hashable, StatusError]] = []
        settings = ControllerSettings(endpoints_per_slice, mirrored, ranges)
        made = controller_set(self.index, self.writer, lambda: self.now, settings)
        self.nodes = made.nodes
        self.dispatcher = Dispatcher(
            self.store, self.index, made.reconcilers, lambda: None, lambda: 0.0, lambda *told: self.refused.append(told)
        )
        self.uids = 0
        if started:
            self.start()
        self.api.create(NAMESPACES, "", {"metadata": {"name": "shop"}})

    def start(self) -> None:
        self.dispatcher.start()
        if self.nodes is not None:
            self.nodes.begin()

    def put(self, document: JsonObject) -> StoredObject:
        """Stores an object as it is, in the API's shape; a new one gets a uid and the time of creation."""
        resource = resource_of_kind(document["apiVersion"], document["kind"])
        assert resource is not None
        metadata = {"creationTimestamp": self.now, **document["metadata"]}
        before = self.store.get(resource, metadata.get("namespace", ""), metadata["name"])
        if before is not None:
            metadata = {**metadata, "uid": before.object["metadata"]["uid"]}
        elif "uid" not in metadata:
            self.uids += 1
            metadata["uid"] = f"uid-{self.uids}"
        value = canonical(resource, {**document, "metadata": metadata})
        return self.store.create(resource, value) if before is None else self.store.update(resource, value, before)

    def service(self, name: str = "web", ports: Sequence[JsonObject] = (HTTP,), **spec: Any) -> StoredObject:
        """A ClusterIP Service of namespace shop, single-stack IPv4, that selects ``app: web``. None drops a field.

        `labels` and the other fields of metadata are given as ``meta``.
        """
        full = {
            "type": "ClusterIP",
            "clusterIP": "10.43.1.1",
            "ipFamilies": ["IPv4"],
            "selector": {"app": "web"},
            **spec,
        }
        meta = full.pop("meta", {})
        full["ports"] = [{"protocol": "TCP", "targetPort": each["port"], **each} for each in ports]
        spec = {key: value for key, value in full.items() if value is not None}
        metadata = {"name": name, "namespace": "shop", **meta}
        return self.put({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})

    def pod(self, name: str, *ips: str, ready: bool | None = True, phase: str = "Running", **spec: Any) -> StoredObject:
        """A Pod of namespace shop labelled ``app: web``, on node-a unless `nodeName` says otherwise.

        `labels`, `meta` and `since` (when it became ready) may be among `spec`.
        """
        full = {"nodeName": "node-a", "containers": [], **spec}
        labels, meta = full.pop("labels", {"app": "web"}), full.pop("meta", {})
        condition = {"type": "Ready", "status": str(ready), "lastTransitionTime": full.pop("since", CREATED)}
        status: JsonObject = {"phase": phase, "conditions": [] if ready is None else [condition]}
        if ips:
            status |= {"podIP": ips[0], "podIPs": [{"ip": each} for each in ips]}
        metadata = {"name": name, "namespace": "shop", "labels": labels, **meta}
        return self.put({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": full, "status": status})

    def node(self, name: str, zone: str = "") -> StoredObject:
        labels = {"topology.kubernetes.io/zone": zone} if zone else {}
        return self.put({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}})

    def hand_made(self, name: str, *subsets: JsonObject, **meta: Any) -> StoredObject:
        """Endpoints of namespace shop."""
        metadata = {"name": name, "namespace": "shop", **meta}
        return self.put({"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata, "subsets": list(subsets)})

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

    def slices(self, family: str = "", namespace: str = "shop") -> list[dict[str, Any]]:
        """Those of one family, or all."""
        found = self.objects(ENDPOINT_SLICES, namespace)
        return [each for each in found if family in ("", each["addressType"])]

    def shown(self, family: str = "IPv4") -> dict[str, JsonObject]:
        """All endpoints of a family by address."""
        endpoints = [each for item in self.slices(family) for each in item["endpoints"] or ()]
        return {address: each for each in endpoints for address in each["addresses"]}

    def endpoints(self, name: str = "web", namespace: str = "shop") -> dict[str, Any] | None:
        found = self.store.get(ENDPOINTS, namespace, name)
        return None if found is None else found.object
