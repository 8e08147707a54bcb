from typing import Any

import pytest

from resolver.cluster import raw
from resolver.cluster.decoding import Decoder
from resolver.cluster.objects import (
    ENDPOINT_SLICES,
    NAMESPACES,
    NO_PORT,
    PLACEHOLDER_PORTS,
    PODS,
    SERVICE_IMPORTS,
    SERVICES,
    EndpointSlice,
    Kind,
    Namespace,
    Pod,
    Port,
    Service,
    ServiceImport,
    ServiceKind,
)
from resolver.cluster.reading import Detail, Reading
from tests.support import cluster_objects as api

HTTP = (Port(b"http", 80, b"tcp"),)


class Reader:
    """Reads one object; what was said about it is in `problems`."""

    def __init__(self, *, targets: bool = False, zones: bool = False) -> None:
        self.problems: list[str] = []
        self.decoder = Decoder(lambda problem: self.problems.append(str(problem)), Detail(targets, zones))

    def read(self, kind: Kind, item: object) -> Any:
        return self.decoder.manifest(kind, item)


def service(item: dict[str, Any]) -> Service:
    found = Reader().read(SERVICES, item)
    assert isinstance(found, Service)
    return found


def with_spec(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "web", "namespace": "shop", "resourceVersion": "7"}, "spec": spec}


def test_a_namespace_is_its_label() -> None:
    assert Reader().read(NAMESPACES, api.namespace("shop")) == Namespace(b"\4shop")


def test_a_service_is_read_with_all_its_addresses_and_ports() -> None:
    assert service(
        with_spec(type="ClusterIP", clusterIPs=["10.0.0.1", "fd00::1"], ports=api.port_list(api.HTTP))
    ) == Service(b"\3web\4shop", 7, ServiceKind.CLUSTER_IP, ("10.0.0.1", "fd00::1"), HTTP)


@pytest.mark.parametrize(
    ("spec", "kind", "ips"),
    [
        ({"clusterIP": "10.0.0.1"}, ServiceKind.CLUSTER_IP, ("10.0.0.1",)),
        ({"clusterIP": "10.0.0.1", "clusterIPs": []}, ServiceKind.CLUSTER_IP, ("10.0.0.1",)),
        ({"clusterIP": "10.0.0.9", "clusterIPs": ["10.0.0.1"]}, ServiceKind.CLUSTER_IP, ("10.0.0.1",)),
        ({"type": "NodePort", "clusterIPs": ["10.0.0.1"]}, ServiceKind.CLUSTER_IP, ("10.0.0.1",)),
        ({"type": "LoadBalancer", "clusterIPs": ["10.0.0.1"]}, ServiceKind.CLUSTER_IP, ("10.0.0.1",)),
        ({"clusterIP": "None"}, ServiceKind.HEADLESS, ()),
        ({"clusterIPs": ["None"]}, ServiceKind.HEADLESS, ()),
        ({}, ServiceKind.CLUSTER_IP, ()),
        ({"clusterIP": ""}, ServiceKind.CLUSTER_IP, ()),
        ({"type": "ExternalName", "externalName": "a.example"}, ServiceKind.EXTERNAL_NAME, ()),
        ({"type": "ExternalName", "clusterIPs": ["None"]}, ServiceKind.EXTERNAL_NAME, ()),
    ],
)
def test_type_and_addresses_make_the_kind(spec: dict[str, Any], kind: ServiceKind, ips: tuple[str, ...]) -> None:
    found = service(with_spec(**spec))
    assert (found.kind, found.cluster_ips) == (kind, ips)


def test_external_addresses_are_external_ips_and_then_ingress() -> None:
    item = with_spec(externalIPs=["192.0.2.1"])
    item["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.2"}, {"hostname": "lb.example"}, {}]}}
    assert service(item).external_ips == ("192.0.2.1", "192.0.2.2", "lb.example", "")


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        (None, PLACEHOLDER_PORTS),
        ([], PLACEHOLDER_PORTS),
        ([{"port": 80}], (Port(b"", 80, b""),)),
        ([{"name": "HTTP", "port": 80, "protocol": "TCP"}], HTTP),
        ([{"name": "http", "protocol": "TCP"}], (Port(b"http", NO_PORT, b"tcp"),)),
        ([{"port": 0}, {"port": 65_535}], (Port(b"", 0, b""), Port(b"", 65_535, b""))),
    ],
)
def test_ports_are_kept_in_order_and_lower_case(ports: Any, expected: tuple[Port, ...]) -> None:
    assert service(with_spec(ports=ports)).ports == expected
    item = api.endpoint_slice("a", "web", "10.1.0.1")
    assert Reader().read(ENDPOINT_SLICES, {**item, "ports": ports}).ports == expected


