"""Faults over the API."""

import asyncio
import socket
from typing import Any

import dns.rcode
import pytest

from resolver.admin.fault_operations import FaultShown
from resolver.faults.fault import Fault
from tests.support.administered import Administered, administered
from tests.support.doors import query_packet

WEB = "web.shop.svc.cluster.local."


async def add(here: Administered, words: str | list[str]) -> Any:
    status, found = await here.ask("POST", "/v1/faults", json={"words": words})
    assert status == 200, found
    return found


@pytest.mark.parametrize("words", ["web.shop AAAA servfail times 3", ["web.shop", "AAAA", "servfail", "times", "3"]])
async def test_a_fault_breaks_answers_from_then_on(words: str | list[str]) -> None:
    async with administered() as here:
        assert (await here.served.ask(WEB, "AAAA")).rcode() == dns.rcode.NOERROR
        added = await add(here, words)
        assert (added["id"], added["text"], added["count"]) == (1, "web.shop AAAA rcode SERVFAIL times 3", 0)
        replies = [(await here.served.ask(WEB, "AAAA")).rcode() for _ in range(4)]
        assert replies == [dns.rcode.SERVFAIL] * 3 + [dns.rcode.NOERROR]
        found = await here.get("/v1/faults")
        assert [(fault["count"], fault["exhausted"]) for fault in found["faults"]] == [(3, True)]
        assert [firing["fault_id"] for firing in found["fired"]] == [1, 1, 1]
        assert {(firing["name"], firing["qtype"]) for firing in found["fired"]} == {(WEB[:-1], "AAAA")}


async def test_what_faults_make_is_what_the_history_says() -> None:
    async with administered() as here:
        await add(here, "web.shop A rcode REFUSED")
        await add(here, "web.shop AAAA drop times 1")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            sock.connect(("127.0.0.1", here.served.port))
            for number, kind in enumerate(("AAAA", "A")):
                sock.send(query_packet(WEB, kind, id=number))
            reply = await asyncio.get_running_loop().sock_recv(sock, 512)
        assert reply[:2] == b"\0\1"
        found = [(question.id, question.type, question.rcode) for question in here.history.questions()]
        assert found == [(0, "AAAA", None), (1, "A", "REFUSED")]


async def test_a_reply_that_leaves_twice_is_one_question() -> None:
    async with administered() as here:
        await add(here, "web.shop duplicate")
        reply = await here.served.ask(WEB, "AAAA")
        (question,) = here.history.questions()
        assert (question.messages, question.size) == (2, 2 * len(reply.to_wire()))
        assert question.answers == ("web.shop.svc.cluster.local. 5 IN AAAA fd00:10:96::1",)


async def test_one_fault_is_removed_or_all_of_them() -> None:
    async with administered() as here:
        for words in ("web.shop servfail", "db.shop servfail", "**.example.com drop"):
            await add(here, words)
        assert await here.ask("DELETE", "/v1/faults/1") == (200, {"cleared": 1})
        assert (await here.served.ask(WEB)).rcode() == dns.rcode.NOERROR
        status, found = await here.ask("DELETE", "/v1/faults/1")
        assert (status, found) == (404, {"error": "there is no fault 1: there are 2, 3"})
        assert await here.ask("DELETE", "/v1/faults") == (200, {"cleared": 2})
        assert (await here.get("/v1/faults"))["faults"] == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("web.shop dorp", "did you mean drop?"),
        ("web.shop", "nothing of what goes wrong"),
        ("", ""),
        ([], ""),
        ("web.shop drop times many", "whole number"),
        ("a*b drop", "stands for a whole label"),
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(words: str | list[str], reason: str) -> None:
    async with administered() as here:
        status, found = await here.ask("POST", "/v1/faults", json={"words": words})
        assert status == 400
        assert reason in found["error"]
        assert here.faults.faults == ()


def test_all_that_a_fault_says_of_itself_is_shown() -> None:
    fault = Fault.from_words(["web.shop", "drop"])
    assert {*fault.as_json(), "text"} == set(FaultShown.__struct_fields__)
