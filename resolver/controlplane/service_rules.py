"""Validation of Services (kube-apiserver pkg/apis/core/validation; C16 to C24b, U9 to U11, U18 to U20)."""

from typing import Any, Final

from resolver.controlplane.field_errors import (
    FieldError,
    TypedText,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
)
from resolver.controlplane.ip_families import EXTERNAL_NAME, NONE, SINGLE_STACK, is_headless, related_errors
from resolver.controlplane.ip_text import address_errors, endpoint_address_errors, prefix_errors
from resolver.controlplane.metadata_rules import IMMUTABLE, label_errors
from resolver.controlplane.names import (
    label_key_problems,
    label_problems,
    port_name_problems,
    port_number_problems,
    subdomain_problems,
)
from resolver.controlplane.service_fields import (
    CLUSTER_IP,
    LOAD_BALANCER,
    NODE_PORT,
    is_reachable_from_outside,
    needs_health_check,
)

JsonObject = dict[str, Any]

PROTOCOLS: Final = ("SCTP", "TCP", "UDP")
_AFFINITY_MOST: Final = 86_400
_HEALTH_PORT: Final = "healthCheckNodePort"
_ONLY_BALANCER: Final = "may only be used when `type` is 'LoadBalancer'"
_NOT_EXTERNAL: Final = "may not be set for ExternalName services"
_FIXED: Final = "may not change once set"
_HINTS: Final = "service.kubernetes.io/topology-aware-hints"
_MODE: Final = "service.kubernetes.io/topology-mode"
_SOURCE_RANGES: Final = "service.beta.kubernetes.io/load-balancer-source-ranges"


def service_errors(value: JsonObject, old: JsonObject | None) -> list[FieldError]:
    """What is wrong with a Service that is about to be stored, families settled and addresses allocated."""
    spec = value["spec"]
    old_spec = old["spec"] if old else None
    errors = _annotation_errors(value) + _type_errors(spec) + _port_errors(spec)
    if spec.get("selector"):
        errors += label_errors(spec["selector"], "spec.selector")
    errors += _affinity_errors(spec)
    errors += related_errors(spec, old_spec)
    errors += _external_ip_errors(spec, old_spec)
    if spec["type"] not in (CLUSTER_IP, EXTERNAL_NAME, LOAD_BALANCER, NODE_PORT):
        known = (CLUSTER_IP, EXTERNAL_NAME, LOAD_BALANCER, NODE_PORT)
        errors.append(not_supported("spec.type", TypedText(spec["type"]), known))
    errors += _repeated_port_errors(spec)
    errors += _source_range_errors(value, old)
    if "allocateLoadBalancerNodePorts" in spec and spec["type"] != LOAD_BALANCER:
        errors.append(forbidden("spec.allocateLoadBalancerNodePorts", _ONLY_BALANCER))
    errors += balancer_class_errors(spec, None)
    errors += _traffic_errors(spec)
    return errors


def service_update_errors(value: JsonObject, old: JsonObject) -> list[FieldError]:
    """What an update may not change, and all that is wrong with the new state."""
    errors = _address_change_errors(value["spec"], old["spec"])
    errors += _family_change_errors(value["spec"], old["spec"])
    errors += balancer_class_errors(value["spec"], old["spec"])
    port = value["spec"].get("healthCheckNodePort")
    if needs_health_check(value["spec"]) and needs_health_check(old["spec"]):
        errors += [forbidden("spec.healthCheckNodePort", IMMUTABLE)] if port != old["spec"].get(_HEALTH_PORT) else []
    return errors + service_errors(value, old)


