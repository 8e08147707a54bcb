"""Questions as packets, and which packets are replies to them."""

import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.client.message import AskedEdns, Unrelated, ask, read_reply
from resolver.wire import codes
from resolver.wire.message import Question
from resolver.wire.names import name_from_text
from resolver.wire.rdata import Malformed

QUESTION = Question(name_from_text("web.shop"), codes.AAAA, codes.IN)


def test_a_question_parses_strictly_elsewhere() -> None:
    packet = ask(7, QUESTION, edns=AskedEdns(1400, True, b"12345678", b"\0\3\0\0")).packet
    query = dns.message.from_wire(packet)
    assert (query.id, query.payload, query.question[0].to_text()) == (7, 1400, "web.shop. IN AAAA")
    assert [int(option.otype) for option in query.options] == [10, 3]


def test_without_edns_there_is_no_record() -> None:
    assert len(ask(7, QUESTION, edns=None).packet) == 12 + len(QUESTION.name) + 4


@given(st.binary(max_size=80))
def test_any_packet_is_a_reply_or_one_of_two_errors(packet: bytes) -> None:
    asked = ask(int.from_bytes(packet[:2].ljust(2)), QUESTION)
    try:
        message = read_reply(asked, packet)
    except (Unrelated, Malformed):
        return
    assert message.id == asked.id


def test_two_questions_in_a_reply_are_not_the_one_asked() -> None:
    asked = ask(7, QUESTION)
    reply = dns.message.make_response(dns.message.from_wire(asked.packet))
    reply.question.append(reply.question[0])
    with pytest.raises(Unrelated, match="another question"):
        read_reply(asked, reply.to_wire())
