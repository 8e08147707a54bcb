"""An embedded cluster at work on an event loop: store, API, controllers, and those it is shown to."""

import asyncio
import logging
from collections.abc import Callable, Hashable
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Final

from resolver import limits
from resolver.cluster.decoding import Report
from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest
from resolver.controlplane.control_plane import Settings, new_cluster
from resolver.controlplane.controller_set import ControllerSettings, controller_set
from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.reconciling import Dispatcher
from resolver.controlplane.inventory_bridge import InventoryBridge
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.patches.managed_fields import FieldRecorder
from resolver.controlplane.state_file import StateFile
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.timestamps import written_time

if TYPE_CHECKING:
    from resolver.controlplane.api_server import ApiServer

_log: Final = logging.getLogger("dualdns.cluster")


class RunningCluster:
    """Made and used within an event loop. `now`: the time in UTC. `state`: closed when it stops."""

    def __init__(
        self,
        state: StateFile | None,
        settings: Settings,
        controllers: ControllerSettings,
        now: Callable[[], datetime],
        random: Random,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._now = now
        self._state = state
        self.store = ObjectStore(None if state is None else state.journal)
        self.server: ApiServer | None = None
        self._bridges: list[InventoryBridge] = []
        try:
            if state is not None:
                state.restore(self.store)
            self.api = new_cluster(self.store, settings, self.clock, random, track_fields=FieldRecorder(self.clock))
        except BaseException:
            if state is not None:
                state.close()
            raise
        index = ClusterIndex(self.store)
        made = controller_set(index, ClusterWriter(self.api), self.clock, controllers)
        self._nodes = made.nodes
        self._dispatcher = Dispatcher(self.store, index, made.reconcilers, self._work_later, self._loop.time, _report)

    def start(self) -> None:
        """Lets the controllers begin."""
        self._dispatcher.start()
        if self._nodes is not None:
            self._nodes.begin()

    async def serve(self, host: str, port: int) -> None:
        """Serves the API. Raises ApiRefused."""
        from resolver.controlplane.api_server import ApiServer

        server = ApiServer(self.api, host=host, port=port, log=_log.warning, clock=self._now)
        await server.start()
        self.server = server

    async def stop(self) -> None:
        """Ends everything; work of the controllers that is left is done when the state is next opened."""
        if self.server is not None:
            await self.server.stop()
        self._dispatcher.close()
        for bridge in self._bridges:
            bridge.stop()
        if self._state is not None:
            self._state.close()

    @property
    def idle(self) -> bool:
        """Nothing is left to do, and everyone it is shown to knows."""
        return self._dispatcher.idle and all(bridge.idle for bridge in self._bridges)

    def clock(self) -> str:
        return written_time(self._now())

    def show(self, request: ClusterRequest, inventory: Inventory, report: Report) -> InventoryBridge:
        bridge = InventoryBridge(self.store, request, inventory, report, self._loop.call_soon)
        bridge.start()
        self._bridges.append(bridge)
        return bridge

    def _work_later(self) -> None:
        self._loop.call_soon(self._work)

    def _work(self) -> None:
        """One turn; others on the loop get theirs before the next."""
        try:
            self._dispatcher.turn()
        finally:
            if not self._dispatcher.idle:
                self._work_later()


def _report(controller: str, key: Hashable, error: StatusError) -> None:
    """What a real controller would record as an event and try again and again."""
    _log.warning(f"{controller}: {key}: {error.message}"[: limits.LOG_LINE])
