"""The faults of one server: added, removed, matched, counted.

They are looked at in the order they were added, and each question gets of each kind what the first fault that fires
says: see `resolver.faults.effects.joined`. A fault of whose kinds nothing is left for a question does not see it.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from resolver import limits
from resolver.faults.bad_fault import BadFault
from resolver.faults.effects import NONE, Effects, joined, kind_text, kinds, on
from resolver.faults.fault import Fault
from resolver.faults.pattern import DEFAULT_ZONE
from resolver.wire import codes
from resolver.wire.names import name_to_text
from resolver.wire.query import Query

Clock = Callable[[], float]


class Firing(NamedTuple):
    """One time a fault fired. `at` in seconds since 1970; `kind` has a plus between several; the name as asked."""

    at: float
    fault_id: int
    kind: str
    name: str
    qtype: str
    client: str


@dataclass(frozen=True, slots=True)
class Fired:
    """What happens to one question: `effects`, drawn; `stale` is the fault that says something old, None for none."""

    effects: Effects
    stale: Fault | None
    seed: int
    number: int


class FaultList:
    """To be used from the server's event loop only. `use_clocks` before faults that have a duration are asked about.

    `zone` is the cluster's, for patterns that leave it out. `fired` are the last firings, `fired_count` is how many
    there were in all, and `fired_total` how many of each kind, those of removed faults included.
    """

    def __init__(self) -> None:
        self.zone = DEFAULT_ZONE
        self.fired: Final[deque[Firing]] = deque(maxlen=limits.FAULT_FIRINGS)
        self.fired_count = 0
        self.fired_total: Final[dict[str, int]] = {}
        self.active: tuple[Fault, ...] = ()
        """Those that may still fire, as of the last look at the clock."""
        self._all: dict[int, Fault] = {}
        self._owners: dict[int, object] = {}
        self._ends: dict[int, float] = {}
        self._last_id = 0
        self._monotonic: Clock = _at_the_start
        self._now: Clock = _at_the_start
        self._callbacks: list[Callable[[], None]] = []

    def use_clocks(self, monotonic: Clock, now: Clock) -> None:
        """Seconds of a clock that is never set back, and seconds since 1970. Durations begin anew with another one."""
        if (monotonic, now) != (self._monotonic, self._now):
            self._monotonic, self._now = monotonic, now
            for fault in self._all.values():
                self._begin(fault)

    # -- which there are

    def add(self, fault: Fault, *, owner: object = None) -> Fault:
        """Takes the fault in and gives it its id: 1, 2, 3... From now on it fires and its duration runs.

        With an owner, it concerns the questions of that owner only (a server block's plugin) and goes with it, by
        `remove_of`. Raises BadFault where there are too many, or where it is in a list already.
        """
        if fault.id:
            raise BadFault(f"fault {fault.id} is in a list already: make another one")
        if len(self._all) >= limits.FAULTS:
            raise BadFault(f"there are {limits.FAULTS} faults, which is the most: remove some")
        self._last_id += 1
        fault.id = self._last_id
        self._all[fault.id] = fault
        self._owners[fault.id] = owner
        self._begin(fault)
        self._changed()
        return fault

    def remove(self, id: int) -> bool:
        """Whether there was such a fault."""
        return self._remove([id]) == 1

    def clear(self) -> int:
        """Removes all that nobody owns, those added by hand; how many there were."""
        return self.remove_of(None)

    def remove_of(self, owner: object) -> int:
        """Removes all faults of this owner; how many there were."""
        return self._remove([id for id, of in self._owners.items() if of is owner])

    def _remove(self, ids: Iterable[int]) -> int:
        gone = [id for id in ids if self._all.pop(id, None) is not None]
        for id in gone:
            del self._owners[id]
            self._ends.pop(id, None)
        if gone:
            self._changed()
        return len(gone)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """In the order added, those too that will not fire again."""
        self._look_at_the_clock()
        return tuple(self._all.values())

    def get(self, id: int) -> Fault | None:
        """The fault with this id."""
        return self._all.get(id)

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Calls back after faults were added or removed, with the list as it is then. The result ends that.

        A fault that is exhausted or over makes no call: of what it concerned nothing was kept.
        """
        self._callbacks.append(callback)

        def end() -> None:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

        return end

    def _begin(self, fault: Fault) -> None:
        if fault.duration is not None:
            self._ends[fault.id] = self._monotonic() + fault.duration

    def _changed(self) -> None:
        self._choose_active()
        for callback in tuple(self._callbacks):
            callback()

    def _choose_active(self) -> None:
        self.active = tuple(fault for fault in self._all.values() if not fault.exhausted)

    def _look_at_the_clock(self) -> None:
        if not self._ends:
            return
        now = self._monotonic()
        passed = [id for id, end in self._ends.items() if end <= now]
        for id in passed:
            del self._ends[id]
            self._all[id].over = True
        if passed:
            self._choose_active()

    # -- what they do

    def concerning(self, query: Query, owner: object = None) -> list[Fault]:
        """Those that could fire for this name and type, whoever asks: while there are any, no reply may be kept."""
        self._look_at_the_clock()
        return [fault for fault in self.of(owner) if fault.may_concern(query.name, query.qtype)]

    def of(self, owner: object) -> list[Fault]:
        """The active faults that concern this owner's questions: its own, and those nobody owns."""
        owners = self._owners
        return [fault for fault in self.active if owners[fault.id] is None or owners[fault.id] is owner]

    def fire(self, faults: Iterable[Fault], query: Query) -> Fired | None:
        """Counts the question for each of these faults that it concerns; what happens to it, None for nothing."""
        client = query.client
        address, protocol = client.address, client.protocol
        effects, stale, first = NONE, None, None
        for fault in faults:
            if not fault.concerns(address, protocol):
                continue
            with_it = joined(effects, on(fault.effects, protocol))
            if with_it is effects or not fault.fires():
                continue
            if with_it.stale is not None and effects.stale is None:
                stale = fault
            if with_it.delay is not None and effects.delay is None:
                with_it = _drawn(with_it, fault)
            first = first or fault
            self._count(fault, effects, with_it, query, address)
            effects = with_it
        if first is None:
            return None
        return Fired(effects, stale, first.id if first.seed is None else first.seed, first.seen)

    def _count(self, fault: Fault, before: Effects, after: Effects, query: Query, address: str) -> None:
        added = [kind_text(name, after) for name in kinds(after) if getattr(before, name) == getattr(NONE, name)]
        for kind in added:
            self.fired_total[kind] = self.fired_total.get(kind, 0) + 1
        self.fired_count += 1
        name, qtype = name_to_text(query.asked).removesuffix("."), codes.type_text(query.qtype)
        self.fired.append(Firing(self._now(), fault.id, "+".join(added), name or ".", qtype, address))
        if fault.exhausted:
            self._choose_active()


def _drawn(effects: Effects, fault: Fault) -> Effects:
    """With the one delay of this question."""
    least, most = effects.delay or (0.0, 0.0)
    delay = least + (most - least) * fault.chance("delay") if most > least else least
    return replace(effects, delay=(delay, delay))


def _at_the_start() -> float:
    """A clock that stands still, until there is one."""
    return 0.0
