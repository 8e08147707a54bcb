"""The cells of kubectl's tables, kind by kind (kubernetes pkg/printers/internalversion). Values are plain dicts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from resolver.controlplane.api.ages import age
from resolver.controlplane.api.cell_texts import NONE, Cells, born, name, shown_labels
from resolver.controlplane.api.pod_cells import pod_cells
from resolver.controlplane.api.workload_cells import (
    daemon_set_cells,
    deployment_cells,
    job_cells,
    replica_set_cells,
    stateful_set_cells,
)

JsonObject = dict[str, Any]

_SHOWN: Final = 3  # addresses, ports or hosts in one cell; the others are counted


def service_cells(value: JsonObject, now: datetime) -> Cells:
    spec = value.get("spec") or {}
    addresses = spec.get("clusterIPs") or [NONE]
    ports = ",".join(map(_service_port, spec.get("ports") or ())) or NONE
    kind = spec.get("type", "")
    outside = _outside(kind, spec, value.get("status") or {})
    return [name(value), kind, addresses[0], outside, ports, born(value, now), shown_labels(spec.get("selector"))]


def endpoints_cells(value: JsonObject, now: datetime) -> Cells:
    found = [each for subset in value.get("subsets") or () for each in _subset_addresses(subset)]
    shown = _some(found, " + {} more...") if value.get("subsets") else NONE
    return [name(value), shown, born(value, now)]


def endpoint_slice_cells(value: JsonObject, now: datetime) -> Cells:
    ports = [str(each.get("port", each.get("name", "*"))) for each in value.get("ports") or ()]
    addresses = [address for each in value.get("endpoints") or () for address in each.get("addresses") or ()]
    shown = (_some(each, " + {} more...") if each else "<unset>" for each in (ports, addresses))
    return [name(value), value.get("addressType", ""), *shown, born(value, now)]


def namespace_cells(value: JsonObject, now: datetime) -> Cells:
    return [name(value), (value.get("status") or {}).get("phase", ""), born(value, now)]


def node_cells(value: JsonObject, now: datetime) -> Cells:
    status = value.get("status") or {}
    info = status.get("nodeInfo") or {}
    kernel = info.get("kernelVersion") or "<unknown>"
    if info.get("architecture"):
        kernel += f" ({info['architecture']})"
    addresses = status.get("addresses") or ()
    return [
        name(value),
        _node_state(value, status),
        ",".join(_node_roles(value)) or NONE,
        born(value, now),
        info.get("kubeletVersion", ""),
        *(_node_address(addresses, each) for each in ("InternalIP", "ExternalIP")),
        info.get("osImage") or "<unknown>",
        kernel,
        info.get("containerRuntimeVersion") or "<unknown>",
    ]


def config_map_cells(value: JsonObject, now: datetime) -> Cells:
    return [name(value), len(value.get("data") or ()) + len(value.get("binaryData") or ()), born(value, now)]


def secret_cells(value: JsonObject, now: datetime) -> Cells:
    return [name(value), value.get("type", ""), len(value.get("data") or ()), born(value, now)]


def service_account_cells(value: JsonObject, now: datetime) -> Cells:
    return [name(value), born(value, now)]


def event_cells(value: JsonObject, now: datetime) -> Cells:
    first = age(value.get("firstTimestamp") or value.get("eventTime"), now)
    last = age(value["lastTimestamp"], now) if value.get("lastTimestamp") else first
    count = value.get("count") or 1
    if series := value.get("series"):
        last, count = age(series.get("lastObservedTime"), now), series.get("count", 0)
    about = value.get("involvedObject") or {}
    source = value.get("source") or {}
    component = source.get("component") or value.get("reportingComponent", "")
    host = source.get("host") or value.get("reportingInstance", "")
    target = "/".join(each for each in (about.get("kind", "").lower(), about.get("name", "")) if each)
    return [
        last,
        value.get("type", ""),
        value.get("reason", ""),
        target,
        about.get("fieldPath", ""),
        f"{component}, {host}" if host else component,
        value.get("message", "").strip(),
        first,
        count,
        name(value),
    ]


def ingress_cells(value: JsonObject, now: datetime) -> Cells:
    spec, status = value.get("spec") or {}, value.get("status") or {}
    rules = spec.get("rules") or ()
    hosts = [each["host"] for each in rules if each.get("host")]
    shown = ",".join(hosts[:_SHOWN]) or "*"
    if len(hosts) > _SHOWN or (len(hosts) == _SHOWN and len(rules) > _SHOWN):
        shown += f" + {len(rules) - _SHOWN} more..."
    address = ",".join(_balancer_addresses(status.get("loadBalancer") or {}))
    ports = "80, 443" if spec.get("tls") else "80"
    return [name(value), spec.get("ingressClassName", NONE), shown, address, ports, born(value, now)]


def service_cidr_cells(value: JsonObject, now: datetime) -> Cells:
    return [name(value), ",".join((value.get("spec") or {}).get("cidrs") or ()), born(value, now)]


def ip_address_cells(value: JsonObject, now: datetime) -> Cells:
    parent = (value.get("spec") or {}).get("parentRef")
    shown = NONE
    if parent:
        group = f".{parent['group']}" if parent.get("group") else ""
        kind = f"{parent.get('resource', '')}{group}".lower()
        shown = "/".join(each for each in (kind, parent.get("namespace", ""), parent.get("name", "")) if each)
    return [name(value), shown, born(value, now)]


def lease_cells(value: JsonObject, now: datetime) -> Cells:
    return [name(value), (value.get("spec") or {}).get("holderIdentity", ""), born(value, now)]


def scale_cells(value: JsonObject, now: datetime) -> Cells:
    counts = ((value.get(each) or {}).get("replicas", 0) for each in ("spec", "status"))
    return [name(value), *counts, born(value, now)]


def _service_port(port: JsonObject) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port', 0)}{node}/{port.get('protocol', '')}"


def _outside(kind: str, spec: JsonObject, status: JsonObject) -> str:
    external = spec.get("externalIPs") or []
    if kind == "ExternalName":
        found: str = spec.get("externalName", "")
        return found
    if kind == "LoadBalancer":
        return ",".join([*_balancer_addresses(status.get("loadBalancer") or {}), *external]) or "<pending>"
    return ",".join(external) or NONE if kind in ("ClusterIP", "NodePort") else "<unknown>"


def _balancer_addresses(balancer: JsonObject) -> list[str]:
    found = {each.get("ip") or each.get("hostname") for each in balancer.get("ingress") or ()}
    return sorted(each for each in found if each)


def _subset_addresses(subset: JsonObject) -> Iterable[str]:
    addresses = [each.get("ip", "") for each in subset.get("addresses") or ()]
    ports = subset.get("ports") or ()
    if not ports:
        return addresses
    return [_with_port(address, port.get("port", 0)) for port in ports for address in addresses]


def _with_port(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _some(found: Sequence[str], more: str) -> str:
    shown = ",".join(found[:_SHOWN])
    return shown + more.format(len(found) - _SHOWN) if len(found) > _SHOWN else shown


def _node_state(value: JsonObject, status: JsonObject) -> str:
    ready = next((each for each in status.get("conditions") or () if each.get("type") == "Ready"), None)
    state = "Unknown" if ready is None else "Ready" if ready.get("status") == "True" else "NotReady"
    return f"{state},SchedulingDisabled" if (value.get("spec") or {}).get("unschedulable") else state


def _node_roles(value: JsonObject) -> list[str]:
    roles = set()
    for key, role in ((value.get("metadata") or {}).get("labels") or {}).items():
        if key.startswith("node-role.kubernetes.io/"):
            roles.add(key.partition("/")[2])
        elif key == "kubernetes.io/role":
            roles.add(role)
    return sorted(roles - {""})


def _node_address(addresses: Iterable[JsonObject], kind: str) -> str:
    return next((each.get("address", "") for each in addresses if each.get("type") == kind), NONE)


CELLS: Final[Mapping[str, Callable[[JsonObject, datetime], Cells]]] = {
    "Service": service_cells,
    "Endpoints": endpoints_cells,
    "EndpointSlice": endpoint_slice_cells,
    "Namespace": namespace_cells,
    "Node": node_cells,
    "Pod": pod_cells,
    "ConfigMap": config_map_cells,
    "Secret": secret_cells,
    "ServiceAccount": service_account_cells,
    "Event": event_cells,
    "Deployment": deployment_cells,
    "ReplicaSet": replica_set_cells,
    "StatefulSet": stateful_set_cells,
    "DaemonSet": daemon_set_cells,
    "Job": job_cells,
    "Ingress": ingress_cells,
    "ServiceCIDR": service_cidr_cells,
    "IPAddress": ip_address_cells,
    "Lease": lease_cells,
    "Scale": scale_cells,
}
