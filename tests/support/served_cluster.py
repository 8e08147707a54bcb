"""The embedded cluster behind its HTTP API on a real socket, and a client for it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import aiohttp

from resolver.controlplane.api_server import ApiServer
from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.control_plane import Settings, new_cluster
from resolver.controlplane.controller_set import ControllerSettings, controller_set
from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.controllers.cluster_writer import ClusterWriter
from resolver.controlplane.controllers.reconciling import Dispatcher
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.patches.managed_fields import FieldRecorder
from resolver.controlplane.resources import Resource
from resolver.controlplane.service_ranges import service_ranges
from resolver.controlplane.timestamps import written_time

JsonObject = dict[str, Any]

DUAL = "10.43.0.0/16,fd43::/112"


@dataclass
class Answer:
    """What a request was answered with; `body` is the JSON where it is any, else text."""

    status: int
    body: Any
    content_type: str
    warnings: list[str]
    headers: dict[str, str]


@dataclass
class Served:
    """`ask` sends one request: bodies that are no text and no bytes are sent as JSON."""

    api: ClusterApi
    server: ApiServer
    session: aiohttp.ClientSession

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        data = body if isinstance(body, str | bytes) or body is None else json.dumps(body)
        sent = {"Content-Type": "application/json", "User-Agent": "", **(headers or {})}
        url = f"{self.server.url}{path}"
        async with self.session.request(method, url, data=data, params=query, headers=sent) as response:
            text = await response.text()
            try:
                found: Any = json.loads(text)
            except ValueError:
                found = text
            return Answer(
                response.status,
                found,
                response.headers.get("Content-Type", ""),
                response.headers.getall("Warning", []),
                dict(response.headers),
            )

    async def events(self, path: str, query: dict[str, str], headers: dict[str, str] | None = None) -> list[JsonObject]:
        """The lines of a watch until it ends by itself."""
        async with self.session.get(f"{self.server.url}{path}", params=query, headers=headers or {}) as response:
            assert response.status == 200, await response.text()
            return [json.loads(line) async for line in response.content]

    def put(self, resource: Resource, value: JsonObject) -> None:
        """Stores an object as it is, past all rules."""
        head = {"kind": resource.kind, "apiVersion": resource.api_version}
        self.api.store.create(resource, {**head, **{key: each for key, each in value.items() if key not in head}})


def utc_now() -> datetime:
    return datetime.now(UTC)


def made_cluster(ranges: str = DUAL, clock: Callable[[], datetime] = utc_now) -> ClusterApi:
    """A cluster as `dualdns cluster` has it, without controllers."""

    def text() -> str:
        return written_time(clock())

    settings = Settings(service_ranges(ranges))
    return new_cluster(ObjectStore(), settings, text, Random(7), track_fields=FieldRecorder(text))


def controlled(api: ClusterApi) -> Dispatcher:
    """Lets the controllers work on a cluster, on the running loop; nothing is simulated. To be closed."""
    loop = asyncio.get_running_loop()
    index = ClusterIndex(api.store)

    def turn() -> None:
        if dispatcher.turn():
            loop.call_soon(turn)

    def failed(*told: object) -> None:
        raise AssertionError(told)

    found = controller_set(index, ClusterWriter(api), lambda: written_time(utc_now()), ControllerSettings())
    dispatcher = Dispatcher(api.store, index, found.reconcilers, lambda: _soon(loop, turn), loop.time, failed)
    dispatcher.start()
    return dispatcher


def _soon(loop: asyncio.AbstractEventLoop, turn: Callable[[], None]) -> None:
    loop.call_soon(turn)


@asynccontextmanager
async def served_cluster(api: ClusterApi | None = None, **options: Any) -> AsyncIterator[Served]:
    """The API of a cluster on a free port of loopback."""
    api = api or made_cluster()
    server = ApiServer(api, **options)
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Served(api, server, session)
    finally:
        await server.stop()
