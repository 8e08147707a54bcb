"""The questions that were asked, over the API."""

import asyncio
import json

import aiohttp
import pytest

from resolver import limits
from resolver.server.history import History
from tests.support.administered import Administered, administered
from tests.support.doors import asker, query_packet


async def names_of(here: Administered, **parameters: str) -> list[str]:
    return [question["name"] for question in (await here.get("/v1/queries", **parameters))["questions"]]


@pytest.mark.parametrize("tcp", [False, True])
async def test_a_question_is_told_with_its_answer(tcp: bool) -> None:
    async with administered() as here:
        reply = await here.served.ask("web.shop.svc.cluster.local.", "AAAA", tcp=tcp)
        found = await here.get("/v1/queries")
        (question,) = found.pop("questions")
        assert found == {"kept": 1, "total": 1}
        at, port = question.pop("at"), question.pop("client_port")
        assert at > 1_600_000_000
        assert port > 0
        assert question == {
            "client": "127.0.0.1",
            "server_port": here.served.port,
            "protocol": "tcp" if tcp else "udp",
            "id": reply.id,
            "name": "web.shop.svc.cluster.local",
            "type": "AAAA",
            "rcode": "NOERROR",
            "flags": ["qr", "aa", "rd"],
            "answers": ["web.shop.svc.cluster.local. 5 IN AAAA fd00:10:96::1"],
            "size": len(reply.to_wire()),
            "messages": 1,
        }


def fill(here: Administered, count: int) -> None:
    for number in range(count):
        here.history.record(query_packet(f"q{number}.example.", "A" if number % 2 else "AAAA"), asker(), None)


async def test_the_last_ones_are_told() -> None:
    async with administered() as here:
        fill(here, 300)
        assert await names_of(here) == [f"q{number}.example" for number in range(200, 300)]
        assert await names_of(here, limit="2") == ["q298.example", "q299.example"]
        assert await names_of(here, limit="0") == []
        assert len(await names_of(here, limit=str(limits.ADMIN_QUESTIONS))) == 300


async def test_only_what_fits_is_told() -> None:
    async with administered() as here:
        fill(here, 300)
        assert await names_of(here, type="A", limit="1", name="*.example") == ["q299.example"]
        assert await names_of(here, name="q7.example") == ["q7.example"]
        assert await names_of(here, client="10.0.0.0/8") == []
        assert await names_of(here, protocol="tcp") == []
        assert await names_of(here, rcode="NOERROR") == []
        assert await names_of(here, since="4000000000") == []
        assert len(await names_of(here, rcode="none", protocol="udp", client="127.0.0.1", since="0")) == 100


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("type=AAA", "no record type 'AAA'"),
        ("rcode=NXDOMIAN", "did you mean NXDOMAIN"),
        ("client=host", "neither an address nor a network"),
        ("protocol=dot", "there are udp and tcp"),
        ("name=a*", "stands for a whole label"),
        ("limit=1000000", f"<= {limits.ADMIN_QUESTIONS}"),
        ("follow=true&type=AAA", "no record type 'AAA'"),
    ],
)
async def test_a_filter_that_cannot_be_is_refused(query: str, reason: str) -> None:
    async with administered() as here:
        status, found = await here.ask("GET", f"/v1/queries?{query}")
        assert status == 400
        assert reason in found["error"]


async def test_they_can_be_forgotten() -> None:
    async with administered() as here:
        fill(here, 3)
        assert await here.ask("DELETE", "/v1/queries") == (200, {"forgotten": 3})
        assert await here.get("/v1/queries") == {"questions": [], "kept": 0, "total": 3}


# -- following --------------------------------------------------------------------------------------------------------


async def following(response: aiohttp.ClientResponse) -> str:
    return str(json.loads(await response.content.readline())["name"])


async def test_a_follower_hears_of_each_question_as_it_is_asked() -> None:
    async with administered() as here:
        fill(here, 3)
        async with here.session.get("/v1/queries?follow=true&limit=2") as response:
            assert response.headers["Content-Type"] == "application/x-ndjson"
            assert [await following(response) for _ in range(2)] == ["q1.example", "q2.example"]
            for name in ("web", "db", "none"):
                await here.served.ask(f"{name}.shop.svc.cluster.local.")
                assert await following(response) == f"{name}.shop.svc.cluster.local"


async def test_a_follower_hears_of_what_fits_only() -> None:
    path = "/v1/queries?follow=true&name=web.shop&type=AAAA"
    async with administered() as here, here.session.get(path) as response:
        for name, kind in (("web", "A"), ("db", "AAAA"), ("web", "AAAA")):
            await here.served.ask(f"{name}.shop.svc.cluster.local.", kind)
        question = json.loads(await response.content.readline())
        assert (question["name"], question["type"]) == ("web.shop.svc.cluster.local", "AAAA")


async def test_a_follower_that_is_too_slow_hears_what_it_missed() -> None:
    path = "/v1/queries?follow=true&limit=0"
    async with administered(history=History(10)) as here, here.session.get(path) as response:
        fill(here, 1_000)
        assert json.loads(await response.content.readline()) == {"lost": 990}
        assert await following(response) == "q990.example"


async def test_followers_are_bounded_and_make_room_when_they_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ADMIN_FOLLOWERS", 1)
    async with administered() as here:
        fill(here, 1)
        async with here.session.get("/v1/queries?follow=true") as first:
            assert await following(first) == "q0.example"
            status, found = await here.ask("GET", "/v1/queries?follow=true")
            assert (status, "1 are following already" in found["error"]) == (503, True)
        async with asyncio.timeout(10):
            while here.admin._desk.followers:
                await here.get("/")
        async with here.session.get("/v1/queries?follow=true") as again:
            assert await following(again) == "q0.example"
