"""An inventory filled from a Kubernetes API: what is asked for, what is left out, what is counted."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from resolver import limits
from resolver.cluster.decoding import Problem
from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest, Location
from resolver.corefile.tokens import BadConfig
from resolver.kubeapi.credentials import ApiTarget
from resolver.plugins.metric_rows import Buckets, MetricRow
from resolver.server.api_feed import ApiFeed
from tests.support import cluster_objects as objects
from tests.support.api_server import ApiServer
from tests.support.log_lines import LogLines

SHOP = [
    objects.namespace("shop"),
    objects.service("web", "10.96.0.1", "fd00:10:96::1", space="shop"),
    objects.endpoint_slice("web-4", "web", "10.244.0.1", space="shop"),
    objects.pod("web-0", "10.244.0.1", space="shop"),
]
KEY = b"\x03web\x04shop"


class Fed:
    """A feed and what it says."""

    def __init__(self, target: ApiTarget, request: ClusterRequest) -> None:
        self.output = LogLines()
        self.inventory = Inventory(request.kinds(), lambda: 0.0)
        self.feed = ApiFeed(target, request, self.inventory, self.output.log.line)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns once the condition holds; it is looked at after each change."""
        changed = asyncio.Event()
        unsubscribe = self.inventory.subscribe(lambda _: changed.set())
        try:
            async with asyncio.timeout(20):
                while not condition():
                    await changed.wait()
                    changed.clear()
        finally:
            unsubscribe()

    def rows(self, name: str) -> list[MetricRow]:
        return [row for row in self.feed.metrics() if row.name == name]

    def value(self, name: str) -> Any:
        (row,) = self.rows(name)
        return row.value


@asynccontextmanager
async def fed(api: ApiServer, request: ClusterRequest | None = None) -> AsyncIterator[Fed]:
    world = Fed(ApiTarget(endpoint=api.url), request or ClusterRequest(Location()))
    await world.feed.start()
    try:
        yield world
    finally:
        await world.feed.stop()


async def test_an_inventory_is_filled_and_kept_in_step() -> None:
    async with ApiServer(SHOP) as api, fed(api) as world:
        await world.until(lambda: world.inventory.synced)
        assert set(world.inventory.services) == {KEY}
        assert world.value("dualdns_kubernetes_synced") == 1
        await api.until(lambda: len(api.watching()) == 3)
        api.put(objects.service("db", space="shop"))
        await world.until(lambda: len(world.inventory.services) == 2)
        api.delete("Service", "shop", "db")
        await world.until(lambda: len(world.inventory.services) == 1)


LABELLED = Location(labels="app=web", namespace_labels="team=a")
LIVING = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown"
ASKED = [
    (ClusterRequest(Location()), {"namespaces": ("", ""), "services": ("", ""), "endpointslices": ("", "")}),
    (ClusterRequest(Location(), endpoints=False), {"namespaces": ("", ""), "services": ("", "")}),
    (
        ClusterRequest(LABELLED, pods=True, multicluster=True),
        {
            "namespaces": ("team=a", ""),
            "services": ("app=web", ""),
            "endpointslices": ("app=web", ""),
            "pods": ("app=web", LIVING),
            "serviceimports": ("team=a", ""),
        },
    ),
]


@pytest.mark.parametrize(("request_", "expected"), ASKED)
async def test_each_kind_is_asked_for_with_its_selectors(
    request_: ClusterRequest, expected: dict[str, tuple[str, str]]
) -> None:
    async with ApiServer(SHOP, selectors=True) as api, fed(api, request_):
        await api.until(lambda: len(api.watching()) == len(expected))
        asked = {
            path.rpartition("/")[2]: (query.get("labelSelector", ""), query.get("fieldSelector", ""))
            for path, query in api.requests
        }
    assert asked == expected


