"""A Kubernetes API stand-in over real sockets: lists, pages, selectors, watches, bookmarks, and faults as verbs.

    async with ApiServer(objects, selectors=True) as api:
        ...  # api.url
        api.put(service("web", namespace="shop"))
        api.expire()

It answers as kube-apiserver 1.37 does wherever a watcher could tell (status codes, Status bodies, ERROR events in
streams of status 200). Every change is told at once to the watches it concerns.
"""

import asyncio
import json
import ssl
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from resolver.cluster.objects import KINDS
from tests.support.api_faults import Faults
from tests.support.api_state import ApiState, Object
from tests.support.api_watch import API_VERSIONS, Watch
from tests.support.selectors import BadSelector, field_matches, label_matches

REASONS = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 410: "Expired", 422: "Invalid"}
REASONS |= {429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout"}


def status(code: int, message: str = "", **more: Any) -> dict[str, Any]:
    """A meta/v1 Status of failure."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return {**body, "message": message, "reason": REASONS.get(code, "Unknown"), "code": code, **more}


class Refusal(Exception):
    """A request that is answered with a Status."""

    def __init__(self, code: int, message: str, retry_after: float | None = None, **more: Any) -> None:
        super().__init__(message)
        self.code = code
        self.body = status(code, message, **more)
        self.headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}


class ApiServer(Faults):
    """Serves objects given as dictionaries, or as a .jsonl file of them.

    `selectors=False` ignores label and field selectors, as simple stand-ins do. `page` caps the size of pages below
    what is asked for; `compact_json` leaves out the blanks. `requests` are the path and parameters of each request.
    """

    def __init__(
        self,
        objects: Iterable[Object] | Path | str = (),
        *,
        selectors: bool = True,
        page: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if isinstance(objects, Path | str):
            objects = [json.loads(line) for line in Path(objects).read_text().splitlines() if line.strip()]
        super().__init__(ApiState(objects))
        self._selectors = selectors
        self._page = page
        self._tls = tls
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.port = 0
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.request_headers: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/version", self._version)
        for kind in KINDS.values():
            app.router.add_get(kind.path, self._collection, name=kind.name)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1.0, access_log=None)
        await self._runner.setup()
        await self.accept_connections()
        return self

    async def __aexit__(
        self, error: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stopping.set()
        for watch in list(self.watches):
            watch.abort()
        assert self._runner is not None
        await self._runner.cleanup()

    # -- whether it can be reached

    async def refuse_connections(self) -> None:
        """The server is gone: connections break, new ones are refused."""
        assert self._runner is not None
        assert self._site is not None
        await self._site.stop()
        self._site = None
        for connection in list(self._runner.server.connections if self._runner.server else ()):
            if connection.transport is not None:
                connection.transport.abort()

    async def accept_connections(self) -> None:
        """The server is back, at the port it had."""
        assert self._runner is not None
        self._site = web.TCPSite(
            self._runner, "127.0.0.1", self.port, ssl_context=self._tls, reuse_address=True, backlog=1024
        )
        await self._site.start()
        self.port = self._runner.addresses[0][1]

    # -- requests

    async def _version(self, _: web.Request) -> web.Response:
        return web.json_response({"major": "1", "minor": "37", "gitVersion": "v1.37.2"})

    async def _collection(self, request: web.Request) -> web.StreamResponse:
        kind = request.match_info.route.name or ""
        query = dict(request.query)
        self.requests.append((request.path, query))
        self.request_headers.append(dict(request.headers))
        self.noticed()
        try:
            await self._gate(kind, request)
            self._selectable(kind, query)
            if query.get("watch") in ("true", "1"):
                return await self._watch(kind, query, request)
            return await self._list(kind, query, request)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.code, headers=refusal.headers)

    async def _gate(self, kind: str, request: web.Request) -> None:
        """The faults that meet a request before it is served."""
        if kind in self.held:
            await self.stopping.wait()
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refusal(401, "Unauthorized")
        if kind in self.forbidden:
            path = request.path.rpartition("/")[2]
            raise Refusal(403, f'{path} is forbidden: User "system:anonymous" cannot list resource "{path}"')
        for place, (wanted, code, retry_after) in enumerate(self.refusals):
            if wanted in ("", kind):
                del self.refusals[place]
                raise Refusal(code, f"told to answer {code}", retry_after)

    def _selectable(self, kind: str, query: dict[str, str]) -> None:
        try:
            self.wanted(query)({"kind": kind, "metadata": {}})
        except BadSelector as error:
            raise Refusal(400, str(error)) from error

    def wanted(self, query: dict[str, str]) -> Any:
        labels, fields = query.get("labelSelector", ""), query.get("fieldSelector", "")
        if not self._selectors or not (labels or fields):
            return lambda item: True
        return lambda item: label_matches(labels, item["metadata"].get("labels") or {}) and field_matches(fields, item)

    async def _list(self, kind: str, query: dict[str, str], request: web.Request) -> web.StreamResponse:
        if query.get("sendInitialEvents"):
            raise Refusal(422, "sendInitialEvents is forbidden for list")
        version, items = self._chosen(kind, query)
        size = int(query.get("limit", 0)) or len(items)
        size = min(size, self._page or size)
        meta: dict[str, Any] = {"resourceVersion": str(version)}
        if len(items) > size and query.get("resourceVersion") != "0":
            token = f"page-{len(self._snapshots)}-of-{version}"
            self._snapshots[token] = version, items[size:]
            meta |= {"continue": token, "remainingItemCount": len(items) - size}
            items = items[:size]
        for place, (wanted, lie) in enumerate(self.bodies):
            if wanted in ("", kind):
                del self.bodies[place]
                return web.Response(body=lie, content_type="application/json")
        envelope = {"kind": f"{kind}List", "apiVersion": API_VERSIONS.get(kind, "v1"), "metadata": meta, "items": items}
        body = json.dumps(envelope).encode()
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        step = self.write_size or len(body)
        for at in range(0, len(body), step):
            await response.write(body[at : at + step])
        return response

    def _chosen(self, kind: str, query: dict[str, str]) -> tuple[int, list[Object]]:
        """The version of a list and its items, by resourceVersion, match and continue."""
        asked, match, token = (query.get(name, "") for name in ("resourceVersion", "resourceVersionMatch", "continue"))
        if token:
            if asked and asked != "0":
                raise Refusal(400, "specifying resource version is not allowed when using continue")
            if token not in self._snapshots:
                raise Refusal(410, "The provided continue parameter is too old to display a consistent list result.")
            return self._snapshots[token]
        if match and not asked:
            raise Refusal(422, "resourceVersionMatch is forbidden unless resourceVersion is provided")
        if asked and not asked.isdigit():
            raise Refusal(400, f'invalid resource version: "{asked}"')
        wanted = int(asked or 0)
        if wanted > self.state.version:
            raise Refusal(504, f"Too large resource version: {asked}, current: {self.state.version}", 1)
        if match == "Exact" and wanted != self.state.version and wanted < self.state.compacted:
            raise Refusal(410, "The resourceVersion for the provided list is too old.")
        return self.state.version, self.state.objects(kind, self.wanted(query))

    async def _watch(self, kind: str, query: dict[str, str], request: web.Request) -> web.StreamResponse:
        asked, initial = query.get("resourceVersion", ""), query.get("sendInitialEvents") == "true"
        if initial and (not self.streams_lists or query.get("resourceVersionMatch") != "NotOlderThan"):
            raise Refusal(422, "sendInitialEvents is forbidden")
        if query.get("resourceVersionMatch") and not initial:
            raise Refusal(422, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
        if asked and not asked.isdigit():
            raise Refusal(500, f'resourceVersion: Invalid value: "{asked}"')
        if self.gone_at_open and asked not in ("", "0") and int(asked) < self.state.compacted and not initial:
            raise Refusal(410, f"too old resource version: {asked} ({self.state.compacted})")
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        watch = Watch(self, kind, self.wanted(query), query.get("allowWatchBookmarks") in ("true", "1"))
        with suppress(TimeoutError):
            async with asyncio.timeout(float(query.get("timeoutSeconds", 1800))):
                await watch.serve(response, request, int(asked or 0), initial)
        self.noticed()
        return response
