import json

from resolver.controlplane.resources import NAMESPACES, SERVICES
from resolver.controlplane.stored_object import stored

SERVICE = {
    "kind": "Service",
    "apiVersion": "v1",
    "metadata": {"name": "cart", "namespace": "shop", "resourceVersion": "", "labels": {"a": "b"}},
    "spec": {"ports": [{"port": 80}]},
}


def test_an_object_is_kept_as_it_is_answered() -> None:
    kept = stored(SERVICES, json.loads(json.dumps(SERVICE)), 7)
    assert (kept.key, kept.namespace, kept.name, kept.version) == ("shop/cart", "shop", "cart", 7)
    assert json.loads(kept.body) == {**SERVICE, "metadata": {**SERVICE["metadata"], "resourceVersion": "7"}}  # type: ignore[dict-item]
    assert kept.body.startswith(b'{"kind":"Service","apiVersion":"v1","metadata"')
    assert kept.item.startswith(b'{"metadata"')
    assert json.loads(kept.item) == {key: value for key, value in kept.object.items() if key[0] in "ms"}


def test_what_never_was_stored_has_no_version() -> None:
    assert b'"resourceVersion":""' in stored(SERVICES, json.loads(json.dumps(SERVICE)), 0).body


def test_an_object_of_the_cluster_has_no_namespace() -> None:
    kept = stored(NAMESPACES, {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "shop"}}, 1)
    assert (kept.key, kept.namespace, kept.name) == ("shop", "", "shop")
    assert kept.labels == {}


def test_labels_are_found_with_and_without_the_whole_object() -> None:
    kept = stored(SERVICES, json.loads(json.dumps(SERVICE)), 7)
    assert kept.labels == {"a": "b"}
    kept.forget()
    assert kept.labels == {"a": "b"}


def test_a_copy_is_free_to_be_changed() -> None:
    kept = stored(SERVICES, json.loads(json.dumps(SERVICE)), 7)
    kept.copy()["spec"]["ports"].clear()
    assert kept.object["spec"] == SERVICE["spec"]
