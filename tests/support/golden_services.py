"""Recorded exchanges about Services against ours: what the server picked at random is exchanged for what we picked."""

import json
import re
from ipaddress import ip_address, ip_network
from typing import Any

JsonObject = dict[str, Any]
Reply = tuple[int, JsonObject, list[str]]

_OTHER_UID = "11111111-2222-4333-8444-555555555555"
_UID = re.compile(r"(?!1111)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Conversation:
    """One case: requests as they are to be sent now, and what is to come back."""

    def __init__(self, ranges: list[str]) -> None:
        self._ranges = [ip_network(each) for each in ranges]
        self._ours: dict[str, str] = {}
        self._versions: list[str] = []

    def body(self, exchange: JsonObject) -> Any:
        """The body to send: addresses and versions are those of this run."""
        text = self._exchanged(json.dumps(exchange["request"].get("body")))
        version = {
            "of the latest answer": self._versions[-1:],
            "of the first answer": self._versions[:1],
            "made up": ["99999"],
        }.get(exchange.get("resourceVersion", ""), [])
        text = text.replace('"RV"', json.dumps(version[0] if version else "RV"))
        return json.loads(text.replace('"UID"', f'"{_OTHER_UID}"'))

    def compare(self, reply: Reply, exchange: JsonObject) -> None:
        """Asserts that the reply is the recorded one, key order included."""
        status, body, warnings = reply
        expected = exchange["response"]
        for each in [*exchange.get("pickedAddresses", []), *exchange.get("pickedNodePorts", [])]:
            self._learn(each, expected["body"], body)
        if name := exchange.get("pickedName"):
            self._ours[json.dumps(name)] = json.dumps(body["metadata"]["name"])
        if status < 400 and "resourceVersion" in body["metadata"]:
            self._versions.append(body["metadata"]["resourceVersion"])
        wanted = self._exchanged(json.dumps(expected["body"]))
        assert json.dumps(_placeholders(body)) == _UID.sub("UID", wanted)
        assert status == expected["status"]
        assert [f'299 - "{_quoted(each)}"' for each in warnings] == expected.get("warning", [])

    def _learn(self, recorded: str | int, expected: Any, ours: Any) -> None:
        found = _counterpart(recorded, expected, ours)
        if isinstance(recorded, str):
            if found is None:  # a message names it, if anything does
                named = re.search(r'IPAddress\S* "([^"]*)"', ours["message"])
                if named is None:
                    return
                found = named[1]
            ends = [each[0] for each in self._ranges]  # what a dry run says
            assert any(ip_address(found) in each for each in self._ranges)
            assert (ip_address(found) in ends) == (ip_address(recorded) in ends)
        else:
            assert 30_000 <= found <= 32_767
        self._ours[str(recorded)] = str(found)

    def _exchanged(self, text: str) -> str:
        for recorded, found in self._ours.items():
            text = re.sub(rf"(?<![0-9a-f:.]){re.escape(recorded)}(?![0-9a-f:.])", found, text)
        return text


def _counterpart(recorded: Any, expected: Any, ours: Any) -> Any:
    """What stands in ours where `recorded` stands in the expected body."""
    if expected == recorded:
        return ours
    if isinstance(expected, dict) and isinstance(ours, dict):
        pairs = [(expected[key], ours.get(key)) for key in expected]
    elif isinstance(expected, list) and isinstance(ours, list):
        pairs = list(zip(expected, ours, strict=False))
    else:
        return None
    return next((found for pair in pairs if (found := _counterpart(recorded, *pair)) is not None), None)


def _placeholders(body: JsonObject) -> JsonObject:
    if body.get("kind") == "Status":
        return json.loads(_UID.sub("UID", json.dumps(body)))
    shown = {"uid": "UID", "resourceVersion": "RV", "creationTimestamp": "TIME"}
    return body | {"metadata": {key: shown.get(key, value) for key, value in body["metadata"].items()}}


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def is_about_http(exchange: JsonObject) -> bool:
    """Needs a server to be tried on: bodies that are no JSON object, media types, options the handlers judge."""
    request = exchange["request"]
    options = request.get("query", {}).get("dryRun", "All")
    return not isinstance(request.get("body", {}), dict) or "headers" in request or options != "All"
