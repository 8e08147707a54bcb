"""The recorded discovery of a real kube-apiserver, held against ours: the same forms, for the kinds that are served."""

from typing import Any

import pytest

from resolver.controlplane.api.paths import GROUP_VERSIONS
from resolver.controlplane.resources import BY_PATH
from tests.controlplane.golden_forms import cases
from tests.support.golden_exchanges import same
from tests.support.served_cluster import Served, served_cluster

CASES = cases("discovery")
_GROUPS = {group for group, _ in GROUP_VERSIONS}


def _is_served(group: str, version: str, name: str) -> bool:
    plural, _, subresource = name.partition("/")
    return (group, version, plural) in BY_PATH and subresource in ("", "status", "scale")


def _served_rows(group: str, version: str, rows: Any) -> list[Any]:
    return [each for each in rows if _is_served(group, version, each["name"])]


def _served_groups(items: Any) -> list[Any]:
    """Of an aggregated answer the kinds that we have."""
    result = []
    for item in items:
        group = item["metadata"].get("name", "")
        if group not in _GROUPS:
            continue
        versions = []
        for version in item["versions"]:
            rows = [each for each in version["resources"] if _is_served(group, version["version"], each["resource"])]
            for row in rows:
                below = [each for each in row.get("subresources", ()) if each["subresource"] in ("status", "scale")]
                row.pop("subresources", None)
                if below:
                    row["subresources"] = below
            versions.append({**version, "resources": rows})
        result.append({**item, "versions": versions})
    return result


async def _ask(served: Served, name: str) -> tuple[Any, Any]:
    request = CASES[name]["request"]
    answer = await served.ask(request["method"], request["path"], headers=request.get("headers"))
    recorded = CASES[name]["response"]
    assert answer.status == recorded["status"]
    assert answer.content_type == recorded.get("contentType", "application/json")
    return answer.body, recorded["body"]


@pytest.mark.parametrize("name", ["api-v1", "no-slash", "discovery-v1", "networking-v1"])
async def test_kinds_are_described_as_recorded(name: str) -> None:
    async with served_cluster() as served:
        ours, theirs = await _ask(served, name)
    group, _, version = theirs["groupVersion"].rpartition("/")
    theirs = {**theirs, "resources": _served_rows(group, version, theirs["resources"])}
    assert ours == theirs
    assert same(theirs, ours)


@pytest.mark.parametrize("name", ["api-aggregated", "apis-aggregated"])
async def test_the_aggregated_form_is_as_recorded(name: str) -> None:
    async with served_cluster() as served:
        ours, theirs = await _ask(served, name)
    theirs = {**theirs, "items": _served_groups(theirs["items"])}
    assert ours == theirs
    assert same(theirs, ours)


async def test_groups_stand_in_the_recorded_order() -> None:
    async with served_cluster() as served:
        ours, theirs = await _ask(served, "apis")
    assert ours == {**theirs, "groups": [each for each in theirs["groups"] if each["name"] in _GROUPS]}


@pytest.mark.parametrize(
    "name", ["discovery-group", "healthz", "livez", "readyz", "group-missing", "group-version-missing"]
)
async def test_pages_are_as_recorded(name: str) -> None:
    async with served_cluster() as served:
        ours, theirs = await _ask(served, name)
    assert ours == theirs


async def test_the_versions_of_the_core_group_name_this_server() -> None:
    async with served_cluster() as served:
        ours, theirs = await _ask(served, "api")
        address = served.server.url.removeprefix("http://")
    shown = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
    assert ours == {**theirs, "serverAddressByClientCIDRs": shown}


async def test_the_version_is_the_release_that_is_followed() -> None:
    async with served_cluster() as served:
        ours, theirs = await _ask(served, "version")
    assert list(ours) == list(theirs)
    assert ours["gitVersion"].startswith("v1.37.2")
    assert (ours["major"], ours["minor"]) == ("1", "37")


async def test_openapi_has_a_document_for_each_group() -> None:
    async with served_cluster() as served:
        ours, theirs = await _ask(served, "openapi-v3")
        assert set(ours["paths"]) <= set(theirs["paths"])
        for place in ours["paths"].values():
            answer = await served.ask("GET", place["serverRelativeURL"])
            assert answer.status == 200
            assert answer.body["openapi"] == "3.0.0"


@pytest.mark.parametrize("name", ["no-token", "wrong-token"])
async def test_without_the_token_nothing_is_told(name: str) -> None:
    async with served_cluster(token="right") as served:
        ours, theirs = await _ask(served, name)
        assert ours == theirs
        answer = await served.ask("GET", "/api/v1/services", headers={"Authorization": "Bearer right"})
        assert answer.status == 200
        assert (await served.ask("GET", "/readyz")).body == "ok"
