"""What faults do to finished messages."""

import dns.exception
import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.faults.effects import Effects
from resolver.faults.messages import deliver, garbage, wrong_id, wrong_question
from resolver.wire.delivery import Delivery

QUERY = dns.message.make_query("web.shop.svc.cluster.local", "A")
REPLY = dns.message.make_response(QUERY)
REPLY.answer.append(dns.rrset.from_text("web.shop.svc.cluster.local.", 5, "IN", "A", "10.0.0.1"))
MESSAGE = REPLY.to_wire()


def test_another_id_and_all_else_as_it_was() -> None:
    changed = wrong_id(MESSAGE)
    assert changed[:2] != MESSAGE[:2]
    assert changed[2:] == MESSAGE[2:]


def test_another_question_that_owners_still_point_to() -> None:
    changed = dns.message.from_wire(wrong_question(MESSAGE))
    assert changed.question[0].name.to_text() == "xeb.shop.svc.cluster.local."
    assert changed.answer[0].name == changed.question[0].name
    assert changed.id == REPLY.id


def test_of_the_root_another_type_is_asked() -> None:
    root = dns.message.make_response(dns.message.make_query(".", "NS")).to_wire()
    changed = dns.message.from_wire(wrong_question(root))
    assert changed.question[0].rdtype == 3


@pytest.mark.parametrize("message", [b"", b"\0" * 12])
def test_without_a_question_nothing_changes(message: bytes) -> None:
    assert wrong_question(message) == message


@given(st.integers(0, 1 << 32), st.integers(0, 1 << 32), st.binary(min_size=12, max_size=600))
def test_garbage_has_the_id_and_cannot_be_read(seed: int, number: int, message: bytes) -> None:
    noise = garbage(message, seed, number)
    assert noise[:2] == message[:2]
    assert len(noise) == max(len(message), 13)
    with pytest.raises(dns.exception.DNSException):
        dns.message.from_wire(noise)
    assert garbage(message, seed, number) == noise


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        (Effects(duplicate=True), Delivery((MESSAGE, MESSAGE))),
        (Effects(tcp_slow=2.0), Delivery((MESSAGE,), seconds=2.0)),
        (Effects(tcp_reset=True, duplicate=True), Delivery((), reset=True)),
        (Effects(wrong_id=True, duplicate=True), Delivery((wrong_id(MESSAGE),) * 2)),
        (Effects(wrong_id=True, wrong_question=True), Delivery((wrong_question(wrong_id(MESSAGE)),))),
    ],
)
def test_how_a_message_leaves(effects: Effects, expected: Delivery) -> None:
    assert deliver(effects, MESSAGE, 1, 1) == expected
