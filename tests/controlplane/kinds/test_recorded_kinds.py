"""Requests about the kinds other than Services, and what kube-apiserver 1.37.2 answered them, one after another."""

import json
import re
from functools import cache
from typing import Any

import pytest

from tests.support.embedded_cluster import GOLDEN, JsonObject, Reply, ask, new_embedded_cluster

_EXCHANGES: list[JsonObject] = json.loads((GOLDEN / "kinds.json").read_text())["exchanges"]
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHOWN = {"uid": "UID", "resourceVersion": "RV", "creationTimestamp": "TIME", "deletionTimestamp": "TIME"}


@cache
def _replies() -> list[Reply]:
    """What ours answers; later requests lean on what earlier ones made."""
    api = new_embedded_cluster()
    return [ask(api, each["method"], each["path"], _body(each)) for each in (case["request"] for case in _EXCHANGES)]


@pytest.mark.parametrize(
    "number", range(len(_EXCHANGES)), ids=[f"{each['request']['method']}-{n}" for n, each in enumerate(_EXCHANGES)]
)
def test_the_answer_is_that_of_kube_apiserver(number: int) -> None:
    status, body, warnings = _replies()[number]
    recorded = _EXCHANGES[number]["response"]
    assert json.dumps(_shown(body)) == json.dumps(recorded["body"])
    assert status == recorded["status"]
    assert [f'299 - "{_quoted(each)}"' for each in warnings] == recorded.get("warning", [])


def _body(request: JsonObject) -> Any:
    if request["method"] != "DELETE":
        return request.get("body")
    sent = request.get("body", {})
    return {
        "grace_period": sent.get("gracePeriodSeconds"),
        "propagation": sent.get("propagationPolicy"),
        "uid": sent.get("preconditions", {}).get("uid"),
    }


def _shown(body: JsonObject) -> JsonObject:
    if body.get("kind") != "Status":
        body = body | {"metadata": {key: _SHOWN.get(key, value) for key, value in body["metadata"].items()}}
    placeholders: JsonObject = json.loads(_UID.sub("UID", json.dumps(body)))
    return placeholders


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
