"""The open sockets of a server and the doors behind them; they outlive reloads where address and port stay."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from resolver import limits
from resolver.answers.door import Door
from resolver.answers.memo import AnswerMemo
from resolver.server.instance import Instance, Listening
from resolver.server.log import Log
from resolver.server.router import ListenerRouter
from resolver.transports.listening import SharedPort, open_pairs
from resolver.transports.tcp import TcpListener
from resolver.transports.tcp_connections import TcpConnections
from resolver.transports.udp import UdpListener, udp_listener


@dataclass(slots=True)
class _Open:
    """One address and port: its sockets and a door for each."""

    port: int
    udp: list[UdpListener] = field(default_factory=list)
    tcp: list[TcpListener] = field(default_factory=list)
    doors: list[Door] = field(default_factory=list)
    waiting: SharedPort | None = None


def _connection_cap() -> int:
    """TCP connections that leave file descriptors for all else."""
    import resource

    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(limits.TCP_CONNECTIONS_FLOOR, min(limits.TCP_CONNECTIONS, allowed - limits.OTHER_DESCRIPTORS))


class Listeners:
    """Keyed by address (empty: all) and port as configured."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._open: dict[tuple[str, int], _Open] = {}
        self._connections = TcpConnections(cap=_connection_cap())

    def reserve(self, instance: Instance) -> None:
        """Picks one number for all listeners whose port is 0, and holds it. Raises CannotListen."""
        unnumbered = [listening for listening in instance.listening if listening.port == 0]
        if not unnumbered:
            return
        held = self._numbers(instance)
        fresh = [one for one in unnumbered if (one.address, held) not in self._open]
        number = held
        if fresh:
            addresses = [address for listening in fresh for address in listening.addresses]
            shared = open_pairs(addresses, held)
            number = shared.port
            self._hold(fresh, shared)
        instance.number(number)

    def _numbers(self, instance: Instance) -> int:
        """The number an earlier configuration was given for port 0, 0 if there was none."""
        addresses = {listening.address for listening in instance.listening if listening.port == 0}
        return next((port for address, port in self._open if address in addresses), 0)

    def _hold(self, listening: list[Listening], shared: SharedPort) -> None:
        for one in listening:
            pairs = tuple(pair for pair in shared.pairs if pair.address in one.addresses)
            missing = tuple(error for error in shared.missing if error.address in one.addresses)
            if not pairs:
                self._log.line("WARNING", str(missing[0]))
                continue
            self._open[one.address, shared.port] = _Open(shared.port, waiting=SharedPort(shared.port, pairs, missing))

    async def open(self, instance: Instance) -> None:
        """Opens what is not open yet and lets all doors answer from this instance. Raises CannotListen; then the
        listeners are as before."""
        fresh: dict[tuple[str, int], _Open] = {}
        try:
            for listening in instance.listening:
                place = listening.address, listening.port
                if place not in self._open:
                    shared = open_pairs(listening.addresses, listening.port)
                    fresh[place] = _Open(shared.port, waiting=shared)
        except Exception:
            for opened in fresh.values():
                if opened.waiting is not None:
                    for pair in opened.waiting.pairs:
                        pair.close()
            raise
        self._open |= fresh
        for listening in instance.listening:
            opened_at = self._open.get((listening.address, listening.port))
            if opened_at is not None:
                await self._serve(opened_at, instance.router(listening), instance.memo_of(listening))

    async def _serve(self, opened: _Open, router: ListenerRouter, memo: AnswerMemo) -> None:
        for door in opened.doors:
            door.serve(router, memo)
        shared, opened.waiting = opened.waiting, None
        if shared is None:
            return
        for error in shared.missing:
            self._log.line("WARNING", str(error))
        for pair in shared.pairs:
            udp_door = Door(router, memo, time.monotonic, self._log.error)
            tcp_door = Door(router, memo, time.monotonic, self._log.error)
            opened.doors += [udp_door, tcp_door]
            udp = udp_listener(pair.udp, udp_door.answer, self._log.error)
            udp.start()
            opened.udp.append(udp)
            tcp = TcpListener(pair.tcp, tcp_door.answer, self._log.error, self._connections)
            await tcp.start()
            opened.tcp.append(tcp)

    async def close_unused(self, instance: Instance) -> None:
        """Closes what the instance does not serve."""
        wanted = {(listening.address, listening.port) for listening in instance.listening}
        for place in [place for place in self._open if place not in wanted]:
            await self._close(self._open.pop(place))

    async def close(self, grace: float = limits.DRAIN) -> None:
        """Drains, for so many seconds at most, and closes everything."""
        opened, self._open = list(self._open.values()), {}
        for one in opened:
            await self._close(one, grace)

    async def _close(self, opened: _Open, grace: float = limits.DRAIN) -> None:
        if opened.waiting is not None:
            for pair in opened.waiting.pairs:
                pair.close()
        for udp in opened.udp:
            await udp.stop(grace)
        for tcp in opened.tcp:
            await tcp.stop(grace)

    def flush_counts(self) -> None:
        """Has every door report its kept replies."""
        for door in self.doors():
            door.flush_counts()

    def doors(self) -> Iterable[Door]:
        """All doors of open listeners."""
        for opened in self._open.values():
            yield from opened.doors

    def ports(self) -> list[int]:
        """The numbers that are open."""
        return sorted({opened.port for opened in self._open.values()})
