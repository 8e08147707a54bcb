"""The order of replies, without a connection."""

from resolver.transports.tcp_turns import Turns
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
