"""Which EndpointSlices of one family a Service shall have, given its Pods and the slices it has (pure)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from resolver.controlplane.controllers.endpoint_hints import CLOSE, remove_hints, set_hints
from resolver.controlplane.controllers.endpoint_slice_packing import (
    EndpointKey,
    Packed,
    PortKey,
    SliceDraft,
    draft_of,
    endpoint_key,
    own_labels,
    pack,
    port_key,
)
from resolver.controlplane.controllers.pod_facts import IPV4, IPV6, PodFacts
from resolver.controlplane.controllers.topology_hints import share_out, wants_topology
from resolver.controlplane.stored_object import JsonObject, StoredObject

MANAGED_BY: Final = "endpointslice.kubernetes.io/managed-by"
SERVICE_NAME: Final = "kubernetes.io/service-name"
HEADLESS: Final = "service.kubernetes.io/headless"
CONTROLLER: Final = "endpointslice-controller.k8s.io"

ZoneOf = Callable[[str], str | None]
"""The zone of a node: empty where it has none, None where there is no such node."""


class FamilyPlan(NamedTuple):
    """What to write: new slices, changed ones (`before` says which), and slices to delete.

    `lost`: names of nodes that Pods name and that do not exist; their Pods are left out until they do. `zones`: how
    many endpoints are hinted to each zone, for a Service that wants them shared out.
    """

    create: list[SliceDraft]
    update: list[tuple[StoredObject, SliceDraft]]
    delete: list[StoredObject]
    lost: set[str]
    zones: dict[str, int]


def service_families(spec: JsonObject) -> list[str]:
    """The families of a Service's slices: those it says, else that of its clusterIP, else both."""
    families: list[str] = spec.get("ipFamilies") or []
    if families:
        return families
    address = spec.get("clusterIP", "")
    if address in ("", "None"):
        return [IPV4, IPV6]
    return [IPV6 if ":" in address else IPV4]


def slice_labels(service: JsonObject) -> dict[str, str]:
    """The labels of a Service's slices."""
    labels = own_labels(service["metadata"].get("labels", {}))
    if is_headless(service["spec"]):
        labels[HEADLESS] = ""
    return {**labels, SERVICE_NAME: service["metadata"]["name"], MANAGED_BY: CONTROLLER}


def is_headless(spec: JsonObject) -> bool:
    """Without an address of its own."""
    return spec.get("clusterIP", "") in ("", "None")


def plan_family(
    service: JsonObject,
    family: str,
    pods: Iterable[PodFacts],
    existing: Sequence[StoredObject],
    zone_of: ZoneOf,
    most: int,
    ratios: Mapping[str, float],
) -> FamilyPlan:
    """`existing`: the slices of this family that the controller manages; `most`: endpoints a slice.

    `ratios`: each zone's part of the nodes' CPU, see `zone_ratios`.
    """
    owned = [each for each in existing if owned_by(each.object, service)]
    drafts: dict[PortKey, list[SliceDraft]] = {}
    for each in owned:
        draft = draft_of(each)
        drafts.setdefault(port_key(draft.ports), []).append(draft)
    wanted = _wanted(service, family, pods, zone_of)
    labels = slice_labels(service)
    result = Packed([], [])
    for ports, endpoints in zip(wanted.ports, wanted.endpoints, strict=True):
        packed = pack(drafts.pop(port_key(ports), ()), endpoints, ports, labels, most)
        result.kept.extend(packed.kept)
        result.gone.extend(packed.gone)
    result.gone.extend(draft for left in drafts.values() for draft in left)
    gone = [each.before for each in result.gone if each.before is not None]
    gone += [each for each in existing if each not in owned]
    if not result.kept:
        if len(gone) == 1 and _is_placeholder(gone[0].object, labels):
            gone = []
        else:
            result.kept.append(SliceDraft(None, [], [], labels))
    zones = _set_hints(service, result.kept, ratios)
    return FamilyPlan(*_reuse(result.kept, gone, owned), wanted.lost, zones)


