"""A configuration set up and started, and not served: no socket is opened, and the same plugins answer."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from resolver.faults.fault_list import FaultList
from resolver.plugins.metric_rows import MetricRow
from resolver.server.clusters import FeedFactory
from resolver.server.configuration import Source, read_configuration
from resolver.server.instance import Instance
from resolver.server.log import Log


class Unserved:
    """Stands where a server stands: it has the one instance there is, and nothing ever happens to it."""

    def __init__(self) -> None:
        self.lasting: dict[str, Any] = {}
        self.faults: FaultList | None = None
        self._instance: Instance | None = None

    @property
    def instance(self) -> Instance:
        if self._instance is None:
            raise RuntimeError("nothing has been set up")
        return self._instance

    def take(self, instance: Instance) -> None:
        self._instance = instance

    def ask_for_reload(self, failed: Callable[[str], None] | None) -> None:
        """Changes nothing: it is over in a moment."""

    def ask_for_end(self, text: str) -> None:
        """Changes nothing, as above."""

    def fingerprints(self) -> tuple[str, str] | None:
        return None

    def flush_counts(self) -> None:
        """Nothing is counted."""

    def metrics(self) -> Iterable[MetricRow]:
        return ()


@asynccontextmanager
async def unserved(source: Source, log: Log, make_feed: FeedFactory) -> AsyncIterator[Unserved]:
    """Sets up and starts what the source says, and ends it. Raises BadConfig."""
    owner = Unserved()
    configuration = read_configuration(source, lambda text: log.line("WARNING", text))
    instance = Instance(owner, configuration, log, make_feed)
    owner.take(instance)
    try:
        instance.set_up()
        await instance.start()
        yield owner
    finally:
        await instance.stop()
