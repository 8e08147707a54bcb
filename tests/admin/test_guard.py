"""The checks before any operation."""

import pytest

from resolver.admin.guard import Guard
from resolver.admin.operation import Refused

JSON = {"Content-Type": "application/json"}


def outcome(guard: Guard, method: str, headers: dict[str, str], *, has_body: bool = False) -> tuple[int, str]:
    try:
        guard.check(method, headers, has_body=has_body)
    except Refused as refused:
        return refused.status, refused.message
    return 200, ""


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8053", 200),
        ("127.0.0.1", 200),
        ("[::1]:8053", 200),
        ("[::1]", 200),
        ("localhost:8053", 200),
        ("LOCALHOST", 200),
        ("192.0.2.1:8053", 200),
        ("rebound.example:8053", 403),
        ("localhost.example", 403),
        ("127.0.0.1.example", 403),
        ("", 403),
        ("[::1", 403),
        (":8053", 403),
    ],
)
def test_over_tcp_the_host_must_be_an_address_or_localhost(host: str, status: int) -> None:
    assert outcome(Guard(None, host_matters=True), "GET", {"Host": host})[0] == status
    assert outcome(Guard(None, host_matters=False), "GET", {"Host": host})[0] == 200


@pytest.mark.parametrize(
    ("method", "headers", "has_body", "status"),
    [
        ("POST", JSON, True, 200),
        ("POST", JSON, False, 200),
        ("POST", {"Content-Type": "Application/JSON; charset=utf-8"}, True, 200),
        ("POST", {}, True, 415),
        ("POST", {}, False, 415),
        ("POST", {"Content-Type": "text/plain"}, True, 415),
        ("POST", {"Content-Type": "application/x-www-form-urlencoded"}, True, 415),
        ("POST", JSON | {"Origin": "http://shop.example"}, True, 403),
        ("POST", JSON | {"Origin": "null"}, True, 403),
        ("POST", JSON | {"Sec-Fetch-Site": "cross-site"}, True, 403),
        ("DELETE", {}, False, 200),
        ("DELETE", {}, True, 415),
        ("DELETE", {"Origin": "http://localhost:8053"}, False, 403),
        ("PUT", {"Origin": "http://shop.example"}, False, 403),
        ("GET", {"Origin": "http://shop.example"}, False, 200),
    ],
)
def test_web_pages_change_nothing(method: str, headers: dict[str, str], has_body: bool, status: int) -> None:
    assert outcome(Guard(None, host_matters=False), method, headers, has_body=has_body)[0] == status


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer secret", 200),
        ("bearer  secret ", 200),
        ("", 401),
        ("Bearer", 401),
        ("Bearer secrets", 401),
        ("Basic secret", 401),
        ("secret", 401),
        ("Bearer \udcff", 401),
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_token_is_asked_for_where_there_is_one(method: str, authorization: str, status: int) -> None:
    guard = Guard("secret", host_matters=True)
    assert outcome(guard, method, {"Host": "dns.example", "Authorization": authorization})[0] == status


def test_a_missing_content_type_is_told_with_what_to_send() -> None:
    _, message = outcome(Guard(None, host_matters=False), "POST", {}, has_body=True)
    assert message == "the content type is missing: send application/json"
