"""The queue of the controllers."""

from collections.abc import Callable, Hashable, Iterable
from random import Random

import pytest

from resolver import limits
from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.controllers.reconciling import Dispatcher
from resolver.controlplane.object_store import Change, ObjectStore
from resolver.controlplane.resources import CONFIG_MAPS, NAMESPACES
from resolver.controlplane.status_error import Cause, StatusError


class Recorder:
    """A reconciler that remembers its keys; `work` is what it does with one."""

    def __init__(self, name: str, log: list[str], work: Callable[[str], bool] = lambda key: False) -> None:
        self.name = name
        self.kinds = frozenset((CONFIG_MAPS,))
        self.sees_own = False
        self._log = log
        self._work = work

    def keys(self, change: Change, touched: Iterable[str]) -> Iterable[Hashable]:
        return (change.now.name,)

    def reconcile(self, key: str) -> bool:
        self._log.append(f"{self.name} {key}")
        return self._work(key)


class Queue:
    """A dispatcher over a store with one namespace. `ready` counts how often it was called."""

    def __init__(self) -> None:
        self.store = ObjectStore()
        self.api = ClusterApi(self.store, {}, lambda: "2026-01-02T03:04:05Z", Random(1))
        self.api.create(NAMESPACES, "", {"metadata": {"name": "shop"}})
        self.log: list[str] = []
        self.told: list[tuple[str, Hashable, str]] = []
        self.ready = 0
        self.time = 0.0

    def start(self, *reconcilers: Recorder) -> Dispatcher:
        def ready() -> None:
            self.ready += 1

        def report(name: str, key: Hashable, error: StatusError) -> None:
            self.told.append((name, key, error.message))

        dispatcher = Dispatcher(self.store, ClusterIndex(self.store), reconcilers, ready, lambda: self.time, report)
        dispatcher.start()
        return dispatcher

    def put(self, name: str) -> None:
        found = self.store.get(CONFIG_MAPS, "shop", name)
        if found is None:
            self.api.create(CONFIG_MAPS, "shop", {"metadata": {"name": name}})
        else:
            value = found.copy()
            value["data"] = {"version": str(self.store.version)}
            self.api.update(CONFIG_MAPS, "shop", name, value)


@pytest.fixture
def queue() -> Queue:
    return Queue()


def test_what_is_there_at_the_start_is_looked_at(queue: Queue) -> None:
    queue.put("a")
    dispatcher = queue.start(Recorder("one", queue.log))
    assert (queue.ready, dispatcher.idle) == (1, False)
    assert dispatcher.turn() is False
    assert (queue.log, dispatcher.idle) == (["one a"], True)


def test_a_key_is_looked_at_once_however_much_happens_to_it(queue: Queue) -> None:
    dispatcher = queue.start(Recorder("one", queue.log))
    for name in ("a", "b", "a", "a"):
        queue.put(name)
    assert queue.ready == 1
    dispatcher.turn()
    assert queue.log == ["one a", "one b"]
    queue.put("b")
    assert queue.ready == 2


def test_those_named_first_come_first(queue: Queue) -> None:
    dispatcher = queue.start(Recorder("one", queue.log), Recorder("two", queue.log))
    queue.put("a")
    queue.put("b")
    dispatcher.turn()
    assert queue.log == ["one a", "one b", "two a", "two b"]


def test_a_turn_ends_when_its_time_is_over(queue: Queue) -> None:
    def slow(key: str) -> bool:
        queue.time += limits.CONTROLLER_TURN
        return False

    dispatcher = queue.start(Recorder("one", queue.log, slow))
    for name in "abc":
        queue.put(name)
    assert [dispatcher.turn(), len(queue.log), dispatcher.turn(), dispatcher.turn()] == [True, 1, True, False]
    assert queue.ready == 1


def test_what_is_too_much_for_one_time_is_called_again(queue: Queue) -> None:
    left = [True, True, False]
    dispatcher = queue.start(Recorder("one", queue.log, lambda key: left.pop(0)))
    queue.put("a")
    dispatcher.turn()
    assert queue.log == ["one a"] * 3


def test_what_a_reconciler_does_itself_is_told_to_the_others_only(queue: Queue) -> None:
    def work(key: str) -> bool:
        if key == "a":
            queue.put("b")
        return False

    dispatcher = queue.start(Recorder("one", queue.log, work), Recorder("two", queue.log))
    queue.put("a")
    dispatcher.turn()
    assert queue.log == ["one a", "two a", "two b"]


def test_one_that_sees_its_own_is_told_too(queue: Queue) -> None:
    def work(key: str) -> bool:
        if key == "a":
            queue.put("b")
        return False

    reconciler = Recorder("one", queue.log, work)
    reconciler.sees_own = True
    dispatcher = queue.start(reconciler)
    queue.put("a")
    dispatcher.turn()
    assert queue.log == ["one a", "one b"]


def test_a_refusal_takes_back_all_of_one_key_and_is_told(queue: Queue) -> None:
    def work(key: str) -> bool:
        queue.put(f"{key}-made")
        raise StatusError.bad_request("no")

    dispatcher = queue.start(Recorder("one", queue.log, work))
    queue.put("a")
    dispatcher.turn()
    assert queue.told == [("one", "a", "no")]
    assert queue.store.get(CONFIG_MAPS, "shop", "a-made") is None
    assert dispatcher.idle


def test_a_namespace_that_is_going_is_no_news(queue: Queue) -> None:
    def work(key: str) -> bool:
        raise StatusError(403, "Forbidden", "no", causes=[Cause("metadata.namespace", "NamespaceTerminating", "")])

    dispatcher = queue.start(Recorder("one", queue.log, work))
    queue.put("a")
    dispatcher.turn()
    assert queue.told == []


def test_a_bug_in_one_key_leaves_the_others_to_be_done(queue: Queue) -> None:
    def work(key: str) -> bool:
        if key == "a":
            raise ZeroDivisionError
        return False

    dispatcher = queue.start(Recorder("one", queue.log, work))
    queue.put("a")
    queue.put("b")
    with pytest.raises(ZeroDivisionError):
        dispatcher.turn()
    assert dispatcher.turn() is False
    assert queue.log == ["one a", "one b"]


def test_a_closed_one_hears_nothing(queue: Queue) -> None:
    dispatcher = queue.start(Recorder("one", queue.log))
    dispatcher.close()
    queue.put("a")
    assert dispatcher.idle


def test_a_commit_of_more_than_is_kept_begins_everything_anew(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_CHANGES", 3)
    dispatcher = queue.start(Recorder("one", queue.log))
    queue.put("gone")
    dispatcher.turn()
    with queue.store.transaction():
        found = queue.store.get(CONFIG_MAPS, "shop", "gone")
        assert found is not None
        for name in "abcd":
            queue.put(name)
        queue.store.delete(found)
    dispatcher.turn()
    assert sorted(queue.log[1:]) == ["one a", "one b", "one c", "one d", "one gone"]
    queue.put("a")
    dispatcher.turn()
    assert queue.log[-1] == "one a"
