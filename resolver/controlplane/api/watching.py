"""The changes of a kind as the lines of a watch (apiserver pkg/storage/cacher). Pure: who calls it waits and writes.

A watch holds its place in the past of the store and no buffer: what a client does not read is not made. One that falls
behind that past is told so (410) and has to list again.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from resolver import limits
from resolver.controlplane.api.exchange import WatchStart
from resolver.controlplane.api.options import ListOptions, parse_version
from resolver.controlplane.api.rendering import INITIAL_EVENTS_END, Renderer
from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.object_store import ADDED, DELETED, MODIFIED, Change, Subscription
from resolver.controlplane.patches.managed_fields import empty_object
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject, stored

JsonObject = dict[str, Any]

BOOKMARK: Final = "BOOKMARK"
ERROR: Final = "ERROR"


class Watch:
    """One watch. `wake` is called when there is more to `take` after it gave nothing.

    `ended`: an error has been told; nothing will follow.
    """

    def __init__(self, api: ClusterApi, start: WatchStart, wake: Callable[[], None]) -> None:
        """Raises StatusError 500 for a version that is none, as the real server does."""
        self.ended = False
        self._store = api.store
        self._resource = start.target.resource
        self._prefix = f"{start.target.namespace}/" if start.target.namespace else ""
        self._options = start.options
        self._renderer: Renderer = start.renderer
        self._since = 0
        self._subscription: Subscription | None = None
        self._first: list[StoredObject] = []
        self._refused: StatusError | None = None
        try:
            version = parse_version(start.options.version or "0")
        except ValueError as error:
            raise StatusError(500, "", str(error)) from None
        try:
            self._begin(version, wake)
        except StatusError as error:
            self._refused = error

    def _begin(self, version: int, wake: Callable[[], None]) -> None:
        options = self._options
        lists = options.initial_events or (options.initial_events is None and not version)
        if lists:
            if version > self._store.version:
                raise StatusError.version_too_large(version, self._store.version)
            self._first = self._listed(options)
        self._since = self._store.version if lists or not version else version
        self._ends_list = bool(lists and options.bookmarks)
        self._subscription = self._store.subscribe(self._resource, min(self._since, self._store.version), wake)

    def _listed(self, options: ListOptions) -> list[StoredObject]:
        matches = None if options.matches.all else options.matches
        if options.name and self._prefix:
            found = self._store.get(self._resource, self._prefix[:-1], options.name)
            return [found] if found is not None and (matches is None or matches(found)) else []
        return self._store.page(self._resource, self._prefix[:-1], matches=matches).items

    def first(self) -> Iterator[bytes]:
        """What comes before all changes: the objects there are, in pieces, and the bookmark behind them."""
        if self._refused is not None:
            yield self._error(self._refused)
            return
        items, self._first = self._first, []
        for at in range(0, len(items), limits.CHANGES_TAKEN):
            yield b"".join([self._renderer.event(ADDED, each) for each in items[at : at + limits.CHANGES_TAKEN]])
        if self._ends_list:
            yield self._bookmark(self._since, {INITIAL_EVENTS_END: "true"})

    def take(self) -> bytes:
        """The next lines, nothing where there are none yet."""
        subscription = self._subscription
        if subscription is None or self.ended:
            return b""
        while True:
            try:
                changes = subscription.take()
            except StatusError as error:
                return self._error(error)
            if not changes:
                return b""
            lines = b"".join(self._lines(changes))
            if lines:
                return lines

    def bookmark(self) -> bytes:
        """How far the watch has come. Only after `take` gave nothing."""
        return self._bookmark(max(self._store.version, self._since), {}) if self._options.bookmarks else b""

    def close(self) -> None:
        if self._subscription is not None:
            self._subscription.close()

    def _lines(self, changes: list[Change]) -> Iterator[bytes]:
        everything = self._options.matches.all
        for change in changes:
            now, before = change.now, change.before
            if now.version <= self._since or not now.key.startswith(self._prefix):
                continue
            if everything:
                yield self._renderer.event(change.type, now)
                continue
            matches = self._options.matches
            was = before is not None and matches(before)
            if change.type == DELETED:
                if was:
                    yield self._renderer.event(DELETED, now)
            elif matches(now):
                yield self._renderer.event(MODIFIED if was else ADDED, now)
            elif was and before is not None:
                yield self._renderer.event(DELETED, stored(self._resource, before.copy(), now.version))

    def _bookmark(self, version: int, annotations: dict[str, str]) -> bytes:
        metadata: JsonObject = {"resourceVersion": str(version)}
        if annotations:
            metadata["annotations"] = annotations
        return self._renderer.event_of(BOOKMARK, {**empty_object(self._resource), "metadata": metadata})

    def _error(self, error: StatusError) -> bytes:
        self.ended = True
        return self._renderer.event_of(ERROR, error.to_status())
