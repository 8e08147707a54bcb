"""The open sockets of a server and the doors behind them; they outlive reloads where address and port stay."""

import asyncio
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from resolver import limits
from resolver.answers.door import Door
from resolver.answers.memo import AnswerMemo
from resolver.plugins.metric_rows import MetricRow
from resolver.server.history import History
from resolver.server.instance import Instance, Listening
from resolver.server.log import Log
from resolver.server.router import ListenerRouter
from resolver.transports.answering import AnswerFunction
from resolver.transports.datagrams import family_of
from resolver.transports.listening import PortTaken, SharedPort, open_pairs, shown
from resolver.transports.tcp import TcpListener
from resolver.transports.tcp_connections import TcpConnections
from resolver.transports.udp import UdpListener, udp_listener
from resolver.wire.peer import Network

_Place = tuple[str, int]
"""Address (empty: all of them) and port."""


@dataclass(slots=True)
class _Open:
    """One place that is served, and a door for each of its sockets."""

    udp: list[UdpListener] = field(default_factory=list)
    tcp: list[TcpListener] = field(default_factory=list)
    doors: list[Door] = field(default_factory=list)

    async def settle(self, grace: float) -> None:
        """Returns when no reply of now is owed any more, or after so many seconds."""
        await asyncio.gather(*(udp.settle(grace) for udp in self.udp), *(tcp.settle(grace) for tcp in self.tcp))

    async def stop(self, grace: float) -> None:
        """Drains, for so many seconds at most, and closes the sockets."""
        await asyncio.gather(*(udp.stop(grace) for udp in self.udp), *(tcp.stop(grace) for tcp in self.tcp))


def _connection_cap() -> int:
    """TCP connections that leave file descriptors for all else."""
    import resource

    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(limits.TCP_CONNECTIONS_FLOOR, min(limits.TCP_CONNECTIONS, allowed - limits.OTHER_DESCRIPTORS))


