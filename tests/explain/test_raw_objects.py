"""Whole objects, from an embedded cluster's store and from a Kubernetes API's lists."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from resolver import limits
from resolver.cluster.objects import NAMESPACES, SERVICES
from resolver.controlplane.manifest_places import Document, Place
from resolver.controlplane.resources import resource_of_kind
from resolver.explain.raw_objects import ApiObjects, EmbeddedObjects, Unreadable
from resolver.kubeapi.errors import ApiUnavailable
from resolver.server.embedded_source import EmbeddedSource
from tests.support import cluster_objects as api
from tests.support.cluster_objects import Object
from tests.support.explained import StoredCluster
from tests.support.log_lines import LogLines


def labelled(item: Object, **labels: str) -> Object:
    return {**item, "metadata": {**item["metadata"], "labels": labels}}


def owned(item: Object, kind: str, name: str) -> Object:
    owners = [
        {"apiVersion": "v1", "kind": "Pod", "name": "no-controller"},
        {"apiVersion": "v1", "kind": kind, "name": name, "controller": True},
    ]
    return {**item, "metadata": {**item["metadata"], "ownerReferences": owners}}


SLICE = owned(api.endpoint_slice("db-1", "db", "10.1.0.1", space="shop"), "Service", "db")
OBJECTS = [
    api.namespace("shop"),
    api.service("db", space="shop"),
    SLICE,
    api.endpoint_slice("web-1", "web", "10.1.0.2", space="shop"),
    labelled(api.pod("db-0", "10.1.0.1", space="shop"), app="db", tier="back"),
    labelled(api.pod("web-0", "10.1.0.2", space="shop"), app="web"),
    labelled(api.pod("db-0", "10.1.0.9", space="lab"), app="db"),
]


def names(found: list[Object]) -> list[str]:
    return [each["metadata"]["name"] for each in found]


# -- the embedded cluster ---------------------------------------------------------------------------------------------


def embedded(*documents: Document) -> EmbeddedObjects:
    cluster = StoredCluster(OBJECTS)
    source = EmbeddedSource(cluster, None, LogLines().log)  # type: ignore[arg-type]
    for document in documents:
        metadata = document.value["metadata"]
        resource = resource_of_kind("v1", document.value["kind"])
        cluster.written[resource, metadata.get("namespace", ""), metadata["name"]] = document
    return EmbeddedObjects(source)


async def test_the_store_gives_objects_by_name() -> None:
    objects = embedded()
    namespace, service = await objects.named(NAMESPACES, "", "shop"), await objects.named(SERVICES, "shop", "db")
    assert namespace is not None
    assert service is not None
    assert (namespace["kind"], service["kind"]) == ("Namespace", "Service")
    assert await objects.named(SERVICES, "shop", "web") is None


async def test_the_store_gives_the_slices_of_a_service_and_the_services_of_an_address() -> None:
    objects = embedded()
    assert names(await objects.slices("shop", "db")) == ["db-1"]
    assert names(await objects.slices("lab", "db")) == []
    assert await objects.services_of("10.1.0.2") == [("shop", "web")]
    assert await objects.services_of("10.1.0") == []


PODS = [
    ({"app": "db"}, frozenset(), ["db-0"]),
    ({"app": "db", "tier": "front"}, frozenset(), []),
    ({}, frozenset(), []),
    ({}, frozenset({"web-0"}), ["web-0"]),
    ({"app": "db"}, frozenset({"web-0"}), ["db-0", "web-0"]),
]


@pytest.mark.parametrize(("labels", "wanted", "found"), PODS)
async def test_the_store_gives_pods_by_labels_and_by_names(
    labels: dict[str, str], wanted: frozenset[str], found: list[str]
) -> None:
    assert sorted(names(await embedded().pods("shop", labels, wanted))) == found


async def test_who_else_is_waiting_gets_a_turn_while_many_objects_are_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "EXPLAINED_AT_ONCE", 1)
    turns: list[str] = []
    loop = asyncio.get_running_loop()
    loop.call_soon(lambda: loop.call_soon(turns.append, "another"))
    assert names(await embedded().slices("shop", "web")) == ["web-1"]
    assert turns == ["another"]


async def test_the_owner_is_the_controller() -> None:
    objects = embedded()
    owner = objects.owner(SLICE)
    assert owner is not None
    assert (owner["kind"], owner["metadata"]["name"]) == ("Service", "db")
    cluster_wide = objects.owner(owned(SLICE, "Namespace", "shop"))
    assert cluster_wide is not None
    assert cluster_wide["kind"] == "Namespace"
    assert objects.owner(owned(SLICE, "Nonsense", "shop")) is None
    assert objects.owner(OBJECTS[0]) is None


@pytest.mark.parametrize(
    ("item", "field", "place"),
    [
        (OBJECTS[1], "", ("m.yaml", 4)),
        (OBJECTS[1], "spec.clusterIPs[0]", ("m.yaml", 7)),
        (OBJECTS[2], "", None),
        ({"apiVersion": "v1", "kind": "Nonsense", "metadata": {"name": "db"}}, "", None),
    ],
)
def test_a_place_is_that_of_the_written_field(item: Object, field: str, place: tuple[str, int] | None) -> None:
    written = {"kind": "Service", "metadata": {"name": "db", "namespace": "shop"}, "spec": {"clusterIP": "None"}}
    assert (
        embedded(Document(written, "m.yaml", Place(4, {"spec": Place(6, {"clusterIP": Place(7)})}))).place(item, field)
        == place
    )


# -- an API -----------------------------------------------------------------------------------------------------------


class Lists:
    """Stands where an ApiFeed stands: says what was asked for, and answers with a body or an error."""

    def __init__(self, answer: bytes | Exception) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._answer = answer

    async def fetch(self, path: str, query: Mapping[str, str]) -> bytes:
        self.asked.append((path, dict(query)))
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def listed(*items: Object) -> bytes:
    """A list's body: its items say neither kind nor version."""
    bare = [{key: value for key, value in each.items() if key not in ("kind", "apiVersion")} for each in items]
    return json.dumps({"items": bare}).encode()


