from random import Random

import pytest

from resolver.controlplane.control_plane import SYSTEM_NAMESPACES, Settings, add_cluster_dns, new_cluster
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import (
    ENDPOINT_SLICES,
    ENDPOINTS,
    IP_ADDRESSES,
    NAMESPACES,
    SERVICE_CIDRS,
    SERVICES,
)
from resolver.controlplane.service_ranges import BadRange, service_ranges
from tests.support.embedded_cluster import DUAL, NOW, new_embedded_cluster, post, restarted


def test_a_new_cluster_has_what_a_bare_api_server_makes() -> None:
    api = new_embedded_cluster(namespaces="")
    assert {each.name for each in api.store.all(NAMESPACES)} == set(SYSTEM_NAMESPACES)
    for resource in (SERVICES, ENDPOINTS, ENDPOINT_SLICES):
        assert [each.key for each in api.store.all(resource)] == ["default/kubernetes"]
    assert [each.name for each in api.store.all(IP_ADDRESSES)] == ["10.43.0.1"]
    cidr = api.get(SERVICE_CIDRS, "", "kubernetes").object
    assert cidr["spec"] == {"cidrs": ["10.43.0.0/16", "fd43::/112"]}
    assert [(each["type"], each["status"], each["lastTransitionTime"]) for each in cidr["status"]["conditions"]] == [
        ("Ready", "True", NOW)
    ]


def test_a_restart_changes_nothing() -> None:
    api = new_embedded_cluster()
    post(api, {})
    version = api.store.version
    assert restarted(api).store.version == version


def test_kubernetes_says_where_the_api_is_now() -> None:
    first = Settings(service_ranges(DUAL), port=8443)
    api = new_cluster(ObjectStore(), first, lambda: NOW, Random(1))
    for settings in (first, Settings(service_ranges(DUAL, "192.0.2.9"), port=9443)):
        api = new_cluster(api.store, settings, lambda: NOW, Random(1))
        port = {"name": "https", "port": settings.port, "protocol": "TCP"}
        (service,) = api.get(SERVICES, "default", "kubernetes").object["spec"]["ports"]
        assert service == {"name": "https", "protocol": "TCP", "port": 443, "targetPort": settings.port}
        (subset,) = api.get(ENDPOINTS, "default", "kubernetes").object["subsets"]
        assert subset == {"addresses": [{"ip": settings.ranges.advertised}], "ports": [port]}
        found = api.get(ENDPOINT_SLICES, "default", "kubernetes").object
        assert (found["endpoints"][0]["addresses"], found["ports"]) == ([settings.ranges.advertised], [port])


def test_a_restart_knows_what_is_taken() -> None:
    api = new_embedded_cluster()
    spec = post(api, {"type": "NodePort"})[1]["spec"]
    again = restarted(api)
    assert post(again, {"clusterIP": spec["clusterIP"]}, "thief")[0] == 422
    taken = {"type": "NodePort", "ports": [{"port": 80, "nodePort": spec["ports"][0]["nodePort"]}]}
    assert post(again, taken, "thief")[0] == 422


def test_a_second_range_may_come_later() -> None:
    api = restarted(new_embedded_cluster("10.43.0.0/16"), DUAL)
    assert api.get(SERVICE_CIDRS, "", "kubernetes").object["spec"]["cidrs"] == ["10.43.0.0/16", "fd43::/112"]
    assert post(api, {"ipFamilyPolicy": "RequireDualStack"})[0] == 201


@pytest.mark.parametrize("ranges", ["10.44.0.0/16", "fd43::/112,10.43.0.0/16", "10.43.0.0/16,fd44::/112"])
def test_other_ranges_than_before_are_refused(ranges: str) -> None:
    with pytest.raises(BadRange, match=r"made with --service-cluster-ip-range=10.43.0.0/16,fd43::/112: give the same"):
        restarted(new_embedded_cluster(DUAL), ranges)


def test_the_dns_service_is_made_once() -> None:
    api = new_embedded_cluster()
    add_cluster_dns(api, service_ranges(DUAL))
    version = api.store.version
    add_cluster_dns(api, service_ranges(DUAL))
    assert api.store.version == version
