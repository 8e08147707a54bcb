"""From parsed names to what answers them, one rule a test; tests/conformance compares whole clusters."""

import pytest

from resolver.answers.outcome import Key
from resolver.cluster.dns_names import Part, Request
from resolver.cluster.dns_records import (
    Alias,
    Candidate,
    Found,
    PodMode,
    Records,
    View,
    namespace_of,
    srv_weight,
)
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import (
    KINDS,
    NAMESPACES,
    NO_PORT,
    PLACEHOLDER_PORTS,
    ClusterObject,
    EndpointSlice,
    Namespace,
    Pod,
    Port,
    Service,
    ServiceImport,
    ServiceKind,
)

SHOP, WEB, SVC = b"\4shop", b"\3web\4shop", b"\3svc"
HTTP, DNS = Port(b"http", 80, b"tcp"), Port(b"dns", 53, b"udp")
CLUSTER, HEADLESS, EXTERNAL = ServiceKind.CLUSTER_IP, ServiceKind.HEADLESS, ServiceKind.EXTERNAL_NAME


def service(
    kind: ServiceKind = CLUSTER, ips: tuple[str, ...] = ("10.0.0.1", "fd00::1"), *ports: Port, name: str = ""
) -> Service:
    return Service(WEB, 1, kind, ips if kind is CLUSTER else (), ports or (HTTP,), name)


def slice_(id: str, *addresses: str, ports: tuple[Port, ...] = (HTTP,), **fields: object) -> EndpointSlice:
    return EndpointSlice(id, fields.pop("key", WEB), 1, addresses, ports, **fields)  # type: ignore[arg-type]


def records(*items: ClusterObject, view: View | None = None) -> Records:
    inventory = Inventory(KINDS.values(), lambda: 0.0)
    inventory.apply(NAMESPACES, [("ADDED", item) for item in (Namespace(SHOP), *items)])
    return Records(inventory, view or View())


def asked(part: Part = Part.SERVICE, **fields: object) -> Request:
    return Request(part, SHOP, WEB)._replace(**fields)  # type: ignore[arg-type]


def addresses(found: Found) -> list[str]:
    assert isinstance(found, list)
    return [candidate.address for candidate in found]


# -- namespaces -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "namespace", "exposed"),
    [
        (frozenset(), SHOP, True),
        (frozenset((SHOP,)), SHOP, True),
        (frozenset((b"\5other",)), SHOP, False),
        (frozenset(), b"\5other", False),
        (frozenset((b"\5other",)), b"\5other", False),
    ],
)
def test_a_namespace_is_exposed_if_it_is_there_and_chosen(
    chosen: frozenset[bytes], namespace: bytes, exposed: bool
) -> None:
    assert records(view=View(namespaces=chosen)).exposed(namespace) is exposed


@pytest.mark.parametrize(
    ("part", "mode", "found"),
    [
        (Part.EMPTY, PodMode.DISABLED, []),
        (Part.NAMESPACE, PodMode.DISABLED, []),
        (Part.POD_NAMESPACE, PodMode.DISABLED, None),
        (Part.POD_NAMESPACE, PodMode.INSECURE, []),
        (Part.POD_NAMESPACE, PodMode.VERIFIED, []),
    ],
)
def test_namespaces_exist_and_hold_nothing(part: Part, mode: PodMode, found: Found) -> None:
    assert records(view=View(pods=mode)).find(asked(part)) == found


@pytest.mark.parametrize("part", [Part.NAMESPACE, Part.POD_NAMESPACE, Part.SERVICE, Part.POD])
def test_nothing_is_in_a_namespace_that_is_not_there(part: Part) -> None:
    view = View(pods=PodMode.INSECURE)
    assert records(service(), view=view).find(Request(part, b"\5other", WEB, pod=b"1-2-3-4")) is None


# -- services with addresses ------------------------------------------------------------------------------------------


def test_a_service_is_its_addresses_under_its_own_name() -> None:
    target = WEB + SVC
    assert records(service()).find(asked()) == [Candidate("10.0.0.1", 80, target), Candidate("fd00::1", 80, target)]


def test_every_port_is_combined_with_every_address() -> None:
    found = records(service(CLUSTER, ("10.0.0.1", "fd00::1"), HTTP, DNS)).find(asked())
    assert isinstance(found, list)
    assert [(c.address, c.port) for c in found] == [
        ("10.0.0.1", 80),
        ("fd00::1", 80),
        ("10.0.0.1", 53),
        ("fd00::1", 53),
    ]


