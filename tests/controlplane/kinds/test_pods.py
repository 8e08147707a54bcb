from typing import Any

import pytest

from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.resources import PODS
from tests.support.embedded_cluster import ask, new_embedded_cluster

PATH = "/api/v1/namespaces/shop/pods/web"


def _with_pod(**spec: Any) -> ClusterApi:
    api = new_embedded_cluster()
    body = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "c", "image": "x:1"}], **spec}}
    assert ask(api, "POST", "/api/v1/namespaces/shop/pods", body)[0] == 201
    return api


def test_f7_a_pod_asks_the_cluster_first() -> None:
    assert _with_pod().get(PODS, "shop", "web").object["spec"]["dnsPolicy"] == "ClusterFirst"


@pytest.mark.parametrize(
    ("status", "accepted"),
    [
        ({"podIPs": [{"ip": "10.1.0.5"}]}, True),
        ({"podIPs": [{"ip": "10.1.0.5"}, {"ip": "fd44::5"}]}, True),
        ({"podIPs": [{"ip": "fd44::5"}, {"ip": "10.1.0.5"}]}, True),
        ({"podIPs": [{"ip": "10.1.0.5"}, {"ip": "10.1.0.6"}]}, False),
        ({"podIPs": [{"ip": "10.1.0.5"}, {"ip": "10.1.0.5"}]}, False),
        ({"podIPs": [{"ip": "10.1.0.5"}, {"ip": "fd44::5"}, {"ip": "fd44::6"}]}, False),
        ({"podIPs": [{"ip": "x"}]}, False),
        ({"hostIP": "10.0.0.1", "hostIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]}, True),
        ({"hostIP": "10.0.0.1", "hostIPs": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}]}, False),
        ({"hostIP": "10.0.0.1", "hostIPs": [{"ip": "10.0.0.2"}]}, False),
    ],
)
def test_c23_a_pod_has_one_address_of_a_family(status: dict[str, Any], accepted: bool) -> None:
    answer = ask(_with_pod(nodeName="n1"), "PUT", f"{PATH}/status", {"metadata": {"name": "web"}, "status": status})
    assert (answer[0] == 200) == accepted


def test_c23_the_single_address_is_the_first_of_the_plural() -> None:
    api = _with_pod(nodeName="n1")
    ips = [{"ip": "fd44::5"}, {"ip": "10.1.0.5"}]
    for status in ({"podIPs": ips}, {"podIP": "fd44::5", "podIPs": ips}):
        body = ask(api, "PUT", f"{PATH}/status", {"metadata": {"name": "web"}, "status": status})[1]
        assert (body["status"]["podIP"], body["status"]["podIPs"]) == ("fd44::5", ips)
    other = {"podIP": "10.1.0.5", "podIPs": ips}
    body = ask(api, "PUT", f"{PATH}/status", {"metadata": {"name": "web"}, "status": other})[1]
    assert body["status"]["podIPs"] == [{"ip": "10.1.0.5"}]


def test_a_running_pod_is_given_time_to_end() -> None:
    api = _with_pod(nodeName="n1")
    status, body, _ = ask(api, "DELETE", PATH)
    assert (status, body["metadata"]["deletionGracePeriodSeconds"]) == (200, 30)
    assert api.store.get(PODS, "shop", "web") is not None
    changes = api.watch(PODS, api.store.version, lambda: None)
    ask(api, "DELETE", PATH, {"grace_period": 0})
    assert [each.type for each in changes.take()] == ["MODIFIED", "DELETED"]


def test_a_pod_that_runs_nowhere_goes_at_once() -> None:
    api = _with_pod()
    ask(api, "DELETE", PATH)
    assert api.store.get(PODS, "shop", "web") is None


def test_containers_are_as_they_were_made_but_for_their_image() -> None:
    api = _with_pod()
    value = api.get(PODS, "shop", "web").copy()
    value["spec"]["containers"][0]["image"] = "y:2"
    assert ask(api, "PUT", PATH, value)[0] == 200
    value = api.get(PODS, "shop", "web").copy()
    value["spec"]["containers"][0]["command"] = ["sh"]
    status, body, _ = ask(api, "PUT", PATH, value)
    assert (status, body["details"]["causes"][0]["field"]) == (422, "spec")


@pytest.mark.parametrize(
    ("sources", "refused"),
    [
        (("hostPath", "emptyDir"), ["hostPath"]),
        (("emptyDir", "hostPath"), ["hostPath"]),
        (("configMap", "secret", "hostPath"), ["secret", "configMap"]),
        (("cephfs", "rbd"), ["cephFS"]),
        (("secret", "gcePersistentDisk", "gitRepo"), ["gcePersistentDisk", "secret"]),
    ],
)
def test_of_several_volume_sources_all_but_the_first_in_kubernetes_order_are_refused(
    sources: tuple[str, ...], refused: list[str]
) -> None:
    volume = {"name": "v", **{each: {} for each in sources}}
    spec = {"containers": [{"name": "c", "image": "x:1"}], "volumes": [volume]}
    body = {"metadata": {"name": "web"}, "spec": spec}
    status, said, _ = ask(new_embedded_cluster(), "POST", "/api/v1/namespaces/shop/pods", body)
    assert status == 422
    forbidden = [each["field"] for each in said["details"]["causes"] if each["reason"] == "FieldValueForbidden"]
    assert forbidden == [f"spec.volumes[0].{each}" for each in refused]
