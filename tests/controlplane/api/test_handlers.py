"""What each verb does, past what the recorded exchanges show."""

from typing import Any

import pytest

from tests.support.direct_api import DirectApi
from tests.support.protobuf_bytes import envelope, message, text_map

MAPS = "/api/v1/namespaces/default/configmaps"
SERVICES = "/api/v1/namespaces/default/services"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"


def _made(*names: str) -> DirectApi:
    api = DirectApi()
    for name in names:
        document = {"metadata": {"name": name, "labels": {"n": name}}, "data": {"a": name}}
        assert api.ask("POST", MAPS, document).status == 201
    return api


def _names(api: DirectApi, query: str = "") -> list[str]:
    return [each["metadata"]["name"] for each in api.ask("GET", MAPS + query).body["items"]]


def test_an_object_is_made_read_changed_and_deleted() -> None:
    api = _made("one")
    found = api.ask("GET", f"{MAPS}/one").body
    assert (found["kind"], found["apiVersion"], found["data"]) == ("ConfigMap", "v1", {"a": "one"})
    changed = api.ask("PUT", f"{MAPS}/one", {**found, "data": {"a": "two"}})
    assert (changed.status, changed.body["data"]) == (200, {"a": "two"})
    gone = api.ask("DELETE", f"{MAPS}/one")
    details = {"name": "one", "kind": "configmaps", "uid": found["metadata"]["uid"]}
    assert gone.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    }
    missing = api.ask("GET", f"{MAPS}/one")
    assert (missing.status, missing.message) == (404, 'configmaps "one" not found')


def test_a_deleted_service_is_shown_once_more() -> None:
    api = DirectApi()
    api.ask("POST", SERVICES, {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})
    gone = api.ask("DELETE", f"{SERVICES}/web")
    assert (gone.status, gone.body["kind"], gone.body["metadata"]["name"]) == (200, "Service", "web")


def test_what_finalizers_keep_is_shown() -> None:
    api = DirectApi()
    api.ask("POST", MAPS, {"metadata": {"name": "kept", "finalizers": ["example.org/keep"]}})
    kept = api.ask("DELETE", f"{MAPS}/kept").body
    assert kept["kind"] == "ConfigMap"
    assert "deletionTimestamp" in kept["metadata"]


def test_a_dry_run_changes_nothing() -> None:
    api = _made("one")
    assert api.ask("POST", f"{MAPS}?dryRun=All", {"metadata": {"name": "two"}}).status == 201
    assert api.ask("DELETE", f"{MAPS}/one?dryRun=All").status == 200
    assert api.ask("DELETE", f"{MAPS}?dryRun=All").status == 200
    assert _names(api) == ["one"]


def test_a_collection_is_deleted_as_far_as_it_is_selected() -> None:
    api = _made("one", "two", "three")
    gone = api.ask("DELETE", f"{MAPS}?labelSelector=n!%3Dtwo")
    assert gone.body["kind"] == "ConfigMapList"
    assert [each["metadata"]["name"] for each in gone.body["items"]] == ["one", "three"]
    assert _names(api) == ["two"]


def test_a_delete_has_preconditions() -> None:
    api = _made("one")
    answer = api.ask("DELETE", f"{MAPS}/one", {"preconditions": {"uid": "other"}})
    assert (answer.status, answer.body["reason"]) == (409, "Conflict")


def test_the_manager_of_a_write_is_the_user_agent_or_what_is_said() -> None:
    api = DirectApi()
    first = api.ask("POST", MAPS, {"metadata": {"name": "one"}, "data": {"a": "b"}}, agent="tool/1.0 (x)").body
    assert [each["manager"] for each in first["metadata"]["managedFields"]] == ["tool"]
    path = f"{MAPS}/one?fieldManager=me"
    patched = api.ask("PATCH", path, {"data": {"c": "d"}}, content_type="application/merge-patch+json").body
    assert {each["manager"] for each in patched["metadata"]["managedFields"]} == {"tool", "me"}


@pytest.mark.parametrize(
    ("query", "status", "warnings"),
    [("", 201, 1), ("?fieldValidation=Warn", 201, 1), ("?fieldValidation=Ignore", 201, 0)],
)
def test_unknown_fields_are_warned_of(query: str, status: int, warnings: int) -> None:
    answer = DirectApi().ask("POST", MAPS + query, {"metadata": {"name": "x"}, "extra": 1})
    assert (answer.status, answer.reply.warnings) == (status, ('unknown field "extra"',) * warnings)


def test_unknown_fields_are_refused_when_decoding_is_strict() -> None:
    answer = DirectApi().ask("POST", f"{MAPS}?fieldValidation=Strict", {"metadata": {"name": "x"}, "extra": 1})
    words = 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "extra"'
    assert (answer.status, answer.message) == (400, words)


def test_a_duplicate_field_is_warned_of_once() -> None:
    body = '{"metadata":{"name":"x"},"extra":1,"data":{"a":"b"},"data":{}}'
    answer = DirectApi().ask("POST", MAPS, body)
    assert answer.reply.warnings == ('unknown field "extra"', 'duplicate field "data"')


