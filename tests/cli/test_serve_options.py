"""The words after `dualdns serve`: what they mean, which of them exclude each other, and what is said then."""

import shlex
from pathlib import Path
from typing import Any

import pytest

import resolver
from resolver.cli.serve_options import parse, wants_embedded

MEANT: list[tuple[str, dict[str, Any]]] = [
    ("", {"paths": [], "demo": False, "conf": "", "port": None, "dns_port": None, "log_format": "text"}),
    ("--demo", {"demo": True}),
    ("shop.yaml more/ -", {"paths": ["shop.yaml", "more/", "-"]}),
    ("- shop.yaml --watch", {"paths": ["-", "shop.yaml"], "watch": True}),
    ("shop.yaml --watch", {"paths": ["shop.yaml"], "watch": True}),
    ("one --port 5300 two", {"paths": ["one", "two"], "port": 5300}),
    ("--port 0", {"port": 0}),
    ("--bind 127.0.0.1 --bind ::1", {"bind": ["127.0.0.1", "::1"]}),
    ("--upstream 9.9.9.9 --upstream ::9", {"upstream": ["9.9.9.9", "::9"]}),
    ("--domain shop.example", {"domain": "shop.example"}),
    ("--kubeconfig config --context kind", {"kubeconfig": "config", "context": "kind"}),
    ("-conf Corefile", {"conf": "Corefile"}),
    ("-conf=Corefile", {"conf": "Corefile"}),
    ("--conf=Corefile", {"conf": "Corefile"}),
    ("-conf stdin shop.yaml", {"conf": "stdin", "paths": ["shop.yaml"]}),
    ("-dns.port 1053", {"dns_port": 1053}),
    ("-dns.port=1053", {"dns_port": 1053}),
    ("--dns.port 1053", {"dns_port": 1053}),
    ("-p 1053", {"dns_port": 1053}),
    ("-quiet -pidfile run/pid", {"quiet": True, "pidfile": "run/pid"}),
    ("--quiet --pidfile run/pid", {"quiet": True, "pidfile": "run/pid"}),
    ("-log-format json", {"log_format": "json"}),
    ("--log-format=json", {"log_format": "json"}),
    ("-plugins", {"plugins": True}),
    ("--demo", {"admin": None, "history": None, "admin_token_file": ""}),
    ("--demo --admin", {"admin": ""}),
    ("--admin --demo", {"admin": ""}),
    ("--demo --admin 8053 --history 10", {"admin": "8053", "history": 10}),
    ("--demo --admin=unix:admin.sock --history 0", {"admin": "unix:admin.sock", "history": 0}),
    ("--demo --admin [::]:8053 --admin-token-file token", {"admin": "[::]:8053", "admin_token_file": "token"}),
    ("shop.yaml --admin", {"paths": ["shop.yaml"], "admin": ""}),
    ("-conf Corefile --kubeconfig config", {"conf": "Corefile", "kubeconfig": "config"}),
]


@pytest.mark.parametrize(("words", "meant"), MEANT)
def test_words_and_what_they_mean(words: str, meant: dict[str, Any]) -> None:
    options = vars(parse(shlex.split(words)))
    assert {name: options[name] for name in meant} == meant


REFUSED = [
    ("--history 10", "--history is about the admin API: give --admin too"),
    ("--history 0", "--history is about the admin API: give --admin too"),
    ("--admin-token-file token", "--admin-token-file is about the admin API: give --admin too"),
    ("--admin --history -1", "--history -1: from 0 (none) to"),
    ("--admin --history 1000000000", "--history 1000000000: from 0 (none) to"),
    ("--admin --history many", "invalid int value: 'many'"),
    ("--port 65536", "--port 65536: a port is a number from 0 (pick one) to 65535"),
    ("--port -1", "--port -1: a port is a number"),
    ("--port http", "argument --port: invalid int value: 'http'"),
    ("-dns.port 65536", "-dns.port 65536: a port is a number from 0 (pick one) to 65535"),
    ("-p dns", "invalid int value: 'dns'"),
    ("--demo shop.yaml", "--demo brings its own cluster: leave out the paths and --kubeconfig, or --demo"),
    ("--demo --kubeconfig config", "--demo brings its own cluster"),
    ("shop.yaml --kubeconfig config", "give manifests or --kubeconfig, not both"),
    ("--context kind", "--context names a context of --kubeconfig FILE: give that too"),
    ("--watch", "--watch follows manifests on disk: give their files or folders"),
    ("--watch -", "--watch follows manifests on disk: give their files or folders"),
    ("--watch --demo", "--watch follows manifests on disk"),
    ("-conf Corefile --port 53", "--port and -conf exclude each other: write it into the Corefile, or give -dns.port"),
    ("-conf Corefile --bind ::1", "--bind and -conf exclude each other: write it into the Corefile"),
    ("-conf Corefile --upstream ::1", "--upstream and -conf exclude each other"),
    ("-conf Corefile --domain x", "--domain and -conf exclude each other"),
    ("-conf stdin -", "standard input can be the Corefile or the manifests: write one of them to a file"),
    ("--kubeconfig config --api 0", "--api is about the embedded cluster, --kubeconfig names a real one"),
    ("--api here", "--api here: write PORT, HOST:PORT or [IPV6]:PORT"),
    ("-log-format xml", "invalid choice: 'xml'"),
    ("--deom", "did you mean --demo?"),
    ("-conf", "expected one argument"),
    ("--dem", "unrecognized arguments: --dem"),
    ("-alsologtostderr", "unrecognized arguments: -alsologtostderr"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_words_that_make_no_sense_are_refused_with_what_to_write(
    words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(shlex.split(words))
    assert ended.value.code == 2
    assert message in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("flag", ["-version", "--version"])
def test_the_version_is_printed(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([flag])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"dualdns-{resolver.__version__}\n")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", False),
        ("--kubeconfig config", False),
        ("-conf Corefile", False),
        ("--demo", True),
        ("shop.yaml", True),
        ("-conf Corefile shop.yaml", True),
        ("--api 0", True),
        ("--cluster-cidr 10.0.0.0/16", True),
    ],
)
def test_manifests_and_flags_of_the_embedded_cluster_ask_for_it(words: str, wanted: bool) -> None:
    assert wants_embedded(parse(shlex.split(words))) is wanted


@pytest.mark.parametrize("more", [[], ["more.yaml"]])
def test_manifests_may_stand_behind_admin(more: list[str], tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("")
    options = parse(["--admin", str(tmp_path / "shop.yaml"), *more])
    assert (options.admin, options.paths) == ("", [str(tmp_path / "shop.yaml"), *more])
