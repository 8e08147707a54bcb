"""Hints of endpoints for Services with trafficDistribution (k8s.io/endpointslice trafficdist)."""

from collections.abc import Iterable
from typing import Final

from resolver.controlplane.controllers.endpoint_slice_packing import SliceDraft
from resolver.controlplane.stored_object import JsonObject

SAME_NODE: Final = "PreferSameNode"
CLOSE: Final = ("PreferClose", "PreferSameZone", SAME_NODE)
"""Values of spec.trafficDistribution that make hints."""


def set_hints(drafts: Iterable[SliceDraft], distribution: str) -> None:
    """Hints each ready endpoint to its zone, and with PreferSameNode to its node; drafts that differ become changed."""
    by_node = distribution == SAME_NODE
    for draft in drafts:
        told = [hinted(each, _hints(each, by_node)) if is_ready(each) else each for each in draft.endpoints]
        if told != draft.endpoints:
            draft.endpoints = told
            draft.changed = True


def remove_hints(drafts: Iterable[SliceDraft]) -> None:
    """Drafts that had any become changed."""
    for draft in drafts:
        if any("hints" in each for each in draft.endpoints):
            draft.changed = True
            draft.endpoints = [hinted(each, None) for each in draft.endpoints]


def is_ready(endpoint: JsonObject) -> bool:
    """conditions.ready is true."""
    return bool(endpoint["conditions"].get("ready"))


def _hints(endpoint: JsonObject, by_node: bool) -> JsonObject | None:
    hints: JsonObject = {}
    if "zone" in endpoint:
        hints["forZones"] = [{"name": endpoint["zone"]}]
    if by_node and "nodeName" in endpoint:
        hints["forNodes"] = [{"name": endpoint["nodeName"]}]
    return hints or None


def hinted(endpoint: JsonObject, hints: JsonObject | None) -> JsonObject:
    """The endpoint with these hints, or without any."""
    fresh = {key: value for key, value in endpoint.items() if key != "hints"}
    if hints is not None:
        fresh["hints"] = hints
    return fresh
