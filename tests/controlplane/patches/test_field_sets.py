from typing import Any

import pytest

from resolver.controlplane.patches.field_sets import (
    MEMBER,
    difference,
    from_fields,
    intersection,
    of_paths,
    shown_paths,
    to_fields,
    union,
    with_named_fields,
    without,
)
from resolver.controlplane.patches.merge_schema import kind_schema

FIELDS = {
    "f:metadata": {"f:labels": {".": {}, "f:a": {}}},
    "f:spec": {
        "f:ports": {
            'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:name": {}},
            'k:{"port":443,"protocol":"TCP"}': {".": {}},
        },
        "f:selector": {},
    },
}
PATHS = from_fields(FIELDS)


def test_what_is_read_is_written_again_in_the_api_s_order() -> None:
    again = to_fields(PATHS)
    assert again["f:metadata"] == FIELDS["f:metadata"]
    assert list(again["f:spec"]["f:ports"]) == ['k:{"port":80,"protocol":"TCP"}', 'k:{"port":443,"protocol":"TCP"}']
    assert again["f:spec"]["f:ports"]['k:{"port":443,"protocol":"TCP"}'] == {}


def test_keys_are_read_however_they_are_spelt() -> None:
    spelt: dict[str, Any] = {"f:spec": {"f:ports": {'k:{"protocol": "TCP", "port": 80}': {}}}}
    assert list(shown_paths(from_fields(spelt))) == ['.spec.ports[port=80,protocol="TCP"]']


@pytest.mark.parametrize("wrong", [1, {"x": {}}, {"f:a": 1}, {"z:a": {}}])
def test_what_is_no_set_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"no (object|path element)"):
        from_fields(wrong)


def test_union_intersection_and_difference_are_those_of_sets() -> None:
    one, other = of_paths([("a",), ("b", "c")]), of_paths([("b", "c"), ("b", "d")])
    assert union(one, other) == of_paths([("a",), ("b", "c"), ("b", "d")])
    assert intersection(one, other) == of_paths([("b", "c")])
    assert difference(one, other) == of_paths([("a",)])
    assert difference(one, one) == {}


def test_a_difference_leaves_what_lies_below_but_a_prefix_takes_it() -> None:
    paths = of_paths([("a",), ("a", "b")])
    assert difference(paths, of_paths([("a",)])) == of_paths([("a", "b")])
    assert without(paths, of_paths([("a",)])) == {}


def test_named_fields_on_the_way_become_members() -> None:
    paths = of_paths([("metadata", "labels", "a")])
    named = with_named_fields(paths, kind_schema("v1", "Service"))
    assert list(shown_paths(named)) == [".metadata", ".metadata.labels", ".metadata.labels.a"]


def test_paths_are_shown_members_first() -> None:
    assert list(shown_paths(PATHS)) == [
        ".metadata.labels",
        ".metadata.labels.a",
        ".spec.selector",
        '.spec.ports[port=80,protocol="TCP"]',
        '.spec.ports[port=443,protocol="TCP"]',
        '.spec.ports[port=80,protocol="TCP"].name',
    ]
    assert list(shown_paths({'v:"x"': MEMBER, "v:1": MEMBER, "i:0": MEMBER})) == ["[=1]", '[="x"]', "[0]"]
