import pytest

from resolver.cluster.objects import ENDPOINT_SLICES, SERVICE_IMPORTS, SERVICES
from resolver.kubeapi.backoff import Backoff
from resolver.kubeapi.events import HttpFailed
from resolver.kubeapi.refusals import explain, missing_rule, retry_delay


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [
        (429, 5.0, 5.0),
        (429, None, 0.8),
        (429, 0.0, 1.0),
        (429, 1e9, 300.0),
        (503, 5.0, 5.0),
        (503, 0.1, 1.0),
        (500, None, 0.8),
    ],
)
def test_the_server_is_obeyed_within_reason(status: int, retry_after: float | None, seconds: float) -> None:
    assert retry_delay(HttpFailed(1, status, retry_after), Backoff(lambda: 0.0), 0.0) == seconds


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (HttpFailed(1, 503), "failed to watch v1 Service: HTTP 503"),
        (
            HttpFailed(1, 500, None, "InternalError", "etcd is away"),
            "failed to watch v1 Service: HTTP 500 InternalError: etcd is away",
        ),
        (
            HttpFailed(1, 401, None, "Unauthorized", "Unauthorized"),
            "failed to watch v1 Service: HTTP 401: Unauthorized; the token or certificate is not accepted and will be"
            " read again",
        ),
    ],
)
def test_a_refusal_is_one_line(refusal: HttpFailed, text: str) -> None:
    assert explain("watch", SERVICES, refusal) == text


def test_a_long_message_of_the_server_is_cut() -> None:
    assert len(explain("watch", SERVICES, HttpFailed(1, 500, None, "", "x" * 5_000))) < 400


def test_a_missing_resource_hints_at_its_definition() -> None:
    text = explain("list", SERVICE_IMPORTS, HttpFailed(1, 404))
    assert "no serviceimports of multicluster.x-k8s.io/v1alpha1 (a missing CustomResourceDefinition?)" in text


@pytest.mark.parametrize(
    ("kind", "group"),
    [(SERVICES, ""), (ENDPOINT_SLICES, "discovery.k8s.io"), (SERVICE_IMPORTS, "multicluster.x-k8s.io")],
)
def test_the_rule_for_missing_rights_is_a_whole_manifest(kind: object, group: str) -> None:
    import yaml

    text = missing_rule(kind, "no")  # type: ignore[arg-type]
    role = yaml.safe_load(text[text.index("apiVersion:") :])
    assert (role["kind"], role["metadata"]) == ("ClusterRole", {"name": f"dualdns-{kind.path.rpartition('/')[2]}"})  # type: ignore[attr-defined]
    assert role["rules"] == [
        {"apiGroups": [group], "resources": [kind.path.rpartition("/")[2]], "verbs": ["list", "watch"]}  # type: ignore[attr-defined]
    ]
