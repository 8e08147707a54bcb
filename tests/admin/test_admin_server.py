"""The API over real sockets: its places, its errors, its end."""

import asyncio
import gzip
import json
import re
import stat
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from resolver import limits
from resolver.admin import program, questions
from resolver.admin.address import Address, TcpAddress, UnixAddress
from resolver.admin.admin_server import AdminServer
from resolver.server.history import History
from resolver.transports.listening import CannotListen, PortTaken, open_streams
from tests.support.administered import LOOPBACK, Administered, administered
from tests.support.hosts import needs_ipv6
from tests.support.serving import serving

JSON = {"Content-Type": "application/json"}
WHOAMI = ".:0 {\nbind 127.0.0.1\nwhoami\n}\n"


# -- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", pytest.param("::1", marks=needs_ipv6)])
async def test_it_answers_over_tcp(host: str) -> None:
    async with administered(TcpAddress(host, 0)) as here:
        assert isinstance(here.admin.address, TcpAddress)
        assert here.admin.address.port > 0
        assert (await here.get("/"))["openapi"] == "/openapi.json"


async def test_it_answers_over_a_unix_socket_that_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "dualdns" / "admin.sock"
    async with administered(UnixAddress(str(path))) as here:
        assert here.admin.address == UnixAddress(str(path))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (await here.get("/v1/queries"))["questions"] == []
    assert not path.exists()


async def test_a_place_that_others_reach_needs_a_token() -> None:
    async with serving(WHOAMI) as served:
        with pytest.raises(CannotListen, match="--admin-token-file FILE"):
            AdminServer(served.server, TcpAddress("0.0.0.0", 0))


async def test_with_a_token_each_request_has_to_carry_it() -> None:
    async with administered(TcpAddress("0.0.0.0", 0), token="secret") as here:
        assert isinstance(here.admin.address, TcpAddress)
        url = f"http://127.0.0.1:{here.admin.address.port}/"
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as response:
                assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
                assert "Bearer TOKEN" in (await response.json())["error"]
            async with session.get(url, headers={"Authorization": "Bearer secret"}) as response:
                assert response.status == 200


async def test_a_port_in_use_is_told_with_where_else_to_go() -> None:
    (taken,) = open_streams(("127.0.0.1",), 0)
    with closing(taken):
        async with serving(WHOAMI) as served:
            admin = AdminServer(served.server, TcpAddress("127.0.0.1", taken.getsockname()[1]))
            with pytest.raises(PortTaken, match="--admin PORT, --admin unix:PATH"):
                admin.open()
            await admin.stop()


