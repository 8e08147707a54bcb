"""The owner of the embedded cluster's objects: one rising version over all kinds, a bounded past, readers of changes.

Nothing here knows what an object means (`cluster_api` does). There is no I/O, no clock, no thread: all calls come from
one thread and each is finished when it returns. Persistence is a callable that is given what has been committed.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, Protocol

import msgspec

from resolver import limits
from resolver.controlplane.resources import RESOURCES, Resource
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject, StoredObject, stored

ADDED: Final = "ADDED"
MODIFIED: Final = "MODIFIED"
DELETED: Final = "DELETED"

TOO_OLD: Final = "The resourceVersion for the provided list is too old."
CONTINUE_TOO_OLD: Final = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


class Change(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What happened to one object. `type` is ADDED, MODIFIED or DELETED.

    `now`: the object after it; of a deleted one its last state, at the version of the deletion.
    `before`: the object before it, None where it is new.
    """

    type: str
    now: StoredObject
    before: StoredObject | None


Journal = Callable[[list[Change]], None]
"""Keeps the changes of one commit, in order, or raises: then nothing of them has happened."""


class Index(Protocol):
    """Something derived from the objects of a kind, told of each change at once, and of each that is taken back."""

    def changed(self, before: StoredObject | None, now: StoredObject | None) -> None: ...


class Shelf:
    """The objects of one kind and their latest changes."""

    def __init__(self) -> None:
        self.objects: dict[str, StoredObject] = {}
        self.past: deque[Change] = deque()
        self.dropped = 0  # changes no longer in `past`
        self.oldest = 0  # the version of the last one dropped: what is older than this cannot be resumed
        self.wakes: dict[Subscription, None] = {}
        self.indexes: list[Index] = []
        self._keys: list[str] = []
        self._unsorted = False

    def put(self, change: Change) -> None:
        self._set(change.now.key, change.before, None if change.type == DELETED else change.now)

    def undo(self, change: Change) -> None:
        self._set(change.now.key, None if change.type == DELETED else change.now, change.before)

    def _set(self, key: str, before: StoredObject | None, now: StoredObject | None) -> None:
        if now is None:
            del self.objects[key]
            keys = self.keys()
            del keys[bisect_left(keys, key)]
        else:
            if before is None:
                self._unsorted = self._unsorted or bool(self._keys and self._keys[-1] > key)
                self._keys.append(key)
            self.objects[key] = now
        for index in self.indexes:
            index.changed(before, now)

    def remember(self, change: Change) -> None:
        self.past.append(change)
        if len(self.past) > limits.KEPT_CHANGES:
            self.oldest = self.past.popleft().now.version
            self.dropped += 1

    def keys(self) -> list[str]:
        """All keys, sorted: keys come in any order, and are sorted when somebody asks."""
        if self._unsorted:
            self._keys.sort()
            self._unsorted = False
        return self._keys

    def at(self, version: int) -> dict[str, StoredObject]:
        """The objects as they were at a version not older than `oldest`."""
        objects = dict(self.objects)
        for change in reversed(self.past):
            if change.now.version <= version:
                break
            if change.before is None:
                objects.pop(change.now.key, None)
            else:
                objects[change.now.key] = change.before
        return objects


class Page(NamedTuple):
    """Part of a list. `version`: of the list. `remaining`: objects after it, None where a selection makes it unknown.

    `last`: the key to go on after, empty at the end.
    """

    items: list[StoredObject]
    version: int
    remaining: int | None
    last: str


