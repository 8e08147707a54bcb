"""Faults: which there are, one more, one or all of them gone."""

from typing import Annotated

import msgspec
from msgspec import Meta

from resolver import limits
from resolver.admin.operation import Answer, Desk, Nothing, Refused
from resolver.faults.bad_fault import BadFault
from resolver.faults.fault import Fault
from resolver.faults.fault_list import FaultList


class FaultWords(msgspec.Struct, forbid_unknown_fields=True):
    """A fault to add."""

    words: Annotated[
        str | list[str], Meta(description='As `dualdns fault add` takes them: "web.shop AAAA drop times 3".')
    ]


class FaultShown(msgspec.Struct):
    """A fault. `seen`: questions it was about; `count`: how often it fired; `exhausted`: it will not fire again.

    `words` make the same fault again, `text` is them in one line. `origin`: where it was written, empty if by hand.
    """

    id: int
    text: str
    pattern: str
    zone: str
    types: list[str]
    kinds: list[str]
    client: str | None
    protocol: str | None
    times: int | None
    every: int
    probability: float | None
    seed: int | None
    duration: float | None
    origin: str
    seen: int
    count: int
    exhausted: bool
    words: list[str]


class FiringShown(msgspec.Struct):
    """One time a fault fired; `at` in seconds since 1970."""

    at: float
    fault_id: int
    kind: str
    name: str
    qtype: str
    client: str


class Faults(msgspec.Struct):
    """In the order they were added. `fired`: the last firings, also of faults that are gone."""

    faults: list[FaultShown]
    fired: list[FiringShown]


class FaultId(msgspec.Struct, forbid_unknown_fields=True):
    """One fault."""

    id: Annotated[int, Meta(ge=1, description="Its number, as the list shows it.")]


class Cleared(msgspec.Struct):
    """How many faults were removed."""

    cleared: int


async def list_faults(desk: Desk, parameters: Nothing, body: None) -> Answer:
    faults = _faults(desk)
    fired = list(faults.fired)[-limits.ADMIN_FIRINGS :]
    return Faults(
        [_shown(fault) for fault in faults.faults],
        [msgspec.convert(firing._asdict(), FiringShown) for firing in fired],
    )


async def add_fault(desk: Desk, parameters: Nothing, body: FaultWords) -> Answer:
    faults = _faults(desk)
    words = body.words.split() if isinstance(body.words, str) else body.words
    try:
        return _shown(faults.add(Fault.from_words(words, zone=faults.zone)))
    except BadFault as error:
        raise Refused(400, error.message) from None


async def clear_faults(desk: Desk, parameters: Nothing, body: None) -> Answer:
    return Cleared(_faults(desk).clear())


async def remove_fault(desk: Desk, parameters: FaultId, body: None) -> Answer:
    faults = _faults(desk)
    if not faults.remove(parameters.id):
        there = ", ".join(str(fault.id) for fault in faults.faults)
        raise Refused(404, f"there is no fault {parameters.id}: there {f'are {there}' if there else 'is none'}")
    return Cleared(1)


def _shown(fault: Fault) -> FaultShown:
    return msgspec.convert({**fault.as_json(), "text": fault.describe()}, FaultShown)


def _faults(desk: Desk) -> FaultList:
    if desk.faults is None:
        raise Refused(409, "this server takes no faults")
    return desk.faults
