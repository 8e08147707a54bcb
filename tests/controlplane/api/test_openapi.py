import json
from collections.abc import Iterator
from typing import Any

import pytest

from resolver.controlplane.api import openapi
from resolver.controlplane.resources import RESOURCES

KINDS = "x-kubernetes-group-version-kind"


def _schemas(path: str) -> dict[str, Any]:
    schemas: dict[str, Any] = json.loads(openapi.document(path))["components"]["schemas"]
    return schemas


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


@pytest.mark.parametrize("path", sorted(openapi.PATHS))
def test_a_document_has_all_it_refers_to(path: str) -> None:
    schemas = _schemas(path)
    assert {each.removeprefix("#/components/schemas/") for each in _references(schemas)} <= set(schemas)


def test_every_kind_has_a_schema_and_paths() -> None:
    found: set[tuple[str, str]] = set()
    for path in openapi.PATHS:
        document = json.loads(openapi.document(path))
        for schema in document["components"]["schemas"].values():
            found |= {(each["group"], each["kind"]) for each in schema.get(KINDS, ())}
        for place in document["paths"].values():
            assert {operation[KINDS]["version"] for operation in place.values()} == {"v1"}
    assert {(each.group, each.kind) for each in RESOURCES} <= found
    assert {(each.group, each.list_kind) for each in RESOURCES} <= found


def test_fields_have_types_and_how_they_are_merged() -> None:
    ports = _schemas("api/v1")["io.k8s.api.core.v1.ServiceSpec"]["properties"]["ports"]
    assert (ports["type"], ports["items"]) == (
        "array",
        {"$ref": "#/components/schemas/io.k8s.api.core.v1.ServicePort"},
    )
    assert ports["x-kubernetes-list-map-keys"] == ["port", "protocol"]
    assert ports["x-kubernetes-patch-merge-key"] == "port"


@pytest.mark.parametrize(
    ("type", "field", "part"),
    [
        ("ServicePort", "port", {"type": "integer", "format": "int32"}),
        ("ServicePort", "targetPort", {"format": "int-or-string"}),
        ("ServiceSpec", "selector", {"type": "object", "x-kubernetes-map-type": "atomic"}),
        ("ServiceSpec", "ipFamilyPolicy", {"enum": ["PreferDualStack", "RequireDualStack", "SingleStack"]}),
        ("Secret", "data", {"additionalProperties": {"type": "string", "format": "byte"}}),
        ("Service", "kind", {"type": "string"}),
    ],
)
def test_the_schema_of_a_field(type: str, field: str, part: dict[str, Any]) -> None:
    found = _schemas("api/v1")[f"io.k8s.api.core.v1.{type}"]["properties"][field]
    assert part.items() <= found.items()


def test_the_hash_of_a_document_changes_with_it() -> None:
    index = json.loads(openapi.index())["paths"]
    assert index["apis/apps/v1"]["serverRelativeURL"] == f"/openapi/v3/apis/apps/v1?hash={openapi.etag('apis/apps/v1')}"
    assert len({openapi.etag(each) for each in openapi.PATHS}) == len(openapi.PATHS)


def test_writes_can_be_validated_by_the_server() -> None:
    paths = json.loads(openapi.document("api/v1"))["paths"]
    patch = paths["/api/v1/namespaces/{namespace}/services/{name}"]["patch"]
    assert "fieldValidation" in {each["name"] for each in patch["parameters"]}


def test_version_2_is_empty() -> None:
    assert json.loads(openapi.swagger())["definitions"] == {}
