import pytest

from resolver.controlplane.patches.merge_schema import LIST, OBJECT, SCALAR, NoKey, kind_schema

SERVICE = kind_schema("v1", "Service")
SPEC = SERVICE.inside("spec")


def test_a_kind_has_its_head_and_its_fields() -> None:
    assert {"apiVersion", "kind", "metadata", "spec", "status"} == set(SERVICE.fields)
    assert (SERVICE.kind, SPEC.kind, SPEC.inside("ports").kind) == (OBJECT, OBJECT, LIST)


def test_what_is_owned_whole_is_a_leaf() -> None:
    leaves = {name: SPEC.inside(name).leaf for name in ("clusterIP", "clusterIPs", "selector", "ports")}
    assert leaves == {"clusterIP": True, "clusterIPs": True, "selector": True, "ports": False}
    assert not SERVICE.inside("metadata").inside("labels").leaf
    assert SPEC.inside("ports").inside("").inside("targetPort").kind == SCALAR


@pytest.mark.parametrize(
    ("item", "key"),
    [
        ({"port": 80}, 'k:{"port":80,"protocol":"TCP"}'),
        ({"protocol": "UDP", "port": 80, "name": "x"}, 'k:{"port":80,"protocol":"UDP"}'),
        ({"name": "x"}, 'k:{"port":0,"protocol":"TCP"}'),
        ({"port": "<"}, 'k:{"port":"\\u003c","protocol":"TCP"}'),
    ],
)
def test_items_are_told_apart_by_keys_and_their_defaults(item: object, key: str) -> None:
    assert SPEC.inside("ports").item_key(item) == key


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (None, "associative list with keys may not have a null element"),
        ("x", "associative list with keys may not have non-map elements"),
    ],
)
def test_items_that_nothing_tells_apart_are_refused(item: object, message: str) -> None:
    with pytest.raises(NoKey, match=message):
        SPEC.inside("ports").item_key(item)


def test_items_of_a_set_are_their_own_keys() -> None:
    finalizers = SERVICE.inside("metadata").inside("finalizers")
    assert finalizers.item_key("x/a") == 'v:"x/a"'
    with pytest.raises(NoKey, match="map type"):
        finalizers.item_key({})


def test_only_declared_fields_may_be_there() -> None:
    assert SPEC.declares("ports")
    assert not SPEC.declares("ipFamily")
    assert SERVICE.inside("metadata").inside("labels").declares("anything")
