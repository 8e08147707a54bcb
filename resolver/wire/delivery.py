"""Replies that leave in another way than one message at once: what the core tells a transport to do on purpose.

Faults are made of it (resolver/faults). A transport does what it can: a datagram is neither slow nor reset.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivery:
    """What leaves in place of one reply.

    `messages`: whole messages in order, each a datagram or a frame of its own; none is silence. `seconds`: over TCP
    the bytes go out in small pieces that take so long together. `reset`: over TCP nothing is sent, and the connection
    is reset (RST) when it is this reply's turn.
    """

    messages: tuple[bytes, ...] = ()
    seconds: float = 0.0
    reset: bool = False
