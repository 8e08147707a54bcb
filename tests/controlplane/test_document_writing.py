"""Refusals in the words of whoever wrote the document, at the place of the field."""

import pytest

from resolver.controlplane.document_writing import refusals
from resolver.controlplane.manifest_places import Document, Place
from resolver.controlplane.status_error import Cause, StatusError

HINT = "; --service-cluster-ip-range says which addresses Services have"


def document(spec: dict[str, object], kind: str = "Service") -> Document:
    value = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "web"}, "spec": spec}
    return Document(value, "web.yaml", Place(3))


def invalid(*causes: tuple[str, str]) -> StatusError:
    return StatusError(422, "Invalid", "all of it", causes=tuple(Cause(f, "FieldValueInvalid", m) for f, m in causes))


@pytest.mark.parametrize(
    ("spec", "error", "said"),
    [
        ({}, StatusError(409, "Conflict", "try again"), [("", "try again")]),
        ({}, invalid(("", "no field")), [("", "all of it")]),
        ({}, invalid(("spec.type", "odd")), [("spec.type", "odd")]),
        ({}, invalid(("spec.type", "odd"), ("spec.type", "odd"), ("spec.a", "b")),
         [("spec.type", "odd"), ("spec.a", "b")],),
        ({"clusterIP": "1.2.3.4"}, invalid(("spec.clusterIPs[0]", "bad")), [("spec.clusterIP", "bad")]),
        ({"clusterIPs": ["1.2.3.4"]}, invalid(("spec.clusterIPs[0]", "bad")), [("spec.clusterIPs[0]", "bad")]),
        (
            {"clusterIP": "1.2.3.4"},
            invalid(("spec.clusterIPs[0]", "the provided IP is not in the valid range")),
            [("spec.clusterIP", "the provided IP is not in the valid range" + HINT)],
        ),
    ],
)  # fmt: skip
def test_each_field_that_is_refused_is_named_once(
    spec: dict[str, object], error: StatusError, said: list[tuple[str, str]]
) -> None:
    found = refusals(document(spec), error)
    assert [(each.field, each.message) for each in found] == said
    assert {each.file for each in found} == {"web.yaml"}


def test_only_services_are_told_of_the_ranges() -> None:
    (found,) = refusals(document({}, "Pod"), invalid(("spec.x", "not in the valid range")))
    assert found.message == "not in the valid range"


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ('Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"', "; write TCP"),
        ('Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"', ""),
        (
            'Unsupported value: "Headless": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
            "; write ClusterIP, with clusterIP: None",
        ),
        ('Unsupported value: "ipv6": supported values: "IPv4", "IPv6"', "; write IPv6"),
    ],
)
def test_the_nearest_word_there_is_is_named(message: str, hint: str) -> None:
    (found,) = refusals(document({}), invalid(("spec.x", message)))
    assert found.message == message + hint
