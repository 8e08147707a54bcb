"""What the chain says to a question: a reply, a failure without one, an answer still to come, or silence (None)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, Final, Protocol

from resolver.answers.observation import Counter, Listener, Observation
from resolver.wire import codes
from resolver.wire.delivery import Delivery
from resolver.wire.query import Query
from resolver.wire.reply import SERIAL_FROM_END, Record, Writer, uncompressed_size

Key = tuple[str, bytes | str]
"""What a reply depends on: a word for the kind of thing, and which one: ``("service", b"\\x03web\\x04shop")``."""


class Serial:
    """A SOA serial that moves with the cluster: replies take it at the last moment (`wire`: four bytes)."""

    __slots__ = ("wire",)

    def __init__(self, value: int = 0) -> None:
        self.set(value)

    def set(self, value: int) -> None:
        """Seconds since 1970, cut to 32 bits (CoreDNS plugin/kubernetes)."""
        self.wire = (value & 0xFFFFFFFF).to_bytes(4, "big")


class Soa:
    """The SOA of denials of one zone, written once for each length of question name it stands behind.

    `record` is what the reply's authority section holds; its names end in its owner. A plugin that puts another record
    there does no harm: the reply is then written like any other.
    """

    __slots__ = ("_parts", "record", "serial", "size")

    def __init__(self, record: Record, serial: Serial) -> None:
        self.record = record
        self.serial = serial
        self.size = uncompressed_size(b"", ([], [record], []))
        """Of a denial behind an empty question, without compression; see `resolver.wire.reply.uncompressed_size`."""
        self._parts: dict[int, tuple[bytes, bytes]] = {}

    def parts(self, asked: bytes) -> tuple[bytes, bytes] | None:
        """The record in wire form behind a question that ends in its owner, before and after its serial.

        Its names point to that end of the question only, so that questions of one length share them. None where the
        question does not end in the owner, letter by letter.
        """
        owner = self.record.owner
        if not asked.endswith(owner):
            return None
        parts = self._parts.get(len(asked))
        if parts is None:
            piece = Writer(owner, len(asked) - len(owner)).record(self.record)
            parts = self._parts[len(asked)] = piece[:-SERIAL_FROM_END], piece[4 - SERIAL_FROM_END :]
        return parts


class Outcome:
    """Common to replies and failures: who wants to hear of it."""

    __slots__ = ("counters", "listeners", "rcode", "size_cap")

    def __init__(self, rcode: int) -> None:
        self.rcode = rcode
        self.counters: tuple[Counter, ...] = ()
        self.listeners: tuple[Listener, ...] = ()
        self.size_cap = 0xFFFF  # bytes that `bufsize` allows an EDNS size to be


class Reply(Outcome):
    """Records and flags for one question.

    `flags` holds AA, TC, RA, AD as the chain sets them. `depends` names what the reply was made from: with it the reply
    is kept until one of these changes; None says that it holds for this one time only.
    `rotate`: addresses may be turned round from reply to reply (loadbalance). `serial`: patched into the SOA, of which
    `soa` has the wire form. `options`: EDNS options the reply's own OPT carries; `reason` is one more, for those only
    whose query has an OPT. `opt_size`: bytes of an OPT it came with from another server, 0 for none.
    `own_letters`: owners are written in letters of the plugin's own, not in the asker's.
    """

    __slots__ = (
        "additional",
        "answer",
        "authority",
        "depends",
        "flags",
        "opt_size",
        "options",
        "own_letters",
        "reason",
        "rotate",
        "serial",
        "soa",
    )

    def __init__(
        self,
        rcode: int = codes.NOERROR,
        flags: int = 0,
        answer: list[Record] | None = None,
        authority: list[Record] | None = None,
        additional: list[Record] | None = None,
        depends: tuple[Key, ...] | None = None,
    ) -> None:
        self.rcode = rcode  # what Outcome sets, without the call: there is a Reply for every new question
        self.counters: tuple[Counter, ...] = ()
        self.listeners: tuple[Listener, ...] = ()
        self.size_cap = 0xFFFF
        self.flags = flags
        self.answer: list[Record] = [] if answer is None else answer
        self.authority: list[Record] = [] if authority is None else authority
        self.additional: list[Record] = [] if additional is None else additional
        self.depends = depends
        self.rotate = False
        self.serial: Serial | None = None
        self.soa: Soa | None = None
        self.options = b""
        self.reason = b""
        self.opt_size = 0
        self.own_letters = False

    @property
    def sections(self) -> tuple[list[Record], list[Record], list[Record]]:
        return self.answer, self.authority, self.additional


class Transfer(Reply):
    """A whole zone in several messages over TCP (RFC 5936 §2.2): the records of each one's answer section, in order.

    Every message repeats header and question; AA is set. The sections of the Reply itself stay empty, and it is never
    kept.
    """

    __slots__ = ("messages",)

    def __init__(self, messages: list[list[Record]]) -> None:
        super().__init__(flags=codes.AA)
        self.messages = messages


class Disturbed(Reply):
    """A reply that does not leave as it is (faults): `disturb` makes of the finished message what is sent.

    To observers it is the reply it was made from. It is never kept.
    """

    __slots__ = ("disturb",)

    def __init__(self, reply: Reply, disturb: Callable[[bytes], Delivery]) -> None:
        super().__init__(reply.rcode, reply.flags, *reply.sections)
        self.counters, self.listeners, self.size_cap = reply.counters, reply.listeners, reply.size_cap
        self.rotate, self.serial, self.soa = reply.rotate, reply.serial, reply.soa
        self.options, self.reason, self.opt_size = reply.options, reply.reason, reply.opt_size
        self.disturb = disturb


class Failure(Outcome):
    """The chain ended without a reply: the server writes the bare rcode (CoreDNS: a returned code not yet written).

    `error` is the text that the `errors` plugin logs, empty where nothing went wrong but the rcode.
    """

    __slots__ = ("error",)

    def __init__(self, rcode: int, error: str = "") -> None:
        super().__init__(rcode)
        self.error = error


class Pending:
    """An outcome still to come: awaiting it runs the work. `then` adds a step that the outcome goes through."""

    __slots__ = ("_steps", "_work")

    def __init__(self, work: Awaitable[Reply | Failure | Pending | None]) -> None:
        self._work = work
        self._steps: list[Step] = []

    def then(self, step: Step) -> Pending:
        self._steps.append(step)
        return self

    def __await__(self) -> Generator[Any, Any, Reply | Failure | None]:
        return self._run().__await__()

    async def _run(self) -> Reply | Failure | None:
        result = await self._work
        while isinstance(result, Pending):
            result = await result
        for step in self._steps:
            stepped = step(result)
            while isinstance(stepped, Pending):
                stepped = await stepped
            result = stepped
        return result


Settled = Reply | Failure | None
"""An outcome at hand; None is silence."""

Answer = Reply | Failure | Pending | None
"""What a handler gives."""

Step = Callable[[Settled], Answer]


class Handler(Protocol):
    """What a plugin is to its neighbours: a question in, an outcome out. Never awaits: what must wait is Pending."""

    def __call__(self, query: Any, /) -> Answer: ...


def after(answer: Answer, step: Step) -> Answer:
    """The answer gone through `step`, now or, where it is pending, once it is there."""
    if isinstance(answer, Pending):
        return answer.then(step)
    return step(answer)


def no_next_plugin(name: str) -> Failure:
    """What the end of the chain says (CoreDNS plugin.NextOrFailure); `name` passed the question on."""
    return Failure(codes.SERVFAIL, f"plugin/{name}: no next plugin found")


NO_KEYS: Final[tuple[Key, ...]] = ()
"""Depends on nothing that changes: kept until the configuration does."""


def tell(query: Query, outcome: Outcome, observation: Observation, seconds: float) -> None:
    """Tells the observers of an outcome of this one reply."""
    for counter in outcome.counters:
        counter.count(observation, 1, seconds)
    for listener in outcome.listeners:
        listener.hear(observation, query.id, query.client, seconds)
