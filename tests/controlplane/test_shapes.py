from typing import Any

import pytest

from resolver.controlplane.shapes import Mismatch, Unknown, reader, shaped

PORT = {"protocol": "TCP", "port": 80, "targetPort": 80}


def test_fields_come_in_the_order_of_the_api() -> None:
    read = shaped("core.ServicePort", {"targetPort": 80, "port": 80, "protocol": "TCP"})
    assert list(read.items()) == list(PORT.items())


def test_zero_values_go_and_come_as_in_go() -> None:
    assert shaped("core.ServicePort", {"name": "", "port": 80, "nodePort": 0}) == {"port": 80, "targetPort": 0}
    assert shaped("core.ServicePort", {}) == {"port": 0, "targetPort": 0}
    assert shaped("core.Container", {}) == {"name": "", "resources": {}}


def test_pointers_keep_zero_values() -> None:
    assert shaped("apps.DeploymentSpec", {"replicas": 0})["replicas"] == 0
    assert shaped("core.PodSpec", {"enableServiceLinks": False})["enableServiceLinks"] is False


def test_null_and_empty_are_absent() -> None:
    spec = shaped("core.ServiceSpec", {"ports": [], "selector": {}, "externalIPs": None, "clusterIP": "None"})
    assert spec == {"clusterIP": "None"}


def test_maps_are_sorted() -> None:
    assert list(shaped("{}string", {"b": "1", "a": "2"})) == ["a", "b"]


def test_null_inside_lists_and_maps_is_a_zero_value() -> None:
    assert shaped("{}string", {"a": None}) == {"a": ""}
    assert shaped("[]core.ServicePort", [None]) == [{"port": 0, "targetPort": 0}]


def test_fields_nobody_knows_are_dropped_and_counted() -> None:
    unknown = Unknown()
    assert reader("core.ServicePort")({"port": 80, "colour": "red", "targetPort": 80}, unknown) == {
        "port": 80,
        "targetPort": 80,
    }
    assert unknown.count == 1


def test_a_read_value_shares_nothing_that_is_changed() -> None:
    given = {"ports": [{"port": 80}]}
    shaped("core.ServiceSpec", given)["ports"][0]["nodePort"] = 1
    assert given == {"ports": [{"port": 80}]}
    assert shaped("core.Container", {})["resources"] is not shaped("core.Container", {})["resources"]


@pytest.mark.parametrize(
    ("type", "value", "expected"),
    [
        ("int-or-string", "http", "http"),
        ("int-or-string", 80, 80),
        ("bytes", "YQ==\n", "YQ=="),
        ("time", "2026-01-01T02:00:00.5+02:00", "2026-01-01T00:00:00Z"),
        ("microtime", "2026-01-01T02:00:00.123456+02:00", "2026-01-01T00:00:00.123456Z"),
        ("quantity", "1024Mi", "1Gi"),
        ("quantity", 2, "2"),
        ("string v1.Protocol", "TCP", "TCP"),
        ("fields", {"f:a": {}}, {"f:a": {}}),
    ],
)
def test_simple_values_take_their_stored_form(type: str, value: Any, expected: Any) -> None:
    assert shaped(type, value) == expected


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("string", 5),
        ("bool", "true"),
        ("int32", "80"),
        ("int32", True),
        ("int32", 80.0),
        ("int32", 1 << 31),
        ("int64", 1 << 63),
        ("int-or-string", True),
        ("bytes", "!"),
        ("bytes", 5),
        ("time", "now"),
        ("time", 5),
        ("microtime", "2026-01-01T00:00:00Z"),
        ("microtime", 5),
        ("quantity", "x"),
        ("quantity", True),
        ("[]string", "a"),
        ("{}string", ["a"]),
        ("{}string", {"a": 5}),
        ("core.ServiceSpec", []),
        ("core.ServiceSpec", {"ports": [{"port": "80"}]}),
    ],
)
def test_values_of_another_type_are_refused(type: str, value: Any) -> None:
    with pytest.raises(Mismatch):
        shaped(type, value)