@pytest.mark.parametrize(
    ("port", "protocol", "ports"),
    [
        (b"http", b"tcp", [80]),
        (b"http", b"", [80]),
        (b"", b"udp", [53]),
        (b"http", b"udp", None),
        (b"none", b"tcp", None),
    ],
)
def test_port_and_protocol_choose_ports(port: bytes, protocol: bytes, ports: list[int] | None) -> None:
    found = records(service(CLUSTER, ("10.0.0.1",), HTTP, DNS)).find(asked(port=port, protocol=protocol))
    assert (None if found is None else [c.port for c in found]) == ports  # type: ignore[union-attr]


def test_a_service_without_addresses_exists() -> None:
    assert records(service(CLUSTER, ())).find(asked()) == []


def test_a_service_that_is_not_there_is_not_found() -> None:
    assert records().find(asked()) is None
    assert records(slice_("a", "10.1.0.1")).find(asked()) is None


# -- endpoints --------------------------------------------------------------------------------------------------------


def test_a_headless_service_is_its_endpoints_under_their_names() -> None:
    found = records(service(HEADLESS), slice_("a", "10.1.0.1", "10.1.0.2", hostnames=(b"zero", b""))).find(asked())
    assert found == [
        Candidate("10.1.0.1", 80, b"\4zero" + WEB + SVC),
        Candidate("10.1.0.2", 80, b"\x0810-1-0-2" + WEB + SVC),
    ]


@pytest.mark.parametrize("items", [(), (slice_("a"),)])
def test_a_headless_service_without_endpoints_is_not_found(items: tuple[EndpointSlice, ...]) -> None:
    assert records(service(HEADLESS), *items).find(asked()) is None


def test_ports_choose_whole_slices() -> None:
    slices = slice_("a", "10.1.0.1"), slice_("b", "10.1.0.2", ports=(DNS,)), slice_("c", "10.1.0.3", ports=(HTTP, DNS))
    found = records(service(HEADLESS), *slices).find(asked(port=b"http", protocol=b"tcp"))
    assert addresses(found) == ["10.1.0.1", "10.1.0.3"]


def test_a_slice_without_ports_has_a_placeholder() -> None:
    found = records(service(HEADLESS), slice_("a", "10.1.0.1", ports=PLACEHOLDER_PORTS)).find(asked())
    assert isinstance(found, list)
    assert [c.port for c in found] == [NO_PORT]


@pytest.mark.parametrize("kind", [CLUSTER, HEADLESS])
def test_endpoints_are_found_by_name_whatever_the_service_is(kind: ServiceKind) -> None:
    slices = (
        slice_("a", "10.1.0.1", "10.1.0.2", hostnames=(b"Zero", b"")),
        slice_("b", "fd00:1::1", hostnames=(b"zero",)),
    )
    found = records(service(kind), *slices)
    assert addresses(found.find(asked(endpoint=b"zero"))) == ["10.1.0.1", "fd00:1::1"]
    assert addresses(found.find(asked(endpoint=b"10-1-0-2"))) == ["10.1.0.2"]
    assert found.find(asked(endpoint=b"10-1-0-1")) is None


def test_with_endpoint_pod_names_an_endpoint_is_called_as_its_pod() -> None:
    item = slice_("a", "10.1.0.1", "10.1.0.2", hostnames=(b"zero", b""), targets=(b"pod-0", b"pod-1"))
    plain, named = (
        records(service(HEADLESS), item),
        records(service(HEADLESS), item, view=View(endpoint_pod_names=True)),
    )
    assert plain.find(asked(endpoint=b"pod-1")) is None
    assert addresses(named.find(asked(endpoint=b"pod-1"))) == ["10.1.0.2"]
    assert named.find(asked(endpoint=b"pod-0")) is None
    assert named.find(asked(endpoint=b"10-1-0-2")) is None


def test_without_endpoints_there_are_none() -> None:
    found = records(service(HEADLESS), slice_("a", "10.1.0.1"), view=View(endpoints=False))
    assert found.find(asked()) is None
    assert found.reverse("10.1.0.1")[0] == []


