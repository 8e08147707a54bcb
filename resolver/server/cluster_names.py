"""Which names a change of the embedded cluster has added and removed.

The inventories that answer are up to date at once. This one lags behind on purpose: it is brought up to date when it is
asked, and so still knows the names there were.
"""

from collections.abc import Iterable, Iterator

from resolver.answers.outcome import Key
from resolver.cluster.addresses import canonical_address, packed_address
from resolver.cluster.dns_records import Records, View, namespace_of
from resolver.cluster.inventory import ADDRESS, SERVICE, Inventory
from resolver.cluster.objects import service_key, wire_label
from resolver.cluster.source import ClusterRequest, Location
from resolver.controlplane.inventory_bridge import InventoryBridge
from resolver.controlplane.object_store import ObjectStore, Subscription
from resolver.controlplane.resources import ENDPOINT_SLICES, NAMESPACES, SERVICES, Resource
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject
from resolver.server.name_changes import NameLine, name_lines

_SERVICE_NAME = "kubernetes.io/service-name"


class ClusterNames:
    """The names of all Services of a store, as a block with the plain `kubernetes` options answers them."""

    def __init__(self, store: ObjectStore, domain: str) -> None:
        self._store = store
        self._domain = domain
        request = ClusterRequest(Location())
        self._inventory = Inventory(request.kinds(), lambda: 0.0)
        self._records = Records(self._inventory, View())
        self._bridge = InventoryBridge(store, request, self._inventory, lambda _: None, lambda _: None)
        self._subscriptions: dict[Resource, Subscription] = {}
        self._bridge.start()
        self._subscribe()

    def _subscribe(self) -> None:
        for resource in (NAMESPACES, SERVICES, ENDPOINT_SLICES):
            self._subscriptions[resource] = self._store.subscribe(resource, self._store.version, lambda: None)

    def catch_up(self) -> None:
        """Forgets what has happened so far."""
        self._turn()
        self.close()
        self._subscribe()

    def changes(self) -> tuple[set[NameLine], set[NameLine]]:
        """The names that may have changed since the last time: as they were, and as they are."""
        keys = self._keys()
        before = name_lines(self._records, keys, self._domain)
        self._turn()
        return before, name_lines(self._records, keys, self._domain)

    def close(self) -> None:
        """What has happened is not kept for it any more."""
        for subscription in self._subscriptions.values():
            subscription.close()

    def _turn(self) -> None:
        while self._bridge.turn():
            continue

    def _keys(self) -> set[Key]:
        """All keys there are where more has happened than can be told."""
        try:
            return {key for found in map(self._changed, self._subscriptions.values()) for key in found}
        except StatusError:
            self.catch_up()
            return set()

    def _changed(self, subscription: Subscription) -> Iterator[Key]:
        while changes := subscription.take():
            for change in changes:
                for item in filter(None, (change.before, change.now)):
                    yield from self._keys_of(item)

    def _keys_of(self, item: StoredObject) -> Iterator[Key]:
        value = item.object
        if item.resource is NAMESPACES:
            name = wire_label(item.name)
            yield from ((SERVICE, key) for key in self._inventory.services if namespace_of(key) == name)
            return
        if item.resource is SERVICES:
            yield SERVICE, service_key(item.name, item.namespace)
            yield from _addresses(value["spec"].get("clusterIPs") or ())
            return
        service = item.labels.get(_SERVICE_NAME)
        if service:
            yield SERVICE, service_key(service, item.namespace)
            for endpoint in value.get("endpoints") or ():
                yield from _addresses(endpoint.get("addresses") or ())


def _addresses(texts: Iterable[str]) -> Iterator[Key]:
    for text in texts:
        packed = packed_address(text)
        if packed is not None:
            yield ADDRESS, canonical_address(packed)
