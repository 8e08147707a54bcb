"""Instances without a server around them: set up from a Corefile's text, fed by nobody."""

from collections.abc import Iterable
from typing import Any

from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest
from resolver.faults.fault_list import FaultList
from resolver.plugins.metric_rows import MetricRow
from resolver.server.configuration import Source, read_configuration
from resolver.server.instance import Instance
from tests.support.log_lines import LogLines


class NotingOwner:
    """The server of an instance: `asked` is what it was asked to do."""

    def __init__(self) -> None:
        self.lasting: dict[str, Any] = {}
        self.faults: FaultList | None = None
        self.asked: list[tuple[Any, ...]] = []
        self.flushes = 0

    def ask_for_reload(self, failed: object) -> None:
        self.asked.append(("reload", failed))

    def ask_for_end(self, text: str) -> None:
        self.asked.append(("end", text))

    def fingerprints(self) -> tuple[str, str] | None:
        return "used", "on disk"

    def flush_counts(self) -> None:
        self.flushes += 1

    def metrics(self) -> Iterable[MetricRow]:
        return (MetricRow("all_of_them", "gauge", "", (), 1),)


class SilentFeed:
    """Brings nothing; `running` while it is started."""

    def __init__(self, request: ClusterRequest, inventory: Inventory) -> None:
        self.request = request
        self.running = False

    async def start(self) -> None:
        self.running = True

    async def stop(self) -> None:
        self.running = False

    def metrics(self) -> Iterable[MetricRow]:
        return (MetricRow("of_the_feed", "gauge", "", (), 1),)


class Lab:
    """Makes instances, one after the other, that belong to one owner and one log."""

    def __init__(self) -> None:
        self.owner = NotingOwner()
        self.output = LogLines()
        self.feeds: list[SilentFeed] = []

    def instance(self, text: str, previous: Instance | None = None, *, by_options: bool = False) -> Instance:
        """Not set up yet."""
        source = Source("Corefile", text, by_options=by_options)
        configuration = read_configuration(source, self.output.log.error)
        return Instance(self.owner, configuration, self.output.log, self._feed, previous)

    def set_up(self, text: str, previous: Instance | None = None, *, by_options: bool = False) -> Instance:
        instance = self.instance(text, previous, by_options=by_options)
        instance.set_up()
        return instance

    def _feed(self, request: ClusterRequest, inventory: Inventory) -> SilentFeed:
        self.feeds.append(SilentFeed(request, inventory))
        return self.feeds[-1]
