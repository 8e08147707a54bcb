"""DNS over TCP (RFC 7766): frames of a two-byte length, any number in flight, answered in the order asked.

The listener accepts and ends; resolver/transports/tcp_connection.py reads and answers.
"""

import asyncio
import socket
from typing import Final

from resolver import limits
from resolver.transports.answering import AnswerFunction, PendingReplies, Report
from resolver.transports.datagrams import family_of
from resolver.transports.tcp_connection import TcpConnection
from resolver.transports.tcp_connections import TcpConnections


class TcpListener:
    """Answers the connections of one bound socket, which it owns from now on."""

    def __init__(
        self, sock: socket.socket, answer: AnswerFunction, report: Report, connections: TcpConnections | None = None
    ) -> None:
        self._socket = sock
        self._open: set[TcpConnection] = set()
        self._all_gone = asyncio.Event()
        self.stopping = False
        self.family: Final = family_of(sock)
        self.answer: Final = answer
        self.report: Final = report
        self.connections: Final = TcpConnections() if connections is None else connections
        self.pending: Final = PendingReplies(report)
        self.chunk: Final = memoryview(bytearray(limits.TCP_CHUNK))
        self.received = 0
        self.sent = 0

    @property
    def dropped_pending(self) -> int:
        """Queries dropped because `limits.PENDING_REPLIES` others were being waited for."""
        return self.pending.dropped

    async def start(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(
            lambda: TcpConnection(self), sock=self._socket, backlog=limits.TCP_BACKLOG
        )

    async def settle(self, grace: float) -> None:
        """Returns when the replies that are waited for now have come, or after `grace` seconds; it reads on."""
        await self.pending.settle(grace)

    async def stop(self, grace: float) -> None:
        """Accepts no more, answers what was asked, after `grace` seconds cuts off the rest. Once is enough."""
        self.stopping = True
        self._server.close()
        for connection in tuple(self._open):
            connection.finish()
        if self._open:
            self._all_gone.clear()
            try:
                await asyncio.wait_for(self._all_gone.wait(), grace)
            except TimeoutError:
                for connection in tuple(self._open):
                    connection.cut()
                await self._all_gone.wait()
        await self.pending.drain(0)
        await self._server.wait_closed()

    def joined(self, connection: TcpConnection) -> None:
        self._open.add(connection)

    def left(self, connection: TcpConnection) -> None:
        self._open.discard(connection)
        if not self._open:
            self._all_gone.set()
