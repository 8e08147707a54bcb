import json
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from resolver.controlplane.api.negotiation import JSON, YAML, Answer
from resolver.controlplane.api.rendering import Renderer, dressed, encoded, list_head
from resolver.controlplane.resources import SERVICES
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject, stored

NOW = datetime(2026, 1, 1, tzinfo=UTC)
METADATA = {"resourceVersion": "9"}


def _service(name: str = "web") -> StoredObject:
    value = {"kind": "Service", "apiVersion": "v1", "metadata": {"name": name}, "spec": {"type": "ClusterIP"}}
    return stored(SERVICES, value, 7)


def _renderer(kind: str = "", include: str = "Metadata", **answer: Any) -> Renderer:
    return Renderer(Answer(kind=kind, version="v1" if kind else "", **answer), include, lambda: NOW)


def test_json_stands_on_one_line() -> None:
    body = _renderer().one(_service())
    assert body.endswith(b"}\n")
    assert body.count(b"\n") == 1
    assert json.loads(body)["metadata"] == {"name": "web", "resourceVersion": "7"}


def test_a_list_is_made_of_what_is_stored() -> None:
    body = _renderer().many(SERVICES, [_service("a"), _service("b")], METADATA)
    assert body.startswith(list_head(SERVICES, METADATA))
    found = json.loads(body)
    assert list(found) == ["kind", "apiVersion", "metadata", "items"]
    assert [each["metadata"]["name"] for each in found["items"]] == ["a", "b"]
    assert "kind" not in found["items"][0]
    assert json.loads(_renderer().many(SERVICES, [], METADATA))["items"] == []


def test_people_are_shown_two_blanks_a_level() -> None:
    assert dressed('{"a":{"b":"é"}}'.encode(), Answer(pretty=True)).decode() == '{\n  "a": {\n    "b": "é"\n  }\n}\n'


@pytest.mark.parametrize(
    ("text", "shown"),
    [("web", "web"), ("yes", '"yes"'), ("80", '"80"'), ("", '""'), ("a\nb\n", "|\n  a\n  b"), ("null", '"null"')],
)
def test_yaml_quotes_what_would_be_something_else(text: str, shown: str) -> None:
    body = encoded({"b": text, "a": 1}, Answer(YAML)).decode()
    assert body == f"a: 1\nb: {shown}\n"
    assert yaml.safe_load(body) == {"a": 1, "b": text}


def test_yaml_keeps_long_texts_on_one_line() -> None:
    text = "many words " * 40 + "é"
    assert encoded({"a": text}, Answer(YAML)).decode() == f"a: {text}\n"


@pytest.mark.parametrize(
    ("include", "beside"),
    [("Metadata", "PartialObjectMetadata"), ("Object", "Service"), ("None", None)],
)
def test_a_table_has_objects_beside_its_cells(include: str, beside: str | None) -> None:
    found = json.loads(_renderer("Table", include).many(SERVICES, [_service()], METADATA))
    assert (found["kind"], found["metadata"]) == ("Table", METADATA)
    shown = found["rows"][0]["object"]
    assert shown == beside if beside is None else shown["kind"] == beside


def test_a_table_of_one_object_has_its_version() -> None:
    found = json.loads(_renderer("Table").one(_service()))
    assert (found["metadata"], len(found["rows"])) == ({"resourceVersion": "7"}, 1)


def test_metadata_alone_is_shown() -> None:
    found = json.loads(_renderer("PartialObjectMetadata").one(_service()))
    assert (list(found), found["kind"]) == (["kind", "apiVersion", "metadata"], "PartialObjectMetadata")
    listed = json.loads(_renderer("PartialObjectMetadataList").many(SERVICES, [_service()], METADATA))
    assert (listed["apiVersion"], listed["items"][0]["kind"]) == ("meta.k8s.io/v1", "PartialObjectMetadata")


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (
            "PartialObjectMetadata",
            "you requested PartialObjectMetadata, but the requested object is a list (*core.ServiceList)",
        ),
        (
            "PartialObjectMetadataList",
            "you requested PartialObjectMetadataList, but the requested object is not a list (*core.Service)",
        ),
    ],
)
def test_one_object_is_no_list_of_metadata(kind: str, what: str) -> None:
    renderer = _renderer(kind)
    with pytest.raises(StatusError) as refused:
        renderer.many(SERVICES, [], METADATA) if kind == "PartialObjectMetadata" else renderer.one(_service())
    assert (refused.value.code, refused.value.message) == (406, what)


def test_a_status_is_never_a_table() -> None:
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}}
    assert json.loads(_renderer("Table").value(status)) == status
    assert json.loads(_renderer("Table").event_of("ERROR", status))["object"] == status


def test_the_events_of_a_watch_are_lines() -> None:
    renderer = _renderer()
    line = renderer.event("ADDED", _service())
    assert line.endswith(b"\n")
    found = json.loads(line)
    assert (found["type"], found["object"]["metadata"]["name"]) == ("ADDED", "web")


def test_of_the_tables_of_a_watch_only_the_first_has_columns() -> None:
    renderer = _renderer("Table")
    first, second = (json.loads(renderer.event("ADDED", _service())) for _ in range(2))
    assert [each["name"] for each in first["object"]["columnDefinitions"]][:2] == ["Name", "Type"]
    assert second["object"]["columnDefinitions"] is None


def test_an_answer_says_its_type() -> None:
    assert (_renderer().content_type, Renderer(Answer(YAML), "", lambda: NOW).content_type) == (JSON, YAML)
