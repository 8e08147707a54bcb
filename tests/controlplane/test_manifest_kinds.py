"""Misspelt kinds are told from the kinds of others."""

import pytest

from resolver.controlplane.manifest_kinds import api_version_of, misspelt_kind

MISSPELT = [
    ("v1", "service", ("kind", "there is no kind 'service': write Service")),
    ("v1", "Sevice", ("kind", "there is no kind 'Sevice': write Service")),
    ("v1", "Services", ("kind", "there is no kind 'Services': write Service")),
    ("discovery.k8s.io/v1", "Endpointslice", ("kind", "there is no kind 'Endpointslice': write EndpointSlice")),
    ("apps/v1", "StatefullSet", ("kind", "there is no kind 'StatefullSet': write StatefulSet")),
    (
        "discovery.k8s.io/v1beta1",
        "EndpointSlice",
        ("apiVersion", "'discovery.k8s.io/v1beta1' has no EndpointSlice: write discovery.k8s.io/v1"),
    ),
    ("v1", "EndpointSlice", ("apiVersion", "'v1' has no EndpointSlice: write discovery.k8s.io/v1")),
    ("apps/v1", "Service", ("apiVersion", "'apps/v1' has no Service: write v1")),
    ("v1 ", "Service", ("apiVersion", "'v1 ' has no Service: write v1")),
]


@pytest.mark.parametrize(("api_version", "kind", "said"), MISSPELT)
def test_a_misspelt_kind_is_told_what_to_write(api_version: str, kind: str, said: tuple[str, str]) -> None:
    assert misspelt_kind(api_version, kind) == said


OTHERS = [
    ("v1", "Service"),
    ("discovery.k8s.io/v1", "EndpointSlice"),
    ("multicluster.x-k8s.io/v1alpha1", "ServiceImport"),
    ("multicluster.x-k8s.io/v1alpha1", "ServiceExport"),
    ("serving.knative.dev/v1", "Service"),
    ("monitoring.coreos.com/v1", "ServiceMonitor"),
    ("extensions/v1beta1", "Deployment"),
    ("batch/v1", "CronJob"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("networking.k8s.io/v1", "IngressClass"),
    ("v1", "PodTemplate"),
    ("v1", "PersistentVolumeClaim"),
    ("policy/v1", "PodDisruptionBudget"),
    ("kustomize.config.k8s.io/v1beta1", "Kustomization"),
]


@pytest.mark.parametrize(("api_version", "kind"), OTHERS)
def test_kinds_of_others_are_left_alone(api_version: str, kind: str) -> None:
    assert misspelt_kind(api_version, kind) is None


def test_kinds_have_their_api_version() -> None:
    assert [api_version_of(kind) for kind in ("Service", "EndpointSlice", "Nonsense")] == [
        "v1",
        "discovery.k8s.io/v1",
        "",
    ]
