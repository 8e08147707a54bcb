"""How endpoints are spread over slices (S19)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.controlplane.controllers.endpoint_slice_packing import (
    EndpointKey,
    SliceDraft,
    alike,
    endpoint_key,
    pack,
    port_key,
)
from resolver.controlplane.resources import ENDPOINT_SLICES
from resolver.controlplane.stored_object import stored


def endpoint(number: int, *, ready: bool = True) -> dict[str, Any]:
    return {"addresses": [f"10.0.{number // 250}.{number % 250}"], "conditions": {"ready": ready}}


def draft(*numbers: int, labels: dict[str, str] | None = None) -> SliceDraft:
    """A stored slice with these endpoints."""
    metadata = {"name": "s", "namespace": "shop"}
    value = {"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", "metadata": metadata}
    return SliceDraft(stored(ENDPOINT_SLICES, value, 1), [endpoint(each) for each in numbers], [], labels or {})


def wanted(*numbers: int) -> dict[EndpointKey, dict[str, Any]]:
    return {endpoint_key(each): each for each in map(endpoint, numbers)}


@pytest.mark.parametrize(
    ("existing", "numbers", "sizes", "changed"),
    [
        ([], range(7), [3, 3, 1], 3),
        ([range(3)], range(3), [3], 0),
        ([range(2)], range(3), [3], 1),
        ([range(1), range(10, 12)], [0, 10, 11, 20], [1, 3], 1),
        ([range(1), range(10, 12)], [0, 10, 11, 20, 21], [3, 2], 1),
        ([range(3), range(10, 12)], [0, 1, 10, 11, 20], [3, 2], 1),
        ([range(3), range(10, 13)], [0, 1, 10, 20, 21, 22], [3, 3], 2),
        ([range(2), range(10, 12)], [*range(2), *range(10, 12), *range(20, 24)], [3, 2, 3], 2),
        ([range(3)], [], [], 0),
    ],
)
def test_slices_are_filled_as_the_real_controller_fills_them(
    existing: list[Any], numbers: Any, sizes: list[int], changed: int
) -> None:
    packed = pack([draft(*each) for each in existing], wanted(*numbers), [], {}, 3)
    assert [len(each.endpoints) for each in packed.kept] == sizes
    assert sum(each.changed for each in packed.kept) == changed
    assert len(packed.gone) == (1 if existing and not sizes else 0)


def test_labels_are_set_where_the_services_own_differ() -> None:
    labels = {"tier": "front", "kubernetes.io/service-name": "web"}
    same = draft(1, labels={"tier": "front", "kubernetes.io/service-name": "other"})
    different = draft(2, labels={"tier": "back"})
    pack([same, different], wanted(1, 2), [], labels, 3)
    assert (same.changed, different.changed, different.labels) == (False, True, labels)


def test_an_endpoint_that_differs_changes_its_slice() -> None:
    found = draft(1)
    key = endpoint_key(endpoint(1))
    pack([found], {key: endpoint(1, ready=False)}, [], {}, 3)
    assert (found.changed, found.endpoints[0]["conditions"]) == (True, {"ready": False})


def test_what_makes_endpoints_and_ports_equal() -> None:
    one = {**endpoint(1), "targetRef": {"kind": "Pod", "namespace": "shop", "name": "a", "resourceVersion": "1"}}
    other = {**one, "hints": {}, "targetRef": {**one["targetRef"], "resourceVersion": "2"}}
    assert alike(one, other)
    assert not alike(one, {**one, "zone": "z"})
    http, dns = {"name": "http", "protocol": "TCP", "port": 80}, {"name": "", "protocol": "UDP", "port": 53}
    assert port_key([http, dns]) == port_key([dns, http]) != port_key([{**http, "appProtocol": "h2c"}, dns])


@given(
    st.lists(st.lists(st.integers(0, 60), max_size=5, unique=True), max_size=5),
    st.lists(st.integers(0, 60), unique=True),
)
def test_every_endpoint_is_in_one_slice_and_none_is_too_large(existing: list[list[int]], numbers: list[int]) -> None:
    seen: set[int] = set()
    slices = []
    for each in existing:
        slices.append(draft(*(number for number in each if number not in seen)))
        seen.update(each)
    packed = pack(slices, wanted(*numbers), [], {}, 5)
    found = [endpoint_key(each) for item in packed.kept for each in item.endpoints]
    assert sorted(found) == sorted(wanted(*numbers))
    assert all(len(each.endpoints) <= 5 for each in packed.kept)
