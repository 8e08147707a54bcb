"""Requests are read strictly."""

from typing import Annotated

import msgspec
import pytest

from resolver.admin.operation import Nothing, Refused
from resolver.admin.reading import nearest, read_body, read_parameters


class Sample(msgspec.Struct, forbid_unknown_fields=True):
    name: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=0, le=10)] = 3
    follow: bool = False


def test_parameters_of_query_and_path_become_values() -> None:
    assert read_parameters(Sample, [("name", "web"), ("follow", "true")], {"limit": "7"}) == Sample("web", 7, True)
    assert read_parameters(Sample, [], {}) == Sample()


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ([("nmae", "web")], r"no parameter 'nmae': there are name, limit, follow; did you mean name\?"),
        ([("x", "1")], "there are name, limit, follow$"),
        ([("limit", "1"), ("limit", "2")], "limit is given 2 times"),
        ([("limit", "many")], "limit"),
        ([("limit", "11")], "<= 10"),
        ([("limit", "-1")], ">= 0"),
        ([("follow", "perhaps")], "follow"),
    ],
)
def test_other_parameters_are_refused(query: list[tuple[str, str]], reason: str) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        read_parameters(Sample, query, {})
    assert refused.value.status == 400


def test_where_there_are_none_that_is_told() -> None:
    with pytest.raises(Refused, match="no parameter 'x': this takes none"):
        read_parameters(Nothing, [("x", "1")], {})


def test_a_body_becomes_a_value() -> None:
    assert read_body(Sample, b'{"name": "web"}') == Sample("web")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"words=x", "no JSON"),
        (b'"\xff"', "no JSON|body"),
        (b"[]", "body: Expected `object`"),
        (b'{"nam": 1}', "unknown field `nam`; there are name, limit, follow"),
        (b'{"limit": "1"}', "Expected `int`"),
        (b'{"name": "a"} {}', "no JSON"),
        (b'{"x": ' + b"[" * 20_000, "no JSON|unknown field"),
        (b"[" * 20_000, "no JSON|body"),
    ],
)
def test_other_bodies_are_refused(body: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        read_body(Sample, body)
    assert refused.value.status == 400


def test_the_nearest_spelling_is_offered_where_one_is_near() -> None:
    assert nearest("limt", ["limit", "name"]) == "; did you mean limit?"
    assert nearest("qqq", ["limit", "name"]) == ""
