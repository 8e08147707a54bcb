"""Objects of the Kubernetes API, as short as a test can say them; values as JSON would hold them.

Ports are texts like ``http:80/TCP``; a lone number is a port without name and protocol, ``-`` one without a number.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Object = dict[str, Any]
Ports = Iterable[str]

HTTP = ("http:80/TCP",)


def namespace(name: str, **labels: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def service(name: str, *ips: str, space: str = "default", ports: Ports = HTTP, **spec: Any) -> Object:
    """A Service with these clusterIPs; headless where there are none."""
    addresses = list(ips) or ["None"]
    body = {"type": "ClusterIP", "clusterIP": addresses[0], "clusterIPs": addresses, "ports": port_list(ports), **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta(name, space), "spec": body}


def external_name(name: str, target: str, *, space: str = "default", ports: Ports = ()) -> Object:
    spec = {"type": "ExternalName", "externalName": target, "ports": port_list(ports)}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta(name, space), "spec": spec}


def endpoint_slice(
    name: str, of: str, *endpoints: str | Object, space: str = "default", ports: Ports = HTTP, labels: Any = None
) -> Object:
    """A slice of the Service `of`; an endpoint is an address or what `endpoint` gives."""
    parts = [endpoint(part) if isinstance(part, str) else part for part in endpoints]
    first = parts[0]["addresses"][0] if parts else ""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {**meta(name, space), "labels": {"kubernetes.io/service-name": of} if labels is None else labels},
        "addressType": "IPv6" if ":" in first else "IPv4",
        "endpoints": parts,
        "ports": port_list(ports),
    }


def imported_slice(
    name: str, of: str, cluster: str, *endpoints: str | Object, space: str = "default", ports: Ports = HTTP
) -> Object:
    """A slice of another cluster, as the multicluster controllers label it."""
    labels = {
        "multicluster.kubernetes.io/service-name": of,
        "multicluster.kubernetes.io/source-cluster": cluster,
    }
    return endpoint_slice(name, of, *endpoints, space=space, ports=ports, labels=labels)


def endpoint(*addresses: str, ready: bool | None = True, hostname: str = "", pod: str = "", zone: str = "") -> Object:
    found: Object = {"addresses": list(addresses), "conditions": {} if ready is None else {"ready": ready}}
    if hostname:
        found["hostname"] = hostname
    if pod:
        found["targetRef"] = {"kind": "Pod", "name": pod}
    if zone:
        found["zone"] = zone
    return found


def pod(name: str, *ips: str, space: str = "default", terminating: bool = False) -> Object:
    found = meta(name, space)
    if terminating:
        found["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    status = {"phase": "Running", "podIPs": [{"ip": ip} for ip in ips]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": found, "status": status}


def service_import(
    name: str, *ips: str, space: str = "default", kind: str = "ClusterSetIP", ports: Ports = HTTP
) -> Object:
    return {
        "apiVersion": "multicluster.x-k8s.io/v1alpha1",
        "kind": "ServiceImport",
        "metadata": meta(name, space),
        "spec": {"type": kind, "ips": list(ips), "ports": port_list(ports)},
    }


def meta(name: str, space: str) -> Object:
    return {"name": name, "namespace": space}


def port_list(ports: Ports) -> list[Object]:
    return [_port(text) for text in ports]


def _port(text: str) -> Object:
    found: Object = {}
    rest, _, protocol = text.partition("/")
    name, colon, number = rest.rpartition(":")
    if colon:
        found["name"] = name
    if number != "-":
        found["port"] = int(number)
    if protocol:
        found["protocol"] = protocol
    return found


def versioned(objects: Sequence[Object], first: int = 1) -> list[Object]:
    """Copies with resourceVersions from `first` on."""
    return [with_version(item, first + place) for place, item in enumerate(objects)]


def with_version(item: Mapping[str, Any], version: int) -> Object:
    return {**item, "metadata": {**item["metadata"], "resourceVersion": str(version)}}
