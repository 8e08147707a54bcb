"""Shows the embedded cluster to the resolver: changes of the store become changes of an inventory.

They are read as the lines of a watch are, from the bytes the API would send: from there on a real cluster and this one
go the same way. Selectors mean what they mean in a watch.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec

from resolver import limits
from resolver.cluster.decoding import Decoder, Report
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import NAMESPACES, SERVICE_IMPORTS, ClusterObject, Kind
from resolver.cluster.reading import Detail
from resolver.cluster.selectors import parse_selector
from resolver.cluster.source import ClusterRequest
from resolver.controlplane.object_store import DELETED, MODIFIED, Change, ObjectStore, Subscription
from resolver.controlplane.resources import PODS, Resource, resource_of_kind
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject

CallSoon = Callable[[Callable[[], None]], object]
"""Has a function called in a moment, not at once: the event loop's `call_soon`."""

_DEAD: Final = ("Succeeded", "Failed", "Unknown")
"""Phases of Pods that CoreDNS does not watch (kubernetes/controller.go)."""


class _Status(msgspec.Struct):
    phase: str = ""


class _Pod(msgspec.Struct):
    status: _Status = msgspec.field(default_factory=_Status)


_decode_pod: Final = msgspec.json.Decoder(_Pod).decode


class _Feed:
    """One kind on its way."""

    def __init__(self, kind: Kind, resource: Resource, selector: str) -> None:
        self.kind = kind
        self.resource = resource
        self._requirements = parse_selector(selector)
        self.subscription: Subscription | None = None

    def wants(self, item: StoredObject) -> bool:
        if self.resource is PODS and _decode_pod(item.body).status.phase in _DEAD:
            return False
        if not self._requirements:
            return True
        labels: Mapping[str, str] = item.labels
        return all(each.matches(labels) for each in self._requirements)


class InventoryBridge:
    """Feeds the kinds of `request` to `inventory`. `report` hears of objects that cannot be used.

    Raises BadSelector where the request's label selectors cannot be read.
    """

    def __init__(
        self, store: ObjectStore, request: ClusterRequest, inventory: Inventory, report: Report, call_soon: CallSoon
    ) -> None:
        self._store = store
        self._inventory = inventory
        self._decoder = Decoder(report, Detail(targets=request.targets, zones=request.zones))
        self._call_soon = call_soon
        self._feeds: list[_Feed] = []
        self._foreign: list[Kind] = []
        self._woken: dict[_Feed, None] = {}
        self._called = False
        for kind in request.kinds():
            resource = resource_of_kind(kind.api_version, kind.name)
            location = request.location
            selector = location.namespace_labels if kind in (NAMESPACES, SERVICE_IMPORTS) else location.labels
            if resource is None:
                self._foreign.append(kind)
            else:
                self._feeds.append(_Feed(kind, resource, selector))

    @property
    def idle(self) -> bool:
        """The inventory shows all there is."""
        return not self._woken

    def start(self) -> None:
        """Shows everything there is; from now on changes follow."""
        for feed in self._feeds:
            self._list(feed)
        for kind in self._foreign:
            self._inventory.replace(kind, ())

    def stop(self) -> None:
        for feed in self._feeds:
            if feed.subscription is not None:
                feed.subscription.close()
        self._woken.clear()

    def turn(self) -> bool:
        """Moves a bounded number of changes of each kind that has any. True where some are left."""
        for feed in list(self._woken):
            changes = self._take(feed)
            if changes:
                self._inventory.apply(feed.kind, [each for change in changes for each in self._event(feed, change)])
            else:
                self._woken.pop(feed, None)
        return bool(self._woken)

    def _take(self, feed: _Feed) -> list[Change]:
        if feed.subscription is None:
            return []
        try:
            return feed.subscription.take(limits.SHOWN_AT_ONCE)
        except StatusError:  # more has happened than is kept
            self._list(feed)
            return []

    def _event(self, feed: _Feed, change: Change) -> list[tuple[str, ClusterObject]]:
        """What the change looks like through the selection; nothing where it is outside before and after."""
        wanted = change.type != DELETED and feed.wants(change.now)
        if not wanted and (change.before is None or not feed.wants(change.before)):
            return []
        type = MODIFIED if wanted else DELETED
        line = b'{"type":"%b","object":%b}' % (type.encode(), change.now.body)
        found = self._decoder.event(feed.kind, line).object
        return [] if found is None else [(type, found)]

    def _list(self, feed: _Feed) -> None:
        feed.subscription = self._store.subscribe(feed.resource, self._store.version, partial(self._wake, feed))
        items = [each.item for each in self._store.all(feed.resource) if feed.wants(each)]
        body = b'{"items":[%b]}' % b",".join(items)
        self._inventory.replace(feed.kind, self._decoder.page(feed.kind, body).objects)

    def _wake(self, feed: _Feed) -> None:
        self._woken[feed] = None
        if not self._called:
            self._called = True
            self._call_soon(self._work)

    def _work(self) -> None:
        self._called = False
        if self.turn():
            self._called = True
            self._call_soon(self._work)
