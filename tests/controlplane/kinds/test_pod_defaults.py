"""What is filled into Pods and Pod templates."""

from typing import Any

import pytest

from resolver.controlplane.decoding import decode
from resolver.controlplane.kinds.pod_defaults import default_pod, default_tolerations, quality_of_service, round_amounts
from resolver.controlplane.resources import PODS
from resolver.controlplane.stored_object import JsonObject


def pod(container: JsonObject | None = None, status: JsonObject | None = None, **spec: Any) -> JsonObject:
    containers = [{"name": "c", "image": "x:1", **(container or {})}]
    document = {"metadata": {"name": "web"}, "spec": {"containers": containers, **spec}, "status": status or {}}
    value = decode(PODS, document).value
    default_pod(value)
    return value


def test_the_spec_of_a_pod() -> None:
    spec = pod()["spec"]
    del spec["containers"]
    assert spec == {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
        "enableServiceLinks": True,
    }


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("x", "Always"),
        ("x:latest", "Always"),
        ("x:1", "IfNotPresent"),
        ("registry:5000/x", "Always"),
        ("registry:5000/x:1", "IfNotPresent"),
        ("x@sha256:0123", "IfNotPresent"),
        ("x:latest@sha256:0123", "IfNotPresent"),
    ],
)
def test_images_without_a_tag_are_pulled_always(image: str, policy: str) -> None:
    assert pod({"image": image})["spec"]["containers"][0]["imagePullPolicy"] == policy


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ({"ports": [{"containerPort": 80}]}, {"ports": [{"containerPort": 80, "protocol": "TCP"}]}),
        (
            {"resources": {"limits": {"cpu": "1"}}},
            {"resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}},
        ),
        (
            {"resources": {"limits": {"cpu": "2"}, "requests": {"cpu": "1"}}},
            {"resources": {"limits": {"cpu": "2"}, "requests": {"cpu": "1"}}},
        ),
        (
            {"readinessProbe": {"httpGet": {"port": 80}}},
            {
                "readinessProbe": {
                    "httpGet": {"path": "/", "port": 80, "scheme": "HTTP"},
                    "timeoutSeconds": 1,
                    "periodSeconds": 10,
                    "successThreshold": 1,
                    "failureThreshold": 3,
                }
            },
        ),
        (
            {"env": [{"name": "a", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
            {"env": [{"name": "a", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}]},
        ),
        (
            {"lifecycle": {"preStop": {"httpGet": {"port": 80}}}},
            {"lifecycle": {"preStop": {"httpGet": {"path": "/", "port": 80, "scheme": "HTTP"}}}},
        ),
    ],
)
def test_parts_of_a_container(container: JsonObject, expected: JsonObject) -> None:
    assert expected.items() <= pod(container)["spec"]["containers"][0].items()


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ({}, {"emptyDir": {}}),
        ({"configMap": {"name": "x"}}, {"configMap": {"name": "x", "defaultMode": 0o644}}),
        ({"secret": {"secretName": "x", "defaultMode": 0}}, {"secret": {"secretName": "x", "defaultMode": 0}}),
        ({"hostPath": {"path": "/x"}}, {"hostPath": {"path": "/x", "type": ""}}),
        (
            {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
            {
                "projected": {
                    "sources": [{"serviceAccountToken": {"expirationSeconds": 3600, "path": "t"}}],
                    "defaultMode": 0o644,
                }
            },
        ),
    ],
)
def test_parts_of_a_volume(volume: JsonObject, expected: JsonObject) -> None:
    (found,) = pod(volumes=[{"name": "v", **volume}])["spec"]["volumes"]
    assert found == {"name": "v", **expected}


def test_ports_of_the_host_are_those_of_the_container() -> None:
    spec = pod({"ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}]}, hostNetwork=True)["spec"]
    assert [each["hostPort"] for each in spec["containers"][0]["ports"]] == [80, 81]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("serviceAccountName", "x", {"serviceAccountName": "x", "serviceAccount": "x"}),
        ("serviceAccount", "x", {"serviceAccountName": "x", "serviceAccount": "x"}),
        ("terminationGracePeriodSeconds", -5, {"terminationGracePeriodSeconds": 1}),
        ("dnsPolicy", "None", {"dnsPolicy": "None"}),
    ],
)
def test_other_fields(field: str, value: Any, expected: JsonObject) -> None:
    assert expected.items() <= pod(**{field: value})["spec"].items()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"podIP": "10.1.0.5"}, ("10.1.0.5", ["10.1.0.5"])),
        ({"podIPs": [{"ip": "fd44::5"}, {"ip": "10.1.0.5"}]}, ("fd44::5", ["fd44::5", "10.1.0.5"])),
        ({"podIP": "10.1.0.6", "podIPs": [{"ip": "10.1.0.5"}]}, ("10.1.0.6", ["10.1.0.6"])),
        ({}, (None, [])),
    ],
)
def test_the_single_address_and_the_plural_agree(status: JsonObject, expected: tuple[str | None, list[str]]) -> None:
    found = pod(status=status)["status"]
    assert (found.get("podIP"), [each["ip"] for each in found.get("podIPs", ())]) == expected


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ([], ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]),
        (
            [{"key": "node.kubernetes.io/not-ready", "operator": "Exists"}],
            ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"],
        ),
        ([{"operator": "Exists"}], [""]),
        (
            [{"key": "x", "effect": "NoSchedule"}],
            ["x", "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"],
        ),
    ],
)
def test_a_lost_node_is_tolerated_for_a_while(given: list[JsonObject], keys: list[str]) -> None:
    spec: JsonObject = {"tolerations": given}
    default_tolerations(spec)
    assert [each.get("key", "") for each in spec["tolerations"]] == keys


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}, "Burstable"),
        ({"requests": {"example.org/x": "1"}}, "BestEffort"),
    ],
)
def test_the_quality_of_service(resources: JsonObject, expected: str) -> None:
    assert quality_of_service(pod({"resources": resources})["spec"]) == expected


def test_amounts_are_counted_in_thousandths() -> None:
    value = {"requests": {"cpu": "1u", "memory": "1Gi"}}
    round_amounts(value, "requests")
    round_amounts(value, "limits")
    assert value == {"requests": {"cpu": "1m", "memory": "1Gi"}}
