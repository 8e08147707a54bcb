"""An inventory filled from a Kubernetes API: which kinds and selectors a request stands for, and what is counted."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from resolver.cluster.decoding import Decoder
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import NAMESPACES, PODS, SERVICE_IMPORTS, Kind
from resolver.cluster.reading import Detail
from resolver.cluster.source import ClusterRequest
from resolver.corefile.tokens import BadConfig
from resolver.kubeapi.connection import LATENCY_BOUNDS
from resolver.kubeapi.credentials import ApiTarget
from resolver.kubeapi.errors import BadCredentials
from resolver.kubeapi.watched import LIVE_PODS, WatchedKind
from resolver.kubeapi.watcher import ClusterWatcher
from resolver.plugins.metric_rows import Buckets, MetricRow
from resolver.server.left_out import LeftOut

_REQUESTS = "coredns_kubernetes_rest_client_requests_total"
_DURATION = "coredns_kubernetes_rest_client_request_duration_seconds"


class ApiFeed:
    """Watches a cluster into an inventory."""

    def __init__(
        self, target: ApiTarget, request: ClusterRequest, inventory: Inventory, log: Callable[[str, str], None]
    ) -> None:
        self._log = log
        self._report = LeftOut(partial(log, "WARNING"))
        decoder = Decoder(self._report, Detail(targets=request.targets, zones=request.zones))
        watched = [_watched(kind, request) for kind in request.kinds()]
        self._watcher = ClusterWatcher(target, watched, inventory, decoder, self._say)

    async def start(self) -> None:
        """Begins to list and watch. Raises BadConfig where there are no credentials to be had."""
        try:
            await self._watcher.start()
        except BadCredentials as error:
            raise BadConfig(f"plugin/kubernetes: {error}") from error

    async def stop(self) -> None:
        await self._watcher.stop()

    async def fetch(self, path: str, query: Mapping[str, str]) -> bytes:
        """The body of one GET with the watch's credentials. Raises ApiUnavailable, also for a refusal."""
        return await self._watcher.fetch(path, query)

    def _say(self, level: str, text: str) -> None:
        self._log(level, f"plugin/kubernetes: {text}")

    def metrics(self) -> Iterable[MetricRow]:
        """Requests to the API, and how well the watch keeps up."""
        watcher = self._watcher
        for name, text, holds in (
            ("synced", "1 once all first lists are in.", watcher.synced),
            ("in_step", "1 while the API can be watched; 0 while answers stay as they last were.", watcher.in_step),
        ):
            yield MetricRow(f"dualdns_kubernetes_{name}", "gauge", text, (), int(holds))
        for name, text, value in (
            ("repaired", "Objects that an audit put right because the watch had lost their changes.", watcher.repaired),
            ("relists", "Whole lists after the first ones.", watcher.relists),
            ("reconnects", "Watches opened again where they had ended.", watcher.reconnects),
        ):
            yield MetricRow(f"dualdns_kubernetes_watch_{name}_total", "counter", text, (), value)
        requests = watcher.requests
        if requests is None:
            return
        for (code, method, host), times in requests.totals.items():
            labels = (("code", code), ("method", method), ("host", host))
            yield MetricRow(_REQUESTS, "counter", "Requests to the API server, by status code.", labels, times)
        for (verb, host), (counts, total) in requests.latency.items():
            buckets = Buckets(LATENCY_BOUNDS, tuple(counts), total)
            where = (("verb", verb), ("host", host))
            yield MetricRow(_DURATION, "histogram", "Seconds until the API server began to answer.", where, buckets)


def _watched(kind: Kind, request: ClusterRequest) -> WatchedKind:
    """Namespaces and ServiceImports by `namespace_labels`, the others by `labels`; no finished Pods (rule H9)."""
    location = request.location
    labels = location.namespace_labels if kind in (NAMESPACES, SERVICE_IMPORTS) else location.labels
    return WatchedKind(kind, labels, LIVE_PODS if kind == PODS else "")
