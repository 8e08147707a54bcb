"""Every recorded list, read and delete of a real kube-apiserver, asked again over a socket."""

from typing import Any

import pytest

from resolver import limits
from resolver.controlplane.resources import ENDPOINT_SLICES, ENDPOINTS, NODES, PODS, SERVICES
from tests.controlplane.golden_forms import cases, golden
from tests.support.golden_exchanges import form, same
from tests.support.served_cluster import Served, served_cluster

CASES = cases("list")
_TIME = "2026-01-02T03:04:05Z"
_SEEN = {"nodes": NODES, "pods": PODS, "endpointslices": ENDPOINT_SLICES, "endpoints": ENDPOINTS}


def _restored(value: Any, count: list[int]) -> Any:
    """A recorded object with something in place of its placeholders."""
    if isinstance(value, dict):
        result = {}
        for key, each in value.items():
            if each == "UID":
                count[0] += 1
                result[key] = f"00000000-0000-4000-8000-{count[0]:012}"
            else:
                result[key] = _TIME if each == "TIME" else _restored(each, count)
        return result
    return [_restored(each, count) for each in value] if isinstance(value, list) else value


async def _filled(served: Served) -> None:
    """The namespace shop as it was recorded."""
    await served.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
    count = [0]
    for name, resource in _SEEN.items():
        for each in CASES[f"all/{name}"]["response"]["body"]["items"]:
            served.put(resource, _restored(each, count))
    for each in golden("list")["objects"]["services"]:
        made = await served.ask("POST", "/api/v1/namespaces/shop/services", each)
        assert made.status == 201


async def _ask(served: Served, case: Any, tokens: dict[str, str]) -> Any:
    request = case["request"]
    query = {key: tokens.get(value, value) for key, value in request.get("query", {}).items()}
    if query.get("resourceVersion") == "106":
        query["resourceVersion"] = str(served.api.store.version)
    body = request.get("body")
    if body and "preconditions" in body:
        body = {"preconditions": {"uid": "11111111-2222-4333-8444-555555555555"}}
    path, _, more = request["path"].partition("?")
    answer = await served.ask(
        request["method"], path + (f"?{more}" if more else ""), body, query, request.get("headers")
    )
    recorded = case["response"]["body"]
    if isinstance(recorded, dict) and recorded.get("metadata", {}).get("continue"):
        tokens[recorded["metadata"]["continue"]] = answer.body["metadata"]["continue"]
        answer.body["metadata"]["continue"] = recorded["metadata"]["continue"]
    return answer


def _before(name: str) -> list[str]:
    """The cases of the same family that lead to this one."""
    family = name.partition("/")[0]
    same_family = [each for each in CASES if each.partition("/")[0] == family]
    return same_family[: same_family.index(name)] if family in ("page", "delete", "expired") else []


@pytest.mark.parametrize("name", CASES)
async def test_lists_reads_and_deletes_are_answered_as_recorded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name.startswith("expired/"):
        monkeypatch.setattr(limits, "KEPT_CHANGES", 1)
    async with served_cluster() as served:
        await _filled(served)
        tokens: dict[str, str] = {}
        if name.startswith("expired/"):
            tokens["CONTINUE-OLD"] = await _expired_token(served)
        if name == "delete/missing":
            await served.ask("DELETE", "/api/v1/namespaces/shop/services/files")
        if name == "page/token-and-resource-version":
            tokens["CONTINUE-2"] = "anything"
        for each in _before(name):
            if each not in ("page/token-and-resource-version", "delete/missing"):
                await _ask(served, CASES[each], tokens)
        answer = await _ask(served, CASES[name], tokens)
        recorded = CASES[name]["response"]
        assert answer.status == recorded["status"]
        assert answer.warnings == recorded.get("warning", [])
        assert answer.content_type == recorded.get("contentType", "application/json")
        ours, theirs = form(answer.body), form(recorded["body"])
        assert ours == theirs
        assert same(theirs, ours), "the keys stand in another order"


async def _expired_token(served: Served) -> str:
    """A token of a list whose version the store has forgotten since, as all before it."""
    page = await served.ask("GET", "/api/v1/namespaces/shop/services", query={"limit": "2"})
    for number in range(5):
        document = {"metadata": {"name": f"other-{number}"}, "spec": {"type": "ExternalName", "externalName": "a.b"}}
        served.api.create(SERVICES, "default", document)
    token: str = page.body["metadata"]["continue"]
    return token