@pytest.mark.parametrize("number", [-2, 65_536, 10**30])
def test_a_number_that_is_no_port_is_left_out_and_reported(number: int) -> None:
    reader = Reader()
    found = reader.read(SERVICES, with_spec(ports=[{"port": number}, {"port": 80}]))
    assert found.ports == (Port(b"", 80, b""),)
    assert reader.problems == [f"Service shop/web: spec.ports[0].port: is no port number: {number}"]


def test_text_that_is_no_address_is_left_out_and_reported() -> None:
    reader = Reader()
    assert reader.read(SERVICES, with_spec(clusterIPs=["10.0.0.1", "x"])).cluster_ips == ("10.0.0.1",)
    assert reader.problems == ["Service shop/web: spec.clusterIPs[1]: is no IP address: 'x'"]


@pytest.mark.parametrize(
    ("text", "version"), [("7", 7), ("0", "0"), ("007", "007"), ("", ""), (None, ""), ("x7", "x7"), ("٣", "٣")]
)
def test_a_version_is_a_number_where_it_is_one(text: str | None, version: int | str) -> None:
    item = with_spec()
    item["metadata"]["resourceVersion"] = text
    assert service(item).version == version


@pytest.mark.parametrize("name", ["", None, "a" * 64, "ä" * 32])
def test_a_name_that_is_no_label_is_reported(name: str | None) -> None:
    reader = Reader()
    assert reader.read(NAMESPACES, {"metadata": {"name": name}}) is None
    assert len(reader.problems) == 1


def test_names_may_hold_any_bytes_a_label_may() -> None:
    assert Reader().read(NAMESPACES, {"metadata": {"name": "ä b"}}) == Namespace(b"\4\xc3\xa4 b")


# -- slices -----------------------------------------------------------------------------------------------------------


def slice_of(*endpoints: Any, reader: Reader | None = None, **options: Any) -> EndpointSlice:
    found = (reader or Reader()).read(
        ENDPOINT_SLICES, api.endpoint_slice("web-a", "web", *endpoints, space="shop", **options)
    )
    assert isinstance(found, EndpointSlice)
    return found


def test_a_slice_belongs_to_the_service_its_label_names() -> None:
    found = slice_of("10.1.0.1", "10.1.0.2")
    assert (found.id, found.key, found.addresses, found.ports) == (
        "shop/web-a", b"\3web\4shop", ("10.1.0.1", "10.1.0.2"), HTTP,
    )  # fmt: skip
    assert (found.import_key, found.cluster) == (b"", b"")


@pytest.mark.parametrize(("ready", "kept"), [(True, True), (None, True), (False, False)])
def test_an_endpoint_is_kept_unless_it_is_not_ready(ready: bool | None, kept: bool) -> None:
    assert slice_of(api.endpoint("10.1.0.1", ready=ready)).addresses == (("10.1.0.1",) if kept else ())


def test_serving_and_terminating_do_not_matter() -> None:
    conditions = {"ready": False, "serving": True, "terminating": True}
    assert slice_of({"addresses": ["10.1.0.1"], "conditions": conditions}).addresses == ()


@pytest.mark.parametrize("conditions", [None, {}, {"ready": None}])
def test_unknown_conditions_are_ready(conditions: Any) -> None:
    assert slice_of({"addresses": ["10.1.0.1"], "conditions": conditions}).addresses == ("10.1.0.1",)


def test_details_run_beside_the_addresses() -> None:
    reader = Reader(targets=True, zones=True)
    found = slice_of(
        api.endpoint("10.1.0.1", "10.1.0.2", hostname="A", pod="web-0", zone="Zone-1"),
        api.endpoint("10.1.0.3"),
        reader=reader,
    )
    assert found.addresses == ("10.1.0.1", "10.1.0.2", "10.1.0.3")
    assert found.hostnames == (b"A", b"A", b"")
    assert found.targets == (b"web-0", b"web-0", b"")
    assert found.zones == (b"zone-1", b"zone-1", b"")


def test_details_nobody_asked_for_are_not_kept() -> None:
    found = slice_of(api.endpoint("10.1.0.1", pod="web-0", zone="z"))
    assert (found.hostnames, found.targets, found.zones) == ((), (), ())


def test_details_nobody_has_take_no_room() -> None:
    found = slice_of("10.1.0.1", "10.1.0.2", reader=Reader(targets=True, zones=True))
    assert (found.hostnames, found.targets, found.zones) == ((), (), ())


@pytest.mark.parametrize(("pod", "kept"), [("p" * 63, True), ("p" * 64, False)])
def test_a_pod_name_longer_than_a_label_is_left_out(pod: str, kept: bool) -> None:
    assert bool(slice_of(api.endpoint("10.1.0.1", pod=pod), reader=Reader(targets=True)).targets) is kept


def test_a_hostname_longer_than_a_label_is_left_out_and_reported() -> None:
    reader = Reader()
    assert slice_of(api.endpoint("10.1.0.1", hostname="h" * 64), reader=reader).hostnames == ()
    assert "endpoints[0].hostname: is no DNS label" in reader.problems[0]


