"""Bytes that leave a few at a time, on purpose: a reply over slow TCP."""

import asyncio
from collections.abc import Callable

from resolver import limits


class Drip:
    """Writes `stream` in at most `limits.SLOW_PIECES` pieces, from `start` on until `seconds` later; then `done`.

    A timer does it, so nobody else waits.
    """

    def __init__(self, stream: bytes, seconds: float, write: Callable[[bytes], None], done: Callable[[], None]) -> None:
        self._stream = stream
        self._write = write
        self._done = done
        pieces = max(min(len(stream), limits.SLOW_PIECES), 1)
        self._size = -(-len(stream) // pieces)
        self._pause = seconds / max(-(-len(stream) // max(self._size, 1)) - 1, 1)
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Writes the first piece."""
        self._go_on()

    def _go_on(self) -> None:
        piece, self._stream = self._stream[: self._size], self._stream[self._size :]
        self._timer = None
        if piece:
            self._write(piece)
        if self._stream:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._go_on)
        else:
            self._done()

    def hurry(self) -> None:
        """Writes what is left at once; the server is about to end."""
        self.cancel()
        self._size = len(self._stream)
        self._go_on()

    def cancel(self) -> None:
        """Writes no more, and is never done."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
