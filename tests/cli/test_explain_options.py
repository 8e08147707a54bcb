"""The words of `dualdns explain`: what they mean, and which of them make no sense."""

from pathlib import Path
from typing import Any

import pytest

from resolver.cli.explain_options import parse

READ: list[tuple[str, dict[str, Any]]] = [
    ("web --demo", {"name": "web", "type": "", "paths": [], "namespace": "default", "bufsize": 1232, "running": None}),
    ("web aaaa shop.yaml", {"type": "aaaa", "paths": ["shop.yaml"], "running": None}),
    ("web --tcp AAAA shop.yaml more", {"type": "AAAA", "paths": ["shop.yaml", "more"], "tcp": True}),
    ("web shop.yaml AAAA", {"type": "", "paths": ["shop.yaml", "AAAA"]}),
    ("web - --bufsize 0", {"type": "", "paths": ["-"], "bufsize": 0}),
    ("web VERYLONGTYPE", {"type": "", "paths": ["VERYLONGTYPE"]}),
    ("web --kubeconfig f --context c --client fd00::1", {"kubeconfig": "f", "context": "c", "client": "fd00::1"}),
    ("web shop.yaml --domain lab.test", {"domain": "lab.test", "conf": ""}),
    ("web shop.yaml -conf Corefile", {"domain": "", "conf": "Corefile"}),
    ("web --service-cluster-ip-range 10.0.0.0/16", {"running": None}),  # the embedded cluster, empty
]


@pytest.mark.parametrize(("words", "expected"), READ)
def test_words_are_read(words: str, expected: dict[str, Any]) -> None:
    options = parse(words.split())
    assert {name: getattr(options, name) for name in expected} == expected


@pytest.mark.parametrize("words", ["web", "web AAAA", "web --server unix:here"])
def test_without_a_place_to_look_a_running_server_is_meant(words: str) -> None:
    assert parse(words.split()).running is not None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("web.shop --demo shop.yaml", "give one of"),
        ("web.shop --server 53 --demo", "give one of"),
        ("web.shop --server 53 -conf Corefile", "are the running server's own"),
        ("web.shop --kubeconfig f --cluster-cidr 10.0.0.0/8", "is about the embedded cluster"),
        ("web.shop --context c", "give that too"),
        ("web.shop --demo --bufsize 70000", "0 (no EDNS) to 65535"),
        ("web.shop --demo --api 0", "explain serves nothing"),
        ("web.shop --demo --client here", "is no address"),
        ("web.shop --demo --domain a -conf f", "exclude each other"),
        ("web.shop --demmo", "did you mean --demo?"),
        ("web.shop --demo --output yaml", "invalid choice"),
        ("", "NAME"),
    ],
)
def test_words_that_make_no_sense_are_told(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words.split())
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_a_path_may_look_like_a_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("SRV").write_text("")
    options = parse(["web.shop", "SRV"])
    assert (options.type, options.paths) == ("", ["SRV"])
    assert parse(["web.shop", "A", "SRV"]).paths == ["SRV"]
