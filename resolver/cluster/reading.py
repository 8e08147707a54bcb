"""Raw API objects into cluster objects: what is kept, what is left out, what is said about it.

What CoreDNS would do with an odd value is done here too (plugin/kubernetes/object); what it would turn into a
broken record is left out and reported.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from resolver import limits
from resolver.answers.witness import ReadingWitness
from resolver.cluster import raw
from resolver.cluster.addresses import packed_address
from resolver.cluster.objects import (
    NO_PORT,
    PLACEHOLDER_PORTS,
    ClusterObject,
    EndpointSlice,
    Namespace,
    Pod,
    Port,
    Service,
    ServiceImport,
    ServiceKind,
)

SERVICE_NAME_LABEL: Final = "kubernetes.io/service-name"
IMPORT_NAME_LABEL: Final = "multicluster.kubernetes.io/service-name"
SOURCE_CLUSTER_LABEL: Final = "multicluster.kubernetes.io/source-cluster"
TRIGGER_ANNOTATION: Final = "endpoints.kubernetes.io/last-change-trigger-time"

FieldProblem = Callable[[raw.Meta | None, str, str], None]


class Detail(NamedTuple):
    """What to keep beyond the addresses: Pod names of endpoints (`endpoint_pod_names`), zones (`zonal`)."""

    targets: bool = False
    zones: bool = False


class Reading:
    """Turns raw objects into kept ones, sharing equal parts between them. `witness` hears of each endpoint."""

    def __init__(self, detail: Detail, problem: FieldProblem, witness: ReadingWitness | None = None) -> None:
        self._detail = detail
        self._problem = problem
        self._witness = witness
        self._ports: dict[tuple[Port, ...], tuple[Port, ...]] = {}
        self._words: dict[bytes, bytes] = {}

    def namespace(self, item: raw.Namespace) -> Namespace | None:
        name = self._label(item.metadata, "metadata.name", item.metadata.name if item.metadata else None)
        return Namespace(name) if name else None

    def service(self, item: raw.Service) -> Service | None:
        """v1 Service as CoreDNS's object.ToService reads it."""
        meta, spec = item.metadata, item.spec or raw.ServiceSpec()
        key = self._service_key(meta, "metadata.name", meta.name if meta else None)
        if not key:
            return None
        ips = spec.cluster_ips or [spec.cluster_ip or ""]
        kept: tuple[str, ...]
        if spec.type == "ExternalName":
            kind, kept = ServiceKind.EXTERNAL_NAME, ()
        elif ips[0] == "None":
            kind, kept = ServiceKind.HEADLESS, ()
        else:
            kind, kept = ServiceKind.CLUSTER_IP, self._addresses(meta, "spec.clusterIPs", ips)
        ingress = (item.status.load_balancer.ingress if item.status and item.status.load_balancer else None) or ()
        external = [*(spec.external_ips or ()), *(one.ip or one.hostname or "" for one in ingress)]
        return Service(
            key,
            _version(meta),
            kind,
            kept,
            self._port_list(meta, "spec.ports", spec.ports) or PLACEHOLDER_PORTS,
            spec.external_name or "",
            tuple(external),
        )

    def endpoint_slice(self, item: raw.EndpointSlice) -> EndpointSlice | None:
        """discovery/v1 EndpointSlice: ready (or unknown) endpoints only, as CoreDNS's EndpointSliceToEndpoints."""
        meta = item.metadata
        labels = (meta.labels if meta else None) or {}
        namespace = self._label(meta, "metadata.namespace", meta.namespace if meta else None)
        if meta is None or not namespace:
            return None
        addresses: list[str] = []
        hostnames: list[bytes] = []
        targets: list[bytes] = []
        zones: list[bytes] = []
        witness = self._witness
        for number, endpoint in enumerate(item.endpoints or ()):
            if endpoint.conditions is not None and endpoint.conditions.ready is False:
                if witness is not None:
                    witness.dropped("F2", number)
                continue
            hostname = endpoint.hostname and self._label(meta, f"endpoints[{number}].hostname", endpoint.hostname)
            for place, address in enumerate(endpoint.addresses or ()):
                if packed_address(address) is None:
                    self._problem(meta, f"endpoints[{number}].addresses[{place}]", f"is no IP address: {address!r}")
                    continue
                if witness is not None:
                    witness.kept(number, place)
                addresses.append(address)
                hostnames.append(hostname[1:] if hostname else b"")
                if self._detail.targets:
                    targets.append(self._target(endpoint.target_ref))
                if self._detail.zones:
                    zones.append(self._word((endpoint.zone or "").lower().encode()))
        annotations = meta.annotations or {}
        return EndpointSlice(
            f"{meta.namespace}/{meta.name}",
            self._joined(meta, SERVICE_NAME_LABEL, labels, namespace),
            _version(meta),
            tuple(addresses),
            self._port_list(meta, "ports", item.ports) or PLACEHOLDER_PORTS,
            tuple(hostnames) if any(hostnames) else (),
            tuple(targets) if any(targets) else (),
            tuple(zones) if any(zones) else (),
            self._joined(meta, IMPORT_NAME_LABEL, labels, namespace),
            self._cluster(meta, labels.get(SOURCE_CLUSTER_LABEL)),
            annotations.get(TRIGGER_ANNOTATION) or "",
        )

    def pod(self, item: raw.Pod) -> Pod | None:
        meta, status = item.metadata, item.status or raw.PodStatus()
        namespace = self._label(meta, "metadata.namespace", meta.namespace if meta else None)
        if meta is None or not namespace:
            return None
        ips = [one.ip for one in status.pod_ips or () if one.ip]
        return Pod(
            f"{meta.namespace}/{meta.name}",
            namespace,
            _version(meta),
            self._addresses(meta, "status.podIPs", ips),
            bool(meta.deletion_timestamp),
        )

    def service_import(self, item: raw.ServiceImport) -> ServiceImport | None:
        meta, spec = item.metadata, item.spec or raw.ServiceImportSpec()
        key = self._service_key(meta, "metadata.name", meta.name if meta else None)
        if not key:
            return None
        return ServiceImport(
            key,
            _version(meta),
            spec.type == "Headless",
            self._addresses(meta, "spec.ips", spec.ips or []),
            self._port_list(meta, "spec.ports", spec.ports),
        )

    def _addresses(self, meta: raw.Meta | None, field: str, texts: list[str]) -> tuple[str, ...]:
        kept = []
        for place, text in enumerate(texts):
            if not text:
                continue  # not allocated yet: no address, and no error either
            if packed_address(text) is None:
                self._problem(meta, f"{field}[{place}]", f"is no IP address: {text!r}")
            else:
                kept.append(text)
        return tuple(kept)

    def _port_list(self, meta: raw.Meta | None, field: str, ports: list[raw.Port] | None) -> tuple[Port, ...]:
        kept = []
        for place, port in enumerate(ports or ()):
            number = NO_PORT if port.port is None else port.port
            if not NO_PORT <= number <= limits.PORT:
                self._problem(meta, f"{field}[{place}].port", f"is no port number: {number}")
                continue
            name = (port.name or "").lower().encode()
            kept.append(Port(self._word(name), number, self._word((port.protocol or "").lower().encode())))
        if len(self._ports) > limits.SHARED_VALUES:
            self._ports.clear()
        found = tuple(kept)
        return self._ports.setdefault(found, found)

    def _service_key(self, meta: raw.Meta | None, field: str, name: str | None) -> bytes:
        namespace = self._label(meta, "metadata.namespace", meta.namespace if meta else None)
        label = self._label(meta, field, name)
        return self._word(label + namespace) if label and namespace else b""

    def _joined(self, meta: raw.Meta, label: str, labels: dict[str, str | None], namespace: bytes) -> bytes:
        """The service key that a slice's label gives; empty where the label is missing or no name."""
        name = labels.get(label)
        if not name:
            return b""
        found = self._label(meta, f"metadata.labels[{label}]", name)
        return self._word(found + namespace) if found else b""

    def _cluster(self, meta: raw.Meta, text: str | None) -> bytes:
        """The id of the cluster a slice comes from, which becomes a label of its endpoints' names; empty for none."""
        return self._label(meta, f"metadata.labels[{SOURCE_CLUSTER_LABEL}]", text)[1:] if text else b""

    def _label(self, meta: raw.Meta | None, field: str, text: str | None) -> bytes:
        """A name as a wire label, or empty (and a report) where it cannot be one."""
        data = (text or "").encode("utf-8", "surrogatepass")
        if not 0 < len(data) <= limits.LABEL_SIZE:
            self._problem(meta, field, f"is no DNS label of 1 to {limits.LABEL_SIZE} bytes: {(text or '')[:80]!r}")
            return b""
        return self._word(bytes((len(data),)) + data)

    def _target(self, reference: raw.TargetReference | None) -> bytes:
        """The Pod's name where it is short enough for a label; CoreDNS leaves longer ones out."""
        name = (reference.name or "").encode() if reference else b""
        return name if len(name) <= limits.LABEL_SIZE else b""

    def _word(self, word: bytes) -> bytes:
        if len(self._words) > limits.SHARED_VALUES:
            self._words.clear()
        return self._words.setdefault(word, word)


