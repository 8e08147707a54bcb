"""JSON with places: as the standard library reads it, minus what JSON does not allow."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver import limits
from resolver.controlplane.json_documents import read_json
from resolver.controlplane.manifest_places import BrokenManifest

READ = [
    ("", []),
    (" \n ", []),
    ('{"a": 1}\n{"a": 2}', [{"a": 1}, {"a": 2}]),
    ('[true,false,null,-1.5e3,0,"x"]', [[True, False, None, -1500.0, 0, "x"]]),
    ('{"a":{},"b":[],"c":""}', [{"a": {}, "b": [], "c": ""}]),
    (r'"\ud83d\ude00\n\/"', ["\U0001f600\n/"]),
]


@pytest.mark.parametrize(("text", "values"), READ)
def test_values_in_a_row_are_documents(text: str, values: list[object]) -> None:
    assert [value for value, _ in read_json(text)] == values


BROKEN = [
    ('{"a":\n [1,}', 2, "'}' where a value belongs"),
    ('{"a" 1}', 1, "'1' where the colon after 'a' belongs"),
    ('{"a":1\n "b":2}', 2, "'\"' where a comma or } belongs"),
    ("[1\n2]", 2, "'2' where a comma or ] belongs"),
    ("{a: 1}", 1, "'a' where a key in quotes belongs"),
    ('{"a":1,}', 1, "'}' where a key in quotes belongs"),
    ("[", 1, "the end of the file where a value belongs"),
    ('{"a":', 1, "the end of the file where a value belongs"),
    ("{", 1, "the end of the file where a key in quotes belongs"),
    ("[1", 1, "the end of the file where a comma or ] belongs"),
    ('{"a":1,\n"a":2}', 2, "has the key 'a' twice; the first is on line 1"),
    ('["abc', 1, "Unterminated string"),
    ('["a\nb"]', 1, "Invalid control character"),
    (r'["\x"]', 1, "Invalid \\escape"),
    (r'["\ud800"]', 1, "half of a surrogate pair"),
    (r'{"\udc00x": 1}', 1, "half of a surrogate pair"),
    ("[NaN]", 1, "NaN is no number"),
    ("[-Infinity]", 1, "-Infinity is no number"),
    ("[1e999]", 1, "a number too large for JSON"),
    (f"[{'9' * 5000}]", 1, "a number of more than 400 digits"),
    ("[01]", 1, "'1' where a comma or ] belongs"),
    ("[.5]", 1, "'.' where a value belongs"),
    ("nul", 1, "'n' where a value belongs"),
    ("{} x", 1, "'x' where a value belongs"),
    ("[" * 100_000, 1, "is nested deeper than 100 levels"),
    ('{"a":' * 100_000, 1, "is nested deeper than 100 levels"),
]


@pytest.mark.parametrize(("text", "line", "message"), BROKEN)
def test_what_is_no_json_is_told_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(BrokenManifest) as caught:
        list(read_json(text))
    assert caught.value.line == line
    assert message in caught.value.message


def test_places_are_those_of_the_keys() -> None:
    ((_, place),) = read_json('{\n "spec": {\n  "ports": [\n   {"port":\n 80},\n   3\n ]}}')
    fields = ("spec", "spec.ports", "spec.ports[0]", "spec.ports[0].port", "spec.ports[1]")
    assert [place.find(field).line for field in fields] == [2, 3, 4, 4, 6]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 0, 2]), st.booleans())
def test_what_the_standard_library_writes_is_read_back(value: object, indent: int | None, ascii: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)
    assert [found for found, _ in read_json(text)] == [value]


@given(st.text(alphabet='{}[],:"\\ abu0e.-1\n', max_size=40))
def test_any_text_is_refused_or_read_as_the_standard_library_reads_it(text: str) -> None:
    try:
        found = [value for value, _ in read_json(text)]
    except BrokenManifest as error:
        line = error.line
    else:
        line = 1
        assert len(found) != 1 or [json.loads(text)] == found
    assert 1 <= line <= text.count("\n") + 1


def test_the_deepest_that_is_allowed_is_read() -> None:
    depth = limits.MANIFEST_DEPTH
    text = "[" * depth + "]" * depth
    assert [value for value, _ in read_json(text)] == [json.loads(text)]
