"""The API on real sockets: who may connect, how much they may send, and how streams end."""

import stat
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from ssl import SSLContext, create_default_context
from typing import Any

import aiohttp
import pytest
import trustme
import yaml

from resolver import limits
from resolver.controlplane.api.dispatch import Dispatch
from resolver.controlplane.api_server import ApiRefused, ApiServer, ApiTls
from tests.support.served_cluster import made_cluster, served_cluster

MAPS = "/api/v1/namespaces/default/configmaps"
WATCH = {"watch": "1", "allowWatchBookmarks": "1"}
NEVER = {"timeoutSeconds": "3600"}


def _tls(folder: Path) -> tuple[ApiTls, SSLContext]:
    """A certificate for 127.0.0.1, and the context of a client that trusts its authority."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.crt")
    issued.cert_chain_pems[0].write_to_path(folder / "tls.crt")
    issued.private_key_pem.write_to_path(folder / "tls.key")
    context = create_default_context()
    authority.configure_trust(context)
    return ApiTls(*(str(folder / each) for each in ("tls.crt", "tls.key", "ca.crt"))), context


@pytest.mark.parametrize(
    ("token", "tls", "missing"),
    [
        (None, None, "--api-token-file and --api-cert with --api-key"),
        ("secret", None, "--api-cert with --api-key"),
        (None, ApiTls("a", "b"), "--api-token-file"),
        ("", ApiTls("a", "b"), "--api-token-file"),
    ],
)
async def test_others_reach_nothing_without_a_token_and_tls(
    token: str | None, tls: ApiTls | None, missing: str
) -> None:
    with pytest.raises(ApiRefused) as refused:
        ApiServer(made_cluster(), host="0.0.0.0", token=token, tls=tls)
    words = f"the API on 0.0.0.0 could be reached by others: give {missing}, or listen on 127.0.0.1"
    assert str(refused.value) == words


async def test_a_token_and_tls_open_it_to_others(tmp_path: Path) -> None:
    tls, context = _tls(tmp_path)
    server = ApiServer(made_cluster(), host="0.0.0.0", token="secret", tls=tls)
    await server.start()
    try:
        assert server.url == f"https://0.0.0.0:{server.port}"
        server.write_kubeconfig(tmp_path / "config")
        url = f"https://127.0.0.1:{server.port}"
        assert f"server: {url}\n" in (tmp_path / "config").read_text()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            for headers, status in (({}, 401), ({"Authorization": "Bearer secret"}, 200)):
                async with session.get(f"{url}/api/v1/services", headers=headers) as response:
                    assert response.status == status
            async with session.get(f"{url}/healthz") as response:
                assert response.status == 200
    finally:
        await server.stop()


@pytest.mark.parametrize("header", ["", "secret", "Basic secret", "Bearer", "Bearer other", "Bearer sécret"])
async def test_only_the_token_opens(header: str) -> None:
    async with served_cluster(token="secret") as served:
        answer = await served.ask("GET", "/api/v1/services", headers={"Authorization": header})
        assert (answer.status, answer.body["reason"]) == (401, "Unauthorized")
        answer = await served.ask("GET", "/api/v1/services", headers={"Authorization": "bearer secret"})
        assert answer.status == 200


async def test_a_kubeconfig_is_the_owners_alone(tmp_path: Path) -> None:
    tls, _ = _tls(tmp_path)
    path = tmp_path / "config"
    async with served_cluster() as served:
        served.server.write_kubeconfig(path)
        plain = yaml.safe_load(path.read_text())
        assert plain["clusters"][0]["cluster"] == {"server": served.server.url}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ApiServer(made_cluster(), token="secret", tls=tls).write_kubeconfig(path)
    found = yaml.safe_load(path.read_text())
    assert found["users"][0]["user"] == {"token": "secret"}
    assert "certificate-authority-data" in found["clusters"][0]["cluster"]
    assert found["current-context"] == found["contexts"][0]["name"]


async def test_a_port_that_is_taken_is_told() -> None:
    async with served_cluster() as served:
        other = ApiServer(made_cluster(), port=served.server.port)
        with pytest.raises(ApiRefused, match=f"cannot listen on 127.0.0.1 port {served.server.port}: "):
            await other.start()


async def test_a_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    server = ApiServer(made_cluster(), tls=ApiTls(str(tmp_path / "none"), str(tmp_path / "none")))
    with pytest.raises(ApiRefused, match=r"cannot use \S+ with "):
        await server.start()


# -- bodies


async def _pieces(size: int) -> AsyncIterator[bytes]:
    yield b'{"metadata":{"name":"big"},"data":{"a":"'
    for _ in range(size >> 16):
        yield b"x" * (1 << 16)
    yield b'"}}'


async def test_bodies_up_to_the_limit_are_read_whole_or_in_pieces() -> None:
    async with served_cluster() as served:
        fits = {"metadata": {"name": "fits"}, "data": {"a": "x" * 900_000}}
        assert (await served.ask("POST", MAPS, fits)).status == 201
        headers = {"Content-Type": "application/json"}
        url = f"{served.server.url}{MAPS}"
        async with served.session.post(url, data=_pieces(900_000), headers=headers) as response:
            assert response.status == 201


@pytest.mark.parametrize("in_pieces", [False, True])
async def test_larger_bodies_are_refused(in_pieces: bool) -> None:
    async with served_cluster() as served:
        data: Any = _pieces(limits.REQUEST_BODY + (1 << 16)) if in_pieces else BytesIO(b" " * (limits.REQUEST_BODY + 1))
        async with served.session.post(f"{served.server.url}{MAPS}", data=data) as response:
            found = await response.json()
        assert (found["code"], found["reason"]) == (413, "RequestEntityTooLarge")
        assert found["message"] == f"Request entity too large: limit is {limits.REQUEST_BODY}"


async def test_selectors_may_be_long() -> None:
    async with served_cluster() as served:
        query = {"labelSelector": f"a in ({','.join(f'v{n}' for n in range(2_000))})"}
        assert (await served.ask("GET", MAPS, query=query)).status == 200


async def test_warnings_are_headers_that_quote() -> None:
    async with served_cluster() as served:
        answer = await served.ask("POST", MAPS, {"metadata": {"name": "x"}, "extra": 1})
        assert answer.warnings == [r'299 - "unknown field \"extra\""']


async def test_a_request_that_fails_is_answered_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("first line\nsecond line")

    lines: list[str] = []
    monkeypatch.setattr(Dispatch, "answer", fail)
    async with served_cluster(log=lines.append) as served:
        answer = await served.ask("GET", "/version")
    assert (answer.status, answer.body["reason"]) == (500, "InternalError")
    assert lines == ["GET /version failed: ValueError: first line second line"]
