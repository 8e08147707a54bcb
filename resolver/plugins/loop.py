"""loop: finds out at the start whether questions sent upstream come back to this server (CoreDNS plugin/loop)."""

from collections.abc import Sequence
from secrets import randbelow
from typing import Final

from resolver import limits
from resolver.answers.outcome import Answer, Handler, Pending
from resolver.corefile import settings
from resolver.corefile.directives import Directive
from resolver.corefile.go_syntax import quote
from resolver.plugins.plugin import Host
from resolver.wire import codes
from resolver.wire.names import ROOT, BadName, is_at_or_below, labels_of, name_from_labels, name_to_text
from resolver.wire.peer import KeptPeer, Peer
from resolver.wire.query import Query
from resolver.wire.reply import header

NAME: Final = "loop"

_SEEN_BY_A_LOOP: Final = 3  # the probe itself, and two times round
_NUMBERS: Final = 1 << 62  # of a label: nobody guesses the name of a probe


class Loop:
    """The plugin: asks the server for a name that nobody else knows, and counts how often it is asked for it.

    `name_asked` is that name; `seen` is how often it came; `off` once there is nothing more to find out.
    """

    name = NAME

    def __init__(self, host: Host) -> None:
        self.zone = host.zones[0] if host.zones else ROOT
        self.name_asked = _unguessable(self.zone)
        self.seen = 0
        self.off = not self.name_asked
        self._host = host

    def answer(self, query: Query, next: Handler, /) -> Answer:
        if query.qtype != codes.HINFO or self.off or not is_at_or_below(query.name, self.zone):
            return next(query)
        if query.name == self.name_asked:
            self.seen += 1
            if self.seen >= _SEEN_BY_A_LOOP:
                self.off = True
                self._host.fatal(self._found(query.client))
                return None
        return next(query)

    def _found(self, client: Peer) -> str:
        address = f"[{client.address}]" if ":" in client.address else client.address
        asked = self._host.servers[0].partition("://")[2]
        return (
            f"plugin/loop: Loop ({address}:{client.port} -> {asked}) detected for zone "
            f"{quote(name_to_text(self.zone))}, see https://coredns.io/plugins/loop#troubleshooting. "
            f'Query: "HINFO {name_to_text(self.name_asked)}"'
        )

    async def begin(self) -> None:
        """The listeners are open: probes go out beside all else."""
        if not self.off:
            self._host.spawn(self._probe())

    async def _probe(self) -> None:
        """Probes until any reply comes, or for so long that nobody will answer."""
        host = self._host
        deadline = host.monotonic() + limits.LOOP_PROBING
        replies: list[object] = []

        async def ask() -> None:
            answer = host.ask(self._question())
            settled = await answer if isinstance(answer, Pending) else answer
            replies.extend(() if settled is None else (settled,))

        while host.monotonic() < deadline and not self.off:
            if await host.within(limits.LOOP_PATIENCE, ask()) and replies:
                break
            self.seen = 0
            await host.sleep(limits.LOOP_PAUSE)
        self.off = True

    def _question(self) -> Query:
        name, qtype = self.name_asked, codes.HINFO
        id_ = randbelow(1 << 16)
        packet = header(id_, codes.RD, 0, 0, 0) + name + qtype.to_bytes(2, "big") + codes.IN.to_bytes(2, "big")
        client = KeptPeer("udp", 4, "127.0.0.1", 0, "127.0.0.1", 0)
        return Query(id_, codes.RD, name, qtype, codes.IN, None, client, packet)


def _unguessable(zone: bytes) -> bytes:
    """Two random numbers below the zone; nothing where the zone leaves no room for them."""
    numbers = [str(randbelow(_NUMBERS)).encode() for _ in range(2)]
    try:
        return name_from_labels([*numbers, *labels_of(zone)])
    except BadName:
        return b""


def setup(directives: Sequence[Directive], host: Host) -> Loop:
    """Reads the directive of one block. Raises BadConfig."""
    settings.no_arguments(directives[0])
    settings.no_block(directives[0])
    settings.only_once(directives)
    loop = Loop(host)
    host.on_listening(loop.begin)
    return loop
