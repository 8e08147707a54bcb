"""Puts the embedded cluster together: store, strategies, and the objects a bare API server makes for itself."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from resolver.controlplane.address_range import AddressRange
from resolver.controlplane.cluster_api import ClusterApi, FieldTracker, untracked
from resolver.controlplane.cluster_strategies import IpAddressStrategy, NamespaceStrategy, ServiceCidrStrategy
from resolver.controlplane.ip_families import PREFER_DUAL_STACK, SINGLE_STACK
from resolver.controlplane.kinds.catalogue import kind_strategies
from resolver.controlplane.node_ports import NodePorts, PortRange
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.patches.merge_patch import apply_merge_patch
from resolver.controlplane.resources import (
    ENDPOINT_SLICES,
    ENDPOINTS,
    IP_ADDRESSES,
    NAMESPACES,
    SERVICE_CIDRS,
    SERVICES,
    Resource,
)
from resolver.controlplane.service_admission import ServiceStrategy
from resolver.controlplane.service_ips import ServiceIps
from resolver.controlplane.service_ranges import NODE_PORTS, BadRange, ServiceRanges
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.strategy import Strategy
from resolver.controlplane.write_request import WriteOptions

JsonObject = dict[str, Any]

MANAGER: Final = WriteOptions(manager="kube-apiserver")
SYSTEM_NAMESPACES: Final = ("kube-system", "kube-public", "kube-node-lease", "default")
DEFAULT_CIDR: Final = "kubernetes"
DNS_NUMBER: Final = 10
"""The address of kube-dns in each range, by kubeadm's convention (A7)."""


@dataclass(frozen=True)
class Settings:
    """What the cluster is made with. `port`: where ``default/kubernetes`` says the API is."""

    ranges: ServiceRanges
    node_ports: PortRange = NODE_PORTS
    port: int = 6443


def new_cluster(
    store: ObjectStore,
    settings: Settings,
    clock: Callable[[], str],
    random: Random,
    strategies: Mapping[Resource, Strategy] | None = None,
    track_fields: FieldTracker = untracked,
) -> ClusterApi:
    """The cluster over a store, empty or restored. `strategies`: in place of the usual ones.

    Raises BadRange where the store was filled with other service ranges.
    """
    ips = ServiceIps(store, random)
    ports = NodePorts(store, settings.node_ports)
    own: dict[Resource, Strategy] = {
        NAMESPACES: NamespaceStrategy(),
        SERVICES: ServiceStrategy(settings.ranges.families, ips, ports),
        SERVICE_CIDRS: ServiceCidrStrategy(),
        IP_ADDRESSES: IpAddressStrategy(),
        **kind_strategies(store),
    }
    api = ClusterApi(store, {**own, **(strategies or {})}, clock, random, track_fields)
    with store.transaction():
        for name in SYSTEM_NAMESPACES:
            _ensure(api, NAMESPACES, "", {"metadata": {"name": name}})
        _ensure_default_cidr(api, settings.ranges, clock())
        with suppress(StatusError):  # a range wider than /64 starts, but hands out nothing (A2)
            _ensure_kubernetes(api, settings)
    return api


def add_cluster_dns(api: ClusterApi, ranges: ServiceRanges) -> None:
    """Makes ``kube-system/kube-dns`` as kubeadm does, at the tenth address of each range (A7)."""
    addresses = [AddressRange(each).address(DNS_NUMBER) for each in ranges.prefixes]
    dual = len(addresses) == 2
    ports = [
        {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53},
        {"name": "metrics", "port": 9153, "protocol": "TCP", "targetPort": 9153},
    ]
    labels = {"k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS"}
    spec = {
        "clusterIP": addresses[0],
        "clusterIPs": addresses,
        "ipFamilyPolicy": PREFER_DUAL_STACK if dual else SINGLE_STACK,
        "ports": ports,
        "selector": {"k8s-app": "kube-dns"},
    }
    document = {"metadata": {"name": "kube-dns", "labels": labels}, "spec": spec}
    _ensure(api, SERVICES, "kube-system", document)


