"""One question to one server: replies that are taken, packets that are not, and servers that are not there."""

import asyncio
from collections.abc import Callable

import dns.flags
import dns.message
import dns.rrset
import pytest

from resolver.client.exchange import TRUNCATED, NoReply, NoServer, Reply, exchange, shown
from resolver.client.message import AskedEdns
from resolver.wire import codes
from resolver.wire.message import Question
from resolver.wire.names import name_from_text
from tests.support.hosts import needs_ipv6
from tests.support.stub_upstream import Respond, answering, silent, unused_port, upstream

QUESTION = Question(name_from_text("web.shop.svc.cluster.local"), codes.A, codes.IN)
ANSWER = answering("web.shop.svc.cluster.local. 5 IN A 10.96.0.20")


async def asked(respond: Respond, host: str = "127.0.0.1", **settings: object) -> Reply:
    async with upstream(respond, host) as server:
        return await exchange(QUESTION, host, server.port, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("tcp", [False, True])
async def test_a_reply_comes_with_how_it_came(tcp: bool) -> None:
    reply = await asked(ANSWER, tcp=tcp)
    assert [record.rdata for record in reply.message.answer] == [b"\x0a\x60\x00\x14"]
    assert reply.protocol == ("tcp" if tcp else "udp")
    assert reply.seconds >= 0
    assert reply.notes == ()


@needs_ipv6
@pytest.mark.parametrize("tcp", [False, True])
async def test_ipv6_servers_are_asked_too(tcp: bool) -> None:
    assert (await asked(ANSWER, "::1", tcp=tcp)).address == "::1"


async def test_the_question_has_edns_unless_there_is_to_be_none() -> None:
    seen: list[dns.message.Message] = []

    def respond(packet: bytes, network: str) -> list[bytes]:
        seen.append(dns.message.from_wire(packet))
        return ANSWER(packet, network)

    async with upstream(respond) as server:
        await exchange(QUESTION, server.host, server.port)
        await exchange(QUESTION, server.host, server.port, edns=AskedEdns(4096, True, b"12345678"))
        await exchange(QUESTION, server.host, server.port, edns=None, flags=codes.AD)
    assert [(each.edns, each.payload) for each in seen] == [(0, 1232), (0, 4096), (-1, 0)]
    assert [option.otype for option in seen[1].options] == [10]
    assert seen[1].ednsflags == dns.flags.DO
    assert [dns.flags.to_text(each.flags) for each in seen] == ["RD", "RD", "AD"]


def cut_over_udp(packet: bytes, network: str) -> list[bytes]:
    if network == "tcp":
        return ANSWER(packet, network)
    reply = dns.message.make_response(dns.message.from_wire(packet))
    reply.flags |= dns.flags.TC
    return [reply.to_wire()]


async def test_a_cut_reply_is_fetched_over_tcp_and_that_is_told() -> None:
    reply = await asked(cut_over_udp)
    assert reply.protocol == "tcp"
    assert len(reply.message.answer) == 1
    assert reply.notes == (TRUNCATED,)


async def test_a_cut_reply_can_be_had_as_it_is() -> None:
    reply = await asked(cut_over_udp, retry_tcp=False)
    assert reply.protocol == "udp"
    assert reply.message.flags & codes.TC


def first(spoil: Callable[[bytes], bytes]) -> Respond:
    """A spoilt packet before the reply."""

    def respond(packet: bytes, network: str) -> list[bytes]:
        reply = ANSWER(packet, network)[0]
        return [spoil(reply), reply]

    return respond


SPOILT = [
    (lambda reply: bytes([reply[0] ^ 1]) + reply[1:], "ID mismatch"),
    (lambda reply: reply[:2] + b"\1" + reply[3:], "a query, not a reply"),
    (lambda reply: reply.replace(b"\3web", b"\3wex"), "another question"),
    (lambda reply: reply[:5], "5 bytes"),
]


@pytest.mark.parametrize(("spoil", "words"), SPOILT)
async def test_what_is_no_reply_to_the_question_is_passed_over_and_told(
    spoil: Callable[[bytes], bytes], words: str
) -> None:
    reply = await asked(first(spoil))
    assert len(reply.message.answer) == 1
    assert [words in note for note in reply.notes] == [True]


@pytest.mark.parametrize("tcp", [False, True])
async def test_a_reply_that_cannot_be_read_is_an_error_at_once(tcp: bool) -> None:
    with pytest.raises(NoReply, match=r"read|no reply"):
        await asked(lambda packet, network: [ANSWER(packet, network)[0][:-1]], tcp=tcp)


async def test_a_reply_without_a_question_is_taken() -> None:
    reply = await asked(lambda packet, _: [packet[:2] + b"\x81\1" + bytes(8)])
    assert reply.message.rcode == codes.FORMERR


async def test_letter_case_does_not_count() -> None:
    reply = await asked(lambda packet, network: [ANSWER(packet, network)[0].replace(b"\3web", b"\3wEb")])
    assert len(reply.message.answer) == 1


async def test_a_lost_question_is_sent_again() -> None:
    seen: list[bytes] = []

    def respond(packet: bytes, network: str) -> list[bytes]:
        seen.append(packet)
        return ANSWER(packet, network) if len(seen) == 3 else []

    await asked(respond, seconds=0.05, tries=3)
    assert len(seen) == 3


async def test_silence_ends_with_what_came_instead() -> None:
    def wrong(packet: bytes, network: str) -> list[bytes]:
        return [b"\0\0" + packet[2:]] if packet[:2] != b"\0\0" else []

    with pytest.raises(NoReply, match=r"did not reply within 0.05 s, asked 2 times; came instead: ID mismatch"):
        await asked(wrong, seconds=0.05, tries=2)
    with pytest.raises(NoReply, match="over TCP within"):
        await asked(silent, seconds=0.05, tcp=True)


@pytest.mark.parametrize("tcp", [False, True])
async def test_where_nobody_listens_that_is_said_at_once(tcp: bool) -> None:
    port = unused_port()
    with pytest.raises(NoServer, match=f"no DNS server listens on 127.0.0.1:{port}"):
        await exchange(QUESTION, "127.0.0.1", port, tcp=tcp)


async def test_a_connection_that_ends_early_is_said() -> None:
    async with upstream(ANSWER) as server:
        server.hang_up = True
        with pytest.raises(NoReply, match="ended the TCP connection"):
            await exchange(QUESTION, server.host, server.port, tcp=True)


@pytest.mark.parametrize("tcp", [False, True])
async def test_an_address_that_cannot_be_sent_to_is_said(tcp: bool) -> None:
    with pytest.raises(NoReply, match="fe80::1%nowhere"):
        await exchange(QUESTION, "fe80::1%nowhere", 53, tcp=tcp, seconds=0.2)


async def test_questions_at_the_same_time_get_their_own_replies() -> None:
    async with upstream(ANSWER) as server:
        replies = await asyncio.gather(*(exchange(QUESTION, server.host, server.port) for _ in range(20)))
    assert all(len(reply.message.answer) == 1 for reply in replies)


def test_addresses_are_shown_with_their_port() -> None:
    assert [shown("127.0.0.1", 53), shown("::1", 53)] == ["127.0.0.1:53", "[::1]:53"]
