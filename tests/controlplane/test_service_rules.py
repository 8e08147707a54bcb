"""Validation of Services whose families are settled and whose addresses are there: which fields are wrong, in order."""

from copy import deepcopy
from typing import Any

import pytest

from resolver.controlplane.decoding import decode
from resolver.controlplane.resources import SERVICES
from resolver.controlplane.service_fields import default_service
from resolver.controlplane.service_rules import service_errors, service_status_errors, service_update_errors
from resolver.controlplane.stored_object import JsonObject

V4, V6 = "10.43.0.99", "fd43::99"
ONE = {"clusterIP": V4, "clusterIPs": [V4], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"}
TWO = {"clusterIP": V4, "clusterIPs": [V4, V6], "ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "PreferDualStack"}
SIX = {"clusterIP": V6, "clusterIPs": [V6], "ipFamilies": ["IPv6"], "ipFamilyPolicy": "SingleStack"}
HEADLESS = {**ONE, "clusterIP": "None", "clusterIPs": ["None"]}
NOTHING: dict[str, Any] = dict.fromkeys(ONE)
PORTS = [{"name": "http", "port": 80}]
BALANCER = {"type": "LoadBalancer"}


def stored(spec: JsonObject, status: JsonObject | None = None, **metadata: Any) -> JsonObject:
    """A Service before validation; what is None is left out."""
    whole = {key: value for key, value in {**ONE, "ports": PORTS, **spec}.items() if value is not None}
    document = {"metadata": {"name": "web", "namespace": "shop", **metadata}, "spec": deepcopy(whole)}
    value = decode(SERVICES, {**document, "status": status or {}}).value
    default_service(value)
    return value


@pytest.mark.parametrize(
    "spec",
    [
        {},
        TWO,
        HEADLESS,
        {**HEADLESS, "ports": None},
        {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30001}]},
        {**BALANCER, "loadBalancerClass": "x.example/y", "loadBalancerSourceRanges": ["10.0.0.0/8", " 192.0.2.0/24 "]},
        {**BALANCER, "externalTrafficPolicy": "Local", "healthCheckNodePort": 30009},
        {**NOTHING, "type": "ExternalName", "externalName": "db.example.org.", "ports": None},
        {"ports": [{"name": "a", "port": 53, "protocol": "UDP"}, {"name": "b", "port": 53, "protocol": "TCP"}]},
        {"externalIPs": ["192.0.2.7", "2001:db8::7"], "trafficDistribution": "PreferSameZone"},
    ],
)
def test_what_is_right(spec: JsonObject) -> None:
    assert service_errors(stored(spec), None) == []


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ({"ports": None}, ["spec.ports"]),
        ({"ports": [{"port": 80}, {"port": 81}]}, ["spec.ports[0].name", "spec.ports[1].name"]),
        ({"ports": [{"name": "a", "port": 80}, {"name": "a", "port": 81}]}, ["spec.ports[1].name"]),
        ({"ports": [{"name": "A", "port": 80}]}, ["spec.ports[0].name"]),
        ({"ports": [{"port": 0}]}, ["spec.ports[0].port", "spec.ports[0].targetPort"]),
        ({"ports": [{"port": 80, "protocol": "tcp"}]}, ["spec.ports[0].protocol"]),
        ({"ports": [{"port": 80, "targetPort": "a_b"}]}, ["spec.ports[0].targetPort"]),
        ({"ports": [{"port": 80, "appProtocol": "a b"}]}, ["spec.ports[0].appProtocol"]),
        ({"ports": [{"name": "a", "port": 80}, {"name": "b", "port": 80}]}, ["spec.ports[1]"]),
        ({"ports": [{"port": 80, "nodePort": 30001}]}, ["spec.ports[0].nodePort"]),
        ({"type": "Other", "internalTrafficPolicy": "Cluster"}, ["spec.type"]),
        ({**HEADLESS, "type": "NodePort"}, ["spec.clusterIPs[0]"]),
        (
            {**ONE, "type": "ExternalName", "ports": None},
            ["spec.clusterIPs", "spec.ipFamilies", "spec.ipFamilyPolicy", "spec.externalName"],
        ),
        ({**NOTHING, "type": "ExternalName", "externalName": "a..b"}, ["spec.externalName"]),
        ({"selector": {"a b": "c"}}, ["spec.selector"]),
        ({"sessionAffinity": "Other"}, ["spec.sessionAffinity"]),
        (
            {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 86401}}},
            ["spec.sessionAffinityConfig.clientIP.timeoutSeconds"],
        ),
        ({"clusterIPs": [V6]}, ["spec.clusterIPs", "spec.clusterIPs[0]"]),
        ({"externalIPs": ["127.0.0.1", "x"]}, ["spec.externalIPs[0]", "spec.externalIPs[1]"]),
        ({"loadBalancerSourceRanges": ["10.0.0.0/8"]}, ["spec.LoadBalancerSourceRanges"]),
        ({**BALANCER, "loadBalancerSourceRanges": ["x"]}, ["spec.LoadBalancerSourceRanges[0]"]),
        ({"allocateLoadBalancerNodePorts": True}, ["spec.allocateLoadBalancerNodePorts"]),
        ({"loadBalancerClass": "x/y"}, ["spec.loadBalancerClass"]),
        ({**BALANCER, "loadBalancerClass": "a b"}, ["spec.loadBalancerClass"]),
        ({"externalTrafficPolicy": "Cluster"}, ["spec.externalTrafficPolicy"]),
        ({"type": "NodePort", "externalTrafficPolicy": "Other"}, ["spec.externalTrafficPolicy"]),
        ({**BALANCER, "externalTrafficPolicy": "Local"}, ["spec.healthCheckNodePort"]),
        ({"healthCheckNodePort": 30009}, ["spec.healthCheckNodePort"]),
        ({"internalTrafficPolicy": "Other"}, ["spec.internalTrafficPolicy"]),
        ({"trafficDistribution": "Other"}, ["spec.trafficDistribution"]),
    ],
)
def test_what_is_wrong_is_named_by_its_field(spec: JsonObject, fields: list[str]) -> None:
    assert [each.field for each in service_errors(stored(spec), None)] == fields


