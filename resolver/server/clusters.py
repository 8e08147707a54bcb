"""The clusters that blocks ask for: one inventory and one set of watches for each location, shared by all blocks."""

from collections.abc import Callable, Iterable
from typing import Protocol

from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest
from resolver.plugins.metric_rows import MetricRow


class Feed(Protocol):
    """What fills an inventory: watches of an API, or manifests."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def metrics(self) -> Iterable[MetricRow]: ...


FeedFactory = Callable[[ClusterRequest, Inventory], Feed]
"""Makes the feed of a request; raises BadConfig where the location cannot be used."""


class Cluster:
    """One inventory with its feed, which is there once it has started. `request` grows until then."""

    def __init__(self, request: ClusterRequest, clock: Callable[[], float]) -> None:
        self.request = request
        self.inventory = Inventory(request.kinds(), clock)
        self.feed: Feed | None = None

    def covers(self, request: ClusterRequest) -> bool:
        """Whether it is of the request's location and has all that is asked for; one not started can have anything."""
        if self.request.location != request.location:
            return False
        return self.feed is None or self.request.joined(request) == self.request

    def join(self, request: ClusterRequest) -> None:
        """Adds what the request asks for. Only before the start."""
        self.request = self.request.joined(request)
        for kind in self.request.kinds():
            self.inventory.watch_kind(kind)


class Clusters:
    """The clusters of one configuration. Those of the `previous` one that still serve are taken over as they run."""

    def __init__(self, make_feed: FeedFactory, clock: Callable[[], float], previous: "Clusters | None" = None) -> None:
        self._make_feed = make_feed
        self._clock = clock
        self._previous = previous
        self._clusters: list[Cluster] = []

    def inventory(self, request: ClusterRequest) -> Inventory:
        """The inventory of the request's location, shared by all who ask for it.

        Where one that runs has too little for a later block, that block gets a fresh one beside it.
        """
        cluster = next((one for one in self._clusters if one.covers(request)), None)
        if cluster is None:
            running = self._previous.running(request) if self._previous is not None else None
            cluster = running or Cluster(request, self._clock)
            self._clusters.append(cluster)
        if cluster.feed is None:
            cluster.join(request)
        return cluster.inventory

    def running(self, request: ClusterRequest) -> Cluster | None:
        """A started cluster that has all the request needs; of several the latest, which has most."""
        return next((one for one in reversed(self._clusters) if one.feed is not None and one.covers(request)), None)

    async def start(self) -> None:
        """Starts what does not run yet. Raises BadConfig."""
        self._previous = None  # all is taken over that will be, and what is not may go
        for cluster in self._clusters:
            if cluster.feed is None:
                feed = self._make_feed(cluster.request, cluster.inventory)
                await feed.start()
                cluster.feed = feed

    async def stop(self, successor: "Clusters | None" = None) -> None:
        """Stops what no successor has taken over."""
        kept = set() if successor is None else {id(cluster) for cluster in successor.clusters()}
        for cluster in self._clusters:
            if cluster.feed is not None and id(cluster) not in kept:
                await cluster.feed.stop()

    def clusters(self) -> Iterable[Cluster]:
        return tuple(self._clusters)
