"""The legacy Endpoints object of each Service with a selector, as the controller endpoint-controller makes it."""

from collections.abc import Iterable, Sequence
from typing import Final

from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.endpoint_slice_plan import HEADLESS, is_headless
from resolver.controlplane.controllers.endpoint_subsets import repacked, truncated
from resolver.controlplane.controllers.pod_facts import IPV4, IPV6, PodFacts
from resolver.controlplane.controllers.trigger_times import TriggerTimes, stamped
from resolver.controlplane.object_store import DELETED, Change
from resolver.controlplane.resources import ENDPOINTS, PODS, SERVICES
from resolver.controlplane.stored_object import JsonObject

MANAGED_BY: Final = "endpoints.kubernetes.io/managed-by"
CONTROLLER: Final = "endpoint-controller"
OVER_CAPACITY: Final = "endpoints.kubernetes.io/over-capacity"


class LegacyEndpoints:
    """Keys are those of Services, which are those of their Endpoints."""

    name = "endpoints"
    kinds = frozenset((SERVICES, PODS, ENDPOINTS))
    sees_own = False

    def __init__(self, index: ClusterIndex, writer: ClusterWriter) -> None:
        self._index = index
        self._writer = writer
        self._store = writer.store
        self._times = TriggerTimes()

    def keys(self, change: Change, touched: Iterable[str]) -> Iterable[str]:
        resource = change.now.resource
        if resource is PODS:
            return touched
        if resource is SERVICES or change.type == DELETED:
            return (change.now.key,)
        return ()

    def reconcile(self, key: str) -> bool:
        namespace, _, name = key.partition("/")
        service = self._store.get(SERVICES, namespace, name)
        current = self._store.get(ENDPOINTS, namespace, name)
        if service is None:
            self._times.forget(key)
            if current is not None:
                self._writer.delete(current)
            return False
        value = service.object
        selector = value["spec"].get("selector")
        if value["spec"]["type"] == "ExternalName" or not selector:
            return False
        pods = self._index.pods_selected(namespace, selector)
        time = self._times.next(key, value["metadata"]["creationTimestamp"], pods)
        subsets = service_subsets(value, pods)
        if current is None:
            metadata: JsonObject = {"name": name, "namespace": namespace}
            self._writer.create_shaped(ENDPOINTS, _endpoints(value, {"metadata": metadata}, subsets, time))
        elif not _is_right(current.object, value, subsets):
            self._writer.update(current, _endpoints(value, current.object, subsets, time))
        return False


def service_subsets(service: JsonObject, pods: Iterable[PodFacts]) -> list[JsonObject]:
    """The subsets of a Service's Pods, whole."""
    spec = service["spec"]
    publish = bool(spec.get("publishNotReadyAddresses"))
    subsets: list[JsonObject] = []
    for pod in pods:
        ip = _first_address(spec, pod)
        if not ip or not pod.belongs(terminating=publish):
            continue
        address: JsonObject = {"ip": ip}
        if hostname := pod.hostname_in(service["metadata"]["name"]):
            address["hostname"] = hostname
        address["nodeName"] = pod.node
        address["targetRef"] = {"kind": "Pod", "namespace": pod.namespace, "name": pod.name, "uid": pod.uid}
        field = "addresses" if publish or pod.ready else "notReadyAddresses"
        ports = spec.get("ports")
        if ports:
            subsets += [{field: [address], "ports": [port]} for port in _resolved(ports, pod)]
        elif spec.get("clusterIP") == "None":
            subsets.append({field: [address]})
    return repacked(subsets)


def _resolved(ports: Iterable[JsonObject], pod: PodFacts) -> Iterable[JsonObject]:
    for port in ports:
        number = pod.port(port)
        if number is not None:
            found = {"name": port.get("name", ""), "port": number, "protocol": port["protocol"]}
            if not found["name"]:
                del found["name"]
            if "appProtocol" in port:
                found["appProtocol"] = port["appProtocol"]
            yield found


def _first_address(spec: JsonObject, pod: PodFacts) -> str:
    """The Pod's first address of the Service's first family; empty where it has none."""
    families: Sequence[str] = spec.get("ipFamilies") or ()
    if families:
        family = families[0]
    else:
        told = spec.get("clusterIP", "")
        family = IPV6 if ":" in (told if told not in ("", "None") else pod.pod_ip) else IPV4
    return next(iter(pod.addresses(family)), "")


def _labels(service: JsonObject) -> JsonObject:
    labels = {**service["metadata"].get("labels", {}), MANAGED_BY: CONTROLLER}
    labels.pop(HEADLESS, None)
    if is_headless(service["spec"]):
        labels[HEADLESS] = ""
    return dict(sorted(labels.items()))


def _is_right(current: JsonObject, service: JsonObject, subsets: list[JsonObject]) -> bool:
    """Nothing has to be written. What is over capacity is always written anew."""
    metadata = current["metadata"]
    labels = metadata.get("labels", {})
    if labels.get(MANAGED_BY) != CONTROLLER or OVER_CAPACITY in metadata.get("annotations", {}):
        return False
    ours = (HEADLESS, MANAGED_BY)
    copied = {key: value for key, value in labels.items() if key not in ours}
    wanted = service["metadata"].get("labels", {})
    return copied == wanted and repacked(current.get("subsets", ())) == subsets and truncated(subsets) is None


def _endpoints(service: JsonObject, current: JsonObject, subsets: list[JsonObject], time: str) -> JsonObject:
    """The new state of an object. Its other annotations stay."""
    annotations = stamped(current["metadata"].get("annotations", {}), time)
    annotations.pop(OVER_CAPACITY, None)
    cut = truncated(subsets)
    if cut is not None:
        annotations[OVER_CAPACITY] = "truncated"
    metadata = {**current["metadata"], "labels": _labels(service), "annotations": dict(sorted(annotations.items()))}
    return {**current, "metadata": metadata, "subsets": subsets if cut is None else cut}
