import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.kubeapi.errors import NotAList, Oversized
from resolver.kubeapi.list_body import ListEnd, ListSplitter

END = ListEnd("ServiceList", "42", "more")


def split(body: bytes, size: int, limit: int = 1 << 20) -> tuple[list[Any], ListEnd]:
    """The items and the end of a body that arrives in pieces of `size` bytes."""
    splitter = ListSplitter(limit)
    items: list[Any] = []
    for at in range(0, len(body), size):
        for run in splitter.feed(body[at : at + size]):
            items += json.loads(b"[" + run + b"]")
    return items, splitter.finish()


def body_of(items: object, first: str = "kind", **style: Any) -> bytes:
    parts = {
        "kind": "ServiceList",
        "items": items,
        "metadata": {"resourceVersion": "42", "continue": "more", "items": [{"not": "one"}]},
    }
    ordered = {first: parts.pop(first), **parts}
    return json.dumps(ordered, **style).encode()


ODD_ITEMS = [
    [],
    [{}],
    [{}, {}],
    [{"a": {"b": [{"c": "}"}, {"d": "{"}, [[]], {}]}}, {"e": '"}],[{"'}],
    [{"\\": "\\"}, {'"': "\\\\\\"}, {"]": "},{"}, {"items": [{}]}],
    [{"a": "\u2028\x00é漢"}],
    [None, {"a": 1}, 7, "}{][", True, {"b": 2}, None],
    [1, 2],
]


@pytest.mark.parametrize("items", ODD_ITEMS, ids=str)
@pytest.mark.parametrize("first", ["kind", "items", "metadata"])
@pytest.mark.parametrize("style", [{}, {"separators": (",", ":")}, {"indent": 3}, {"ensure_ascii": False}], ids=str)
def test_a_list_is_split_alike_wherever_it_is_cut(items: list[Any], first: str, style: dict[str, Any]) -> None:
    body = body_of(items, first, **style)
    for size in (1, 2, 3, 7, 64, len(body)):
        assert split(body, size) == (items, END)


NAMES = st.text(alphabet='ab{}[]",\\:\n\u00e9', max_size=8)
OBJECTS = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(NAMES, OBJECTS, max_size=4), max_size=5), st.integers(1, 40), st.booleans())
def test_any_objects_come_through(items: list[Any], size: int, ascii_only: bool) -> None:
    assert split(body_of(items, ensure_ascii=ascii_only), size) == (items, END)


def test_items_leave_as_they_come_and_only_the_unfinished_one_is_kept() -> None:
    splitter = ListSplitter(100)
    assert splitter.feed(b'{"items":[{"a":1},{"b":') == [b'{"a":1}']
    assert splitter.feed(b"2},") == [b'{"b":2}']
    assert splitter.feed(b'{"c":3},{"d":4}') == [b'{"c":3},{"d":4}']
    assert splitter.feed(b"]}") == []
    assert splitter.finish() == ListEnd("", "", "")


def test_no_items_as_null_is_an_empty_list() -> None:
    assert split(b'{"kind":"ServiceList","items":null,"metadata":{"resourceVersion":"42","continue":"more"}}', 5) == (
        [],
        END,
    )


def test_the_key_of_the_items_may_be_escaped() -> None:
    assert split(rb'{"\u0069tems":[{"a":1}]}', 4)[0] == [{"a": 1}]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "no list"),
        (b"404 page not found", "no list but '404 page not found'"),
        (b'{"kind":"Status","code":500}', "missing required field `items`"),
        (b'{"items":{}}', "Expected `array | null`"),
        (b'{"items":[{"a":1}', "middle of its items"),
        (b'{"items":[{"a":1}]', "truncated"),
        (b'{"items":[{"a":"', "middle of its items"),
        (b'{"items":[[{"a":1}]]}', "hold '\\['"),
        (b'{"items":[}]}', "hold '}'"),
        (b'[{"items":[]}]', "no list"),
    ],
)
def test_what_is_no_list_is_said_to_be_none(body: bytes, says: str) -> None:
    with pytest.raises(NotAList, match=says):
        split(body, 6)


def test_an_item_beyond_the_limit_is_refused() -> None:
    with pytest.raises(Oversized, match="item of more than 50 bytes"):
        split(b'{"items":[{"a":"' + b"x" * 60 + b'"}]}', 10, limit=50)


def test_an_endless_envelope_is_refused() -> None:
    with pytest.raises(Oversized, match="without items"):
        split(b'{"a":"' + b"x" * 100_000 + b'"}', 10_000)


def test_a_long_string_in_tiny_pieces_is_scanned_once() -> None:
    item = {"a": "\\{" * 100_000}
    assert split(body_of([item]), 3) == ([item], END)
