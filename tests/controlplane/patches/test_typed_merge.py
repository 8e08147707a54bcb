from typing import Any

import pytest

from resolver.controlplane.patches.field_sets import of_paths, shown_paths
from resolver.controlplane.patches.merge_schema import kind_schema
from resolver.controlplane.patches.typed_merge import SchemaMismatch, check, compare, field_set, merge, prune

SERVICE = kind_schema("v1", "Service")


def _shown(paths: Any) -> list[str]:
    return list(shown_paths(paths))


def test_a_comparison_tells_what_went_changed_and_came() -> None:
    old = {"spec": {"type": "ClusterIP", "selector": {"a": "1"}, "ports": [{"port": 80, "name": "x"}]}}
    new = {"spec": {"selector": {"a": "2"}, "ports": [{"port": 80, "name": "y"}, {"port": 81}]}}
    found = compare(SERVICE, old, new)
    assert _shown(found.removed) == [".spec.type"]
    assert _shown(found.modified) == [".spec.selector", '.spec.ports[port=80,protocol="TCP"].name']
    assert _shown(found.added) == [
        '.spec.ports[port=81,protocol="TCP"]',
        '.spec.ports[port=81,protocol="TCP"].port',
    ]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ([80, 80], [80, 80], ([], [], [])),
        ([80, 80], [80], (['[port=80,protocol="TCP"]'], [], ['[port=80,protocol="TCP"]'])),
        ([80], [80, 80], (['[port=80,protocol="TCP"]'], [], ['[port=80,protocol="TCP"]'])),
    ],
)
def test_items_that_are_there_twice_are_taken_together(old: Any, new: Any, changed: Any) -> None:
    before, after = ({"spec": {"ports": [{"port": each} for each in ports]}} for ports in (old, new))
    found = compare(SERVICE, before, after)
    firsts = [[path.removeprefix(".spec.ports") for path in _shown(each)][:1] for each in found]
    assert firsts == list(changed)


def test_the_fields_of_a_value_are_its_leaves_and_items() -> None:
    value = {"metadata": {"labels": {}}, "spec": {"ports": [{"port": 80}], "selector": {"a": "b"}}}
    assert _shown(field_set(SERVICE, value)) == [
        ".metadata.labels",
        ".spec.selector",
        '.spec.ports[port=80,protocol="TCP"]',
        '.spec.ports[port=80,protocol="TCP"].port',
    ]


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        ([1, 2, 3], [2], [1, 2, 3]),
        ([1, 2, 3], [3, 1], [2, 3, 1]),
        ([1, 2], [3], [1, 2, 3]),
        ([1, 2], [3, 2], [1, 3, 2]),
        ([], [2, 1], [2, 1]),
        ([1], [], [1]),
    ],
)
def test_lists_are_woven_in_the_order_of_the_new_one(old: list[int], new: list[int], merged: list[int]) -> None:
    before, after = ({"spec": {"ports": [{"port": each} for each in ports]}} for ports in (old, new))
    found = merge(SERVICE, before, after)
    assert [each["port"] for each in found["spec"]["ports"]] == merged


def test_pruning_takes_paths_away() -> None:
    value = {"metadata": {"labels": {"a": "1", "b": "2"}}, "spec": {"ports": [{"port": 80, "name": "x"}]}}
    gone = of_paths([("metadata", "labels", "a"), ("spec", "ports")])
    assert prune(SERVICE, value, gone) == {"metadata": {"labels": {"b": "2"}}, "spec": None}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"spec": {"foo": 1}}, ".spec.foo: field not declared in schema"),
        (
            {"spec": {"ports": [{"port": "80"}]}},
            '.spec.ports[port="80",protocol="TCP"].port: expected numeric (int or float), got string',
        ),
        (
            {"spec": {"ports": [{"name": 1, "port": 80}]}},
            '.spec.ports[port=80,protocol="TCP"].name: expected string, got &value.valueUnstructured{Value:1}',
        ),
        ({"spec": {"ports": {"a": 1}}}, ".spec.ports: expected list, got &{map[a:1]}"),
        ({"spec": {"publishNotReadyAddresses": "yes"}}, ".spec.publishNotReadyAddresses: expected boolean, got &{yes}"),
        (
            {"spec": {"ports": [{"port": 80}, {"port": 80}]}},
            '.spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
        ),
        (
            {"spec": {"ports": [None]}},
            ".spec.ports: element 0: associative list with keys may not have a null element",
        ),
        ({"spec": "x"}, ".spec: expected map, got &{x}"),
        (
            {"spec": {"clusterIPs": [1]}},
            ".spec.clusterIPs[0]: expected string, got &value.valueUnstructured{Value:1}",
        ),
        (
            {"spec": {"sessionAffinity": ["x"]}},
            '.spec.sessionAffinity: expected string, got &value.valueUnstructured{Value:[]interface {}{"x"}}',
        ),
        ({"metadata": {"finalizers": ["a", "a"]}}, '.metadata.finalizers: duplicate entries for key [="a"]'),
    ],
)
def test_what_is_not_of_its_type_is_told_as_recorded(value: Any, message: str) -> None:
    with pytest.raises(SchemaMismatch) as mismatch:
        check(SERVICE, value)
    assert str(mismatch.value) == message
