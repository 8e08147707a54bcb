"""Documents become what the cluster is to hold; what is wrong with one is told with its place and it is left out."""

import pytest

from resolver.controlplane.manifest_wanted import FileWishes, read_wishes
from resolver.controlplane.manifests import read_manifest

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop, resourceVersion: '7', uid: u}\n"
SLICE = (
    "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata:\n  name: web-1\n  namespace: shop\n"
    "  labels: {kubernetes.io/service-name: web, endpointslice.kubernetes.io/managed-by: WHO}\n"
)
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web-1}\n"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, namespace: nowhere}\n"
IMPORT = "apiVersion: multicluster.x-k8s.io/v1alpha1\nkind: ServiceImport\nmetadata: {name: web, namespace: shop}\n"
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nstatus: {replicas: 3}\n"


def _read(*texts: str) -> FileWishes:
    documents, problems = read_manifest("---\n".join(texts).encode(), "a.yaml")
    assert problems == []
    return read_wishes(documents)


def test_what_only_a_server_can_say_is_left_out() -> None:
    (wanted,) = _read(SERVICE + "spec: {clusterIP: None}\n").wanted
    assert wanted.config["metadata"] == {"name": "web", "namespace": "shop"}
    assert (wanted.key[0].kind, *wanted.key[1:]) == ("Service", "shop", "web")


def test_the_namespace_is_default_where_none_is_given_and_none_where_there_can_be_none() -> None:
    pod, namespace = _read(POD, NAMESPACE).wanted
    assert (pod.key[1], namespace.key[1]) == ("default", "")
    assert namespace.config["metadata"] == {"name": "shop"}


@pytest.mark.parametrize(
    ("who", "kept"),
    [
        ("endpointslice-controller.k8s.io", False),
        ("endpointslicemirroring-controller.k8s.io", False),
        ("me", True),
    ],
)
def test_the_mark_of_a_controller_is_taken_off_slices(who: str, kept: bool) -> None:
    (wanted,) = _read(SLICE.replace("WHO", who) + "addressType: IPv4\n").wanted
    assert ("endpointslice.kubernetes.io/managed-by" in wanted.config["metadata"]["labels"]) is kept


def test_the_status_of_services_pods_and_nodes_counts_and_no_other() -> None:
    pod, deployment = _read(POD + "status: {phase: Running}\n", DEPLOYMENT).wanted
    assert pod.status == {"phase": "Running"}
    assert "status" not in pod.config
    assert deployment.status is None


def test_what_others_need_comes_first() -> None:
    fixed = SERVICE.replace("name: web,", "name: fixed,") + "spec: {clusterIP: 10.96.0.7}\n"
    found = _read(DEPLOYMENT, POD, SERVICE + "spec: {}\n", fixed, SLICE.replace("WHO", "me"), NAMESPACE).wanted
    ordered = [each.key[0].kind + " " + each.key[2] for each in sorted(found, key=lambda each: each.rank)]
    assert ordered == [
        "Namespace shop",
        "Service fixed",
        "Service web",
        "EndpointSlice web-1",
        "Pod web-1",
        "Deployment web",
    ]


WRONG = [
    (SERVICE + "spec:\n  ipFamily: IPv6\n", 5, "Service shop/web: spec.ipFamily: was dropped"),
    (SERVICE + "spec:\n  iPFamilyPolicy: SingleStack\n", 5, "Service shop/web: spec.iPFamilyPolicy: "),
    ("apiVersion: v1\nkind: service\n", 2, "service (no name): kind: there is no kind 'service': write Service"),
    ("apiVersion: v1\nkind: Service\nspec: {clusterIP: None}\n", 1, "Service (no name): metadata.name: is missing"),
]


@pytest.mark.parametrize(("text", "line", "problem"), WRONG)
def test_a_wrong_object_is_told_with_its_place_and_left_out(text: str, line: int, problem: str) -> None:
    found = _read(text, POD)
    assert [each.key[2] for each in found.wanted] == ["web-1"]
    (said,) = found.problems
    assert str(said).startswith(f"a.yaml:{line}: {problem}")


def test_kinds_no_cluster_has_built_in_are_counted_and_imports_kept() -> None:
    found = _read(IMPORT, "apiVersion: serving.knative.dev/v1\nkind: Service\n", "apiVersion: a.io/v1\nkind: Gear\n")
    assert found.skipped == {"Service": 1, "Gear": 1}
    assert [each.kind for each in found.imports] == ["ServiceImport"]
    assert (found.wanted, found.problems) == ([], [])
