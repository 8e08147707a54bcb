"""`dualdns log` against a running server."""

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from resolver.cli import log
from tests.support.administered import Administered, administered
from tests.support.commands import running

WEB = "web.shop.svc.cluster.local."
CLOCK = r"\d\d:\d\d:\d\d\.\d{3}"


@pytest.fixture
async def here(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Administered]:
    async with administered() as running:
        monkeypatch.setenv("DUALDNS_ADMIN", str(running.admin.address))
        yield running


async def run(*words: str) -> int:
    return await asyncio.to_thread(log.run, words)


async def ask_three(here: Administered) -> None:
    await here.served.ask(WEB, "AAAA")
    await here.served.ask(WEB, "A", tcp=True)
    await here.served.ask("none.shop.svc.cluster.local.", "A")


async def test_questions_are_lines(here: Administered, capsys: pytest.CaptureFixture[str]) -> None:
    await ask_three(here)
    assert await run() == 0
    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(CLOCK, "CLOCK", line) for line in lines] == [
        "CLOCK  127.0.0.1  udp  AAAA  web.shop.svc.cluster.local  NOERROR  fd00:10:96::1",
        "CLOCK  127.0.0.1  tcp  A     web.shop.svc.cluster.local  NOERROR  10.96.0.1",
        "CLOCK  127.0.0.1  udp  A     none.shop.svc.cluster.local  NXDOMAIN",
    ]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--type", "AAAA"], ["web"]),
        (["--name", "none.shop"], ["none"]),
        (["--client", "10.0.0.0/8"], []),
        (["--protocol", "tcp"], ["web"]),
        (["--rcode", "NXDOMAIN"], ["none"]),
        (["--limit", "2"], ["web", "none"]),
        (["--since", "1h"], ["web", "web", "none"]),
        (["--since", "4000000000"], []),
    ],
)
async def test_only_what_is_wanted_is_shown(
    words: list[str], names: list[str], here: Administered, capsys: pytest.CaptureFixture[str]
) -> None:
    await ask_three(here)
    assert await run(*words, "--output", "json") == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [question["name"].partition(".")[0] for question in found] == names


@pytest.mark.parametrize("words", [["--type", "AAA"], ["--type", "AAA", "--follow"]])
async def test_what_cannot_be_wanted_is_told(
    words: list[str], here: Administered, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(*words) == 1
    assert capsys.readouterr().err.startswith("dualdns: there is no record type 'AAA'")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--since", "yesterday"], "write how long ago, such as 30s, 10m or 2h"),
        (["--limit", "many"], "invalid int value: 'many'"),
        (["--folow"], "did you mean --follow?"),
    ],
)
def test_words_that_make_no_sense_are_refused(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        log.run(words)
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 9_970.0), ("1.5m", 9_910.0), ("2h", 2_800.0), ("1d", -76_400.0), ("123.5", 123.5)]
)
def test_times_are_ago_or_since_1970(text: str, seconds: float) -> None:
    assert log._since(text, 10_000.0) == seconds


def question(**others: Any) -> dict[str, Any]:
    found = {"at": 0.0, "client": "::1", "protocol": "udp", "name": "a.b", "type": "A", "rcode": "NOERROR"}
    return found | {"flags": ["qr"], "answers": [], "size": 12, "messages": 1} | others


@pytest.mark.parametrize(
    ("others", "end"),
    [
        ({}, "A     a.b  NOERROR  no data"),
        ({"rcode": None, "messages": 0}, "A     a.b  no reply"),
        ({"name": "", "type": "", "rcode": "FORMERR"}, "udp  no question  FORMERR"),
        ({"flags": ["qr", "tc"]}, "NOERROR  truncated"),
        ({"type": "AXFR", "messages": 3, "answers": ["a. 5 IN SOA x"]}, "AXFR  a.b  NOERROR  3 messages  SOA x"),
        ({"answers": ["a. 5 IN CNAME b.", "b. 5 IN A 10.0.0.1"]}, "NOERROR  CNAME b., 10.0.0.1"),
        ({"answers": ['a. 5 IN TXT "a b"'], "type": "TXT"}, 'NOERROR  "a b"'),
        ({"answers": ["a\\032b. 5 IN A 10.0.0.1"]}, "NOERROR  10.0.0.1"),
    ],
)
def test_a_line_says_what_came_of_it(others: dict[str, Any], end: str) -> None:
    assert log.line(question(**others)).endswith(end)


# -- following, as a process ------------------------------------------------------------------------------------------


async def test_it_follows_until_it_is_interrupted(here: Administered) -> None:
    await here.served.ask(WEB, "AAAA")
    async with running("log", "--follow", "--name", "web.shop") as command:
        await command.until("AAAA  web.shop.svc.cluster.local  NOERROR  fd00:10:96::1$")
        await here.served.ask("none.shop.svc.cluster.local.", "A")
        await here.served.ask(WEB, "A")
        await command.until("A     web.shop.svc.cluster.local  NOERROR  10.96.0.1$")
        assert await command.end(signal.SIGINT) == 0
        assert len(await command.said()) == 2


async def test_it_says_when_the_server_ends(here: Administered) -> None:
    await here.served.ask(WEB, "AAAA")
    async with running("log", "-f", "--output", "json") as command:
        await command.until('"type": "AAAA"')
        address = here.admin.address
        await here.admin.stop()
        assert (await command.said())[-1] == f"dualdns: the server at {address} has ended"
        assert await command.end() == 1


async def test_it_says_what_came_too_fast(here: Administered, capsys: pytest.CaptureFixture[str]) -> None:
    class Client:
        address = "here"

        def lines(self, path: str, parameters: object) -> list[dict[str, int]]:
            return [{"lost": 7}]

    client: Any = Client()
    assert log._follow(client, {}, log.line) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "dualdns: 7 questions came too fast and are not shown",
        "dualdns: the server at here has ended",
    ]


# -- a whole program --------------------------------------------------------------------------------------------------


async def test_a_server_and_the_commands_that_ask_it(tmp_path: Any) -> None:
    place = f"unix:{tmp_path}/admin.sock"
    async with running("serve", "--demo", "--port", "0", "--admin", place) as serve:
        await serve.until(f"^Admin API at {place}$")
        port = await serve.dns_port()
        async with running("query", "web.shop.svc.cluster.local", "AAAA", "@127.0.0.1", "-p", str(port)) as query:
            assert await query.end(0) == 0
        async with running("log", "--server", place) as command:
            assert await command.end(0) == 0
            assert any("AAAA  web.shop.svc.cluster.local  NOERROR" in line for line in await command.said())
        async with running("log", "--server", place, "--follow") as command:
            await command.until("web.shop.svc.cluster.local")
            assert await serve.end() == 0
            assert (await command.said())[-1] == f"dualdns: the server at {place} has ended"
    assert list(tmp_path.iterdir()) == []
