"""A file becomes the objects it holds: documents, Lists, JSON and YAML, and what is wrong with each."""

import pytest

from resolver.controlplane.manifests import read_manifest

OPEN_BRACKET = "is no YAML: did not find expected node content while parsing a flow node (a bracket is never closed)"
LIST = "apiVersion: v1\nkind: List\nitems:\n"
HEAD = "apiVersion: v1\nkind: Service\n"

READ = [
    (HEAD + "metadata: {name: a}\n---\n" + HEAD + "metadata: {name: b}\n", ["Service a", "Service b"], [1, 5]),
    ("# only a comment\n", [], []),
    ("", [], []),
    ("---\n---\nnull\n---\n" + HEAD, ["Service (no name)"], [5]),
    (
        '{"apiVersion":"v1","kind":"Pod"}\n{"apiVersion":"v1","kind":"Node"}',
        ["Pod (no name)", "Node (no name)"],
        [1, 2],
    ),
    ("{apiVersion: v1, kind: Pod}", ["Pod (no name)"], [1]),
    ('\ufeff{"apiVersion":"v1","kind":"Pod"}', ["Pod (no name)"], [1]),
    ("\ufeff" + HEAD, ["Service (no name)"], [1]),
    (
        LIST + "- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- {apiVersion: v1, kind: Node}\n",
        ["Pod a", "Node (no name)"],
        [4, 7],
    ),
    (
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSliceList\nmetadata: {}\nitems:\n- metadata: {name: a}\n",
        ["EndpointSlice a"],
        [5],
    ),
    (
        LIST + "- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod}\n",
        ["Pod (no name)"],
        [7],
    ),
    ("apiVersion: v1\nkind: List\nitems:\n", [], []),
    ("apiVersion: x.io/v1\nkind: AccessList\nspec: {}\n", ["AccessList (no name)"], [1]),
]


@pytest.mark.parametrize(("text", "subjects", "lines"), READ)
def test_a_file_becomes_its_objects(text: str, subjects: list[str], lines: list[int]) -> None:
    documents, problems = read_manifest(text.encode(), "a.yaml")
    assert problems == []
    assert [(document.subject, document.line) for document in documents] == list(zip(subjects, lines, strict=True))


def test_items_of_a_typed_list_are_told_what_they_are() -> None:
    ((document,), _) = read_manifest(b'{"apiVersion":"v1","kind":"ServiceList","items":[{"metadata":{}}]}', "a.json")
    assert (document.api_version, document.kind) == ("v1", "Service")


WRONG = [
    ("- a\n", "a.yaml:1: is a list; a manifest is a mapping that begins with apiVersion and kind"),
    ("text", "a.yaml:1: is text; a manifest is a mapping that begins with apiVersion and kind"),
    ("---\n7", "a.yaml:2: is 7; a manifest is a mapping that begins with apiVersion and kind"),
    ("apiVersion: v1", "a.yaml:1: kind: is missing; every object has one"),
    ("\nkind: Pod\n", "a.yaml:2: Pod: apiVersion: is missing: write apiVersion: v1"),
    ("kind: Pod\nmetadata:\n  name: web\n", "a.yaml:1: Pod web: apiVersion: is missing: write apiVersion: v1"),
    ("apiVersion: v1\nkind: 3", "a.yaml:2: kind: must be text, not 3"),
    ("kind: Pod\napiVersion: [v1]", "a.yaml:2: Pod: apiVersion: must be text, not a list"),
    ("apiVersion: v1\nkind: List\nitems: {}", "a.yaml:3: items: must be a list, not a mapping"),
    (LIST + "- 3", "a.yaml:4: is 3; a manifest is a mapping that begins with apiVersion and kind"),
    ("kind: Certificate", "a.yaml:1: Certificate: apiVersion: is missing; every object has one"),
    ("a: [", f"a.yaml:1: {OPEN_BRACKET}"),
    ("{a: [", f"a.yaml:1: {OPEN_BRACKET}"),
]


@pytest.mark.parametrize(("text", "problem"), WRONG)
def test_what_is_no_object_is_told_with_its_line(text: str, problem: str) -> None:
    documents, problems = read_manifest(text.encode(), "a.yaml")
    assert documents == []
    assert [str(each) for each in problems] == [problem]


def test_one_bad_document_keeps_the_others() -> None:
    documents, problems = read_manifest((HEAD + "---\nkind: Pod\n---\n" + HEAD).encode(), "a.yaml")
    assert [document.line for document in documents] == [1, 6]
    assert [problem.line for problem in problems] == [4]


def test_a_syntax_error_takes_the_whole_file() -> None:
    documents, problems = read_manifest((HEAD + "---\na: [\n").encode(), "a.yaml")
    assert documents == []
    assert len(problems) == 1


BYTES = [
    (b"\xff\xfea\x00", "a.yaml: is UTF-16; save it as UTF-8"),
    (b"a: b\nc: \xff", "a.yaml:2: is no UTF-8: byte 0xff; save it as UTF-8"),
]


@pytest.mark.parametrize(("data", "problem"), BYTES)
def test_other_encodings_are_named(data: bytes, problem: str) -> None:
    assert [str(each) for each in read_manifest(data, "a.yaml").problems] == [problem]


def test_a_json_file_must_hold_json() -> None:
    (problem,) = read_manifest(b"apiVersion: v1", "a.json").problems
    assert str(problem) == "a.json:1: is no JSON: 'a' where a value belongs"
