"""What the cluster says now: the one owner of cluster state, with the indexes that answers are looked up in.

Readers hold no copies: a lookup reads the dictionaries, and every change replaces whole values in them, so a reader
sees an object before or after a change and never half of it. Each change tells subscribers which keys it touched.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from resolver.answers.outcome import Key, Serial
from resolver.cluster.change import endpoints_differ, service_differs, service_import_differs
from resolver.cluster.objects import (
    ClusterObject,
    EndpointSlice,
    Kind,
    Namespace,
    Pod,
    Service,
    ServiceImport,
    identity,
)

SERVICE: Final = "service"
NAMESPACE: Final = "namespace"
ADDRESS: Final = "address"
POD: Final = "pod"
IMPORT: Final = "import"

_T = TypeVar("_T")


class ServiceEntry:
    """A Service and the slices that carry its label; either may be there without the other."""

    __slots__ = ("service", "slices")

    def __init__(self) -> None:
        self.service: Service | None = None
        self.slices: tuple[EndpointSlice, ...] = ()


class ImportEntry:
    """A ServiceImport and the imported slices of its name."""

    __slots__ = ("service_import", "slices")

    def __init__(self) -> None:
        self.service_import: ServiceImport | None = None
        self.slices: tuple[EndpointSlice, ...] = ()


class Inventory:
    """The objects of one cluster. `clock` gives seconds since 1970, for the SOA serials.

    Dictionaries are public to read: `services` and `imports` by service key, `namespaces` by wire label; by address
    text `cluster_ips`, `endpoint_ips` and `pods`, whose values `held` spreads out (a lone object stands for itself: an
    address has one owner nearly always, and a tuple each would cost 48 bytes).
    """

    def __init__(self, kinds: Collection[Kind], clock: Callable[[], float]) -> None:
        self._clock = clock
        self._unsynced = {kind.name for kind in kinds}
        self._subscribers: list[Callable[[set[Key]], None]] = []
        self._touched: set[Key] = set()
        self.namespaces: set[bytes] = set()
        self.services: dict[bytes, ServiceEntry] = {}
        self.slices: dict[str, EndpointSlice] = {}
        self.imports: dict[bytes, ImportEntry] = {}
        self.cluster_ips: dict[str, Service | tuple[Service, ...]] = {}
        self.endpoint_ips: dict[str, EndpointSlice | tuple[EndpointSlice, ...]] = {}
        self.pods: dict[str, Pod | tuple[Pod, ...]] = {}
        self._pods: dict[str, Pod] = {}
        self.internal_serial = Serial()
        self.external_serial = Serial()
        self.multicluster_serial = Serial()

    @property
    def synced(self) -> bool:
        """All watched kinds have delivered their first whole list; once true, always true (CoreDNS HasSynced)."""
        return not self._unsynced

    def subscribe(self, listener: Callable[[set[Key]], None]) -> Callable[[], None]:
        """Calls the listener with the touched keys after each batch of changes; returns how to end that."""
        self._subscribers.append(listener)
        return lambda: self._subscribers.remove(listener)

    def watch_kind(self, kind: Kind) -> None:
        """Adds a kind that must be delivered before the inventory counts as synced."""
        self._unsynced.add(kind.name)

    def apply(self, kind: Kind, changes: Sequence[tuple[str, ClusterObject]]) -> None:
        """A batch of (``ADDED`` | ``MODIFIED`` | ``DELETED``, object) in order; subscribers hear of it once."""
        for change, item in changes:
            if change == "DELETED":
                self._remove(item)
            else:
                self._put(item)
        self._publish()

    def replace(self, kind: Kind, objects: Iterable[ClusterObject]) -> int:
        """Makes these all there is of the kind. Returns how many objects that added, changed or removed."""
        gone = dict(self._all(kind))
        different = 0
        for item in objects:
            gone.pop(identity(item), None)
            different += self._put(item)
        for item in gone.values():
            self._remove(item)
        self._publish()
        self._unsynced.discard(kind.name)
        return different + len(gone)

    def objects(self, kind: Kind) -> list[ClusterObject]:
        """All objects of the kind, in no order."""
        return [item for _, item in self._all(kind)]

    def _all(self, kind: Kind) -> Iterable[tuple[bytes | str, ClusterObject]]:
        if kind.name == "Namespace":
            return [(name, Namespace(name)) for name in self.namespaces]
        if kind.name == "Service":
            return [(key, entry.service) for key, entry in self.services.items() if entry.service is not None]
        if kind.name == "EndpointSlice":
            return list(self.slices.items())
        if kind.name == "Pod":
            return list(self._pods.items())
        return [(key, entry.service_import) for key, entry in self.imports.items() if entry.service_import is not None]

    def _put(self, item: ClusterObject) -> bool:
        """Adds or updates; False where nothing is different."""
        if isinstance(item, EndpointSlice):
            return self._put_slice(item)
        if isinstance(item, Service):
            return self._put_service(item)
        if isinstance(item, Pod):
            return self._put_pod(item)
        if isinstance(item, Namespace):
            return self._put_namespace(item)
        return self._put_import(item)

    def _remove(self, item: ClusterObject) -> None:
        if isinstance(item, EndpointSlice):
            self._drop_slice(item.id)
        elif isinstance(item, Service):
            self._drop_service(item.key)
        elif isinstance(item, Pod):
            self._drop_pod(item.id)
        elif isinstance(item, Namespace):
            self.namespaces.discard(item.name)
            self._touched.add((NAMESPACE, item.name))
        else:
            self._drop_import(item.key)

    def _publish(self) -> None:
        if self._touched:
            touched, self._touched = self._touched, set()
            for listener in self._subscribers:
                listener(touched)

    def _modified(self, serial: Serial) -> None:
        serial.set(int(self._clock()))

    def _put_namespace(self, item: Namespace) -> bool:
        if item.name in self.namespaces:
            return False
        self.namespaces.add(item.name)
        self._touched.add((NAMESPACE, item.name))
        return True

    def _put_service(self, new: Service) -> bool:
        entry = self.services.get(new.key)
        if entry is None:
            entry = self.services[new.key] = ServiceEntry()
        old = entry.service
        if old == new:
            return False
        if old is None:
            self._modified(self.internal_serial)
        else:
            internal, external = service_differs(old, new)
            if internal:
                self._modified(self.internal_serial)
            if external:
                self._modified(self.external_serial)
            _unindex(self.cluster_ips, old.cluster_ips, old)
        entry.service = new
        _index(self.cluster_ips, new.cluster_ips, new)
        self._touch_service(new)
        if old is not None:
            self._touch_service(old)
        return True

    def _drop_service(self, key: bytes) -> None:
        entry = self.services.get(key)
        if entry is None or entry.service is None:
            return
        old, entry.service = entry.service, None
        if not entry.slices:
            del self.services[key]
        _unindex(self.cluster_ips, old.cluster_ips, old)
        self._modified(self.internal_serial)
        self._touch_service(old)

    def _touch_service(self, service: Service) -> None:
        self._touched.add((SERVICE, service.key))
        self._touched.update((ADDRESS, ip) for ip in service.cluster_ips)

    def _put_slice(self, new: EndpointSlice) -> bool:
        old = self.slices.get(new.id)
        if old == new:
            return False
        if old is None:
            self._modified(self.internal_serial)
        else:
            if endpoints_differ(old, new):
                self._modified(self.internal_serial)
            if new.import_key and (endpoints_differ(old, new) or old.cluster != new.cluster):
                self._modified(self.multicluster_serial)
            self._unlink_slice(old)
        self.slices[new.id] = new
        if new.key:
            entry = self.services.get(new.key)
            if entry is None:
                entry = self.services[new.key] = ServiceEntry()
            entry.slices = (*entry.slices, new)
            _index(self.endpoint_ips, new.addresses, new)
        if new.import_key:
            imported = self.imports.get(new.import_key)
            if imported is None:
                imported = self.imports[new.import_key] = ImportEntry()
            imported.slices = (*imported.slices, new)
        self._touch_slice(new)
        return True

    def _drop_slice(self, id: str) -> None:
        old = self.slices.pop(id, None)
        if old is not None:
            self._unlink_slice(old)
            self._modified(self.internal_serial)

    def _unlink_slice(self, old: EndpointSlice) -> None:
        entry = self.services.get(old.key)
        if entry is not None:
            entry.slices = _without(entry.slices, old)
            if not entry.slices and entry.service is None:
                del self.services[old.key]
            _unindex(self.endpoint_ips, old.addresses, old)
        imported = self.imports.get(old.import_key)
        if imported is not None:
            imported.slices = _without(imported.slices, old)
            if not imported.slices and imported.service_import is None:
                del self.imports[old.import_key]
        self._touch_slice(old)

    def _touch_slice(self, item: EndpointSlice) -> None:
        if item.key:
            self._touched.add((SERVICE, item.key))
            self._touched.update((ADDRESS, ip) for ip in item.addresses)
        if item.import_key:
            self._touched.add((IMPORT, item.import_key))

    def _put_pod(self, new: Pod) -> bool:
        if new.terminating:
            return False  # the old entry stays until the DELETED event (CoreDNS object.ToPod)
        old = self._pods.get(new.id)
        if old == new:
            return False
        if old is None or old.ips != new.ips:
            self._modified(self.internal_serial)
        if old is not None:
            self._unlink_pod(old)
        self._pods[new.id] = new
        _index(self.pods, new.ips, new)
        self._touched.update((POD, ip) for ip in new.ips)
        return True

    def _drop_pod(self, id: str) -> None:
        old = self._pods.pop(id, None)
        if old is not None:
            self._unlink_pod(old)
            self._modified(self.internal_serial)

    def _unlink_pod(self, old: Pod) -> None:
        _unindex(self.pods, old.ips, old)
        self._touched.update((POD, ip) for ip in old.ips)

    def _put_import(self, new: ServiceImport) -> bool:
        entry = self.imports.get(new.key)
        if entry is None:
            entry = self.imports[new.key] = ImportEntry()
        old = entry.service_import
        if old == new:
            return False
        if old is None:
            self._modified(self.internal_serial)
        elif service_import_differs(old, new):
            self._modified(self.multicluster_serial)
        entry.service_import = new
        self._touched.add((IMPORT, new.key))
        return True

    def _drop_import(self, key: bytes) -> None:
        entry = self.imports.get(key)
        if entry is None or entry.service_import is None:
            return
        entry.service_import = None
        if not entry.slices:
            del self.imports[key]
        self._modified(self.internal_serial)
        self._touched.add((IMPORT, key))


def held(table: Mapping[str, _T | tuple[_T, ...]], text: str) -> tuple[_T, ...]:
    """All objects a table by address holds under this text."""
    found = table.get(text)
    if found is None:
        return ()
    return found if isinstance(found, tuple) else (found,)


def _index(table: dict[str, _T | tuple[_T, ...]], texts: Iterable[str], item: _T) -> None:
    for text in texts:
        if text not in table:
            table[text] = item
        else:
            others = held(table, text)
            if item not in others:
                table[text] = (*others, item)


def _unindex(table: dict[str, _T | tuple[_T, ...]], texts: Iterable[str], item: _T) -> None:
    for text in texts:
        left = _without(held(table, text), item)
        if len(left) > 1:
            table[text] = left
        elif left:
            table[text] = left[0]
        else:
            table.pop(text, None)


def _without(items: tuple[_T, ...], gone: _T) -> tuple[_T, ...]:
    return tuple(item for item in items if item is not gone)
