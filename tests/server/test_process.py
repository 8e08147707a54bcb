"""The program as its users meet it: a process that is started, asked, told by signals, and ended."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.asyncquery
import dns.message
import dns.query
import pytest

from resolver import __version__
from resolver.plugins import chain
from tests.support.commands import PATIENCE, refused, running
from tests.support.held_upstream import ANSWER, held_upstream
from tests.support.hosts import rows

HOSTS = """example.test:0 {{
    bind 127.0.0.1
    errors
    hosts {{
        {address} a.example.test
    }}
}}
"""
ONE, OTHER = HOSTS.format(address="192.0.2.1"), HOSTS.format(address="192.0.2.2")
LAMEDUCK = ONE.replace("errors", "errors\n    health 127.0.0.1:0 {\n        lameduck 1h\n    }")


async def asked(port: int, name: str = "a.example.test", rtype: str = "A", *, address: str = "127.0.0.1") -> list[str]:
    """The answers to one question over UDP."""
    query = dns.message.make_query(name, rtype)
    reply = await dns.asyncquery.udp(query, address, timeout=PATIENCE, port=port)
    return sorted(str(item) for rrset in reply.answer for item in rrset)


# -- the demo ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo() -> Iterator[list[str]]:
    """What the demo prints when it starts; it runs while the tests of this file do."""
    command = [sys.executable, "-m", "resolver", "serve", "--demo", "--port", "0"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Try: "):
                break
        yield lines
        process.terminate()
        assert process.wait(PATIENCE) == 0


def port_of(lines: list[str]) -> int:
    return int(lines[-1].split()[4])


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize("address", rows(["127.0.0.1", "::1"]))
@pytest.mark.parametrize("rtype", ["A", "AAAA"])
def test_the_demo_answers_over_udp_and_tcp_in_both_families(
    demo: list[str], tcp: bool, address: str, rtype: str
) -> None:
    query = dns.message.make_query("web.shop.svc.cluster.local", rtype)
    send = dns.query.tcp if tcp else dns.query.udp
    reply = send(query, address, timeout=PATIENCE, port=port_of(demo))
    assert [dns.rdatatype.to_text(rrset.rdtype) for rrset in reply.answer] == [rtype]


def test_the_demo_says_where_it_listens_and_what_it_serves(demo: list[str]) -> None:
    port = port_of(demo)
    for zone in ("cluster.local", "in-addr.arpa", "ip6.arpa"):
        assert f"{zone}.:{port} on 127.0.0.1" in demo
    assert f"dualdns-{__version__}" in demo
    assert demo[0].startswith("[INFO] manifests: ")


@pytest.mark.skipif(shutil.which("dig") is None, reason="no dig on the PATH")
def test_the_line_to_try_works(demo: list[str]) -> None:
    command = demo[-1].removeprefix("Try: ").split()
    ran = subprocess.run([*command, "+short"], capture_output=True, text=True, check=True)
    assert ":" in ran.stdout


# -- signals ----------------------------------------------------------------------------------------------------------


class Corefile:
    """A Corefile on disk. `path` is its path; it begins as ONE."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "Corefile"
        self.path = str(self._path)
        self.write(ONE)

    def write(self, text: str) -> None:
        self._path.write_text(text)


@pytest.fixture
def corefile(tmp_path: Path) -> Corefile:
    return Corefile(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_term_and_int_end_with_status_0(corefile: Corefile, number: signal.Signals) -> None:
    async with running("serve", "-conf", corefile.path) as command:
        assert await asked(await command.port()) == ["192.0.2.1"]
        assert await command.end(number) == 0
        assert (await command.said())[-1] == f"[INFO] {number.name}: shutting down"


async def test_questions_under_way_are_answered_before_the_end(corefile: Corefile) -> None:
    async with held_upstream() as upstream:
        corefile.write(f".:0 {{\nbind 127.0.0.1\nforward . {upstream.address}\n}}\n")
        async with running("serve", "-conf", corefile.path) as command:
            reply = asyncio.ensure_future(asked(await command.port(), "slow.example."))
            await upstream.asked()
            command.process.send_signal(signal.SIGTERM)
            await command.until("SIGTERM: shutting down")
            upstream.answer()
            assert await reply == [ANSWER]
            assert await command.process.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGHUP])
