"""A Kubernetes API as lean as can be, so that the start of a server measures the server.

    python -m tests.speed.api_stand_in FOLDER [--worlds 2]

Serves what `big_cluster` wrote: lists in pages, watches, streamed lists (sendInitialEvents); JSON only, selectors are
ignored. Everything is encoded once, and an event is a chunk of its own, as kube-apiserver sends it.
Each world is the same cluster at a port of its own, so that servers do not hear of each other's changes. The ports are
printed in one line. POST /mutate takes ``[{"type": ..., "object": ...}, ...]``, tells the watches at once and answers
with the moment it did, in seconds of the system's monotonic clock: ``{"time": ...}``.
"""

import argparse
import asyncio
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from resolver.cluster.objects import KINDS

BLOCK = 262_144  # bytes handed to a connection at once
BOOKMARK_SECONDS = 60.0
NOTHING = b"0\r\n\r\n"

Identity = tuple[str, str]


class _Metadata(msgspec.Struct):
    name: str = ""
    namespace: str = ""


class _Named(msgspec.Struct):
    metadata: _Metadata
    kind: str = ""


class _Change(msgspec.Struct):
    type: str
    object: dict[str, Any]


class Collection:
    """One kind's objects, encoded, and what has happened to them since the start."""

    def __init__(self, name: str, items: dict[Identity, bytes], version: int) -> None:
        self.name = name
        self.items = items
        self.first_version = version
        self.log: list[tuple[int, bytes]] = []
        self.watches: set[Watch] = set()


class World:
    """One cluster: its collections by path, and the version it is at."""

    def __init__(self, base: dict[str, dict[Identity, bytes]]) -> None:
        self.version = sum(len(items) for items in base.values())
        self.collections = {
            kind.path: Collection(kind.name, dict(base.get(kind.name, {})), self.version) for kind in KINDS.values()
        }
        self._by_kind = {collection.name: collection for collection in self.collections.values()}

    def mutate(self, changes: list[_Change]) -> None:
        for change in changes:
            item, collection = change.object, self._by_kind[change.object["kind"]]
            self.version += 1
            item["metadata"]["resourceVersion"] = str(self.version)
            identity = item["metadata"].get("namespace", ""), item["metadata"]["name"]
            encoded = msgspec.json.encode(item)
            if change.type == "DELETED":
                collection.items.pop(identity, None)
            else:
                collection.items[identity] = encoded
            collection.log.append((self.version, event(change.type, encoded)))
            for watch in collection.watches:
                watch.go_on()


def event(kind: str, encoded: bytes) -> bytes:
    """One line of a watch, framed as a chunk."""
    line = b'{"type":"%b","object":%b}\n' % (kind.encode(), encoded)
    return b"%x\r\n%b\r\n" % (len(line), line)


def bookmark(kind: str, version: int, *, end: bool) -> bytes:
    metadata: dict[str, Any] = {"resourceVersion": str(version)}
    if end:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    found = next(one for one in KINDS.values() if one.name == kind)
    return event("BOOKMARK", msgspec.json.encode({"kind": kind, "apiVersion": found.api_version, "metadata": metadata}))


