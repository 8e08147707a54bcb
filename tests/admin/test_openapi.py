"""The description of the API and the API say the same."""

import re
from typing import Any

import pytest

from resolver.admin.openapi import document
from resolver.admin.operations import OPERATIONS
from tests.support.administered import administered

REQUESTS = {
    ("GET", "/v1/explain"): {"params": {"name": "web.shop"}},
    ("POST", "/v1/faults"): {"json": {"words": "web.shop drop"}},
    ("POST", "/v1/reload"): {"json": {}},
}
"""What operations need that cannot be done without."""


def described() -> list[tuple[str, str]]:
    return [(method.upper(), path) for path, methods in document(OPERATIONS)["paths"].items() for method in methods]


def test_each_operation_is_described_once() -> None:
    assert sorted(described()) == sorted((each.method, each.path) for each in OPERATIONS)
    names = [operation["operationId"] for path in document(OPERATIONS)["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("method", "path"), described())
async def test_each_operation_that_is_described_answers_as_described(method: str, path: str) -> None:
    operation = document(OPERATIONS)["paths"][path][method.lower()]
    async with administered() as here:
        if "{id}" in path:
            await here.ask("POST", "/v1/faults", json={"words": "web.shop drop"})
        request: dict[str, Any] = REQUESTS.get((method, path), {})
        async with here.session.request(method, path.replace("{id}", "1"), **request) as response:
            content = await response.read()
            assert response.status == 200, content
            assert response.content_type in operation["responses"]["200"]["content"]


@pytest.mark.parametrize(("method", "path"), described())
async def test_each_parameter_that_is_described_is_known(method: str, path: str) -> None:
    """A value that fits nothing is refused for what it is, not as unknown."""
    operation = document(OPERATIONS)["paths"][path][method.lower()]
    async with administered() as here:
        for parameter in operation["parameters"]:
            assert parameter["description"]
            if parameter["in"] == "query":
                params = {parameter["name"]: "\x7f"}
                async with here.session.request(method, path, params=params, **_body(method)) as response:
                    assert "there is no parameter" not in await response.text()


def _body(method: str) -> dict[str, Any]:
    return {"json": {}} if method == "POST" else {}


def test_all_schemas_that_are_referred_to_are_there() -> None:
    whole = document(OPERATIONS)
    text = str(whole)
    names = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert names == set(whole["components"]["schemas"])
    assert {"Asked", "Lost", "FaultShown", "ServiceShown", "Problem"} <= names


async def test_it_is_served() -> None:
    async with administered() as here:
        found = await here.get("/openapi.json")
        assert found["openapi"] == "3.1.0"
        assert found["paths"].keys() == document(OPERATIONS)["paths"].keys()
        root = await here.get("/")
        assert [(page["method"], page["path"]) for page in root["operations"]] == [
            (each.method, each.path) for each in OPERATIONS
        ]


@pytest.mark.parametrize("each", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
def test_errors_that_an_operation_may_have_are_described(each: Any) -> None:
    responses = document(OPERATIONS)["paths"][each.path][each.method.lower()]["responses"]
    assert {"200", "400", "401", "403", *map(str, each.errors)} <= set(responses)
    assert ("415" in responses) is each.writes