@pytest.mark.parametrize(
    ("annotations", "fields"),
    [
        (
            {"service.kubernetes.io/topology-mode": "Auto", "service.kubernetes.io/topology-aware-hints": "Disabled"},
            ["metadata.annotations[service.kubernetes.io/topology-mode]"],
        ),
        (
            {"service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8"},
            ["metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]"],
        ),
    ],
)
def test_annotations_that_mean_something_are_judged(annotations: dict[str, str], fields: list[str]) -> None:
    assert [each.field for each in service_errors(stored({}, annotations=annotations), None)] == fields


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        (ONE, ONE, []),
        (ONE, TWO, []),
        (TWO, ONE, []),
        (HEADLESS, {**HEADLESS, "ipFamilies": ["IPv6"]}, []),
        (ONE, {"clusterIP": "10.43.0.1", "clusterIPs": ["10.43.0.1"]}, ["spec.clusterIPs[0]"]),
        (TWO, {**TWO, "clusterIPs": [V4, "fd43::1"]}, ["spec.clusterIPs[1]"]),
        (ONE, SIX, ["spec.clusterIPs[0]", "spec.ipFamilies[0]"]),
        (TWO, {**ONE, "ipFamilyPolicy": "PreferDualStack"}, ["spec.ipFamilyPolicy", "spec.ipFamilyPolicy"]),
        (HEADLESS, ONE, ["spec.clusterIPs[0]"]),
        ({**BALANCER, "loadBalancerClass": "x/y"}, {**BALANCER, "loadBalancerClass": "z"}, ["spec.loadBalancerClass"]),
        (ONE, {**BALANCER, "loadBalancerClass": "x/z"}, []),
        (
            {**BALANCER, "externalTrafficPolicy": "Local", "healthCheckNodePort": 30009},
            {**BALANCER, "externalTrafficPolicy": "Local", "healthCheckNodePort": 30010},
            ["spec.healthCheckNodePort"],
        ),
        ({**NOTHING, "type": "ExternalName", "externalName": "x.example", "ports": None}, TWO, []),
    ],
)
def test_what_an_update_may_not_change(before: JsonObject, after: JsonObject, fields: list[str]) -> None:
    assert [each.field for each in service_update_errors(stored(after), stored(before))] == fields


@pytest.mark.parametrize(
    ("kind", "ingress", "fields"),
    [
        ("LoadBalancer", [{"ip": "192.0.2.1", "ipMode": "VIP"}, {"hostname": "lb.example"}], []),
        ("ClusterIP", [{"ip": "192.0.2.1"}], ["status.loadBalancer.ingress"]),
        ("LoadBalancer", [{"ip": "x", "ipMode": "VIP"}], ["status.loadBalancer.ingress[0].ip"]),
        ("LoadBalancer", [{"hostname": "x", "ipMode": "VIP"}], ["status.loadBalancer.ingress[0].ipMode"]),
        ("LoadBalancer", [{"ip": "192.0.2.1", "ipMode": "Other"}], ["status.loadBalancer.ingress[0].ipMode"]),
        ("LoadBalancer", [{"hostname": "A_B"}], ["status.loadBalancer.ingress[0].hostname"]),
        ("LoadBalancer", [{"hostname": "192.0.2.1"}], ["status.loadBalancer.ingress[0].hostname"]),
    ],
)
def test_what_the_status_may_say(kind: str, ingress: list[JsonObject], fields: list[str]) -> None:
    old = stored({"type": kind})
    new = stored({"type": kind}, {"loadBalancer": {"ingress": ingress}})
    assert [each.field for each in service_status_errors(new, old)] == fields


def test_a_status_address_without_a_mode_is_incomplete() -> None:
    value = stored(BALANCER)
    value["status"]["loadBalancer"] = {"ingress": [{"ip": "192.0.2.1"}]}
    assert [each.field for each in service_status_errors(value, stored(BALANCER))] == [
        "status.loadBalancer.ingress[0].ipMode"
    ]