def test_an_endpoint_that_is_a_name_is_left_out_and_reported() -> None:
    reader = Reader()
    assert slice_of("10.1.0.1", "db.example", reader=reader).addresses == ("10.1.0.1",)
    assert reader.problems == ["EndpointSlice shop/web-a: endpoints[1].addresses[0]: is no IP address: 'db.example'"]


@pytest.mark.parametrize("labels", [{}, {"kubernetes.io/service-name": ""}, {"kubernetes.io/service-name": None}])
def test_a_slice_without_a_label_belongs_to_no_service(labels: Any) -> None:
    assert slice_of("10.1.0.1", labels=labels).key == b""


def test_an_imported_slice_names_its_service_and_cluster() -> None:
    found = Reader().read(ENDPOINT_SLICES, api.imported_slice("a", "web", "East", "10.8.0.1", space="shop"))
    assert (found.key, found.import_key, found.cluster) == (b"", b"\3web\4shop", b"East")


def test_a_cluster_id_that_is_no_label_is_left_out_and_reported() -> None:
    reader = Reader()
    found = reader.read(ENDPOINT_SLICES, api.imported_slice("a", "web", "c" * 300, "10.8.0.1", space="shop"))
    assert found.cluster == b""
    assert "source-cluster" in reader.problems[0]


def test_the_time_a_slice_was_last_triggered_is_kept() -> None:
    item = api.endpoint_slice("a", "web", "10.1.0.1")
    item["metadata"]["annotations"] = {"endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z"}
    assert Reader().read(ENDPOINT_SLICES, item).triggered == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("field", ["endpoints", "ports"])
def test_a_slice_may_lack_its_lists(field: str) -> None:
    item = {**api.endpoint_slice("a", "web", "10.1.0.1"), field: None}
    assert Reader().read(ENDPOINT_SLICES, item) is not None


# -- pods and imports -------------------------------------------------------------------------------------------------


def test_a_pod_is_known_by_all_its_addresses() -> None:
    found = Reader().read(PODS, api.with_version(api.pod("web-0", "10.1.0.1", "fd00::1", space="shop"), 3))
    assert found == Pod("shop/web-0", b"\4shop", 3, ("10.1.0.1", "fd00::1"))


def test_the_lone_pod_ip_is_not_read() -> None:
    item = api.pod("web-0", space="shop")
    item["status"] = {"podIP": "10.1.0.1"}
    assert Reader().read(PODS, item).ips == ()


def test_a_pod_with_a_deletion_timestamp_is_terminating() -> None:
    assert Reader().read(PODS, api.pod("web-0", "10.1.0.1", terminating=True)).terminating


@pytest.mark.parametrize(("kind", "headless"), [("ClusterSetIP", False), ("Headless", True), ("", False)])
def test_an_import_has_addresses_ports_and_a_type(kind: str, headless: bool) -> None:
    item = api.service_import("web", "10.7.0.1", "fd07::1", space="shop", kind=kind)
    assert Reader().read(SERVICE_IMPORTS, item) == ServiceImport(
        b"\3web\4shop", "", headless, ("10.7.0.1", "fd07::1"), HTTP
    )


def test_an_import_without_ports_has_no_placeholder() -> None:
    assert Reader().read(SERVICE_IMPORTS, api.service_import("web", ports=())).ports == ()


def test_equal_names_and_ports_of_objects_are_kept_once() -> None:
    reader = Reader()
    one, two = (reader.read(SERVICES, {**with_spec(ports=api.port_list(api.HTTP)), "x": n}) for n in (1, 2))
    assert one.key is two.key
    assert one.ports is two.ports


def test_a_witness_hears_of_every_endpoint() -> None:
    heard: list[tuple[str, int, object]] = []

    class Noting:
        def kept(self, endpoint: int, address: int) -> None:
            heard.append(("kept", endpoint, address))

        def dropped(self, rule: str, endpoint: int) -> None:
            heard.append(("dropped", endpoint, rule))

    item = raw.EndpointSlice(
        metadata=raw.Meta(name="web-1", namespace="shop"),
        endpoints=[
            raw.Endpoint(["10.0.0.1", "no address", "10.0.0.2"]),
            raw.Endpoint(["10.0.0.3"], raw.Conditions(ready=False)),
            raw.Endpoint(["10.0.0.4"], raw.Conditions(ready=True)),
        ],
    )
    found = Reading(Detail(), lambda *_: None, Noting()).endpoint_slice(item)
    assert found is not None
    assert found.addresses == ("10.0.0.1", "10.0.0.2", "10.0.0.4")
    assert heard == [("kept", 0, 0), ("kept", 0, 2), ("dropped", 1, "F2"), ("kept", 2, 0)]
