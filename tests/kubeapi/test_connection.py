"""Requests over real sockets: TLS, refusals of credentials, silence, and what is said when it fails."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from yarl import URL

from resolver.kubeapi.connection import LATENCY_BOUNDS, Connection, Patience, RequestMetrics, environment_proxy
from resolver.kubeapi.credentials import ApiAccess, ApiTarget, EndpointAccess, tls_context
from resolver.kubeapi.errors import ApiSilent, ApiUnavailable, BadCredentials
from tests.support.api_server import ApiServer
from tests.support.certificates import make_certificates
from tests.support.watch_world import service


class Access:
    """A way in that a test makes up: `tokens` are given out one after the other, a reload at a time."""

    server_name: str | None = None
    proxy: str | None = None

    def __init__(self, server: str, tls: ssl.SSLContext | None = None, tokens: tuple[str, ...] = ("",)) -> None:
        self.server = server
        self.tls = tls
        self._tokens = list(tokens)

    async def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._tokens[0]}"} if self._tokens[0] else {}

    async def reload(self) -> None:
        self._tokens.pop(0)


@asynccontextmanager
async def connection(access: ApiAccess) -> AsyncIterator[Connection]:
    made = Connection(access, Patience(connect=5.0), asyncio.get_running_loop().time)
    made.open()
    try:
        yield made
    finally:
        await made.close()


async def status_of(made: Connection, silence: float = 5.0) -> int:
    async with made.get("/api/v1/services", {"limit": "5"}, silence) as response:
        await response.read()
        return response.status


async def test_a_request_goes_below_the_path_of_the_server(tmp_path: Path) -> None:
    async with ApiServer() as api, connection(EndpointAccess(ApiTarget(f"{api.url}/k8s/clusters/c-1"))) as made:
        assert await status_of(made) == 404
    async with ApiServer() as api, connection(EndpointAccess(ApiTarget(api.url))) as made:
        assert await status_of(made) == 200
        assert api.requests == [("/api/v1/services", {"limit": "5"})]


async def test_tls_with_a_client_certificate(tmp_path: Path) -> None:
    files = make_certificates(tmp_path, demanding=True)
    async with ApiServer(tls=files.server) as api:
        target = ApiTarget(api.url, "", "", files.client, files.client_key, files.authority)
        async with connection(EndpointAccess(target)) as made:
            assert await status_of(made) == 200
        async with connection(EndpointAccess(target._replace(certificate="", key=""))) as made:
            with pytest.raises(ApiUnavailable):
                await status_of(made)


async def test_the_name_in_the_certificate_may_be_another(tmp_path: Path) -> None:
    files = make_certificates(tmp_path)
    async with ApiServer(tls=files.server) as api:
        access = Access(api.url, tls_context(files.authority))
        for name, good in (("kubernetes", True), ("elsewhere", False)):
            access.server_name = name
            async with connection(access) as made:
                if good:
                    assert await status_of(made) == 200
                else:
                    with pytest.raises(ApiUnavailable, match=r"its certificate is not trusted: .*elsewhere"):
                        await status_of(made)


async def test_an_unknown_authority_is_explained(tmp_path: Path) -> None:
    mine, theirs = make_certificates(tmp_path / "mine"), make_certificates(tmp_path / "theirs")
    async with ApiServer(tls=theirs.server) as api, connection(Access(api.url, tls_context(mine.authority))) as made:
        with pytest.raises(ApiUnavailable, match=r"not trusted: .*name the authority that signed it"):
            await status_of(made)
        host = api.url.removeprefix("https://")
        assert made.metrics.totals == {("<error>", "GET", host): 1}


async def test_tls_towards_a_plain_port_is_explained() -> None:
    async with ApiServer() as api, connection(Access(api.url.replace("http:", "https:"), tls_context(""))) as made:
        with pytest.raises(ApiUnavailable, match=r"TLS fails: .*is this an https port"):
            await status_of(made)


async def test_nobody_listening_is_said_shortly() -> None:
    async with ApiServer() as api, connection(EndpointAccess(ApiTarget(api.url))) as made:
        await api.refuse_connections()
        with pytest.raises(ApiUnavailable, match=f"^{api.url}: connection refused$"):
            await status_of(made)
        assert made.last_contact is None


@pytest.mark.parametrize("server", ["", "ftp://host", "https://", "https://[::1", "no url"])
def test_an_address_that_is_no_url_is_refused(server: str) -> None:
    with pytest.raises(BadCredentials, match="is no URL; write https://HOST:PORT"):
        Connection(Access(server), Patience(), lambda: 0.0)


async def test_silence_is_told_from_other_failures() -> None:
    async with ApiServer() as api, connection(EndpointAccess(ApiTarget(api.url))) as made:
        api.hold("Service")
        with pytest.raises(ApiSilent, match=r"silent for 0\.05 s"):
            await status_of(made, 0.05)


async def test_a_body_that_breaks_off_is_a_failure_of_the_connection() -> None:
    async with ApiServer([service("a")]) as api, connection(EndpointAccess(ApiTarget(api.url))) as made:

        async def read() -> None:
            async with made.get("/api/v1/services", {"watch": "true"}, 5.0) as response:
                async for _ in response.content.iter_any():
                    api.reset_mid_line()

        with pytest.raises(ApiUnavailable, match=r"the connection broke|without an answer"):
            await read()


async def test_what_the_block_raises_is_left_alone() -> None:
    async with ApiServer() as api, connection(EndpointAccess(ApiTarget(api.url))) as made:
        with pytest.raises(ZeroDivisionError):
            async with made.get("/api/v1/services", {}, 5.0):
                raise ZeroDivisionError


async def test_refused_credentials_are_reloaded_once_for_all_that_wait() -> None:
    async with ApiServer() as api:
        api.unauthorized_until("good")
        async with connection(Access(api.url, None, ("bad", "good", "never asked for"))) as made:
            assert [await status_of(made) for _ in range(2)] == [401, 401]
            made.reauthenticate()
            made.reauthenticate()
            assert await asyncio.gather(*(status_of(made) for _ in range(4))) == [200] * 4


async def test_a_closed_connection_refuses_requests() -> None:
    async with ApiServer() as api, connection(EndpointAccess(ApiTarget(api.url))) as made:
        await made.close()
        with pytest.raises(ApiUnavailable, match="closed"):
            await status_of(made)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://cluster.example", "http://plain.example"),
        ("https://cluster.example:6443", "http://secure.example"),
        ("http://excepted.example", None),
        ("http://127.0.0.1:8080", None),
        ("https://[::1]:6443", None),
    ],
)
def test_a_proxy_of_the_environment_is_used_unless_excepted(
    monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None
) -> None:
    monkeypatch.setenv("http_proxy", "http://plain.example")
    monkeypatch.setenv("https_proxy", "http://secure.example")
    monkeypatch.setenv("no_proxy", "excepted.example")
    assert environment_proxy(URL(url)) == proxy


async def test_requests_go_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ApiServer() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        async with connection(Access("http://cluster.example")) as made:
            assert await status_of(made) == 200


def test_latencies_are_counted_by_their_bounds() -> None:
    metrics = RequestMetrics()
    for seconds in (0.001, 0.005, 0.006, 99.0):
        metrics.count("200", "host", seconds)
    counts, total = metrics.latency["GET", "host"]
    assert (counts[0], counts[1], counts[-1], len(counts)) == (2, 1, 1, len(LATENCY_BOUNDS) + 1)
    assert total == pytest.approx(99.012)
    assert metrics.totals == {("200", "GET", "host"): 4}
