"""Services as a real kube-apiserver 1.37.2 took them: every recorded create and update that is not about HTTP."""

from typing import Any

import pytest

from tests.support.embedded_cluster import ask, golden_cases, new_embedded_cluster
from tests.support.golden_services import Conversation, is_about_http

CASES = [
    case
    for case in golden_cases("create.json") + golden_cases("update.json")
    if not any(map(is_about_http, case["exchanges"]))
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_recorded_case_is_answered_as_kube_apiserver_answered_it(case: dict[str, Any]) -> None:
    api = new_embedded_cluster(",".join(case["ranges"]))
    conversation = Conversation(case["ranges"])
    for exchange in case["exchanges"]:
        request = exchange["request"]
        body = conversation.body(exchange)
        conversation.compare(ask(api, request["method"], request["path"], body, request.get("query")), exchange)


def test_nearly_all_recorded_cases_are_tried() -> None:
    assert len(CASES) >= 260