def service_status_errors(value: JsonObject, old: JsonObject) -> list[FieldError]:
    """status.loadBalancer."""
    field = "status.loadBalancer.ingress"
    ingresses = value["status"]["loadBalancer"].get("ingress", [])
    if ingresses and value["spec"]["type"] != LOAD_BALANCER:
        return [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")]
    known = [each.get("ip", "") for each in old["status"]["loadBalancer"].get("ingress", [])]
    errors = []
    for index, ingress in enumerate(ingresses):
        place = f"{field}[{index}]"
        if ip := ingress.get("ip"):
            errors += address_errors(f"{place}.ip", ip, known)
        mode = ingress.get("ipMode")
        if mode is None and ip:
            errors.append(required(f"{place}.ipMode", "must be specified when `ip` is set"))
        elif mode is not None and not ip:
            errors.append(forbidden(f"{place}.ipMode", "may not be specified when `ip` is not set"))
        elif mode not in (None, "Proxy", "VIP"):
            errors.append(not_supported(f"{place}.ipMode", TypedText(mode), ("Proxy", "VIP")))
        if hostname := ingress.get("hostname"):
            errors += [invalid(f"{place}.hostname", hostname, each) for each in subdomain_problems(hostname)]
            if not address_errors("", hostname):
                words = "must be a DNS name, not an IP address"
                errors.append(invalid(f"{place}.hostname", hostname, words))
    return errors


def _annotation_errors(value: JsonObject) -> list[FieldError]:
    annotations = value["metadata"].get("annotations") or {}
    if _HINTS in annotations and _MODE in annotations and annotations[_HINTS] != annotations[_MODE]:
        words = f"must match annotations[{_HINTS}] when both are specified"
        return [invalid(f"metadata.annotations[{_MODE}]", annotations[_MODE], words)]
    return []


def _type_errors(spec: JsonObject) -> list[FieldError]:
    errors = []
    kind = spec["type"]
    if not spec.get("ports") and not is_headless(spec) and kind != EXTERNAL_NAME:
        errors.append(required("spec.ports"))
    if kind in (LOAD_BALANCER, NODE_PORT) and is_headless(spec):
        errors.append(invalid("spec.clusterIPs[0]", NONE, f"may not be set to 'None' for {kind} services"))
    if kind != EXTERNAL_NAME:
        return errors
    if spec.get("clusterIPs"):
        errors.append(forbidden("spec.clusterIPs", _NOT_EXTERNAL))
    if spec.get("ipFamilies"):
        errors.append(forbidden("spec.ipFamilies", _NOT_EXTERNAL))
    if "ipFamilyPolicy" in spec:
        errors.append(forbidden("spec.ipFamilyPolicy", _NOT_EXTERNAL))
    name = spec.get("externalName", "").removesuffix(".")
    if not name:
        errors.append(required("spec.externalName"))
    errors += [invalid("spec.externalName", name, each) for each in (subdomain_problems(name) if name else ())]
    return errors


def _port_errors(spec: JsonObject) -> list[FieldError]:
    errors = []
    ports = spec.get("ports", ())
    names: set[str] = set()
    for index, port in enumerate(ports):
        field = f"spec.ports[{index}]"
        name = port.get("name", "")
        if name:
            errors += [invalid(f"{field}.name", name, each) for each in label_problems(name)]
            if name in names:
                errors.append(duplicate(f"{field}.name", name))
            names.add(name)
        elif len(ports) > 1:
            errors.append(required(f"{field}.name"))
        errors += [invalid(f"{field}.port", port["port"], each) for each in port_number_problems(port["port"])]
        if port["protocol"] not in PROTOCOLS:
            errors.append(not_supported(f"{field}.protocol", TypedText(port["protocol"]), PROTOCOLS))
        target = port["targetPort"]
        problems = port_name_problems(target) if isinstance(target, str) else port_number_problems(target)
        errors += [invalid(f"{field}.targetPort", target, each) for each in problems]
        if "appProtocol" in port:
            value = port["appProtocol"]
            errors += [invalid(f"{field}.appProtocol", value, each) for each in label_key_problems(value)]
    return errors


def _affinity_errors(spec: JsonObject) -> list[FieldError]:
    affinity = spec["sessionAffinity"]
    if affinity not in ("ClientIP", NONE):
        return [not_supported("spec.sessionAffinity", TypedText(affinity), ("ClientIP", NONE))]
    if affinity == NONE:
        return []
    timeout = spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"]
    if 0 < timeout <= _AFFINITY_MOST:
        return []
    words = f"must be greater than 0 and less than {_AFFINITY_MOST}"
    return [invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", timeout, words)]


def _external_ip_errors(spec: JsonObject, old: JsonObject | None) -> list[FieldError]:
    errors = []
    known = old.get("externalIPs", []) if old else []
    for index, address in enumerate(spec.get("externalIPs", ())):
        field = f"spec.externalIPs[{index}]"
        errors += address_errors(field, address, known) or endpoint_address_errors(field, address)
    return errors


def _repeated_port_errors(spec: JsonObject) -> list[FieldError]:
    errors = []
    ports = spec.get("ports", ())
    if spec["type"] == CLUSTER_IP:
        words = "may not be used when `type` is 'ClusterIP'"
        errors += [forbidden(f"spec.ports[{i}].nodePort", words) for i, port in enumerate(ports) if "nodePort" in port]
    seen: set[tuple[str, str, int]] = set()
    for index, port in enumerate(ports):
        if number := port.get("nodePort", 0):
            if ("node", port["protocol"], number) in seen:
                errors.append(duplicate(f"spec.ports[{index}].nodePort", number))
            seen.add(("node", port["protocol"], number))
    for index, port in enumerate(ports):
        if ("port", port["protocol"], port["port"]) in seen:
            shown = {"Name": "", "Protocol": port["protocol"], "AppProtocol": None, "Port": port["port"]}
            errors.append(duplicate(f"spec.ports[{index}]", shown | {"TargetPort": 0, "NodePort": 0}))
        seen.add(("port", port["protocol"], port["port"]))
    return errors


def _source_range_errors(value: JsonObject, old: JsonObject | None) -> list[FieldError]:
    spec = value["spec"]
    ranges = spec.get("loadBalancerSourceRanges", ())
    annotation = (value["metadata"].get("annotations") or {}).get(_SOURCE_RANGES)
    errors = []
    if ranges:
        field = "spec.LoadBalancerSourceRanges"
        if spec["type"] != LOAD_BALANCER:
            errors.append(forbidden(field, _ONLY_BALANCER))
        known = [each.strip() for each in old["spec"].get("loadBalancerSourceRanges", ())] if old else []
        for index, text in enumerate(ranges):
            errors += prefix_errors(f"{field}[{index}]", text.strip(), known)
    elif annotation is not None:
        field = f"metadata.annotations[{_SOURCE_RANGES}]"
        if spec["type"] != LOAD_BALANCER:
            errors.append(forbidden(field, _ONLY_BALANCER))
        before = (old["metadata"].get("annotations") or {}).get(_SOURCE_RANGES, "") if old else None
        if annotation != before and annotation.strip():
            for text in annotation.strip().split(","):
                errors += prefix_errors(field, text.strip())
    return errors


def balancer_class_errors(spec: JsonObject, old: JsonObject | None) -> list[FieldError]:
    """spec.loadBalancerClass (U20)."""
    field = "spec.loadBalancerClass"
    new = spec.get("loadBalancerClass")
    errors = []
    if old is not None and spec["type"] == old["type"] == LOAD_BALANCER and new != old.get("loadBalancerClass"):
        errors.append(invalid(field, None if new is None else TypedText(new), _FIXED))
    if new is not None and spec["type"] != LOAD_BALANCER:
        errors.append(forbidden(field, _ONLY_BALANCER))
    elif new is not None:
        errors += [invalid(field, new, each) for each in label_key_problems(new)]
    return errors


def _traffic_errors(spec: JsonObject) -> list[FieldError]:
    errors = []
    policies = ("Cluster", "Local")
    external = spec.get("externalTrafficPolicy", "")
    field = "spec.externalTrafficPolicy"
    if not is_reachable_from_outside(spec):
        if external:
            words = "may only be set for externally-accessible services"
            errors.append(invalid(field, TypedText(external), words))
    elif external not in policies:
        errors.append(not_supported(field, TypedText(external), policies))
    port = spec.get("healthCheckNodePort", 0)
    field = "spec.healthCheckNodePort"
    if needs_health_check(spec):
        errors += [invalid(field, port, each) for each in port_number_problems(port)] if port else [required(field)]
    elif port:
        words = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        errors.append(invalid(field, port, words))
    internal = spec.get("internalTrafficPolicy")
    if internal is not None and internal not in policies:
        errors.append(not_supported("spec.internalTrafficPolicy", TypedText(internal), policies))
    distribution = spec.get("trafficDistribution")
    known = ("PreferClose", "PreferSameZone", "PreferSameNode")
    if distribution is not None and distribution not in known:
        errors.append(not_supported("spec.trafficDistribution", distribution, known))
    return errors


def _address_change_errors(spec: JsonObject, old: JsonObject) -> list[FieldError]:
    """The primary address is fixed, the secondary may come and go (U9, U10)."""
    if EXTERNAL_NAME in (spec["type"], old["type"]) or (is_headless(spec) and is_headless(old)):
        return []
    new, before = spec.get("clusterIPs", []), old.get("clusterIPs", [])
    shown = new or None
    if len(new) == len(before):
        pairs = enumerate(zip(new, before, strict=True))
        return [invalid(f"spec.clusterIPs[{index}]", shown, _FIXED) for index, (a, b) in pairs if a != b]
    errors = []
    if not new:
        errors.append(invalid("spec.clusterIPs[0]", shown, "primary clusterIP can not be unset"))
    elif before and new[0] != before[0]:
        errors.append(invalid("spec.clusterIPs[0]", shown, _FIXED))
    if len(before) > len(new) == 1 and spec.get("ipFamilyPolicy") != SINGLE_STACK:
        words = "must be set to 'SingleStack' when releasing the secondary clusterIP"
        errors.append(invalid("spec.ipFamilyPolicy", _policy(spec), words))
    return errors


def _family_change_errors(spec: JsonObject, old: JsonObject) -> list[FieldError]:
    if EXTERNAL_NAME in (spec["type"], old["type"]) or is_headless(spec) or is_headless(old):
        return []
    new, before = spec.get("ipFamilies", []), old.get("ipFamilies", [])
    if len(new) == len(before):
        pairs = zip(new, before, strict=True)
        return [invalid("spec.ipFamilies[0]", new, _FIXED) for a, b in pairs if a != b]
    errors = []
    if len(before) > len(new) and not spec.get("clusterIPs"):
        errors.append(invalid("spec.ipFamilies[0]", new or None, "primary ipFamily can not be unset"))
    if new and before and new[0] != before[0]:
        errors.append(invalid("spec.ipFamilies[0]", spec.get("clusterIPs"), _FIXED))
    if len(before) > len(new) == 1 and spec.get("ipFamilyPolicy") != SINGLE_STACK:
        words = "must be set to 'SingleStack' when releasing the secondary ipFamily"
        errors.append(invalid("spec.ipFamilyPolicy", _policy(spec), words))
    return errors


def _policy(spec: JsonObject) -> TypedText | None:
    return TypedText(spec["ipFamilyPolicy"]) if "ipFamilyPolicy" in spec else None
