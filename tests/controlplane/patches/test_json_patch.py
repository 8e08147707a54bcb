from typing import Any

import pytest

from resolver.controlplane.patches.json_patch import PatchFails, apply_json_patch, unknown_members

DOCUMENT: dict[str, Any] = {"a": {"b": 1, "x/y": 2, "m~n": 3}, "list": [1, 2, 3]}


@pytest.mark.parametrize(
    ("operation", "path", "result"),
    [
        ({"op": "add", "path": "/a/c", "value": 5}, ("a", "c"), 5),
        ({"op": "add", "path": "/a/c"}, ("a", "c"), None),
        ({"op": "add", "path": "/list/1", "value": 9}, ("list",), [1, 9, 2, 3]),
        ({"op": "add", "path": "/list/-", "value": 9}, ("list",), [1, 2, 3, 9]),
        ({"op": "add", "path": "/list/3", "value": 9}, ("list",), [1, 2, 3, 9]),
        ({"op": "add", "path": "/list/-1", "value": 9}, ("list",), [1, 2, 3, 9]),
        ({"op": "remove", "path": "/list/-1"}, ("list",), [1, 2]),
        ({"op": "remove", "path": "/list/0"}, ("list",), [2, 3]),
        ({"op": "replace", "path": "/a/b", "value": {}}, ("a", "b"), {}),
        ({"op": "replace", "path": "/a/new", "value": 1}, ("a", "new"), 1),
        ({"op": "replace", "path": "/list/2", "value": 9}, ("list",), [1, 2, 9]),
        ({"op": "replace", "path": "/a/x~1y", "value": 9}, ("a", "x/y"), 9),
        ({"op": "replace", "path": "/a/m~0n", "value": 9}, ("a", "m~n"), 9),
        ({"op": "replace", "path": "", "value": {"z": 1}}, ("z",), 1),
        ({"op": "move", "from": "/a/b", "path": "/list/0"}, ("list",), [1, 1, 2, 3]),
        ({"op": "copy", "from": "/list", "path": "/a/b"}, ("a", "b"), [1, 2, 3]),
        ({"op": "test", "path": "/a/b", "value": 1}, ("a", "b"), 1),
        ({"op": "test", "path": "", "value": DOCUMENT}, ("a", "b"), 1),
    ],
)
def test_an_operation_does_what_it_says(operation: dict[str, Any], path: tuple[str, ...], result: Any) -> None:
    found = apply_json_patch(DOCUMENT, [operation])
    for key in path:
        found = found[key]
    assert found == result


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/a/b", "value": 2},
        {"op": "test", "path": "/a/b", "value": True},
        {"op": "remove", "path": "/a/nothing"},
        {"op": "remove", "path": "/list/3"},
        {"op": "remove", "path": ""},
        {"op": "add", "path": "/list/5", "value": 1},
        {"op": "add", "path": "/list/x", "value": 1},
        {"op": "add", "path": "/nothing/here", "value": 1},
        {"op": "add", "path": "/a/b/c", "value": 1},
        {"op": "add"},
        {"op": "move", "path": "/a/b"},
        {"op": "replace", "path": "", "value": 1},
        {"op": "replace", "path": "/list/1_0", "value": 1},
        {"op": "foo", "path": "/a"},
        {"path": "/a"},
    ],
)
def test_what_cannot_be_done_fails(operation: dict[str, Any]) -> None:
    with pytest.raises(PatchFails):
        apply_json_patch(DOCUMENT, [operation])


def test_the_document_given_stays_as_it_was() -> None:
    before = {"list": [1], "a": {"b": 1}}
    apply_json_patch(before, [{"op": "remove", "path": "/list/0"}, {"op": "add", "path": "/a/c", "value": 1}])
    assert before == {"list": [1], "a": {"b": 1}}


def test_members_that_no_operation_has_are_named() -> None:
    assert unknown_members([{"op": "add", "foo": 1}, {"bar": 2}, 3]) == ["[0].foo", "[1].bar"]
