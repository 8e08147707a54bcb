"""What is filled into a Service, what belongs to which type, and what is warned about."""

from typing import Any

import pytest

from resolver.controlplane.decoding import decode
from resolver.controlplane.resources import SERVICES
from resolver.controlplane.service_fields import (
    clear_what_the_type_lacks,
    default_service,
    gets_node_ports,
    has_node_ports,
    is_reachable_from_outside,
    keep_node_ports,
    needs_health_check,
    service_warnings,
)
from resolver.controlplane.stored_object import JsonObject

V4 = "10.43.0.99"
HEADLESS = {"clusterIP": "None", "clusterIPs": ["None"]}


def shaped(spec: JsonObject, status: JsonObject | None = None, **metadata: Any) -> JsonObject:
    """As decoding gives it."""
    return decode(SERVICES, {"metadata": {"name": "web", **metadata}, "spec": spec, "status": status or {}}).value


def defaulted(spec: JsonObject, status: JsonObject | None = None) -> JsonObject:
    value = shaped(spec, status)
    default_service(value)
    return value


@pytest.mark.parametrize(
    ("spec", "filled"),
    [
        ({}, {"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"}),
        ({"type": "NodePort"}, {"externalTrafficPolicy": "Cluster", "internalTrafficPolicy": "Cluster"}),
        ({"type": "LoadBalancer"}, {"allocateLoadBalancerNodePorts": True, "externalTrafficPolicy": "Cluster"}),
        ({"externalIPs": ["192.0.2.7"]}, {"externalTrafficPolicy": "Cluster"}),
        ({"type": "ExternalName"}, {"sessionAffinity": "None"}),
        ({"sessionAffinity": "ClientIP"}, {"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10800}}}),
        ({"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False}, {"allocateLoadBalancerNodePorts": False}),
        ({"type": "NodePort", "externalTrafficPolicy": "Local"}, {"externalTrafficPolicy": "Local"}),
    ],
)
def test_what_is_not_said_is_filled_in(spec: JsonObject, filled: JsonObject) -> None:
    assert filled.items() <= defaulted(spec)["spec"].items()


@pytest.mark.parametrize(
    ("spec", "absent"),
    [
        ({}, "externalTrafficPolicy"),
        ({"type": "ExternalName"}, "internalTrafficPolicy"),
        ({"type": "NodePort"}, "allocateLoadBalancerNodePorts"),
        ({"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10}}}, "sessionAffinityConfig"),
    ],
)
def test_what_does_not_belong_to_the_type_is_not_filled_in(spec: JsonObject, absent: str) -> None:
    assert absent not in defaulted(spec)["spec"]


def test_addresses_of_a_balancer_get_a_mode() -> None:
    ingress = [{"ip": "192.0.2.1"}, {"hostname": "x"}, {"ip": "192.0.2.2", "ipMode": "Proxy"}]
    status = defaulted({"type": "LoadBalancer"}, {"loadBalancer": {"ingress": ingress}})["status"]
    assert [each.get("ipMode") for each in status["loadBalancer"]["ingress"]] == ["VIP", None, "Proxy"]


@pytest.mark.parametrize(
    ("spec", "outside", "known", "given", "checked"),
    [
        ({"type": "ClusterIP"}, False, False, False, False),
        ({"type": "ClusterIP", "externalIPs": ["192.0.2.7"]}, True, False, False, False),
        ({"type": "NodePort"}, True, True, True, False),
        ({"type": "NodePort", "externalTrafficPolicy": "Local"}, True, True, True, False),
        ({"type": "LoadBalancer"}, True, True, True, False),
        ({"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False}, True, True, False, False),
        ({"type": "LoadBalancer", "externalTrafficPolicy": "Local"}, True, True, True, True),
        ({"type": "ExternalName", "externalIPs": ["192.0.2.7"]}, False, False, False, False),
    ],
)
def test_what_a_type_has(spec: JsonObject, outside: bool, known: bool, given: bool, checked: bool) -> None:
    found = (is_reachable_from_outside(spec), has_node_ports(spec), gets_node_ports(spec), needs_health_check(spec))
    assert found == (outside, known, given, checked)


@pytest.mark.parametrize(
    ("ports", "before", "kept"),
    [
        ([{"name": "a"}], [{"name": "a", "nodePort": 30001}], [30001]),
        ([{"name": "b"}], [{"name": "a", "nodePort": 30001}], [0]),
        ([{"name": "a"}, {"name": "b", "nodePort": 30001}], [{"name": "a", "nodePort": 30001}], [0, 30001]),
        ([{}], [{"nodePort": 30001}], [30001]),
        ([{"name": "a", "nodePort": 30005}], [{"name": "a", "nodePort": 30001}], [30005]),
    ],
)
def test_node_ports_are_kept_by_name(ports: list[JsonObject], before: list[JsonObject], kept: list[int]) -> None:
    spec = {"type": "NodePort", "ports": ports}
    keep_node_ports(spec, {"type": "NodePort", "ports": before})
    assert [each.get("nodePort", 0) for each in ports] == kept


def test_the_port_of_health_checks_is_kept() -> None:
    local: JsonObject = {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}
    spec = {**local}
    keep_node_ports(spec, {**local, "healthCheckNodePort": 30009})
    assert spec["healthCheckNodePort"] == 30009


@pytest.mark.parametrize(
    ("spec", "old", "gone", "stays"),
    [
        (
            {"type": "ExternalName", "clusterIP": V4, "clusterIPs": [V4], "ipFamilies": ["IPv4"]},
            {"type": "ClusterIP", "clusterIP": V4, "clusterIPs": [V4], "ipFamilies": ["IPv4"]},
            ["clusterIP", "clusterIPs", "ipFamilies"],
            [],
        ),
        (
            {"type": "ExternalName", "clusterIP": "10.43.0.1", "clusterIPs": ["10.43.0.1"]},
            {"type": "ClusterIP", "clusterIP": V4, "clusterIPs": [V4]},
            [],
            ["clusterIP", "clusterIPs"],
        ),
        (
            {"type": "ClusterIP", "externalTrafficPolicy": "Cluster", "allocateLoadBalancerNodePorts": True},
            {"type": "LoadBalancer", "externalTrafficPolicy": "Cluster", "allocateLoadBalancerNodePorts": True},
            ["externalTrafficPolicy", "allocateLoadBalancerNodePorts"],
            [],
        ),
        (
            {"type": "NodePort", "loadBalancerClass": "x/y", "externalTrafficPolicy": "Cluster"},
            {"type": "LoadBalancer", "loadBalancerClass": "x/z", "externalTrafficPolicy": "Cluster"},
            [],
            ["loadBalancerClass", "externalTrafficPolicy"],
        ),
        (
            {"type": "ClusterIP", "healthCheckNodePort": 30009},
            {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 30009},
            ["healthCheckNodePort"],
            [],
        ),
    ],
)
def test_what_the_new_type_lacks_goes_if_it_was_left_as_it_was(
    spec: JsonObject, old: JsonObject, gone: list[str], stays: list[str]
) -> None:
    value = {"spec": dict(spec)}
    clear_what_the_type_lacks(value, {"spec": old})
    assert not set(gone) & value["spec"].keys()
    assert set(stays) <= value["spec"].keys()


@pytest.mark.parametrize(("number", "left"), [(30001, [None]), (30002, [30002])])
def test_node_ports_go_with_the_type_unless_one_is_new(number: int, left: list[int | None]) -> None:
    value: JsonObject = {"spec": {"type": "ClusterIP", "ports": [{"nodePort": number}]}}
    clear_what_the_type_lacks(value, {"spec": {"type": "NodePort", "ports": [{"nodePort": 30001}]}})
    assert [each.get("nodePort") for each in value["spec"]["ports"]] == left


def test_the_status_of_a_balancer_goes_with_the_type() -> None:
    status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}, "conditions": []}
    value = {"spec": {"type": "ClusterIP"}, "status": status}
    clear_what_the_type_lacks(value, {"spec": {"type": "LoadBalancer"}})
    assert value["status"] == {"loadBalancer": {}, "conditions": []}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({}, []),
        ({"clusterIP": "FD43::1", "clusterIPs": ["FD43::1"]}, ["spec.clusterIPs[0]: IPv6 address"]),
        ({**HEADLESS, "loadBalancerIP": "192.0.2.1"}, ["spec.loadBalancerIP is ignored"]),
        (
            {**HEADLESS, "externalIPs": ["192.0.2.1"], "sessionAffinity": "ClientIP"},
            ["spec.externalIPs is ignored", "spec.SessionAffinity is ignored for headless"],
        ),
        ({"externalIPs": ["192.0.2.1"]}, ["spec.externalIPs is deprecated"]),
        ({"type": "ExternalName", "externalIPs": ["192.0.2.1"]}, ["spec.externalIPs is ignored when"]),
        ({"externalName": "x.example"}, ['spec.externalName is ignored when spec.type is not "ExternalName"']),
        ({"trafficDistribution": "PreferClose"}, ['spec.trafficDistribution: "PreferClose" is deprecated']),
    ],
)
def test_what_a_service_should_not_say_is_warned_about(spec: JsonObject, words: list[str]) -> None:
    found = service_warnings(defaulted(spec))
    assert [any(each.startswith(begin) for each in found) for begin in words] == [True] * len(words)
    assert len(found) == len(words)
