"""Documents become the objects that answers are made of; what is wrong or left open is told with its place."""

import pytest

from resolver.cluster.objects import EndpointSlice, Namespace, Pod, Service, ServiceImport
from resolver.cluster.source import ClusterRequest, Location
from resolver.controlplane.manifest_objects import FileObjects, ManifestReader
from resolver.controlplane.manifests import read_manifest

ALL = ClusterRequest(Location(), pods=True, multicluster=True)
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop, resourceVersion: '7'}\n"
SLICE = (
    "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
    "metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}\n"
)
IMPORT = "apiVersion: multicluster.x-k8s.io/v1alpha1\nkind: ServiceImport\nmetadata: {name: web, namespace: shop}\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web-1, namespace: shop}\n"


def _read(text: str, request: ClusterRequest = ALL) -> FileObjects:
    documents, problems = read_manifest(text.encode(), "a.yaml")
    assert problems == []
    return ManifestReader(request).read(documents)


def _said(found: FileObjects) -> list[str]:
    return [str(problem) for problem in found.problems]


def test_each_kind_becomes_its_object() -> None:
    text = "---\n".join(
        [
            SERVICE + "spec: {clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1, 'fd00::1']}\n",
            SLICE + "addressType: IPv4\nendpoints: [{addresses: [10.0.0.1]}]\n",
            POD + "status: {podIPs: [{ip: 10.0.0.1}]}\n",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, namespace: odd}\n",
            IMPORT + "spec: {ips: [10.1.0.1]}\n",
        ]
    )
    found = _read(text)
    assert (found.problems, found.notices, found.skipped) == ([], [], {})
    kinds = [type(placed.item) for placed in found.objects]
    assert kinds == [Service, EndpointSlice, Pod, Namespace, ServiceImport]
    assert found.declared == {"shop"}
    assert [(placed.namespace, placed.name, placed.file) for placed in found.objects[:2]] == [
        ("shop", "web", "a.yaml"),
        ("shop", "web-1", "a.yaml"),
    ]


def test_the_version_of_a_dump_does_not_count() -> None:
    (placed,) = _read(SERVICE + "spec: {clusterIP: None}\n").objects
    assert isinstance(placed.item, Service)
    assert placed.item.version == ""


def test_the_namespace_is_default_where_none_is_given() -> None:
    (placed,) = _read("apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: None}\n").objects
    assert (placed.namespace, placed.item.key) == ("default", b"\x03web\x07default")  # type: ignore[union-attr]


OPEN = [
    "{}",
    "{type: ClusterIP}",
    "{type: NodePort, clusterIP: ''}",
    "{clusterIPs: []}",
    "{clusterIPs: [''], ports: [{port: 80}]}",
]


@pytest.mark.parametrize("spec", OPEN)
def test_a_service_without_address_is_told_and_not_served(spec: str) -> None:
    found = _read(SERVICE + f"spec: {spec}\n")
    assert (found.objects, found.problems) == ([], [])
    (notice,) = found.notices
    assert (notice.line in (1, 4), notice.field, notice.subject) == (True, "spec.clusterIP", "Service shop/web")
    assert "allocating addresses needs the embedded cluster" in notice.message


CLOSED = [
    "{clusterIP: None}",
    "{clusterIP: 10.96.0.1}",
    "{clusterIPs: ['fd00::1']}",
    "{type: ExternalName, externalName: a.b}",
]


@pytest.mark.parametrize("spec", CLOSED)
def test_a_service_that_needs_no_allocation_is_served(spec: str) -> None:
    found = _read(SERVICE + f"spec: {spec}\n")
    assert (len(found.objects), found.notices, found.problems) == (1, [], [])


POD_HEAD = "apiVersion: v1\nkind: Pod\nmetadata:\n"
NAMESPACE_HEAD = "apiVersion: v1\nkind: Namespace\nmetadata:\n"
NO_NAME = "is no name: a-z, 0-9 and -, at most 63 of them"
LONG = "a" * 64

