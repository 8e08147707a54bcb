"""Whole replies in dig's words, held against dig itself for the same replies."""

from collections.abc import Callable

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from resolver.cli import query
from resolver.client.dig_text import extended_error_text, rcode_text, record_line
from resolver.client.message import AskedEdns, Question, ask
from resolver.wire.message import parse_message
from resolver.wire.names import name_from_text
from resolver.wire.reply import Record
from tests.support.dig import comparable, dig, needs_dig
from tests.support.record_texts import TEXTS
from tests.support.stub_upstream import Respond, upstream

Spoil = Callable[[dns.message.Message], None]


def replying(change: Callable[[dns.message.Message, dns.message.Message], None]) -> Respond:
    def respond(packet: bytes, network: str) -> list[bytes]:
        asked = dns.message.from_wire(packet)
        reply = dns.message.make_response(asked)
        change(reply, asked)
        return [reply.to_wire(max_size=0xFFFF)]

    return respond


def every_type(reply: dns.message.Message, asked: dns.message.Message) -> None:
    """The records of the type asked for, in all three sections, owners of all lengths."""
    rtype = dns.rdatatype.to_text(asked.question[0].rdtype)
    owners = ["a.example.", "a-name-of-23-characters.", "a-name-of-24-characters.x.", f"{'x' * 63}.example."]
    if rtype == "NSEC3":  # dig takes no other owners
        owners = ["2t7b4g4vsa5smi47k61mv5bv1a22bojr.example."]
    for number, text in enumerate(text for kind, text, _ in TEXTS if kind == rtype):
        record = dns.rrset.from_text(
            owners[number % len(owners)], (5, 86400, 0, 2147483647)[number % 4], "IN", rtype, text
        )
        for section in (reply.answer, reply.authority, reply.additional):
            section.append(record)


def options(*options: dns.edns.Option, flags: int = 0, payload: int = 1400) -> Callable[..., None]:
    def change(reply: dns.message.Message, asked: dns.message.Message) -> None:
        reply.use_edns(0, flags, payload, options=list(options))

    return change


def flags(flags: int, rcode: int = 0) -> Callable[..., None]:
    def change(reply: dns.message.Message, asked: dns.message.Message) -> None:
        reply.flags = flags
        reply.set_rcode(dns.rcode.Rcode(rcode))

    return change


def echoed_cookie(extra: bytes) -> Callable[..., None]:
    def change(reply: dns.message.Message, asked: dns.message.Message) -> None:
        sent = next(option for option in asked.options if option.otype == 10)
        reply.use_edns(0, 0, 1232, options=[dns.edns.GenericOption(10, sent.to_wire()[:8] + extra)])

    return change


def generic(code: int, data: bytes) -> dns.edns.Option:
    return dns.edns.GenericOption(code, data)


REPLIES: list[tuple[str, Callable[..., None]]] = [
    *((f"web.example {kind}", every_type) for kind in dict.fromkeys(kind for kind, _, _ in TEXTS)),
    ("web.example A", flags(0x8000)),
    ("web.example A", flags(0x8580 | 0x30)),
    ("web.example A", flags(0x8400 | 0x40)),
    *((f"web.example A rcode {rcode}", flags(0x8400, rcode)) for rcode in (*range(12), 15, 16, 17, 23)),
    ("x.local A", every_type),
    ("local A", every_type),
    ("xlocal A", every_type),
    (". NS", every_type),
    ("web.example CH TXT", flags(0x8400)),
    ("web.example A", options(flags=0x8000)),
    ("web.example A", options(flags=0x0001)),
    ("web.example A", options(generic(15, b"\0\x0fblocked \"x\""), generic(15, b"\0\2"), generic(15, b"\0\x63hm"))),
    ("web.example A", options(generic(3, b"nsid\xff"), generic(65001, b"a\nb"), generic(3, b""))),
    ("web.example A", options(generic(8, b"\0\1\x18\0\1\2\3"), generic(8, b"\0\2\x20\x10\xfd\0\0\1"))),
    ("web.example A", options(generic(9, b"\0\0\1\0"), generic(12, b"\0\0"), generic(12, b""))),
    ("web.example A", options(generic(10, b"12345678abcdefgh"))),
    ("web.example A", echoed_cookie(b"")),
    ("web.example A", echoed_cookie(b"abcdefgh")),
]  # fmt: skip


@needs_dig
@pytest.mark.parametrize(("words", "change"), REPLIES, ids=lambda value: value if isinstance(value, str) else "")
async def test_every_line_is_digs(words: str, change: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    asked = words.partition(" rcode")[0].split()
    async with upstream(replying(change)) as server:
        expected = await dig(server.port, "+tries=1", *asked)
        assert await query.ask_and_print(["-p", str(server.port), *asked]) == 0
        assert comparable(capsys.readouterr().out) == comparable(expected)
        short = await dig(server.port, "+short", *asked)
        assert await query.ask_and_print(["-p", str(server.port), "--short", *asked]) == 0
        found = capsys.readouterr().out.splitlines()
        assert found == [line for line in short.splitlines() if not line.startswith(";;")]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("web.example.", "web.example.\t\t5\tIN\tAAAA\tfd00::1"),
        ("web.shop.svc.cluster.local.", "web.shop.svc.cluster.local. 5\tIN\tAAAA\tfd00::1"),
        ("db-0.db.shop.svc.cluster.local.", "db-0.db.shop.svc.cluster.local.\t5 IN\tAAAA\tfd00::1"),
    ],
)
def test_a_record_stands_in_columns(name: str, line: str) -> None:
    record = Record(name_from_text(name), 28, 1, 5, b"\xfd" + bytes(14) + b"\1")
    assert record_line(record) == line


@pytest.mark.parametrize(
    ("rcode", "text"), [(0, "NOERROR"), (3, "NXDOMAIN"), (11, "RESERVED11"), (23, "BADCOOKIE"), (99, "?99")]
)
def test_codes_have_digs_names(rcode: int, text: str) -> None:
    assert rcode_text(rcode) == text


def test_an_extended_error_is_a_number_a_name_and_a_text() -> None:
    assert extended_error_text(b"\0\x0eno sync yet") == "14 (Not Ready): (no sync yet)"


def test_what_was_asked_parses_as_a_message() -> None:
    asked = ask(7, Question(name_from_text("web.example"), 1, 1), edns=AskedEdns())
    assert parse_message(asked.packet).opt is not None
