"""What manifests want is applied in any order, a changed file whole or not at all, and taken away with its manifest."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.controlplane.manifest_applying import Applied, ManifestApplier
from resolver.controlplane.manifest_wanted import Wanted, read_wishes
from resolver.controlplane.manifests import read_manifest
from resolver.controlplane.resources import NAMESPACES, PODS, SERVICES
from resolver.controlplane.stored_object import StoredObject

POD = """apiVersion: v1
kind: Pod
metadata: {name: p, namespace: shop}
spec: {nodeName: node-a, containers: [{name: a, image: a}]}
"""


@pytest.fixture
async def cluster() -> AsyncIterator[EmbeddedCluster]:
    async with EmbeddedCluster(seed=1, simulate=False) as cluster:
        yield cluster


def _service(name: str, spec: str) -> str:
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  {spec}\n---\n"


def _wanted(**texts: str) -> list[Wanted]:
    """Each text is a file."""
    wanted = []
    for file, text in texts.items():
        documents, problems = read_manifest(text.encode(), file)
        assert problems == []
        found = read_wishes(documents)
        assert found.problems == []
        wanted += found.wanted
    return wanted


def _apply(applier: ManifestApplier, **texts: str) -> Applied:
    return applier.apply(_wanted(**texts))


def _applier(cluster: EmbeddedCluster) -> ManifestApplier:
    return ManifestApplier(cluster.api, cluster.clock)


def _found(cluster: EmbeddedCluster, name: str) -> StoredObject | None:
    return cluster.store.get(SERVICES, "shop", name)


def _spec(cluster: EmbeddedCluster, name: str) -> dict[str, Any]:
    spec: dict[str, Any] = cluster.api.get(SERVICES, "shop", name).object["spec"]
    return spec


PORT = "ports: [{port: 80}]"
FIXED = f"clusterIP: 10.96.0.40\n  {PORT}"


async def test_applying_twice_writes_once(cluster: EmbeddedCluster) -> None:
    applier = _applier(cluster)
    assert _apply(applier, a=_service("web", PORT)).changed == 1
    version = cluster.store.version
    assert _apply(applier, a=_service("web", PORT)) == Applied()
    assert cluster.store.version == version


async def test_a_field_that_is_no_longer_written_goes_and_what_the_api_gave_stays(cluster: EmbeddedCluster) -> None:
    applier = _applier(cluster)
    _apply(applier, a=_service("web", f"{PORT}\n  publishNotReadyAddresses: true"))
    before = _spec(cluster, "web")
    assert before["publishNotReadyAddresses"]
    _apply(applier, a=_service("web", PORT))
    before.pop("publishNotReadyAddresses")
    assert _spec(cluster, "web") == before


async def test_what_others_have_set_stays(cluster: EmbeddedCluster) -> None:
    applier = _applier(cluster)
    _apply(applier, a=_service("web", PORT))
    await cluster.patch("services", "web", {"metadata": {"labels": {"by": "hand"}}}, namespace="shop")
    _apply(applier, a=_service("web", f"{PORT}\n  selector: {{app: web}}"))
    assert cluster.api.get(SERVICES, "shop", "web").labels == {"by": "hand"}


async def test_a_file_with_a_refused_object_changes_nothing_and_the_next_one_does(cluster: EmbeddedCluster) -> None:
    applier = _applier(cluster)
    _apply(applier, a=_service("web", FIXED) + _service("old", PORT), b=_service("db", PORT))
    changed = _service("web", FIXED.replace("40", "41")) + _service("new", PORT)
    result = _apply(applier, a=changed, b=_service("cart", PORT))
    assert result.refused == ["a"]
    (problem,) = result.problems
    assert (problem.file, problem.line, problem.field) == ("a", 5, "spec.clusterIP")
    assert [_found(cluster, name) is not None for name in ("old", "new", "db", "cart")] == [True, False, False, True]
    assert _spec(cluster, "web")["clusterIP"] == "10.96.0.40"


async def test_a_refused_file_is_tried_again_when_others_change(cluster: EmbeddedCluster) -> None:
    applier = _applier(cluster)
    _apply(applier, a=_service("web", FIXED), b=_service("db", PORT))
    files = {"a": _service("web", FIXED), "b": _service("db", PORT) + _service("other", FIXED)}
    assert _apply(applier, **files).refused == ["b"]
    assert _apply(applier, **files | {"a": _service("web2", PORT)}).refused == []
    assert _spec(cluster, "other")["clusterIP"] == "10.96.0.40"


async def test_two_files_may_exchange_an_address_in_any_order(cluster: EmbeddedCluster) -> None:
    applier = _applier(cluster)
    _apply(applier, a=_service("one", PORT), b=_service("two", FIXED))
    assert _apply(applier, a=_service("three", FIXED), b=_service("four", PORT)).problems == []
    assert _spec(cluster, "three")["clusterIP"] == "10.96.0.40"


async def test_the_first_time_each_object_stands_for_itself(cluster: EmbeddedCluster) -> None:
    bad = _service("bad", "clusterIP: 10.97.0.1")
    result = _apply(_applier(cluster), a=bad + _service("good", PORT))
    assert result.refused == ["a"]
    assert "--service-cluster-ip-range says which addresses Services have" in result.problems[0].message
    assert _found(cluster, "good") is not None


async def test_a_namespace_made_for_its_objects_stays(cluster: EmbeddedCluster) -> None:
    applier = _applier(cluster)
    _apply(applier, a=_service("web", PORT))
    _apply(applier)
    assert _found(cluster, "web") is None
    assert cluster.store.get(NAMESPACES, "", "shop") is not None


async def test_a_declared_namespace_goes_with_its_manifest(cluster: EmbeddedCluster) -> None:
    applier = _applier(cluster)
    _apply(applier, a="apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n" + _service("web", PORT))
    _apply(applier)
    await cluster.settled()
    assert cluster.store.get(NAMESPACES, "", "shop") is None


async def test_a_namespace_that_cannot_be_is_told_where_it_is_named(cluster: EmbeddedCluster) -> None:
    result = _apply(_applier(cluster), a=POD.replace("shop", "My-Shop"))
    assert (result.problems[0].line, result.problems[0].field) == (3, "metadata.namespace")
    assert "RFC 1123 label" in result.problems[0].message


async def test_what_manifests_made_is_known_after_a_restart_and_nothing_else_is_touched(
    cluster: EmbeddedCluster,
) -> None:
    _apply(_applier(cluster), a=_service("web", PORT), b=_service("db", PORT))
    cluster.api.create(SERVICES, "shop", {"metadata": {"name": "hand"}, "spec": {"ports": [{"port": 80}]}})
    _apply(_applier(cluster), a=_service("web", PORT))
    assert [_found(cluster, name) is not None for name in ("web", "db", "hand")] == [True, False, True]


async def test_a_status_is_written_changed_and_taken_back(cluster: EmbeddedCluster) -> None:
    applier = _applier(cluster)

    def ips(text: str) -> list[str]:
        assert _apply(applier, a=text).problems == []
        return [each["ip"] for each in cluster.api.get(PODS, "shop", "p").object["status"].get("podIPs", [])]

    assert ips(POD + "status: {phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}]}\n") == ["10.0.0.1"]
    two = "status: {phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}]}\n"
    assert ips(POD + two) == ["10.0.0.1", "fd00::1"]
    assert ips(POD) == []


async def test_between_two_files_others_have_a_turn_and_see_whole_ones(cluster: EmbeddedCluster) -> None:
    applier = _applier(cluster)
    _apply(applier, a=_service("a", PORT))
    two = _service("b", PORT) + _service("c", PORT)
    applying = applier.applying(_wanted(a=_service("a", "ports: [{port: 81}]"), b=two))
    seen = [(_spec(cluster, "a")["ports"][0]["port"], _found(cluster, "b"), _found(cluster, "c")) for _ in applying]
    assert [(port, b is not None, c is not None) for port, b, c in seen] == [(81, False, False), (81, True, True)]


async def test_a_field_nobody_knows_is_left_out(cluster: EmbeddedCluster) -> None:
    assert _apply(_applier(cluster), a=_service("a", f"frobnicate: 7\n  {PORT}")).problems == []
    assert "frobnicate" not in _spec(cluster, "a")
