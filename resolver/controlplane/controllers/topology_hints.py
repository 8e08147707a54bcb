"""Hints that share endpoints out among zones: annotation service.kubernetes.io/topology-mode (k8s.io/endpointslice
topologycache). Each zone gets endpoints in proportion to the CPU of its nodes, its own ones first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Final, NamedTuple

from resolver.controlplane.controllers.endpoint_hints import hinted, is_ready, remove_hints
from resolver.controlplane.controllers.endpoint_slice_packing import SliceDraft
from resolver.controlplane.controllers.node_facts import NodeFacts
from resolver.controlplane.stored_object import JsonObject

OVERLOAD: Final = 0.2
"""By how much more than its share an endpoint may have to serve."""

_ANNOTATIONS: Final = ("service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode")


def wants_topology(annotations: Mapping[str, str]) -> bool:
    """The older annotation, where it is there, is the one that counts."""
    told = next((annotations[each] for each in _ANNOTATIONS if each in annotations), "")
    return told in ("Auto", "auto")


class _Share(NamedTuple):
    """Of a zone: endpoints it needs at least, may have at most, and should have."""

    least: int
    most: int
    desired: float


def zone_ratios(nodes: Iterable[NodeFacts]) -> dict[str, float]:
    """Each zone's part of the CPU of all ready workers; empty where that is not known, or there are not two zones."""
    cpu: Counter[str] = Counter()
    for node in nodes:
        if node.is_worker and node.ready:
            if not node.zone or not node.cpu:
                return {}
            cpu[node.zone] += node.cpu
    return {zone: each / cpu.total() for zone, each in cpu.items()} if len(cpu) > 1 else {}


def is_overloaded(counts: Mapping[str, int], ratios: Mapping[str, float]) -> bool:
    """The zones' endpoints, as they are hinted, no longer fit the nodes."""
    total = sum(counts.values())
    if not counts or not ratios:
        return bool(counts)
    return any(counts.get(zone, -1) < ceil(total * ratio / (1 + OVERLOAD)) for zone, ratio in ratios.items())


def share_out(drafts: Sequence[SliceDraft], ratios: Mapping[str, float]) -> dict[str, int]:
    """Hints the endpoints of one family; the result is how many each zone has, none where there can be no hints."""
    ready = [each for draft in drafts for each in draft.endpoints if is_ready(each)]
    shares = _shares(ratios, len(ready))
    if not shares:
        remove_hints(drafts)
        return {}
    counts: Counter[str] = Counter()
    for draft in drafts:
        found = None if draft.changed else _kept_hints(draft, counts, shares)
        if found is None:
            draft.changed = True
        else:
            counts.update(found)
    changed = [each for each in drafts if each.changed]
    if not all(each.get("zone") for draft in changed for each in draft.endpoints if is_ready(each)):
        remove_hints(drafts)
        return {}
    for draft in changed:
        draft.endpoints = [_to_zone(each, each["zone"]) if is_ready(each) else each for each in draft.endpoints]
        counts.update(each["zone"] for each in draft.endpoints if is_ready(each))
    _redistribute(changed, counts, shares)
    return dict(counts)


def _shares(ratios: Mapping[str, float], endpoints: int) -> dict[str, _Share]:
    """None where no shares keep all endpoints below the overload."""
    if len(ratios) < 2 or len(ratios) > endpoints:
        return {}
    least = {zone: ceil(ratio * endpoints / (1 + OVERLOAD)) for zone, ratio in ratios.items()}
    spare = endpoints - sum(least.values())
    if spare < 0:
        return {}
    return {
        zone: _Share(least[zone], least[zone] + spare, max(ratio * endpoints, least[zone]))
        for zone, ratio in ratios.items()
    }


def _kept_hints(draft: SliceDraft, counts: Mapping[str, int], shares: Mapping[str, _Share]) -> Counter[str] | None:
    """The hints of a slice that can stay as it is; None where it cannot."""
    found: Counter[str] = Counter()
    for each in draft.endpoints:
        if not is_ready(each):
            continue
        zones = [zone["name"] for zone in each.get("hints", {}).get("forZones", ())]
        if not zones or any(zone not in shares for zone in zones):
            return None
        found.update(zones)
    if any(count + counts.get(zone, 0) > shares[zone].most for zone, count in found.items()):
        return None
    return found


def _redistribute(drafts: Iterable[SliceDraft], counts: Counter[str], shares: Mapping[str, _Share]) -> None:
    """Moves hints from zones that have too many to those that have too few."""
    giving, receiving = _gifts(counts, shares)
    for draft in drafts:
        for place, endpoint in enumerate(draft.endpoints):
            giver = endpoint.get("zone", "")
            if not is_ready(endpoint) or not giving.get(giver) or not receiving:
                continue
            receiver = next(iter(receiving))
            draft.endpoints[place] = _to_zone(endpoint, receiver)
            for zones, zone in ((giving, giver), (receiving, receiver)):
                zones[zone] -= 1
                if not zones[zone]:
                    del zones[zone]
            counts[giver] -= 1
            counts[receiver] += 1


def _gifts(counts: Mapping[str, int], shares: Mapping[str, _Share]) -> tuple[Counter[str], Counter[str]]:
    """How many endpoints each zone gives, and how many each receives."""
    over = {zone: counts.get(zone, 0) - share.desired for zone, share in shares.items()}
    giving: Counter[str] = Counter()
    receiving: Counter[str] = Counter()
    while True:
        giver, receiver = max(over, key=over.__getitem__), min(over, key=over.__getitem__)
        much, few = over[giver], -over[receiver]
        if min(much, few) < 0.5 or max(much, few) < 1:
            return giving, receiving
        giving[giver] += 1
        receiving[receiver] += 1
        over[giver] -= 1
        over[receiver] += 1


def _to_zone(endpoint: JsonObject, zone: str) -> JsonObject:
    return hinted(endpoint, {"forZones": [{"name": zone}]})
