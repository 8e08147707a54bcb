"""Bytes that leave a few at a time."""

import asyncio

import pytest

from resolver import limits
from resolver.transports.tcp_drip import Drip


class Written:
    """What was written, piece by piece, and whether that was all."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.done = asyncio.Event()

    def drip(self, stream: bytes, seconds: float) -> Drip:
        return Drip(stream, seconds, self.pieces.append, self.done.set)


@pytest.mark.parametrize(("size", "pieces"), [(0, 0), (1, 1), (5, 5), (64, 64), (65, 33), (6_400, 64), (65_537, 64)])
async def test_all_bytes_leave_in_order_and_in_so_many_pieces(size: int, pieces: int) -> None:
    written, stream = Written(), bytes(number % 251 for number in range(size))
    written.drip(stream, 0.001).start()
    await asyncio.wait_for(written.done.wait(), 5)
    assert b"".join(written.pieces) == stream
    assert len(written.pieces) == pieces <= limits.SLOW_PIECES


async def test_the_first_piece_leaves_at_once_and_the_rest_when_hurried() -> None:
    written = Written()
    drip = written.drip(b"abcdef", 300)
    drip.start()
    assert written.pieces == [b"a"]
    drip.hurry()
    assert written.pieces == [b"a", b"bcdef"]
    assert written.done.is_set()


async def test_what_is_cancelled_is_never_done() -> None:
    written = Written()
    drip = written.drip(b"abc", 0.0)
    drip.start()
    drip.cancel()
    drip.cancel()
    await asyncio.sleep(0)
    assert written.pieces == [b"a"]
    assert not written.done.is_set()
