"""What there is around a Service, gathered from objects as an API gives them."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from resolver.cluster.objects import Kind
from resolver.cluster.reading import SERVICE_NAME_LABEL, Detail
from resolver.explain.facts import ServiceFacts, gather, read_slice
from resolver.explain.raw_objects import JsonObject, Unreadable
from tests.support import cluster_objects as api
from tests.support.cluster_objects import Object

DETAIL = Detail()


class Listed:
    """Raw objects from a list; those of kinds in `hidden` cannot be read."""

    def __init__(self, objects: Iterable[Object], *hidden: str) -> None:
        self._objects = list(objects)
        self._hidden = hidden

    def _of(self, kind: str, namespace: str) -> list[JsonObject]:
        if kind in self._hidden:
            raise Unreadable(f"{kind} is forbidden")
        found = (each for each in self._objects if each["kind"] == kind)
        return [each for each in found if each["metadata"].get("namespace", "") == namespace]

    async def named(self, kind: Kind, namespace: str, name: str) -> JsonObject | None:
        return next((each for each in self._of(kind.name, namespace) if each["metadata"]["name"] == name), None)

    async def slices(self, namespace: str, service: str) -> list[JsonObject]:
        found = self._of("EndpointSlice", namespace)
        return [each for each in found if each["metadata"]["labels"][SERVICE_NAME_LABEL] == service]

    async def services_of(self, address: str) -> list[tuple[str, str]]:
        return []

    async def pods(self, namespace: str, labels: Mapping[str, str], names: frozenset[str]) -> list[JsonObject]:
        return [each for each in self._of("Pod", namespace) if each["metadata"]["name"] in names]

    def place(self, item: JsonObject, field: str = "") -> None:
        return None

    def owner(self, item: JsonObject) -> None:
        return None


SHOP = [
    api.namespace("shop"),
    api.service("db", space="shop", selector={"app": "db"}),
    api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", pod="db-0"), "10.1.0.2", space="shop"),
    api.endpoint_slice("web-1", "web", "10.1.0.3", space="shop"),
    *(api.pod(name, "10.1.0.1", space="shop") for name in ("db-0", "db-1", "web-0")),
]


async def test_a_service_is_gathered_with_its_slices_and_their_pods() -> None:
    facts = await gather(Listed(SHOP), "shop", "db", DETAIL, "db-1")
    assert facts.namespace_object == SHOP[0]
    assert facts.service == SHOP[1]
    assert facts.selector == {"app": "db"}
    assert [each.id for each in facts.slices] == ["shop/db-1"]
    assert sorted(facts.pods) == ["db-0", "db-1"]  # the one referred to, and the one asked for
    assert facts.unreadable == []


async def test_what_is_not_there_is_none() -> None:
    facts = await gather(Listed([]), "shop", "db", DETAIL)
    assert (facts.namespace_object, facts.service, facts.slices, facts.pods) == (None, None, [], {})
    assert facts.selector == {}


async def test_what_cannot_be_read_is_said_and_the_rest_is_kept() -> None:
    facts = await gather(Listed(SHOP, "Pod"), "shop", "db", DETAIL)
    assert facts.unreadable == ["Pod is forbidden"]
    assert [each.id for each in facts.slices] == ["shop/db-1"]


@pytest.mark.parametrize("service", [None, {}, {"spec": None}, {"spec": {"selector": None}}])
def test_a_service_without_selector_has_an_empty_one(service: Any) -> None:
    assert ServiceFacts("shop", "db", service=service).selector == {}


def test_a_slice_is_read_as_the_inventory_reads_it() -> None:
    raw = api.endpoint_slice(
        "db-1", "db", "10.1.0.1", api.endpoint("10.1.0.2", ready=False), api.endpoint("nonsense", "10.1.0.3")
    )
    found = read_slice(raw, DETAIL)
    assert found.read is not None
    assert found.read.addresses == ("10.1.0.1", "10.1.0.3")
    assert found.kept == ((0, 0), (2, 1))
    assert found.dropped == ((1, "F2"),)
    assert [field for field, _ in found.problems] == ["endpoints[2].addresses[0]"]


def test_a_slice_that_cannot_be_read_at_all_is_a_problem() -> None:
    raw = {**api.endpoint_slice("db-1", "db"), "endpoints": "none"}
    found = read_slice(raw, DETAIL)
    assert (found.read, found.kept, found.dropped) == (None, (), ())
    assert "endpoints" in found.problems[0][1]
