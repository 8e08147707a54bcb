import pytest

from resolver.cluster.objects import (
    ENDPOINT_SLICES,
    KINDS,
    NAMESPACES,
    PODS,
    SERVICE_IMPORTS,
    SERVICES,
    ClusterObject,
    EndpointSlice,
    Namespace,
    Pod,
    Service,
    ServiceImport,
    ServiceKind,
    identity,
    known_kinds,
    labels_text,
    service_key,
    wire_label,
)

KEY = b"\3web\4shop"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Namespace(b"\4shop"), b"\4shop"),
        (Service(KEY, 1, ServiceKind.HEADLESS, (), ()), KEY),
        (ServiceImport(KEY, 1, True, (), ()), KEY),
        (EndpointSlice("shop/web-a", KEY, 1, (), ()), "shop/web-a"),
        (Pod("shop/web-0", b"\4shop", 1, ()), "shop/web-0"),
    ],
)
def test_an_object_is_told_from_others_by_its_names(item: ClusterObject, expected: bytes | str) -> None:
    assert identity(item) == expected


def test_a_service_key_is_a_piece_of_a_question() -> None:
    assert service_key("web", "shop") == KEY
    assert wire_label("a" * 63) == b"\x3f" + b"a" * 63
    assert labels_text(KEY) == "web.shop"
    assert labels_text(b"\2\xc3\x28") == "\\xc3("


def test_kinds_come_in_one_order() -> None:
    assert known_kinds(["ServiceImport", "Namespace", "Unknown"]) == [NAMESPACES, SERVICE_IMPORTS]
    assert list(KINDS.values()) == [NAMESPACES, SERVICES, ENDPOINT_SLICES, PODS, SERVICE_IMPORTS]
    assert all(kind.path.endswith(f"/{kind.name.lower()}s") for kind in KINDS.values())
    assert all(f"/{kind.api_version}/" in kind.path for kind in KINDS.values())
