"""The server's own router and plugins, with somebody who takes notes in front of each."""

from collections.abc import Callable
from typing import Final

from resolver.answers.outcome import Answer, Handler, Settled, after
from resolver.explain.notes import Notes, Sections, Visit, sections_of
from resolver.faults.fault_list import FaultList
from resolver.plugins import chain
from resolver.plugins.plugin import Host, Plugin
from resolver.server.instance import Instance, Listening
from resolver.server.router import ListenerRouter, Served
from resolver.wire import codes
from resolver.wire.query import Query

FAULTS: Final = "faults"
"""The plugin, and what all blocks share by that name."""

SERVER: Final = "server"
"""Stands in the notes for what no plugin has seen."""


class WatchedPlugin:
    """A plugin at work; the notes say what came to it, what it passed on, what came back and what it made of that."""

    def __init__(self, plugin: Plugin) -> None:
        self.name = plugin.name
        self._plugin: Final = plugin

    def answer(self, query: Query, next: Handler, /) -> Answer:
        notes = query.witness
        if not isinstance(notes, Notes):
            return self._plugin.answer(query, next)  # what a plugin asks behind the asker's back
        visit = notes.enter(self.name, query)

        def onward(passed: Query, /) -> Answer:
            visit.passed_on = passed.asked
            return after(next(passed), _came_back(visit))

        return after(self._plugin.answer(query, onward), _went_out(visit))


class WatchedFaults:
    """Stands where faults fire, and says which would: explaining must not use them up, nor wait, nor be dropped."""

    name = FAULTS

    def __init__(self, faults: FaultList, plugin: Plugin) -> None:
        self._faults = faults
        self._plugin = plugin

    def answer(self, query: Query, next: Handler, /) -> Answer:
        notes, client = query.witness, query.client
        if isinstance(notes, Notes) and not query.lookups:
            for fault in self._faults.concerning(query, self._plugin):
                if fault.concerns(client.address, client.protocol):
                    notes.faults.append(fault)
        return next(query)


def _came_back(visit: Visit) -> Callable[[Settled], Settled]:
    def note(outcome: Settled) -> Settled:
        visit.inner = sections_of(outcome)
        return outcome

    return note


def _went_out(visit: Visit) -> Callable[[Settled], Settled]:
    def note(outcome: Settled) -> Settled:
        visit.outer = sections_of(outcome)
        return outcome

    return note


class WatchedRouter(ListenerRouter):
    """The router of a listener, for one explained question: nobody counts it and no query log shows it.

    `said` is what the chain said in the end, before it was cut to what the asker takes; None for silence.
    """

    def __init__(self, instance: Instance, listening: Listening, notes: Notes, monotonic: Callable[[], float]) -> None:
        handlers = {
            block.handler: chain.link([_watched(plugin, block.host) for plugin in block.host.plugins])
            for block in instance.blocks
            if block.handler is not None
        }
        zones = {
            zone: Served(handlers[served.handler] if served.handler is not None else None)
            for zone, served in listening.zones.items()
        }
        super().__init__(listening.server, zones, monotonic, any_class=listening.any_class)
        self._notes = notes
        self.said: Sections | None = None

    def route(self, query: Query, /) -> Answer:
        query.witness = notes = self._notes
        visits = len(notes.visits)
        answer = super().route(query)
        if len(notes.visits) == visits:
            notes.enter(SERVER, query).outer = Sections(codes.REFUSED, 0)
            if not query.lookups:
                notes.decided("N4", "no server block serves this name")
        return after(answer, self._top if not query.lookups else _quiet)

    def _top(self, outcome: Settled) -> Settled:
        self.said = sections_of(outcome)
        return _quiet(outcome)


def _watched(plugin: Plugin, host: Host) -> Plugin:
    if plugin.name == FAULTS:
        return WatchedFaults(host.shared(FAULTS, FaultList, lasting=True), plugin)
    return WatchedPlugin(plugin)


def _quiet(outcome: Settled) -> Settled:
    """Takes off those who count and log."""
    if outcome is not None:
        outcome.counters = ()
        outcome.listeners = ()
    return outcome
