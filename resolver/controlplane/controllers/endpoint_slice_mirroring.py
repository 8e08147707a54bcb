"""EndpointSlices that mirror hand-made Endpoints (endpointslicemirroring-controller.k8s.io)."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from resolver.cluster.addresses import canonical_address, packed_address
from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.endpoint_slice_packing import EndpointKey, PortKey, alike, endpoint_key, port_key
from resolver.controlplane.controllers.endpoint_slice_plan import MANAGED_BY, SERVICE_NAME
from resolver.controlplane.controllers.endpoint_slices import managed_services, managed_slices
from resolver.controlplane.controllers.endpoint_subsets import repacked
from resolver.controlplane.controllers.ownership import controller_reference
from resolver.controlplane.controllers.pod_facts import IPV4, IPV6
from resolver.controlplane.controllers.trigger_times import TRIGGER_TIME
from resolver.controlplane.object_store import Change
from resolver.controlplane.resources import ENDPOINT_SLICES, ENDPOINTS, SERVICES
from resolver.controlplane.stored_object import JsonObject, StoredObject

CONTROLLER: Final = "endpointslicemirroring-controller.k8s.io"
SKIP_MIRROR: Final = "endpointslice.kubernetes.io/skip-mirror"
LEADER: Final = "control-plane.alpha.kubernetes.io/leader"
LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


class Mirror(NamedTuple):
    """What one slice shall hold: the endpoints of one family behind one set of ports."""

    family: str
    ports: list[JsonObject]
    endpoints: dict[EndpointKey, JsonObject]


class MirroredSlices:
    """Keys are those of Endpoints. `most`: addresses of one subset that are mirrored."""

    name = "mirrored endpoint slices"
    kinds = frozenset((SERVICES, ENDPOINTS, ENDPOINT_SLICES))
    sees_own = False

    def __init__(self, index: ClusterIndex, writer: ClusterWriter, most: int) -> None:
        self._index = index
        self._writer = writer
        self._store = writer.store
        self._most = most

    def keys(self, change: Change, touched: Iterable[str]) -> Iterable[str]:
        resource = change.now.resource
        if resource is ENDPOINT_SLICES:
            return managed_services(change, CONTROLLER)
        if resource is ENDPOINTS or self._store.get(ENDPOINTS, change.now.namespace, change.now.name) is not None:
            return (change.now.key,)
        return ()

    def reconcile(self, key: str) -> bool:
        namespace, _, name = key.partition("/")
        service = self._store.get(SERVICES, namespace, name)
        endpoints = self._store.get(ENDPOINTS, namespace, name)
        existing = managed_slices(self._index, key, CONTROLLER)
        mirrored = (
            service is not None
            and endpoints is not None
            and not service.object["spec"].get("selector")
            and is_mirrored(endpoints.object["metadata"])
        )
        if mirrored and endpoints is not None:
            self._mirror(endpoints.object, existing)
        else:
            for each in existing:
                self._writer.delete(each)
        return False

    def _mirror(self, endpoints: JsonObject, existing: Sequence[StoredObject]) -> None:
        """Slices that are not needed give their names to new ones of the same family."""
        left = list(existing)
        new = []
        for mirror in mirrors(endpoints.get("subsets", ()), self._most):
            found = [each for each in left if _mirrors(each.object, mirror)]
            if not found:
                new.append(mirror)
                continue
            left.remove(found[0])
            if not _is_right(found[0].object, mirror, endpoints):
                value = self._slice(endpoints, mirror)
                del value["metadata"]["generateName"]  # as upstream, where only a slice that changes hands keeps it
                value["metadata"]["name"] = found[0].name
                self._writer.update(found[0], value)
        for mirror in new:
            spare = next((each for each in left if each.object["addressType"] == mirror.family), None)
            if spare is not None:
                left.remove(spare)
                value = self._slice(endpoints, mirror)
                value["metadata"]["name"] = spare.name
                self._writer.update(spare, value)
            elif "deletionTimestamp" not in endpoints["metadata"]:
                self._writer.create_shaped(ENDPOINT_SLICES, self._slice(endpoints, mirror))
        for each in left:
            self._writer.delete(each)

    def _slice(self, endpoints: JsonObject, mirror: Mirror) -> JsonObject:
        """A new slice."""
        owner = endpoints["metadata"]
        labels = {**owner.get("labels", {}), SERVICE_NAME: owner["name"], MANAGED_BY: CONTROLLER}
        metadata = {
            "namespace": owner["namespace"],
            "labels": dict(sorted(labels.items())),
            "annotations": mirrored_annotations(owner),
            "ownerReferences": [controller_reference("v1", "Endpoints", owner)],
            "generateName": f"{owner['name']}-",
        }
        shown = list(islice(mirror.endpoints.values(), self._most))
        return {
            "metadata": metadata,
            "addressType": mirror.family,
            "endpoints": shown,
            "ports": mirror.ports or None,
        }


def is_mirrored(metadata: JsonObject) -> bool:
    """Endpoints with this metadata are mirrored, if a Service without a selector has their name."""
    return metadata.get("labels", {}).get(SKIP_MIRROR) != "true" and LEADER not in metadata.get("annotations", {})


def mirrored_annotations(metadata: JsonObject) -> dict[str, str]:
    annotations: Mapping[str, str] = metadata.get("annotations", {})
    return {key: value for key, value in annotations.items() if key not in (TRIGGER_TIME, LAST_APPLIED)}


def mirrors(subsets: Iterable[JsonObject], most: int) -> list[Mirror]:
    """The slices that mirror these subsets, none of them empty. `most`: addresses taken of one repacked subset."""
    found: dict[tuple[str, PortKey], Mirror] = {}
    for subset in repacked(subsets, apart=True):
        ports = [_slice_port(each) for each in subset.get("ports", ())]
        taken = 0
        for field in ("addresses", "notReadyAddresses"):
            for address in subset.get(field, ()):
                packed = packed_address(address["ip"])
                if packed is None or taken >= most:
                    continue
                family = IPV4 if len(packed) == 4 else IPV6
                mirror = found.setdefault((family, port_key(ports)), Mirror(family, ports, {}))
                endpoint = _endpoint(address, canonical_address(packed), field == "addresses")
                mirror.endpoints[endpoint_key(endpoint)] = endpoint
                taken += 1
    return list(found.values())


def _slice_port(port: JsonObject) -> JsonObject:
    found = {"name": port.get("name", ""), "protocol": port["protocol"], "port": port["port"]}
    return {**found, "appProtocol": port["appProtocol"]} if "appProtocol" in port else found


def _endpoint(address: JsonObject, ip: str, ready: bool) -> JsonObject:
    """Only `ready` of the conditions is known."""
    endpoint: JsonObject = {"addresses": [ip], "conditions": {"ready": ready}}
    endpoint.update((key, address[key]) for key in ("hostname", "targetRef", "nodeName") if key in address)
    return endpoint


def _mirrors(item: JsonObject, mirror: Mirror) -> bool:
    """The slice is one for this family and these ports."""
    return item["addressType"] == mirror.family and port_key(item["ports"] or ()) == port_key(mirror.ports)


def _is_right(item: JsonObject, mirror: Mirror, endpoints: JsonObject) -> bool:
    owner, metadata = endpoints["metadata"], item["metadata"]
    shown = {endpoint_key(each): each for each in item["endpoints"] or ()}
    if shown.keys() != mirror.endpoints.keys():
        return False
    if not all(alike(each, mirror.endpoints[key]) for key, each in shown.items()):
        return False
    labels = {key: value for key, value in metadata.get("labels", {}).items() if key not in (SERVICE_NAME, MANAGED_BY)}
    if labels != owner.get("labels", {}) or metadata.get("annotations", {}) != mirrored_annotations(owner):
        return False
    owners = metadata.get("ownerReferences", ())
    return not any(
        each["kind"] == "Endpoints" and each["name"] == owner["name"] and each["uid"] != owner["uid"] for each in owners
    )
