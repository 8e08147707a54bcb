"""The verbs of the API stand-in: what happens to the cluster, and what goes wrong on the way to those who watch it."""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tests.support.api_state import ApiState, Object

if TYPE_CHECKING:
    from tests.support.api_watch import Watch


class Faults:
    """Everything here takes effect at once; `kind` empty means every kind."""

    def __init__(self, state: ApiState) -> None:
        self.state = state
        self.watches: list[Watch] = []
        self.stopping = asyncio.Event()
        self.held: set[str] = set()
        self.withheld: set[str] = set()
        self.forbidden: set[str] = set()
        self.refusals: list[tuple[str, int, float | None]] = []
        self.bodies: list[tuple[str, bytes]] = []
        self.token = ""
        self.streams_lists = True
        self.ends_initial_events = True
        self.gone_at_open = False
        self.bookmarks_only = False
        self.drops = 0
        self.write_size = 0
        self._snapshots: dict[str, tuple[int, list[Object]]] = {}
        self._news = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    # -- waiting without sleeping

    def noticed(self) -> None:
        """Something happened that `until` may wait for."""
        self._news.set()
        for listener in self._listeners:
            listener()

    def notify(self, listener: Callable[[], None]) -> None:
        """Calls the listener whenever a request comes, and when a watch begins or ends."""
        self._listeners.append(listener)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns once the condition holds; it is looked at after each request and each watch that begins or ends."""
        while not condition():
            self._news.clear()
            await self._news.wait()

    def watching(self, kind: str = "") -> list["Watch"]:
        """The watches that are being served."""
        return [watch for watch in self.watches if kind in ("", watch.kind)]

    # -- the cluster changes

    def put(self, *items: Object) -> Object:
        """Creates or updates objects; they go out in one write. Returns the last as stored."""
        stored = [self.state.put(item) for item in items]
        self._tell()
        return stored[-1]

    def delete(self, kind: str, namespace: str, name: str) -> None:
        self.state.delete(kind, namespace, name)
        self._tell()

    def delete_namespace(self, namespace: str) -> int:
        """Deletes a Namespace with everything in it; returns how many objects went."""
        count = self.state.delete_namespace(namespace)
        self._tell()
        return count

    def recreate(self, kind: str, namespace: str, name: str) -> Object:
        """Deletes an object and makes it again: the same name, another uid."""
        old = self.state.delete(kind, namespace, name)
        return self.put({**old, "metadata": {key: old["metadata"][key] for key in ("name", "namespace")}})

    def bookmark(self, kind: str = "") -> None:
        """Watches get a bookmark, as they do once a minute."""
        for watch in self.watching(kind):
            watch.bookmark()

    def mutate(self, events: Iterable[dict[str, Any]]) -> None:
        """Applies [{"type": "ADDED" | "MODIFIED" | "DELETED", "object": {...}}, ...] and tells of all at once."""
        for event in events:
            item = event["object"]
            if event["type"] == "DELETED":
                self.state.delete(item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"])
            else:
                self.state.put(item)
        self._tell()

    # -- versions

    def expire(self, in_stream: bool = False) -> None:
        """All versions and page tokens so far are too old; `in_stream`: running watches are told so and end."""
        self.state.compact()
        self._snapshots.clear()
        if in_stream:
            self.error_event(410, "too old resource version")

    def restore(self, backup: ApiState) -> None:
        """The storage goes back to a backup (`state.saved()`), with the lower versions of then; connections break."""
        self.state = backup
        self._snapshots.clear()
        self.reset()

    # -- streams

    def reset(self, kind: str = "") -> None:
        """Connections of watches break between two lines."""
        for watch in self.watching(kind):
            watch.abort()

    def reset_mid_line(self, kind: str = "") -> None:
        for watch in self.watching(kind):
            watch.send(b'{"type":"MODIFIED","object":{"metadata":{"na')
            watch.abort()

    def close(self, kind: str = "") -> None:
        """Watches end in good order."""
        for watch in self.watching(kind):
            watch.close()

    def close_mid_line(self, kind: str = "") -> None:
        for watch in self.watching(kind):
            watch.send(b'{"type":"DELETED","obj')
            watch.close()

    def stall(self, kind: str = "") -> None:
        """Running watches fall silent for ever, and their connections stay."""
        for watch in self.watching(kind):
            watch.stalled = True

    def error_event(self, code: int, message: str = "", kind: str = "") -> None:
        """Watches get an ERROR event and end."""
        from tests.support.api_server import status

        for watch in self.watching(kind):
            watch.send(_line("ERROR", status(code, message)))
            watch.close()

    # -- refused requests

    def hold(self, *kinds: str) -> None:
        """Requests of these kinds are never answered."""
        self.held |= set(kinds)

    def too_many_requests(self, retry_after: float | None = None, times: int = 1, kind: str = "") -> None:
        self.refusals += [(kind, 429, retry_after)] * times

    def fail(self, code: int = 500, times: int = 1, kind: str = "", retry_after: float | None = None) -> None:
        """The next requests are answered with this status."""
        self.refusals += [(kind, code, retry_after)] * times

    def unauthorized_until(self, token: str) -> None:
        """Only this bearer token is accepted from now on; running watches go on, as in Kubernetes."""
        self.token = token

    def forbid(self, kind: str) -> None:
        self.forbidden.add(kind)

    def allow(self, kind: str) -> None:
        self.forbidden.discard(kind)

    def answer_with(self, kind: str, body: bytes) -> None:
        """The next list of the kind is answered with status 200 and this body, whatever it is."""
        self.bodies.append((kind, body))

    def refuse_streamed_lists(self) -> None:
        self.streams_lists = False

    def no_initial_events_end(self) -> None:
        self.ends_initial_events = False

    # -- events

    def duplicate(self, count: int = 1, kind: str = "") -> None:
        """The latest events come again."""
        for watch in self.watching(kind):
            past = self.state.since(watch.kind, self.state.compacted)
            watch.send(b"".join(_line(change, item) for _, change, item in past[-count:]))

    def replay_old(self, count: int = 1, kind: str = "") -> None:
        """The oldest events that are remembered come again."""
        for watch in self.watching(kind):
            past = self.state.since(watch.kind, self.state.compacted)
            watch.send(b"".join(_line(change, item) for _, change, item in past[:count]))

    def drop_silently(self, count: int) -> None:
        """The next events, of whatever kind and watch, are never told."""
        self.drops = count

    def bookmark_only(self, on: bool = True) -> None:
        """Changes are not told, but bookmarks say that they were: what an etcd re-formation did to CoreDNS."""
        self.bookmarks_only = on

    def withhold(self, kind: str) -> None:
        """Events of a kind wait until `release`, while other kinds overtake them."""
        self.withheld.add(kind)

    def release(self, kind: str) -> None:
        self.withheld.discard(kind)
        for watch in self.watching(kind):
            watch.release()

    def delete_while_disconnected(self, kind: str, namespace: str, name: str) -> None:
        """Connections break, the object is deleted, and the versions in between are forgotten."""
        self.reset()
        watches, self.watches = self.watches, []
        self.delete(kind, namespace, name)
        self.expire()
        self.watches = watches

    def unknown_event_type(self, kind: str = "") -> None:
        self.send("SHRUGGED", {"metadata": {"name": "who", "resourceVersion": str(self.state.version)}}, kind)

    def wrong_kind(self, kind: str) -> None:
        """An object of another kind in the watch of this one."""
        self.state.version += 1
        meta = {"name": "stranger", "namespace": "default", "resourceVersion": str(self.state.version)}
        self.send("ADDED", {"kind": "Secret", "apiVersion": "v1", "metadata": meta}, kind)

    def table(self, kind: str) -> None:
        """A Table, as kubectl asks for them, in the watch."""
        self.send("ADDED", {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "rows": []}, kind)

    def object_without_metadata(self, kind: str) -> None:
        self.send("ADDED", {"kind": kind, "apiVersion": "v1"}, kind)

    def object_of_nulls(self, kind: str) -> None:
        fields = ("metadata", "spec", "status", "endpoints", "ports")
        self.send("MODIFIED", {"kind": kind, **dict.fromkeys(fields)}, kind)

    def three_megabyte_line(self, item: Object) -> Object:
        """Puts an object whose annotations make its line three megabytes long."""
        meta = {**item["metadata"], "annotations": {"example.com/ballast": '{"\\' * 750_000}}
        return self.put({**item, "metadata": meta})

    def split_every_byte(self, size: int = 1) -> None:
        """Everything is written in pieces of this size."""
        self.write_size = size

    def send(self, change: str, item: Any, kind: str = "") -> None:
        """Any event, to the watches of a kind."""
        self.send_line(_line(change, item), kind)

    def send_line(self, line: bytes, kind: str = "") -> None:
        """Any bytes."""
        for watch in self.watching(kind):
            watch.send(line)

    def _tell(self) -> None:
        for watch in list(self.watches):
            watch.tell()


def _line(change: str, item: Any) -> bytes:
    return json.dumps({"type": change, "object": item}).encode() + b"\n"
