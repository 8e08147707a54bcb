"""One connection of DNS over TCP: frames in, replies out in the order asked, and when it ends.

What arrives in one piece is answered in one piece. A reply that is not known yet takes its turn in a bounded queue,
and what follows waits behind it. A client that does not read its replies is read no further, and cut off in the end.
A connection holds no buffer of its own but for a frame that is not whole, or not answered yet.
"""

import asyncio
import math
import socket
from collections.abc import Awaitable
from functools import partial
from struct import Struct
from typing import TYPE_CHECKING, Final, cast

from resolver import limits
from resolver.transports.answering import Reply, failure_line
from resolver.transports.tcp_drip import Drip
from resolver.transports.tcp_turns import Turn, Turns, length_prefix
from resolver.wire.peer import KeptPeer

if TYPE_CHECKING:
    from resolver.transports.tcp import TcpListener

_NO_LINGER: Final = Struct("ii").pack(1, 0)  # struct linger: close with RST, whatever is unsent


class TcpConnection(asyncio.BufferedProtocol):
    """One client."""

    __slots__ = (
        "_answer",
        "_asked",
        "_begun",
        "_choked",
        "_connections",
        "_drip",
        "_finishing",
        "_held",
        "_listener",
        "_peer",
        "_transport",
        "_turns",
        "_unread",
        "_wanted",
        "deadline",
    )

    def __init__(self, listener: "TcpListener") -> None:
        self._listener = listener
        self._connections = listener.connections
        self._answer = listener.answer
        self._turns = Turns()
        self._unread = bytearray()  # a frame that is not whole; while held, also whole ones
        self._wanted = 0  # bytes of `_unread` below which it cannot be whole
        self._asked = False  # a first query has come
        self._begun = False  # the deadline counts from the first byte of a frame
        self._choked = False  # the client does not read its replies
        self._held = False  # nothing more is read or answered until replies have gone out
        self._finishing = False  # nothing more is read; closed when the last reply has gone out
        self._drip: Drip | None = None  # the reply that goes slowly, on purpose
        self.deadline = math.inf

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername")
        if name is None or self._listener.stopping:  # gone before it was accepted; accepted before we went
            self.cut()
            return
        own = transport.get_extra_info("sockname")
        family = self._listener.family
        self._peer = KeptPeer("tcp", family, name[0].partition("%")[0], name[1], own[0].partition("%")[0], own[1])
        self._transport.set_write_buffer_limits(high=limits.TCP_OUTPUT)
        self.deadline = self._connections.clock() + self._connections.timeouts.read
        self._connections.join(self)
        self._listener.joined(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._drip is not None:
            self._drip.cancel()
        self._turns.clear()
        self._unread.clear()
        self._connections.leave(self)
        self._listener.left(self)

    def cut(self) -> None:
        self._transport.abort()

    def finish(self) -> None:
        """Reads no more; closes when what was asked is answered and sent."""
        self._finishing = True
        if not self._held:
            self._unread.clear()
        if not self._transport.is_closing():
            self._transport.pause_reading()
            if self._drip is not None:
                self._drip.hurry()
            else:
                self._settle()

    # -- reading

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._listener.chunk  # filled and emptied within one call of the loop, so one serves all connections

    def buffer_updated(self, nbytes: int) -> None:
        self._connections.touch(self)
        unread = self._unread
        if unread or self._held:
            unread += self._listener.chunk[:nbytes]
            if not self._held and len(unread) >= self._wanted:
                self._answer_unread()
        else:
            self._answer_frames(self._listener.chunk[:nbytes].tobytes())

    def eof_received(self) -> bool:
        """A client that asks no more still gets its replies."""
        self._finishing = True
        if self._held or self._turns:
            return True
        self.deadline = self._connections.clock() + self._connections.timeouts.write
        return False

    def _answer_unread(self) -> None:
        stream = bytes(self._unread)
        self._unread.clear()
        self._answer_frames(stream)

    def _answer_frames(self, stream: bytes) -> None:
        """Answers the whole frames of `stream` and keeps the rest."""
        answer, peer, turns = self._answer, self._peer, self._turns
        position, end, received, owed = 0, len(stream), 0, 0
        replies: list[bytes] = []
        self._wanted = 2
        while position + 2 <= end and not self._held:
            length = stream[position] << 8 | stream[position + 1]
            stop = position + 2 + length
            if length < limits.HEADER_SIZE:
                self._finishing = True
                self._transport.pause_reading()
                position = end
                break
            if stop > end:
                self._wanted = stop - position
                break
            try:
                reply = answer(stream[position + 2 : stop], peer)
                if isinstance(reply, bytes) and not turns:
                    replies.append(length_prefix(len(reply)) + reply)
                    owed += len(reply)
                    reply = None
            except Exception as error:  # noqa: BLE001 - a bug of the core costs one reply, not the connection
                self._listener.report(failure_line(error, length, peer))
                reply = None
            position = stop
            received += 1
            if owed >= limits.TCP_OUTPUT or reply is not None:
                self._write(replies)
                owed = 0
                if reply is not None:
                    self._take_turn(reply, length)
        self._write(replies)
        if position < end:
            self._unread += stream[position:]
        if received:
            self._listener.received += received
            self._asked = True
            self._begun = False
        self._settle()

    def _settle(self) -> None:
        """Closes what is finished; else sets the deadline for what must happen next."""
        if self._finishing and not self._turns and not self._held:
            self.deadline = self._connections.clock() + self._connections.timeouts.write
            self._transport.close()
        elif self._choked:
            self._begun = False  # the deadline is that of writing
        elif self._turns:
            self._begun = False
            self.deadline = math.inf
        elif not self._unread:
            self.deadline = self._connections.clock() + self._connections.timeouts.idle
        elif self._asked and not self._begun:
            self._begun = True
            self.deadline = self._connections.clock() + self._connections.timeouts.read

    # -- writing

    def _take_turn(self, reply: Reply | Awaitable[Reply], packet_size: int) -> None:
        """Queues a reply that is not known yet, is many messages, or has such a one before it."""
        turn = self._turns.take()
        if not isinstance(reply, Awaitable):
            turn.fill(reply)
            self._write_turns()
        elif not self._listener.pending.wait_for(reply, packet_size, self._peer, partial(self._fill_turn, turn)):
            self._turns.pop()
        if len(self._turns) >= limits.TCP_TURNS:
            self._hold()

    def _fill_turn(self, turn: Turn, reply: Reply) -> None:
        if not self._transport.is_closing():
            turn.fill(reply)
            self._connections.touch(self)
            self._proceed()

    def _write_turns(self) -> None:
        """Writes the replies that are known, in order, as far as the client reads them."""
        while not self._choked and self._drip is None:
            replies = self._turns.ready(limits.TCP_OUTPUT)
            if replies:
                self._write(replies)
            elif (turn := self._turns.odd) is not None:
                self._take_odd_turn(turn)
            else:
                return

    def _take_odd_turn(self, turn: Turn) -> None:
        """Resets the connection, or begins to send slowly; not when the server is about to end."""
        if turn.reset:
            self._reset()
        elif self._listener.stopping:
            turn.seconds = 0.0
        else:
            stream = b"".join(turn.frames or ())
            self._drip = Drip(stream, turn.seconds, self._transport.write, self._end_odd_turn)
            self._drip.start()

    def _end_odd_turn(self) -> None:
        self._drip = None
        self._listener.sent += len(self._turns.popleft().frames or ())
        self._proceed()

    def _reset(self) -> None:
        """Ends the connection as a crashed peer does: RST, and nothing of what was still to come."""
        self._turns.clear()
        self._held = True
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._transport.abort()

    def _write(self, replies: list[bytes]) -> None:
        if replies:
            self._listener.sent += len(replies)
            self._transport.write(b"".join(replies))
            replies.clear()

    def _hold(self) -> None:
        self._held = True
        if not self._finishing:
            self._transport.pause_reading()

    def _proceed(self) -> None:
        """Goes on after replies went out or became known."""
        self._write_turns()
        if self._held and not self._choked and len(self._turns) < limits.TCP_TURNS:
            self._held = False
            self._answer_unread()
            if not self._held and not self._finishing:
                self._transport.resume_reading()
        else:
            self._settle()

    def pause_writing(self) -> None:
        self._choked = True
        self._hold()
        self.deadline = self._connections.clock() + self._connections.timeouts.write

    def resume_writing(self) -> None:
        self._choked = False
        if not self._transport.is_closing():
            self._proceed()
