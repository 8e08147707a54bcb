"""`dualdns query` over real sockets: against dig for the same question, and how it fails."""

import json

import pytest

from resolver.cli import query
from tests.support.dig import comparable, dig, needs_dig
from tests.support.hosts import needs_ipv6
from tests.support.serving import Serving, endpoint_slice, namespace, service, serving
from tests.support.stub_upstream import silent, unused_port, upstream

COREFILE = ".:0 {\nbind 127.0.0.1\nkubernetes cluster.local in-addr.arpa ip6.arpa {\npods insecure\n}\n}\n"
WEB = "web.shop.svc.cluster.local"
OBJECTS = [
    namespace("shop"),
    service("web", "10.96.0.20", "fd00:10:96::14", space="shop", ports=[{"name": "http", "port": 80}]),
    service("many", "None", space="shop"),
    endpoint_slice("many-1", "many", *(f"10.244.0.{number}" for number in range(1, 120)), space="shop"),
]


async def asked(served: Serving, *words: str) -> int:
    return await query.ask_and_print(["-p", str(served.port), *words])


QUESTIONS = [
    (f"{WEB} AAAA", ""),
    (f"AAAA {WEB}", ""),
    (WEB, ""),
    (f"{WEB} SRV", ""),
    (f"{WEB} MX", ""),
    (f"{WEB} TYPE65280", ""),
    (f"{WEB} ANY", ""),
    ("WEB.Shop.svc.cluster.local A", ""),
    ("nothing.shop.svc.cluster.local A", ""),
    ("dns-version.cluster.local TXT", ""),
    ("cluster.local SOA", ""),
    ("cluster.local NS", ""),
    ("example.com A", ""),
    (f"{WEB} CH TXT", ""),
    ("-x 10.96.0.20", ""),
    ("-x fd00:10:96::14", ""),
    ("many.shop.svc.cluster.local A", ""),
    (f"{WEB} A +tcp", "--tcp"),
    (f"{WEB} A +noedns", "--no-edns"),
    (f"{WEB} A +bufsize=512", "--bufsize 512"),
    (f"{WEB} A +dnssec", "--dnssec"),
    (f"{WEB} A +nocookie", "--no-cookie"),
    (f"{WEB} A +cookie=0102030405060708", "--cookie 0102030405060708"),
    (f"{WEB} A +norecurse", "--no-recurse"),
    ("many.shop.svc.cluster.local A +ignore", "--keep-truncated"),
    ("many.shop.svc.cluster.local A +noedns +ignore", "--no-edns --keep-truncated"),
]


@needs_dig
@pytest.mark.parametrize(("words", "flags"), QUESTIONS)
async def test_it_prints_what_dig_prints(words: str, flags: str, capsys: pytest.CaptureFixture[str]) -> None:
    own = [word for word in words.split() if not word.startswith("+")] + flags.split()
    async with serving(COREFILE, OBJECTS) as served:
        expected, short = await dig(served.port, *words.split()), await dig(served.port, "+short", *words.split())
        assert await asked(served, *own) == 0
        assert _sorted(comparable(capsys.readouterr().out)) == _sorted(comparable(expected))
        assert await asked(served, "--short", *own) == 0
        assert sorted(capsys.readouterr().out.splitlines()) == sorted(short.splitlines())


def _sorted(lines: list[str]) -> list[str]:
    """Records in the order of their text: the server turns them round from question to question."""
    records = iter(sorted(line for line in lines if line[:1] not in ("", ";")))
    return [line if line[:1] in ("", ";") else next(records) for line in lines]


async def test_json_says_all_that_the_reply_says(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(COREFILE, OBJECTS) as served:
        assert await asked(served, WEB, "AAAA", "--output", "json", "--dnssec") == 0
        said = json.loads(capsys.readouterr().out)
        assert said["server"] == {"name": "127.0.0.1", "address": "127.0.0.1", "port": served.port}
    assert said["milliseconds"] > 0
    assert said["question"] == [{"name": f"{WEB}.", "type": "AAAA", "class": "IN"}]
    assert said["answer"] == [
        {"name": f"{WEB}.", "ttl": 5, "class": "IN", "type": "AAAA", "data": "fd00:10:96::14"},
    ]
    assert (said["rcode"], said["flags"], said["protocol"]) == ("NOERROR", ["qr", "aa", "rd"], "udp")
    assert said["edns"] == {"version": 0, "do": True, "size": 1232, "options": [], "errors": []}


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("web --search shop", ["10.96.0.20"]),
        ("web.shop --search other", ["10.96.0.20"]),
        ("web --search other", []),
        (f"{WEB} --search other --ndots 3", ["10.96.0.20"]),
        (f"{WEB}. --search other", ["10.96.0.20"]),
        ("web.shop AAAA --search other", ["fd00:10:96::14"]),
        ("web", []),
    ],
)
async def test_a_short_name_is_taken_as_it_is_unless_a_namespace_is_named(
    words: str, answer: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(COREFILE, OBJECTS) as served:
        assert await asked(served, "--short", *words.split()) == 0
    assert capsys.readouterr().out.splitlines() == answer


@needs_ipv6
@pytest.mark.parametrize("server", ["@::1", "@[::1]:{port}", "@localhost", "@localhost:{port}"])
async def test_servers_have_names_and_both_families(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(COREFILE.replace("127.0.0.1", "127.0.0.1 ::1"), OBJECTS) as served:
        assert await asked(served, WEB, "--short", server.format(port=served.port)) == 0
    assert capsys.readouterr().out == "10.96.0.20\n"


async def test_without_a_server_it_says_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    port = unused_port()
    assert await query.ask_and_print([WEB, "-p", str(port)]) == 9
    said = capsys.readouterr()
    assert said.out == ""
    assert f"no DNS server listens on 127.0.0.1:{port}" in said.err
    assert "dualdns serve --demo" in said.err


async def test_a_silent_server_ends_with_digs_status(capsys: pytest.CaptureFixture[str]) -> None:
    async with upstream(silent) as server:
        words = [WEB, "-p", str(server.port), "--timeout", "0.05", "--tries", "2"]
        assert await query.ask_and_print(words) == 9
        assert len(server.seen) == 2
    assert "did not reply within 0.05 s, asked 2 times" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a..b"], "label"),
        (["x" * 64], "64 bytes long"),
        ([WEB, "@nowhere.invalid"], "nowhere.invalid"),
    ],
)
async def test_names_that_cannot_be_asked_are_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await query.ask_and_print([*words, "-p", "9"]) == 2
    assert said in capsys.readouterr().err


def test_the_command_runs_on_a_loop_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert query.run([WEB, "-p", str(unused_port())]) == 9
    assert "dualdns serve" in capsys.readouterr().err