def test_a_refusal_tells_what_the_document_was_warned_of() -> None:
    body = '{"metadata":{"name":"x","name":"X"},"extra":1}'
    api, warnings = DirectApi(), ('duplicate field "metadata.name"', 'unknown field "extra"')
    for method, path, status in (("POST", MAPS, 422), ("PUT", f"{MAPS}/X", 404)):
        answer = api.ask(method, path, body)
        assert (answer.status, answer.reply.warnings) == (status, warnings)


def test_a_protobuf_body_makes_an_object() -> None:
    raw = message((1, message((1, b"one"))), *text_map(2, {"a": "b"}))
    body = envelope("v1", "ConfigMap", raw)
    made = DirectApi().ask("POST", MAPS, body, content_type="application/vnd.kubernetes.protobuf")
    assert (made.status, made.body["data"]) == (201, {"a": "b"})


@pytest.mark.parametrize(
    ("accept", "kind", "one"),
    [(TABLE, "Table", "Table"), (PARTIAL, "Status", "PartialObjectMetadata"), ("application/yaml", "", "")],
)
def test_answers_come_in_the_form_that_is_wanted(accept: str, kind: str, one: str) -> None:
    api = _made("one")
    for path, expected in ((MAPS, kind), (f"{MAPS}/one", one)):
        body = api.ask("GET", path, accept=accept).body
        assert body.startswith("apiVersion: v1\n") if not expected else body["kind"] == expected


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (f"{MAPS}?resourceVersion=x", "Invalid value"),
        (f"{MAPS}?resourceVersion=999999", "Too large resource version"),
        (f"{MAPS}/one?resourceVersion=999999", "Too large resource version"),
        (f"{MAPS}?limit=x", "strconv.ParseInt"),
        (f"{MAPS}?continue=x", "continue key is not valid"),
        (f"{MAPS}?labelSelector=a%20b", "unable to parse requirement"),
        (f"{MAPS}?fieldSelector=a", "invalid selector"),
    ],
)
def test_reads_that_cannot_be_are_refused(path: str, message: str) -> None:
    answer = _made("one").ask("GET", path)
    assert answer.status in (400, 422, 500, 504)
    assert message in answer.message


def test_a_list_is_taken_piece_by_piece_as_it_was_at_first() -> None:
    api = _made("a", "b", "c")
    first = api.ask("GET", f"{MAPS}?limit=2").body
    api.ask("DELETE", f"{MAPS}/c")
    token = first["metadata"]["continue"]
    assert first["metadata"]["remainingItemCount"] == 1
    last = api.ask("GET", f"{MAPS}?limit=2&continue={token}").body
    assert [each["metadata"]["name"] for each in last["items"]] == ["c"]
    assert last["metadata"] == {"resourceVersion": first["metadata"]["resourceVersion"]}


def _scale(**fields: Any) -> dict[str, Any]:
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", **fields}


def test_a_workload_is_scaled() -> None:
    api = DirectApi()
    base = "/apis/apps/v1/namespaces/default/deployments"
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "b"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    made = api.ask("POST", base, {"metadata": {"name": "web"}, "spec": spec})
    assert made.status == 201
    path = f"{base}/web/scale"
    found = api.ask("GET", path).body
    assert (found["kind"], found["spec"], found["status"]) == (
        "Scale",
        {"replicas": 2},
        {"replicas": 0, "selector": "app=web"},
    )
    scaled = api.ask("PUT", path, _scale(metadata={"name": "web"}, spec={"replicas": 5}))
    assert (scaled.status, scaled.body["spec"]) == (200, {"replicas": 5})
    patched = api.ask("PATCH", path, {"spec": {"replicas": 7}}, content_type="application/merge-patch+json")
    assert patched.body["spec"] == {"replicas": 7}
    applied = _scale(spec={"replicas": 9})
    media = "application/apply-patch+yaml"
    forced = api.ask("PATCH", f"{path}?fieldManager=me&force=1", applied, content_type=media)
    assert forced.body["spec"] == {"replicas": 9}
    assert api.ask("GET", f"{base}/web").body["spec"]["replicas"] == 9


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (
            _scale(metadata={"name": "web"}, spec={"replicas": -1}),
            422,
            'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        ),
        (_scale(metadata={"name": "other"}), 400, "the name of the object (other) does not match"),
        (_scale(metadata={"name": "web", "resourceVersion": "1"}), 409, "the object has been modified"),
    ],
)
def test_a_scale_that_cannot_be_is_refused(body: dict[str, Any], status: int, message: str) -> None:
    api = DirectApi()
    base = "/apis/apps/v1/namespaces/default/statefulsets"
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "b"}]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template, "serviceName": "web"}
    assert api.ask("POST", base, {"metadata": {"name": "web"}, "spec": spec}).status == 201
    answer = api.ask("PUT", f"{base}/web/scale", body)
    assert answer.status == status
    assert message in answer.message
