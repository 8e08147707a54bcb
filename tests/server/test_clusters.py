"""Which blocks share an inventory, and what a reload takes over of it."""

from collections.abc import Iterable

import pytest

from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import PODS
from resolver.cluster.source import ClusterRequest, Location
from resolver.corefile.tokens import BadConfig
from resolver.plugins.metric_rows import MetricRow
from resolver.server.clusters import Clusters

HERE, THERE = Location(endpoint="http://here"), Location(endpoint="http://there")
PLAIN = ClusterRequest(HERE)
VERIFIED = ClusterRequest(HERE, pods=True)
ELSEWHERE = ClusterRequest(THERE)


class NotingFeed:
    def __init__(self, request: ClusterRequest, inventory: Inventory) -> None:
        self.request = request
        self.inventory = inventory
        self.running = False

    async def start(self) -> None:
        if self.request.location.endpoint == "http://nowhere":
            raise BadConfig("nobody there")
        self.running = True

    async def stop(self) -> None:
        self.running = False

    def metrics(self) -> Iterable[MetricRow]:
        return ()


class Feeds:
    """Makes feeds and keeps them."""

    def __init__(self) -> None:
        self.made: list[NotingFeed] = []

    def __call__(self, request: ClusterRequest, inventory: Inventory) -> NotingFeed:
        self.made.append(NotingFeed(request, inventory))
        return self.made[-1]

    def clusters(self, previous: Clusters | None = None) -> Clusters:
        return Clusters(self, lambda: 0.0, previous)

    def running(self) -> list[ClusterRequest]:
        return [feed.request for feed in self.made if feed.running]


SHARED = [
    ([PLAIN], [PLAIN]),
    ([PLAIN, PLAIN], [PLAIN]),
    ([PLAIN, VERIFIED], [VERIFIED]),
    ([VERIFIED, PLAIN], [VERIFIED]),
    ([PLAIN, ELSEWHERE], [PLAIN, ELSEWHERE]),
    (
        [ClusterRequest(HERE, endpoints=False), ClusterRequest(HERE, zones=True), ClusterRequest(HERE, targets=True)],
        [ClusterRequest(HERE, zones=True, targets=True)],
    ),
    (
        [PLAIN, ClusterRequest(Location(endpoint="http://here", labels="a=b"))],
        [PLAIN, ClusterRequest(Location(endpoint="http://here", labels="a=b"))],
    ),
]


@pytest.mark.parametrize(("requests", "fed"), SHARED)
async def test_blocks_share_a_location_with_all_that_any_needs(
    requests: list[ClusterRequest], fed: list[ClusterRequest]
) -> None:
    feeds = Feeds()
    clusters = feeds.clusters()
    inventories = [clusters.inventory(request) for request in requests]
    assert feeds.made == []
    await clusters.start()
    assert feeds.running() == fed
    by_location = {feed.request.location: feed.inventory for feed in feeds.made}
    assert inventories == [by_location[request.location] for request in requests]
    await clusters.stop()
    assert feeds.running() == []


async def test_an_inventory_waits_for_every_kind_that_was_asked_for() -> None:
    clusters = Feeds().clusters()
    inventory = clusters.inventory(PLAIN)
    clusters.inventory(VERIFIED)
    for kind in PLAIN.kinds():
        inventory.replace(kind, [])
    assert not inventory.synced
    inventory.replace(PODS, [])
    assert inventory.synced


async def reloaded(
    feeds: Feeds, before: Iterable[ClusterRequest], after: Iterable[ClusterRequest]
) -> tuple[Clusters, list[Inventory], Clusters, list[Inventory]]:
    old = feeds.clusters()
    first = [old.inventory(request) for request in before]
    await old.start()
    new = feeds.clusters(old)
    second = [new.inventory(request) for request in after]
    await new.start()
    await old.stop(new)
    return old, first, new, second


RELOADED = [
    ([PLAIN], [PLAIN], [True], [PLAIN]),
    ([PLAIN], [PLAIN, PLAIN], [True, True], [PLAIN]),
    ([VERIFIED], [PLAIN], [True], [VERIFIED]),
    ([PLAIN], [VERIFIED], [False], [VERIFIED]),
    ([PLAIN], [ELSEWHERE], [False], [ELSEWHERE]),
    ([PLAIN, ELSEWHERE], [ELSEWHERE], [True], [ELSEWHERE]),
    ([PLAIN], [VERIFIED, PLAIN], [False, False], [VERIFIED]),
    ([PLAIN], [PLAIN, VERIFIED], [True, False], [PLAIN, VERIFIED]),
]


@pytest.mark.parametrize(("before", "after", "taken_over", "fed"), RELOADED)
async def test_what_runs_and_has_enough_is_taken_over(
    before: list[ClusterRequest], after: list[ClusterRequest], taken_over: list[bool], fed: list[ClusterRequest]
) -> None:
    feeds = Feeds()
    _, first, new, second = await reloaded(feeds, before, after)
    assert [inventory in first for inventory in second] == taken_over
    assert feeds.running() == fed
    assert all(any(feed.running and feed.inventory is inventory for feed in feeds.made) for inventory in second)
    await new.stop()
    assert feeds.running() == []


async def test_two_of_one_location_become_one_at_the_next_reload() -> None:
    feeds = Feeds()
    _, _, old, second = await reloaded(feeds, [PLAIN], [PLAIN, VERIFIED])
    new = feeds.clusters(old)
    third = [new.inventory(PLAIN), new.inventory(VERIFIED)]
    await new.start()
    await old.stop(new)
    assert third == [second[1], second[1]]
    assert feeds.running() == [VERIFIED]


async def test_a_reload_that_fails_stops_only_what_it_started() -> None:
    feeds = Feeds()
    old = feeds.clusters()
    old.inventory(PLAIN)
    await old.start()
    new = feeds.clusters(old)
    for request in (PLAIN, ELSEWHERE, ClusterRequest(Location(endpoint="http://nowhere"))):
        new.inventory(request)
    with pytest.raises(BadConfig, match="nobody there"):
        await new.start()
    assert feeds.running() == [PLAIN, ELSEWHERE]
    await new.stop(old)
    assert feeds.running() == [PLAIN]


async def test_clusters_of_past_configurations_are_let_go() -> None:
    feeds = Feeds()
    _, _, new, _ = await reloaded(feeds, [PLAIN], [ELSEWHERE])
    assert new._previous is None
    assert [cluster.request for cluster in new.clusters()] == [ELSEWHERE]
