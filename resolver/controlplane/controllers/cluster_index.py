"""Where objects are found by what they say: Pods and Services by labels, slices by Service, dependents by owner.

Fed with every change of the store in order; what it says is never newer than the store.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Generic, TypeVar

import msgspec

from resolver import limits
from resolver.controlplane.controllers.node_facts import NodeFacts, node_facts
from resolver.controlplane.controllers.pod_facts import PodFacts, pod_facts
from resolver.controlplane.object_store import DELETED, Change, ObjectStore
from resolver.controlplane.resources import ENDPOINT_SLICES, ENDPOINTS, NODES, PODS, SERVICES, Resource
from resolver.controlplane.stored_object import StoredObject

SERVICE_NAME: Final = "kubernetes.io/service-name"

_K = TypeVar("_K")
_V = TypeVar("_V")

Pair = tuple[str, str, str]
"""Namespace, key and value of a label."""

Dependent = tuple[Resource, str]
"""The kind and key of an object that names an owner."""


class Groups(Generic[_K, _V]):
    """Values by key, each once, in the order of their coming. Few values of a key are a tuple, to save memory."""

    def __init__(self) -> None:
        self._groups: dict[_K, tuple[_V, ...] | dict[_V, None]] = {}

    def add(self, key: _K, value: _V) -> None:
        found = self._groups.get(key, ())
        if isinstance(found, dict):
            found[value] = None
        elif value not in found:
            more = (*found, value)
            self._groups[key] = more if len(more) <= limits.SMALL_GROUP else dict.fromkeys(more)

    def discard(self, key: _K, value: _V) -> None:
        found = self._groups.get(key)
        if found is None or value not in found:
            return
        if len(found) == 1:
            del self._groups[key]
        elif isinstance(found, dict):
            del found[value]
        else:
            self._groups[key] = tuple(each for each in found if each != value)

    def get(self, key: _K) -> tuple[_V, ...]:
        return tuple(self._groups.get(key, ()))

    def size(self, key: _K) -> int:
        return len(self._groups.get(key, ()))


class _Selecting(msgspec.Struct):
    selector: dict[str, str] | None = None


class _Service(msgspec.Struct):
    spec: _Selecting


class _Owner(msgspec.Struct):
    uid: str = ""


class _Metadata(msgspec.Struct):
    owners: list[_Owner] = msgspec.field(default_factory=list, name="ownerReferences")


class _Owned(msgspec.Struct):
    metadata: _Metadata


_decode_service: Final = msgspec.json.Decoder(_Service).decode
_decode_owned: Final = msgspec.json.Decoder(_Owned).decode


def service_selector(service: StoredObject) -> dict[str, str]:
    """spec.selector; empty where there is none."""
    return _decode_service(service.body).spec.selector or {}


def owner_uids(item: StoredObject) -> list[str]:
    """The uids of metadata.ownerReferences."""
    if b'"ownerReferences"' not in item.body:
        return []
    return [owner.uid for owner in _decode_owned(item.body).metadata.owners]


def is_going(item: StoredObject) -> bool:
    """Deleted, but kept by finalizers or a grace period."""
    return b'"deletionTimestamp"' in item.body and "deletionTimestamp" in item.object["metadata"]


class ClusterIndex:
    """`pods`: the facts of every Pod by key. `nodes`: those of every Node by name."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.clear()

    def clear(self) -> None:
        """Forgets everything."""
        self.pods: dict[str, PodFacts] = {}
        self.nodes: dict[str, NodeFacts] = {}
        self._pods: Groups[Pair, str] = Groups()
        self._on_nodes: Groups[str, str] = Groups()
        self._addresses: Groups[str, str] = Groups()
        self._services: Groups[Pair, str] = Groups()
        self._slices: Groups[str, str] = Groups()
        self._dependents: Groups[str, Dependent] = Groups()

    def observe(self, change: Change) -> tuple[str, ...]:
        """Takes in a change. Returns the keys of the Services whose endpoints it may change as a change of a Pod."""
        resource = change.now.resource
        if resource is PODS:
            touched = self._observe_pod(change)
        else:
            touched = ()
            if resource is SERVICES:
                self._observe_service(change)
            elif resource is ENDPOINT_SLICES:
                self._observe_slice(change)
            elif resource is NODES:
                self._observe_node(change)
        self._observe_owners(change)
        return touched

    def pods_selected(self, namespace: str, selector: Mapping[str, str]) -> list[PodFacts]:
        """The Pods of a namespace that have all these labels, at least one of which must be given; by key."""
        pairs = [(namespace, *pair) for pair in selector.items()]
        if not pairs:
            return []
        rarest = min(pairs, key=self._pods.size)
        found = [self.pods[key] for key in self._pods.get(rarest)]
        if len(pairs) > 1:
            found = [pod for pod in found if selector.items() <= pod.labels.items()]
        return sorted(found, key=lambda pod: pod.key)

    def pods_on(self, node: str) -> int:
        """How many Pods name this node."""
        return self._on_nodes.size(node)

    def pod_at(self, address: str) -> str:
        """The key of a Pod that has this address, empty where none has."""
        return next(iter(self._addresses.get(address)), "")

    def services_selecting(self, pod: PodFacts) -> Iterator[str]:
        """The keys of the Services whose selector takes this Pod."""
        namespace = pod.namespace
        for pair in pod.labels.items():
            for key in self._services.get((namespace, *pair)):
                service = self._at(SERVICES, key)
                if service is not None and service_selector(service).items() <= pod.labels.items():
                    yield key

    def slices_of(self, service: str) -> list[StoredObject]:
        """The EndpointSlices that carry the label of the Service with this key, whoever made them; by name."""
        found = (self._at(ENDPOINT_SLICES, key) for key in sorted(self._slices.get(service)))
        return [each for each in found if each is not None]

    def dependents(self, resource: Resource, key: str, uid: str) -> list[StoredObject]:
        """The objects that name the uid among their owners; it is or was that of an object of this kind and key."""
        found = [self._at(kind, name) for kind, name in self._dependents.get(uid)]
        if resource in (SERVICES, ENDPOINTS):
            found += [each for each in self.slices_of(key) if uid in owner_uids(each)]
        return [each for each in found if each is not None]

    def dependent_keys(self, uid: str) -> tuple[Dependent, ...]:
        """The same by kind and key, slices left out."""
        return self._dependents.get(uid)

    def _at(self, resource: Resource, key: str) -> StoredObject | None:
        namespace, _, name = key.rpartition("/")
        return self._store.get(resource, namespace, name)

    def _observe_pod(self, change: Change) -> tuple[str, ...]:
        key = change.now.key
        before = self.pods.pop(key, None)
        if before is not None:
            self._forget_pod(before)
        now = None if change.type == DELETED else pod_facts(change.now)
        if now is not None:
            self._keep_pod(now)
        if before == now:
            return ()
        found = [service for pod in (before, now) if pod is not None for service in self.services_selecting(pod)]
        return tuple(dict.fromkeys(found))

    def _keep_pod(self, pod: PodFacts) -> None:
        self.pods[pod.key] = pod
        for pair in pod.labels.items():
            self._pods.add((pod.namespace, *pair), pod.key)
        for address in (*pod.ipv4, *pod.ipv6):
            self._addresses.add(address, pod.key)
        if pod.node:
            self._on_nodes.add(pod.node, pod.key)

    def _forget_pod(self, pod: PodFacts) -> None:
        for pair in pod.labels.items():
            self._pods.discard((pod.namespace, *pair), pod.key)
        for address in (*pod.ipv4, *pod.ipv6):
            self._addresses.discard(address, pod.key)
        if pod.node:
            self._on_nodes.discard(pod.node, pod.key)

    def _observe_node(self, change: Change) -> None:
        if change.type == DELETED:
            self.nodes.pop(change.now.name, None)
        else:
            self.nodes[change.now.name] = node_facts(change.now)

    def _observe_service(self, change: Change) -> None:
        """A Service is kept under one pair of its selector: a Pod it takes has that one too."""
        if change.before is not None:
            for pair in _first_pair(change.before):
                self._services.discard(pair, change.now.key)
        if change.type != DELETED:
            for pair in _first_pair(change.now):
                self._services.add(pair, change.now.key)

    def _observe_slice(self, change: Change) -> None:
        key = change.now.key
        if change.before is not None:
            for service in _service_key(change.before):
                self._slices.discard(service, key)
        if change.type != DELETED:
            for service in _service_key(change.now):
                self._slices.add(service, key)

    def _observe_owners(self, change: Change) -> None:
        """Slices are left out: they are found by their label, and they are most of what has an owner."""
        if change.now.resource is ENDPOINT_SLICES:
            return
        dependent = (change.now.resource, change.now.key)
        if change.before is not None:
            for uid in owner_uids(change.before):
                self._dependents.discard(uid, dependent)
        if change.type != DELETED:
            for uid in owner_uids(change.now):
                self._dependents.add(uid, dependent)


def _first_pair(service: StoredObject) -> Iterable[Pair]:
    selector = service_selector(service)
    return [(service.namespace, *min(selector.items()))] if selector else []


def _service_key(item: StoredObject) -> Iterable[str]:
    name = item.labels.get(SERVICE_NAME)
    return [f"{item.namespace}/{name}"] if name else []
