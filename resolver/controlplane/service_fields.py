"""Fields of a Service: what is filled in, what belongs to which type, what is warned about.

(kube-apiserver pkg/apis/core/v1/defaults.go, registry/core/service/strategy.go, pkg/api/service; F1 to F5, U16, U18.)
"""

from typing import Any, Final

from resolver.controlplane.ip_families import EXTERNAL_NAME, NONE, needs_address
from resolver.controlplane.ip_text import address_warnings, prefix_warnings

JsonObject = dict[str, Any]

CLUSTER_IP: Final = "ClusterIP"
NODE_PORT: Final = "NodePort"
LOAD_BALANCER: Final = "LoadBalancer"
AFFINITY_SECONDS: Final = 10_800
_HINTS: Final = "service.kubernetes.io/topology-aware-hints"
_MODE: Final = "service.kubernetes.io/topology-mode"


def default_service(value: JsonObject) -> None:
    """What the API fills in on decoding: not the families and addresses, which are settled later."""
    spec = value["spec"]
    affinity = spec.setdefault("sessionAffinity", NONE)
    if affinity == NONE:
        spec.pop("sessionAffinityConfig", None)
    elif affinity == "ClientIP" and _affinity_timeout(spec) is None:
        spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": AFFINITY_SECONDS}}
    kind = spec.setdefault("type", CLUSTER_IP)
    for port in spec.get("ports", ()):
        port.setdefault("protocol", "TCP")
        if port["targetPort"] in (0, ""):
            port["targetPort"] = port["port"]
    if is_reachable_from_outside(spec):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind in (CLUSTER_IP, NODE_PORT, LOAD_BALANCER):
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind == LOAD_BALANCER:
        spec.setdefault("allocateLoadBalancerNodePorts", True)
        for ingress in value["status"]["loadBalancer"].get("ingress", ()):
            if "ip" in ingress:
                ingress.setdefault("ipMode", "VIP")


def _affinity_timeout(spec: JsonObject) -> int | None:
    timeout: int | None = spec.get("sessionAffinityConfig", {}).get("clientIP", {}).get("timeoutSeconds")
    return timeout


def is_reachable_from_outside(spec: JsonObject) -> bool:
    kind = spec["type"]
    return kind in (LOAD_BALANCER, NODE_PORT) or (kind == CLUSTER_IP and bool(spec.get("externalIPs")))


def has_node_ports(spec: JsonObject) -> bool:
    """Its type knows node ports."""
    return spec["type"] in (NODE_PORT, LOAD_BALANCER)


def gets_node_ports(spec: JsonObject) -> bool:
    """Its ports are given node ports."""
    kind = spec["type"]
    return kind == NODE_PORT or (kind == LOAD_BALANCER and bool(spec.get("allocateLoadBalancerNodePorts", True)))


def needs_health_check(spec: JsonObject) -> bool:
    return spec["type"] == LOAD_BALANCER and spec.get("externalTrafficPolicy") == "Local"


def keep_node_ports(spec: JsonObject, old: JsonObject) -> None:
    """Ports without a node port get back what the port of the same name had (U2)."""
    if gets_node_ports(old) and gets_node_ports(spec):
        before = {port.get("name", ""): port.get("nodePort", 0) for port in old.get("ports", ())}
        given = {port["nodePort"] for port in spec.get("ports", ()) if "nodePort" in port}
        used = given & set(before.values())
        for port in spec.get("ports", ()):
            number = before.get(port.get("name", ""), 0)
            if "nodePort" not in port and number and number not in used:
                port["nodePort"] = number
    if needs_health_check(old) and needs_health_check(spec) and old.get("healthCheckNodePort"):
        spec.setdefault("healthCheckNodePort", old["healthCheckNodePort"])


def clear_what_the_type_lacks(value: JsonObject, old_value: JsonObject) -> None:
    """On a change of type, fields of the old type go if they were left as they were (U16, U18)."""
    spec, old = value["spec"], old_value["spec"]
    if needs_address(old) and not needs_address(spec):
        if _same(spec, old, "clusterIP") and _same(spec, old, "clusterIPs"):
            _drop(spec, "clusterIP", "clusterIPs")
        for field in ("ipFamilies", "ipFamilyPolicy"):
            if _same(spec, old, field):
                _drop(spec, field)
    if has_node_ports(old) and not has_node_ports(spec) and _node_ports(spec) <= _node_ports(old):
        for port in spec.get("ports", ()):
            port.pop("nodePort", None)
    if needs_health_check(old) and not needs_health_check(spec) and _same(spec, old, "healthCheckNodePort"):
        _drop(spec, "healthCheckNodePort")
    if old["type"] == LOAD_BALANCER and spec["type"] != LOAD_BALANCER:
        for field in ("allocateLoadBalancerNodePorts", "loadBalancerClass"):
            if _same(spec, old, field):
                _drop(spec, field)
    if (
        is_reachable_from_outside(old)
        and not is_reachable_from_outside(spec)
        and _same(spec, old, "externalTrafficPolicy")
    ):
        _drop(spec, "externalTrafficPolicy")
    if spec["type"] != LOAD_BALANCER:
        value["status"] = {**value.get("status", {}), "loadBalancer": {}}


def service_warnings(value: JsonObject) -> list[str]:
    """What a Service may say but should not (C24, C24a)."""
    spec = value["spec"]
    warnings = []
    if _HINTS in (value["metadata"].get("annotations") or ()):
        warnings.append(f"annotation {_HINTS} is deprecated, please use {_MODE} instead")
    headless = spec["type"] == CLUSTER_IP and spec.get("clusterIP") == NONE
    if spec.get("clusterIP") and spec["clusterIP"] != NONE:
        for index, address in enumerate(spec.get("clusterIPs", ())):
            warnings += address_warnings(f"spec.clusterIPs[{index}]", address)
    if headless:
        for field, name in (("loadBalancerIP", "loadBalancerIP"), ("externalIPs", "externalIPs")):
            if spec.get(field):
                warnings.append(f"spec.{name} is ignored for headless services")
        if spec["sessionAffinity"] != NONE:
            warnings.append("spec.SessionAffinity is ignored for headless services")
    external = spec.get("externalIPs", ())
    for index, address in enumerate(external):
        warnings += address_warnings(f"spec.externalIPs[{index}]", address)
    if external and not headless and spec["type"] != EXTERNAL_NAME:
        warnings.append("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
    warnings += address_warnings("spec.loadBalancerIP", spec.get("loadBalancerIP", ""))
    for index, text in enumerate(spec.get("loadBalancerSourceRanges", ())):
        warnings += prefix_warnings(f"spec.loadBalancerSourceRanges[{index}]", text)
    if spec["type"] == EXTERNAL_NAME and external:
        warnings.append('spec.externalIPs is ignored when spec.type is "ExternalName"')
    if spec["type"] != EXTERNAL_NAME and spec.get("externalName"):
        warnings.append('spec.externalName is ignored when spec.type is not "ExternalName"')
    if spec.get("trafficDistribution") == "PreferClose":
        warnings.append('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return warnings


def _node_ports(spec: JsonObject) -> set[int]:
    return {port["nodePort"] for port in spec.get("ports", ()) if "nodePort" in port}


def _same(spec: JsonObject, old: JsonObject, field: str) -> bool:
    same: bool = spec.get(field) == old.get(field)
    return same


def _drop(spec: JsonObject, *fields: str) -> None:
    for field in fields:
        spec.pop(field, None)