class Watch:
    """One open watch: what exists first where that is wanted, then the log as it grows."""

    def __init__(self, connection: "Connection", collection: Collection, query: dict[str, str], version: int) -> None:
        self._connection = connection
        self._collection = collection
        asked = query.get("resourceVersion", "")
        streamed = query.get("sendInitialEvents") == "true"
        since = version if streamed or asked in ("", "0") else int(asked)
        self._place = sum(1 for at, _ in collection.log if at <= since)
        self._first = self._existing(since, end=streamed) if streamed or asked in ("", "0") else iter(())
        collection.watches.add(self)
        loop = asyncio.get_running_loop()
        self._end_timer = loop.call_later(float(query.get("timeoutSeconds", 1800)), self._time_out)
        self._version = since
        self._beat_timer = loop.call_later(BOOKMARK_SECONDS, self._beat)

    def _existing(self, version: int, *, end: bool) -> Iterator[bytes]:
        block: list[bytes] = []
        size = 0
        for item in self._collection.items.values():
            block.append(event("ADDED", item))
            size += len(block[-1])
            if size >= BLOCK:
                yield b"".join(block)
                block, size = [], 0
        if end:
            block.append(bookmark(self._collection.name, version, end=True))
        yield b"".join(block)

    def go_on(self) -> None:
        """Sends as much as the connection takes."""
        while self._connection.takes_more:
            block = next(self._first, None)
            if block is None:
                log = self._collection.log
                if self._place == len(log):
                    return
                block = b"".join(line for _, line in log[self._place :])
                self._place, self._version = len(log), log[-1][0]
            if block:
                self._connection.write(block)

    def _beat(self) -> None:
        self._beat_timer = asyncio.get_running_loop().call_later(BOOKMARK_SECONDS, self._beat)
        if self._connection.takes_more and next(self._first, None) is None:
            self._connection.write(bookmark(self._collection.name, self._version, end=False))

    def _time_out(self) -> None:
        self.end()
        self._connection.write(NOTHING)
        self._connection.watch = None

    def end(self) -> None:
        self._end_timer.cancel()
        self._beat_timer.cancel()
        self._collection.watches.discard(self)


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection; requests one after the other."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._data = bytearray()
        self._transport: Any = None
        self._paused = False
        self._to_send: Iterator[bytes] = iter(())
        self.watch: Watch | None = None

    @property
    def takes_more(self) -> bool:
        return not self._paused and not self._transport.is_closing()

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self.watch is not None:
            self.watch.end()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._pump()
        if self.watch is not None:
            self.watch.go_on()

    def _pump(self) -> None:
        while self.takes_more and (block := next(self._to_send, None)) is not None:
            self.write(block)

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end].decode("latin-1").split("\r\n")
            length = next((int(v) for n, _, v in (h.partition(":") for h in head) if n.lower() == "content-length"), 0)
            if len(self._data) < end + 4 + length:
                return
            body = bytes(self._data[end + 4 : end + 4 + length])
            del self._data[: end + 4 + length]
            method, target, _ = head[0].split(" ", 2)
            self._request(method, target, body)

    def _request(self, method: str, target: str, body: bytes) -> None:
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if method == "POST" and parts.path == "/mutate":
            self._world.mutate(msgspec.json.decode(body, type=list[_Change]))
            self._respond(200, msgspec.json.encode({"time": time.monotonic()}))
        elif parts.path == "/version":
            self._respond(200, b'{"major":"1","minor":"37","gitVersion":"v1.37.2"}')
        elif (collection := self._world.collections.get(parts.path)) is None or method != "GET":
            self._respond(404, b'{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}')
        elif query.get("watch") in ("true", "1"):
            self.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
            self.watch = Watch(self, collection, query, self._world.version)
            self.watch.go_on()
        else:
            self._list(collection, query)

    def _list(self, collection: Collection, query: dict[str, str]) -> None:
        items = list(collection.items.values())
        first, limit = int(query.get("continue", 0)), int(query.get("limit", 0))
        last = first + limit if limit and query.get("resourceVersion") != "0" else len(items)
        metadata = {"resourceVersion": str(self._world.version)}
        if last < len(items):
            metadata["continue"] = str(last)
        head = b'{"kind":"%bList","metadata":%b,"items":[' % (collection.name.encode(), msgspec.json.encode(metadata))
        self._respond(200, head + b",".join(items[first:last]) + b"]}")

    def _respond(self, status: int, body: bytes) -> None:
        head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.write(head.encode())
        self._to_send = (body[at : at + BLOCK] for at in range(0, len(body), BLOCK))
        self._pump()


def read_objects(folder: Path) -> dict[str, dict[Identity, bytes]]:
    """The lines of each kind's file, by namespace and name."""
    decode = msgspec.json.Decoder(_Named).decode
    base: dict[str, dict[Identity, bytes]] = {}
    for kind in KINDS:
        file = folder / f"{kind}.jsonl"
        for line in file.read_bytes().splitlines() if file.exists() else ():
            metadata = decode(line).metadata
            base.setdefault(kind, {})[metadata.namespace, metadata.name] = line
    return base


async def serve(folder: Path, worlds: int) -> None:
    base = read_objects(folder)
    loop = asyncio.get_running_loop()
    made = [World(base) for _ in range(worlds)]
    servers = [await loop.create_server(partial(Connection, world), "127.0.0.1", 0) for world in made]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


def main() -> None:
    parser = argparse.ArgumentParser(description="Serves a cluster that big_cluster wrote as a Kubernetes API.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--worlds", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(serve(options.folder, options.worlds))


if __name__ == "__main__":
    main()
