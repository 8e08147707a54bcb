import re

import pytest

from resolver.answers.observation import observe
from resolver.answers.outcome import Failure, Outcome, Reply
from resolver.corefile.tokens import BadConfig
from resolver.plugins.log import setup
from resolver.wire import codes
from resolver.wire.query import Edns, Query
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import Next, peer, pending, question, record

SOA = record("shop. 5 SOA ns.shop. root.shop. 1 2 3 4 5")


def hear(query: Query, outcome: Outcome, seconds: float = 0.5) -> None:
    """Sends the reply, as the door does."""
    written = isinstance(outcome, Reply)
    observation = observe(query, outcome.rcode, codes.QR | codes.AA, 44, written=written)
    for listener in outcome.listeners:
        listener.hear(observation, query.id, query.client, seconds)


def lines(text: str, query: Query, outcome: Reply | Failure) -> list[str]:
    host = FakeHost()
    assert setup(directives(text), host).answer(query, Next(lambda: outcome)) is outcome
    hear(query, outcome)
    return [line for _, line in host.logged]


def test_a_reply_is_a_line_when_it_is_sent() -> None:
    host = FakeHost()
    query, reply = question("Web.Shop.", edns=Edns(1232, options=bytes(12))), Reply()
    setup(directives("log"), host).answer(query, Next(lambda: reply))
    assert host.lines == []
    hear(query, reply)
    expected = '[INFO] 127.0.0.1:40000 - 4711 "A IN web.shop. udp 37 false 1232" NOERROR qr,aa,rd 44 0.5s'
    assert host.lines == [expected]
    assert host.log_fields == [None]


def test_a_bare_reply_of_the_server_is_logged_with_the_whole_query() -> None:
    query = question("web.shop.", edns=Edns(1232, options=bytes(12)))
    expected = '127.0.0.1:40000 - 4711 "A IN web.shop. udp 49 false 1232" SERVFAIL qr,aa,rd 26 0.5s'
    assert lines("log", query, Failure(codes.SERVFAIL)) == [expected]


def test_a_dropped_question_is_a_line_at_once() -> None:
    host = FakeHost()

    def drop() -> None:
        host.advance(0.25)

    assert setup(directives("log"), host).answer(question("web.shop."), Next(drop)) is None
    assert host.lines == ['[INFO] 127.0.0.1:40000 - 4711 "A IN web.shop. udp 26 false 512" - - 0 0.25s']


async def test_a_reply_that_comes_later_is_logged_too() -> None:
    host, query, reply = FakeHost(), question(), Reply()
    await setup(directives("log"), host).answer(query, Next(lambda: pending(reply)))  # type: ignore[misc]
    hear(query, reply)
    assert len(host.lines) == 1


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("log", "a.shop.", 1),
        ("log shop", "a.shop.", 1),
        ("log SHOP.", "shop.", 1),
        ("log shop", "workshop.", 0),
        ("log shop org", "a.org.", 1),
        ("log a.shop {common}\nlog shop", "b.shop.", 1),
        ("log {common}", "a.shop.", 0),
        ("log " + "x" * 64, "a.shop.", 0),
    ],
)
def test_names_choose_what_is_logged(text: str, name: str, expected: int) -> None:
    assert len(lines(text, question(name), Reply())) == expected


def test_the_first_rule_that_holds_the_name_decides() -> None:
    text = 'log a.shop "first {name}" {\nclass error\n}\nlog shop . "second {name}"'
    assert lines(text, question("a.shop."), Reply()) == []
    assert lines(text, question("a.shop."), Failure(codes.SERVFAIL)) == ["first a.shop."]
    assert lines(text, question("b.shop."), Reply()) == ["second b.shop."]


@pytest.mark.parametrize(
    ("classes", "logged"),
    [
        ("success", [True, False, False]),
        ("denial", [False, True, False]),
        ("error", [False, False, True]),
        ("denial error", [False, True, True]),
        ("all", [True, True, True]),
        ("error all", [True, True, True]),
        ("success\nclass error", [True, False, True]),
    ],
)
def test_classes_choose_what_is_logged(classes: str, logged: list[bool]) -> None:
    outcomes = (Reply(), Reply(codes.NXDOMAIN, authority=[SOA]), Failure(codes.SERVFAIL))
    text = f"log {{\nclass {classes}\n}}"
    assert [bool(lines(text, question("a.shop."), outcome)) for outcome in outcomes] == logged


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('log . "{combined} end"', r'.* 0.5s "0" end'),
        ('log . "x {common}"', r"x 127.0.0.1:40000 - .* 0.5s"),
        ('log . "{proto} {remote} {>id}"', "udp 127.0.0.1 4711"),
        ("log . plain", "127.*"),
    ],
)
def test_a_format_may_follow_the_names(text: str, expected: str) -> None:
    assert re.fullmatch(expected, lines(text, question("a.shop."), Reply())[0])


def test_json_lines_have_the_question_in_members() -> None:
    host = FakeHost()
    host.json_log = True
    query, reply = question("Web.Shop.", client=peer("2001:db8::9", 7, "tcp"), edns=Edns(1232, do=True)), Reply()
    setup(directives('log . "{name}"'), host).answer(query, Next(lambda: reply))
    hear(query, reply)
    assert host.logged == [("INFO", "web.shop.")]
    assert host.log_fields == [
        {
            "plugin": "log",
            "client_ip": "2001:db8::9",
            "client_port": 7,
            "qname": "web.shop.",
            "qtype": "A",
            "qclass": "IN",
            "protocol": "tcp",
            "id": 4711,
            "opcode": 0,
            "request_size": 37,
            "dnssec_ok": True,
            "bufsize": 65535,
            "rcode": "NOERROR",
            "response_size": 44,
            "duration_seconds": 0.5,
        }
    ]


def test_json_lines_have_no_rcode_where_nothing_was_sent() -> None:
    host = FakeHost()
    host.json_log = True
    setup(directives("log"), host).answer(question(), Next(lambda: None))
    fields = host.log_fields[0]
    assert fields is not None
    assert (fields["rcode"], fields["response_size"]) == (None, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("log {\nclass\n}", "Wrong argument count or unexpected line ending after 'class'"),
        ("log {\nclass nice\n}", "invalid Class: nice"),
        ("log {\nclasses all\n}", "unknown property 'classes'"),
    ],
)
def test_other_settings_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        setup(directives(text), FakeHost())
