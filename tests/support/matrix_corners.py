"""The corners of the matrix: CoreDNS and dualdns, each on every cluster that is here."""

import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.server.configuration import Source
from resolver.server.embedded_feed import EmbeddedFeed
from resolver.server.embedded_source import EmbeddedSource
from resolver.server.feeds import Feeds
from resolver.server.log import Log
from resolver.server.server import Server
from tests.support import live_coredns
from tests.support.matrix_clusters import Cluster, copy_nodes
from tests.support.real_api import TOKEN, RealApi, missing_controllers, missing_program

CONTROLLERS = (
    "endpointslice-controller",
    "endpointslice-mirroring-controller",
    "endpoints-controller",
    "deployment-controller",
    "replicaset-controller",
    "statefulset-controller",
    "garbage-collector-controller",
)
BLOCK = "kubernetes cluster.local in-addr.arpa ip6.arpa"
MISSING = {
    "CoreDNS": "" if live_coredns.COREDNS else "no coredns on the PATH nor as COREDNS",
    "kube-apiserver": missing_program(),
    "kube-controller-manager": missing_controllers(),
}


class Corner(NamedTuple):
    """A DNS server over a cluster."""

    name: str
    cluster: Cluster
    port: int


@asynccontextmanager
async def embedded_cluster(ranges: str) -> AsyncIterator[EmbeddedCluster]:
    """With its API on a port of its own."""
    async with EmbeddedCluster(service_cidrs=ranges.split(","), api_port=0, seed=1) as cluster:
        yield cluster


@asynccontextmanager
async def dualdns(cluster: EmbeddedCluster | None, corefile: str) -> AsyncIterator[int]:
    """Gives its port. `cluster`: read in process, unless the Corefile names another."""
    log = Log(stream=io.StringIO())
    source = EmbeddedSource(cluster, None, log, may_be_empty=True) if cluster is not None else None

    def in_process(request: Any, inventory: Any) -> EmbeddedFeed:
        assert source is not None
        return EmbeddedFeed(source, request, inventory, log)

    server = Server(Source("Corefile", corefile), log, in_process if source else Feeds(None, "", "", log).make)
    await server.start()
    try:
        yield server.ports()[0]
    finally:
        await server.stop()


class Matrix:
    """The clusters, the embedded one first, and the corners."""

    def __init__(self, folder: Path) -> None:
        self.clusters: list[Cluster] = []
        self.corners: list[Corner] = []
        self.controlled = False
        self._folder = folder
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Matrix":
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._stack.__aexit__(*error)

    async def begin(self, ranges: str, real: RealApi | None) -> None:
        embedded = await self._stack.enter_async_context(embedded_cluster(ranges))
        path = self._folder / "embedded"
        embedded.server.write_kubeconfig(path)
        await self._add_cluster(Cluster("embedded", embedded.server.url, f"{path} dualdns"))
        in_process = await self._stack.enter_async_context(dualdns(embedded, f".:0 {{\n {BLOCK}\n}}\n"))
        self.corners.append(Corner("dualdns in the embedded cluster", self.clusters[0], in_process))
        if real is not None:
            await self._add_cluster(Cluster("kube-apiserver", real.url, f"{real.kubeconfig} x", TOKEN))
            await self.clusters[1].until_ready()
            await copy_nodes(*self.clusters)
            self.controlled = real.start_controllers(CONTROLLERS)
        for cluster in self.clusters:
            await self._serve(cluster)

    async def _add_cluster(self, cluster: Cluster) -> None:
        self.clusters.append(await self._stack.enter_async_context(cluster))

    async def _serve(self, cluster: Cluster) -> None:
        corefile = f".:$PORT {{\n bind 127.0.0.1\n {BLOCK} {{\n  kubeconfig {cluster.kubeconfig}\n }}\n}}\n"
        ours = await self._stack.enter_async_context(dualdns(None, corefile.replace("$PORT", "0")))
        self.corners.append(Corner(f"dualdns on {cluster.name}", cluster, ours))
        if live_coredns.COREDNS is None:
            return
        folder = self._folder / f"coredns-{cluster.name}"
        folder.mkdir()
        theirs = await self._stack.enter_async_context(live_coredns.coredns(corefile, folder))
        self.corners.append(Corner(f"CoreDNS on {cluster.name}", cluster, theirs))
