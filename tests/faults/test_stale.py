"""What a fault remembers."""

from math import inf

import pytest

from resolver import limits
from resolver.answers.outcome import Reply, Serial
from resolver.faults.stale import Remembered, StaleReplies
from resolver.wire import codes
from resolver.wire.names import name_from_text
from tests.support.questions import record

WEB = name_from_text("web.shop.")
ASKED = WEB, codes.A


def said(*last: int, ttl: int = 5) -> Remembered:
    answer = [record(f"web.shop. {ttl} A 10.0.0.{each}") for each in last]
    return Remembered.of(WEB, Reply(answer=answer, flags=codes.AA))


@pytest.mark.parametrize(
    ("lag", "now", "expected"),
    [(inf, 100, 1), (10, 0, 1), (10, 19, 1), (10, 20, 2), (10, 29, 2), (10, 30, 3), (0, 30, 3), (25, 30, 1)],
)
def test_what_was_true_so_long_ago(lag: float, now: float, expected: int) -> None:
    memory = StaleReplies()
    for at, last in ((0, 1), (10, 2), (20, 3)):
        memory.note(ASKED, said(last), at)
    assert memory.recall(ASKED, now, lag) == said(expected)


def test_what_was_never_asked_is_not_known() -> None:
    assert StaleReplies().recall(ASKED, 0, 0) is None


def test_the_same_again_is_no_change() -> None:
    memory = StaleReplies()
    memory.note(ASKED, said(1, 2), 0)
    memory.note(ASKED, said(2, 1, ttl=3), 10)
    memory.note(ASKED, said(3), 20)
    assert memory.recall(ASKED, 20, 10) == said(1, 2)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FAULT_STALE_QUESTIONS", 2)
    monkeypatch.setattr(limits, "FAULT_STALE_REPLIES", 3)
    memory = StaleReplies()
    for qtype in (1, 2, 1, 3):
        memory.note((WEB, qtype), said(qtype), 0)
    assert [memory.recall((WEB, qtype), 0, 0) is None for qtype in (1, 2, 3)] == [False, True, False]
    for last in range(1, 9):
        memory.note(ASKED, said(last), last)
    assert [memory.recall(ASKED, 9, lag) for lag in (inf, 1, 0)] == [said(1), said(8), said(8)]


def test_a_reply_is_said_again_in_the_letters_of_the_question() -> None:
    serial = Serial(1)
    reply = Reply(codes.NOERROR, codes.AA, [record("web.shop. 5 A 10.0.0.1"), record("db.shop. 5 A 10.0.0.2")])
    reply.serial, reply.rotate, reply.options = serial, True, b"x"
    again = Remembered.of(WEB, reply).reply(name_from_text("WEB.shop."))
    assert [each.owner for each in again.answer] == [name_from_text("WEB.shop."), name_from_text("db.shop.")]
    assert (again.flags, again.serial, again.rotate, again.options) == (codes.AA, serial, True, b"x")
    assert again.depends is None
