"""What a change of the store does to names, whoever made it and whatever else happened before."""

from typing import Any

from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.resources import ENDPOINT_SLICES, NAMESPACES, SERVICES
from resolver.server.cluster_names import ClusterNames
from tests.support.embedded_cluster import new_embedded_cluster

LABELS = {"kubernetes.io/service-name": "db"}


def _service(api: ClusterApi, name: str, **spec: Any) -> None:
    document = {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], **spec}}
    api.create(SERVICES, "shop", document)


def _slice(api: ClusterApi, *addresses: str) -> None:
    endpoints = [{"addresses": [each]} for each in addresses]
    document = {"metadata": {"name": "db-1", "labels": LABELS}, "addressType": "IPv4", "endpoints": endpoints}
    if api.store.get(ENDPOINT_SLICES, "shop", "db-1") is None:
        api.create(ENDPOINT_SLICES, "shop", document)
    else:
        api.update(ENDPOINT_SLICES, "shop", "db-1", document)


def _changes(names: ClusterNames) -> tuple[list[str], list[str]]:
    """Names that went, names that came."""
    before, after = names.changes()
    return [str(each) for each in sorted(before - after)], [str(each) for each in sorted(after - before)]


def test_a_service_comes_with_its_name_and_its_reverse_name() -> None:
    api = new_embedded_cluster()
    names = ClusterNames(api.store, "a.zone")
    _service(api, "web", clusterIP="10.43.0.20")
    web = ["web.shop.svc.a.zone A 10.43.0.20", "20.0.43.10.in-addr.arpa PTR web.shop.svc.a.zone"]
    assert _changes(names) == ([], web)
    assert _changes(names) == ([], [])
    api.delete(SERVICES, "shop", "web")
    assert _changes(names) == (web, [])


def test_endpoints_change_the_names_of_their_service() -> None:
    api = new_embedded_cluster()
    _service(api, "db", clusterIP="None")
    _slice(api, "10.0.0.1", "10.0.0.2")
    names = ClusterNames(api.store, "a.zone")
    _slice(api, "10.0.0.1", "10.0.0.9")
    gone, come = _changes(names)
    assert gone[0] == "db.shop.svc.a.zone A 10.0.0.2"
    assert come[0] == "db.shop.svc.a.zone A 10.0.0.9"
    assert not any("10.0.0.1" in line for line in gone + come)


def test_a_namespace_takes_its_names_along_and_brings_them_back() -> None:
    api = new_embedded_cluster()
    _service(api, "web", clusterIP="10.43.0.20")
    names = ClusterNames(api.store, "a.zone")
    namespace = api.get(NAMESPACES, "", "shop")
    api.store.delete(namespace)
    assert _changes(names)[0][0] == "web.shop.svc.a.zone A 10.43.0.20"
    api.store.create(NAMESPACES, namespace.copy())
    assert _changes(names)[1][0] == "web.shop.svc.a.zone A 10.43.0.20"


def test_what_happened_before_catching_up_is_not_told() -> None:
    api = new_embedded_cluster()
    names = ClusterNames(api.store, "a.zone")
    _service(api, "web", clusterIP="10.43.0.20")
    names.catch_up()
    _service(api, "cart", clusterIP="10.43.0.21")
    assert _changes(names) == (
        [],
        ["cart.shop.svc.a.zone A 10.43.0.21", "21.0.43.10.in-addr.arpa PTR cart.shop.svc.a.zone"],
    )