async def test_two_servers_do_not_share_a_socket(tmp_path: Path) -> None:
    address = UnixAddress(str(tmp_path / "admin.sock"))
    async with administered(address) as here:
        other = AdminServer(here.served.server, address)
        with pytest.raises(CannotListen, match="this very process"):
            other.open()
        await other.stop()
        assert await here.get("/")


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "reason"),
    [
        ("GET", "/v1/query", {}, b"", 404, "there is no /v1/query: there are /v1/queries, .*did you mean /v1/queries"),
        ("GET", "/v1/faults/1", {}, b"", 405, "/v1/faults/1 takes no GET: it takes DELETE"),
        ("PUT", "/v1/faults", JSON, b"{}", 405, "/v1/faults takes no PUT: it takes GET, POST, DELETE"),
        ("OPTIONS", "/v1/faults", {"Origin": "http://a.example"}, b"", 405, "takes no OPTIONS"),
        ("GET", "/v1/queries?x=1", {}, b"", 400, "no parameter 'x'"),
        ("GET", "/v1/queries?limit=1&limit=2", {}, b"", 400, "limit is given 2 times"),
        ("GET", "/v1/queries", {"Host": "rebound.example"}, b"", 403, "ask by address or as localhost"),
        ("GET", "/v1/queries", JSON, b'{"limit": 3}', 400, "GET /v1/queries takes no body"),
        ("POST", "/v1/faults", JSON, b"{}", 400, "missing required field `words`"),
        ("POST", "/v1/faults", JSON, b'{"words": "a drop", "x": 1}', 400, "unknown field `x`; there are words"),
        ("POST", "/v1/faults", JSON, b"words=a", 400, "the body is no JSON"),
        ("POST", "/v1/faults", {}, b'{"words": "a drop"}', 415, "send application/json"),
        ("POST", "/v1/faults", JSON | {"Origin": "http://a.example"}, b"{}", 403, "send no Origin header"),
        ("POST", "/v1/faults", JSON, b" " * (limits.ADMIN_BODY + 1), 413, f"larger than {limits.ADMIN_BODY} bytes"),
        (
            "POST", "/v1/faults", JSON | {"Content-Encoding": "gzip"}, gzip.compress(b" " * (8 << 20)), 413,
            f"larger than {limits.ADMIN_BODY} bytes",
        ),
        ("POST", "/v1/reload", {}, b"", 415, "send application/json"),
        ("DELETE", "/v1/faults/0", {}, b"", 400, ">= 1"),
        ("DELETE", "/v1/faults/one", {}, b"", 400, "id"),
        ("DELETE", "/v1/faults?id=1", {}, b"", 400, "no parameter 'id'"),
        ("DELETE", "/v1/faults/1", {}, b"", 404, "there is no fault 1: there is none"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_told_with_what_there_is(
    method: str, path: str, headers: dict[str, str], body: bytes, status: int, reason: str
) -> None:
    async with administered() as here:
        came, found = await here.ask(
            method, path, headers=headers, data=body or None, skip_auto_headers=["Content-Type"]
        )
        assert came == status
        assert list(found) == ["error"]
        assert re.search(reason, found["error"]), found
        assert here.faults.faults == ()
        assert here.reported == []


async def test_a_body_in_pieces_is_bounded_too() -> None:
    async def pieces() -> Any:
        for _ in range(100):
            yield b" " * 4_096

    async with administered() as here:
        status, found = await here.ask("POST", "/v1/faults", headers=JSON, data=pieces())
        assert (status, "larger than" in found["error"]) == (413, True)


async def test_a_bug_fails_one_request_and_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a\nbug")

    monkeypatch.setattr(program, "_rows", fails)
    async with administered() as here:
        assert await here.ask("GET", "/v1/counters") == (500, {"error": "the server failed; its log says how"})
        assert here.reported == ["admin: GET /v1/counters failed: RuntimeError: a bug"]
        assert await here.get("/")


async def test_a_bug_in_lines_that_have_begun_breaks_them_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async with administered() as here, here.session.get("/v1/queries?follow=true") as response:
        await here.served.ask("web.shop.svc.cluster.local.", "AAAA")
        assert await response.content.readline()

        def fails(*_: object) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(questions, "_lines", fails)
        await here.served.ask("web.shop.svc.cluster.local.", "AAAA")
        with pytest.raises(aiohttp.ClientError):
            await response.content.read()
        assert here.reported == ["admin: GET /v1/queries failed: RuntimeError: a bug"]
        assert await here.get("/")


@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [
        ("GET", "/v1/queries", "no history is kept"),
        ("GET", "/v1/queries?follow=true", "no history is kept"),
        ("DELETE", "/v1/queries", "no history is kept"),
        ("GET", "/v1/faults", "takes no faults"),
        ("DELETE", "/v1/faults", "takes no faults"),
        ("DELETE", "/v1/faults/1", "takes no faults"),
    ],
)
async def test_a_server_without_them_says_so(method: str, path: str, reason: str) -> None:
    async with administered(testers=False) as here:
        status, found = await here.ask(method, path)
        assert (status, reason in found["error"]) == (409, True)


async def test_answers_are_kept_by_nobody() -> None:
    async with administered() as here, here.session.get("/") as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in response.headers


# -- the end ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unix", [False, True])
async def test_followers_are_told_of_the_end(unix: bool, tmp_path: Path) -> None:
    address: Address = UnixAddress(str(tmp_path / "admin.sock")) if unix else LOOPBACK
    async with administered(address) as here, here.session.get("/v1/queries?follow=true") as response:
        await here.served.ask("web.shop.svc.cluster.local.", "AAAA")
        assert json.loads(await response.content.readline())["type"] == "AAAA"
        ending = asyncio.ensure_future(here.admin.stop())
        assert await response.content.read() == b""  # whole, not broken off
        await ending


async def test_the_end_may_come_at_any_point(tmp_path: Path) -> None:
    async with serving(WHOAMI) as served:
        for steps in range(3):
            admin = AdminServer(served.server, UnixAddress(str(tmp_path / "admin.sock")))
            if steps:
                admin.open()
            if steps == 2:
                await admin.serve()
            await admin.stop()
            await admin.stop()
            assert not (tmp_path / "admin.sock").exists()


async def test_who_asks_before_it_serves_is_answered_then() -> None:
    async with serving(WHOAMI, history=History()) as served:
        admin = AdminServer(served.server, LOOPBACK)
        admin.open()
        async with aiohttp.ClientSession(str(admin.address)) as session:
            asked = asyncio.ensure_future(session.get("/"))
            await asyncio.sleep(0)
            await admin.serve()
            assert (await asked).status == 200
        await admin.stop()


async def names_of(here: Administered, **parameters: str) -> Sequence[str]:
    return [question["name"] for question in (await here.get("/v1/queries", **parameters))["questions"]]


async def test_two_servers_share_nothing() -> None:
    async with administered() as one, administered() as other:
        await one.served.ask("web.shop.svc.cluster.local.")
        await one.ask("POST", "/v1/faults", json={"words": "web.shop drop"})
        assert (await names_of(one), await names_of(other)) == (["web.shop.svc.cluster.local"], [])
        assert (len(one.faults.faults), len(other.faults.faults)) == (1, 0)
