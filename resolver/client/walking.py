"""A walk along a search path with real questions: what `search` decides, carried out on sockets."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from socket import AF_INET, AF_INET6, inet_ntop
from time import perf_counter
from typing import NamedTuple

from resolver.client.exchange import NoReply, NoServer, Reply, UdpSocket, ask_tcp, new_id, shown, udp_socket
from resolver.client.message import ask
from resolver.client.search import Heard, Lookup, Round, Verdict, Walk
from resolver.wire import codes
from resolver.wire.message import Message, Question
from resolver.wire.names import name_from_text


class Server(NamedTuple):
    """A nameserver by IP address."""

    address: str
    port: int


class Step(NamedTuple):
    """One question that was asked: in which round, of whom, and what was heard. `started`: seconds into the walk."""

    round: int
    lookup: Lookup
    server: Server
    tcp: bool
    started: float
    heard: Heard


@dataclass
class Walked:
    """A walk that has ended."""

    verdict: Verdict
    servers: Sequence[Server]
    steps: list[Step] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rounds(self) -> int:
        return self.steps[-1].round if self.steps else 0


async def walked(walk: Walk, servers: Sequence[Server], tell: Callable[[Step], None] | None = None) -> Walked:
    """Carries a walk out. `tell` hears of each question once its time is over. Raises NoServer where nobody at all
    listens, NoReply where a server cannot be sent to."""
    async with AsyncExitStack() as stack:
        walking = _Walking(servers, tell, stack)
        return await walking.run(walk)


class _Walking:
    def __init__(self, servers: Sequence[Server], tell: Callable[[Step], None] | None, stack: AsyncExitStack) -> None:
        self._servers = servers
        self._tell = tell
        self._stack = stack
        self._started = perf_counter()
        self._sockets: dict[Server, UdpSocket] = {}
        self._steps: list[Step] = []
        self._round = 0
        self._resends = 0

    async def run(self, walk: Walk) -> Walked:
        heard: tuple[Heard, ...] | None = None
        try:
            while True:
                step = walk.send(heard) if heard is not None else next(walk)
                heard = await self._heard(step)
        except StopIteration as end:
            return Walked(end.value, self._servers, self._steps, perf_counter() - self._started)

    async def _heard(self, round: Round) -> tuple[Heard, ...]:
        if not round.lookups:
            await asyncio.sleep(round.seconds)
            return ()
        self._round += 1
        self._resends = round.resends
        if not round.tcp:
            await self._open(round)
        asked = [self._lookup(round, lookup) for lookup in round.lookups]
        found = tuple(await asyncio.gather(*asked))
        self._check_anybody_listens()
        return found

    def _check_anybody_listens(self) -> None:
        """Raises NoServer where every server was asked and none is there."""
        refused = {step.server for step in self._steps if step.heard.refused}
        if len(refused) == len(set(self._servers)) and all(step.heard.refused for step in self._steps):
            where = " and ".join(shown(*server) for server in self._servers)
            raise NoServer(f"no DNS server listens on {where}")

    async def _lookup(self, round: Round, lookup: Lookup) -> Heard:
        """What ends the waiting for one lookup: the first reply that counts, else the last there was."""
        tasks = [asyncio.create_task(self._of_server(round, lookup, number)) for number in round.servers]
        last = Heard(server=round.servers[0], seconds=round.seconds)
        try:
            for done in asyncio.as_completed(tasks):
                heard = await done
                if heard.rcode is not None and (not round.accepts or heard.rcode in round.accepts):
                    return heard
                last = heard if heard.rcode is not None or heard.refused else last
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return last

    async def _of_server(self, round: Round, lookup: Lookup, number: int) -> Heard:
        """The reply of one server, asked again at once after a SERVFAIL, as often as the round allows."""
        began = perf_counter()
        while True:
            left = round.seconds - (perf_counter() - began)
            heard = await self._ask(round, lookup, number, max(left, 0.0))
            counts = not round.accepts or heard.rcode in round.accepts
            if heard.rcode is None or counts:
                return heard
            if heard.rcode != codes.SERVFAIL or not self._resends:
                break
            self._resends -= 1
        left = round.seconds - (perf_counter() - began)
        await asyncio.sleep(max(left, 0.0))  # a reply that does not count is as if none had come
        return heard

    async def _ask(self, round: Round, lookup: Lookup, number: int, seconds: float) -> Heard:
        server, began = self._servers[number], perf_counter()
        asked = ask(new_id(), Question(name_from_text(lookup.name), lookup.qtype, codes.IN))
        try:
            if round.tcp:
                reply = await ask_tcp(asked, server.address, server.port, seconds)
            else:
                async with asyncio.timeout(seconds):
                    reply = await self._sockets[server].ask(asked)
            heard = _of_reply(reply, lookup, number)
        except NoServer:
            heard = Heard(refused=True, server=number)
        except (NoReply, TimeoutError):
            heard = Heard(server=number)
        heard = heard._replace(seconds=perf_counter() - began)
        step = Step(self._round, lookup, server, round.tcp, began - self._started, heard)
        self._steps.append(step)
        if self._tell is not None:
            self._tell(step)
        return heard

    async def _open(self, round: Round) -> None:
        """The sockets of a round: one for each server, which all its questions leave by. Raises NoReply."""
        for server in (self._servers[number] for number in round.servers):
            if round.new_socket or server not in self._sockets:
                self._sockets[server] = await self._stack.enter_async_context(udp_socket(*server))


def _of_reply(reply: Reply, lookup: Lookup, number: int) -> Heard:
    message = reply.message
    nothing_else = not message.additional and message.opt is None
    empty = message.rcode == codes.NOERROR and not message.answer
    lame = empty and nothing_else and not message.flags & (codes.AA | codes.RA)
    return Heard(
        message.rcode & codes.RCODE,
        addresses_in(message, lookup.qtype),
        len(message.answer),
        bool(message.flags & codes.TC),
        lame,
        server=number,
    )


def addresses_in(message: Message, qtype: int) -> tuple[str, ...]:
    """The addresses of a reply's answer."""
    family, size = (AF_INET, 4) if qtype == codes.A else (AF_INET6, 16)
    return tuple(
        inet_ntop(family, record.rdata)
        for record in message.answer
        if record.rtype == qtype and len(record.rdata) == size
    )
