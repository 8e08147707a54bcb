"""The simulated API server of `watch_world`: a clock, a network and answers, around one watch machine."""

import heapq
import random
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count

from resolver.cluster.decoding import Decoder, Problem, WatchEvent
from resolver.cluster.objects import SERVICES, ClusterObject, Kind, identity
from resolver.kubeapi import commands, events
from resolver.kubeapi.watch_machine import WatchMachine
from tests.support.api_state import ApiState, Object

LATENCY = 0.01
BOOKMARK_EVERY = 60.0
SILENCE = 150.0


class Open:
    """A watch that the simulated server serves."""

    def __init__(self, request: int, version: int, ends: float) -> None:
        self.request = request
        self.at = version
        self.ends = ends
        self.heard = 0.0
        self.stalled = False


class Simulation:
    """One machine for Services, carried out on a virtual clock against an `ApiState`."""

    def __init__(self, objects: Iterable[Object] = (), *, seed: int = 0, audit_interval: float = 600.0) -> None:
        self.kind: Kind = SERVICES
        self.state = ApiState(objects)
        self.now = 0.0
        self.sink: dict[bytes | str, ClusterObject] = {}
        self.asked: list[commands.List | commands.Watch] = []
        self.asked_at: list[float] = []
        self.logged: list[commands.Report | commands.Lost | commands.Found] = []
        self.waits: list[commands.Wait] = []
        self.applied: list[int] = []
        self.replaced: list[int] = []
        self.repaired = 0
        self.problems: list[Problem] = []
        self.decoder = Decoder(self.problems.append)
        self.machine = WatchMachine(self.kind, random.Random(seed).random, audit_interval)
        self._pending: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._watches: dict[int, Open] = {}
        self._requests: set[int] = set()
        self._snapshots: dict[str, tuple[int, list[Object]]] = {}
        self._tokens = count(1)
        self._refusals: list[events.HttpFailed] = []
        self.page_limit = 3
        self.streams_lists = True
        self.ends_initial_events = True
        self.bookmarks = True
        self.down = False
        self.mute = False
        self._token_accepted = True
        self._allowed = True

    # -- what was seen

    def watches(self) -> list[commands.Watch]:
        return [command for command in self.asked if isinstance(command, commands.Watch)]

    def lists(self) -> list[commands.List]:
        return [command for command in self.asked if isinstance(command, commands.List)]

    def texts(self, kind: type[commands.Report | commands.Lost]) -> list[str]:
        return [line.text for line in self.logged if isinstance(line, kind)]

    # -- the network

    def begin(self) -> None:
        self._carry_out(self.machine.begin(self.now))

    def advance(self, seconds: float) -> None:
        """Lets time pass, and everything happen that falls due."""
        until = self.now + seconds
        while self._pending and self._pending[0][0] <= until:
            self.now, _, action = heapq.heappop(self._pending)
            action()
        self.now = until

    def held(self) -> list[ClusterObject]:
        return sorted(self.sink.values(), key=lambda item: str(identity(item)))

    def fresh(self) -> list[ClusterObject]:
        """What one fresh list would bring."""
        found = [self.decoder.manifest(self.kind, item) for item in self.state.objects(self.kind.name)]
        return sorted((item for item in found if item is not None), key=lambda item: str(identity(item)))

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._pending, (self.now + seconds, next(self._order), action))

    def _send(self, event: events.Event) -> None:
        self._carry_out(self.machine.handle(event, self.now))

    def _carry_out(self, wanted: list[commands.Command]) -> None:
        for command in wanted:
            match command:
                case commands.Wait():
                    self.waits.append(command)
                    self._later(command.seconds, partial(self._send, events.TimerFired(command.timer)))
                case commands.Cancel():
                    self._watches.pop(command.request, None)
                    self._requests.discard(command.request)
                case commands.Replace():
                    self.replaced.append(len(command.objects))
                    fresh = {identity(item): item for item in command.objects}
                    changed = {key for key in self.sink.keys() | fresh.keys() if self.sink.get(key) != fresh.get(key)}
                    self.repaired += len(changed) if command.audit else 0
                    self.sink = fresh
                case commands.Apply():
                    self.applied.append(len(command.changes))
                    for change, item in command.changes:
                        if change == "DELETED":
                            self.sink.pop(identity(item), None)
                        else:
                            self.sink[identity(item)] = item
                case commands.List() | commands.Watch():
                    self.asked.append(command)
                    self.asked_at.append(self.now)
                    self._requests.add(command.request)
                    self._later(LATENCY, partial(self._answer, command))
                case commands.Reauthenticate():
                    pass
                case commands.Lost() | commands.Found() | commands.Report():
                    self.logged.append(command)

    # -- the server

    def _last(self, event: events.RequestEvent) -> None:
        if event.request in self._requests:
            self._requests.discard(event.request)
            self._send(event)

    def _answer(self, command: commands.List | commands.Watch) -> None:
        request = command.request
        if request not in self._requests:
            return
        if self.down:
            self._last(events.ConnectionFailed(request, "connection refused"))
        elif self.mute:
            self._later(SILENCE, lambda: self._last(events.Silence(request, SILENCE)))
        elif not self._token_accepted:
            self._last(events.HttpFailed(request, 401, None, "Unauthorized", "Unauthorized"))
        elif not self._allowed:
            self._last(events.HttpFailed(request, 403, None, "Forbidden", "services is forbidden"))
        elif self._refusals:
            self._last(self._refusals.pop(0)._replace(request=request))
        elif isinstance(command, commands.List):
            self._list(command)
        else:
            self._watch(command)

    def _list(self, command: commands.List) -> None:
        if command.continue_token:
            snapshot = self._snapshots.get(command.continue_token)
            if snapshot is None:
                return self._last(events.HttpFailed(command.request, 410, None, "Expired", "token too old"))
            version, items = snapshot
        else:
            if int(command.resource_version or 0) > self.state.version:
                return self._last(events.HttpFailed(command.request, 504, 1.0, "Timeout", "Too large"))
            version, items = self.state.version, self.state.objects(self.kind.name)
        size = min(command.limit or len(items), self.page_limit) if command.limit else len(items)
        token = ""
        if len(items) > size:
            token = str(next(self._tokens))
            self._snapshots[token] = version, items[size:]
        objects = [found for item in items[:size] if (found := self.decoder.manifest(self.kind, item)) is not None]
        half = len(objects) // 2
        self._send(events.Opened(command.request))
        self._send(events.ItemsArrived(command.request, objects[:half]))
        if command.request in self._requests:
            self._later(LATENCY, lambda: self._rest(command.request, objects[half:], str(version), token))
        return None

    def _rest(self, request: int, objects: list[ClusterObject], version: str, token: str) -> None:
        if request in self._requests:
            self._send(events.ItemsArrived(request, objects))
            self._last(events.PageEnded(request, version, token))

    def _watch(self, command: commands.Watch) -> None:
        request, version = command.request, int(command.resource_version or 0)
        if command.initial_events and not self.streams_lists:
            return self._last(events.HttpFailed(request, 422, None, "Invalid", "sendInitialEvents is forbidden"))
        self._requests.discard(request)
        self._send(events.Opened(request))
        watch = self._watches[request] = Open(request, self.state.version, self.now + command.timeout)
        if command.initial_events:
            if version > self.state.version:
                return self.error(504, "Too large resource version")
            lines = [self._line("ADDED", item) for item in self.state.objects(self.kind.name)]
            if self.ends_initial_events:
                lines.append(WatchEvent("BOOKMARK", None, str(self.state.version), True))
            self._lines(watch, lines)
        elif version and version < self.state.compacted:
            return self.error(410, "too old resource version")
        else:
            watch.at = version
        self._later(BOOKMARK_EVERY, lambda: self._heartbeat(request))
        self._later(command.timeout, lambda: self._time_is_up(request))
        self._later(SILENCE, lambda: self._silence(request))
        self._flush()
        return None

    def _line(self, change: str, item: Object) -> WatchEvent:
        return WatchEvent(change, self.decoder.manifest(self.kind, item), item["metadata"]["resourceVersion"])

    def _lines(self, watch: Open, lines: list[WatchEvent]) -> None:
        if lines and not watch.stalled and watch.request in self._watches:
            watch.heard = self.now
            self._send(events.LinesArrived(watch.request, lines))

    def _flush(self) -> None:
        """Tells every watch what happened since it was last told."""
        for watch in list(self._watches.values()):
            if not watch.stalled:
                news = self.state.since(self.kind.name, watch.at)
                watch.at = max(watch.at, self.state.version)
                self._lines(watch, [self._line(change, item) for _, change, item in news])

    def _heartbeat(self, request: int) -> None:
        watch = self._watches.get(request)
        if watch is not None:
            if self.bookmarks and watch.at <= self.state.version:
                self._lines(watch, [WatchEvent("BOOKMARK", None, str(self.state.version))])
            self._later(BOOKMARK_EVERY, lambda: self._heartbeat(request))

    def _time_is_up(self, request: int) -> None:
        watch = self._watches.get(request)
        if watch is not None and not watch.stalled:
            del self._watches[request]
            self._send(events.StreamEnded(request))

    def _silence(self, request: int) -> None:
        watch = self._watches.get(request)
        if watch is None:
            return
        left = watch.heard + SILENCE - self.now
        if left > 0.001:
            self._later(left, lambda: self._silence(request))
        else:
            del self._watches[request]
            self._send(events.Silence(request, SILENCE))

    def error(self, code: int, message: str = "") -> None:
        """Every watch gets an ERROR event."""
        for watch in list(self._watches.values()):
            status = self.decoder.event(
                self.kind, b'{"type":"ERROR","object":{"code":%d,"message":"%s"}}' % (code, message.encode())
            )
            self._lines(watch, [status])
            self._watches.pop(watch.request, None)
