"""Recorded exchanges about objects of any kind, one after another, replayed on an embedded cluster."""

import json
import re
from collections.abc import Sequence
from typing import Any

from resolver.controlplane.cluster_api import ClusterApi
from tests.support.embedded_cluster import GOLDEN, JsonObject, Reply, ask

_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHOWN = {"uid": "UID", "resourceVersion": "RV", "creationTimestamp": "TIME", "deletionTimestamp": "TIME"}


def recorded_group(name: str) -> list[JsonObject]:
    """The exchanges of one group of ``golden/objects.json``."""
    groups: dict[str, list[JsonObject]] = json.loads((GOLDEN / "objects.json").read_text())["groups"]
    return groups[name]


def identities(exchanges: Sequence[JsonObject]) -> list[str]:
    return [f"{number}-{each['request']['method']}" for number, each in enumerate(exchanges)]


def replayed(api: ClusterApi, exchanges: Sequence[JsonObject]) -> list[Reply]:
    """What ours answers to each request; later ones lean on what earlier ones made."""
    return [_asked(api, each["request"]) for each in exchanges]


def assert_same(reply: Reply, exchange: JsonObject) -> None:
    """The answer is the recorded one, order of keys included; of a delete that went well the body is not looked at."""
    status, body, warnings = reply
    recorded = exchange["response"]
    if "body" in recorded:
        assert _told(exchange, _shown(body)) == _told(exchange, recorded["body"])
    assert status == recorded["status"]
    assert [f'299 - "{_quoted(each)}"' for each in warnings] == recorded.get("warning", [])


def _asked(api: ClusterApi, request: JsonObject) -> Reply:
    method, path = request["method"], request["path"]
    sent = json.dumps(request.get("body"))
    if "CURRENT" in sent:
        now = ask(api, "GET", path.removesuffix("/status"))[1]["metadata"]
        sent = sent.replace("CURRENT-VERSION", now["resourceVersion"]).replace("CURRENT-UID", now["uid"])
    body: Any = json.loads(sent)
    if method == "DELETE":
        body = _delete_options(body or {})
    return ask(api, method, path, body, request.get("query"))


def _delete_options(sent: JsonObject) -> JsonObject:
    return {
        "grace_period": sent.get("gracePeriodSeconds"),
        "propagation": sent.get("propagationPolicy"),
        "orphan_dependents": sent.get("orphanDependents"),
        "uid": sent.get("preconditions", {}).get("uid"),
    }


def _shown(body: JsonObject) -> JsonObject:
    if body.get("kind") != "Status":
        body = body | {"metadata": {key: _SHOWN.get(key, value) for key, value in body["metadata"].items()}}
    placeholders: JsonObject = json.loads(_UID.sub("UID", json.dumps(body)))
    return placeholders


def _told(exchange: JsonObject, body: JsonObject) -> str:
    """The body as text; a name that was made up is left out."""
    text = json.dumps(body)
    if '"generateName"' not in json.dumps(exchange["request"].get("body")):
        return text
    name: str = (body.get("details") or body["metadata"]).get("name", "")
    return text.replace(name, "NAME") if name else text


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