class Listeners:
    """What an instance listens on: first `number`, then `bind`, then `serve`.

    Whatever goes wrong before `serve`, the listeners of before go on, and `release` closes what was opened for naught.
    """

    def __init__(self, log: Log, history: History | None = None) -> None:
        self._log = log
        self._history = history
        self._open: dict[_Place, _Open] = {}
        self._bound: dict[_Place, SharedPort] = {}
        self._picked = 0
        self._connections = TcpConnections(cap=_connection_cap())

    def number(self, instance: Instance) -> None:
        """Gives the instance one number for all its keys that have none (port 0), the same in every reload.

        Until `serve` it is held, so that nobody else can take it. Raises CannotListen.
        """
        unnumbered = [one for one in instance.listening if one.port == 0]
        if not unnumbered:
            return
        number = self._picked if any(port == self._picked for _, port in self._open) else 0
        for tries_left in reversed(range(1 if number else limits.PORT_TRIES)):
            try:
                self._picked = self._bind(instance, unnumbered, number)
                break
            except PortTaken:
                if not tries_left:
                    raise
        instance.number(self._picked)

    def bind(self, instance: Instance) -> None:
        """Opens the sockets that are missing; the kernel queues what comes until `serve`. Raises CannotListen."""
        for port in sorted({one.port for one in instance.listening}):
            self._bind(instance, [one for one in instance.listening if one.port == port], port)

    def _bind(self, instance: Instance, wanted: Sequence[Listening], port: int) -> int:
        """Binds those of one port that are not open yet, all of them or none; gives the number, which it picks for 0.

        Of `all addresses` one family suffices. Raises CannotListen.
        """
        bound: dict[_Place, SharedPort] = {}
        addresses = {one.address for one in wanted}
        sharing = "" in addresses and len(addresses) > 1  # the kernel has to allow one address beside all of them
        for one in wanted:
            if (one.address, port) in self._open or (one.address, port) in self._bound:
                continue
            try:
                shared = open_pairs(one.addresses, port, reuse_port=sharing)
            except PortTaken as taken:
                _close(bound.values())
                raise _explained(taken, instance) from taken
            except BaseException:
                _close(bound.values())
                raise
            port = shared.port
            bound[one.address, port] = shared
        for shared in bound.values():
            for missing in shared.missing:
                self._log.line("WARNING", str(missing))
        self._bound |= bound
        return port

    def release(self) -> None:
        """Closes what was bound and not served."""
        _close(self._bound.values())
        self._bound.clear()

    async def serve(self, instance: Instance) -> None:
        """Lets all doors answer from this instance, those of the sockets that `bind` has opened too."""
        for one in instance.listening:
            place = one.address, one.port
            router, memo = instance.router(one), instance.memo_of(one)
            if place in self._bound:
                self._open[place] = await self._served(self._bound.pop(place), router, memo)
            else:
                for door in self._open[place].doors:
                    door.serve(router, memo)

    async def _served(self, shared: SharedPort, router: ListenerRouter, memo: AnswerMemo) -> _Open:
        opened = _Open()
        for pair in shared.pairs:
            udp_door, tcp_door = (Door(router, memo, time.monotonic, self._log.error) for _ in range(2))
            udp = udp_listener(pair.udp, self._recorded(udp_door, pair.udp, "udp"), self._log.error)
            udp.start()
            tcp_answer = self._recorded(tcp_door, pair.tcp, "tcp")
            tcp = TcpListener(pair.tcp, tcp_answer, self._log.error, self._connections)
            await tcp.start()
            opened.doors += [udp_door, tcp_door]
            opened.udp.append(udp)
            opened.tcp.append(tcp)
        return opened

    def _recorded(self, door: Door, sock: socket.socket, protocol: Network) -> AnswerFunction:
        """What the transport asks: the door itself, or what it says goes down in the history."""
        if self._history is None:
            return door.answer
        return self._history.recording(door.answer, protocol, family_of(sock), sock.getsockname()[1])

    async def retire(self, instance: Instance) -> None:
        """Closes what this instance does not serve, and waits for the replies that those before it still owe."""
        wanted = {(one.address, one.port) for one in instance.listening}
        unused = [self._open.pop(place) for place in tuple(self._open) if place not in wanted]
        await asyncio.gather(
            *(opened.stop(limits.DRAIN) for opened in unused),
            *(opened.settle(limits.DRAIN) for opened in self._open.values()),
        )

    async def close(self, grace: float = limits.DRAIN) -> None:
        """Drains, for so many seconds at most, and closes everything."""
        self.release()
        opened, self._open = list(self._open.values()), {}
        await asyncio.gather(*(one.stop(grace) for one in opened))

    def flush_counts(self) -> None:
        """Has every door report its kept replies."""
        for door in self.doors():
            door.flush_counts()

    def traffic(self) -> Iterable[MetricRow]:
        """What went through the sockets that are open now."""
        for (address, port), opened in self._open.items():
            listeners: tuple[UdpListener | TcpListener, ...] = (*opened.udp, *opened.tcp)
            for listener in listeners:
                protocol = "udp" if isinstance(listener, UdpListener) else "tcp"
                labels = (("server", f"dns://{shown(address, port)}"), ("proto", protocol))
                yield MetricRow("dualdns_received_total", "counter", "Questions received.", labels, listener.received)
                yield MetricRow("dualdns_sent_total", "counter", "Replies sent.", labels, listener.sent)
                yield MetricRow(
                    "dualdns_dropped_total",
                    "counter",
                    "Questions given up because too many replies were waited for.",
                    labels,
                    listener.dropped_pending,
                )

    def doors(self) -> Iterable[Door]:
        """All doors of open listeners."""
        for opened in self._open.values():
            yield from opened.doors

    def ports(self) -> list[int]:
        """The numbers that are served."""
        return sorted({port for _, port in self._open})


def _close(bound: Iterable[SharedPort]) -> None:
    for shared in bound:
        for pair in shared.pairs:
            pair.close()


def _explained(taken: PortTaken, instance: Instance) -> PortTaken:
    """The error with what helps where a Corefile says which port it is."""
    source = instance.configuration.source
    if source.by_options:
        return taken
    instead = f"give its zones another port in {source.path} (`.:{taken.another}`), or `-dns.port {taken.another}`"
    instead += " where they have none"
    return PortTaken(taken.address, taken.port, taken.protocol, taken.holder, instead)