def over(answer: bytes | Exception) -> tuple[ApiObjects, Lists]:
    lists = Lists(answer)
    return ApiObjects(lists), lists  # type: ignore[arg-type]


async def test_an_api_is_asked_for_lists_and_the_items_get_their_kind() -> None:
    objects, lists = over(listed(OBJECTS[1]))
    assert await objects.named(SERVICES, "shop", "db") == OBJECTS[1]
    assert lists.asked == [("/api/v1/namespaces/shop/services", {"fieldSelector": "metadata.name=db"})]


ASKED: list[tuple[Any, tuple[str, dict[str, str]]]] = [
    (lambda objects: objects.named(NAMESPACES, "", "shop"),
     ("/api/v1/namespaces", {"fieldSelector": "metadata.name=shop"})),
    (lambda objects: objects.slices("shop", "db"),
     ("/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
      {"labelSelector": "kubernetes.io/service-name=db"})),
    (lambda objects: objects.pods("shop", {"app": "db", "tier": "back"}, frozenset()),
     ("/api/v1/namespaces/shop/pods", {"labelSelector": "app=db,tier=back"})),
    (lambda objects: objects.pods("shop", {}, frozenset({"db-0"})), ("/api/v1/namespaces/shop/pods", {})),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "asked"), ASKED)
async def test_each_question_is_one_list(ask: Any, asked: tuple[str, dict[str, str]]) -> None:
    objects, lists = over(b'{"items":null}')
    assert await ask(objects) in (None, [])
    assert lists.asked == [asked]


async def test_without_labels_pods_are_picked_by_name() -> None:
    objects, _ = over(listed(*OBJECTS[4:6]))
    assert names(await objects.pods("shop", {}, frozenset({"web-0"}))) == ["web-0"]


@pytest.mark.parametrize("answer", [ApiUnavailable("403: not allowed"), b"{", b'"\xff"', b"[" * 100_000])
async def test_what_cannot_be_listed_is_unreadable(answer: bytes | Exception) -> None:
    with pytest.raises(Unreadable, match="services cannot be looked at: "):
        await over(answer)[0].named(SERVICES, "shop", "db")


async def test_an_api_knows_no_manifests_no_owners_and_not_all_slices() -> None:
    objects, lists = over(b"{}")
    assert (objects.place(SLICE), objects.owner(SLICE), await objects.services_of("10.1.0.1")) == (None, None, [])
    assert lists.asked == []
