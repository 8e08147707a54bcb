"""What is read of a Pod."""

from typing import Any

import pytest

from resolver.controlplane.controllers.pod_facts import PodFacts, pod_facts
from resolver.controlplane.resources import PODS
from resolver.controlplane.stored_object import stored


def facts(spec: Any = None, status: Any = None, **metadata: Any) -> PodFacts:
    value = {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": "a", "namespace": "shop", "uid": "u", **metadata},
        "spec": spec or {"containers": None},
        "status": status or {},
    }
    return pod_facts(stored(PODS, value, 7))


def test_an_empty_pod_says_nothing() -> None:
    found = facts()
    assert (found.namespace, found.name, found.uid) == ("shop", "a", "u")
    assert (found.ports, found.ipv4, found.ipv6, found.ready, found.belongs(terminating=True)) == (
        (),
        (),
        (),
        False,
        False,
    )


def test_addresses_are_sorted_by_family_and_written_as_go_does() -> None:
    ips = [{"ip": "FD00:0::A"}, {"ip": "10.0.0.1"}, {"ip": "::ffff:10.0.0.2"}, {"ip": "nonsense"}]
    found = facts(status={"podIPs": ips, "podIP": "FD00:0::A"})
    assert (found.ipv4, found.ipv6, found.pod_ip) == (("10.0.0.1", "10.0.0.2"), ("fd00::a",), "FD00:0::A")


@pytest.mark.parametrize(
    ("conditions", "ready", "since"),
    [
        ([{"type": "Ready", "status": "True", "lastTransitionTime": "t"}], True, "t"),
        ([{"type": "Ready", "status": "Unknown", "lastTransitionTime": None}], False, ""),
        ([{"type": "Other", "status": "True"}], False, ""),
    ],
)
def test_readiness_is_that_of_the_condition(conditions: list[dict[str, Any]], ready: bool, since: str) -> None:
    found = facts(status={"conditions": conditions})
    assert (found.ready, found.ready_since) == (ready, since)


@pytest.mark.parametrize(
    ("phase", "deleted", "with_terminating", "without"),
    [
        ("Running", False, True, True),
        ("Running", True, True, False),
        ("Succeeded", False, False, False),
        ("Failed", False, False, False),
        ("", False, True, True),
    ],
)
def test_which_pods_count_among_endpoints(phase: str, deleted: bool, with_terminating: bool, without: bool) -> None:
    metadata = {"deletionTimestamp": "2026-01-02T03:04:05Z"} if deleted else {}
    found = facts(status={"phase": phase, "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]}, **metadata)
    assert (found.belongs(terminating=True), found.belongs(terminating=False)) == (with_terminating, without)
    assert found.active == (not deleted and phase not in ("Succeeded", "Failed"))


def test_ports_are_those_with_names_of_containers_and_then_of_sidecars() -> None:
    def container(*ports: dict[str, Any], **fields: Any) -> dict[str, Any]:
        return {"name": "c", "ports": list(ports), **fields}

    http = {"name": "http", "containerPort": 80, "protocol": "TCP"}
    spec = {
        "containers": [container({"containerPort": 1}), container(http)],
        "initContainers": [container({**http, "containerPort": 9}, restartPolicy="Always"), container(http)],
    }
    assert facts(spec=spec).ports == (("http", "TCP", 80), ("http", "TCP", 9))


def test_the_controlling_owner_is_known() -> None:
    owners = [{"uid": "one"}, {"uid": "two", "controller": True}]
    assert facts(ownerReferences=owners).controller == "two"
