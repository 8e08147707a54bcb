"""The order of replies on one TCP connection, and their frames (RFC 1035 §4.2.2)."""

from collections import deque
from collections.abc import Callable
from struct import Struct
from typing import Final

from resolver.transports.answering import Reply
from resolver.wire.delivery import Delivery

length_prefix: Final[Callable[[int], bytes]] = Struct(">H").pack
"""The two bytes before a message of so many bytes."""


class Turn:
    """The place of one reply: its frames, None while they are not known.

    `seconds`: how long the frames take on purpose. `reset`: instead of them the connection is reset.
    """

    __slots__ = ("frames", "reset", "seconds")

    def __init__(self) -> None:
        self.frames: deque[bytes] | None = None
        self.seconds = 0.0
        self.reset = False

    def fill(self, reply: Reply) -> None:
        if isinstance(reply, Delivery):
            self.seconds, self.reset = reply.seconds if reply.messages else 0.0, reply.reset
            reply = reply.messages
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

    @property
    def odd(self) -> Turn | None:
        """The turn that is next, where it is known and goes slowly or resets the connection."""
        if self and self[0].frames is not None and (self[0].seconds or self[0].reset):
            return self[0]
        return None

    def ready(self, size: int) -> list[bytes]:
        """Takes out the frames that may go now, in order, until they make `size` bytes; an odd turn ends them."""
        frames: list[bytes] = []
        while self and size > 0 and (known := self[0].frames) is not None:
            if self[0].seconds or self[0].reset:
                break
            while known and size > 0:
                size -= len(known[0])
                frames.append(known.popleft())
            if not known:
                self.popleft()
        return frames
