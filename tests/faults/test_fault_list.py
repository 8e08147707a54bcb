"""The list: ids, owners, clocks, what fires together, what is counted."""

import pytest

from resolver import limits
from resolver.faults.bad_fault import BadFault
from resolver.faults.effects import Effects
from resolver.faults.fault import Fault
from resolver.faults.fault_list import FaultList, Fired, Firing
from tests.support.questions import peer, question


class Clock:
    def __init__(self) -> None:
        self.seconds = 50.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> float:
        return 1_700_000_000 + self.seconds


def made(*lines: str) -> FaultList:
    faults = FaultList()
    for line in lines:
        faults.add(Fault.from_words(line.split()))
    return faults


def fire(faults: FaultList, qtype: str = "A", protocol: str = "udp", client: str = "127.0.0.1") -> Fired | None:
    query = question(qtype=qtype, client=peer(client, protocol=protocol))  # type: ignore[arg-type]
    return faults.fire(faults.concerning(query), query)


def test_faults_are_numbered_and_removed() -> None:
    faults = made("web.shop drop", "db.shop drop")
    assert [fault.id for fault in faults.faults] == [1, 2]
    assert faults.remove(1)
    assert not faults.remove(1)
    assert faults.get(1) is None
    assert faults.add(Fault.make("a.b", drop=True)).id == 3, "a number is not used again"
    assert faults.clear() == 2
    assert faults.faults == faults.active == ()


def test_a_fault_is_added_once() -> None:
    faults = FaultList()
    fault = faults.add(Fault.make("a.b", drop=True))
    with pytest.raises(BadFault, match="fault 1 is in a list already"):
        faults.add(fault)


def test_there_are_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FAULTS", 1)
    faults = made("web.shop drop")
    with pytest.raises(BadFault, match="which is the most"):
        faults.add(Fault.make("a.b", drop=True))


def test_owned_faults_concern_their_owner_and_go_with_it() -> None:
    faults, owner, other = FaultList(), object(), object()
    faults.add(Fault.make("web.shop", drop=True), owner=owner)
    faults.add(Fault.make("web.shop", ttl=1))
    query = question()
    assert [len(faults.concerning(query, each)) for each in (owner, other, None)] == [2, 1, 1]
    assert faults.clear() == 1
    assert [fault.id for fault in faults.faults] == [1]
    assert faults.remove_of(owner) == 1


def test_changes_are_told_until_that_is_ended() -> None:
    faults, told = FaultList(), []
    end = faults.on_change(lambda: told.append(len(faults.active)))
    fault = faults.add(Fault.make("a.b", drop=True, times=1))
    faults.clear()
    faults.clear()
    assert told == [1, 0]
    end()
    end()
    faults.add(Fault.make("a.b", drop=True))
    assert told == [1, 0]
    assert fault.id == 1


def test_a_fault_lasts_as_long_as_it_says() -> None:
    faults, clock = FaultList(), Clock()
    fault = faults.add(Fault.make("web.shop", rcode=2, duration=10))
    faults.use_clocks(clock.monotonic, clock.now)
    clock.seconds += 9
    faults.use_clocks(clock.monotonic, clock.now)
    assert fire(faults) is not None
    clock.seconds += 1
    assert fire(faults) is None
    assert faults.active == ()
    assert faults.faults == (fault,)
    assert fault.exhausted


def test_the_list_itself_looks_at_the_clock() -> None:
    faults, clock = FaultList(), Clock()
    faults.use_clocks(clock.monotonic, clock.now)
    fault = faults.add(Fault.make("web.shop", rcode=2, duration=10))
    clock.seconds += 10
    assert faults.faults == (fault,)
    assert fault.over


def test_what_is_exhausted_concerns_nobody() -> None:
    faults = made("web.shop drop times 1")
    assert fire(faults) is not None
    assert faults.concerning(question()) == []
    assert len(faults.faults) == 1


TOGETHER = [
    (("web.shop ttl 1", "**.shop ttl 2 order fixed"), {1: 1, 2: 1}, "ttl 1 order fixed"),
    (("web.shop drop", "web.shop ttl 2"), {1: 1, 2: 0}, "drop"),
    (("web.shop AAAA drop", "web.shop ttl 2"), {1: 0, 2: 1}, "ttl 2"),
    (("web.shop servfail", "web.shop refused"), {1: 1, 2: 0}, "rcode SERVFAIL"),
    (("web.shop servfail every 2", "web.shop refused"), {1: 0, 2: 1}, "rcode REFUSED"),
    (("web.shop tcp-reset", "web.shop truncate"), {1: 0, 2: 1}, "truncate"),
    (("web.shop delay 1s", "web.shop delay 2s nodata"), {1: 1, 2: 1}, "delay 1s nodata"),
    (("web.shop client 10.0.0.0/8 drop", "web.shop protocol tcp drop"), {1: 0, 2: 0}, ""),
]


@pytest.mark.parametrize(("lines", "counts", "expected"), TOGETHER)
def test_several_faults_of_one_question(lines: tuple[str, ...], counts: dict[int, int], expected: str) -> None:
    faults = made(*lines)
    fired = fire(faults)
    assert {fault.id: fault.count for fault in faults.faults} == counts
    found = None if fired is None else fired.effects
    assert found == (Fault.from_words(["x.y", *expected.split()]).effects if expected else None)


def test_a_fault_that_lost_does_not_count_the_question() -> None:
    faults = made("web.shop drop times 1", "web.shop servfail times 1")
    kinds = []
    for _ in range(3):
        fired = fire(faults)
        kinds.append(fired.effects if fired else None)
    assert kinds == [Effects(drop=True), Effects(rcode=2), None]


def test_delays_are_drawn_within_their_range_and_repeatably() -> None:
    runs = []
    for _ in range(2):
        faults = made("web.shop delay 1s-3s seed 4")
        runs.append([fired.effects.delay for _ in range(50) if (fired := fire(faults))])
    assert runs[0] == runs[1]
    assert all(delay is not None and delay[0] == delay[1] and 1 <= delay[0] <= 3 for delay in runs[0])
    assert len(set(runs[0])) == 50


def test_the_stale_fault_is_named() -> None:
    faults = made("web.shop ttl 1", "web.shop stale 10s", "web.shop stale")
    fired = fire(faults)
    assert fired is not None
    assert fired.stale is not None
    assert (fired.stale.id, fired.effects.stale) == (2, 10.0)


def test_firings_are_remembered_and_counted_by_kind() -> None:
    faults, clock = made("web.shop AAAA truncate wrong-id times 2", "web.shop ttl 3"), Clock()
    faults.use_clocks(clock.monotonic, clock.now)
    for _ in range(3):
        fire(faults, "AAAA", client="192.0.2.7")
    assert list(faults.fired)[:2] == [
        Firing(clock.now(), 1, "truncate+wrong-id", "web.shop.svc.cluster.local", "AAAA", "192.0.2.7"),
        Firing(clock.now(), 2, "ttl", "web.shop.svc.cluster.local", "AAAA", "192.0.2.7"),
    ]
    assert faults.fired_total == {"truncate": 2, "wrong-id": 2, "ttl": 3}
    assert faults.fired_count == 5
    faults.clear()
    assert faults.fired_count == 5


def test_the_memory_of_firings_is_bounded() -> None:
    assert FaultList().fired.maxlen == limits.FAULT_FIRINGS
