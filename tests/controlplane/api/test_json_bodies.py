import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.controlplane.api.json_bodies import BadJson, has_duplicates, read_json, strict_problems


def test_of_keys_that_are_there_twice_the_last_one_counts() -> None:
    assert read_json(b'{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}') == {"a": 3, "b": {"c": 2}}


@pytest.mark.parametrize("text", [b"{", b"nothing", b""])
def test_text_that_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(BadJson):
        read_json(text)


@pytest.mark.parametrize(
    ("body", "value"),
    [(b'"a\xffb"', "a\ufffdb"), (rb'"\ud800"', "\ufffd"), (rb'{"\udc00": ["\ud83d\ude00"]}', {"\ufffd": ["😀"]})],
)
def test_what_is_no_character_becomes_the_replacement_character(body: bytes, value: object) -> None:
    assert read_json(body) == value


def test_numbers_beyond_64_bits_are_kept() -> None:
    assert read_json(b"[18446744073709551616]") == [18446744073709551616]


@pytest.mark.parametrize(
    ("body", "has"),
    [
        (b'{"a": 1}', False),
        (b'{"a": {"b": 1}, "b": 2}', False),
        (b'[{"a": 1, "a": 1}]', True),
        (rb'{"a":"\u003a","a":"\u003a"}', True),
        (b'{"a:":":b","c":":"}', False),
        (b'{"a":"\xff"}', False),
    ],
)
def test_duplicates_are_seen_at_any_depth(body: bytes, has: bool) -> None:
    assert has_duplicates(body) is has


def test_problems_come_in_the_order_of_the_document() -> None:
    body = b"""{"kind": "Service", "apiVersion": "v1", "extra": 1,
        "spec": {"ports": [{"port": 1, "prot": 2, "port": 3}], "selector": {"any": "1", "any": "2"}},
        "metadata": {"labels": {"x": "y"}, "kind": "z"}, "spec": {}}"""
    assert strict_problems(body, "core.Service") == [
        'unknown field "extra"',
        'unknown field "spec.ports[0].prot"',
        'duplicate field "spec.ports[0].port"',
        'duplicate field "spec.selector.any"',
        'unknown field "metadata.kind"',
        'duplicate field "spec"',
    ]


def test_an_unknown_field_is_told_once_and_quoted() -> None:
    body = b'{"a\\"b": 1, "a\\"b": 2, "data": {"c\\n": "1", "c\\n": "2"}}'
    assert strict_problems(body, "core.ConfigMap") == [r'unknown field "a\"b"', r'duplicate field "data.c\n"']


_KEYS = st.sampled_from(["a", "b:", '"c', "é", "d\\"])
_VALUES = st.sampled_from(["1", '":"', '"\\u003a"', "{}", '{"a":1}'])


@given(st.lists(st.tuples(_KEYS, _VALUES), max_size=4), st.booleans())
def test_duplicates_are_seen_whatever_is_escaped(pairs: list[tuple[str, str]], escaped: bool) -> None:
    members = ",".join(f"{json.dumps(key, ensure_ascii=escaped)}:{value}" for key, value in pairs)
    assert has_duplicates(f"{{{members}}}".encode()) == (len({key for key, _ in pairs}) != len(pairs))
