"""A whole server in the test's own event loop, on ports it picks, with a cluster made of plain objects."""

import io
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import dns.asyncquery
import dns.message

from resolver.cluster.decoding import Decoder, Problem
from resolver.cluster.inventory import Inventory
from resolver.cluster.reading import Detail
from resolver.cluster.source import ClusterRequest
from resolver.faults.fault_list import FaultList
from resolver.plugins.metric_rows import MetricRow
from resolver.server.configuration import Source
from resolver.server.history import History
from resolver.server.log import Log
from resolver.server.server import Server

Object = dict[str, object]


class StaticFeed:
    """Fills an inventory once, when it starts; `hold` leaves it unsynced."""

    def __init__(self, request: ClusterRequest, inventory: Inventory, objects: Sequence[Object], hold: bool) -> None:
        self.request = request
        self.inventory = inventory
        self.problems: list[Problem] = []
        self._objects = objects
        self._hold = hold
        self.running = False

    async def start(self) -> None:
        self.running = True
        if not self._hold:
            self.deliver()

    def deliver(self) -> None:
        """Gives the inventory the whole list of every kind."""
        decoder = Decoder(self.problems.append, Detail(self.request.targets, self.request.zones))
        for kind in self.request.kinds():
            found = [decoder.manifest(kind, item) for item in self._objects if item.get("kind") == kind.name]
            self.inventory.replace(kind, [item for item in found if item is not None])

    async def stop(self) -> None:
        self.running = False

    def metrics(self) -> Iterable[MetricRow]:
        return ()


@dataclass
class Serving:
    """A running server, what it printed, and its feeds."""

    server: Server
    output: io.StringIO
    feeds: list[StaticFeed] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.server.ports()[0]

    async def ask(
        self, name: str, rtype: str = "A", *, tcp: bool = False, address: str = "127.0.0.1", **edns: int
    ) -> dns.message.Message:
        """One question; the reply has been parsed strictly."""
        query = dns.message.make_query(name, rtype, **edns)  # type: ignore[arg-type]
        send = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
        return await send(query, address, timeout=5, port=self.port)

    def lines(self) -> list[str]:
        """What has been printed so far."""
        return self.output.getvalue().splitlines()


@asynccontextmanager
async def serving(
    corefile: str,
    objects: Sequence[Object] = (),
    *,
    path: str = "",
    hold: bool = False,
    history: History | None = None,
    faults: FaultList | None = None,
) -> AsyncIterator[Serving]:
    """Starts a server on this Corefile text (or file at `path`) and ends it."""
    output = io.StringIO()
    feeds: list[StaticFeed] = []

    def make_feed(request: ClusterRequest, inventory: Inventory) -> StaticFeed:
        feeds.append(StaticFeed(request, inventory, objects, hold))
        return feeds[-1]

    source = Source(path) if path else Source("Corefile", corefile)
    server = Server(source, Log(stream=output), make_feed, history=history, faults=faults)
    await server.start()
    try:
        yield Serving(server, output, feeds)
    finally:
        await server.stop()


def namespace(name: str) -> Object:
    return {"kind": "Namespace", "metadata": {"name": name}}


def service(name: str, *ips: str, space: str = "default", ports: Sequence[Object] = ({"port": 80},)) -> Object:
    """A ClusterIP Service with these addresses; headless where the only one is ``None``."""
    spec = {"type": "ClusterIP", "clusterIP": ips[0], "clusterIPs": list(ips), "ports": list(ports)}
    return {"kind": "Service", "metadata": {"name": name, "namespace": space}, "spec": spec}


def endpoint_slice(name: str, of: str, *addresses: str, space: str = "default") -> Object:
    """A slice of ready endpoints on port 80."""
    labels = {"kubernetes.io/service-name": of}
    return {
        "kind": "EndpointSlice",
        "metadata": {"name": name, "namespace": space, "labels": labels},
        "addressType": "IPv6" if ":" in addresses[0] else "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address in addresses],
        "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
    }
