"""One watch that the API stand-in serves: a queue of bytes between what happens and who is told."""

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.support.api_state import Object

if TYPE_CHECKING:
    from tests.support.api_server import ApiServer

_CLOSE = b"close"
_ABORT = b"abort"
API_VERSIONS = {
    "EndpointSlice": "discovery.k8s.io/v1",
    "ServiceImport": "multicluster.x-k8s.io/v1alpha1",
}


def line_of(change: str, item: Any) -> bytes:
    """A line of a watch."""
    return json.dumps({"type": change, "object": item}).encode() + b"\n"


class Watch:
    """Serves one request. Everything is put into the queue at once and written in order."""

    def __init__(self, api: "ApiServer", kind: str, wanted: Callable[[Object], bool], bookmarks: bool) -> None:
        self._api = api
        self._queue: asyncio.Queue[tuple[bytes, bytes]] = asyncio.Queue()
        self._withheld: list[bytes] = []
        self._wanted = wanted
        self._bookmarks = bookmarks
        self.kind = kind
        self.at = 0
        self.stalled = False

    async def serve(self, response: web.StreamResponse, request: web.Request, version: int, initial: bool) -> None:
        """Tells of everything after `version`, or of all there is, until it is closed."""
        state = self._api.state
        if version > state.version and initial:
            return await self._refuse(response, 504, f"Too large resource version: {version}, current: {state.version}")
        if version and version < state.compacted and not initial:
            return await self._refuse(response, 410, f"too old resource version: {version} ({state.compacted})")
        self.at = max(version, state.version) if initial or not version else version
        if initial or not version:
            self.send(b"".join(line_of("ADDED", item) for item in state.objects(self.kind, self._wanted)))
        if initial and self._api.ends_initial_events:
            self.bookmark(end=True)
        self._api.watches.append(self)
        self._api.noticed()
        self.tell()
        try:
            await self._write(response, request)
        finally:
            if self in self._api.watches:
                self._api.watches.remove(self)
        return None

    def tell(self) -> None:
        """Queues what has happened since the last time, as one write."""
        lines = []
        for version, change, item in self._api.state.since(self.kind, self.at, self._wanted):
            self.at = version
            if self._api.drops > 0:
                self._api.drops -= 1
            else:
                lines.append(line_of(change, item))
        if self.kind in self._api.withheld:
            self._withheld += lines
        elif not self._api.bookmarks_only:
            self.send(b"".join(lines))
        elif lines:
            self.bookmark()

    def release(self) -> None:
        """What was withheld goes out."""
        lines, self._withheld = self._withheld, []
        self.send(b"".join(lines))

    def bookmark(self, end: bool = False) -> None:
        """A bookmark at the current version, if the client wants any."""
        if not (self._bookmarks or end):
            return
        self.tell_only()
        meta: dict[str, Any] = {"resourceVersion": str(self.at)}
        if end:
            meta["annotations"] = {"k8s.io/initial-events-end": "true"}
        version = API_VERSIONS.get(self.kind, "v1")
        self.send(line_of("BOOKMARK", {"kind": self.kind, "apiVersion": version, "metadata": meta}))

    def tell_only(self) -> None:
        """Moves on to the current version without a word."""
        self.at = max(self.at, self._api.state.version)

    def send(self, data: bytes) -> None:
        if data:
            self._queue.put_nowait((data, b""))

    def close(self) -> None:
        """Ends the stream in good order, after all that was queued."""
        self._queue.put_nowait((b"", _CLOSE))

    def abort(self) -> None:
        """Breaks the connection, after all that was queued."""
        self._queue.put_nowait((b"", _ABORT))

    async def _write(self, response: web.StreamResponse, request: web.Request) -> None:
        while True:
            data, end = await self._queue.get()
            if self.stalled:
                await self._api.stopping.wait()
            if end:
                if end is _ABORT and request.transport is not None:
                    request.transport.abort()
                return
            size = self._api.write_size or len(data)
            for at in range(0, len(data), size):
                await response.write(data[at : at + size])

    async def _refuse(self, response: web.StreamResponse, code: int, message: str) -> None:
        from tests.support.api_server import status

        await response.write(line_of("ERROR", status(code, message)))
