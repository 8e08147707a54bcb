"""What is said of one question while it is answered, kept for whoever explains the answer."""

from dataclasses import dataclass, field
from typing import NamedTuple

from resolver.answers.outcome import Failure, Reply, Settled
from resolver.cluster.dns_names import Request
from resolver.faults.fault import Fault
from resolver.wire.query import Query
from resolver.wire.reply import Record


class Decision(NamedTuple):
    """A rule by its key in RULES, and what it settled here."""

    rule: str
    text: str


class Use(NamedTuple):
    """An object of the inventory, and which of its addresses."""

    item: object
    place: int


class PassedOver(NamedTuple):
    """An address of an object, or with place -1 all of them, and the rule that leaves it out."""

    decision: Decision
    item: object
    place: int


class Lookup(NamedTuple):
    """One name looked up in the cluster."""

    request: Request
    multicluster: bool


RecordKey = tuple[bytes, int, bytes]
"""Owner, type and data of a record: what the cache leaves as it is."""


def key_of(record: Record) -> RecordKey:
    return record.owner, record.rtype, record.rdata


class Sections(NamedTuple):
    """What an outcome says, as a value."""

    rcode: int
    flags: int
    answer: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()
    error: str = ""

    @property
    def records(self) -> tuple[Record, ...]:
        return self.answer + self.authority + self.additional


def sections_of(outcome: Settled) -> Sections | None:
    """The outcome as it is now; None for silence."""
    if isinstance(outcome, Reply):
        answer, authority, additional = (tuple(part) for part in outcome.sections)
        return Sections(outcome.rcode, outcome.flags, answer, authority, additional)
    if isinstance(outcome, Failure):
        return Sections(outcome.rcode, 0, error=outcome.error)
    return None


@dataclass(slots=True)
class Visit:
    """A plugin that the question came to. `depth` counts the server's questions to itself; `asked` is the name.

    `passed_on` is the name it asked the next plugin for, None where it did not; `inner` is what came back, `outer` what
    it made of it.
    """

    plugin: str
    depth: int
    asked: bytes
    passed_on: bytes | None = None
    inner: Sections | None = None
    outer: Sections | None = None


@dataclass(slots=True)
class Notes:
    """A witness that writes down. Plugins' visits are in the order in which they were entered."""

    visits: list[Visit] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    uses: dict[object, list[Use]] = field(default_factory=dict)
    over: list[PassedOver] = field(default_factory=list)
    records: dict[RecordKey, list[object]] = field(default_factory=dict)
    record_rules: dict[RecordKey, Decision] = field(default_factory=dict)
    unmade: list[tuple[Decision, object]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    """Those that concern the question, and that might fire were it a client's."""

    def looked_up(self, request: object, *, multicluster: bool) -> None:
        if isinstance(request, Request):
            self.lookups.append(Lookup(request, multicluster))

    def decided(self, rule: str, text: str) -> None:
        self.decisions.append(Decision(rule, text))

    def used(self, candidate: object, item: object, place: int) -> None:
        self.uses.setdefault(candidate, []).append(Use(item, place))

    def passed_over(self, rule: str, text: str, item: object, place: int) -> None:
        self.over.append(PassedOver(Decision(rule, text), item, place))

    def made(self, record: Record, candidate: object) -> None:
        key = key_of(record)
        made_of = self.records.setdefault(key, [])
        if candidate not in made_of:
            made_of.append(candidate)
        if self.decisions:
            self.record_rules.setdefault(key, self.decisions[-1])

    def unused(self, rule: str, text: str, candidate: object) -> None:
        self.unmade.append((Decision(rule, text), candidate))

    def enter(self, plugin: str, query: Query) -> Visit:
        """Notes that the question has come to a plugin."""
        visit = Visit(plugin, query.lookups, query.asked)
        self.visits.append(visit)
        return visit

    def sources(self, record: Record) -> list[Use]:
        """The objects behind a record, each address of them once."""
        found: dict[tuple[int, int], Use] = {}
        for candidate in self.records.get(key_of(record), ()):
            for use in self.uses.get(candidate, ()):
                found.setdefault((id(use.item), use.place), use)
        return list(found.values())
