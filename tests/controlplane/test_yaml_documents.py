"""YAML with places: what is read, what kubectl would not read either, and files made to hurt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver import limits
from resolver.controlplane.manifest_places import BrokenManifest
from resolver.controlplane.yaml_documents import read_yaml

READ = [
    ("", []),
    ("# nothing\n", []),
    ("---\n---\n", [None, None]),
    ("a: b\n---\n- 1\n- x\n...\n---\nc\n", [{"a": "b"}, [1, "x"], "c"]),
    ("{a: [1, {b: c}], 'no': no}", [{"a": [1, {"b": "c"}], "no": False}]),
    (
        "1: a\n0x10: b\n1.5: c\n2001-01-01: d\nyes: e",
        [{"1": "a", "16": "b", "1.5": "c", "2001-01-01": "d", "true": "e"}],
    ),
    ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", [{"a": "x\ny\n", "b": "x y"}]),
    ("a: &x {b: [1]}\nc: *x\nd: *x", [{"a": {"b": [1]}, "c": {"b": [1]}, "d": {"b": [1]}}]),
    ("a: &k b\nc: {*k : 1}", [{"a": "b", "c": {"b": 1}}]),
    ("x: &a {q: 1}\nw: {<<: *a, z: 2}", [{"x": {"q": 1}, "w": {"q": 1, "z": 2}}]),
    ("x: &a {q: 1}\nz: {<<: [*a, {q: 3, w: 4}]}", [{"x": {"q": 1}, "z": {"q": 1, "w": 4}}]),
    ("x: &a {q: 1}\nw: {<<: *a, q: 2}", [{"x": {"q": 1}, "w": {"q": 2}}]),
    ("x: &a {q: 1}\nw: {q: 2, <<: *a}", [{"x": {"q": 1}, "w": {"q": 1}}]),
    ("'<<': 3", [{"<<": 3}]),
    ("a: &a 1\nb: &a 2\nc: *a", [{"a": 1, "b": 2, "c": 2}]),
    ("a: !!set {b, c}\nd: !mine {e: 1}", [{"a": {"b": None, "c": None}, "d": {"e": 1}}]),
    ("%YAML 1.1\n---\na: b", [{"a": "b"}]),
]


@pytest.mark.parametrize(("text", "values"), READ)
def test_documents_are_read_as_kubectl_reads_them(text: str, values: list[object]) -> None:
    assert [value for value, _ in read_yaml(text)] == values


BROKEN = [
    ("a: 1\nb: 2\na: 3", 3, "has the key 'a' twice; the first is on line 1"),
    ("x: &a {q: 1}\ny:\n  q: 1\n  <<: *a\n  q: 2\n  q: 3", 6, "has the key 'q' twice; the first is on line 5"),
    ("a:\n\tb: c", 2, "a tab cannot indent"),
    ("a: b: c", 1, "needs quotes"),
    ("a:\n  b: 1\n c: 2", 3, "the indentation is off"),
    ("a: 'b\n\nc", 3, "that begins on line 1 (a quote is never closed)"),
    ("a: [1,2", 1, "did not find expected ',' or ']'"),
    ("a:\n  b: {{ .Values.name }}", 2, "is a template's: render it first"),
    ("{{- if .Values.x }}\na: b\n{{- end }}", 1, "render it first"),
    ("? [a]\n: b", 1, "has a list or a mapping as a key; a key is text"),
    ("~: 1", 1, "has null as a key; a key is text"),
    ("a: *b", 1, "has an alias *b without an anchor &b before it"),
    ("a: &b 1\n---\nc: *b", 3, "has an alias *b without"),
    ("\na: &b\n  c: *b", 3, "has the alias *b within what it stands for"),
    ("a: 1\n<<: 3", 2, "has << with something that is no mapping"),
    ("a: .inf", 1, ".inf is no number that JSON has"),
    ("a: b\nc: !!int x", 2, "'x' is no integer"),
    ("a: ü\nb: \x07", 2, "has a character that YAML does not allow: #x0007"),
    ("%FOO\n---\na", 1, "found unknown directive name"),
    ("a: '\\x'\nb: \"\\q\"", 2, "found unknown escape character"),
]


@pytest.mark.parametrize(("text", "line", "message"), BROKEN)
def test_what_is_broken_is_told_with_its_line_and_a_way_out(text: str, line: int, message: str) -> None:
    with pytest.raises(BrokenManifest) as caught:
        list(read_yaml(text))
    assert caught.value.line == line
    assert message in caught.value.message


def test_places_are_those_of_the_keys() -> None:
    ((_, place),) = read_yaml("# a shop\nspec:\n  ports:\n\n  - name: http\n    port: 80\n  -\n    port:\n      8080\n")
    lines = {
        field: place.find(field).line for field in ("spec", "spec.ports", "spec.ports[0].port", "spec.ports[1].port")
    }
    assert lines == {"spec": 2, "spec.ports": 3, "spec.ports[0].port": 6, "spec.ports[1].port": 8}
    assert place.line == 2


def test_an_alias_stands_where_it_is_written_and_its_parts_where_the_anchor_is() -> None:
    ((_, place),) = read_yaml("a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n")
    assert [place.find(field).line for field in ("c", "c.b", "d.b")] == [3, 2, 2]


def test_what_was_read_as_something_else_than_text_is_remembered_as_written() -> None:
    ((_, place),) = read_yaml("a: no\nb: 1.10\nc: 'no'\nd: text")
    assert [place.find(field).written for field in "abcd"] == ["no", "1.10", "", ""]


def test_aliases_are_copies() -> None:
    ((value, _),) = read_yaml("a: &x {b: [1]}\nc: *x")
    value["c"]["b"].append(2)
    assert value["a"] == {"b": [1]}


def test_aliases_of_aliases_are_counted_not_built() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 20)]
    with pytest.raises(BrokenManifest, match=str(limits.MANIFEST_ALIASED)) as caught:
        list(read_yaml("\n".join(lines)))
    assert caught.value.line <= 6


def test_aliases_cannot_nest_deeper_than_brackets() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, limits.MANIFEST_DEPTH + 2)]
    with pytest.raises(BrokenManifest, match="nested deeper"):
        list(read_yaml("\n".join(lines)))


@pytest.mark.parametrize("opening", ["[", "- ", "{a: ", "? "])
def test_brackets_without_end_are_refused(opening: str) -> None:
    with pytest.raises(BrokenManifest, match=r"nested deeper|as a key"):
        list(read_yaml(opening * 100_000))


def test_the_deepest_that_is_allowed_is_read() -> None:
    depth = limits.MANIFEST_DEPTH
    ((value, _),) = read_yaml("[" * depth + "]" * depth)
    for _ in range(depth - 1):
        (value,) = value
    assert value == []


@given(st.text(alphabet="ab:-&*<>{}[],'\"|!%#? \n\t~01.", max_size=60))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    line = 1
    try:
        list(read_yaml(text))
    except BrokenManifest as error:
        line = error.line
    assert 1 <= line <= text.count("\n") + 1