@pytest.mark.parametrize(
    ("kind", "slices", "found"),
    [
        (CLUSTER, (), False),
        (CLUSTER, (slice_("a"),), False),
        (CLUSTER, (slice_("a"), slice_("b", "10.1.0.1")), True),
        (HEADLESS, (slice_("b", "10.1.0.1"),), True),
        (EXTERNAL, (), True),
    ],
)
def test_an_empty_service_may_be_ignored(kind: ServiceKind, slices: tuple[EndpointSlice, ...], found: bool) -> None:
    item = service(kind, name="a.example")
    assert (records(item, *slices, view=View(ignore_empty_service=True)).find(asked()) is not None) is found


# -- aliases ----------------------------------------------------------------------------------------------------------


def test_an_external_name_is_an_alias() -> None:
    assert records(service(EXTERNAL, name="a.example")).find(asked()) == Alias("a.example")


@pytest.mark.parametrize("fields", [{"endpoint": b"x"}, {"port": b"http"}, {"protocol": b"tcp"}, {"topology": b"z"}])
def test_nothing_is_in_front_of_an_alias(fields: dict[str, bytes]) -> None:
    assert records(service(EXTERNAL, name="a.example")).find(asked(**fields)) is None


@pytest.mark.parametrize("name", ["10.0.0.1", "fd00::1", "::ffff:10.0.0.1"])
def test_an_alias_to_an_address_is_not_found(name: str) -> None:
    assert records(service(EXTERNAL, name=name)).find(asked()) is None


# -- topology ---------------------------------------------------------------------------------------------------------

ZONED = slice_("a", "10.1.0.1", "10.1.0.2", "10.1.0.3", zones=(b"z1", b"z2", b""))


@pytest.mark.parametrize(
    ("topology", "prefer", "found"),
    [
        (b"z1", False, ["10.1.0.1"]),
        (b"z1", True, ["10.1.0.1"]),
        (b"z9", False, []),
        (b"z9", True, ["10.1.0.1", "10.1.0.2", "10.1.0.3"]),
    ],
)
def test_a_topology_zone_chooses_endpoints(topology: bytes, prefer: bool, found: list[str]) -> None:
    looked = records(service(HEADLESS), ZONED, view=View(zonal=True))
    assert addresses(looked.find(asked(topology=topology, prefer=prefer))) == found


def test_a_topology_zone_is_for_headless_services() -> None:
    assert records(service(), ZONED, view=View(zonal=True)).find(asked(topology=b"z1")) is None
    assert records(service(HEADLESS), view=View(zonal=True)).find(asked(topology=b"z1")) == []


# -- pods -------------------------------------------------------------------------------------------------------------

TARGET = b"\x071-2-3-4\4shop\3pod"


@pytest.mark.parametrize(
    ("mode", "pod", "found"),
    [
        (PodMode.DISABLED, b"1-2-3-4", None),
        (PodMode.INSECURE, b"1-2-3-4", ["1.2.3.4"]),
        (PodMode.INSECURE, b"fd00--1", ["fd00::1"]),
        (PodMode.INSECURE, b"1-2-3", None),
        (PodMode.INSECURE, b"web", None),
        (PodMode.VERIFIED, b"1-2-3-4", None),
        (PodMode.VERIFIED, b"10-1-0-1", ["10.1.0.1"]),
        (PodMode.VERIFIED, b"fd00-1--1", ["fd00:1::1"]),
        (PodMode.VERIFIED, b"fd00-1-0--1", None),
    ],
)
def test_pods_are_found_as_the_mode_says(mode: PodMode, pod: bytes, found: list[str] | None) -> None:
    item = Pod("shop/web-0", SHOP, 1, ("10.1.0.1", "fd00:1::1"))
    looked = records(item, view=View(pods=mode)).find(asked(Part.POD, pod=pod))
    assert (None if looked is None else addresses(looked)) == found


def test_a_verified_pod_must_be_in_the_namespace() -> None:
    item = Pod("other/web-0", b"\5other", 1, ("10.1.0.1",))
    found = records(item, Namespace(b"\5other"), view=View(pods=PodMode.VERIFIED))
    assert found.find(asked(Part.POD, pod=b"10-1-0-1")) is None
    assert addresses(found.find(Request(Part.POD, b"\5other", pod=b"10-1-0-1"))) == ["10.1.0.1"]


def test_pods_that_share_an_address_count_each() -> None:
    pods = (Pod(f"shop/{name}", SHOP, 1, ("10.1.0.1",)) for name in "ab")
    found = records(*pods, view=View(pods=PodMode.VERIFIED)).find(asked(Part.POD, pod=b"10-1-0-1"))
    assert addresses(found) == ["10.1.0.1", "10.1.0.1"]


