import msgspec
import pytest

from resolver.cluster.change import endpoints_differ, service_differs, service_import_differs
from resolver.cluster.objects import EndpointSlice, Port, Service, ServiceImport, ServiceKind

HTTP = (Port(b"http", 80, b"tcp"),)
DNS = (Port(b"dns", 53, b"udp"),)
WEB = Service(b"\3web\4shop", 1, ServiceKind.CLUSTER_IP, ("10.0.0.1",), HTTP, "old.example", ("192.0.2.1",))
SLICE = EndpointSlice(
    "shop/web-a", b"\3web\4shop", 1, ("10.1.0.1", "10.1.0.2"), HTTP, (b"a", b""), (b"p", b"q"), (b"z", b"")
)
IMPORT = ServiceImport(b"\3web\4shop", 1, False, ("10.7.0.1",), HTTP)

CHANGES = [
    ({}, (False, False)),
    ({"cluster_ips": ("10.0.0.1", "fd00::1")}, (False, False)),
    ({"kind": ServiceKind.HEADLESS}, (False, False)),
    ({"external_name": "new.example"}, (True, False)),
    ({"external_ips": ()}, (False, True)),
    ({"external_ips": ("192.0.2.2",)}, (False, True)),
    ({"external_name": "new.example", "external_ips": ()}, (True, True)),
    ({"ports": DNS}, (True, True)),
    ({"ports": (*HTTP, *DNS)}, (True, True)),
]


@pytest.mark.parametrize(("change", "moved"), CHANGES)
def test_ports_names_and_external_addresses_of_a_service_move_serials(
    change: dict[str, object], moved: tuple[bool, bool]
) -> None:
    assert service_differs(WEB, msgspec.structs.replace(WEB, version=2, **change)) == moved


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ({}, False),
        ({"addresses": ("10.1.0.1",)}, True),
        ({"addresses": ("10.1.0.2", "10.1.0.1")}, True),
        ({"hostnames": ()}, True),
        ({"ports": DNS}, True),
        ({"zones": (b"y", b"")}, True),
        ({"targets": ()}, False),
        ({"triggered": "2026-01-01T00:00:00Z"}, False),
    ],
)
def test_what_answers_are_made_of_moves_the_serial_of_a_slice(change: dict[str, object], moved: bool) -> None:
    assert endpoints_differ(SLICE, msgspec.structs.replace(SLICE, version=2, **change)) is moved


@pytest.mark.parametrize(
    ("change", "moved"), [({}, False), ({"ips": ()}, False), ({"headless": True}, True), ({"ports": ()}, True)]
)
def test_type_and_ports_of_an_import_move_its_serial(change: dict[str, object], moved: bool) -> None:
    assert service_import_differs(IMPORT, msgspec.structs.replace(IMPORT, version=2, **change)) is moved


def test_an_unchanged_version_is_no_change() -> None:
    assert service_differs(WEB, msgspec.structs.replace(WEB, ports=DNS)) == (False, False)
    assert not endpoints_differ(SLICE, msgspec.structs.replace(SLICE, ports=DNS))
    assert not service_import_differs(IMPORT, msgspec.structs.replace(IMPORT, ports=DNS))


def test_objects_without_versions_are_compared() -> None:
    old = msgspec.structs.replace(WEB, version="")
    assert service_differs(old, msgspec.structs.replace(old, ports=DNS)) == (True, True)
    old_slice = msgspec.structs.replace(SLICE, version="")
    assert endpoints_differ(old_slice, msgspec.structs.replace(old_slice, ports=DNS))
    old_import = msgspec.structs.replace(IMPORT, version="")
    assert service_import_differs(old_import, msgspec.structs.replace(old_import, ports=DNS))
