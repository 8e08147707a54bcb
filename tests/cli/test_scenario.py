"""``dualdns scenario``: what it lists, plays, tells and refuses."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from resolver.admin.address import parse_address
from resolver.admin.client import AdminClient
from resolver.cli import scenario
from resolver.scenarios.scenario import scenario_names
from tests.support.exchanges import over_udp, packet

WEB = "web.shop.svc.cluster.local"


def test_all_scenarios_are_listed_with_their_titles(capsys: pytest.CaptureFixture[str]) -> None:
    assert scenario.run(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == scenario_names()
    assert lines[0] == "broken-aaaa                 AAAA questions fail, A questions do not"


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_is_played_for_so_long_and_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert scenario.run(["run", name, "--port", "0", "--for", "1ms"]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].startswith(f"{name}: ")
    assert {"A right client:", "Faults:", "Try:"} <= set(lines)
    assert "Listening on 127.0.0.1:" in printed.out
    assert printed.err == ""


BAD = [
    (["run", "broken-aaa"], "did you mean broken-aaaa?"),
    (["run", "broken-aaaa", "--prot", "1"], "did you mean --port?"),
    (["run", "broken-aaaa", "--port", "65536"], "a port is a number from 0"),
    (["run", "broken-aaaa", "--for", "soon"], "--for 'soon' is no time"),
    (["run"], "say which scenario"),
    (["run", "broken-aaaa", "--history", "5"], "give --admin too"),
    (["lst"], "did you mean list?"),
    (["list", "--short"], "unrecognized arguments: --short"),
    ([], "required"),
]


@pytest.mark.parametrize(("arguments", "part"), BAD)
def test_bad_words_are_refused(arguments: list[str], part: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = scenario.run(arguments)
    except SystemExit as exit:
        status = exit.code
    assert status == 2
    assert part in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        assert scenario.run(["run", "broken-aaaa", "--port", str(port)]) == 1
    assert "is taken" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["broken-aaaa", "--admin"], ["--admin", "broken-aaaa"]])
async def test_with_admin_its_questions_can_be_read_and_its_faults_mended(words: list[str], tmp_path: Path) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "resolver", "scenario", "run", *words, "--port", "0",
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    assert program.stdout is not None
    port = 0
    async with asyncio.timeout(20):
        while not (line := (await program.stdout.readline()).decode()).startswith("Admin API at "):
            assert line, "it ended"
            if line.startswith("Listening on"):
                port = int(line.split(":")[1].split()[0].rstrip("."))
        client = AdminClient(parse_address(line.removeprefix("Admin API at ").strip()))
        await over_udp(port, packet(WEB, "AAAA"), sentinel=WEB)
        questions = (await asyncio.to_thread(client.get, "/v1/queries"))["questions"]
        assert {"name": WEB, "type": "AAAA", "rcode": "SERVFAIL"}.items() <= questions[0].items()
        assert (await asyncio.to_thread(client.get, "/v1/faults"))["faults"][0]["count"] == 1
        assert await asyncio.to_thread(client.delete, "/v1/faults") == {"cleared": 1}
        program.send_signal(signal.SIGINT)
        await program.stdout.read()
        assert await program.wait() == 0
    assert not list(tmp_path.rglob("*.sock"))  # noqa: ASYNC240 - nothing else runs in this loop


async def test_each_firing_is_told_until_ctrl_c() -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "resolver", "scenario", "run", "broken-aaaa", "--port", "0",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert program.stdout is not None
    async with asyncio.timeout(20):
        while not (line := (await program.stdout.readline()).decode()).startswith("Listening on"):
            assert line, "it ended"
        port = int(line.split(":")[1].split()[0].rstrip("."))
        await over_udp(port, packet(WEB, "AAAA"), sentinel=WEB)
        while "servfail: web.shop.svc.cluster.local AAAA from 127.0.0.1" not in line:
            line = (await program.stdout.readline()).decode()
            assert line, "it ended"
        program.send_signal(signal.SIGINT)
        await program.stdout.read()
        assert await program.wait() == 0
