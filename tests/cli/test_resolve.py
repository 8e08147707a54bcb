"""`dualdns resolve`: a walk against a server in this process, as text and as JSON, and how it fails."""

import json
from pathlib import Path

import pytest

from resolver.cli import resolve
from tests.support.serving import Serving, namespace, service, serving
from tests.support.stub_upstream import unused_port

COREFILE = "cluster.local:0 {\nbind 127.0.0.1\nkubernetes cluster.local\n}\n"
OBJECTS = [
    namespace("shop"),
    namespace("other"),
    service("web", "10.96.0.20", "fd00:10:96::14", space="shop"),
    service("four", "10.96.0.4", space="shop"),
]


async def walked(served: Serving, words: str) -> int:
    return await resolve.resolve_and_print([*words.split(), "-p", str(served.port)])


async def told(words: str, capsys: pytest.CaptureFixture[str], status: int = 0) -> dict[str, object]:
    async with serving(COREFILE, OBJECTS) as served:
        assert await walked(served, f"{words} --output json") == status
    said: dict[str, object] = json.loads(capsys.readouterr().out)
    return said


async def test_the_walk_is_printed_question_by_question(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(COREFILE, OBJECTS) as served:
        assert await walked(served, "web.shop --pod other/client") == 0
        lines = capsys.readouterr().out.splitlines()
        assert f"glibc asks 127.0.0.1:{served.port}:" in lines
    cells = [line.split() for line in lines]
    assert lines[:4] == [
        "resolv.conf of other/client:",
        "  search other.svc.cluster.local svc.cluster.local cluster.local",
        "  nameserver 10.96.0.10",
        "  options ndots:5",
    ]
    assert [row[:-2] for row in cells if "A" in row or "AAAA" in row] == [
        ["1", "web.shop.other.svc.cluster.local.", "A", "NXDOMAIN"],
        ["web.shop.other.svc.cluster.local.", "AAAA", "NXDOMAIN"],
        ["2", "web.shop.svc.cluster.local.", "A", "10.96.0.20"],
        ["web.shop.svc.cluster.local.", "AAAA", "fd00:10:96::14"],
    ]
    assert any(line.startswith("4 questions in 2 rounds, ") for line in lines)
    assert lines[-4:] == [
        "getaddrinfo gives, in this order:",
        "  fd00:10:96::14",
        "  10.96.0.20",
        "(RFC 6724 with the table of glibc, from 10.244.0.5 and fd00:10:244::5)",
    ]


@pytest.mark.parametrize(
    ("words", "addresses"),
    [
        ("web --pod shop/x", ["fd00:10:96::14", "10.96.0.20"]),
        ("web --pod shop/x --libc musl", ["10.96.0.20", "fd00:10:96::14"]),
        ("web --namespace shop --source 10.244.0.9", ["10.96.0.20", "fd00:10:96::14"]),
        ("web.shop.svc.cluster.local. -n other", ["fd00:10:96::14", "10.96.0.20"]),
        ("four -n shop", ["10.96.0.4"]),
        ("web -n shop --option no-aaaa", ["10.96.0.20"]),
        ("192.0.2.1 -n shop", ["192.0.2.1"]),
        ("localhost -n shop", ["::1", "127.0.0.1"]),
    ],
)
async def test_addresses_come_in_the_order_of_the_library(
    words: str, addresses: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert (await told(words, capsys))["addresses"] == addresses


@pytest.mark.parametrize(
    ("words", "error", "names"),
    [
        ("web.other.svc.cluster.local --ndots 1 --libc musl -n shop", "EAI_NONAME", 1),
        ("web.other.svc.cluster.local -n shop --ndots 1", "EAI_NONAME", 4),
        ("web.other.svc.cluster.local. -n shop", "EAI_NONAME", 1),
        ("shop.svc.cluster.local. -n shop", "EAI_NODATA", 1),
        ("we=b -n shop", "EAI_NONAME", 0),
    ],
)
async def test_errors_are_those_of_getaddrinfo(
    words: str, error: str, names: int, capsys: pytest.CaptureFixture[str]
) -> None:
    said = await told(words, capsys, status=1)
    assert said["error"] == error
    assert len({each["name"] for each in said["questions"]}) == names  # type: ignore[attr-defined]


async def test_an_error_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(COREFILE, OBJECTS) as served:
        assert await walked(served, "nothing.cluster.local. -n shop") == 1
        assert await walked(served, "-n shop we=b") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines.count("getaddrinfo fails: EAI_NONAME, the name is not known") == 2
    assert "glibc asks nothing: the name is an address, in /etc/hosts, or no host name" in lines


async def test_a_pods_manifest_changes_the_walk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: client, namespace: other}\n"
        "spec:\n  dnsConfig:\n    searches: [shop.svc.cluster.local]\n    options: [{name: ndots, value: '1'}]\n"
    )
    said = await told(f"web --pod other/client --manifest {tmp_path}/pod.yaml --ndots 2", capsys)
    assert said["resolv_conf"] == {
        "nameservers": ["10.96.0.10"],
        "searches": ["other.svc.cluster.local", "svc.cluster.local", "cluster.local", "shop.svc.cluster.local"],
        "options": ["ndots:2"],
    }
    assert len(said["questions"]) == 8  # type: ignore[arg-type]


async def test_several_servers_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    dead = unused_port()
    async with serving(COREFILE, OBJECTS) as served:
        words = f"web -n shop --server 127.0.0.1:{dead} --server 127.0.0.1:{served.port}"
        assert await walked(served, words) == 0
        said = capsys.readouterr().out
        assert f"nobody listens @127.0.0.1:{dead}" in said
        assert f"10.96.0.20 @127.0.0.1:{served.port}" in said


@pytest.mark.parametrize("libc", ["glibc", "musl"])
async def test_without_a_server_it_says_how_to_start_one(libc: str, capsys: pytest.CaptureFixture[str]) -> None:
    port = unused_port()
    words = ["web", "-n", "shop", "--server", f"127.0.0.1:{port}", "--libc", libc]
    assert await resolve.resolve_and_print(words) == 9
    said = capsys.readouterr().err
    assert f"no DNS server listens on 127.0.0.1:{port}" in said
    assert "dualdns serve --demo" in said
    assert "--server HOST:PORT" in said


REFUSED = [
    ("web", "--namespace NS, or --pod NS/POD"),
    ("web --pod shop", "write NAMESPACE/POD"),
    ("web --pod a/b/c", "write NAMESPACE/POD"),
    ("web --pod shop/x -n other", "two namespaces"),
    ("web -n shop --libc mussl", "did you mean musl?"),
    ("web -n shop --ndots -1", "0 or more"),
    ("web -n shop --source x", "--source"),
    ("web -n shop --source 10.0.0.1,10.0.0.2", "one address of a family"),
    ("web -n shop --ndot 2", "did you mean --ndots?"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_words_without_sense_are_refused(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        resolve.run(words.split())
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("a..b -n shop", "label"),
        ("web -n shop --dns-policy Nope", "there is no dnsPolicy 'Nope'"),
        ("web --pod shop/x --manifest /nowhere.yaml", "No such file"),
        ("web -n shop --server @", "is not known to this host"),
        ("web -n shop --server :", "write HOST"),
    ],
)
def test_settings_that_make_no_walk_are_refused(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert resolve.run(words.split()) == 2
    assert said in capsys.readouterr().err
