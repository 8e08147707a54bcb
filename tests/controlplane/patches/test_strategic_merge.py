from copy import deepcopy
from typing import Any

import pytest

from resolver.controlplane.patches.strategic_merge import BadPatch, apply_strategic_merge

SERVICE: dict[str, Any] = {
    "metadata": {"name": "cart", "labels": {"a": "1"}, "finalizers": ["x/a", "x/b"]},
    "spec": {
        "ports": [{"name": "http", "port": 80}, {"name": "admin", "port": 9000}],
        "clusterIPs": ["10.0.0.1"],
        "selector": {"app": "shop"},
    },
}
POD: dict[str, Any] = {
    "spec": {
        "containers": [{"name": "a", "image": "1", "env": [{"name": "E", "value": "1"}]}, {"name": "b", "image": "1"}],
        "volumes": [{"name": "v", "emptyDir": {}}],
    }
}


def _ports(patch: Any) -> list[Any]:
    merged = apply_strategic_merge("core.Service", deepcopy(SERVICE), {"spec": patch})
    return [each["port"] for each in merged["spec"]["ports"]]


@pytest.mark.parametrize(
    ("patch", "ports"),
    [
        ({"ports": [{"port": 81}]}, [81, 80, 9000]),
        ({"ports": [{"port": 80, "name": "web"}]}, [80, 9000]),
        ({"ports": [{"port": 9000, "$patch": "delete"}]}, [80]),
        ({"ports": [{"$patch": "replace"}, {"port": 7}]}, [7]),
        ({"$setElementOrder/ports": [{"port": 9000}, {"port": 80}]}, [9000, 80]),
        (
            {"$setElementOrder/ports": [{"port": 9000}, {"port": 1}, {"port": 80}], "ports": [{"port": 1}]},
            [9000, 1, 80],
        ),
        ({"$patch": "replace", "ports": [{"port": 1}]}, [1]),
    ],
)
def test_ports_are_merged_by_number(patch: Any, ports: list[int]) -> None:
    assert _ports(patch) == ports


def test_a_list_without_a_key_is_replaced() -> None:
    merged = apply_strategic_merge("core.Service", deepcopy(SERVICE), {"spec": {"clusterIPs": ["10.0.0.2"]}})
    assert merged["spec"]["clusterIPs"] == ["10.0.0.2"]


@pytest.mark.parametrize(
    ("patch", "finalizers"),
    [
        ({"finalizers": ["x/c"]}, ["x/c", "x/a", "x/b"]),
        ({"$deleteFromPrimitiveList/finalizers": ["x/a"]}, ["x/b"]),
        ({"$setElementOrder/finalizers": ["x/b", "x/a"]}, ["x/b", "x/a"]),
        ({"finalizers": None}, None),
    ],
)
def test_sets_of_texts_are_merged(patch: Any, finalizers: list[str] | None) -> None:
    merged = apply_strategic_merge("core.Service", deepcopy(SERVICE), {"metadata": patch})
    assert merged["metadata"].get("finalizers") == finalizers


def test_lists_inside_lists_are_merged_by_their_own_keys() -> None:
    patch = {"spec": {"containers": [{"name": "a", "env": [{"name": "F", "value": "2"}]}]}}
    merged = apply_strategic_merge("core.Pod", deepcopy(POD), patch)
    assert [each["name"] for each in merged["spec"]["containers"][0]["env"]] == ["F", "E"]
    assert merged["spec"]["containers"][0]["image"] == "1"


def test_retained_keys_are_all_that_remains() -> None:
    volume = {"name": "v", "hostPath": {"path": "/x"}, "$retainKeys": ["name", "hostPath"]}
    merged = apply_strategic_merge("core.Pod", deepcopy(POD), {"spec": {"volumes": [volume]}})
    assert merged["spec"]["volumes"] == [{"name": "v", "hostPath": {"path": "/x"}}]


def test_nulls_and_directives_never_become_part_of_an_object() -> None:
    patch = {"metadata": {"annotations": {"a": None, "b": "1"}}, "spec": {"externalIPs": None, "selector": None}}
    merged = apply_strategic_merge("core.Service", deepcopy(SERVICE), patch)
    assert merged["metadata"]["annotations"] == {"b": "1"}
    assert "selector" not in merged["spec"]


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        ({"$patch": "foo"}, 500, "unknown patch type: foo in map: map[]"),
        ({"spec": {"ports": [{"name": "q"}]}}, 500, "map: map[name:q] does not contain declared merge key: port"),
        ({"spec": {"ports": ["x"]}}, 500, "list element types are not identical"),
        ({"spec": {"$setElementOrder/ports": "x"}}, 500, "expected a []interface {}, but received a string"),
        (
            {"spec": {"$setElementOrder/foo": [1]}},
            500,
            'unable to find api field in struct ServiceSpec for the json field "foo"',
        ),
        ({"spec": {"$deleteFromPrimitiveList": [1]}}, 400, "invalid patch format of primitive list"),
        ({"spec": {"$retainKeys": 1}}, 400, "invalid patch format of retainKeys"),
        ({"spec": {"$retainKeys": ["ports"], "type": "x"}}, 400, "invalid patch format of retainKeys"),
        ({"spec": {"ports": [{"$patch": "merge"}]}}, 500, "merging lists cannot yet be specified in the patch"),
        (
            {"spec": {"$setElementOrder/ports": [{"port": 1}], "ports": [{"port": 2}]}},
            500,
            "The order in patch list:\n[map[port:2]]\n doesn't match $setElementOrder list:\n[map[port:1]]\n",
        ),
    ],
)
def test_patches_that_cannot_be_are_refused_as_recorded(patch: Any, code: int, message: str) -> None:
    with pytest.raises(BadPatch) as refused:
        apply_strategic_merge("core.Service", deepcopy(SERVICE), patch)
    assert refused.value.code == code
    assert refused.value.message.startswith(message)
