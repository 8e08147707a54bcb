"""Plays a scenario's faults and steps on a running server with an embedded cluster."""

import asyncio
from collections.abc import Callable, Sequence

from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.faults.fault import Fault
from resolver.faults.fault_list import FaultList
from resolver.scenarios.scenario import Scenario, Step


class Playing:
    """`prepare`, then `begin`, then `go_on`; `end` takes the scenario's faults away. `say` is told each step."""

    def __init__(
        self, scenario: Scenario, cluster: EmbeddedCluster, faults: FaultList, say: Callable[[str], None]
    ) -> None:
        self._scenario = scenario
        self._cluster = cluster
        self._faults = faults
        self._say = say
        self._added: list[Fault] = []

    async def prepare(self) -> None:
        """Applies the manifests. Raises Refused."""
        await self._cluster.apply(self._scenario.manifest)
        await self._cluster.settled()

    def begin(self) -> None:
        """Adds the faults; best when the server answers already, so that they know what was true before."""
        self._add(self._scenario.faults)

    async def go_on(self) -> None:
        """Takes the steps at their times; comes back after the last one unless they repeat."""
        while self._scenario.steps:
            for step in self._scenario.steps:
                await asyncio.sleep(step.after)
                await self.take(step)
            if not self._scenario.repeat:
                return

    async def take(self, step: Step) -> None:
        """Takes one step now."""
        self._say(step.say)
        if step.clear:
            self.end()
        if step.apply:
            await self._cluster.apply(step.apply)
        for each in step.scale:
            await self._cluster.scale(each.kind, each.name, each.replicas, namespace=each.namespace)
        await self._cluster.settled()
        self._add(step.faults)

    def end(self) -> None:
        """Removes the faults of the scenario that are there."""
        for fault in self._added:
            self._faults.remove(fault.id)
        self._added.clear()

    def _add(self, faults: Sequence[Sequence[str]]) -> None:
        zone = self._cluster.domain
        self._added += [self._faults.add(Fault.from_words(words, zone=zone)) for words in faults]
