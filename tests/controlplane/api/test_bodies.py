import json
from typing import Any

import pytest

from resolver.controlplane.api.bodies import media_type, read_object, read_options
from resolver.controlplane.resources import CONFIG_MAPS, SERVICES
from resolver.controlplane.status_error import StatusError
from tests.support.protobuf_bytes import envelope, message

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
TWICE = b'{"kind":"Service","apiVersion":"v1","spec":{"foo":1,"ports":[]},"spec":{}}'
TWICE_YAML = b"kind: Service\napiVersion: v1\nspec: {foo: 1}\nspec: {bar: 1}\n"
UNHANDLED = 'Service in version "v1" cannot be handled as a Service: strict decoding error: '


@pytest.mark.parametrize(
    ("header", "media"),
    [("", JSON), ("application/json; charset=utf-8", JSON), (" Application/YAML ;x=y", YAML), ("a/b", "a/b")],
)
def test_the_media_type_is_what_comes_before_the_parameters(header: str, media: str) -> None:
    assert media_type(header) == media


@pytest.mark.parametrize(
    ("body", "content_type", "value"),
    [
        (b'{"data":{"a":"b"}}', JSON, {"data": {"a": "b"}}),
        (b'{"data":{"a":"b"}}', "", {"data": {"a": "b"}}),
        (b"null", JSON, {}),
        (b"data: {a: b}", YAML, {"data": {"a": "b"}}),
        (b'{"data":{"a":"b"}}', YAML, {"data": {"a": "b"}}),
        (
            envelope("v1", "ConfigMap", message((2, message((1, b"a"), (2, b"b"))))),
            PROTOBUF,
            {"kind": "ConfigMap", "apiVersion": "v1", "data": {"a": "b"}},
        ),
        (envelope("v1", "Pod", b"\xff"), PROTOBUF, {"kind": "Pod", "apiVersion": "v1"}),
    ],
)
def test_a_body_is_read_by_its_media_type(body: bytes, content_type: str, value: dict[str, Any]) -> None:
    assert read_object(CONFIG_MAPS, body, content_type, "Strict") == (value, None)


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (b"", JSON, "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"),
        (
            b"{nothing",
            JSON,
            "couldn't get version/kind; json parse error: invalid character 'n' looking for beginning of object key "
            "string ({nothing)",
        ),
        (
            b"[]",
            JSON,
            "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct "
            r'{ APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" } (5b5d)',
        ),
        (
            b'{"kind":1}',
            JSON,
            "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of "
            'type string ({"kind":1})',
        ),
        (b"k8s\x00\xff", PROTOBUF, "unexpected EOF (6b387300ff)"),
        (b"", PROTOBUF, "empty data (<empty>)"),
    ],
)
def test_a_body_that_cannot_be_read_is_quoted(body: bytes, content_type: str, problem: str) -> None:
    with pytest.raises(StatusError) as refused:
        read_object(SERVICES, body, content_type, "Warn")
    words = f"the object provided is unrecognized (must be of type Service): {problem}"
    assert (refused.value.code, refused.value.message) == (400, words)


def test_of_a_long_body_only_the_beginning_is_quoted() -> None:
    with pytest.raises(StatusError) as refused:
        read_object(SERVICES, b"{" + b"a" * 100, JSON, "Warn")
    assert refused.value.message.endswith(" ({" + "a" * 29 + " ...)")


def test_other_media_types_are_refused() -> None:
    with pytest.raises(StatusError) as refused:
        read_object(SERVICES, b"{}", "text/plain", "Warn")
    assert (refused.value.code, refused.value.reason) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize(
    ("body", "content_type", "problems"),
    [
        (TWICE, JSON, ('unknown field "spec.foo"', 'duplicate field "spec"')),
        (TWICE_YAML, YAML, ('line 4: key "spec" already set in map', 'unknown field "spec.bar"')),
    ],
)
def test_keys_that_are_there_twice_bring_their_own_warnings(
    body: bytes, content_type: str, problems: tuple[str, ...]
) -> None:
    assert read_object(SERVICES, body, content_type, "Warn").warnings == problems
    assert read_object(SERVICES, body, content_type, "Ignore").warnings is None


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (TWICE, JSON, 'unknown field "spec.foo", duplicate field "spec"'),
        (
            TWICE_YAML,
            YAML,
            'yaml: unmarshal errors:\n  line 4: key "spec" already set in map, unknown field "spec.bar"',
        ),
    ],
)
def test_keys_that_are_there_twice_are_refused_when_decoding_is_strict(
    body: bytes, content_type: str, problem: str
) -> None:
    with pytest.raises(StatusError) as refused:
        read_object(SERVICES, body, content_type, "Strict")
    assert (refused.value.code, refused.value.message) == (400, UNHANDLED + problem)


def test_a_wrong_type_is_told_before_a_key_that_is_there_twice() -> None:
    body = json.dumps({"kind": "Service", "apiVersion": "v1", "spec": {"ports": [{"port": "x"}]}})
    with pytest.raises(StatusError, match="cannot unmarshal string into Go struct field"):
        read_object(SERVICES, body[:-1].encode() + b',"kind":"Service"}', JSON, "Strict")


def test_options_of_a_delete_are_read_in_every_encoding() -> None:
    assert read_options(b'{"gracePeriodSeconds":1}', JSON) == {"gracePeriodSeconds": 1}
    sent = envelope("v1", "DeleteOptions", message((1, 1), (4, b"Foreground")))
    found = {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 1, "propagationPolicy": "Foreground"}
    assert read_options(sent, PROTOBUF) == found


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b'{"kind":"Pod","apiVersion":"v1"}',
            'no kind "Pod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
        ),
        (b"{", "couldn't get version/kind; json parse error: unexpected end of JSON input"),
    ],
)
def test_options_that_are_none_are_refused(body: bytes, message: str) -> None:
    with pytest.raises(StatusError) as refused:
        read_options(body, JSON)
    assert (refused.value.code, refused.value.message) == (400, message)
