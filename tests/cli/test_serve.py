"""`dualdns serve` within this process: the Corefile its options stand for, what it prints, and how it fails."""

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from resolver import __version__, limits
from resolver.cli import serve
from resolver.cli.serve_options import parse
from resolver.plugins import chain
from resolver.server.server import Server
from resolver.transports import listening
from tests.support.hosts import needs_ipv6

ZONES = "cluster.local:{port} in-addr.arpa:{port} ip6.arpa:{port}"
KUBERNETES = "kubernetes cluster.local in-addr.arpa ip6.arpa {\npods insecure\n}\n"


def plain(keys: str, bind: str = "127.0.0.1 ::1", kubernetes: str = KUBERNETES) -> str:
    return f"{keys} {{\nbind {bind}\nerrors\nloadbalance\n{kubernetes}}}\n"


COREFILES = [
    ("", plain(ZONES.format(port=1053))),
    ("--port 5300", plain(ZONES.format(port=5300))),
    ("--port 0", plain(ZONES.format(port=0))),
    ("-dns.port 5300", plain(ZONES.format(port=5300))),
    ("-p 0", plain(ZONES.format(port=0))),
    ("-p 5300 --port 5301", plain(ZONES.format(port=5301))),
    ("--bind 10.0.0.1 --bind fd00::1", plain(ZONES.format(port=1053), "10.0.0.1 fd00::1")),
    (
        "--domain shop.example",
        plain(
            "shop.example:1053 in-addr.arpa:1053 ip6.arpa:1053",
            kubernetes=KUBERNETES.replace("cluster.local", "shop.example"),
        ),
    ),
    (
        "--upstream 9.9.9.9 --upstream /etc/resolv.conf",
        plain(
            ".:1053",
            kubernetes="cache 30\nforward . 9.9.9.9 /etc/resolv.conf\n"
            + KUBERNETES.replace("}", "fallthrough in-addr.arpa ip6.arpa\n}"),
        ),
    ),
]


@pytest.mark.parametrize(("words", "expected"), COREFILES)
def test_options_stand_for_a_corefile(words: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "loopback_addresses", lambda: ("127.0.0.1", "::1"))
    source = serve._source(parse(words.split()))
    assert source.text == expected
    assert source.by_options
    assert not source.is_file


@pytest.mark.parametrize(("words", "port"), [("-conf Corefile", 53), ("-conf Corefile -dns.port 1053", 1053)])
def test_a_corefile_is_a_file(words: str, port: int) -> None:
    source = serve._source(parse(words.split()))
    assert (source.path, source.text, source.default_port, source.by_options) == ("Corefile", None, port, False)


def test_a_corefile_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b".:0 {\nwhoami\n}\n# \xff\n")))
    source = serve._source(parse(["-conf", "stdin", "-p", "1053"]))
    assert (source.path, source.text, source.default_port) == ("stdin", ".:0 {\nwhoami\n}\n# \udcff\n", 1053)
    assert not source.is_file
    assert not source.by_options


# -- a run from the start to the end ----------------------------------------------------------------------------------


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[Server]:
    """Servers end as soon as they have started; these have."""
    servers: list[Server] = []

    async def at_once(server: Server) -> None:
        servers.append(server)

    monkeypatch.setattr(Server, "wait", at_once)
    return servers


def ran(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str], str]:
    status = serve.run(words)
    said = capsys.readouterr()
    return status, said.out.splitlines(), said.err