def _ensure(api: ClusterApi, resource: Resource, namespace: str, document: JsonObject) -> None:
    """Creates the object unless there is one of that name."""
    if api.store.get(resource, namespace, document["metadata"]["name"]) is None:
        api.create(resource, namespace, document, MANAGER)


def _ensure_default_cidr(api: ClusterApi, ranges: ServiceRanges, now: str) -> None:
    """The ServiceCIDR of the flags. A cluster may be given a second range, or lose it (then the object stays)."""
    old = api.store.get(SERVICE_CIDRS, "", DEFAULT_CIDR)
    if old is None:
        api.create(SERVICE_CIDRS, "", {"metadata": {"name": DEFAULT_CIDR}, "spec": {"cidrs": ranges.cidrs}}, MANAGER)
        condition = {
            "type": "Ready",
            "status": "True",
            "lastTransitionTime": now,
            "reason": "",
            "message": "Kubernetes default Service CIDR is ready",
        }
        made = api.get(SERVICE_CIDRS, "", DEFAULT_CIDR).copy()
        made["status"] = {"conditions": [condition]}
        status = WriteOptions(manager="kubernetes-service-cidr-controller", subresource="status")
        api.update(SERVICE_CIDRS, "", DEFAULT_CIDR, made, status)
        return
    kept = old.object["spec"]["cidrs"]
    if kept[: len(ranges.cidrs)] == ranges.cidrs:
        return
    if kept != ranges.cidrs[:1]:
        words = f"this cluster was made with --service-cluster-ip-range={','.join(kept)}"
        raise BadRange(f"{words}: give the same ranges, or begin with an empty state")
    value = old.copy()
    value["spec"]["cidrs"] = ranges.cidrs
    api.update(SERVICE_CIDRS, "", DEFAULT_CIDR, value, MANAGER)


def _ensure_kubernetes(api: ClusterApi, settings: Settings) -> None:
    """``default/kubernetes`` at the first address of the first range, and its endpoints (A6)."""
    ranges = settings.ranges
    port = {"name": "https", "port": settings.port, "protocol": "TCP"}
    service: JsonObject = {
        "metadata": {"name": "kubernetes", "labels": {"component": "apiserver", "provider": "kubernetes"}},
        "spec": {
            "clusterIP": AddressRange(ranges.prefixes[0]).address(1),
            "ipFamilyPolicy": SINGLE_STACK,
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": settings.port}],
        },
    }
    endpoints = {
        "metadata": {"name": "kubernetes", "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
        "subsets": [{"addresses": [{"ip": ranges.advertised}], "ports": [port]}],
    }
    endpoint_slice = {
        "metadata": {"name": "kubernetes", "labels": {"kubernetes.io/service-name": "kubernetes"}},
        "addressType": ranges.prefixes[0].family,
        "endpoints": [{"addresses": [ranges.advertised], "conditions": {"ready": True}}],
        "ports": [port],
    }
    _ensure(api, SERVICES, "default", service)
    _ensure(api, ENDPOINTS, "default", endpoints)
    _ensure(api, ENDPOINT_SLICES, "default", endpoint_slice)
    _correct(api, SERVICES, {"spec": {"ports": service["spec"]["ports"]}})
    _correct(api, ENDPOINTS, {"subsets": endpoints["subsets"]})
    _correct(api, ENDPOINT_SLICES, {"endpoints": endpoint_slice["endpoints"], "ports": endpoint_slice["ports"]})


def _correct(api: ClusterApi, resource: Resource, parts: JsonObject) -> None:
    """At every start, ``default/kubernetes`` is made to say where the API is now."""
    value = api.get(resource, "default", "kubernetes").copy()
    wanted = apply_merge_patch(value, parts)
    if wanted != value:
        api.update(resource, "default", "kubernetes", wanted, MANAGER)
