"""A simulated API server and network around one watch machine, on a virtual clock: no sockets, no tasks, no waiting.

Faults are verbs. A schedule is a list of (seconds to wait before, verb, arguments), see `World.run`.
"""

from collections.abc import Iterable
from typing import Any

from resolver.cluster.decoding import WatchEvent
from resolver.kubeapi import events
from resolver.kubeapi.versions import RecentVersions
from tests.support.api_state import ApiState, Object
from tests.support.watch_server import Simulation

NAMES = [f"s{number}" for number in range(8)]

Step = tuple[float, str, tuple[Any, ...]]


def service(name: str, address: int = 1, namespace: str = "shop") -> Object:
    """A Service as the API stores it; `address` tells versions of it apart."""
    spec = {"type": "ClusterIP", "clusterIP": f"10.96.0.{address}", "clusterIPs": [f"10.96.0.{address}"]}
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec}


class World(Simulation):
    """One machine for Services, its server, and a sink that is compared with the server in the end."""

    def run(self, schedule: Iterable[Step]) -> None:
        """Waits and calls the verbs of a schedule."""
        for seconds, verb, arguments in schedule:
            self.advance(seconds)
            getattr(self, verb)(*arguments)

    # -- verbs: the cluster changes

    def put(self, name: str, address: int = 1) -> None:
        self.state.put(service(name, address))
        self._flush()

    def delete(self, name: str) -> None:
        if self.state.get("Service", "shop", name):
            self.state.delete("Service", "shop", name)
            self._flush()

    def burst(self, names: list[str], address: int) -> None:
        """Many changes that arrive in one read."""
        for name in names:
            self.state.put(service(name, address))
        self._flush()

    # -- verbs: faults

    def silently(self, verb: str, *arguments: Any) -> None:
        """A change that running watches are never told of; the server thinks they were."""
        watches, self._watches = self._watches, {}
        getattr(self, verb)(*arguments)
        self._watches = watches
        for watch in watches.values():
            watch.at = max(watch.at, self.state.version)

    def expire(self) -> None:
        """All versions and tokens so far become too old."""
        self.state.compact()
        self._snapshots.clear()

    def cut(self) -> None:
        """Every connection breaks."""
        self._end(events.ConnectionFailed, "connection reset")

    def close(self) -> None:
        """Every watch ends in good order."""
        for request in list(self._watches):
            if self._watches.pop(request, None):
                self._send(events.StreamEnded(request))

    def nonsense(self) -> None:
        """A line that is no event."""
        self._end(events.Malformed, "the line is no event")

    def stall(self) -> None:
        """The running watches fall silent without ending."""
        for watch in self._watches.values():
            watch.stalled = True

    def refuse(self, status: int, retry_after: float | None = None, times: int = 1) -> None:
        """The next requests are refused."""
        self._refusals += [events.HttpFailed(0, status, retry_after)] * times

    def go_down(self) -> None:
        self.down = True
        self.cut()

    def come_back(self) -> None:
        self.down = self.mute = False

    def expire_token(self) -> None:
        self._token_accepted = False
        self.cut()

    def renew_token(self) -> None:
        self._token_accepted = True

    def forbid(self) -> None:
        self._allowed = False
        self.cut()

    def allow(self) -> None:
        self._allowed = True

    def refuse_streamed_lists(self) -> None:
        self.streams_lists = False

    def lose_end_of_initial_events(self) -> None:
        self.ends_initial_events = False

    def duplicate(self, back: int = 1) -> None:
        """The latest events come again."""
        self._replay(slice(-back, None))

    def replay_old(self, start: int, count: int) -> None:
        """Events of long ago come again."""
        self._replay(slice(start, start + count))

    def forget(self) -> None:
        """The machine remembers no events any more, as after thousands of others."""
        self.machine._stream._recent = RecentVersions()

    def unknown_type(self) -> None:
        for watch in list(self._watches.values()):
            self._lines(watch, [WatchEvent("SHRUGGED", None, str(self.state.version))])

    def malformed_object(self, name: str) -> None:
        """An object changes into one that cannot be read."""
        broken = service(name)
        broken["spec"]["clusterIPs"] = "none"
        self.state.put(broken)
        self._flush()

    def restore(self, backup: ApiState) -> None:
        """The storage goes back to a backup, and the server restarts."""
        self.state = backup.saved()
        self._snapshots.clear()
        self.cut()

    def settle(self) -> None:
        """All faults end, and enough time passes for an audit to be over."""
        self.come_back()
        self.renew_token()
        self.allow()
        self._refusals.clear()
        self.bookmarks = True
        self.advance(1500)

    def end_initial_events(self) -> None:
        """The bookmark that a streamed list was waiting for."""
        for watch in list(self._watches.values()):
            self._lines(watch, [WatchEvent("BOOKMARK", None, str(self.state.version), True)])

    def _replay(self, which: slice) -> None:
        past = self.state.since(self.kind.name, self.state.compacted)
        for watch in list(self._watches.values()):
            self._lines(watch, [self._line(change, item) for _, change, item in past[which]])

    def _end(self, event: type[events.ConnectionFailed | events.Malformed], text: str) -> None:
        requests = sorted(self._requests | self._watches.keys())
        self._watches.clear()
        self._requests.clear()
        for request in requests:
            self._send(event(request, text))


def synced_world(**options: Any) -> World:
    """A world of eight Services whose first list is there."""
    made = World([service(name) for name in NAMES], **options)
    made.begin()
    made.advance(1)
    return made