@needs_ipv6
def test_the_demo_says_where_it_listens_what_it_serves_and_what_to_try(
    ended: list[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    status, lines, errors = ran(["--demo", "--port", "0"], capsys)
    assert (status, errors, len(ended)) == (0, "", 1)
    port = lines[-1].split()[4]
    zones = [
        f"{zone}.:{port} on {address}"
        for address in ("127.0.0.1", "::1")
        for zone in ("cluster.local", "in-addr.arpa", "ip6.arpa")
    ]
    assert lines[-8:-2] == zones
    assert lines[-2].startswith("dualdns-")
    assert lines[-1] == f"Try: dig @127.0.0.1 -p {port} web.shop.svc.cluster.local AAAA"


MANIFESTS = """apiVersion: v1
kind: Service
metadata: {name: pay, namespace: shop}
spec: {clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ports: [{port: 80}]}
"""


def test_a_question_to_try_is_about_the_users_own_service(
    ended: list[Server], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "pay.yaml").write_text(MANIFESTS)
    status, lines, _ = ran([str(tmp_path), "--port", "0", "--bind", "127.0.0.1", "--domain", "shop.example"], capsys)
    assert status == 0
    assert lines[-1].startswith("Try: dig @127.0.0.1 -p ")
    assert lines[-1].endswith(" pay.shop.svc.shop.example A")


def test_a_server_on_all_addresses_is_asked_at_localhost(
    ended: list[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    _, lines, _ = ran(["--demo", "--port", "0", "--bind", "0.0.0.0"], capsys)
    assert lines[-1].startswith("Try: dig @localhost -p ")


def test_a_cluster_with_an_api_says_where_it_is(ended: list[Server], capsys: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = ran(["--demo", "--port", "0", "--api", "0"], capsys)
    assert any(line.startswith("Kubernetes API at http://127.0.0.1:") for line in lines)


def test_quiet_leaves_out_what_the_start_prints(ended: list[Server], capsys: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = ran(["--demo", "--port", "0", "-quiet"], capsys)
    assert all(line.startswith("[INFO] ") for line in lines)


def test_with_a_corefile_the_start_prints_what_coredns_does(
    ended: list[Server], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "Corefile").write_text("b.example:0 a.example:0 {\nbind 127.0.0.1\nwhoami\n}\n")
    status, lines, _ = ran(["-conf", str(tmp_path / "Corefile")], capsys)
    assert status == 0
    assert [line.partition(":")[0] for line in lines] == ["a.example.", "b.example.", f"dualdns-{__version__}"]


def test_the_pidfile_is_there_while_it_serves(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pid"
    there: list[bool] = []

    async def look(_: Server) -> None:
        there.append(path.exists())

    monkeypatch.setattr(Server, "wait", look)
    assert ran(["--demo", "--port", "0", "-pidfile", str(path)], capsys)[0] == 0
    assert there == [True]
    assert not path.exists()


def test_an_end_asked_for_during_the_start_leaves_nothing_to_print(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ended_meanwhile(_: Server) -> bool:
        return False

    monkeypatch.setattr(Server, "start", ended_meanwhile)
    status, lines, _ = ran(["--demo", "--port", "0"], capsys)
    assert status == 0
    assert not any("dualdns-" in line for line in lines)


FAILING: list[tuple[dict[str, str], list[str], str]] = [
    ({}, ["-conf", "{folder}/none"], "cannot read the Corefile {folder}/none: No such file or directory; name another"),
    (
        {"Corefile": ".:0 {\nwhoareyou\n}\n"},
        ["-conf", "{folder}/Corefile"],
        "{folder}/Corefile:2 - Error during parsing",
    ),
    (
        {"Corefile": ".:0 {\nbind 203.0.113.9\nwhoami\n}\n"},
        ["-conf", "{folder}/Corefile"],
        "cannot listen on 203.0.113.9",
    ),
    ({}, ["{folder}/none.yaml"], "{folder}/none.yaml"),
    ({}, ["--kubeconfig", "{folder}/none"], "{folder}/none"),
    ({}, [], "no Kubernetes API to ask: give --kubeconfig FILE"),
]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(("files", "words", "message"), FAILING)
def test_a_start_that_fails_says_why_on_standard_error(
    files: dict[str, str],
    words: list[str],
    message: str,
    form: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    given = [word.format(folder=tmp_path) for word in words]
    port = [] if "-conf" in words else ["--port", "0"]
    status, _, errors = ran([*given, *port, "-log-format", form, "-pidfile", str(tmp_path / "pid")], capsys)
    assert status == 1
    assert not (tmp_path / "pid").exists()
    if form == "json":
        (line,) = errors.splitlines()
        entry: dict[str, Any] = json.loads(line)
        assert entry["level"] == "FATAL"
        errors = entry["msg"]
    assert errors.startswith("dualdns: ")
    assert message.format(folder=tmp_path) in errors


# -- the admin API ----------------------------------------------------------------------------------------------------


def test_the_start_says_where_the_admin_api_is(
    ended: list[Server], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    status, lines, _ = ran(["--demo", "--port", "0", "--admin"], capsys)
    assert status == 0
    assert lines[-2] == f"Admin API at unix:{tmp_path}/dualdns/admin.sock"
    assert lines[-1].startswith("Try: ")
    assert not (tmp_path / "dualdns" / "admin.sock").exists()


@pytest.mark.parametrize(
    ("words", "history", "faults"),
    [
        ([], None, False),
        (["--admin", "0"], limits.HISTORY, True),
        (["--admin", "0", "--history", "7"], 7, True),
        (["--admin", "0", "--history", "0"], None, True),
    ],
)
def test_questions_are_remembered_where_they_can_be_looked_at(
    words: list[str], history: int | None, faults: bool, ended: list[Server], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(["--demo", "--port", "0", "--domain", "shop.example", *words], capsys)[0] == 0
    (server,) = ended
    kept = server.history
    assert (None if kept is None else kept.capacity) == history
    assert kept is None or kept.zone == "shop.example"
    assert (server.faults is not None) is faults
    assert server.faults is None or server.faults.zone == "shop.example"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--admin", "here"], "'here' is no address of an admin API: write PORT, HOST:PORT"),
        (["--admin", "0.0.0.0:0"], "could be reached by others: give --admin-token-file FILE"),
        (["--admin", "0", "--admin-token-file", "{folder}/none"], "--admin-token-file {folder}/none: No such file"),
        (["--admin", "unix:{folder}"], "cannot listen on {folder}: a file of that name is there"),
    ],
)
def test_an_admin_api_that_cannot_be_is_told(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    given = [word.format(folder=tmp_path) for word in words]
    status, lines, errors = ran(["--demo", "--port", "0", *given], capsys)
    assert status == 1
    assert message.format(folder=tmp_path) in errors
    assert not any("dualdns-" in line for line in lines)


def test_with_a_token_others_may_reach_it(
    ended: list[Server], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("secret\n")
    words = ["--demo", "--port", "0", "--admin", "0.0.0.0:0", "--admin-token-file", str(tmp_path / "token")]
    status, lines, _ = ran(words, capsys)
    assert status == 0
    assert any(line.startswith("Admin API at http://0.0.0.0:") for line in lines)


def test_plugins_are_listed_as_coredns_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, _ = ran(["-plugins"], capsys)
    assert status == 0
    assert lines[:4] == ["Server types:", "  dns", "", "Other plugins:"]
    assert lines[4:] == [f"  dns.{name}" for name in chain.known()]


def test_the_garbage_collector_leaves_what_was_there_at_the_start_alone(
    ended: list[Server], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    collector = SimpleNamespace(collect=lambda: called.append("collect"), freeze=lambda: called.append("freeze"))
    monkeypatch.setattr(serve, "gc", collector)
    assert ran(["--demo", "--port", "0"], capsys)[0] == 0
    assert called == ["collect", "freeze"]
