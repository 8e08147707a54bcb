"""Every recorded patch of a real kube-apiserver, done again over a socket."""

import json
import re
from typing import Any

import pytest

from tests.controlplane.golden_forms import cases
from tests.support.golden_exchanges import form
from tests.support.golden_services import Conversation
from tests.support.served_cluster import Served, made_cluster, served_cluster

CASES = cases("patch")


async def _replayed(served: Served, case: Any) -> list[tuple[Any, Any]]:
    """Recorded and our answers, in one form."""
    talk = Conversation(["10.43.0.0/16", "fd43::/112"])
    result = []
    for exchange in case["exchanges"]:
        request = exchange["request"]
        body = request.get("body")
        if not isinstance(body, str):
            body = talk.body(exchange)
        answer = await served.ask(
            request["method"], request["path"], body, request.get("query"), request.get("headers")
        )
        recorded = exchange["response"]
        record = "managedFields" in recorded["body"].get("metadata", {})
        ours = form(answer.body, keep_record=record)
        theirs = json.loads(_swapped(json.dumps(recorded["body"]), exchange, recorded["body"], answer.body))
        result.append(
            ((recorded["status"], recorded.get("warning", []), theirs), (answer.status, answer.warnings, ours))
        )
    return result


def _swapped(text: str, exchange: Any, recorded: Any, ours: Any) -> str:
    """The recorded text with our addresses in place of those the real server picked."""
    for each in exchange.get("pickedAddresses", []):
        place = recorded.get("spec", {}).get("clusterIPs", [])
        if each in place and len(ours.get("spec", {}).get("clusterIPs", [])) > place.index(each):
            text = text.replace(json.dumps(each), json.dumps(ours["spec"]["clusterIPs"][place.index(each)]))
    return text


def _told(message: str) -> str:
    """A message that repeats a whole object, without what differs from run to run."""
    message = re.sub(r'\\?"managedFields\\?":\[.*?\}\]\}?,?(?=\\?"|\})', "", message)
    return re.sub(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:]+Z|resourceVersion\W+\d+", "", message
    )


@pytest.mark.parametrize("name", CASES)
async def test_patches_are_answered_as_recorded(name: str) -> None:
    api = made_cluster()
    async with served_cluster(api) as served:
        await served.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
        for theirs, ours in await _replayed(served, CASES[name]):
            if name == "merge/unknown-field" and theirs[0] == 422:
                assert _told(ours[2]["message"])[-400:] == _told(theirs[2]["message"])[-400:]
                continue
            assert ours == theirs
            assert json.dumps(ours) == json.dumps(theirs), "the keys stand in another order"


OWNER = {"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u"}
APPLY, STRATEGIC = "application/apply-patch+yaml", "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"
CONVERTING = (
    "failed to convert new object (/; /v1, Kind=Service) to proper version: "
    "unable to convert unstructured object to /v1, Kind=Service: "
)
SERVICE = {"apiVersion": "v1", "kind": "Service"}
SERVICES = "/api/v1/namespaces/shop/services"


@pytest.mark.parametrize(
    ("kind", "patch", "status", "message"),
    [
        (APPLY, SERVICE | {"metadata": {"creationTimestamp": "x"}}, 500, f"{CONVERTING}parsing time"),
        (APPLY, SERVICE | {"spec": {"ports": [{"port": 1.5}]}}, 500, f"{CONVERTING}cannot convert float64 to int32"),
        (
            APPLY,
            SERVICE | {"spec": {"ports": [{"port": 81, "targetPort": 1.5}]}},
            500,
            f"{CONVERTING}json: cannot unmarshal number 1.5 into Go value of type int32",
        ),
        (
            APPLY,
            SERVICE | {"spec": {"ports": [{"name": "a"}, {"name": "a"}]}},
            500,
            '.spec.ports: duplicate entries for key [port=0,protocol="TCP"]',
        ),
        (
            APPLY,
            SERVICE | {"metadata": {"ownerReferences": [{"name": "a"}, {"name": "a"}]}},
            500,
            '.metadata.ownerReferences: duplicate entries for key [uid=""]',
        ),
        (
            STRATEGIC,
            {"spec": {"ports": ["x"]}},
            500,
            "list element types are not identical: [[map[port:80 protocol:TCP targetPort:80]] [x]]",
        ),
    ],
)
async def test_patches_of_a_wrong_shape_are_refused(kind: str, patch: Any, status: int, message: str) -> None:
    async with served_cluster(made_cluster()) as served:
        answer = await _patched(served, kind, patch)
        assert (answer.status, answer.body["code"]) == (status, status)
        assert message in answer.body["message"]


async def test_owners_that_a_patch_repeats_are_warned_of_in_words_of_their_own() -> None:
    async with served_cluster(made_cluster()) as served:
        answer = await _patched(served, MERGE, {"metadata": {"ownerReferences": [OWNER, OWNER]}})
        assert "contains duplicate entries after mutating admission happens; API server" in answer.warnings[0]
        assert answer.body["metadata"]["ownerReferences"] == [OWNER]


async def _patched(served: Served, kind: str, patch: Any) -> Any:
    """The answer to a patch of a Service that has one port."""
    await served.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
    await served.ask("POST", SERVICES, {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})
    query = {"fieldManager": "m"}
    return await served.ask("PATCH", f"{SERVICES}/web", json.dumps(patch), query, {"Content-Type": kind})


EXTERNAL, LOCAL = {"type": "ExternalName", "externalName": "a.example.com"}, {"internalTrafficPolicy": "Local"}


@pytest.mark.parametrize(
    ("changes", "policy"),
    [
        ((LOCAL, EXTERNAL), "Local"),
        ((EXTERNAL, LOCAL), "Local"),
        ((LOCAL, EXTERNAL | {"internalTrafficPolicy": None}), "Cluster"),
        ((LOCAL, EXTERNAL, {"internalTrafficPolicy": None}), "Cluster"),
    ],
)
async def test_an_external_name_keeps_a_traffic_policy_it_does_not_show(changes: tuple[Any, ...], policy: str) -> None:
    async with served_cluster(made_cluster()) as served:
        for change in changes:
            answer = await _patched(served, MERGE, {"spec": change})
        assert "internalTrafficPolicy" not in answer.body["spec"]
        assert "internalTrafficPolicy" not in (await served.ask("GET", f"{SERVICES}/web")).body["spec"]
        answer = await _patched(served, MERGE, {"spec": {"type": "NodePort"}})
        assert answer.body["spec"]["internalTrafficPolicy"] == policy
