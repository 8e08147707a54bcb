"""Walks as text: what was heard in a word, and columns."""

import json
from collections.abc import Sequence

import pytest

from resolver.cli.walk_text import Told, json_lines, lines
from resolver.client.resolv_conf import ResolvConf
from resolver.client.search import Heard, Lookup, Verdict
from resolver.client.walking import Server, Step, Walked
from resolver.wire import codes

SERVER = Server("127.0.0.1", 1053)
UNKNOWN = Verdict(error="EAI_NONAME")
CONF = ResolvConf(("10.96.0.10",), ("a.test",), ("ndots:5",))


def told(*heard: Heard, verdict: Verdict = UNKNOWN, tcp: bool = False, servers: Sequence[Server] = (SERVER,)) -> Told:
    steps = [
        Step(number, Lookup("web", codes.A), SERVER, tcp, number / 1000, each) for number, each in enumerate(heard, 1)
    ]
    return Told("glibc", "web", "shop/x", CONF, Walked(verdict, servers, steps, 0.0123), ["10.244.0.5"])


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        (Heard(0, ("10.0.0.1", "10.0.0.2"), 2), "10.0.0.1, 10.0.0.2"),
        (Heard(0), "NODATA"),
        (Heard(0, answers=1), "CNAME, no address"),
        (Heard(3), "NXDOMAIN"),
        (Heard(0, truncated=True), "truncated"),
        (Heard(), "no reply"),
        (Heard(refused=True), "nobody listens"),
    ],
)
def test_what_was_heard_is_a_word_or_the_addresses(heard: Heard, text: str) -> None:
    (row,) = [line for line in lines(told(heard)) if " web. " in line]
    assert row == f"  1  web.  A  {text}  0.0 ms"


def test_rounds_questions_and_the_end_are_told() -> None:
    said = list(lines(told(Heard(3, seconds=0.001), Heard(0, seconds=0.0111))))
    assert said[-5:] == [
        "  1  web.  A  NXDOMAIN   1.0 ms",
        "  2  web.  A  NODATA    11.1 ms",
        "",
        "2 questions in 2 rounds, 12.3 ms",
        "getaddrinfo fails: EAI_NONAME, the name is not known",
    ]


def test_tcp_and_the_server_are_told_where_they_matter() -> None:
    said = "\n".join(lines(told(Heard(3), tcp=True, servers=[SERVER, Server("::1", 53)])))
    assert "NXDOMAIN @127.0.0.1:1053 over TCP" in said
    assert "asks 127.0.0.1:1053 and [::1]:53:" in said


def test_json_has_the_same() -> None:
    said = json.loads("".join(json_lines(told(Heard(0, ("10.0.0.1",), 1), verdict=Verdict(("10.0.0.1",))))))
    assert said["addresses"] == ["10.0.0.1"]
    assert said["error"] is None
    assert said["questions"][0] | {"seconds": 0} == {
        "round": 1, "name": "web.", "type": "A", "server": "127.0.0.1", "port": 1053, "protocol": "udp",
        "rcode": "NOERROR", "addresses": ["10.0.0.1"], "truncated": False, "started": 0.001, "seconds": 0,
    }  # fmt: skip
