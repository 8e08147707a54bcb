"""EndpointSlices from Services and Pods, as the controller endpointslice-controller.k8s.io makes them."""

from collections.abc import Iterable, Sequence

from resolver.controlplane.controllers.cluster_index import ClusterIndex, Groups
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.endpoint_slice_packing import SliceDraft
from resolver.controlplane.controllers.endpoint_slice_plan import (
    CONTROLLER,
    MANAGED_BY,
    SERVICE_NAME,
    plan_family,
    service_families,
)
from resolver.controlplane.controllers.ownership import controller_reference
from resolver.controlplane.controllers.pod_facts import PodFacts
from resolver.controlplane.controllers.topology_hints import is_overloaded, zone_ratios
from resolver.controlplane.controllers.trigger_times import TriggerTimes, stamped
from resolver.controlplane.object_store import ADDED, Change
from resolver.controlplane.resources import ENDPOINT_SLICES, NODES, PODS, SERVICES
from resolver.controlplane.stored_object import JsonObject, StoredObject


class EndpointSlices:
    """Keeps the slices of each Service that selects Pods; keys are those of Services. `most`: endpoints a slice."""

    name = "endpoint slices"
    kinds = frozenset((SERVICES, PODS, NODES, ENDPOINT_SLICES))
    sees_own = False

    def __init__(self, index: ClusterIndex, writer: ClusterWriter, most: int) -> None:
        self._index = index
        self._writer = writer
        self._store = writer.store
        self._most = most
        self._times = TriggerTimes()
        self._waiting: Groups[str, str] = Groups()
        self._ratios: dict[str, float] | None = None
        self._zones: dict[str, dict[str, dict[str, int]]] = {}

    def keys(self, change: Change, touched: Iterable[str]) -> Iterable[str]:
        resource = change.now.resource
        if resource is PODS:
            return touched
        if resource is SERVICES:
            return (change.now.key,)
        if resource is NODES:
            return self._woken_by(change)
        return managed_services(change, CONTROLLER)

    def reconcile(self, key: str) -> bool:
        namespace, _, name = key.partition("/")
        service = self._store.get(SERVICES, namespace, name)
        if service is None:
            self._times.forget(key)
            self._zones.pop(key, None)
            return False
        value = service.object
        selector = value["spec"].get("selector")
        if value["spec"]["type"] == "ExternalName" or not selector:
            return False
        pods = self._index.pods_selected(namespace, selector)
        managed = managed_slices(self._index, key, CONTROLLER)
        existing = [each for each in managed if "deletionTimestamp" not in each.object["metadata"]]
        time = self._times.next(key, value["metadata"]["creationTimestamp"], pods)
        families = service_families(value["spec"])
        for family in families:
            mine = [each for each in existing if each.object["addressType"] == family]
            self._reconcile_family(value, family, pods, mine, time)
        for each in existing:
            if each.object["addressType"] not in families:
                self._writer.delete(each)
        return False

    def _reconcile_family(
        self, service: JsonObject, family: str, pods: Sequence[PodFacts], existing: Sequence[StoredObject], time: str
    ) -> None:
        if self._ratios is None:
            self._ratios = zone_ratios(self._index.nodes.values())
        plan = plan_family(service, family, pods, existing, self._zone_of, self._most, self._ratios)
        if "deletionTimestamp" not in service["metadata"]:
            for draft in plan.create:
                self._writer.create_shaped(ENDPOINT_SLICES, _new_slice(service, family, draft, time))
        for before, draft in plan.update:
            if draft.before is None:
                self._writer.update(before, _new_slice(service, family, draft, time, before.name))
            else:
                self._writer.update(before, _changed_slice(before.object, draft, time))
        for each in plan.delete:
            self._writer.delete(each)
        key = f"{service['metadata']['namespace']}/{service['metadata']['name']}"
        for node in filter(None, plan.lost):
            self._waiting.add(node, key)
        if plan.zones:
            self._zones.setdefault(key, {})[family] = plan.zones
        else:
            self._zones.get(key, {}).pop(family, None)

    def _zone_of(self, node: str) -> str | None:
        """As in `plan_family`. Where there are no Nodes at all, every node counts as known."""
        nodes = self._index.nodes
        if node in nodes:
            return nodes[node].zone
        return None if nodes else ""

    def _woken_by(self, change: Change) -> Iterable[str]:
        """The Services whose Pods name a node that has just come, and those whose hints no longer fit the nodes."""
        self._ratios = zone_ratios(self._index.nodes.values())
        for key, families in self._zones.items():
            if any(is_overloaded(each, self._ratios) for each in families.values()):
                yield key
        if change.type == ADDED:
            for key in self._waiting.get(change.now.name):
                self._waiting.discard(change.now.name, key)
                yield key


def managed_slices(index: ClusterIndex, service: str, controller: str) -> list[StoredObject]:
    """The slices of the Service with this key that the controller says are its own."""
    return [each for each in index.slices_of(service) if each.labels.get(MANAGED_BY) == controller]


def managed_services(change: Change, controller: str) -> list[str]:
    """The keys of the Services whose managed slices a change of an EndpointSlice concerns."""
    keys = []
    for each in (change.before, change.now):
        if each is not None and each.labels.get(MANAGED_BY) == controller:
            name = each.labels.get(SERVICE_NAME)
            if name:
                keys.append(f"{each.namespace}/{name}")
    return keys


def _new_slice(service: JsonObject, family: str, draft: SliceDraft, time: str, name: str = "") -> JsonObject:
    """`name`: of the slice it replaces."""
    owner = service["metadata"]
    metadata = {
        "generateName": f"{owner['name']}-",
        "namespace": owner["namespace"],
        "labels": dict(sorted(draft.labels.items())),
        "annotations": stamped({}, time),
        "ownerReferences": [controller_reference("v1", "Service", owner)],
    }
    if name:
        metadata["name"] = name
    return {
        "metadata": metadata,
        "addressType": family,
        "endpoints": draft.endpoints or None,
        "ports": draft.ports or None,
    }


def _changed_slice(before: JsonObject, draft: SliceDraft, time: str) -> JsonObject:
    metadata = {
        **before["metadata"],
        "labels": dict(sorted(draft.labels.items())),
        "annotations": stamped(before["metadata"].get("annotations", {}), time),
    }
    return {**before, "metadata": metadata, "endpoints": draft.endpoints or None}
