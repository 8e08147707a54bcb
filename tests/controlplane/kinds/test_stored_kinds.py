"""ConfigMaps, Secrets, Events and Leases: which fields are wrong."""

from typing import Any

import pytest

from resolver.controlplane.decoding import decode
from resolver.controlplane.kinds.stored_kinds import ConfigMapStrategy, EventStrategy, LeaseStrategy, SecretStrategy
from resolver.controlplane.stored_object import JsonObject
from resolver.controlplane.strategy import Strategy

MEBIBYTE = 1 << 20


def shaped(strategy: Strategy, metadata: JsonObject | None = None, **parts: Any) -> JsonObject:
    document = {"metadata": {"name": "x", "namespace": "shop", **(metadata or {})}, **parts}
    value = decode(strategy.resource, document).value
    strategy.default(value)
    return value


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ({"data": {"a.b_c-D": "x"}}, []),
        ({"data": {"a": "x" * MEBIBYTE}}, []),
        ({"data": {"a b": "x"}}, ["data[a b]"]),
        ({"data": {"..": "x"}}, ["data[..]"]),
        ({"binaryData": {"a/b": "AAAA"}}, ["binaryData[a/b]"]),
        ({"data": {"a": "x"}, "binaryData": {"a": "AAAA"}}, ["data[a]"]),
        ({"data": {"a": "x" * (MEBIBYTE + 1)}}, [""]),
    ],
)
def test_what_a_config_map_may_hold(parts: JsonObject, fields: list[str]) -> None:
    strategy = ConfigMapStrategy()
    assert [each.field for each in strategy.validate(shaped(strategy, **parts))] == fields


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ({"immutable": True, "data": {"a": "1"}}, []),
        ({"immutable": True, "data": {"a": "2"}}, ["data"]),
        ({"data": {"a": "1"}}, ["immutable"]),
        ({"data": {"a": "2"}, "binaryData": {"b": "AAAA"}}, ["immutable", "data", "binaryData"]),
    ],
)
def test_what_is_immutable_stays_as_it_is(parts: JsonObject, fields: list[str]) -> None:
    strategy = ConfigMapStrategy()
    old = shaped(strategy, immutable=True, data={"a": "1"})
    assert [each.field for each in strategy.validate_update(shaped(strategy, **parts), old)] == fields


def test_plain_text_of_a_secret_becomes_data_and_is_never_shown() -> None:
    value = shaped(SecretStrategy(), data={"a": "AAAA", "b": "BBBB"}, stringData={"a": "hello"})
    assert (value["data"], value["type"]) == ({"a": "aGVsbG8=", "b": "BBBB"}, "Opaque")
    assert "stringData" not in value


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ({}, []),
        ({"data": {"a b": "AAAA"}}, ["data[a b]"]),
        ({"type": "kubernetes.io/tls", "data": {"tls.crt": "AAAA"}}, ["data[tls.key]"]),
        ({"type": "kubernetes.io/dockerconfigjson"}, ["data[.dockerconfigjson]"]),
        ({"type": "kubernetes.io/ssh-auth", "data": {"ssh-privatekey": "AAAA"}}, []),
        ({"type": "kubernetes.io/basic-auth"}, ["data[username]", "data[password]"]),
        ({"type": "kubernetes.io/basic-auth", "data": {"password": "AAAA"}}, []),
        (
            {"type": "kubernetes.io/service-account-token"},
            ["metadata.annotations[kubernetes.io/service-account.name]"],
        ),
        ({"data": {"a": "AAAA" * (MEBIBYTE // 3 + 2)}}, ["data"]),
    ],
)
def test_what_a_secret_may_hold(parts: JsonObject, fields: list[str]) -> None:
    strategy = SecretStrategy()
    assert [each.field for each in strategy.validate(shaped(strategy, **parts))] == fields


def test_the_type_of_a_secret_never_changes() -> None:
    strategy = SecretStrategy()
    old, new = shaped(strategy), shaped(strategy, type="example.org/x")
    assert [each.field for each in strategy.validate_update(new, old)] == ["type"]


@pytest.mark.parametrize(
    ("involved", "namespace", "fields"),
    [
        ({"namespace": "shop"}, "shop", []),
        ({}, "default", []),
        ({}, "shop", ["involvedObject.namespace"]),
        ({"namespace": "mart"}, "shop", ["involvedObject.namespace"]),
    ],
)
def test_an_event_is_in_the_namespace_of_what_it_is_about(
    involved: JsonObject, namespace: str, fields: list[str]
) -> None:
    strategy = EventStrategy()
    value = shaped(strategy, {"namespace": namespace}, involvedObject=involved)
    assert [each.field for each in strategy.validate(value)] == fields
    assert value["type"] == ""


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ({}, []),
        ({"leaseDurationSeconds": 1, "leaseTransitions": 0}, []),
        ({"leaseDurationSeconds": 0, "leaseTransitions": -1}, ["spec.leaseDurationSeconds", "spec.leaseTransitions"]),
    ],
)
def test_numbers_of_a_lease(spec: JsonObject, fields: list[str]) -> None:
    strategy = LeaseStrategy()
    assert [each.field for each in strategy.validate(shaped(strategy, spec=spec))] == fields


def test_events_and_leases_come_into_being_by_an_update() -> None:
    assert EventStrategy().create_on_update
    assert LeaseStrategy().create_on_update
    assert not LeaseStrategy().unconditional_update
