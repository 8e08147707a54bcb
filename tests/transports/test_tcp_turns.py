"""The order of replies, without a connection."""

from resolver.transports.tcp_turns import Turns
from resolver.wire.delivery import Delivery
from tests.support.streams import frame


def test_a_known_reply_waits_for_one_before_it() -> None:
    turns = Turns()
    first, second = turns.take(), turns.take()
    second.fill(b"second")
    assert turns.ready(1000) == []
    first.fill(b"first")
    assert turns.ready(1000) == [frame(b"first"), frame(b"second")]
    assert not turns


def test_silence_and_several_messages_keep_their_place() -> None:
    turns = Turns()
    turns.take().fill(None)
    turns.take().fill([b"one", b"two"])
    turns.take().fill(())
    turns.take().fill(b"three")
    assert turns.ready(1000) == [frame(b"one"), frame(b"two"), frame(b"three")]
    assert not turns


def test_frames_are_taken_until_they_make_the_size_asked() -> None:
    turns = Turns()
    turns.take().fill([b"aaaa", b"bbbb", b"cccc"])
    turns.take().fill(b"dddd")
    assert turns.ready(1) == [frame(b"aaaa")]
    assert turns.ready(7) == [frame(b"bbbb"), frame(b"cccc")]
    assert turns.ready(1) == [frame(b"dddd")]
    assert turns.ready(1) == []


def test_an_odd_turn_ends_what_may_go_and_is_told() -> None:
    turns = Turns()
    turns.take().fill(b"first")
    slow, reset = turns.take(), turns.take()
    slow.fill(Delivery((b"slow", b"again"), seconds=2.0))
    reset.fill(Delivery(reset=True))
    assert turns.odd is None, "the first one's turn comes before"
    assert turns.ready(1000) == [frame(b"first")]
    assert turns.ready(1000) == []
    assert turns.odd is slow
    assert (slow.seconds, list(slow.frames or ())) == (2.0, [frame(b"slow"), frame(b"again")])
    turns.popleft()
    assert turns.odd is reset
    assert reset.reset


def test_a_delivery_that_is_neither_slow_nor_reset_is_frames_in_order() -> None:
    turns = Turns()
    turns.take().fill(Delivery((b"one", b"one")))
    turns.take().fill(Delivery((), seconds=2.0))
    assert turns.odd is None
    assert turns.ready(1000) == [frame(b"one")] * 2
    assert not turns
