import json

import pytest

from resolver.controlplane.api.exchange import Request, not_found_page, refusal
from resolver.controlplane.api.negotiation import JSON, YAML
from resolver.controlplane.status_error import StatusError


@pytest.mark.parametrize(
    ("query", "agent", "pretty"),
    [
        ("", "", False),
        ("", "curl/8.5.0", True),
        ("", "Wget/1.21", True),
        ("", "Mozilla/5.0 (X11)", True),
        ("", "kubectl/v1.37.2", False),
        ("pretty=true", "kubectl/v1.37.2", True),
        ("pretty=1", "", True),
        ("pretty=0", "curl/8.5.0", False),
        ("pretty=", "curl/8.5.0", False),
    ],
)
def test_people_are_shown_indented_json(query: str, agent: str, pretty: bool) -> None:
    assert Request("GET", "/", query, user_agent=agent).answer().pretty is pretty


@pytest.mark.parametrize(("accept", "content_type"), [("", JSON), (YAML, YAML), ("text/html", JSON)])
def test_a_refusal_comes_in_a_form_that_is_taken(accept: str, content_type: str) -> None:
    reply = refusal(StatusError.no_such_path(), Request("GET", "/", accept=accept))
    assert (reply.status, reply.content_type) == (404, content_type)
    assert b"Status" in reply.body


def test_a_refusal_keeps_its_warnings_and_when_to_come_back() -> None:
    error = StatusError.version_too_large(9, 1)
    reply = refusal(error, Request("GET", "/"), ("old",))
    assert reply.status == error.code == 504
    assert reply.warnings == ("old",)
    assert reply.headers == {"Retry-After": str(error.retry_after)}
    assert json.loads(reply.body)["details"]["retryAfterSeconds"] == error.retry_after


def test_a_page_that_is_not_there_is_plain_text() -> None:
    reply = not_found_page()
    assert (reply.status, reply.headers) == (404, {"X-Content-Type-Options": "nosniff"})
