"""Requests to one Kubernetes API: one set of connections for all kinds and zones.

HTTP/1.1 has no pings, so a dead link is noticed by its silence: each request has a limit for it, and the kernel gives
up a connection whose peer acknowledges nothing.
"""

import asyncio
import os
import socket
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final, NamedTuple
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from resolver import __version__, limits
from resolver.cluster.addresses import is_loopback
from resolver.kubeapi.credentials import ApiAccess
from resolver.kubeapi.errors import ApiSilent, ApiUnavailable, BadCredentials

LATENCY_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the latency histogram, seconds; Prometheus's default ones."""


class Patience(NamedTuple):
    """Seconds to wait: for a connection, and for the next byte of a list or a watch."""

    connect: float = limits.API_CONNECT
    list: float = limits.LIST_SILENCE
    watch: float = limits.WATCH_SILENCE


class RequestMetrics:
    """Plain counters of requests, read when metrics are scraped.

    `totals`: requests by (status code or ``<error>``, method, host). `latency`: by (verb, host), how many answers
    began within each of LATENCY_BOUNDS and above (one number each, not cumulated), and the sum of seconds.
    """

    def __init__(self) -> None:
        self.totals: dict[tuple[str, str, str], int] = {}
        self.latency: dict[tuple[str, str], tuple[list[int], float]] = {}

    def count(self, code: str, host: str, seconds: float) -> None:
        key = (code, "GET", host)
        self.totals[key] = self.totals.get(key, 0) + 1
        counts, total = self.latency.get(("GET", host)) or ([0] * (len(LATENCY_BOUNDS) + 1), 0.0)
        counts[bisect_left(LATENCY_BOUNDS, seconds)] += 1
        self.latency["GET", host] = (counts, total + seconds)


class Connection:
    """Sends GET requests with the access's credentials. `open` it inside an event loop, `close` it in the end.

    Raises BadCredentials where the access names no server.
    """

    def __init__(self, access: ApiAccess, patience: Patience, now: Callable[[], float]) -> None:
        self._access = access
        self._now = now
        self._patience = patience
        self._base = _url(access.server)
        self._proxy = access.proxy or environment_proxy(self._base)
        self._session: aiohttp.ClientSession | None = None
        self._refused = False
        self._reloading = asyncio.Lock()
        self.metrics = RequestMetrics()
        self.last_contact: float | None = None

    @property
    def server(self) -> str:
        return self._access.server

    def open(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "Accept": "application/json",
                # Over loopback, unpacking costs more than it saves.
                "Accept-Encoding": "identity" if is_loopback(self._base.host or "") else "gzip",
                "User-Agent": f"dualdns/{__version__}",
            },
            read_bufsize=limits.API_READ,
            trust_env=False,
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def reauthenticate(self) -> None:
        """The credentials were refused: the next request gets new ones first."""
        self._refused = True

    @asynccontextmanager
    async def get(self, path: str, query: Mapping[str, str], silence: float) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request, whose response may be read inside the block, whatever its status.

        Raises ApiSilent after `silence` seconds without a byte, BadCredentials, and ApiUnavailable for all else that
        fails between us and the server, also while the body is read.
        """
        if self._session is None:
            raise ApiUnavailable("the connection is closed")
        headers = await self._headers()
        began = self._now()
        counted = False
        try:
            async with self._session.get(
                self._base.joinpath(path.lstrip("/")),
                params=query,
                headers=headers,
                ssl=self._access.tls if self._access.tls is not None else True,
                server_hostname=self._access.server_name,
                proxy=self._proxy,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=None, connect=None, sock_connect=self._patience.connect, sock_read=silence
                ),
            ) as response:
                self._count(str(response.status), began)
                counted = True
                self.last_contact = self._now()
                _keep_alive(response)
                yield response
        except aiohttp.SocketTimeoutError as error:
            raise ApiSilent(f"{self.server}: silent for {silence:g} s") from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ApiUnavailable(f"{self.server}: {self._explained(error)}") from error
        finally:
            if not counted:
                self._count("<error>", began)

    async def _headers(self) -> Mapping[str, str]:
        if self._refused:
            async with self._reloading:
                if self._refused:
                    await self._access.reload()
                    self._refused = False
        return await self._access.headers()

    def _count(self, code: str, began: float) -> None:
        self.metrics.count(code, self._base.authority, self._now() - began)

    def _explained(self, error: Exception) -> str:
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            why = getattr(error.certificate_error, "verify_message", "") or error.certificate_error
            return (
                f"its certificate is not trusted: {why}; name the authority that signed it: certificate-authority in"
                " the kubeconfig, or the third file of `tls CERT KEY CACERT`"
            )
        if isinstance(error, aiohttp.ClientSSLError):
            return f"TLS fails: {error.os_error}; is this an https port?"
        if isinstance(error, aiohttp.ClientConnectorError):
            number = error.os_error.errno
            return os.strerror(number).lower() if number and number > 0 else str(error.os_error)
        if isinstance(error, aiohttp.ServerTimeoutError | TimeoutError):
            return f"no connection within {self._patience.connect:g} s"
        if isinstance(error, aiohttp.ServerDisconnectedError):
            return "the server closed the connection without an answer"
        return f"the connection broke: {error or type(error).__name__}"


def _url(server: str) -> URL:
    try:
        url = URL(server)
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise BadCredentials(f"the API server's address {server!r} is no URL; write https://HOST:PORT")
    return url


def environment_proxy(url: URL) -> str | None:
    """The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for a server, as client-go reads them."""
    if url.host is None or is_loopback(url.host) or proxy_bypass(url.host):
        return None
    return getproxies().get(url.scheme)


def _keep_alive(response: aiohttp.ClientResponse) -> None:
    """Lets the kernel find a dead link under this response."""
    transport = response.connection.transport if response.connection else None
    link = transport.get_extra_info("socket") if transport else None
    if link is None:
        return
    seconds = int(limits.API_DEAD_LINK)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", seconds),
        ("TCP_KEEPINTVL", seconds // 3),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", seconds * 1000),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            link.setsockopt(socket.IPPROTO_TCP, option, value)
