"""One more place where a server answers, for as long as somebody needs it."""

import socket
import time
from collections import deque

from resolver import limits
from resolver.answers.door import Door
from resolver.server.history import History
from resolver.server.server import Server
from resolver.transports.answering import AnswerFunction
from resolver.transports.tcp import TcpListener
from resolver.transports.udp import udp_listener
from resolver.wire.peer import Network


class FurtherListener:
    """Answers on IPv4 sockets, which it owns from now on, as the server does on its first place."""

    def __init__(self, server: Server, history: History, udp: socket.socket, tcp: socket.socket) -> None:
        self._server = server
        self._history = history
        self._port = udp.getsockname()[1]
        self.problems: deque[str] = deque(maxlen=limits.TEST_LOG_LINES)
        udp.setblocking(False)
        tcp.setblocking(False)
        self._udp = udp_listener(udp, self._answer("udp"), self.problems.append)
        self._tcp = TcpListener(tcp, self._answer("tcp"), self.problems.append)

    async def start(self) -> None:
        self._udp.start()
        await self._tcp.start()

    async def stop(self) -> None:
        """At once: replies that are held back are not waited for."""
        await self._udp.stop(0.0)
        await self._tcp.stop(0.0)

    def _answer(self, protocol: Network) -> AnswerFunction:
        instance = self._server.instance
        place = instance.listening[0]
        door = Door(instance.router(place), instance.memo_of(place), time.monotonic, self.problems.append)
        return self._history.recording(door.answer, protocol, 4, self._port)
