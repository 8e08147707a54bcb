"""faults: what goes wrong on purpose, so that clients can be seen to bear it (no plugin of CoreDNS).

    faults {
        web.shop AAAA drop times 3
        *.shop delay 100ms-2s probability 30% seed 7
    }

One fault a line, in the words of resolver/faults/words.py; more may be added while the server runs. Those of a Corefile
concern the questions of their block, come and go with it, and leave the others alone.

A question of a client that no fault could concern goes on untouched, and its reply is kept as ever; one that a fault
could concern, by name and type, is answered for this one time. What the server asks itself is not disturbed: a fault is
what a client sees. Of several faults see `FaultList`; to one question happens, in this order: it waits, it is dropped
or answered otherwise or with what was true before, its addresses, their order and TTLs are changed, it is truncated,
and its bytes are.
"""

from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from functools import partial
from typing import Any, Final

from resolver.answers.outcome import Answer, Disturbed, Failure, Handler, Pending, Reply, Settled, Transfer, after
from resolver.corefile.directives import Directive
from resolver.corefile.tokens import BadConfig, Token
from resolver.faults.bad_fault import BadFault
from resolver.faults.fault import Fault
from resolver.faults.fault_list import FaultList, Fired
from resolver.faults.messages import deliver
from resolver.faults.pattern import DEFAULT_ZONE
from resolver.faults.replies import change, denial_of, for_once, leave
from resolver.faults.stale import Remembered, StaleReplies
from resolver.plugins import chain
from resolver.plugins.metric_rows import MetricRow
from resolver.plugins.plugin import Host
from resolver.wire import codes
from resolver.wire.names import ROOT, closest_zone, name_from_text, name_to_text
from resolver.wire.peer import KeptPeer
from resolver.wire.query import Query
from resolver.wire.reply import header

NAME: Final = "faults"

_NOBODY: Final = KeptPeer("udp", 4, "127.0.0.1", 0, "127.0.0.1", 0)
_ARPA: Final = name_from_text("arpa")
_REMEMBERED_TYPES: Final = (codes.A, codes.AAAA)


