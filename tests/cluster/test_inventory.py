"""Indexes, touched keys and serials, change by change; see also the comparison with a slow model."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from resolver.answers.outcome import Key
from resolver.cluster.inventory import Inventory, held
from resolver.cluster.objects import (
    ENDPOINT_SLICES,
    KINDS,
    NAMESPACES,
    PLACEHOLDER_PORTS,
    PODS,
    SERVICE_IMPORTS,
    SERVICES,
    ClusterObject,
    EndpointSlice,
    Kind,
    Namespace,
    Pod,
    Port,
    Service,
    ServiceImport,
    ServiceKind,
)

WEB, API = b"\3web\4shop", b"\3api\4shop"
SHOP = Namespace(b"\4shop")
WEB_SERVICE = Service(WEB, 1, ServiceKind.CLUSTER_IP, ("10.0.0.1", "fd00::1"), PLACEHOLDER_PORTS)
WEB_SLICE = EndpointSlice("shop/web-a", WEB, 1, ("10.1.0.1", "10.1.0.2"), PLACEHOLDER_PORTS)
POD = Pod("shop/web-0", b"\4shop", 1, ("10.1.0.1", "fd00:1::1"))
IMPORT = ServiceImport(WEB, 1, False, ("10.7.0.1",), PLACEHOLDER_PORTS)
IMPORTED = EndpointSlice("shop/web-i", b"", 1, ("10.8.0.1",), PLACEHOLDER_PORTS, import_key=WEB, cluster=b"east")


def changed(item: Any, version: int = 2, **fields: object) -> Any:
    return msgspec.structs.replace(item, version=version, **fields)


class Watched:
    """An inventory, its clock, and the keys of each batch."""

    def __init__(self) -> None:
        self.now = 100.0
        self.batches: list[set[Key]] = []
        self.inventory = Inventory(KINDS.values(), lambda: self.now)
        self.inventory.subscribe(self.batches.append)

    def apply(self, change: str, *items: ClusterObject) -> set[Key]:
        """One batch; the keys it touched."""
        self.batches.clear()
        self.inventory.apply(NAMESPACES, [(change, item) for item in items])
        assert len(self.batches) <= 1
        return self.batches[0] if self.batches else set()

    def replace(self, kind: Kind, items: Sequence[ClusterObject]) -> tuple[int, set[Key]]:
        self.batches.clear()
        different = self.inventory.replace(kind, items)
        assert len(self.batches) <= 1
        return different, self.batches[0] if self.batches else set()

    def serials(self) -> tuple[int, int, int]:
        found = self.inventory
        all_three = (found.internal_serial, found.external_serial, found.multicluster_serial)
        return tuple(int.from_bytes(serial.wire) for serial in all_three)  # type: ignore[return-value]

    def is_empty(self) -> bool:
        found = self.inventory
        tables = (found.namespaces, found.services, found.slices, found.imports)
        return not any((*tables, found.cluster_ips, found.endpoint_ips, found.pods))


SERVICE_KEYS = {("service", WEB), ("address", "10.0.0.1"), ("address", "fd00::1")}
SLICE_KEYS = {("service", WEB), ("address", "10.1.0.1"), ("address", "10.1.0.2")}
POD_KEYS = {("pod", "10.1.0.1"), ("pod", "fd00:1::1")}
IMPORT_KEYS = {("import", WEB)}

OBJECTS: list[tuple[ClusterObject, set[Key]]] = [
    (SHOP, {("namespace", b"\4shop")}),
    (WEB_SERVICE, SERVICE_KEYS),
    (WEB_SLICE, SLICE_KEYS),
    (POD, POD_KEYS),
    (IMPORT, IMPORT_KEYS),
    (IMPORTED, IMPORT_KEYS),
]
IDS = ["namespace", "service", "slice", "pod", "import", "imported-slice"]


@pytest.mark.parametrize(("item", "keys"), OBJECTS, ids=IDS)
def test_an_object_that_comes_or_goes_touches_what_it_is_found_by(item: ClusterObject, keys: set[Key]) -> None:
    watched = Watched()
    assert watched.apply("ADDED", item) == keys
    assert watched.apply("DELETED", item) == keys
    assert watched.is_empty()


@pytest.mark.parametrize("item", [row[0] for row in OBJECTS], ids=IDS)
def test_an_object_seen_again_touches_nothing(item: ClusterObject) -> None:
    watched = Watched()
    watched.apply("ADDED", item)
    watched.now = 200.0
    assert watched.apply("MODIFIED", item) == set()
    assert watched.apply("ADDED", item) == set()
    assert 200 not in watched.serials()


@pytest.mark.parametrize("item", [row[0] for row in OBJECTS], ids=IDS)
def test_an_object_nobody_knows_can_be_deleted(item: ClusterObject) -> None:
    watched = Watched()
    watched.apply("DELETED", item)
    assert watched.is_empty()
    assert watched.serials() == (0, 0, 0)


UPDATES: list[tuple[Any, dict[str, object], set[Key]]] = [
    (WEB_SERVICE, {"cluster_ips": ("10.0.0.1", "fd00::2")}, {*SERVICE_KEYS, ("address", "fd00::2")}),
    (WEB_SERVICE, {"ports": (Port(b"http", 80, b"tcp"),)}, SERVICE_KEYS),
    (WEB_SLICE, {"addresses": ("10.1.0.2", "10.1.0.3")}, {*SLICE_KEYS, ("address", "10.1.0.3")}),
    (WEB_SLICE, {"key": API}, {*SLICE_KEYS, ("service", API)}),
    (WEB_SLICE, {"key": b""}, SLICE_KEYS),
    (POD, {"ips": ("10.1.0.9",)}, {*POD_KEYS, ("pod", "10.1.0.9")}),
    (IMPORT, {"ips": ()}, IMPORT_KEYS),
    (IMPORTED, {"import_key": API}, {*IMPORT_KEYS, ("import", API)}),
    (IMPORTED, {"cluster": b"west"}, IMPORT_KEYS),
]


@pytest.mark.parametrize(("item", "fields", "keys"), UPDATES)
def test_an_update_touches_what_the_object_was_and_is_found_by(
    item: Any, fields: dict[str, object], keys: set[Key]
) -> None:
    watched = Watched()
    watched.apply("ADDED", item)
    assert watched.apply("MODIFIED", changed(item, **fields)) == keys
    watched.apply("DELETED", changed(item, **fields))
    assert watched.is_empty()


def test_a_batch_is_published_once() -> None:
    watched = Watched()
    keys = watched.apply("ADDED", *(row[0] for row in OBJECTS))
    assert keys == set().union(*(row[1] for row in OBJECTS))


def test_readers_see_the_new_values_when_subscribers_hear_of_them() -> None:
    watched, seen = Watched(), []
    inventory = watched.inventory
    inventory.subscribe(lambda _: seen.append((WEB in inventory.services, len(inventory.slices))))
    watched.apply("ADDED", WEB_SLICE, WEB_SERVICE)
    assert seen == [(True, 1)]


def test_a_subscription_can_be_ended() -> None:
    watched, heard = Watched(), []
    end = watched.inventory.subscribe(heard.append)
    end()
    watched.apply("ADDED", SHOP)
    assert heard == []


# -- the indexes ------------------------------------------------------------------------------------------------------


def test_slices_and_services_find_each_other_whichever_comes_first() -> None:
    for order in ((WEB_SERVICE, WEB_SLICE), (WEB_SLICE, WEB_SERVICE)):
        watched = Watched()
        watched.apply("ADDED", *order)
        entry = watched.inventory.services[WEB]
        assert (entry.service, entry.slices) == (WEB_SERVICE, (WEB_SLICE,))


def test_a_slice_outlives_its_service_and_the_other_way_round() -> None:
    watched = Watched()
    watched.apply("ADDED", WEB_SERVICE, WEB_SLICE)
    watched.apply("DELETED", WEB_SERVICE)
    entry = watched.inventory.services[WEB]
    assert (entry.service, entry.slices) == (None, (WEB_SLICE,))
    watched.apply("ADDED", WEB_SERVICE)
    watched.apply("DELETED", WEB_SLICE)
    assert (entry.service or watched.inventory.services[WEB].service, watched.inventory.services[WEB].slices) == (
        WEB_SERVICE,
        (),
    )


def test_an_address_of_several_owners_is_held_by_each() -> None:
    watched = Watched()
    others = [changed(WEB_SERVICE, key=API), changed(WEB_SERVICE, key=b"\2db\4shop")]
    watched.apply("ADDED", WEB_SERVICE, *others)
    table = watched.inventory.cluster_ips
    assert held(table, "10.0.0.1") == (WEB_SERVICE, *others)
    watched.apply("DELETED", others[0])
    assert held(table, "10.0.0.1") == (WEB_SERVICE, others[1])
    watched.apply("DELETED", WEB_SERVICE)
    assert held(table, "10.0.0.1") == (others[1],)
    watched.apply("DELETED", others[1])
    assert held(table, "10.0.0.1") == ()


def test_an_address_named_twice_is_held_once() -> None:
    watched = Watched()
    watched.apply("ADDED", changed(WEB_SERVICE, cluster_ips=("10.0.0.1", "10.0.0.1")))
    assert len(held(watched.inventory.cluster_ips, "10.0.0.1")) == 1
    watched.apply("DELETED", WEB_SERVICE)
    assert watched.is_empty()


def test_the_addresses_of_imported_slices_have_no_reverse_names() -> None:
    watched = Watched()
    watched.apply("ADDED", IMPORTED)
    assert watched.inventory.endpoint_ips == {}


def test_a_slice_may_be_of_a_service_and_of_an_import() -> None:
    both = changed(WEB_SLICE, import_key=API)
    watched = Watched()
    assert watched.apply("ADDED", both) == {*SLICE_KEYS, ("import", API)}
    assert watched.inventory.imports[API].slices == watched.inventory.services[WEB].slices == (both,)
    watched.apply("DELETED", both)
    assert watched.is_empty()


def test_a_terminating_pod_changes_nothing_until_it_is_deleted() -> None:
    watched = Watched()
    watched.apply("ADDED", POD)
    assert watched.apply("MODIFIED", changed(POD, ips=(), terminating=True)) == set()
    assert held(watched.inventory.pods, "10.1.0.1") == (POD,)
    assert watched.apply("DELETED", changed(POD, ips=(), terminating=True)) == POD_KEYS
    assert watched.apply("ADDED", changed(POD, terminating=True)) == set()
    assert watched.is_empty()


# -- fresh lists ------------------------------------------------------------------------------------------------------


def test_a_fresh_list_is_the_difference_deletions_included() -> None:
    watched = Watched()
    watched.apply("ADDED", WEB_SERVICE, changed(WEB_SERVICE, key=API, cluster_ips=("10.0.0.2",)))
    new = changed(WEB_SERVICE, key=b"\2db\4shop", cluster_ips=("10.0.0.3",))
    different, keys = watched.replace(SERVICES, [WEB_SERVICE, new])
    assert different == 2
    assert keys == {("service", API), ("address", "10.0.0.2"), ("service", new.key), ("address", "10.0.0.3")}
    assert set(watched.inventory.services) == {WEB, new.key}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_an_equal_list_changes_nothing(kind: Kind) -> None:
    watched = Watched()
    items = [item for item, _ in OBJECTS]
    watched.apply("ADDED", *items)
    watched.now = 200.0
    assert watched.replace(kind, watched.inventory.objects(kind)) == (0, set())
    assert 200 not in watched.serials()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_an_empty_list_removes_its_kind_and_no_other(kind: Kind) -> None:
    watched = Watched()
    watched.apply("ADDED", *(row[0] for row in OBJECTS))
    before = {other: len(watched.inventory.objects(other)) for other in KINDS.values()}
    different, _ = watched.replace(kind, [])
    assert different == before[kind]
    assert {other: len(watched.inventory.objects(other)) for other in KINDS.values()} == {**before, kind: 0}


def test_a_list_may_hold_an_object_twice() -> None:
    watched = Watched()
    newer = changed(WEB_SERVICE, cluster_ips=("10.0.0.9",))
    watched.replace(SERVICES, [WEB_SERVICE, newer])
    assert watched.inventory.objects(SERVICES) == [newer]
    assert set(watched.inventory.cluster_ips) == {"10.0.0.9"}


def test_it_is_synced_once_every_kind_has_come() -> None:
    watched = Watched()
    for kind in KINDS.values():
        assert not watched.inventory.synced
        watched.replace(kind, [])
    assert watched.inventory.synced
    watched.replace(SERVICES, [])
    assert watched.inventory.synced


def test_events_do_not_make_it_synced() -> None:
    inventory = Inventory([NAMESPACES], lambda: 0.0)
    inventory.apply(NAMESPACES, [("ADDED", SHOP)])
    assert not inventory.synced


def test_a_kind_may_be_watched_later() -> None:
    inventory = Inventory([NAMESPACES], lambda: 0.0)
    inventory.replace(NAMESPACES, [])
    inventory.watch_kind(PODS)
    assert not inventory.synced
    inventory.replace(PODS, [])
    assert inventory.synced


# -- serials ----------------------------------------------------------------------------------------------------------

SERIALS: list[tuple[str, Any, dict[str, object] | None, tuple[int, int, int]]] = [
    ("namespace", SHOP, None, (0, 0, 0)),
    ("service", WEB_SERVICE, None, (200, 0, 0)),
    ("slice", WEB_SLICE, None, (200, 0, 0)),
    ("pod", POD, None, (200, 0, 0)),
    ("import", IMPORT, None, (200, 0, 0)),
    ("imported-slice", IMPORTED, None, (200, 0, 0)),
    ("service-address", WEB_SERVICE, {"cluster_ips": ()}, (100, 0, 0)),
    ("service-name", WEB_SERVICE, {"external_name": "x"}, (200, 0, 0)),
    ("service-external", WEB_SERVICE, {"external_ips": ("192.0.2.1",)}, (100, 200, 0)),
    ("service-ports", WEB_SERVICE, {"ports": ()}, (200, 200, 0)),
    ("slice-address", WEB_SLICE, {"addresses": ()}, (200, 0, 0)),
    ("slice-target", WEB_SLICE, {"targets": (b"a", b"b")}, (100, 0, 0)),
    ("pod-labels", POD, {}, (100, 0, 0)),
    ("pod-address", POD, {"ips": ()}, (200, 0, 0)),
    ("import-address", IMPORT, {"ips": ()}, (100, 0, 0)),
    ("import-type", IMPORT, {"headless": True}, (100, 0, 200)),
    ("imported-cluster", IMPORTED, {"cluster": b"west"}, (100, 0, 200)),
    ("imported-address", IMPORTED, {"addresses": ()}, (200, 0, 200)),
]


@pytest.mark.parametrize(("item", "fields", "serials"), [row[1:] for row in SERIALS], ids=[row[0] for row in SERIALS])
def test_only_some_changes_move_serials(
    item: Any, fields: dict[str, object] | None, serials: tuple[int, int, int]
) -> None:
    watched = Watched()
    if fields is not None:
        watched.apply("ADDED", item)
    watched.now = 200.9
    watched.apply("MODIFIED" if fields is not None else "ADDED", item if fields is None else changed(item, **fields))
    assert watched.serials() == serials


@pytest.mark.parametrize("item", [WEB_SERVICE, WEB_SLICE, POD, IMPORT, IMPORTED])
def test_deletions_move_the_internal_serial(item: ClusterObject) -> None:
    watched = Watched()
    watched.apply("ADDED", item)
    watched.now = 200.0
    watched.apply("DELETED", item)
    assert watched.serials() == (200, 0, 0)


def test_kinds_without_changes_have_no_serial() -> None:
    assert Watched().serials() == (0, 0, 0)


def test_all_kinds_are_known() -> None:
    assert [kind for kind in KINDS.values() if "." in kind.api_version] == [ENDPOINT_SLICES, SERVICE_IMPORTS]
