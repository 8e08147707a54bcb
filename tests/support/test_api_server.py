"""The API stand-in answers as kube-apiserver 1.37 was seen to, wherever a watcher could tell."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.api_server import ApiServer
from tests.support.watch_world import service

PATH = "/api/v1/services"


async def get(api: ApiServer, **query: str) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.get(api.url + PATH, params=query) as response:
        return response.status, await response.json()


async def lines(api: ApiServer, **query: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a watch that the server ends after a moment."""
    parameters = {"watch": "1", "timeoutSeconds": "0.05", **query}
    async with aiohttp.ClientSession() as session, session.get(api.url + PATH, params=parameters) as response:
        assert response.status == 200
        events = [json.loads(line) for line in (await response.read()).splitlines()]
    return [(event["type"], event["object"]) for event in events]


def stand_in() -> ApiServer:
    """Versions 1001 to 1005: five Services, one of them labelled."""
    labelled = service("e")
    labelled["metadata"]["labels"] = {"app": "web"}
    return ApiServer([*map(service, "abcd"), labelled])


@pytest.mark.parametrize(
    ("query", "status", "items"),
    [
        ({}, 200, 5),
        ({"limit": "2"}, 200, 2),
        ({"limit": "500"}, 200, 5),
        ({"resourceVersion": "0", "limit": "2"}, 200, 5),
        ({"resourceVersion": "1003", "resourceVersionMatch": "NotOlderThan"}, 200, 5),
        ({"resourceVersion": "100106", "resourceVersionMatch": "NotOlderThan"}, 504, "Timeout"),
        ({"resourceVersionMatch": "NotOlderThan"}, 422, "Invalid"),
        ({"resourceVersion": "abc"}, 400, "BadRequest"),
        ({"continue": "x", "resourceVersion": "5"}, 400, "BadRequest"),
        ({"continue": "old"}, 410, "Expired"),
        ({"labelSelector": "app=web"}, 200, 1),
        ({"labelSelector": "app in (web,db)"}, 200, 1),
        ({"labelSelector": "!app"}, 200, 4),
        ({"labelSelector": "app in web"}, 400, "BadRequest"),
        ({"fieldSelector": "metadata.name=b"}, 200, 1),
        ({"fieldSelector": "metadata.name!=b,metadata.namespace=shop"}, 200, 4),
        ({"fieldSelector": "spec.externalName=x"}, 400, "BadRequest"),
        ({"watch": "1", "sendInitialEvents": "true"}, 422, "Invalid"),
        ({"watch": "1", "resourceVersion": "1", "resourceVersionMatch": "NotOlderThan"}, 422, "Invalid"),
        ({"watch": "1", "resourceVersion": "abc"}, 500, "InternalError"),
    ],
    ids=str,
)
async def test_parameters_are_honoured_or_refused(query: dict[str, str], status: int, items: int | str) -> None:
    async with stand_in() as api:
        got, body = await get(api, **query)
        assert (got, len(body["items"]) if "items" in body else body["reason"]) == (status, items)


async def test_pages_are_of_one_snapshot() -> None:
    async with stand_in() as api:
        _, first = await get(api, limit="3")
        assert first["metadata"] == {"resourceVersion": "1005", "continue": "page-0-of-1005", "remainingItemCount": 2}
        api.delete("Service", "shop", "d")
        _, second = await get(api, limit="3", **{"continue": first["metadata"]["continue"]})
        assert [item["metadata"]["name"] for item in second["items"]] == ["d", "e"]
        assert second["metadata"] == {"resourceVersion": "1005"}
        api.expire()
        assert (await get(api, **{"continue": first["metadata"]["continue"]}))[0] == 410


async def test_initial_events_end_with_a_bookmark() -> None:
    async with stand_in() as api:
        events = await lines(api, sendInitialEvents="true", resourceVersionMatch="NotOlderThan")
        assert [kind for kind, _ in events] == ["ADDED"] * 5 + ["BOOKMARK"]
        assert events[-1][1]["metadata"] == {
            "resourceVersion": "1005",
            "annotations": {"k8s.io/initial-events-end": "true"},
        }


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"resourceVersion": "1003"}, [("ADDED", "1004"), ("ADDED", "1005")]),
        ({"resourceVersion": "1005"}, []),
        ({"resourceVersion": "9999"}, []),
        ({"resourceVersion": "0"}, [("ADDED", str(version)) for version in range(1001, 1006)]),
        ({}, [("ADDED", str(version)) for version in range(1001, 1006)]),
        ({"resourceVersion": "1001", "labelSelector": "app=web"}, [("ADDED", "1005")]),
    ],
    ids=str,
)
async def test_a_watch_tells_what_came_after_its_version(query: dict[str, str], told: list[tuple[str, str]]) -> None:
    async with stand_in() as api:
        events = await lines(api, **query)
        assert [(kind, item["metadata"]["resourceVersion"]) for kind, item in events] == told


@pytest.mark.parametrize(
    ("query", "code", "reason"),
    [
        ({"resourceVersion": "2"}, 410, "Expired"),
        (
            {"resourceVersion": "9999", "sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"},
            504,
            "Timeout",
        ),
    ],
    ids=str,
)
async def test_an_unusable_version_is_an_error_in_a_good_stream(query: dict[str, str], code: int, reason: str) -> None:
    async with stand_in() as api:
        [(kind, status)] = await lines(api, **query)
        assert (kind, status["code"], status["reason"]) == ("ERROR", code, reason)


async def test_an_object_that_leaves_the_selection_is_deleted_for_that_watch() -> None:
    async with stand_in() as api:
        api.put(service("e"))
        events = await lines(api, resourceVersion="1005", labelSelector="app=web")
        assert [(kind, item["metadata"]["resourceVersion"]) for kind, item in events] == [("DELETED", "1006")]


async def test_a_new_object_of_an_old_name_has_another_uid() -> None:
    async with stand_in() as api:
        old = api.state.get("Service", "shop", "a")
        assert old is not None
        assert api.recreate("Service", "shop", "a")["metadata"]["uid"] != old["metadata"]["uid"]


async def test_objects_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "objects.jsonl"
    file.write_text("".join(json.dumps(service(name)) + "\n" for name in "ab"))
    async with ApiServer(file) as api:
        assert len((await get(api))[1]["items"]) == 2
        await api.refuse_connections()
        with pytest.raises(aiohttp.ClientConnectorError):
            await get(api)
        await api.accept_connections()
        assert (await get(api))[0] == 200