def test_a_pod_is_its_own_target_on_port_0() -> None:
    found = records(view=View(pods=PodMode.INSECURE)).find(asked(Part.POD, pod=b"1-2-3-4"))
    assert found == [Candidate("1.2.3.4", 0, TARGET)]


# -- multicluster -----------------------------------------------------------------------------------------------------

IMPORTED = [
    slice_("e", "10.8.0.1", key=b"", import_key=WEB, cluster=b"East", hostnames=(b"zero",)),
    slice_("w", "10.8.1.1", key=b"", import_key=WEB, cluster=b"west", hostnames=(b"zero",)),
]


def test_an_import_is_its_addresses() -> None:
    item = ServiceImport(WEB, 1, False, ("10.7.0.1", "fd07::1"), (HTTP,))
    found = records(item).find(asked(), multicluster=True)
    assert found == [Candidate("10.7.0.1", 80, WEB + SVC), Candidate("fd07::1", 80, WEB + SVC)]
    assert records(item).find(asked()) is None


def test_an_import_without_ports_is_not_found() -> None:
    assert records(ServiceImport(WEB, 1, False, ("10.7.0.1",), ())).find(asked(), multicluster=True) is None


def test_a_headless_import_is_the_endpoints_of_all_clusters() -> None:
    found = records(ServiceImport(WEB, 1, True, (), (HTTP,)), *IMPORTED).find(asked(), multicluster=True)
    assert found == [
        Candidate("10.8.0.1", 80, b"\4zero\4East" + WEB + SVC),
        Candidate("10.8.1.1", 80, b"\4zero\4west" + WEB + SVC),
    ]


@pytest.mark.parametrize(
    ("endpoint", "cluster", "found"),
    [(b"zero", b"east", ["10.8.0.1"]), (b"zero", b"west", ["10.8.1.1"]), (b"zero", b"", None), (b"one", b"east", None)],
)
def test_an_imported_endpoint_needs_its_cluster(endpoint: bytes, cluster: bytes, found: list[str] | None) -> None:
    looked = records(ServiceImport(WEB, 1, False, (), (HTTP,)), *IMPORTED).find(
        asked(endpoint=endpoint, cluster=cluster), multicluster=True
    )
    assert (None if looked is None else addresses(looked)) == found


def test_imported_endpoints_are_there_without_endpoints_of_our_own() -> None:
    view = View(endpoints=False)
    item = ServiceImport(WEB, 1, True, (), (HTTP,))
    assert addresses(records(item, *IMPORTED, view=view).find(asked(), multicluster=True)) == ["10.8.0.1", "10.8.1.1"]


@pytest.mark.parametrize(("slices", "found"), [((), False), (tuple(IMPORTED), True)])
def test_an_empty_import_may_be_ignored(slices: tuple[EndpointSlice, ...], found: bool) -> None:
    item = ServiceImport(WEB, 1, False, ("10.7.0.1",), (HTTP,))
    looked = records(item, *slices, view=View(ignore_empty_service=True)).find(asked(), multicluster=True)
    assert (looked is not None) is found


# -- reverse names ----------------------------------------------------------------------------------------------------


def test_a_service_comes_before_endpoints_with_its_address() -> None:
    found = records(service(), slice_("a", "10.0.0.1"))
    assert found.reverse("10.0.0.1")[0] == [WEB + SVC]


def test_an_endpoint_has_a_name_in_each_service() -> None:
    other = slice_("b", "10.1.0.1", key=b"\3api\4shop", hostnames=(b"zero",))
    names, _ = records(slice_("a", "10.1.0.1", "10.1.0.2"), other).reverse("10.1.0.1")
    assert names == [b"\x0810-1-0-1" + WEB + SVC, b"\4zero\3api\4shop" + SVC]


def test_a_name_found_twice_is_one() -> None:
    names, _ = records(slice_("a", "10.1.0.1"), slice_("b", "10.1.0.1", "10.1.0.1")).reverse("10.1.0.1")
    assert names == [b"\x0810-1-0-1" + WEB + SVC]


def test_an_address_nobody_has_has_no_name() -> None:
    assert records(service()).reverse("10.9.9.9") == ([], (("address", "10.9.9.9"),))


def test_addresses_are_compared_as_spelled() -> None:
    assert records(service(CLUSTER, ("FD00::1",))).reverse("fd00::1")[0] == []


