"""Hints for trafficDistribution."""

from typing import Any

import pytest

from resolver.controlplane.controllers.endpoint_hints import remove_hints, set_hints
from resolver.controlplane.controllers.endpoint_slice_packing import SliceDraft
from resolver.controlplane.resources import ENDPOINT_SLICES
from resolver.controlplane.stored_object import stored

ZONE = {"forZones": [{"name": "z"}]}
NODE = {"forNodes": [{"name": "n"}]}


def draft(**endpoint: Any) -> SliceDraft:
    """A stored slice with one endpoint, unchanged."""
    full = {"addresses": ["10.0.0.1"], "conditions": {"ready": True}, **endpoint}
    metadata = {"name": "s", "namespace": "shop"}
    value = {"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", "metadata": metadata}
    return SliceDraft(stored(ENDPOINT_SLICES, value, 1), [full], [], {})


@pytest.mark.parametrize(
    ("endpoint", "distribution", "hints"),
    [
        ({"zone": "z", "nodeName": "n"}, "PreferClose", ZONE),
        ({"zone": "z", "nodeName": "n"}, "PreferSameNode", {**ZONE, **NODE}),
        ({"nodeName": "n"}, "PreferSameNode", NODE),
        ({"nodeName": "n", "hints": NODE}, "PreferSameZone", None),
        ({"zone": "z", "hints": {"forZones": [{"name": "y"}]}}, "PreferSameZone", ZONE),
    ],
)
def test_ready_endpoints_get_the_hints_of_their_zone_and_node(
    endpoint: dict[str, Any], distribution: str, hints: dict[str, Any] | None
) -> None:
    found = draft(**endpoint)
    set_hints([found], distribution)
    assert (found.endpoints[0].get("hints"), found.changed) == (hints, True)
    found.changed = False
    set_hints([found], distribution)
    assert not found.changed


def test_an_endpoint_that_is_not_ready_is_left_alone() -> None:
    found = draft(zone="z", conditions={"ready": False})
    set_hints([found], "PreferClose")
    assert ("hints" in found.endpoints[0], found.changed) == (False, False)


def test_hints_are_taken_away() -> None:
    found, clean = draft(zone="z", hints=ZONE), draft(zone="z")
    remove_hints([found, clean])
    assert ("hints" in found.endpoints[0], found.changed, clean.changed) == (False, True, False)
