"""The cells of each kind, past what the recorded tables show."""

from datetime import UTC, datetime
from typing import Any

import pytest

from resolver.controlplane.api.table_cells import CELLS

NOW = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
BORN = "2026-01-01T00:00:00Z"


def _cells(kind: str, **fields: Any) -> list[Any]:
    """The cells between name and age, which are one minute for all, and what stands behind the age."""
    cells = CELLS[kind]({"kind": kind, "metadata": {"name": "x", "creationTimestamp": BORN}, **fields}, NOW)
    assert cells.pop(cells.index("x")) == "x"
    cells.remove("60s")
    return cells


@pytest.mark.parametrize(
    ("spec", "status", "cells"),
    [
        (
            {"type": "ClusterIP", "clusterIPs": ["10.0.0.1"]},
            {},
            ["ClusterIP", "10.0.0.1", "<none>", "<none>", "<none>"],
        ),
        ({"type": "ClusterIP"}, {}, ["ClusterIP", "<none>", "<none>", "<none>", "<none>"]),
        (
            {
                "type": "NodePort",
                "externalIPs": ["192.0.2.1"],
                "ports": [{"port": 1, "nodePort": 2, "protocol": "UDP"}],
            },
            {},
            ["NodePort", "<none>", "192.0.2.1", "1:2/UDP", "<none>"],
        ),
        ({"type": "ExternalName", "externalName": "a.b"}, {}, ["ExternalName", "<none>", "a.b", "<none>", "<none>"]),
        ({"type": "LoadBalancer"}, {}, ["LoadBalancer", "<none>", "<pending>", "<none>", "<none>"]),
        (
            {"type": "LoadBalancer", "externalIPs": ["192.0.2.9"], "selector": {"b": "2", "a": "1"}},
            {"loadBalancer": {"ingress": [{"hostname": "h"}, {"ip": "192.0.2.2"}, {}]}},
            ["LoadBalancer", "<none>", "192.0.2.2,h,192.0.2.9", "<none>", "a=1,b=2"],
        ),
    ],
)
def test_services(spec: dict[str, Any], status: dict[str, Any], cells: list[Any]) -> None:
    assert _cells("Service", spec=spec, status=status) == cells


@pytest.mark.parametrize(
    ("subsets", "shown"),
    [
        ([], "<none>"),
        ([{"addresses": [{"ip": "10.0.0.1"}]}], "10.0.0.1"),
        ([{"addresses": [{"ip": "fd00::1"}], "ports": [{"port": 80}, {"port": 81}]}], "[fd00::1]:80,[fd00::1]:81"),
        (
            [{"addresses": [{"ip": f"10.0.0.{n}"} for n in range(5)], "ports": [{"port": 80}]}],
            "10.0.0.0:80,10.0.0.1:80,10.0.0.2:80 + 2 more...",
        ),
    ],
)
def test_endpoints(subsets: list[Any], shown: str) -> None:
    assert _cells("Endpoints", subsets=subsets) == [shown]


@pytest.mark.parametrize(
    ("fields", "cells"),
    [
        ({"addressType": "IPv4"}, ["IPv4", "<unset>", "<unset>"]),
        (
            {
                "addressType": "IPv6",
                "ports": [{"name": "http", "port": 80}, {"name": "any"}, {}, {"port": 4}],
                "endpoints": [{"addresses": ["fd00::1"]}, {"addresses": ["fd00::2"]}],
            },
            ["IPv6", "80,any,* + 1 more...", "fd00::1,fd00::2"],
        ),
    ],
)
def test_endpoint_slices(fields: dict[str, Any], cells: list[Any]) -> None:
    assert _cells("EndpointSlice", **fields) == cells


def test_a_node_without_status_is_unknown() -> None:
    assert _cells("Node") == ["Unknown", "<none>", "", "<none>", "<none>", "<unknown>", "<unknown>", "<unknown>"]