async def test_an_object_that_cannot_be_used_is_told_once_and_the_rest_served() -> None:
    bad = objects.service("bad", "10.96.0.256", space="shop")
    nameless: dict[str, Any] = {"kind": "Service", "metadata": {"name": "x" * 64, "namespace": "shop"}, "spec": {}}
    async with ApiServer([*SHOP, bad, nameless]) as api, fed(api) as world:
        await world.until(lambda: world.inventory.synced)
        await api.until(lambda: len(api.watching()) == 3)
        told = len(world.output.lines)
        assert KEY in world.inventory.services
        api.put(bad)
        api.put(objects.service("fence", "10.96.0.2", space="shop"))
        await world.until(lambda: b"\x05fence\x04shop" in world.inventory.services)
        lines = world.output.lines
    assert len(lines) == told
    assert all(line.startswith("[WARNING] plugin/kubernetes: left out: ") for line in lines)
    assert any(re.search(r"Service shop/bad\b.*10\.96\.0\.256", line) for line in lines)
    assert any("Service shop/" + "x" * 64 in line for line in lines)


async def test_the_memory_of_what_was_told_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PROBLEMS_TOLD", 2)
    world = Fed(ApiTarget(endpoint="http://127.0.0.1:1"), ClusterRequest(Location()))
    for number in (1, 1, 2, 3, 1):
        world.feed._report(Problem("Service", "shop", f"s{number}", "spec", "x" * 1_000))
    assert [line.count("s1") for line in world.output.lines] == [1, 0, 0, 1]
    assert max(map(len, world.output.lines)) < 300


async def test_without_credentials_there_is_no_start() -> None:
    world = Fed(ApiTarget(kubeconfig="/nowhere/config"), ClusterRequest(Location()))
    with pytest.raises(BadConfig, match=r"plugin/kubernetes: .*/nowhere/config"):
        await world.feed.start()
    await world.feed.stop()


async def test_an_api_that_goes_away_is_told_in_a_line_and_a_metric_and_so_is_its_return() -> None:
    async with ApiServer(SHOP) as api, fed(api) as world:
        await world.until(lambda: world.inventory.synced)
        await api.until(lambda: len(api.watching()) == 3)
        assert world.value("dualdns_kubernetes_in_step") == 1
        await api.refuse_connections()
        lines = await world.output.until(lambda lines: any("connection refused" in line for line in lines))
        assert world.value("dualdns_kubernetes_in_step") == 0
        assert world.value("dualdns_kubernetes_synced") == 1
        assert set(world.inventory.services) == {KEY}
        errors = [row for row in world.rows("coredns_kubernetes_rest_client_requests_total") if row.value]
        assert "<error>" in {dict(row.labels)["code"] for row in errors}
        await api.accept_connections()
        lines = await world.output.until(lambda lines: any("answers again" in line for line in lines))
        assert world.value("dualdns_kubernetes_in_step") == 1
        assert world.value("dualdns_kubernetes_watch_reconnects_total") >= 3
    assert len(lines) == 2
    assert lines[0].startswith(
        f"[ERROR] plugin/kubernetes: Failed to watch: {api.url}: connection refused; answers stay"
    )
    assert lines[1].startswith(f"[INFO] plugin/kubernetes: the Kubernetes API at {api.url} answers again, after ")


async def test_requests_are_counted_by_code_and_by_how_long_they_took() -> None:
    async with ApiServer(SHOP) as api, fed(api) as world:
        assert {row.name for row in world.feed.metrics()} >= {"dualdns_kubernetes_watch_repaired_total"}
        await api.until(lambda: len(api.watching()) == 3)
        await world.until(lambda: world.inventory.synced)
        (total,) = world.rows("coredns_kubernetes_rest_client_requests_total")
        assert dict(total.labels) == {"code": "200", "method": "GET", "host": f"127.0.0.1:{api.port}"}
        (duration,) = world.rows("coredns_kubernetes_rest_client_request_duration_seconds")
        assert dict(duration.labels) == {"verb": "GET", "host": f"127.0.0.1:{api.port}"}
        assert isinstance(duration.value, Buckets)
        assert sum(duration.value.counts) == total.value >= 3


def test_a_feed_that_has_not_begun_has_no_requests_to_count() -> None:
    world = Fed(ApiTarget(endpoint="http://127.0.0.1:1"), ClusterRequest(Location()))
    assert world.value("dualdns_kubernetes_synced") == 0
    assert world.value("dualdns_kubernetes_in_step") == 0
    assert world.rows("coredns_kubernetes_rest_client_requests_total") == []