def owned_by(item: JsonObject, service: JsonObject) -> bool:
    """A Service of this uid is among the owners."""
    owner = (service["metadata"]["uid"], "Service", "v1")
    owners = item["metadata"].get("ownerReferences", ())
    return any((each["uid"], each["kind"], each["apiVersion"]) == owner for each in owners)


class _Wanted(NamedTuple):
    """Port sets and, beside each, the endpoints that have it; `lost` as in FamilyPlan."""

    ports: list[list[JsonObject]]
    endpoints: list[dict[EndpointKey, JsonObject]]
    lost: set[str]


def _wanted(service: JsonObject, family: str, pods: Iterable[PodFacts], zone_of: ZoneOf) -> _Wanted:
    spec = service["spec"]
    service_ports = spec.get("ports", [])
    publish = bool(spec.get("publishNotReadyAddresses"))
    wanted = _Wanted([], [], set())
    groups: dict[tuple[int | None, ...], dict[EndpointKey, JsonObject]] = {}
    for pod in pods:
        if not pod.belongs(terminating=True):
            continue
        numbers = tuple(pod.port(each) for each in service_ports)
        endpoints = groups.get(numbers)
        if endpoints is None:
            endpoints = groups[numbers] = {}
            wanted.ports.append(_endpoint_ports(service_ports, numbers))
            wanted.endpoints.append(endpoints)
        zone = zone_of(pod.node)
        if zone is None and not publish:
            wanted.lost.add(pod.node)
        elif addresses := pod.addresses(family):
            endpoint = _endpoint(pod, addresses, service, publish, zone)
            endpoints[endpoint_key(endpoint)] = endpoint
    return wanted


def _endpoint_ports(service_ports: Iterable[JsonObject], numbers: Iterable[int | None]) -> list[JsonObject]:
    """The ports that resolve."""
    ports = []
    for port, number in zip(service_ports, numbers, strict=True):
        if number is not None:
            found = {"name": port.get("name", ""), "protocol": port["protocol"], "port": number}
            if "appProtocol" in port:
                found["appProtocol"] = port["appProtocol"]
            ports.append(found)
    return ports


def _endpoint(
    pod: PodFacts, addresses: Sequence[str], service: JsonObject, publish: bool, zone: str | None
) -> JsonObject:
    ready = publish or (pod.ready and not pod.terminating)
    endpoint: dict[str, Any] = {
        "addresses": list(addresses),
        "conditions": {"ready": ready, "serving": pod.ready, "terminating": pod.terminating},
    }
    if hostname := pod.hostname_in(service["metadata"]["name"]):
        endpoint["hostname"] = hostname
    endpoint["targetRef"] = {"kind": "Pod", "namespace": pod.namespace, "name": pod.name, "uid": pod.uid}
    if pod.node:
        endpoint["nodeName"] = pod.node
    if zone:
        endpoint["zone"] = zone
    return endpoint


def _is_placeholder(item: JsonObject, labels: dict[str, str]) -> bool:
    """The empty slice that stands for a family without endpoints; an empty label is as good as none (upstream)."""
    if item["endpoints"] or item["ports"]:
        return False
    found = item["metadata"].get("labels", {})
    return all(found.get(key, "") == labels.get(key, "") for key in {*found, *labels})


def _set_hints(service: JsonObject, drafts: list[SliceDraft], ratios: Mapping[str, float]) -> dict[str, int]:
    """The annotation comes before the field."""
    distribution = service["spec"].get("trafficDistribution", "")
    if wants_topology(service["metadata"].get("annotations", {})):
        return share_out(drafts, ratios)
    if distribution in CLOSE:
        set_hints(drafts, distribution)
    else:
        remove_hints(drafts)
    return {}


def _reuse(
    kept: Iterable[SliceDraft], gone: Iterable[StoredObject], owned: Sequence[StoredObject]
) -> tuple[list[SliceDraft], list[tuple[StoredObject, SliceDraft]], list[StoredObject]]:
    """What to create, update and delete. New slices take the names of owned ones that would be deleted."""
    create = [each for each in kept if each.before is None]
    update = [(each.before, each) for each in kept if each.before is not None and each.changed]
    delete = []
    for item in gone:
        if create and item in owned:
            update.append((item, create.pop()))
        else:
            delete.append(item)
    return create, update, delete
