"""The feed of `dualdns serve PATH...`, of the demo and of `--api`: shows the embedded cluster to an inventory."""

from collections.abc import Iterator
from functools import partial

from resolver.cluster.decoding import Decoder
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import SERVICE_IMPORTS
from resolver.cluster.reading import Detail
from resolver.cluster.source import ClusterRequest
from resolver.controlplane.inventory_bridge import InventoryBridge
from resolver.plugins.metric_rows import MetricRow
from resolver.server.embedded_source import EmbeddedSource
from resolver.server.left_out import LeftOut
from resolver.server.log import Log


class EmbeddedFeed:
    """Feeds the kinds of `request` to `inventory`. All feeds of a process show one `source`, which has been started and
    goes on when they stop: a reload of the Corefile changes nothing in the cluster.

    ServiceImports are no kind an API server has built in: they go past the cluster, from manifests to inventory.
    """

    def __init__(self, source: EmbeddedSource, request: ClusterRequest, inventory: Inventory, log: Log) -> None:
        self._source = source
        self._request = request
        self._inventory = inventory
        self._log = log
        self._report = LeftOut(partial(log.line, "WARNING"))
        self._decoder = Decoder(self._report, Detail(request.targets, request.zones))
        self._bridge: InventoryBridge | None = None
        source.feeds.append(self)

    async def start(self) -> None:
        """Shows all there is; from now on changes follow."""
        self._bridge = self._source.cluster.show(self._request, self._inventory, self._report)
        if self._request.multicluster:
            self._show_imports()
            self._source.imports_changed.append(self._show_imports)

    @property
    def source(self) -> EmbeddedSource:
        """What is shown."""
        return self._source

    async def stop(self) -> None:
        if self in self._source.feeds:
            self._source.feeds.remove(self)
        if self._bridge is not None:
            self._bridge.stop()
        if self._show_imports in self._source.imports_changed:
            self._source.imports_changed.remove(self._show_imports)

    def metrics(self) -> Iterator[MetricRow]:
        """Those of the manifests: one feed tells them for all."""
        return self._source.metrics() if self._source.feeds[0] is self else iter(())

    def _show_imports(self) -> None:
        found = [self._decoder.manifest(SERVICE_IMPORTS, document.value) for document in self._source.imports]
        self._inventory.replace(SERVICE_IMPORTS, [each for each in found if each is not None])
