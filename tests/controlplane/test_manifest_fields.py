"""Fields against the API's types: each slip is told with its line and what to write instead."""

import pytest

from resolver.controlplane.manifest_fields import field_problems
from resolver.controlplane.manifests import read_manifest

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"

SLIPS = [
    (
        "spec:\n  iPFamilyPolicy: PreferDualStack",
        5,
        "spec.iPFamilyPolicy",
        "there is no such field: write ipFamilyPolicy",
    ),
    ("spec:\n  iPFamilies: [IPv4]", 5, "spec.iPFamilies", "there is no such field: write ipFamilies"),
    ("spec:\n  ip_families: [IPv4]", 5, "spec.ip_families", "there is no such field: write ipFamilies"),
    ("spec:\n  ipFamilis: [IPv4]", 5, "spec.ipFamilis", "there is no such field: write ipFamilies"),
    (
        "spec:\n  type: ClusterIP\n  ipFamily: IPv6",
        6,
        "spec.ipFamily",
        "was dropped in Kubernetes 1.20: write ipFamilies: [IPv4], [IPv6], or both with "
        "ipFamilyPolicy: PreferDualStack",
    ),
    (
        "spec:\n  topologyKeys: []",
        5,
        "spec.topologyKeys",
        "was dropped in Kubernetes 1.22: leave it out, or write trafficDistribution",
    ),
    ("spec:\n  clusterIps: [None]", 5, "spec.clusterIps", "there is no such field: write clusterIPs"),
    ("specs: {}", 4, "specs", "there is no such field: write spec"),
    ("spec:\n  ipFamilies: IPv4", 5, "spec.ipFamilies", "must be a list, not text: write [IPv4]"),
    ("spec:\n  ports: {port: 80}", 5, "spec.ports", "must be a list, not a mapping"),
    ("spec:\n  ports:\n  - 80", 6, "spec.ports[0]", "must hold fields, not a number"),
    ("spec:\n  ports:\n  - port: '80'", 6, "spec.ports[0].port", "must be a number, not text: write 80 without quotes"),
    ("spec:\n  ports:\n  - port: http", 6, "spec.ports[0].port", "must be a whole number, not text (http)"),
    ("spec:\n  ports:\n  - port: 80.5", 6, "spec.ports[0].port", "must be a whole number, not a number (80.5)"),
    (
        "spec:\n  ports:\n  - port: 99999999999",
        6,
        "spec.ports[0].port",
        "must be a whole number, not a number (99999999999)",
    ),
    ("spec:\n  selector: [a]", 5, "spec.selector", "must be a mapping, not a list: write key: value"),
    (
        "spec:\n  selector:\n    version: 1.10",
        6,
        "spec.selector[version]",
        'must be text, and 1.10 is a number without quotes: write "1.10"',
    ),
    (
        "spec:\n  selector:\n    a.b/c: no",
        6,
        "spec.selector[a.b/c]",
        'must be text, and no is the boolean false without quotes: write "no"',
    ),
    (
        "spec:\n  publishNotReadyAddresses: 'true'",
        5,
        "spec.publishNotReadyAddresses",
        "must be a boolean, not text: write true without quotes",
    ),
    (
        "spec:\n  publishNotReadyAddresses: 1",
        5,
        "spec.publishNotReadyAddresses",
        "must be true or false, not a number (1)",
    ),
    ("spec: []", 4, "spec", "must hold fields, not a list"),
    ("spec:\n  clusterIP: {}", 5, "spec.clusterIP", "must be text, not a mapping (...)"),
    (
        f"spec:\n  clusterIP: {'1' * 300}",
        5,
        "spec.clusterIP",
        f'must be text, and {"1" * 60}... is a number without quotes: write "{"1" * 60}..."',
    ),
    (
        "metadata: {name: a, creationTimestamp: yesterday}",
        4,
        "metadata.creationTimestamp",
        "must be a time such as 2026-01-31T12:00:00Z, not text (yesterday)",
    ),
]


@pytest.mark.parametrize(("lines", "line", "field", "message"), SLIPS)
def test_a_slip_is_told_what_to_write(lines: str, line: int, field: str, message: str) -> None:
    head = SERVICE.replace("metadata: {name: web}", "#") if lines.startswith("metadata") else SERVICE
    ((document,), _) = read_manifest((head + lines + "\n").encode(), "web.yaml")
    problems, harmless = field_problems(document)
    assert [(problem.line, problem.field, problem.message) for problem in problems] == [(line, field, message)]
    assert harmless == []


def test_a_field_near_to_none_is_harmless() -> None:
    ((document,), _) = read_manifest((SERVICE + "spec:\n  quantumTunnel: true\n").encode(), "web.yaml")
    problems, harmless = field_problems(document)
    assert problems == []
    assert [str(each) for each in harmless] == [
        "web.yaml:5: Service web: spec.quantumTunnel: there is no such field; it is left out"
    ]


GOOD = [
    SERVICE
    + "spec:\n  clusterIP: None\n  clusterIPs: [None]\n  ports: [{port: 80, targetPort: http, nodePort: null}]\n",
    SERVICE
    + "spec:\n  ports: [{port: 0x50, targetPort: 8080}]\n  selector: {}\n  type: ''\nstatus: {loadBalancer: {}}\n",
    "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: a}\naddressType: IPv4\n"
    "endpoints: [{addresses: [10.0.0.1], conditions: {ready: null}}]\nports: [{port: 80, appProtocol: null}]\n",
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, creationTimestamp: null, annotations: {a: ''}}\n",
    "apiVersion: x.io/v1\nkind: Service\nspec: {ipFamily: 3}\n",
]


@pytest.mark.parametrize("text", GOOD)
def test_what_the_api_takes_is_taken(text: str) -> None:
    ((document,), _) = read_manifest(text.encode(), "web.yaml")
    assert field_problems(document) == ([], [])


def test_json_is_spoken_of_as_json() -> None:
    text = b'{"apiVersion": "v1", "kind": "Service",\n "spec": {\n "externalName": false}}'
    ((document,), _) = read_manifest(text, "web.json")
    (problem,), _ = field_problems(document)
    assert str(problem) == (
        "web.json:3: Service (no name): spec.externalName: must be text, and false is the boolean false without "
        'quotes: write "false"'
    )