def test_nodes() -> None:
    cells = CELLS["Node"](
        {
            "metadata": {
                "name": "x",
                "creationTimestamp": BORN,
                "labels": {"node-role.kubernetes.io/b": "", "kubernetes.io/role": "a", "node-role.kubernetes.io/": ""},
            },
            "spec": {"unschedulable": True},
            "status": {
                "conditions": [{"type": "Ready", "status": "False"}],
                "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}, {"type": "InternalIP", "address": "::1"}],
                "nodeInfo": {"kernelVersion": "6", "architecture": "arm64", "kubeletVersion": "v1", "osImage": "OS"},
            },
        },
        NOW,
    )
    state = "NotReady,SchedulingDisabled"
    assert cells == ["x", state, "a,b", "60s", "v1", "10.0.0.1", "<none>", "OS", "6 (arm64)", "<unknown>"]


@pytest.mark.parametrize(
    ("kind", "fields", "cells"),
    [
        ("Namespace", {"status": {"phase": "Active"}}, ["Active"]),
        ("ConfigMap", {"data": {"a": "b"}, "binaryData": {"c": "ZA=="}}, [2]),
        ("Secret", {"type": "Opaque", "data": {"a": "Yg=="}}, ["Opaque", 1]),
        ("ServiceAccount", {}, []),
        ("Lease", {"spec": {"holderIdentity": "me"}}, ["me"]),
        ("Lease", {}, [""]),
        ("ServiceCIDR", {"spec": {"cidrs": ["10.0.0.0/8", "fd00::/112"]}}, ["10.0.0.0/8,fd00::/112"]),
        ("IPAddress", {}, ["<none>"]),
        (
            "IPAddress",
            {"spec": {"parentRef": {"resource": "services", "namespace": "ns", "name": "web"}}},
            ["services/ns/web"],
        ),
        (
            "IPAddress",
            {"spec": {"parentRef": {"group": "Example.org", "resource": "gates", "name": "web"}}},
            ["gates.example.org/web"],
        ),
        ("Scale", {"spec": {"replicas": 3}}, [3, 0]),
    ],
)
def test_other_kinds(kind: str, fields: dict[str, Any], cells: list[Any]) -> None:
    assert _cells(kind, **fields) == cells


@pytest.mark.parametrize(
    ("spec", "hosts", "ports"),
    [
        ({}, "*", "80"),
        ({"rules": [{"host": "a"}, {}], "tls": [{}]}, "a", "80, 443"),
        ({"rules": [{"host": each} for each in "abcde"]}, "a,b,c + 2 more...", "80"),
        ({"rules": [{"host": each} for each in "abc"]}, "a,b,c", "80"),
    ],
)
def test_ingresses(spec: dict[str, Any], hosts: str, ports: str) -> None:
    assert _cells("Ingress", spec=spec) == ["<none>", hosts, "", ports]


@pytest.mark.parametrize(
    ("fields", "cells"),
    [
        (
            {"eventTime": "2026-01-01T00:00:50.000000Z", "reportingComponent": "c", "reportingInstance": "i"},
            ["10s", "", "", "", "", "c, i", "", "10s", 1, "x"],
        ),
        (
            {
                "firstTimestamp": "2026-01-01T00:00:30Z",
                "lastTimestamp": "2026-01-01T00:00:40Z",
                "count": 4,
                "type": "Warning",
                "reason": "Why",
                "message": " said\n",
                "source": {"component": "c", "host": "h"},
                "involvedObject": {"kind": "Pod", "name": "p", "fieldPath": "spec"},
            },
            ["20s", "Warning", "Why", "pod/p", "spec", "c, h", "said", "30s", 4, "x"],
        ),
        (
            {"series": {"count": 7, "lastObservedTime": "2026-01-01T00:00:55.000000Z"}},
            ["5s", "", "", "", "", "", "", "<unknown>", 7, "x"],
        ),
    ],
)
def test_events(fields: dict[str, Any], cells: list[Any]) -> None:
    assert CELLS["Event"]({"metadata": {"name": "x"}, **fields}, NOW) == cells
