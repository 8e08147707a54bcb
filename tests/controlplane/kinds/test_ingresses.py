"""Ingresses: which fields are wrong, in order."""

from typing import Any

import pytest

from resolver.controlplane.decoding import decode
from resolver.controlplane.kinds.ingresses import IngressStrategy
from resolver.controlplane.resources import INGRESSES
from resolver.controlplane.stored_object import JsonObject

BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
HTTP = "spec.rules[0].http.paths"


def ingress(spec: JsonObject, **metadata: Any) -> JsonObject:
    return decode(INGRESSES, {"metadata": {"name": "web", "namespace": "shop", **metadata}, "spec": spec}).value


def rule(path: JsonObject, **parts: Any) -> JsonObject:
    whole = {"pathType": "Prefix", "path": "/", "backend": BACKEND, **path}
    return {"rules": [{"http": {"paths": [{k: v for k, v in whole.items() if v is not None}]}, **parts}]}


def fields(spec: JsonObject) -> list[str]:
    return [each.field for each in IngressStrategy().validate(ingress(spec))]


@pytest.mark.parametrize(
    "spec",
    [
        {"defaultBackend": BACKEND},
        rule({}),
        rule({"pathType": "ImplementationSpecific", "path": None}),
        rule({}, host="*.example.org"),
        {**rule({}), "tls": [{"hosts": ["a.example.org"], "secretName": "cert"}], "ingressClassName": "x.example"},
        {"defaultBackend": {"resource": {"kind": "Bucket", "name": "b"}}},
        {"defaultBackend": {"service": {"name": "web", "port": {"name": "http"}}}},
    ],
)
def test_what_is_right(spec: JsonObject) -> None:
    assert fields(spec) == []


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [
        ({}, ["spec"]),
        ({"rules": [{"http": {"paths": []}}]}, [HTTP]),
        (rule({}, host="192.0.2.1"), ["spec.rules[0].host"]),
        (rule({}, host="a.*.example"), ["spec.rules[0].host"]),
        (rule({"pathType": None}), [f"{HTTP}[0].pathType"]),
        (rule({"pathType": "Regex"}), [f"{HTTP}[0].pathType"]),
        (rule({"path": "web"}), [f"{HTTP}[0].path"]),
        (rule({"path": "/a//b/.."}), [f"{HTTP}[0].path", f"{HTTP}[0].path"]),
        (rule({"path": None}), [f"{HTTP}[0].path"]),
        ({"defaultBackend": {}}, ["spec.defaultBackend"]),
        ({"defaultBackend": {**BACKEND, "resource": {"kind": "x", "name": "y"}}}, ["spec.defaultBackend"]),
        ({"defaultBackend": {"resource": {"kind": "x", "name": ""}}}, ["spec.defaultBackend.resource.name"]),
        ({"defaultBackend": {"service": {"name": "", "port": {"number": 80}}}}, ["spec.defaultBackend.service.name"]),
        ({"defaultBackend": {"service": {"name": "web"}}}, ["spec.defaultBackend"]),
        ({"defaultBackend": {"service": {"name": "web", "port": {"name": "a", "number": 1}}}}, ["spec.defaultBackend"]),
        (
            {"defaultBackend": {"service": {"name": "web", "port": {"number": 65536}}}},
            ["spec.defaultBackend.service.port.number"],
        ),
        (
            {**rule({}), "tls": [{"hosts": ["A"], "secretName": "_"}]},
            ["spec.tls[0].hosts[0]", "spec.tls[0].secretName"],
        ),
        ({**rule({}), "ingressClassName": "A"}, ["spec.ingressClassName"]),
    ],
)
def test_what_is_wrong_is_named_by_its_field(spec: JsonObject, wrong: list[str]) -> None:
    assert fields(spec) == wrong


@pytest.mark.parametrize(("name", "wrong"), [("x", []), ("y", ["annotations.kubernetes.io/ingress.class"])])
def test_the_old_annotation_must_agree_with_the_field_on_a_create(name: str, wrong: list[str]) -> None:
    value = ingress({**rule({}), "ingressClassName": "x"}, annotations={"kubernetes.io/ingress.class": name})
    assert [each.field for each in IngressStrategy().validate(value)] == wrong
    assert IngressStrategy().validate_update(value, value) == []