async def test_usr1_and_hup_take_up_a_changed_corefile_and_keep_the_old_one_where_it_is_broken(
    corefile: Corefile, number: signal.Signals
) -> None:
    async with running("serve", "-conf", corefile.path) as command:
        port = await command.port()
        assert await asked(port) == ["192.0.2.1"]
        corefile.write(OTHER)
        command.process.send_signal(number)
        await command.until("^.INFO. Reloading complete$")
        assert await asked(port) == ["192.0.2.2"]
        corefile.write(ONE.replace("errors", "erorrs"))
        command.process.send_signal(number)
        failed = await command.until("^.ERROR. Restart failed: ")
        for word in (f"{corefile.path}:3 - ", "Unknown directive 'erorrs'", "did you mean 'errors'", "kubernetes, "):
            assert word in failed.string
        assert await asked(port) == ["192.0.2.2"]


async def test_quit_ends_at_once(corefile: Corefile) -> None:
    corefile.write(LAMEDUCK)
    async with running("serve", "-conf", corefile.path) as command:
        await command.until(f"^dualdns-{__version__}$")
        assert await command.end(signal.SIGQUIT) == 0
        assert not any("lameduck" in line for line in await command.said())


async def test_a_second_int_ends_a_lameduck(corefile: Corefile) -> None:
    corefile.write(LAMEDUCK)
    async with running("serve", "-conf", corefile.path) as command:
        port = await command.port()
        command.process.send_signal(signal.SIGINT)
        await command.until("plugin/health: Going into lameduck mode for 1h0m0s")
        assert await asked(port) == ["192.0.2.1"]
        assert await command.end(signal.SIGINT) == 2


async def test_signals_during_the_start_are_heeded(corefile: Corefile) -> None:
    kubernetes = "kubernetes cluster.local {\n        endpoint http://127.0.0.1:1\n        startup_timeout 1h\n    }"
    corefile.write(LAMEDUCK.replace("errors\n", f"errors\n    {kubernetes}\n", 1))
    async with running("serve", "-conf", corefile.path) as command:
        await command.until("waiting for Kubernetes API before starting server")
        command.process.send_signal(signal.SIGHUP)
        assert await command.end(signal.SIGTERM) == 0
        assert not any(
            line.startswith(("dualdns-", "Traceback")) or "lameduck" in line for line in await command.said()
        )


# -- CoreDNS's flags --------------------------------------------------------------------------------------------------