def test_chosen_namespaces_hide_reverse_names_of_others() -> None:
    items = service(), slice_("a", "10.1.0.1"), slice_("b", "10.0.0.1", key=b"\3api\5other"), Namespace(b"\5other")
    view = View(namespaces=frozenset((b"\5other",)))
    found = records(*items, view=view)
    assert found.reverse("10.1.0.1")[0] == []
    names, depends = found.reverse("10.0.0.1")
    assert names == [b"\x0810-0-0-1\3api\5other" + SVC]
    assert set(depends) == {("address", "10.0.0.1"), ("namespace", SHOP), ("namespace", b"\5other")}


def test_all_namespaces_are_seen_backwards_even_those_that_are_not_there() -> None:
    assert records(slice_("a", "10.1.0.1", key=b"\3api\7missing")).reverse("10.1.0.1")[0]


# -- name servers -----------------------------------------------------------------------------------------------------


def test_without_a_slice_the_name_servers_are_this_servers_addresses() -> None:
    assert records().nameservers(["192.0.2.2", "fd00::2"]) == [
        (b"\2ns\3dns", "192.0.2.2"),
        (b"\2ns\3dns", "fd00::2"),
    ]
    assert records().nameservers([]) == []


def test_the_services_in_front_of_this_server_are_the_name_servers() -> None:
    item = slice_("a", "192.0.2.2"), slice_("b", "fd00::2")
    assert (
        records(service(), *item).nameservers(["192.0.2.2", "fd00::2"])
        == [
            (WEB + SVC, "10.0.0.1"),
            (WEB + SVC, "fd00::1"),
        ]
        * 2
    )


def test_a_headless_service_in_front_of_this_server_gives_all_its_endpoints() -> None:
    found = records(service(HEADLESS), slice_("a", "192.0.2.2", "192.0.2.3", hostnames=(b"zero", b"")))
    assert found.nameservers(["192.0.2.2"]) == [
        (b"\4zero" + WEB + SVC, "192.0.2.2"),
        (b"\x09192-0-2-3" + WEB + SVC, "192.0.2.3"),
    ]


def test_a_slice_without_a_service_leaves_no_name_servers() -> None:
    assert records(slice_("a", "192.0.2.2")).nameservers(["192.0.2.2"]) == []


# -- what an outcome depends on ---------------------------------------------------------------------------------------

SERVICE_KEYS: tuple[Key, ...] = (("service", WEB), ("namespace", SHOP))


@pytest.mark.parametrize(
    ("request_", "mode", "keys"),
    [
        (Request(Part.EMPTY), PodMode.DISABLED, ()),
        (asked(Part.NAMESPACE), PodMode.DISABLED, (("namespace", SHOP),)),
        (asked(Part.POD_NAMESPACE), PodMode.VERIFIED, (("namespace", SHOP),)),
        (asked(Part.POD, pod=b"1-2-3-4"), PodMode.INSECURE, (("namespace", SHOP),)),
        (asked(Part.POD, pod=b"1-2-3-4"), PodMode.VERIFIED, (("pod", "1.2.3.4"), ("namespace", SHOP))),
        (asked(), PodMode.DISABLED, SERVICE_KEYS),
        (asked(endpoint=b"zero"), PodMode.DISABLED, SERVICE_KEYS),
    ],
)
def test_an_outcome_depends_on_the_objects_it_is_made_from(
    request_: Request, mode: PodMode, keys: tuple[Key, ...]
) -> None:
    assert records(view=View(pods=mode)).depends(request_) == keys


def test_in_a_multicluster_zone_it_is_the_import() -> None:
    assert records().depends(asked(), multicluster=True) == (("import", WEB), ("namespace", SHOP))


@pytest.mark.parametrize(
    ("candidates", "weight"),
    [(0, 100), (1, 100), (2, 50), (3, 33), (4, 25), (6, 16), (7, 14), (100, 1), (101, 1), (5_000, 1)],
)
def test_srv_records_share_a_weight_of_100(candidates: int, weight: int) -> None:
    assert srv_weight(candidates) == weight


def test_weights_are_computed_as_coredns_does_in_doubles() -> None:
    assert [n for n in range(1, 101) if srv_weight(n) != max(1, 100 // n)] == [
        n for n in range(1, 101) if int(100 / (100 * n) * 100) != 100 // n
    ]


def test_the_namespace_is_the_end_of_a_service_key() -> None:
    assert namespace_of(WEB) == SHOP
