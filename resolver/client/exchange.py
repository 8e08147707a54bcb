"""One question to one server over UDP, again over TCP where the reply is cut, or over TCP at once."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Final, NamedTuple

from resolver import limits
from resolver.client.message import Asked, AskedEdns, Unrelated, ask, read_reply
from resolver.wire import codes
from resolver.wire.message import Message, Question
from resolver.wire.rdata import Malformed

_EDNS: Final = AskedEdns()
_LENGTH: Final = 2  # bytes of a TCP frame's length, RFC 1035 §4.2.2


class NoReply(Exception):
    """No reply came, or none that can be read; the message says what happened and with whom."""


class NoServer(NoReply):
    """Nobody listens there."""


class Reply(NamedTuple):
    """A reply and how it came. `seconds` is the time from the question that it answers; `notes` tell of what came
    besides: packets that answered something else, and a reply that was cut."""

    message: Message
    packet: bytes
    protocol: str
    address: str
    port: int
    seconds: float
    notes: tuple[str, ...] = ()


def new_id() -> int:
    """A random message id, which a stranger cannot guess."""
    return secrets.randbits(16)


async def exchange(
    question: Question,
    address: str,
    port: int,
    *,
    tcp: bool = False,
    edns: AskedEdns | None = _EDNS,
    flags: int = codes.RD,
    seconds: float = limits.ASK_SECONDS,
    tries: int = 1,
    retry_tcp: bool = True,
) -> Reply:
    """Asks a server by IP address. Over UDP up to `tries` times, each waiting `seconds` for a reply that has
    the question and its id. Raises NoReply, NoServer."""
    asked = ask(new_id(), question, flags=flags, edns=edns)
    if tcp:
        return await ask_tcp(asked, address, port, seconds)
    reply = await _ask_udp(asked, address, port, seconds, tries)
    if reply.message.flags & codes.TC and retry_tcp:
        whole = await ask_tcp(asked, address, port, seconds)
        return whole._replace(notes=(*reply.notes, TRUNCATED))
    return reply


TRUNCATED: Final = "Truncated, retrying in TCP mode."


async def _ask_udp(asked: Asked, address: str, port: int, seconds: float, tries: int) -> Reply:
    async with udp_socket(address, port) as socket:
        for _ in range(tries):
            try:
                async with asyncio.timeout(seconds):
                    return await socket.ask(asked)
            except TimeoutError:
                continue
        ignored = f"; came instead: {'; '.join(socket.notes)}" if socket.notes else ""
        raise NoReply(f"{shown(address, port)} did not reply within {seconds:g} s, asked {tries} times{ignored}")


async def ask_tcp(asked: Asked, address: str, port: int, seconds: float) -> Reply:
    """Asks over a connection of its own. Raises NoReply, NoServer."""
    where = shown(address, port)
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address, port)
            try:
                return await _ask_stream(asked, address, port, reader, writer)
            finally:
                writer.close()
    except TimeoutError:
        raise NoReply(f"{where} did not reply over TCP within {seconds:g} s") from None
    except ConnectionRefusedError:
        raise NoServer(f"no DNS server listens on {where} (TCP)") from None
    except asyncio.IncompleteReadError:
        raise NoReply(f"{where} ended the TCP connection before its reply was whole") from None
    except OSError as error:
        raise NoReply(f"{where} over TCP: {error.strerror or error}") from None
    except (Unrelated, Malformed) as error:
        raise NoReply(f"{where} sent what is no reply: {error}") from None


async def _ask_stream(
    asked: Asked, address: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> Reply:
    started = perf_counter()
    writer.write(len(asked.packet).to_bytes(_LENGTH) + asked.packet)
    packet = await reader.readexactly(int.from_bytes(await reader.readexactly(_LENGTH)))
    seconds = perf_counter() - started
    return Reply(read_reply(asked, packet), packet, "tcp", address, port, seconds)


class UdpSocket(asyncio.DatagramProtocol):
    """A socket connected to one server; several questions may be under way on it."""

    def __init__(self, address: str, port: int) -> None:
        self.address = address
        self.port = port
        self.notes: list[str] = []
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, tuple[Asked, float, asyncio.Future[Reply]]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    async def ask(self, asked: Asked) -> Reply:
        """Sends the question and waits for its reply, without end. Raises NoReply, NoServer."""
        future: asyncio.Future[Reply] = self._loop.create_future()
        self._waiting[asked.id] = asked, perf_counter(), future
        self._transport.sendto(asked.packet)  # type: ignore[attr-defined]
        try:
            return await future
        finally:
            del self._waiting[asked.id]

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self._waiting:
            return
        known = self._waiting.get(int.from_bytes(data[:2]))
        asked, started, future = known or next(iter(self._waiting.values()))
        if future.done():
            return
        try:
            message = read_reply(asked, data)
        except Unrelated as error:
            if len(self.notes) < limits.ASK_NOTES:
                self.notes.append(str(error))
        except Malformed as error:
            future.set_exception(NoReply(f"{self.where} sent a reply that cannot be read: {error}"))
        else:
            seconds = perf_counter() - started
            future.set_result(Reply(message, data, "udp", self.address, self.port, seconds, tuple(self.notes)))

    def error_received(self, exc: Exception) -> None:
        error: NoReply
        if isinstance(exc, ConnectionRefusedError):
            error = NoServer(f"no DNS server listens on {self.where} (UDP)")
        else:
            error = NoReply(f"{self.where}: {getattr(exc, 'strerror', None) or exc}")
        for _, _, future in self._waiting.values():
            if not future.done():
                future.set_exception(error)

    @property
    def where(self) -> str:
        return shown(self.address, self.port)


@asynccontextmanager
async def udp_socket(address: str, port: int) -> AsyncIterator[UdpSocket]:
    """A socket to ask this server by. Raises NoReply where it cannot be reached at all."""
    loop = asyncio.get_running_loop()
    try:
        transport, protocol = await loop.create_datagram_endpoint(
            lambda: UdpSocket(address, port), remote_addr=(address, port)
        )
    except OSError as error:
        raise NoReply(f"{shown(address, port)}: {error.strerror or error}") from None
    try:
        yield protocol
    finally:
        transport.close()


def shown(address: str, port: int) -> str:
    """``127.0.0.1:1053``, ``[::1]:1053``."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
