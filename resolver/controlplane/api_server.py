"""The embedded cluster's API on a socket: plain HTTP on loopback, or TLS with a token anywhere."""

import asyncio
import hmac
import os
import socket
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, SSLError
from typing import TYPE_CHECKING, Final

from resolver import limits
from resolver.cluster.addresses import is_loopback
from resolver.controlplane.api.dispatch import Dispatch
from resolver.controlplane.api.exchange import Reply, Request, WatchStart, refusal
from resolver.controlplane.api.watching import Watch
from resolver.controlplane.api_streams import WatchStream
from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.status_error import StatusError

if TYPE_CHECKING:
    from aiohttp import web

Report = Callable[[str], None]

_OPEN: Final = ("/healthz", "/livez", "/readyz", "/version")
"""Paths that need no token."""

_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where clients go, nothing binds here

_BODIES: Final = frozenset(("POST", "PUT", "PATCH", "DELETE"))


class ApiRefused(Exception):
    """The API cannot be served as asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ApiTls:
    """Certificate and key in PEM files. `authority`: what clients are to trust, the certificate itself where empty."""

    certificate: str
    key: str
    authority: str = ""


class ApiServer:
    """Serves a cluster until it is stopped. `clock`: the time in UTC. `ready`: what /readyz says."""

    def __init__(
        self,
        cluster_api: ClusterApi,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        tls: ApiTls | None = None,
        log: Report = lambda _: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        """Raises ApiRefused for an address that others reach, unless there are a token and TLS."""
        if not is_loopback(host) and (not token or tls is None):
            missing = " and ".join(
                each for each, there in (("--api-token-file", token), ("--api-cert with --api-key", tls)) if not there
            )
            raise ApiRefused(f"the API on {host} could be reached by others: give {missing}, or listen on 127.0.0.1")
        self._api = cluster_api
        self._host = "127.0.0.1" if host == "localhost" else host
        self._port = port
        self._token = token
        self._tls = tls
        self._log = log
        self._dispatch = Dispatch(cluster_api, clock, ready)
        self._runner: web.ServerRunner | None = None
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Listens. Raises ApiRefused where it cannot."""
        from aiohttp import web

        context = self._context()
        try:
            sock = _listening(self._host, self._port)
        except OSError as error:
            raise ApiRefused(f"cannot listen on {self._host} port {self._port}: {error.strerror}") from error
        self._port = sock.getsockname()[1]
        self._stopping.clear()
        # Without cancellation the watch of a client that is gone would stay until its next bookmark.
        server = web.Server(
            self._respond, handler_cancellation=True, access_log=None, max_line_size=limits.REQUEST_LINE
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=limits.API_GRACE)
        await self._runner.setup()
        await web.SockSite(self._runner, sock, ssl_context=context).start()

    async def stop(self) -> None:
        """Ends all watches and stops listening."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    @property
    def port(self) -> int:
        """Where it listens, once it does."""
        return self._port

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._url(self._host)

    def _url(self, host: str) -> str:
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self._tls else 'http'}://{shown}:{self._port}"

    def write_kubeconfig(self, path: str | Path) -> None:
        """A kubeconfig for this server, readable by its owner only; with loopback where it listens everywhere."""
        cluster = [f"    server: {self._url(_EVERYWHERE.get(self._host, self._host))}"]
        if self._tls:
            authority = Path(self._tls.authority or self._tls.certificate).read_bytes()
            cluster.append(f"    certificate-authority-data: {b64encode(authority).decode()}")
        user = [f"    token: {self._token}"] if self._token else []
        lines = [
            "apiVersion: v1",
            "kind: Config",
            "clusters:",
            "- name: dualdns",
            "  cluster:",
            *cluster,
            "users:",
            "- name: dualdns",
            "  user:" if user else "  user: {}",
            *user,
            "contexts:",
            "- name: dualdns",
            "  context: {cluster: dualdns, user: dualdns}",
            "current-context: dualdns",
        ]
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def _context(self) -> SSLContext | None:
        if self._tls is None:
            return None
        context = SSLContext(PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self._tls.certificate, self._tls.key)
        except (OSError, SSLError) as error:
            raise ApiRefused(f"cannot use {self._tls.certificate} with {self._tls.key}: {error}") from error
        return context

    # -- one request

    async def _respond(self, request: "web.BaseRequest") -> "web.StreamResponse":
        path, _, query = request.raw_path.partition("?")
        if "://" in path:
            path = request.rel_url.raw_path
        headers = request.headers
        asked = Request(
            request.method,
            path,
            query,
            headers.get("Accept", ""),
            headers.get("Content-Type", ""),
            headers.get("User-Agent", ""),
            b"",
            headers.get("Host", ""),
        )
        if self._token is not None and path not in _OPEN and not self._knows(headers.get("Authorization", "")):
            return self._whole(refusal(StatusError.unauthorized(), asked))
        if request.method in _BODIES and request.body_exists:
            try:
                asked.body = await _read_body(request)
            except StatusError as error:
                return self._whole(refusal(error, asked))
        try:
            answer = self._dispatch.answer(asked)
            if isinstance(answer, Reply):
                return self._whole(answer)
            return await self._watch(request, asked, answer)
        except Exception as error:  # noqa: BLE001 - a request that fails is answered as the API answers it
            self._report(f"{request.method} {path} failed: {type(error).__name__}: {error}")
            return self._whole(refusal(StatusError.internal("unexpected error"), asked))

    def _knows(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), (self._token or "").encode())

    def _report(self, line: str) -> None:
        self._log(line.replace("\n", " ")[: limits.LOG_LINE])

    def _whole(self, reply: Reply) -> "web.Response":
        from aiohttp import web

        headers = {"Content-Type": reply.content_type, "Cache-Control": "no-cache, private", **reply.headers}
        response = web.Response(status=reply.status, body=reply.body, headers=headers)
        if reply.warnings:
            _add_warnings(response, reply.warnings)
        return response

    async def _watch(self, request: "web.BaseRequest", asked: Request, start: WatchStart) -> "web.StreamResponse":
        from aiohttp import web

        changed = asyncio.Event()
        try:
            watch = Watch(self._api, start, changed.set)
        except StatusError as error:
            return self._whole(refusal(error, asked, start.warnings))
        headers = {"Content-Type": "application/json", "Cache-Control": "no-cache, private"}
        response = web.StreamResponse(headers=headers)
        _add_warnings(response, start.warnings)
        response.enable_chunked_encoding()
        try:
            await response.prepare(request)
            await WatchStream(watch, response, changed, self._stopping).run(start.options.timeout)
            await response.write_eof()
        except (ConnectionError, TimeoutError):
            if request.transport is not None:
                request.transport.abort()
        finally:
            watch.close()
        return response


async def _read_body(request: "web.BaseRequest") -> bytes:
    """Raises StatusError 413."""
    too_large = StatusError.too_large(f"limit is {limits.REQUEST_BODY}")
    if (request.content_length or 0) > limits.REQUEST_BODY:
        raise too_large
    body = await request.content.read(limits.REQUEST_BODY + 1) if request.content_length else b""
    if request.content_length and len(body) == request.content_length:
        return body
    chunks, size = [body], len(body)
    while chunk := await request.content.readany():
        size += len(chunk)
        if size > limits.REQUEST_BODY:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)


def _add_warnings(response: "web.StreamResponse", warnings: tuple[str, ...]) -> None:
    """As headers, each once. What a header cannot hold is left out, as the real server does."""
    room = limits.WARNING_TEXT
    for each in dict.fromkeys(warnings):
        text = each[: limits.WARNING_ITEM] if room < len(each) else each
        if each.isprintable() and room > 0:
            escaped = text.replace("\\", "\\\\").replace('"', '\\"')
            response.headers.add("Warning", f'299 - "{escaped}"')
            room -= len(text)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
        sock.listen(limits.API_BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock
