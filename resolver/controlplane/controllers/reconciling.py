"""The one queue of the controllers: changes of the store in, keys out, each key once however much has happened to it.

A controller is a reconciler: told a key, it looks at the store and makes it right. It never learns what has happened,
so repeated, late and missing changes cannot matter. Nothing here waits; `Dispatcher.turn` does a bounded piece of work.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final, Protocol

from resolver import limits
from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.object_store import ADDED, DELETED, Change, ObjectStore, Subscription
from resolver.controlplane.resources import RESOURCES, Resource
from resolver.controlplane.status_error import StatusError


class Reconciler(Protocol):
    """`kinds`: whose changes it is told of; with `sees_own` also of those it has made itself."""

    name: str
    sees_own: bool

    @property
    def kinds(self) -> frozenset[Resource]: ...

    def keys(self, change: Change, touched: Iterable[str]) -> Iterable[Hashable]:
        """What has to be looked at after a change. `touched`: Services whose endpoints a change of a Pod may change."""
        ...

    def reconcile(self, key: Any) -> bool:
        """Makes the store right for a key; True to be called again, where that is too much for one time.

        What it writes is one transaction. Raises StatusError where the API refuses; then nothing is written.
        """
        ...


_TERMINATING: Final = "NamespaceTerminating"
"""The cause of a refusal that is no news: nothing new comes into a namespace that is being deleted."""

Report = Callable[[str, Hashable, StatusError], None]
"""Told of a reconciler's name, its key, and why the API refused what it wanted to write."""


class Dispatcher:
    """Runs reconcilers, those named first before the others. `ready` is called when there is work after there was none.

    It reads each change at once when it is published, so `index` is never behind. `now`: seconds of a clock that only
    goes forward.
    """

    def __init__(
        self,
        store: ObjectStore,
        index: ClusterIndex,
        reconcilers: Sequence[Reconciler],
        ready: Callable[[], None],
        now: Callable[[], float],
        report: Report,
    ) -> None:
        self._store = store
        self._index = index
        self._ready = ready
        self._now = now
        self._report = report
        self._lanes: list[tuple[Reconciler, dict[Hashable, None]]] = [(each, {}) for each in reconcilers]
        self._listeners = {
            resource: [(who, lane) for who, lane in self._lanes if resource in who.kinds] for resource in RESOURCES
        }
        self._subscriptions: dict[Resource, Subscription] = {}
        self._author: Reconciler | None = None
        self._announced = False

    @property
    def idle(self) -> bool:
        """Everything that has happened in the store has been dealt with."""
        return not any(lane for _, lane in self._lanes)

    def start(self) -> None:
        """Begins with all objects there are, as if they had just come, and those that went lately."""
        self.close()
        self._index.clear()
        for resource in RESOURCES:
            wake = partial(self._take, resource)
            self._subscriptions[resource] = self._store.subscribe(resource, self._store.version, wake)
        for resource in RESOURCES:
            for item in self._store.all(resource):
                self._tell(Change(ADDED, item, None), self._index.observe(Change(ADDED, item, None)))
        for resource in RESOURCES:
            for change in self._past(resource):
                if change.type == DELETED:
                    self._tell(change, ())
        self._announce()

    def close(self) -> None:
        for subscription in self._subscriptions.values():
            subscription.close()

    def turn(self) -> bool:
        """Works for about `limits.CONTROLLER_TURN` seconds, at least on one key. True where work is left."""
        end = self._now() + limits.CONTROLLER_TURN
        try:
            while not self.idle:
                self._reconcile(*next(each for each in self._lanes if each[1]))
                if self._now() >= end:
                    break
        finally:
            self._announced = not self.idle
        return self._announced

    def _reconcile(self, reconciler: Reconciler, lane: dict[Hashable, None]) -> None:
        key = next(iter(lane))
        del lane[key]
        self._author = reconciler
        try:
            with self._store.transaction():
                again = reconciler.reconcile(key)
            if again:
                lane[key] = None
        except StatusError as error:
            if not any(cause.reason == _TERMINATING for cause in error.causes):
                self._report(reconciler.name, key, error)
        finally:
            self._author = None

    def _take(self, resource: Resource) -> None:
        """Moves what has happened to a kind into the lanes."""
        try:
            while changes := self._subscriptions[resource].take():
                for change in changes:
                    self._tell(change, self._index.observe(change))
        except StatusError:  # one commit of more changes than are kept
            self.start()
        self._announce()

    def _past(self, resource: Resource) -> Iterator[Change]:
        """The changes of a kind that are still kept."""
        past = self._store.subscribe(resource, self._store.oldest(resource), lambda: None)
        while changes := past.take():
            yield from changes
        past.close()

    def _tell(self, change: Change, touched: Iterable[str]) -> None:
        for reconciler, lane in self._listeners[change.now.resource]:
            if reconciler is not self._author or reconciler.sees_own:
                lane.update(dict.fromkeys(reconciler.keys(change, touched)))

    def _announce(self) -> None:
        if not self._announced and self._author is None and not self.idle:
            self._announced = True
            self._ready()
