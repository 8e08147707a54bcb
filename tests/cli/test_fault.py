"""`dualdns fault` against a running server."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from resolver.cli import fault
from tests.support.administered import Administered, administered

WEB = "web.shop.svc.cluster.local."


@pytest.fixture
async def here(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Administered]:
    async with administered() as running:
        monkeypatch.setenv("DUALDNS_ADMIN", str(running.admin.address))
        yield running


async def run(*words: str) -> int:
    return await asyncio.to_thread(fault.run, words)


async def test_a_fault_is_added_listed_and_cleared(here: Administered, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run("add", "web.shop", "AAAA", "servfail", "times", "1") == 0
    assert await run("add", "*.shop", "A", "delay", "10ms") == 0
    assert (await here.served.ask(WEB, "AAAA")).rcode().name == "SERVFAIL"
    assert await run("list") == 0
    assert await run("clear", "1") == 0
    assert await run("clear") == 0
    assert await run("list") == 0
    assert capsys.readouterr().out.splitlines() == [
        "fault 1: web.shop AAAA rcode SERVFAIL times 1",
        "fault 2: *.shop A delay 10ms",
        "ID  FIRED  FAULT",
        " 1      1  web.shop AAAA rcode SERVFAIL times 1  (over)",
        " 2      0  *.shop A delay 10ms",
        "1 removed",
        "1 removed",
        "no faults",
    ]


async def test_programs_are_told_in_json(here: Administered, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["add", "web.shop", "drop"], ["list"], ["clear"]):
        assert await run(*words, "--output", "json") == 0
    added, listed, cleared = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (added["id"], added["words"]) == (1, ["web.shop", "drop"])
    assert listed == {"faults": [added], "fired": []}
    assert cleared == {"cleared": 1}


async def test_a_word_too_few_or_wrong_is_told(here: Administered, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run("add", "web.shop", "dorp") == 1
    assert await run("clear", "9") == 1
    out, errors = capsys.readouterr()
    assert out == ""
    assert "did you mean drop?" in errors
    assert errors.splitlines()[-1] == "dualdns: there is no fault 9: there is none"


async def test_several_are_removed_at_once(here: Administered, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b", "c"):
        await run("add", name, "drop")
    capsys.readouterr()
    assert await run("clear", "3", "1", "3") == 0
    assert capsys.readouterr().out == "2 removed\n"
    assert [left.id for left in here.faults.faults] == [2]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "required: ACTION"),
        (["add"], "say what goes wrong, such as: dualdns fault add web.shop AAAA drop times 3"),
        (["ad", "web.shop"], "did you mean add?"),
        (["clear", "one"], "invalid int value: 'one'"),
        (["list", "--servr", "8053"], "did you mean --server?"),
    ],
)
def test_words_that_make_no_sense_are_refused(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        fault.run(words)
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--help"], ["add", "--help"]])
def test_help_shows_examples(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        fault.run(words)
    said = capsys.readouterr().out
    assert "dualdns fault add web.shop AAAA drop times 3" in said
    assert all(len(line) <= 110 for line in said.splitlines())


async def test_the_examples_in_the_help_are_faults(here: Administered, capsys: pytest.CaptureFixture[str]) -> None:
    import shlex

    examples = [line.split("add ", 1)[1] for line in fault._EXAMPLES.splitlines() if " add " in line]
    assert len(examples) == 3
    for example in examples:
        assert await run("add", *shlex.split(example)) == 0, capsys.readouterr().err
