"""DNS over UDP: listeners that answer inside the wake-up, a batch at a time where the system has recvmmsg.

Replies leave from the address that was asked, on sockets bound to all addresses too: a resolver drops a reply from
anywhere else (RFC 5452 §9.1). A reply that is not known yet keeps its way back and is sent when it comes. The kernel's
queue is the only queue: while it takes no more replies, no more queries are read.
"""

import asyncio
import errno
import socket
from collections.abc import Awaitable
from functools import partial

from resolver import limits
from resolver.transports import mmsg
from resolver.transports.answering import AnswerFunction, PendingReplies, Reply, Report, failure_line
from resolver.transports.datagrams import (
    ReturnPath,
    ask_for_buffer,
    ask_for_local_addresses,
    family_of,
    fixed_local_address,
    read_datagram,
)
from resolver.wire.delivery import Delivery
from resolver.wire.peer import Peer

_FULL = frozenset({errno.EAGAIN, errno.EWOULDBLOCK})


def udp_listener(sock: socket.socket, answer: AnswerFunction, report: Report) -> "UdpListener":
    """The fastest listener this system has."""
    return (BatchedUdpListener if mmsg.AVAILABLE else UdpListener)(sock, answer, report)


class UdpListener:
    """Answers the datagrams of one bound socket, which it owns from now on, one by one: works everywhere."""

    def __init__(self, sock: socket.socket, answer: AnswerFunction, report: Report) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._answer = answer
        self._report = report
        self._pending = PendingReplies(report)
        self._local_address = fixed_local_address(sock)
        if self._local_address is None:
            ask_for_local_addresses(sock)
        self.receive_buffer = ask_for_buffer(sock, socket.SO_RCVBUF, limits.UDP_RECEIVE_BUFFER)
        """Bytes of queries the kernel keeps for us; `limits.UDP_RECEIVE_BUFFER` were asked for."""
        self.send_buffer = ask_for_buffer(sock, socket.SO_SNDBUF, limits.UDP_SEND_BUFFER)
        self.received = 0
        self.sent = 0
        self.send_errors = 0
        """Replies the kernel refused: unreachable, filtered, too large for it."""

    @property
    def dropped_pending(self) -> int:
        """Queries dropped because `limits.PENDING_REPLIES` others were being waited for."""
        return self._pending.dropped

    def start(self) -> None:
        """Call within the running loop that is to serve."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._read)

    async def settle(self, grace: float) -> None:
        """Returns when the replies that are waited for now have come, or after `grace` seconds; it reads on."""
        await self._pending.settle(grace)

    async def stop(self, grace: float) -> None:
        """Reads no more, sends the replies that come within `grace` seconds, closes the socket. Once is enough."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            await self._pending.drain(grace)
            self._socket.close()

    def _read(self) -> None:
        for _ in range(limits.UDP_BATCH):
            try:
                packet, peer, path = read_datagram(self._socket, limits.UDP_QUERY_SIZE, self._local_address)
            except BlockingIOError:
                return
            except OSError:
                continue  # what became of an earlier reply; it was read away with this
            self.received += 1
            try:
                reply = self._answer(packet, peer)
            except Exception as error:  # noqa: BLE001 - a bug of the core costs one reply, not the listener
                self._report(failure_line(error, len(packet), peer))
                continue
            self._reply_apart(reply, len(packet), peer, path)

    def _reply_apart(self, reply: Reply | Awaitable[Reply], packet_size: int, peer: Peer, path: ReturnPath) -> None:
        """Sends a reply by itself: now, or when it comes."""
        if isinstance(reply, Awaitable):
            self._pending.wait_for(reply, packet_size, peer, partial(self._send, path))
        else:
            self._send(path, reply)

    def _send(self, path: ReturnPath, reply: Reply) -> None:
        """A datagram, or one for each message of a delivery."""
        if isinstance(reply, Delivery):
            for message in reply.messages:
                self._send_datagram(path, message)
        elif reply is not None:
            self._send_datagram(path, reply if isinstance(reply, bytes) else b"".join(reply))

    def _send_datagram(self, path: ReturnPath, message: bytes) -> None:
        """One the kernel has no room for is lost, as it would be on the way."""
        try:
            self._socket.sendmsg((message,), path.ancillary, 0, path.address)
        except OSError:
            self.send_errors += 1
        else:
            self.sent += 1


class BatchedUdpListener(UdpListener):
    """The same with recvmmsg and sendmmsg: a system call serves up to `limits.UDP_BATCH` queries."""

    def __init__(self, sock: socket.socket, answer: AnswerFunction, report: Report) -> None:
        super().__init__(sock, answer, report)
        self._batch = mmsg.Batch(sock, family_of(sock), self._local_address, sock.getsockname()[1])

    async def stop(self, grace: float) -> None:
        if self._socket.fileno() >= 0:
            self._loop.remove_writer(self._socket)
        await super().stop(grace)

    def _read(self) -> None:
        """The hot path: all it uses is a local name, and a query costs no object but its bytes."""
        batch, answer = self._batch, self._answer
        views, peers, lengths, sizes, capacity = batch.views, batch.peers, batch.lengths, batch.sizes, batch.capacity
        for _ in range(limits.UDP_ROUNDS):
            count = batch.receive()
            self.received += count
            gaps: list[int] | None = None
            slot = 0
            for view, length, peer in zip(views, lengths[:count].tolist(), peers, strict=False):
                try:
                    reply = answer(view[:length].tobytes(), peer)
                except Exception as error:  # noqa: BLE001 - a bug of the core costs one reply, not the listener
                    self._report(failure_line(error, length, peer))
                    reply = None
                if isinstance(reply, bytes) and (size := len(reply)) <= capacity:
                    view[:size] = reply
                    sizes[slot] = size
                else:
                    gaps = gaps or []
                    gaps.append(slot)
                    if reply is not None:
                        self._reply_apart(reply, length, peer, peer.return_path())
                slot += 1
            if gaps is not None:
                count = batch.close_gaps(count, gaps)
            if not self._send_batch(0, count) or slot < limits.UDP_BATCH:
                return  # a batch that is not full emptied the socket; what came since wakes us again

    def _send_batch(self, first: int, count: int) -> bool:
        """Sends the slots from `first` up to `count`. False: no room now, the rest goes when there is."""
        while first < count:
            sent = self._batch.send(first, count)
            if sent > 0:
                self.sent += sent
                first += sent
            elif -sent in _FULL:
                self._loop.remove_reader(self._socket)
                self._loop.add_writer(self._socket, self._send_rest, first, count)
                return False
            elif -sent != errno.EINTR:
                self.send_errors += 1
                first += 1
        return True

    def _send_rest(self, first: int, count: int) -> None:
        self._loop.remove_writer(self._socket)
        if self._send_batch(first, count):
            self._loop.add_reader(self._socket, self._read)
