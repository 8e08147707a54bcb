"""The order of replies on one TCP connection, and their frames (RFC 1035 §4.2.2)."""

from collections import deque
from collections.abc import Callable
from struct import Struct
from typing import Final

from resolver.transports.answering import Reply

length_prefix: Final[Callable[[int], bytes]] = Struct(">H").pack
"""The two bytes before a message of so many bytes."""


class Turn:
    """The place of one reply: its frames, None while they are not known."""

    __slots__ = ("frames",)

    def __init__(self) -> None:
        self.frames: deque[bytes] | None = None

    def fill(self, reply: Reply) -> None:
        messages = () if reply is None else (reply,) if isinstance(reply, bytes) else reply
        self.frames = deque(length_prefix(len(message)) + message for message in messages)


class Turns(deque[Turn]):
    """Replies that wait for the client to read, or for one before them to become known."""

    __slots__ = ()

    def take(self) -> Turn:
        """The next place."""
        turn = Turn()
        self.append(turn)
        return turn

    def ready(self, size: int) -> list[bytes]:
        """Takes out the frames that may go now, in order, until they make `size` bytes."""
        frames: list[bytes] = []
        while self and size > 0 and (known := self[0].frames) is not None:
            while known and size > 0:
                size -= len(known[0])
                frames.append(known.popleft())
            if not known:
                self.popleft()
        return frames