class Subscription:
    """A reader of one kind's changes, in order, from a version on. It holds a place in the shared past, no buffer.

    One that does not read is cut off when its place has been dropped: `take` raises 410.
    """

    def __init__(self, shelf: Shelf, place: int, wake: Callable[[], None]) -> None:
        self._shelf = shelf
        self._place = place
        self._wake = wake
        self._asleep = True
        shelf.wakes[self] = None

    def take(self, most: int = limits.CHANGES_TAKEN) -> list[Change]:
        """The next changes, none if there are none yet: then `wake` is called once when there are.

        Raises StatusError 410 where changes have been lost; the reader has to list again.
        """
        start = self._place - self._shelf.dropped
        if start < 0:
            self.close()
            raise StatusError.gone(f"too old resource version: the oldest kept is {self._shelf.oldest}")
        past = self._shelf.past
        found = [past[index] for index in range(start, min(start + most, len(past)))]
        self._place += len(found)
        self._asleep = self._place == self._shelf.dropped + len(past)
        return found

    def notify(self) -> None:
        if self._asleep:
            self._asleep = False
            self._wake()

    def close(self) -> None:
        """Idempotent. `wake` is not called any more."""
        self._shelf.wakes.pop(self, None)


class ObjectStore:
    """Objects by kind and key. All writes take and give whole objects; a stored object is never changed in place."""

    def __init__(self, journal: Journal | None = None) -> None:
        self.version = 1
        self._shelves = {resource: Shelf() for resource in RESOURCES}
        self._journal = journal
        self._open: list[Change] | None = None
        self._fresh: deque[StoredObject] = deque()

    # -- reading

    def get(self, resource: Resource, namespace: str, name: str) -> StoredObject | None:
        return self._shelves[resource].objects.get(f"{namespace}/{name}" if namespace else name)

    def count(self, resource: Resource) -> int:
        return len(self._shelves[resource].objects)

    def all(self, resource: Resource, namespace: str = "") -> Iterator[StoredObject]:
        """The objects of a kind, sorted by key; of one namespace if one is named."""
        objects = self._shelves[resource].objects
        for key in _within(self._shelves[resource].keys(), namespace, ""):
            if key in objects:
                yield objects[key]

    def page(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        at: int | None = None,
        after: str = "",
        limit: int = 0,
        matches: Callable[[StoredObject], bool] | None = None,
    ) -> Page:
        """The objects by key, those after the key `after`, at most `limit` (0: all) of those that match.

        `at`: the version to show, None for now. Raises StatusError 410 where that is too old, 504 where it lies ahead.
        """
        shelf = self._shelves[resource]
        objects, keys = shelf.objects, shelf.keys()
        if at is not None and at != self.version:
            self._check_version(shelf, at)
            objects = shelf.at(at)
            keys = sorted(objects)
        wanted = [objects[key] for key in _within(keys, namespace, after)]
        version = self.version if at is None else at
        if matches is None:
            items = wanted[:limit] if limit else wanted
            remaining = len(wanted) - len(items)
            return Page(items, version, remaining, items[-1].key if remaining else "")
        items = []
        for index, each in enumerate(wanted):
            if not matches(each):
                continue
            items.append(each)
            if limit and len(items) == limit:
                more = index + 1 < len(wanted)
                return Page(items, version, None if more else 0, each.key if more else "")
        return Page(items, version, 0, "")

    def subscribe(self, resource: Resource, since: int, wake: Callable[[], None]) -> Subscription:
        """The changes after the version `since`. `wake` is called when changes have come after an empty `take`.

        Raises StatusError 410 where the past does not reach back so far.
        """
        shelf = self._shelves[resource]
        if since < shelf.oldest:
            raise StatusError.gone(f"too old resource version: {since} ({shelf.oldest})")
        place = shelf.dropped + len(shelf.past)
        for change in reversed(shelf.past):
            if change.now.version <= since:
                break
            place -= 1
        subscription = Subscription(shelf, place, wake)
        subscription.take(0)
        return subscription

    def index(self, resource: Resource, index: Index) -> None:
        """Keeps something derived from a kind's objects up to date, beginning with those that are there."""
        shelf = self._shelves[resource]
        shelf.indexes.append(index)
        for each in shelf.objects.values():
            index.changed(None, each)

    def oldest(self, resource: Resource) -> int:
        """The oldest version from which this kind's changes can be told."""
        return self._shelves[resource].oldest

    def _check_version(self, shelf: Shelf, version: int) -> None:
        if version > self.version:
            raise StatusError.version_too_large(version, self.version)
        if version < shelf.oldest:
            raise StatusError.gone(TOO_OLD)

    # -- writing

    def create(self, resource: Resource, value: JsonObject) -> StoredObject:
        """Stores a new object; `value` is the store's from now. Raises StatusError 409 where its name is taken."""
        new = stored(resource, value, self.version + 1)
        if new.key in self._shelves[resource].objects:
            raise StatusError.already_exists(resource, new.name)
        self._commit(Change(ADDED, new, None))
        return new

    def update(self, resource: Resource, value: JsonObject, before: StoredObject) -> StoredObject:
        """Stores a new state of what was read as `before`. Raises StatusError 404 or 409 where that is not current."""
        new = stored(resource, value, self.version + 1)
        current = self._shelves[resource].objects.get(new.key)
        if current is None:
            raise StatusError.not_found(resource, new.name)
        if current is not before:
            raise StatusError.conflict(resource, new.name)
        self._commit(Change(MODIFIED, new, before))
        return new

    def delete(self, before: StoredObject) -> StoredObject:
        """Removes the object. The result is its last state, at the version of the deletion."""
        if self._shelves[before.resource].objects.get(before.key) is not before:
            raise StatusError.conflict(before.resource, before.name)
        gone = stored(before.resource, before.copy(), self.version + 1)
        self._commit(Change(DELETED, gone, before))
        return gone

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes within happen or, where an exception leaves it, none. An inner one is part of the outer one."""
        if self._open is not None:
            yield
            return
        self._open = []
        try:
            yield
            if self._open and self._journal is not None:
                self._journal(self._open)
        except BaseException:
            self._roll_back(self._open)
            raise
        else:
            self._publish(self._open)
        finally:
            self._open = None

    def _commit(self, change: Change) -> None:
        self.version = change.now.version
        if self._open is not None:
            self._shelves[change.now.resource].put(change)
            self._open.append(change)
            return
        if self._journal is not None:
            try:
                self._journal([change])
            except BaseException:
                self.version -= 1
                raise
        self._shelves[change.now.resource].put(change)
        self._publish((change,))

    def _roll_back(self, changes: list[Change]) -> None:
        for change in reversed(changes):
            self._shelves[change.now.resource].undo(change)
        self.version -= len(changes)

    def _publish(self, changes: Iterable[Change]) -> None:
        touched: dict[Shelf, None] = {}
        for change in changes:
            shelf = self._shelves[change.now.resource]
            shelf.remember(change)
            touched[shelf] = None
            self._fresh.append(change.now)
        while len(self._fresh) > limits.DECODED_OBJECTS:
            self._fresh.popleft().forget()
        for shelf in touched:
            for subscription in list(shelf.wakes):
                subscription.notify()

    def restore(self, objects: Iterable[StoredObject], past: Iterable[Change], version: int, dropped: int) -> None:
        """Fills an empty store with what a journal has kept: the objects, their latest changes in order, the version.

        `dropped`: the version of the newest change that is not in `past`.
        """
        self.version = version
        for each in objects:
            self._shelves[each.resource].put(Change(ADDED, each, None))
        for shelf in self._shelves.values():
            shelf.oldest = dropped
        for change in past:
            self._shelves[change.now.resource].remember(change)


def _within(keys: list[str], namespace: str, after: str) -> list[str]:
    """Those of the sorted keys that lie in the namespace, if one is named, and after `after`, if there is one."""
    start = bisect_right(keys, after) if after else 0
    end = len(keys)
    if namespace:
        start = max(start, bisect_left(keys, f"{namespace}/"))
        end = bisect_left(keys, f"{namespace}0")  # 0 is the character after /
    return keys[start:end]
