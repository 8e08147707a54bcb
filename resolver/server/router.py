"""Which server block answers a name on one listener (CoreDNS core/dnsserver Server.ServeDNS)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from resolver import limits
from resolver.answers.finished import Finished
from resolver.answers.observation import Counter, observe
from resolver.answers.outcome import Answer, Failure, Handler, Reply, Settled, after, tell
from resolver.wire import codes
from resolver.wire.edns import opt_record
from resolver.wire.names import ROOT
from resolver.wire.query import Query
from resolver.wire.reply import write


@dataclass(frozen=True, slots=True)
class Served:
    """What a router knows of a block: its chain, None where the block has no plugin that answers."""

    handler: Handler | None


class ListenerRouter:
    """The blocks of one listener by zone. `server` is ``dns://:53`` or ``dns://127.0.0.1:53``."""

    def __init__(
        self,
        server: str,
        zones: Mapping[bytes, Served],
        monotonic: Callable[[], float],
        *,
        any_class: bool = False,
        stacktraces: bool = False,
        refused: tuple[Counter, ...] = (),
    ) -> None:
        self.server = server
        self.any_class = any_class
        self.stacktraces = stacktraces
        self._zones = dict(zones)
        self._root = self._zones.get(ROOT)
        self._only = self._root.handler if self._root is not None and len(self._zones) == 1 else None
        self._refused = refused
        self._monotonic = monotonic

    def refused(self) -> tuple[Counter, ...]:
        """Who counts the questions that reach no block."""
        return self._refused

    def route(self, query: Query, /) -> Answer:
        """The longest zone's block answers; a DS goes to the shortest, which may be the parent (rule N4)."""
        if self._only is not None:
            return self._only(query)
        name, zones, at = query.name, self._zones, 0
        found = None
        while length := name[at]:
            served = zones.get(name[at:])
            if served is not None:
                if served.handler is None:
                    break
                found = served
                if query.qtype != codes.DS:
                    return served.handler(query)
            at += length + 1
        else:
            found = found or self._root
            if found is not None and found.handler is not None:
                return found.handler(query)
        failure = Failure(codes.REFUSED)
        failure.counters = self._refused
        return failure

    def ask(self, query: Query, /) -> Answer:
        """A question of the server to itself: the same way, observers included, cut to what the asker takes."""
        query.router = self
        if query.lookups > limits.SELF_LOOKUPS:
            return Failure(codes.SERVFAIL)
        start = self._monotonic()

        def settle(answer: Settled) -> Settled:
            if isinstance(answer, Reply):
                _cut(query, answer)
                if answer.counters or answer.listeners:
                    size = Finished(answer, query.asked).size
                    flags = codes.QR | answer.flags | answer.rcode & codes.RCODE
                    observation = observe(query, answer.rcode, flags, size, written=True)
                    tell(query, answer, observation, self._monotonic() - start)
            elif answer is not None and (answer.counters or answer.listeners):
                observation = observe(query, answer.rcode, codes.QR | answer.rcode & codes.RCODE, 0, written=False)
                tell(query, answer, observation, self._monotonic() - start)
            return answer

        return after(self.route(query), settle)


def _cut(query: Query, reply: Reply) -> None:
    """Leaves as many records as the asker's size holds, and TC where that is not all (rule N8, RFC 2181 §9)."""
    edns = query.edns
    opt = opt_record(edns.size, edns.do, reply.options) if edns is not None else b""
    written = write(query.asked, reply.sections, query.limit - len(opt))
    if written.truncated:
        answer, authority, additional = written.counts
        reply.answer = reply.answer[:answer]
        reply.authority = reply.authority[:authority]
        reply.additional = reply.additional[:additional]
        reply.flags |= codes.TC
        reply.depends = None  # cut for this asker: the next one may take more
