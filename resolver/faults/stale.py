"""What a fault remembers, so that it can say again what was true before."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TypeAlias

from resolver import limits
from resolver.answers.outcome import Reply, Serial, Soa
from resolver.wire.reply import Record

Asked: TypeAlias = tuple[bytes, int]
"""The lower-case wire name and the type of a question."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A reply as it was; `name` is the question's in the letters it was asked in."""

    name: bytes
    rcode: int
    flags: int
    sections: tuple[tuple[Record, ...], tuple[Record, ...], tuple[Record, ...]]
    serial: Serial | None
    soa: Soa | None
    options: bytes
    rotate: bool

    @classmethod
    def of(cls, name: bytes, reply: Reply) -> "Remembered":
        answer, authority, additional = (tuple(records) for records in reply.sections)
        sections = answer, authority, additional
        return cls(name, reply.rcode, reply.flags, sections, reply.serial, reply.soa, reply.options, reply.rotate)

    def says_the_same_as(self, other: "Remembered") -> bool:
        """But for TTLs, letter case of owners and the order of records."""
        return self.rcode == other.rcode and all(
            _content(mine) == _content(theirs) for mine, theirs in zip(self.sections, other.sections, strict=True)
        )

    def reply(self, name: bytes) -> Reply:
        """A reply to the question in these letters."""
        answer, authority, additional = (
            [record._replace(owner=name) if record.owner == self.name else record for record in records]
            for records in self.sections
        )
        reply = Reply(self.rcode, self.flags, answer, authority, additional)
        reply.serial, reply.soa, reply.options, reply.rotate = self.serial, self.soa, self.options, self.rotate
        return reply


def _content(records: tuple[Record, ...]) -> set[tuple[bytes, int, bytes]]:
    return {(record.owner.lower(), record.rtype, record.rdata) for record in records}


class StaleReplies:
    """The replies that one fault has seen, by question: the one unasked longest makes way for another."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Asked, deque[tuple[float, Remembered]]] = OrderedDict()

    def note(self, asked: Asked, reply: Remembered, now: float) -> None:
        """What is true at this moment."""
        versions = self._seen.get(asked)
        if versions is None:
            if len(self._seen) >= limits.FAULT_STALE_QUESTIONS:
                self._seen.popitem(last=False)
            versions = self._seen[asked] = deque()
        self._seen.move_to_end(asked)
        if versions and versions[-1][1].says_the_same_as(reply):
            return
        if len(versions) >= limits.FAULT_STALE_REPLIES:
            del versions[1]  # the first is what was true before the fault
        versions.append((now, reply))

    def recall(self, asked: Asked, now: float, lag: float) -> Remembered | None:
        """What was true `lag` seconds ago; the oldest there is where nothing reaches back so far."""
        versions = self._seen.get(asked)
        if not versions:
            return None
        return next((reply for at, reply in reversed(versions) if at <= now - lag), versions[0][1])
