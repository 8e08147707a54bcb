"""Sockets connected to an upstream: questions out, replies in, matched by id (CoreDNS plugin/pkg/proxy).

Ids are unpredictable, and so are source ports, which the kernel chooses (RFC 5452 §4): a reply counts only if it comes
from the upstream's address to the right port with the right id.
"""

import asyncio
import os
import socket
import sys
from abc import ABC, abstractmethod
from secrets import randbits
from typing import Final, cast

from resolver import limits
from resolver.plugins.forward_targets import Endpoint

_RECVERR: Final = (
    {  # level and option that report each ICMP error, of Linux (ip(7), ipv6(7)); none elsewhere
        socket.AF_INET: (socket.IPPROTO_IP, 11),
        socket.AF_INET6: (socket.IPPROTO_IPV6, 25),
    }
    if sys.platform == "linux"
    else {}
)

STOPPED: Final = "proxy: transport stopped"


class UpstreamFailed(Exception):
    """No reply from an upstream. The text is Go's, so that logs read like CoreDNS's."""


class PeerClosed(UpstreamFailed):
    """The upstream closed the connection before it replied."""


class Channel(ABC):
    """One connected socket. `users` are the questions that hold it; `spent`: not to be used for new ones after them."""

    network: str

    def __init__(self, endpoint: Endpoint) -> None:
        self._loop = asyncio.get_running_loop()
        self._endpoint = endpoint
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self.created = self.used = self._loop.time()
        self.users = 0
        self.spent = False
        self.closed = False

    async def ask(self, question: bytes, seconds: float) -> bytes:
        """Sends a message, all but its id, and waits for the reply to it. Raises UpstreamFailed."""
        id_ = randbits(16)
        while id_ in self._waiting:
            id_ = randbits(16)
        reply: asyncio.Future[bytes] = self._loop.create_future()
        self._waiting[id_] = reply
        timer = self._loop.call_later(seconds, self._give_up, reply)
        try:
            self._send(id_.to_bytes(2, "big") + question)
            return await reply
        finally:
            timer.cancel()
            del self._waiting[id_]

    def _receive(self, packet: bytes) -> None:
        """Hands a message to who waits for its id; one that nobody waits for is late or forged."""
        reply = self._waiting.get(packet[0] << 8 | packet[1])
        if reply is not None and not reply.done():
            reply.set_result(packet)

    def _give_up(self, reply: "asyncio.Future[bytes]") -> None:
        self.spent = True
        if not reply.done():
            reply.set_exception(UpstreamFailed(f"read {self._way()}: i/o timeout"))

    def fail(self, error: type[UpstreamFailed], text: str) -> None:
        """Closes the channel; whoever waits learns why."""
        for reply in self._waiting.values():
            if not reply.done():
                reply.set_exception(error(text))
        self.close()

    def _way(self) -> str:
        """Network, our address and the upstream's, as Go's errors begin."""
        return f"{self.network} {self._local_address()}->{self._endpoint}"

    @abstractmethod
    async def open(self, seconds: float) -> None:
        """Connects, unless it is connected. Raises UpstreamFailed."""

    @abstractmethod
    def close(self) -> None:
        """Closes the socket; nobody waits for a reply."""

    @abstractmethod
    def _send(self, message: bytes) -> None: ...

    @abstractmethod
    def _local_address(self) -> str: ...


class UdpChannel(Channel):
    """Connected at once. `source` is the address to send from, None for the system's choice."""

    network = "udp"

    def __init__(self, endpoint: Endpoint, source: str | None = None) -> None:
        super().__init__(endpoint)
        self._socket = _connected(endpoint, source)
        self._loop.add_reader(self._socket, self._read)

    async def open(self, seconds: float) -> None:
        """It is connected since it was made."""

    def _send(self, message: bytes) -> None:
        try:
            self._socket.send(message)
        except OSError as error:
            self.fail(UpstreamFailed, f"write {self._way()}: write: {reason(error)}")

    def _read(self) -> None:
        try:
            packet = self._socket.recv(limits.MESSAGE_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self.fail(UpstreamFailed, f"read {self._way()}: read: {reason(error)}")
            return
        if len(packet) >= limits.HEADER_SIZE:
            self._receive(packet)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _local_address(self) -> str:
        return _address(self._socket.getsockname())


def _connected(endpoint: Endpoint, source: str | None) -> socket.socket:
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    opened = None
    try:
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.setblocking(False)
        if family in _RECVERR:
            opened.setsockopt(*_RECVERR[family], 1)
        if source is not None:
            opened.bind((source, 0))
        opened.connect((endpoint.host, endpoint.port))
    except OSError as error:
        if opened is not None:
            opened.close()
        raise UpstreamFailed(f"dial udp {endpoint}: connect: {reason(error)}") from error
    return opened


class TcpChannel(Channel, asyncio.Protocol):
    """Connected by `open`; messages behind their two-byte length (RFC 1035 §4.2.2)."""

    network = "tcp"

    def __init__(self, endpoint: Endpoint, source: str | None = None) -> None:
        super().__init__(endpoint)
        self._source = source
        self._opening: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()

    async def open(self, seconds: float) -> None:
        if self._opening is None:
            self._opening = self._loop.create_task(self._connect(seconds))
        if not self._opening.done():
            await asyncio.wait((self._opening,))
        if self._opening.cancelled():
            raise UpstreamFailed(STOPPED)
        if (error := self._opening.exception()) is not None:
            raise error

    async def _connect(self, seconds: float) -> None:
        source = None if self._source is None else (self._source, 0)
        try:
            async with asyncio.timeout(seconds):
                await self._loop.create_connection(
                    lambda: self, self._endpoint.host, self._endpoint.port, local_addr=source
                )
        except TimeoutError as error:
            self.closed = True
            raise UpstreamFailed(f"dial tcp {self._endpoint}: i/o timeout") from error
        except OSError as error:
            self.closed = True
            raise UpstreamFailed(f"dial tcp {self._endpoint}: connect: {reason(error)}") from error

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self.closed:
            self._transport.abort()

    def _send(self, message: bytes) -> None:
        if self.closed or self._transport is None:
            raise PeerClosed("EOF")
        self._transport.write(len(message).to_bytes(2, "big") + message)

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        while len(received) >= 2 and len(received) >= (end := 2 + (received[0] << 8 | received[1])):
            packet = bytes(received[2:end])
            del received[:end]
            if len(packet) < limits.HEADER_SIZE:
                self.fail(UpstreamFailed, "dns: short read")
                return
            self._receive(packet)

    def connection_lost(self, error: Exception | None) -> None:
        if isinstance(error, OSError):
            self.fail(UpstreamFailed, f"read {self._way()}: read: {reason(error)}")
        else:
            self.fail(PeerClosed, "EOF")

    def close(self) -> None:
        self.closed = True
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
        if self._transport is not None:
            self._transport.abort()

    def _local_address(self) -> str:
        return _address(self._transport.get_extra_info("sockname")) if self._transport is not None else ""


def reason(error: OSError) -> str:
    """The system's word for it as Go prints it: ``connection refused``."""
    if error.errno is None:
        return str(error)
    return os.strerror(error.errno).lower()


def _address(name: tuple[str, int]) -> str:
    return str(Endpoint(name[0], name[1]))
