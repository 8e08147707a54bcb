"""Questions explained without a server: over manifests that go through the embedded cluster, or over raw objects."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from resolver.answers.door import Door
from resolver.answers.memo import AnswerMemo
from resolver.cluster.decoding import Report
from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest
from resolver.controlplane.inventory_bridge import InventoryBridge
from resolver.controlplane.manifest_files import ManifestPaths
from resolver.controlplane.manifest_places import Document, Place
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import resource_of_kind
from resolver.explain import Explanation, explain_question
from resolver.explain.unserved import Unserved, unserved
from resolver.server.configuration import Source
from resolver.server.embedded import Embedded, EmbeddedOptions
from resolver.server.embedded_feed import EmbeddedFeed
from resolver.server.embedded_source import EmbeddedSource
from resolver.server.feeds import Feeds
from tests.support.cluster_objects import Object
from tests.support.doors import asker, query_packet
from tests.support.log_lines import LogLines

ZONES = "cluster.local in-addr.arpa ip6.arpa"


def corefile(kubernetes: str = "", around: str = "", keys: str = ZONES) -> str:
    """A block with `kubernetes` for the zones, its options a line each, and other directives around it."""
    return f"{keys} {{\n{around}\nkubernetes {ZONES} {{\n{kubernetes}\n}}\n}}\n"


class StoredCluster:
    """Stands where an embedded cluster stands, and holds objects no API would have let in."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self.store = ObjectStore()
        self.written: dict[Any, Any] = {}
        for each in objects:
            resource = resource_of_kind(each["apiVersion"], each["kind"])
            if resource is not None:
                head = {"kind": resource.kind, "apiVersion": resource.api_version}
                self.store.create(resource, {**head, **each, "metadata": dict(each["metadata"])})

    def show(self, request: ClusterRequest, inventory: Inventory, report: Report) -> InventoryBridge:
        bridge = InventoryBridge(self.store, request, inventory, report, lambda work: work())
        bridge.start()
        return bridge


@asynccontextmanager
async def over_objects(objects: Iterable[Object], text: str = "") -> AsyncIterator[Unserved]:
    """What answers over these objects, as they are."""
    lines = LogLines()
    objects = list(objects)
    source = EmbeddedSource(StoredCluster(objects), None, lines.log)  # type: ignore[arg-type]
    source.imports = [Document(each, "m.yaml", Place(1)) for each in objects if each["kind"] == "ServiceImport"]

    def make_feed(request: ClusterRequest, inventory: Inventory) -> EmbeddedFeed:
        return EmbeddedFeed(source, request, inventory, lines.log)

    async with unserved(Source("Corefile", text or corefile()), lines.log, make_feed) as found:
        yield found


@asynccontextmanager
async def over_manifests(*paths: Path, text: str = "", **options: Any) -> AsyncIterator[Unserved]:
    """What answers over the cluster that these manifests make."""
    lines = LogLines()
    manifests = ManifestPaths([str(path) for path in paths])
    embedded = Embedded(EmbeddedOptions(options), lines.log, manifests)
    try:
        await embedded.start()
        feeds = Feeds(embedded, "", "", lines.log)
        async with unserved(Source("Corefile", text or corefile()), lines.log, feeds.make) as found:
            yield found
    finally:
        await embedded.stop()


async def explained(
    objects: Iterable[Object], name: str, qtype: str = "A", *, text: str = "", **more: Any
) -> Explanation:
    """One question about these objects."""
    async with over_objects(objects, text) as server:
        return await explain_question(server, name, qtype, **more)


def answered(server: Unserved, name: str | bytes, qtype: str | int, bufsize: int = 1232) -> bytes:
    """What a client gets, by the ordinary way."""
    listening = server.instance.listening[0]
    door = Door(server.instance.router(listening), AnswerMemo(), lambda: 0.0, _fail)
    reply = door.answer(query_packet(name, qtype, edns=bufsize or None), asker())
    assert isinstance(reply, bytes)
    return reply


def _fail(text: str) -> None:
    raise AssertionError(text)
