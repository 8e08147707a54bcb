"""Bodies written here by hand, as the protobuf specification has them; kubectl's own are in test_kubectl."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.controlplane.api.protobuf_bodies import BadProtobuf, Envelope, read_envelope, read_protobuf
from tests.support.protobuf_bytes import envelope, message, text_map


def _read(type: str, **fields: Any) -> dict[str, Any]:
    """An object of that type from its fields: ``_2=...`` is field 2."""
    raw = message(*((int(key[1:]), value) for key, value in fields.items()))
    value = read_protobuf(Envelope("v1", "Any", raw), type)
    assert (value.pop("kind"), value.pop("apiVersion")) == ("Any", "v1")
    return value


def test_an_envelope_says_what_is_inside() -> None:
    assert read_envelope(envelope("v1", "Service", b"\x0a\x00")) == ("v1", "Service", b"\x0a\x00")


def test_texts_numbers_lists_and_maps_are_read() -> None:
    port = message((1, b"http"), (2, b"TCP"), (3, 80), (4, message((1, 1), (2, 0), (3, b"web"))), (5, 0))
    spec = message((1, port), *text_map(2, {"app": "web"}), (17, b"SingleStack"), (19, b"IPv4"), (19, b"IPv6"), (13, 1))
    assert _read("core.Service", _1=message((1, b"web")), _2=spec) == {
        "metadata": {"name": "web"},
        "spec": {
            "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": "web", "nodePort": 0}],
            "selector": {"app": "web"},
            "ipFamilyPolicy": "SingleStack",
            "ipFamilies": ["IPv4", "IPv6"],
            "publishNotReadyAddresses": True,
        },
    }


@pytest.mark.parametrize(
    ("type", "fields", "value"),
    [
        ("core.Secret", {"_2": message((1, b"a"), (2, b"\x00\xff"))}, {"data": {"a": "AP8="}}),
        ("meta.ObjectMeta", {"_8": message((1, 1))}, {"creationTimestamp": "1970-01-01T00:00:01Z"}),
        ("meta.ObjectMeta", {"_8": b""}, {}),
        ("meta.ObjectMeta", {"_7": (1 << 64) - 1}, {"generation": -1}),
        (
            "coordination.LeaseSpec",
            {"_3": message((1, 1), (2, 5000))},
            {"acquireTime": "1970-01-01T00:00:01.000005Z"},
        ),
        (
            "core.ResourceRequirements",
            {"_2": message((1, b"cpu"), (2, message((1, b"100m"))))},
            {"requests": {"cpu": "100m"}},
        ),
        ("core.TCPSocketAction", {"_1": message((1, 0), (2, 8080))}, {"port": 8080}),
        ("core.Probe", {"_1": message((3, message((1, message((2, 80))))))}, {"tcpSocket": {"port": 80}}),
        ("meta.ManagedFieldsEntry", {"_7": message((1, b'{"f:spec":{}}'))}, {"fieldsV1": {"f:spec": {}}}),
        ("core.PodSpec", {"_99": b"unknown", "_3": b"Never"}, {"restartPolicy": "Never"}),
    ],
)
def test_each_type_is_read_as_json_has_it(type: str, fields: dict[str, Any], value: dict[str, Any]) -> None:
    assert _read(type, **fields) == value


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "empty data"),
        (b"x", r"does not appear to be a protobuf message, expected prefix \[107 56 115 0\]"),
        (b"k8s\x00", "empty body"),
        (b"k8s\x00\xff", "unexpected EOF"),
        (b"k8s\x00\x0a\x05a", "unexpected EOF"),
        (b"k8s\x00\x0b", "unexpected EOF"),
        (b"k8s\x00\x0a\x03\x0a\x01\xff", "text that is no UTF-8"),
    ],
)
def test_bytes_that_are_no_envelope_are_refused(body: bytes, problem: str) -> None:
    with pytest.raises(BadProtobuf, match=problem):
        read_envelope(body)


@pytest.mark.parametrize(
    ("type", "fields", "problem"),
    [
        ("core.Service", {"_2": 5}, "a number where bytes belong"),
        ("meta.ObjectMeta", {"_1": b"\xff"}, "text that is no UTF-8"),
        ("meta.ObjectMeta", {"_7": b"x"}, "bytes where a number belongs"),
        ("meta.ObjectMeta", {"_8": message((1, (1 << 62)))}, "a time out of range"),
        ("meta.ManagedFieldsEntry", {"_7": message((1, b"{"))}, "fields that are no JSON"),
    ],
)
def test_values_of_a_wrong_type_are_refused(type: str, fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadProtobuf, match=problem):
        _read(type, **fields)


def _is_read(type: str, data: bytes) -> bool:
    try:
        return isinstance(read_protobuf(Envelope("v1", "Any", data), type), dict)
    except BadProtobuf:
        return False


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for type in ("core.Service", "core.Pod", "coordination.Lease", "meta.DeleteOptions"):
        assert _is_read(type, data) in (True, False)
