import json
from typing import Any

import msgspec
import pytest

from resolver.cluster.decoding import Decoder, Problem, WatchEvent
from resolver.cluster.objects import KINDS, SERVICES, ClusterObject, Kind, Service, identity
from tests.support import cluster_objects as api

WEB = api.with_version(api.service("web", "10.0.0.1", space="shop"), 7)
OBJECTS = {
    "Namespace": api.namespace("shop"),
    "Service": WEB,
    "EndpointSlice": api.endpoint_slice("web-a", "web", "10.1.0.1", space="shop"),
    "Pod": api.pod("web-0", "10.1.0.1", space="shop"),
    "ServiceImport": api.service_import("web", "10.7.0.1", space="shop"),
}


class Reader:
    """A decoder and what it reports."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.decoder = Decoder(self.problems.append)

    @property
    def texts(self) -> list[str]:
        return [str(problem) for problem in self.problems]

    def page(self, *items: object, kind: Kind = SERVICES) -> list[ClusterObject]:
        return self.decoder.page(kind, json.dumps({"items": items}).encode()).objects

    def event(self, type: str, item: object, kind: Kind = SERVICES) -> WatchEvent:
        return self.decoder.event(kind, json.dumps({"type": type, "object": item}).encode())


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_lists_events_and_manifests_give_the_same_object(kind: Kind) -> None:
    reader, item = Reader(), OBJECTS[kind.name]
    (listed,) = reader.page(item, kind=kind)
    assert reader.event("ADDED", item, kind).object == listed
    assert reader.decoder.manifest(kind, item) == listed
    assert reader.problems == []


def test_a_page_says_its_version_and_what_comes_next() -> None:
    body = {"metadata": {"resourceVersion": "900", "continue": "more"}, "items": [WEB]}
    page = Reader().decoder.page(SERVICES, json.dumps(body).encode())
    assert (page.resource_version, page.continue_token, len(page.objects)) == ("900", "more", 1)


@pytest.mark.parametrize("body", [b"{}", b'{"items":null}', b'{"items":[],"metadata":null}'])
def test_an_empty_list_may_be_written_in_several_ways(body: bytes) -> None:
    assert Reader().decoder.page(SERVICES, body) == ("", "", [])


BROKEN_ITEMS: list[tuple[Any, str]] = [
    (None, "Service (no name): object: Expected `object`, got `null`"),
    (3, "Service (no name): object: Expected `object`, got `int`"),
    ({}, "Service (no name): metadata.name: is missing"),
    ({"metadata": None}, "Service (no name): metadata.name: is missing"),
    ({"metadata": {"namespace": "shop"}}, "Service shop/: metadata.name: is missing"),
    ({"metadata": {"name": "web"}}, "Service web: metadata.namespace: is no DNS label of 1 to 63 bytes: ''"),
    ({"metadata": "web"}, "Service (no name): metadata: Expected `object | null`, got `str`"),
    (
        {"metadata": {"name": "web", "namespace": "shop", "labels": 3}},
        "Service shop/web: metadata.labels: Expected `object | null`, got `int`",
    ),
    (
        {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"clusterIPs": [None]}},
        "Service shop/web: spec.clusterIPs[0]: Expected `str`, got `null`",
    ),
    (
        {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"ports": [{}, {"port": "80"}]}},
        "Service shop/web: spec.ports[1].port: Expected `int | null`, got `str`",
    ),
    (
        {"metadata": {"name": "w" * 64, "namespace": "shop"}},
        f"Service shop/{'w' * 64}: metadata.name: is no DNS label of 1 to 63 bytes: '{'w' * 64}'",
    ),
]


@pytest.mark.parametrize(("item", "text"), BROKEN_ITEMS)
def test_a_broken_item_is_reported_and_the_rest_is_kept(item: Any, text: str) -> None:
    reader = Reader()
    assert [identity(found) for found in reader.page(WEB, item, WEB)] == [b"\3web\4shop"] * 2
    assert reader.texts == [text]


@pytest.mark.parametrize(("item", "text"), BROKEN_ITEMS[7:])
def test_a_broken_manifest_is_reported(item: Any, text: str) -> None:
    reader = Reader()
    assert reader.decoder.manifest(SERVICES, item) is None
    assert reader.texts == [text]


@pytest.mark.parametrize("document", [None, 3, "text", ["list"], {"metadata": [1]}])
def test_a_manifest_that_is_no_object_is_reported(document: object) -> None:
    reader = Reader()
    assert reader.decoder.manifest(SERVICES, document) is None
    assert len(reader.texts) == 1


NESTED = b'{"items":[{"metadata":{"name":"web","namespace":"shop"},"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"<html>", b'{"items":{}}', b'{"items":[]} x', b'{"items":[', b"\xff", NESTED, b"null"]
)
def test_a_body_that_is_no_list_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        Reader().decoder.page(SERVICES, body)


def test_bytes_that_are_no_text_cost_their_item_only() -> None:
    reader = Reader()
    good = json.dumps(WEB).encode()
    bad = good.replace(b'"web"', b'"w\xffb"')
    page = reader.decoder.page(SERVICES, b'{"items":[' + bad + b"," + good + b"]}")
    assert len(page.objects) == 1
    assert len(reader.problems) == 1


# -- events -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type", ["ADDED", "MODIFIED", "DELETED"])
def test_an_event_has_a_type_an_object_and_its_version(type: str) -> None:
    event = Reader().event(type, WEB)
    assert (event.type, event.resource_version) == (type, "7")
    assert isinstance(event.object, Service)


def test_a_bookmark_has_a_version_and_no_object() -> None:
    item = {"kind": "Service", "metadata": {"resourceVersion": "12"}}
    assert Reader().event("BOOKMARK", item) == WatchEvent("BOOKMARK", None, "12")


def test_the_bookmark_behind_the_initial_events_says_so() -> None:
    item = {"metadata": {"resourceVersion": "12", "annotations": {"k8s.io/initial-events-end": "true"}}}
    assert Reader().event("BOOKMARK", item).initial_events_end


def test_an_error_event_has_a_status() -> None:
    item = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
    event = Reader().event("ERROR", item)
    assert (event.object, event.status) == (None, msgspec.convert(item, type(event.status)))


@pytest.mark.parametrize("type", ["ADDED", "MODIFIED"])
def test_an_event_whose_object_is_broken_has_none_but_its_version(type: str) -> None:
    reader = Reader()
    event = reader.event(type, {**WEB, "spec": {"ports": "x"}})
    assert event == WatchEvent(type, None, "7")
    assert reader.texts == ["Service shop/web: spec.ports: Expected `array | null`, got `str`"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_broken_object_can_still_be_deleted(kind: Kind) -> None:
    reader = Reader()
    wrong = dict.fromkeys(("spec", "status", "endpoints"), 3)
    whole = reader.event("DELETED", OBJECTS[kind.name], kind).object
    broken = reader.event("DELETED", {**OBJECTS[kind.name], **wrong}, kind).object
    assert whole is not None
    assert broken is not None
    assert identity(whole) == identity(broken)


DEEP = b'{"type":"ADDED","object":{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
NO_EVENTS = [
    b"",
    b"5",
    b"null",
    b"{}",
    b'{"type":"ADDED"}',
    b'{"type":"ADDED","object":null}',
    b'{"object":{}}',
    b"\xff",
]


@pytest.mark.parametrize("line", [*NO_EVENTS, b'{"type":"ERROR","object":"gone"}', DEEP])
def test_a_line_that_is_no_event_is_a_decode_error(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        Reader().decoder.event(SERVICES, line)