WRONG = [
    (
        SERVICE + "spec:\n  clusterIP: 10.96.0.256\n",
        5,
        "Service shop/web: spec.clusterIP: is no IP address: '10.96.0.256'",
    ),
    (
        SERVICE + "spec:\n  clusterIPs: [10.96.0.1,\n    fd00:::1]\n",
        6,
        "Service shop/web: spec.clusterIPs[1]: is no IP address: 'fd00:::1'",
    ),
    (
        SERVICE + "spec:\n  clusterIP: None\n  ports:\n  - port: 80\n  - port: 65536\n",
        8,
        "Service shop/web: spec.ports[1].port: is no port number: 65536",
    ),
    (SERVICE + "spec:\n  ipFamily: IPv6\n  clusterIP: fd00::1\n", 5, "Service shop/web: spec.ipFamily: was dropped"),
    ("apiVersion: v1\nkind: service\n", 2, "service (no name): kind: there is no kind 'service': write Service"),
    ("apiVersion: v1\nkind: Service\nspec: {clusterIP: None}\n", 1, "Service (no name): metadata.name: is missing"),
    (
        POD_HEAD + "  name: a\n  namespace: My Shop\n",
        5,
        f"Pod My Shop/a: metadata.namespace: 'My Shop' {NO_NAME}: write my-shop",
    ),
    (
        NAMESPACE_HEAD + "  name: Web_Shop\n",
        4,
        f"Namespace Web_Shop: metadata.name: 'Web_Shop' {NO_NAME}: write web-shop",
    ),
    (NAMESPACE_HEAD + "  name: ---\n", 4, f"Namespace ---: metadata.name: '---' {NO_NAME}"),
    (NAMESPACE_HEAD + f"  name: {LONG}\n", 4, f"Namespace {LONG}: metadata.name: '{LONG}' {NO_NAME}: write {LONG[1:]}"),
    (
        SLICE + "addressType: IPv4\nendpoints:\n- addresses:\n  - 10.0.0.1\n  - x\n",
        8,
        "EndpointSlice shop/web-1: endpoints[0].addresses[1]: is no IP address: 'x'",
    ),
    (POD + "status:\n  podIPs:\n  - ip: x\n", 6, "Pod shop/web-1: status.podIPs[0]: is no IP address: 'x'"),
    (IMPORT + "spec:\n  ips: 3\n", 5, "ServiceImport shop/web: spec.ips: Expected `array | null`, got `int`"),
]


@pytest.mark.parametrize(("text", "line", "problem"), WRONG)
def test_a_wrong_object_is_told_with_its_place_and_left_out(text: str, line: int, problem: str) -> None:
    found = _read(text)
    assert found.objects == []
    (said,) = _said(found)
    assert said.startswith(f"a.yaml:{line}: {problem}")


def test_what_is_wrong_with_one_object_says_nothing_about_the_next() -> None:
    found = _read(SERVICE + "spec: {clusterIP: x}\n---\n" + SERVICE + "spec: {clusterIP: None}\n")
    assert len(found.problems) == 1
    assert [placed.line for placed in found.objects] == [6]


def test_other_kinds_are_counted() -> None:
    deployment = "apiVersion: apps/v1\nkind: Deployment\n---\n"
    found = _read(deployment + "apiVersion: serving.knative.dev/v1\nkind: Service\n---\n" + deployment)
    assert found.skipped == {"Deployment": 2, "Service": 1}
    assert (found.objects, found.problems) == ([], [])


REQUESTS = [
    (ClusterRequest(Location()), ["Service", "EndpointSlice"]),
    (ClusterRequest(Location(), endpoints=False), ["Service"]),
    (ClusterRequest(Location(), pods=True), ["Service", "EndpointSlice", "Pod", "Pod"]),
    (ClusterRequest(Location(labels="app=web"), pods=True), ["Service", "Pod"]),
    (ClusterRequest(Location(labels="app!=web"), pods=True), ["EndpointSlice", "Pod"]),
]


@pytest.mark.parametrize(("request_", "kinds"), REQUESTS)
def test_a_request_chooses_kinds_and_labels_as_an_api_server_would(request_: ClusterRequest, kinds: list[str]) -> None:
    text = "---\n".join(
        [
            "apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {app: web}}\nspec: {clusterIP: None}\n",
            SLICE,
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: web}}\nstatus: {phase: Running}\n",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nstatus: {phase: Pending}\n",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: c, labels: {app: web}}\nstatus: {phase: Succeeded}\n",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: d}\nstatus: {phase: Failed}\n",
        ]
    )
    assert [placed.kind.name for placed in _read(text, request_).objects] == kinds


def test_namespaces_are_chosen_by_their_labels_and_their_name() -> None:
    head = "apiVersion: v1\nkind: Namespace\nmetadata:"
    text = f"{head} {{name: a, labels: {{team: x}}}}\n---\n{head} {{name: b}}\n"
    by_team = ClusterRequest(Location(namespace_labels="team=x"))
    assert [placed.name for placed in _read(text, by_team).objects] == ["a"]
    assert _read(text, by_team).declared == {"a", "b"}
    by_name = ClusterRequest(Location(namespace_labels="kubernetes.io/metadata.name in (b,c)"))
    assert [placed.name for placed in _read(text, by_name).objects] == ["b"]
    assert ManifestReader(by_name).namespace("c") == Namespace(b"\x01c")
    assert ManifestReader(by_name).namespace("d") is None


def test_details_are_kept_where_they_are_asked_for() -> None:
    text = (
        SLICE
        + "addressType: IPv4\nendpoints: [{addresses: [10.0.0.1], zone: A, targetRef: {kind: Pod, name: web-1}}]\n"
    )
    ((placed,), (bare,)) = (
        _read(text, ClusterRequest(Location(), targets=True, zones=True)).objects,
        _read(text).objects,
    )
    assert isinstance(placed.item, EndpointSlice)
    assert isinstance(bare.item, EndpointSlice)
    assert (placed.item.targets, placed.item.zones) == ((b"web-1",), (b"a",))
    assert (bare.item.targets, bare.item.zones) == ((), ())