class Reader(NamedTuple):
    """How one kind is read: its raw types and the step that cuts the raw object down."""

    item_type: Any
    list_type: Any
    event_type: Any
    read: Callable[[Reading, Any], ClusterObject | None]


def _reader(item_type: type, read: Callable[[Reading, Any], ClusterObject | None]) -> Reader:
    name = item_type.__name__
    list_type = msgspec.defstruct(
        f"{name}List",
        [("metadata", raw.ListMeta | None, None), ("items", list[item_type] | None, None)],  # type: ignore[valid-type]
        gc=False,
    )
    event_type = msgspec.defstruct(f"{name}Event", [("type", str), ("object", item_type)], gc=False)
    return Reader(item_type, list_type, event_type, read)


READERS: Final = {
    "Namespace": _reader(raw.Namespace, Reading.namespace),
    "Service": _reader(raw.Service, Reading.service),
    "EndpointSlice": _reader(raw.EndpointSlice, Reading.endpoint_slice),
    "Pod": _reader(raw.Pod, Reading.pod),
    "ServiceImport": _reader(raw.ServiceImport, Reading.service_import),
}


def _version(meta: raw.Meta | None) -> int | str:
    """A resourceVersion as a number where it is one: half the memory, and the same comparison."""
    text = (meta.resource_version or "") if meta else ""
    return int(text) if text.isascii() and text.isdigit() and not text.startswith("0") else text
