"""The clusters that blocks ask for: one inventory and one set of watches for each location, shared by all blocks."""

from collections.abc import Callable, Iterable
from random import Random
from typing import Protocol

from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest, Location
from resolver.plugins.metric_rows import MetricRow


class Feed(Protocol):
    """What fills an inventory: watches of an API, or manifests."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def metrics(self) -> Iterable[MetricRow]: ...


FeedFactory = Callable[[ClusterRequest, Inventory], Feed]
"""Makes the feed of a request; raises BadConfig where the location cannot be used."""


class Cluster:
    """One inventory with its feed. `request` grows while blocks are set up and is fixed when it starts."""

    def __init__(self, request: ClusterRequest, clock: Callable[[], float]) -> None:
        self.request = request
        self.inventory = Inventory(request.kinds(), clock)
        self.feed: Feed | None = None

    def join(self, request: ClusterRequest) -> None:
        self.request = self.request.joined(request)
        for kind in self.request.kinds():
            self.inventory.watch_kind(kind)


class Clusters:
    """The clusters of one configuration."""

    def __init__(self, make_feed: FeedFactory, clock: Callable[[], float], previous: "Clusters | None" = None) -> None:
        self._make_feed = make_feed
        self._clock = clock
        self._wanted: dict[Location, ClusterRequest] = {}
        self._clusters: dict[Location, Cluster] = {}
        self._previous = previous
        self.random = Random()  # noqa: S311 - jitter, not secrets

    def inventory(self, request: ClusterRequest) -> Inventory:
        """The inventory of the request's location; one that already runs and has all that is needed is taken over."""
        location = request.location
        cluster = self._clusters.get(location)
        if cluster is None:
            running = self._previous.running(request) if self._previous is not None else None
            cluster = self._clusters[location] = running or Cluster(request, self._clock)
        if cluster.feed is None:
            cluster.join(request)
        elif cluster.request.joined(request) != cluster.request:
            cluster = self._clusters[location] = Cluster(cluster.request.joined(request), self._clock)
        return cluster.inventory

    def running(self, request: ClusterRequest) -> Cluster | None:
        """A started cluster that has all the request needs."""
        cluster = self._clusters.get(request.location)
        if cluster is None or cluster.feed is None or cluster.request.joined(request) != cluster.request:
            return None
        return cluster

    async def start(self) -> None:
        """Starts what does not run yet. Raises BadConfig."""
        for cluster in self._clusters.values():
            if cluster.feed is None:
                feed = self._make_feed(cluster.request, cluster.inventory)
                await feed.start()
                cluster.feed = feed

    async def stop(self, successor: "Clusters | None" = None) -> None:
        """Stops what no successor has taken over."""
        kept = set() if successor is None else {id(cluster) for cluster in successor.clusters()}
        for cluster in self._clusters.values():
            if cluster.feed is not None and id(cluster) not in kept:
                await cluster.feed.stop()

    def clusters(self) -> Iterable[Cluster]:
        return self._clusters.values()
