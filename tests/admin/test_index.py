"""The index over the API."""

import json
from typing import Any

import pytest

from resolver import limits
from tests.support.administered import Administered, administered
from tests.support.serving import Object, endpoint_slice, namespace, service

EXTERNAL: Object = {
    "kind": "Service",
    "metadata": {"name": "pay", "namespace": "money"},
    "spec": {"type": "ExternalName", "externalName": "pay.example.com", "ports": []},
}
OBJECTS = (
    namespace("shop"),
    namespace("money"),
    service("web", "10.96.0.1", "fd00:10:96::1", space="shop"),
    service("db", "None", space="shop"),
    EXTERNAL,
    endpoint_slice("db-4", "db", "10.244.0.1", "10.244.0.2", space="shop"),
    endpoint_slice("db-6", "db", "fd00:10:244::1", space="shop"),
    endpoint_slice("lost-4", "lost", "10.244.0.9", space="shop"),
)


async def index(here: Administered, **parameters: str) -> list[Any]:
    async with here.session.get("/v1/index", params=parameters) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/x-ndjson"
        return [json.loads(line) async for line in response.content]


async def test_each_service_is_told_with_addresses_and_endpoints() -> None:
    async with administered(objects=OBJECTS) as here:
        found = {line["name"]: line for line in await index(here)}
    assert {name: (line["namespace"], line["kind"], line["addresses"]) for name, line in found.items()} == {
        "web": ("shop", "ClusterIP", ["10.96.0.1", "fd00:10:96::1"]),
        "db": ("shop", "Headless", []),
        "pay": ("money", "ExternalName", []),
        "lost": ("shop", None, []),
    }
    assert [endpoint["address"] for endpoint in found["db"]["endpoints"]] == [
        "10.244.0.1",
        "10.244.0.2",
        "fd00:10:244::1",
    ]
    assert found["db"]["endpoints"][0]["ports"] == [{"name": "http", "number": 80, "protocol": "tcp"}]
    assert found["pay"]["external_name"] == "pay.example.com"
    assert found["web"]["ports"] == [{"name": "", "number": 80, "protocol": ""}]
    assert {(line["cluster"], line["synced"]) for line in found.values()} == {(0, True)}


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"namespace": "shop"}, {"web", "db", "lost"}),
        ({"name": "p*"}, {"pay"}),
        ({"namespace": "shop", "name": "web"}, {"web"}),
        ({"namespace": "none"}, set()),
    ],
)
async def test_only_what_is_wanted_is_told(parameters: dict[str, str], names: set[str]) -> None:
    async with administered(objects=OBJECTS) as here:
        assert {line["name"] for line in await index(here, **parameters)} == names


async def test_a_large_index_comes_in_pieces() -> None:
    count = 10 * limits.ADMIN_INDEX_STEP + 1
    services = [service(f"web-{number}", f"10.96.{number // 250}.{number % 250 + 1}") for number in range(count)]
    async with administered(objects=(namespace("default"), *services)) as here:
        assert len(await index(here)) == count


async def test_what_goes_meanwhile_is_left_out() -> None:
    async with administered(objects=OBJECTS) as here:
        (cluster,) = here.served.server.instance.clusters.clusters()
        cluster.inventory.services.clear()
        assert await index(here) == []
