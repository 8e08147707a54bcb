"""Who owns the replicas of a workload that is scaled; the verbs are in test_handlers."""

from typing import Any

from resolver.controlplane.api.scaling import scale_of
from tests.support.direct_api import DirectApi

BASE = "/apis/apps/v1/namespaces/default/deployments"
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "b"}]}}
SPEC: dict[str, Any] = {"replicas": 2, "selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}


def test_a_scale_is_a_view_of_a_workload() -> None:
    metadata = {"name": "web", "namespace": "ns", "labels": {"x": "y"}, "resourceVersion": "4"}
    assert scale_of({"metadata": metadata, "spec": SPEC, "status": {"replicas": 1}}) == {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {"name": "web", "namespace": "ns", "resourceVersion": "4"},
        "spec": {"replicas": 2},
        "status": {"replicas": 1, "selector": "a=b"},
    }


def test_who_scales_owns_the_replicas() -> None:
    api = DirectApi()
    api.ask("POST", f"{BASE}?fieldManager=maker", {"metadata": {"name": "web"}, "spec": SPEC})
    patch = {"spec": {"replicas": 5}}
    api.ask("PATCH", f"{BASE}/web/scale?fieldManager=scaler", patch, content_type="application/merge-patch+json")
    entries = {each["manager"]: each for each in api.ask("GET", f"{BASE}/web").body["metadata"]["managedFields"]}
    assert entries["scaler"]["subresource"] == "scale"
    assert entries["scaler"]["fieldsV1"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in entries["maker"]["fieldsV1"]["f:spec"]
