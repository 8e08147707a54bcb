"""``dualdns scenario``: what it lists, plays, tells and refuses."""

import asyncio
import signal
import sys

import pytest

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
