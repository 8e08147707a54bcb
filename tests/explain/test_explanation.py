"""Explanations as values: how their parts are called, and what goes out as JSON."""

from typing import Any

import pytest

from resolver.explain.explanation import ExplainedRecord, Explanation, LeftOut, Source, Step, Written
from resolver.explain.rules import RULES

NODE = Source("Node", "", "node-1", detail="zone a")
RULE = {"id": "F2", "document": "CoreDNS", "section": RULES["F2"].section, "text": RULES["F2"].text}

FORMS: list[tuple[Any, dict[str, Any]]] = [
    (Written("a.yaml", 3), {"file": "a.yaml", "line": 3}),
    (Written("a.yaml", 3, "Job a/b"), {"file": "a.yaml", "line": 3, "subject": "Job a/b"}),
    (NODE, {"kind": "Node", "namespace": "", "name": "node-1", "detail": "zone a"}),
    (
        Source("Service", "shop", "web", "spec.clusterIPs[0]", "10.0.0.1", "", Written("a.yaml", 3), (NODE,)),
        {
            "kind": "Service",
            "namespace": "shop",
            "name": "web",
            "field": "spec.clusterIPs[0]",
            "value": "10.0.0.1",
            "written": {"file": "a.yaml", "line": 3},
            "behind": [NODE.as_json()],
        },
    ),
    (
        ExplainedRecord("answer", "a. 5 IN A 10.0.0.1", "a.", 5, "A", "10.0.0.1", why="so", sources=(NODE,)),
        {
            "section": "answer",
            "name": "a.",
            "ttl": 5,
            "class": "IN",
            "type": "A",
            "data": "10.0.0.1",
            "why": "so",
            "rule": None,
            "sources": [NODE.as_json()],
        },
    ),
    (
        LeftOut("10.0.0.1", "not-ready", "it is not", RULES["F2"]),
        {"what": "10.0.0.1", "reason": "not-ready", "why": "it is not", "rule": RULE, "sources": []},
    ),
    (Step("hosts", "answered", 1, "a."), {"plugin": "hosts", "did": "answered", "depth": 1, "name": "a."}),
]


@pytest.mark.parametrize(("part", "form"), FORMS, ids=[type(part).__name__ for part, _ in FORMS])
def test_parts_go_out_without_what_they_do_not_have(part: Any, form: dict[str, Any]) -> None:
    assert part.as_json() == form


def test_a_source_is_called_by_kind_and_name() -> None:
    assert Source("Service", "shop", "web").subject == "Service shop/web"
    assert NODE.subject == "Node node-1"


def test_a_place_is_file_and_line_and_whose_they_are() -> None:
    assert str(Written("a.yaml", 3)) == "a.yaml:3"
    assert str(Written("a.yaml", 3, "Deployment shop/web")) == "Deployment shop/web at a.yaml:3"


@pytest.mark.parametrize(("outcome", "resolves"), [("answer", True), ("NODATA", False), ("silence", False)])
def test_only_an_answer_resolves(outcome: str, resolves: bool) -> None:
    found = Explanation("a", "a.", "A", "udp", 1232, None, outcome, "so.", rules=((RULES["F2"], "is not ready"),))
    assert found.resolves == resolves
    said = found.as_json()
    assert said["question"] == {"given": "a", "name": "a.", "type": "A", "protocol": "udp", "bufsize": 1232}
    assert said["rules"] == [{**RULE, "said": "is not ready"}]
    assert (said["rcode"], said["whole_size"], said["left_out"]) == (None, 0, [])