async def test_the_pidfile_is_that_of_the_server_that_runs(corefile: Corefile, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    async with running("serve", "-conf", corefile.path, "-pidfile", str(pid_file)) as command:
        port = await command.port()
        await asked(port)
        assert pid_file.read_text() == f"{command.process.pid}\n"
        corefile.write(ONE.replace(":0", f":{port}"))
        status, _ = await refused("serve", "-conf", corefile.path, "-pidfile", str(pid_file))
        assert status == 1
        assert pid_file.read_text() == f"{command.process.pid}\n"
        assert await command.end() == 0
        assert not pid_file.exists()


async def test_quiet_prints_no_start(corefile: Corefile) -> None:
    corefile.write(ONE.replace("errors", "errors\n    reload"))
    async with running("serve", "-conf", corefile.path, "-quiet") as command:
        await command.until("plugin/reload: Running configuration SHA512 = ")
        await command.end()
        assert all(line.startswith("[INFO] ") for line in await command.said())


async def test_plugins_are_listed() -> None:
    status, said = await refused("serve", "-plugins")
    assert status == 0
    listed = [line.strip().removeprefix("dns.") for line in said.partition("Other plugins:")[2].splitlines()]
    assert [name for name in listed if name] == chain.known()


async def test_every_line_of_a_json_log_is_an_object(corefile: Corefile) -> None:
    corefile.write(ONE.replace("errors", "errors\n    log\n    reload") + "b.test:0 {\nbind 127.0.0.1\nwhoami\n}\n")
    async with running("serve", "-conf", corefile.path, "-log-format", "json") as command:
        zones = await command.until(r"example\.test\.:(\d+)")
        await command.until(f"dualdns-{__version__}")
        await asked(int(zones[1]))
        await command.until("192.0.2.1|NOERROR")
        corefile.write(ONE.replace("errors", "erorrs"))
        command.process.send_signal(signal.SIGHUP)
        await command.until("Restart failed")
        await command.end()
        entries = [json.loads(line) for line in await command.said()]
    assert all({"time", "level", "msg"} <= set(entry) for entry in entries)
    assert {entry["level"] for entry in entries} == {"INFO", "ERROR"}
    assert {entry.get("plugin") for entry in entries} == {None, "log", "reload"}
    assert [entry["qname"] for entry in entries if entry.get("plugin") == "log"] == ["a.example.test."]
    listeners = [entry["msg"].splitlines() for entry in entries if ".test.:" in entry["msg"]]
    assert listeners[0] == [f"b.test.:{zones[1]} on 127.0.0.1", f"example.test.:{zones[1]} on 127.0.0.1"]


async def test_a_corefile_from_standard_input_survives_a_reload() -> None:
    async with running("serve", "-conf", "stdin", stdin=ONE) as command:
        port = await command.port()
        assert await asked(port) == ["192.0.2.1"]
        command.process.send_signal(signal.SIGHUP)
        await command.until("Reloading complete")
        assert await asked(port) == ["192.0.2.1"]


@pytest.mark.parametrize("word", ["-dns.port=0", "-p=0"])
async def test_the_default_port_is_for_zones_without_one(corefile: Corefile, word: str) -> None:
    corefile.write(ONE.replace("example.test:0", "example.test"))
    async with running("serve", "-conf", corefile.path, word) as command:
        assert await asked(await command.port()) == ["192.0.2.1"]


# -- starts that fail -------------------------------------------------------------------------------------------------

BROKEN = [
    (ONE.replace("hosts {", "hosst {"), ["{path}:4 - ", "Unknown directive 'hosst'", "did you mean 'hosts'", "whoami"]),
    (ONE.replace("hosts {", "cache 0\n    hosts {"), ["plugin/cache: {path}:4 - ", "cache TTL can not be zero", "0"]),
    (ONE.replace("errors", "loadbalance best"), ["plugin/loadbalance: {path}:3 - ", "unknown policy: best"]),
    (ONE.partition("    hosts")[0], ["{path}:3 - ", "expecting '}}'"]),
    ("import {path}.d\n", ["{path}:1 - ", "{path}.d"]),
    (ONE + ONE, ["{path}:8 - ", "cannot serve dns://example.test.:", "already defined"]),
]


@pytest.mark.parametrize(("text", "words"), BROKEN)
async def test_a_broken_corefile_is_told_by_file_line_word_and_what_is_allowed(
    corefile: Corefile, text: str, words: list[str]
) -> None:
    corefile.write(text.replace("{path}", corefile.path))
    status, said = await refused("serve", "-conf", corefile.path)
    assert status == 1
    assert len(said.splitlines()) == 1
    for word in words:
        assert word.format(path=corefile.path) in said


TELLS_HOLDERS = Path("/proc/net/tcp").exists()
TAKEN: list[tuple[Callable[[int, str], list[str]], str]] = [
    (lambda port, path: ["--demo", "--bind", "127.0.0.1", "--port", str(port)], "`--port {other}`, or `--port 0`"),
    (lambda port, path: ["-conf", path], "another port in {path} (`.:{other}`), or `-dns.port {other}`"),
]


@pytest.mark.parametrize(("words", "instead"), TAKEN)
async def test_a_port_that_is_taken_is_told_with_its_holder_and_what_to_type_instead(
    corefile: Corefile, words: Callable[[int, str], list[str]], instead: str
) -> None:
    async with running("serve", "-conf", corefile.path) as command:
        port = await command.port()
        corefile.write(OTHER.replace(":0", f":{port}"))
        status, said = await refused("serve", *words(port, corefile.path))
        assert status == 1
        last = said.splitlines()[-1]
        assert last.startswith(f"dualdns: 127.0.0.1:{port} (tcp) is taken by ")
        if TELLS_HOLDERS:
            assert f"(process {command.process.pid}): stop that, or " in last
        assert instead.format(other=port + 1, path=corefile.path) in last


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--prot", "1053"], "unrecognized arguments: --prot"),
        (["-confg", "Corefile"], "unrecognized arguments: -confg"),
        (["-log-format", "xml"], "invalid choice: 'xml'"),
    ],
)
async def test_unknown_flags_are_refused_with_the_usage(words: list[str], message: str) -> None:
    status, said = await refused("serve", *words)
    assert status == 2
    assert said.startswith("usage: dualdns serve ")
    assert message in said


# -- standard output --------------------------------------------------------------------------------------------------


def test_a_reader_that_goes_away_takes_nothing_with_it(corefile: Corefile) -> None:
    command = [sys.executable, "-m", "resolver", "serve", "-conf", corefile.path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = next(line for line in process.stdout if line.startswith("example.test."))
        port = int(line.split()[0].rpartition(":")[2])
        process.stdout.close()
        process.send_signal(signal.SIGHUP)
        reply = dns.query.udp(dns.message.make_query("a.example.test", "A"), "127.0.0.1", timeout=PATIENCE, port=port)
        assert len(reply.answer) == 1
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""
