"""Validation of Pods and Pod templates: which fields are wrong, in order."""

from copy import deepcopy
from typing import Any

import pytest

from resolver.controlplane.decoding import decode
from resolver.controlplane.kinds.pod_defaults import default_pod
from resolver.controlplane.kinds.pod_rules import pod_spec_errors, pod_status_errors, pod_update_errors, template_errors
from resolver.controlplane.resources import PODS
from resolver.controlplane.stored_object import JsonObject

CONTAINER: JsonObject = {"name": "c", "image": "x:1"}
PORTS = "spec.containers[0].ports"


def pod(status: JsonObject | None = None, **spec: Any) -> JsonObject:
    document = {"metadata": {"name": "web"}, "spec": {"containers": [CONTAINER], **spec}, "status": status or {}}
    value = decode(PODS, deepcopy(document)).value
    default_pod(value)
    return value


def with_container(**parts: Any) -> JsonObject:
    return {"containers": [{**CONTAINER, **parts}]}


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"hostname": "web-0", "subdomain": "web", "nodeName": "node.example", "nodeSelector": {"a": "b"}},
        with_container(ports=[{"containerPort": 80, "name": "http"}, {"containerPort": 80, "protocol": "UDP"}]),
        {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.1", "2001:db8::1"], "searches": ["a.example"]}},
        {"volumes": [{"name": "a"}, {"name": "b", "configMap": {"name": "x"}}]},
    ],
)
def test_what_is_right(spec: JsonObject) -> None:
    assert pod_spec_errors(pod(**spec)["spec"]) == []


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ({"containers": []}, ["spec.containers"]),
        (with_container(name=""), ["spec.containers[0].name"]),
        (with_container(name="A"), ["spec.containers[0].name"]),
        (with_container(image=""), ["spec.containers[0].image"]),
        (with_container(imagePullPolicy="Later"), ["spec.containers[0].imagePullPolicy"]),
        ({"containers": [CONTAINER, CONTAINER]}, ["spec.containers[1].name"]),
        ({"initContainers": [CONTAINER]}, ["spec.initContainers[0].name"]),
        (with_container(ports=[{}]), [f"{PORTS}[0].containerPort"]),
        (with_container(ports=[{"containerPort": 70000}]), [f"{PORTS}[0].containerPort"]),
        (with_container(ports=[{"containerPort": 80, "hostPort": -1}]), [f"{PORTS}[0].hostPort"]),
        (with_container(ports=[{"containerPort": 80, "protocol": "tcp"}]), [f"{PORTS}[0].protocol"]),
        (with_container(ports=[{"containerPort": 80, "name": "8080"}]), [f"{PORTS}[0].name"]),
        (
            with_container(ports=[{"containerPort": 80, "name": "a"}, {"containerPort": 81, "name": "a"}]),
            [f"{PORTS}[1].name"],
        ),
        ({"restartPolicy": "Sometimes"}, ["spec.restartPolicy"]),
        ({"dnsPolicy": "Cluster"}, ["spec.dnsPolicy"]),
        ({"dnsPolicy": "None"}, ["spec.dnsConfig"]),
        ({"dnsPolicy": "None", "dnsConfig": {}}, ["spec.dnsConfig.nameservers"]),
        ({"dnsConfig": {"nameservers": [f"192.0.2.{each}" for each in range(4)]}}, ["spec.dnsConfig.nameservers"]),
        ({"dnsConfig": {"nameservers": ["x"]}}, ["spec.dnsConfig.nameservers[0]"]),
        ({"dnsConfig": {"searches": [f"s{each}" for each in range(33)]}}, ["spec.dnsConfig.searches"]),
        ({"dnsConfig": {"searches": ["a" * 2049]}}, ["spec.dnsConfig.searches"]),
        ({"hostname": "a.b", "subdomain": "A"}, ["spec.hostname", "spec.subdomain"]),
        ({"nodeName": "A"}, ["spec.nodeName"]),
        ({"nodeSelector": {"a b": "c"}}, ["spec.nodeSelector"]),
        ({"volumes": [{}]}, ["spec.volumes[0].name"]),
        ({"volumes": [{"name": "a"}, {"name": "a"}]}, ["spec.volumes[1].name"]),
        ({"volumes": [{"name": "a", "emptyDir": {}, "hostPath": {"path": "/"}}]}, ["spec.volumes[0].hostPath"]),
    ],
)
def test_what_is_wrong_is_named_by_its_field(spec: JsonObject, fields: list[str]) -> None:
    assert [each.field for each in pod_spec_errors(pod(**spec)["spec"])] == fields


def test_a_template_is_a_pod_without_a_name() -> None:
    metadata = {"labels": {"a b": "c"}, "annotations": {"a b": "c"}}
    template = {"metadata": metadata, "spec": {**pod(hostname="A")["spec"], "ephemeralContainers": []}}
    assert [each.field for each in template_errors(template, "spec.template")] == [
        "spec.template.labels",
        "spec.template.annotations",
        "spec.template.spec.hostname",
        "spec.template.spec.ephemeralContainers",
    ]


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ({}, []),
        ({"conditions": [{"type": "Ready"}, {"type": "x.example/y"}]}, []),
        ({"conditions": [{"type": "a b"}]}, ["status.conditions[0].Type"]),
        ({"qosClass": "Guaranteed"}, ["status.qosClass"]),
        ({"podIP": "10.1.0.5", "podIPs": [{"ip": "10.1.0.5"}, {"ip": "fd44::5"}]}, []),
        ({"podIPs": [{"ip": "10.1.0.5"}]}, ["status.podIPs"]),
        ({"podIP": "10.1.0.6", "podIPs": [{"ip": "10.1.0.5"}]}, ["status.podIPs[0].ip"]),
        ({"podIP": "x", "podIPs": [{"ip": "x"}]}, ["status.podIPs[0]"]),
        ({"podIP": "10.1.0.5", "podIPs": [{"ip": "10.1.0.5"}, {"ip": "10.1.0.6"}]}, ["status.podIPs"]),
        ({"hostIP": "10.0.0.1", "hostIPs": [{"ip": "10.0.0.2"}]}, ["status.hostIPs[0].ip"]),
    ],
)
def test_what_a_status_may_say(status: JsonObject, fields: list[str]) -> None:
    value, old = pod(), pod()
    value["status"] = {**old["status"], **status}
    assert [each.field for each in pod_status_errors(value, old)] == fields


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"containers": [{**CONTAINER, "image": "y:2"}]}, []),
        ({"activeDeadlineSeconds": 5}, []),
        ({"tolerations": [{"key": "a", "tolerationSeconds": 5}, {"key": "b"}]}, []),
        ({"tolerations": []}, ["spec.tolerations"]),
        ({"containers": [{**CONTAINER, "command": ["sh"]}]}, ["spec"]),
        ({"hostname": "b"}, ["spec"]),
        ({"containers": [CONTAINER, {**CONTAINER, "name": "d"}]}, ["spec"]),
    ],
)
def test_hardly_anything_of_a_pod_changes(change: JsonObject, fields: list[str]) -> None:
    before: JsonObject = {"hostname": "a", "tolerations": [{"key": "a"}]}
    assert [each.field for each in pod_update_errors(pod(**{**before, **change}), pod(**before))] == fields


def test_what_has_changed_is_told() -> None:
    (error,) = pod_update_errors(pod(hostname="b", nodeName="n"), pod())
    assert error.message.endswith("\nchanged: spec.hostname, spec.nodeName")
