import pytest

from resolver import limits
from resolver.answers.finished import Finished
from resolver.answers.memo import AnswerMemo
from resolver.answers.outcome import Key, Reply
from resolver.wire import codes
from resolver.wire.names import name_from_text

WEB, SHOP, OTHER = ("service", b"web"), ("namespace", b"shop"), ("service", b"other")


def finished(*keys: Key) -> Finished:
    return Finished(Reply(depends=keys), name_from_text("web.shop"))


def test_a_reply_is_found_under_its_question() -> None:
    memo, reply = AnswerMemo(), finished(WEB)
    memo.put(b"question", reply)
    assert memo.get(b"question") is reply
    assert memo.get(b"another") is None
    assert len(memo) == 1


@pytest.mark.parametrize("touched", [{WEB}, {SHOP}, {WEB, SHOP}, {SHOP, OTHER}])
def test_a_reply_is_forgotten_when_anything_it_depends_on_is_touched(touched: set[Key]) -> None:
    memo, reply = AnswerMemo(), finished(WEB, SHOP)
    memo.put(b"question", reply)
    memo.forget(touched)
    assert memo.get(b"question") is None
    assert not reply.live


def test_a_reply_stays_when_something_else_is_touched() -> None:
    memo, reply = AnswerMemo(), finished(WEB, SHOP)
    memo.put(b"question", reply)
    memo.forget({OTHER, ("address", "10.0.0.1")})
    assert memo.get(b"question") is reply
    assert reply.live


def test_a_reply_that_depends_on_nothing_stays_for_good() -> None:
    memo, reply = AnswerMemo(), finished()
    memo.put(b"question", reply)
    memo.forget({WEB, SHOP})
    assert memo.get(b"question") is reply


def test_one_key_forgets_all_its_replies_and_no_other() -> None:
    memo = AnswerMemo()
    memo.put(b"a", finished(WEB, SHOP))
    memo.put(b"b", finished(WEB))
    memo.put(b"c", finished(OTHER, SHOP))
    memo.forget([WEB])
    assert [memo.get(question) is not None for question in (b"a", b"b", b"c")] == [False, False, True]
    memo.forget([SHOP])
    assert len(memo) == 0


def test_a_reply_can_be_kept_again_after_it_was_forgotten() -> None:
    memo = AnswerMemo()
    memo.put(b"question", finished(WEB))
    memo.forget([WEB])
    again = finished(WEB)
    memo.put(b"question", again)
    memo.forget([WEB])
    assert not again.live


def test_a_reply_that_takes_the_place_of_another_ends_it() -> None:
    memo, old, new = AnswerMemo(), finished(WEB), finished(OTHER)
    memo.put(b"question", old)
    memo.put(b"question", new)
    assert (old.live, new.live) == (False, True)
    memo.forget([WEB])
    assert memo.get(b"question") is new


def test_forgotten_replies_leave_nothing_under_their_other_keys() -> None:
    memo = AnswerMemo()
    for number in range(100):
        memo.put(b"question %d" % number, finished(WEB, SHOP))
        memo.forget([WEB])
    assert memo._by_key == {}


def test_a_key_named_twice_is_one() -> None:
    memo = AnswerMemo()
    memo.put(b"question", finished(WEB, WEB))
    memo.forget([WEB])
    assert len(memo) == 0


def test_in_a_full_memo_the_reply_kept_longest_makes_way() -> None:
    memo = AnswerMemo(capacity=2)
    first, second, third = finished(WEB), finished(WEB), finished(WEB)
    for question, reply in ((b"a", first), (b"b", second), (b"c", third)):
        memo.put(question, reply)
    assert (len(memo), memo.get(b"a"), memo.get(b"b"), memo.get(b"c")) == (2, None, second, third)
    assert (first.live, second.live, third.live) == (False, True, True)
    memo.forget([WEB])
    assert (len(memo), second.live, third.live) == (0, False, False)


def test_in_a_full_memo_a_reply_may_take_the_place_of_its_own() -> None:
    memo, other = AnswerMemo(capacity=2), finished(WEB)
    memo.put(b"a", other)
    memo.put(b"b", finished(WEB))
    memo.put(b"b", finished(SHOP))
    assert (len(memo), other.live) == (2, True)


def test_a_memo_can_be_emptied() -> None:
    memo, reply = AnswerMemo(), finished(WEB)
    memo.put(b"a", reply)
    memo.clear()
    assert (len(memo), memo.get(b"a"), reply.live, memo._by_key) == (0, None, False, {})
    memo.put(b"a", reply)
    assert memo.get(b"a") is reply


def test_a_name_that_is_missing_is_worth_keeping_from_its_second_asking_on() -> None:
    memo = AnswerMemo()
    assert not memo.wants(b"question", codes.NXDOMAIN)
    assert memo.wants(b"question", codes.NXDOMAIN)
    assert not memo.wants(b"another", codes.NXDOMAIN)


@pytest.mark.parametrize("rcode", [codes.NOERROR, codes.SERVFAIL, codes.REFUSED])
def test_all_else_is_worth_keeping_at_once(rcode: int) -> None:
    assert AnswerMemo().wants(b"question", rcode)


def test_names_asked_once_are_remembered_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASKED_ONCE", 3)
    memo = AnswerMemo()
    for number in range(10):
        assert not memo.wants(b"%d" % number, codes.NXDOMAIN)
        assert len(memo._asked_once) <= 3