class Faults:
    """The link of one block; `own` are the faults of its Corefile."""

    name = NAME

    def __init__(self, faults: FaultList, host: Host, own: Sequence[Fault] = ()) -> None:
        self._faults = faults
        self._host = host
        self._own = own
        self._leads = host.shared("the leading faults plugin", lambda: self) is self
        self._stale: dict[int, StaleReplies] = {}
        self._turn = 0
        self._end_calls: Callable[[], None] = lambda: None

    async def start(self) -> None:
        """Adds the Corefile's faults. Raises BadConfig where there is no room for them."""
        self._end_calls = self._faults.on_change(self._changed)
        try:
            for fault in self._own:
                self._faults.add(fault, owner=self)
        except BadFault as error:
            raise BadConfig(f"plugin/{NAME}: {error}") from error
        self._changed()

    async def stop(self) -> None:
        self._end_calls()
        self._faults.remove_of(self)

    def answer(self, query: Query, next: Handler, /) -> Answer:
        faults = self._faults
        if not faults.active or query.lookups:
            return next(query)
        concerning = faults.concerning(query, self)
        if not concerning:
            return next(query)
        self._turn += 1
        fired = faults.fire(concerning, query)
        if fired is None:
            return after(next(query), self._for_once)
        if fired.effects.drop:
            return None
        if fired.effects.delay is not None:
            return Pending(_Later(partial(self._answer_late, query, next, fired, fired.effects.delay[0])))
        return self._disturbed(query, next, fired)

    async def _answer_late(self, query: Query, next: Handler, fired: Fired, seconds: float) -> Answer:
        """What is true when the wait is over."""
        await self._host.pause(seconds)
        return self._disturbed(query, next, fired)

    def _disturbed(self, query: Query, next: Handler, fired: Fired) -> Answer:
        effects = fired.effects
        answer: Answer
        if effects.nodata or effects.rcode == codes.NXDOMAIN:
            answer = self._denial(query, next, effects.rcode or codes.NOERROR)
        elif effects.rcode is not None:
            answer = Failure(effects.rcode)
        else:
            answer = next(query)
        if fired.stale is not None:
            answer = after(answer, partial(self._as_before, query, fired.stale))
        if effects.only is not None:
            answer = after(answer, partial(self._with_fewer, query, next, fired))
        return after(answer, partial(self._changed_reply, fired))

    def _denial(self, query: Query, next: Handler, rcode: int) -> Answer:
        """With the SOA that a name has which lacks the type: HINFO is a type that no name here has."""
        return after(next(query.asking(query.asked, codes.HINFO)), lambda found: denial_of(found, rcode))

    def _with_fewer(self, query: Query, next: Handler, fired: Fired, outcome: Settled) -> Answer:
        only = fired.effects.only
        if type(outcome) is Reply and only is not None and leave(only, outcome):
            return self._denial(query, next, codes.NOERROR)
        return outcome

    def _changed_reply(self, fired: Fired, outcome: Settled) -> Settled:
        """Records first, then what is done to the bytes; to silence and zone transfers nothing more happens."""
        effects = fired.effects
        if outcome is None or isinstance(outcome, Transfer):
            return outcome
        if isinstance(outcome, Reply):
            change(effects, outcome)
            for_once(outcome, self._turn)
        if not effects.changes_bytes:
            return outcome
        reply = outcome if isinstance(outcome, Reply) else Reply(outcome.rcode)
        return Disturbed(reply, lambda message: deliver(effects, message, fired.seed, fired.number))

    def _for_once(self, outcome: Settled) -> Settled:
        if isinstance(outcome, Reply):
            for_once(outcome, self._turn)
        return outcome

    # -- what was true before ------------------------------------------------------------------------------------------

    def _as_before(self, query: Query, fault: Fault, outcome: Settled) -> Settled:
        memory = self._stale.setdefault(fault.id, StaleReplies())
        asked, now = (query.name, query.qtype), self._host.monotonic()
        _note(memory, query, outcome, now)
        old = memory.recall(asked, now, fault.effects.stale or 0.0)
        return outcome if old is None else old.reply(query.asked)

    def _changed(self) -> None:
        """Faults came or went: no reply may be kept, and those that say what was true before have to know it."""
        if self._leads:
            self._host.forget_all()
        there = {fault.id: fault for fault in self._faults.of(self) if fault.effects.stale is not None}
        self._stale = {id: memory for id, memory in self._stale.items() if id in there}
        for id, fault in there.items():
            if id not in self._stale:
                self._stale[id] = self._remembered(fault)

    def _remembered(self, fault: Fault) -> StaleReplies:
        """What the names of a pattern without wildcards are answered now; the rest is remembered when it is asked."""
        memory, now = StaleReplies(), self._host.monotonic()
        rest = self._rest_of_chain()
        for name in fault.pattern.names[:1]:
            if closest_zone(name, self._host.zones) is None:
                continue
            for qtype in fault.types or _REMEMBERED_TYPES:
                packet = header(0, codes.RD, 0, 0, 0) + name + qtype.to_bytes(2, "big") + codes.IN.to_bytes(2, "big")
                query = Query(0, codes.RD, name, qtype, codes.IN, None, _NOBODY, packet)
                answer = rest(query)
                if not isinstance(answer, Pending):
                    _note(memory, query, answer, now)
        return memory

    def _rest_of_chain(self) -> Handler:
        plugins = list(self._host.neighbours())
        return chain.link(plugins[plugins.index(self) + 1 :])

    # -- metrics -------------------------------------------------------------------------------------------------------

    def metrics(self) -> Iterable[MetricRow]:
        """Of the whole server: one plugin tells them for all blocks."""
        if not self._leads:
            return
        yield MetricRow("dualdns_faults", "gauge", "Faults that may still fire.", (), len(self._faults.active))
        for kind, count in self._faults.fired_total.items():
            labels = (("kind", kind),)
            yield MetricRow("dualdns_faults_fired_total", "counter", "Times a fault fired, by kind.", labels, count)


class _Later(Awaitable[Answer]):
    """Work that begins when it is awaited, and leaves no trace if it never is."""

    __slots__ = ("_begin",)

    def __init__(self, begin: Callable[[], Awaitable[Answer]]) -> None:
        self._begin = begin

    def __await__(self) -> Generator[Any, Any, Answer]:
        return self._begin().__await__()


def _note(memory: StaleReplies, query: Query, outcome: Settled, now: float) -> None:
    """Remembers a reply that says something: SERVFAIL is what a server says that does not know yet."""
    if type(outcome) is Reply and outcome.rcode != codes.SERVFAIL:
        memory.note((query.name, query.qtype), Remembered.of(query.asked, outcome), now)


def setup(uses: Sequence[Directive], host: Host) -> Faults:
    """Raises BadConfig. Without uses: the server has faults though the Corefile has none."""
    zones = (zone for zone in host.zones if zone != ROOT and closest_zone(zone, (_ARPA,)) is None)
    zone = next((name_to_text(zone).removesuffix(".") for zone in zones), DEFAULT_ZONE)
    own = []
    for use in uses:
        if use.name.text != NAME:
            raise BadConfig.at(use.name, f"unexpected '{use.name.text}': write one fault a line")
        lines = [use.arguments] if use.arguments else []
        lines += [(option.name, *option.arguments) for option in use.options]
        own += [_fault(line, zone) for line in lines]
    plugin = Faults(host.shared("faults", FaultList, lasting=True), host, own)
    host.on_start(plugin.start)
    host.on_stop(plugin.stop)
    return plugin


def _fault(line: Sequence[Token], zone: str) -> Fault:
    """The fault of one line. Raises BadConfig at the word that is wrong."""
    words = [token.text for token in line]
    try:
        fault = Fault.from_words(words, zone=zone)
    except BadFault as error:
        raise BadConfig.at(line[words.index(error.word) if error.word in words else 0], error.message) from error
    fault.origin = f"{line[0].file}:{line[0].line}"
    return fault
