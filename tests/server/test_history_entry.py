"""What is kept of a question is read again in words, whatever its bytes were."""

from struct import pack

import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver import limits
from resolver.server.history import History
from resolver.server.history_entry import Asked, question_of, shown_name
from resolver.wire.peer import KeptPeer
from tests.support.doors import asker, query_packet

SIX = KeptPeer("tcp", 6, "2001:db8::9", 50_000, "::1", 1053)


def kept(packet: bytes, reply: bytes | list[bytes] | None, client: KeptPeer | None = None) -> Asked:
    """What a history says of one question."""
    history = History(clock=lambda: 1_700_000_000.25)
    history.record(packet, client or asker(), reply)
    return history.questions()[0]


def replied(packet: bytes, *records: str, rcode: int = 0, flags: int = 0) -> bytes:
    """A reply as dnspython writes it."""
    reply = dns.message.make_response(dns.message.from_wire(packet))
    reply.flags |= flags
    reply.set_rcode(rcode)
    for record in records:
        owner, rest = record.split(maxsplit=1)
        reply.answer.append(dns.rrset.from_text(owner, *rest.split(maxsplit=3)))
    return reply.to_wire()


def test_a_question_is_kept_with_its_reply() -> None:
    packet = query_packet("Web.shop.svc.cluster.local.", "AAAA", id=77)
    records = ("Web.shop.svc.cluster.local. 5 IN AAAA fd00::1", "Web.shop.svc.cluster.local. 5 IN AAAA fd00::2")
    reply = replied(packet, *records, flags=0x0400)
    assert kept(packet, reply, SIX) == Asked(
        at=1_700_000_000.25,
        client="2001:db8::9",
        client_port=50_000,
        server_port=1053,
        protocol="tcp",
        id=77,
        name="Web.shop.svc.cluster.local",
        type="AAAA",
        rcode="NOERROR",
        flags=("qr", "aa", "rd"),
        answers=records,
        size=len(reply),
        messages=1,
    )


def test_silence_is_kept_too() -> None:
    asked = kept(query_packet("web.shop."), None)
    assert (asked.name, asked.type, asked.client, asked.client_port) == ("web.shop", "A", "127.0.0.1", 40_000)
    assert (asked.rcode, asked.flags, asked.answers, asked.size, asked.messages) == (None, (), (), 0, 0)


def test_the_root_keeps_its_dot() -> None:
    assert kept(query_packet(".", "NS"), None).name == shown_name(b"\0") == "."


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\0",
        b"\0" * 11,
        b"\0" * 12,
        pack("!HHHHHH", 1, 0, 2, 0, 0, 0) + b"\1a\0\0\1\0\1",
        pack("!HHHHHH", 1, 0, 1, 0, 0, 0),
        pack("!HHHHHH", 1, 0, 1, 0, 0, 0) + b"\1a",
        pack("!HHHHHH", 1, 0, 1, 0, 0, 0) + b"\1a\0\0\1\0",
        pack("!HHHHHH", 1, 0, 1, 0, 0, 0) + b"\xc0\x0c\0\1\0\1",
        pack("!HHHHHH", 1, 0, 1, 0, 0, 0) + b"\x40a\0\0\1\0\1",
    ],
)
def test_a_packet_that_is_no_question_has_no_name(packet: bytes) -> None:
    asked = kept(packet, None)
    assert (asked.name, asked.type) == ("", "")
    assert question_of(packet) is None


@pytest.mark.parametrize(
    ("rcode", "text"), [(0, "NOERROR"), (3, "NXDOMAIN"), (16, "BADVERS"), (12, "RCODE12"), (3841, "RCODE3841")]
)
def test_the_rcode_has_the_upper_bits_of_an_opt(rcode: int, text: str) -> None:
    packet = query_packet("web.shop.", edns=1232)
    assert kept(packet, replied(packet, rcode=rcode)).rcode == text


def test_several_messages_are_one_reply_and_the_first_is_described() -> None:
    packet = query_packet("shop.", "A")
    first, second = replied(packet, "shop. 5 IN A 10.0.0.1"), replied(packet, "shop. 5 IN A 10.0.0.2")
    asked = kept(packet, [first, second])
    assert (asked.answers, asked.messages) == (("shop. 5 IN A 10.0.0.1",), 2)
    assert asked.size == len(first) + len(second)


def test_what_is_too_long_is_cut_and_its_size_told() -> None:
    packet = query_packet("shop.", "AAAA", edns=1232) + b"\0" * 2_000
    records = [f"shop. 5 IN AAAA fd00::{number:x}" for number in range(1, 400)]
    reply = replied(query_packet("shop.", "AAAA"), *records)
    asked = kept(packet, reply, SIX)
    assert asked.name == "shop"
    assert asked.size == len(reply) > limits.HISTORY_REPLY
    assert 100 < len(asked.answers) < len(records)
    assert asked.answers == tuple(records[: len(asked.answers)])


@given(
    packet=st.binary(max_size=80), reply=st.one_of(st.none(), st.binary(max_size=80), st.lists(st.binary(max_size=40)))
)
def test_any_bytes_can_be_kept_and_read(packet: bytes, reply: bytes | list[bytes] | None) -> None:
    asked = kept(packet, reply)
    assert asked.size == (0 if reply is None else len(reply) if isinstance(reply, bytes) else sum(map(len, reply)))
    assert (asked.rcode is None) == (asked.messages == 0)


@given(cut=st.integers(0, 120), at=st.integers(0, 119), byte=st.integers(0, 255))
def test_a_spoiled_reply_is_read_as_far_as_it_goes(cut: int, at: int, byte: int) -> None:
    packet = query_packet("web.shop.svc.cluster.local.", "SRV")
    whole = bytearray(replied(packet, "web.shop.svc.cluster.local. 5 IN SRV 0 50 80 a.web.shop.svc.cluster.local."))
    whole[at % len(whole)] = byte
    assert len(kept(packet, bytes(whole[: len(whole) - cut % len(whole)])).answers) <= 1
