"""How endpoints are spread over slices, as the EndpointSlice controller does it (k8s.io/endpointslice reconciler.go).

Pure: drafts of slices in, drafts out. Endpoints keep the slice they are in; slices that must change anyway are filled
first, and one that need not change is touched only where it takes all that is left.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from resolver.controlplane.stored_object import JsonObject, StoredObject

EndpointKey = tuple[tuple[str, ...], str, str, str]
"""What makes two endpoints the same: addresses, hostname, namespace and name of what is behind them."""

PortKey = tuple[tuple[str, str, int, str | None], ...]
"""A set of ports: (name, protocol, number, appProtocol), sorted."""

Labels = Mapping[str, str]

RESERVED_LABELS: Final = (
    "kubernetes.io/service-name",
    "endpointslice.kubernetes.io/managed-by",
    "service.kubernetes.io/headless",
)
"""Those that slices have of their own; a Service's values for them are ignored."""

_COMPARED: Final = ("nodeName", "zone", "conditions")


class SliceDraft:
    """A slice as it shall be. `before`: as it is stored, None for a new one. `changed`: it differs from that."""

    __slots__ = ("before", "changed", "endpoints", "labels", "ports")

    def __init__(
        self,
        before: StoredObject | None,
        endpoints: list[JsonObject],
        ports: list[JsonObject],
        labels: Labels,
    ) -> None:
        self.before = before
        self.endpoints = endpoints
        self.ports = ports
        self.labels = labels
        self.changed = before is None


class Packed(NamedTuple):
    """The slices that are kept or made, and those that go."""

    kept: list[SliceDraft]
    gone: list[SliceDraft]


def draft_of(item: StoredObject) -> SliceDraft:
    """A stored slice, unchanged."""
    value = item.object
    labels = value["metadata"].get("labels", {})
    return SliceDraft(item, list(value["endpoints"] or ()), list(value["ports"] or ()), labels)


def port_key(ports: Iterable[JsonObject]) -> PortKey:
    """Equal for ports that differ in order only."""
    found = ((each["name"], each["protocol"], each.get("port", 0), each.get("appProtocol")) for each in ports)
    return tuple(sorted(found, key=lambda port: (*port[:3], port[3] or "")))


def endpoint_key(endpoint: JsonObject) -> EndpointKey:
    target = endpoint.get("targetRef") or {}
    hostname = endpoint.get("hostname", "")
    return tuple(sorted(endpoint["addresses"])), hostname, target.get("namespace", ""), target.get("name", "")


def alike(one: JsonObject, other: JsonObject) -> bool:
    """Two endpoints of the same key have nothing else that is different; hints and versions do not count."""
    if any(one.get(field) != other.get(field) for field in _COMPARED):
        return False
    return _target(one) == _target(other)


def _target(endpoint: JsonObject) -> dict[str, Any]:
    target = endpoint.get("targetRef") or {}
    return {key: value for key, value in target.items() if key != "resourceVersion"}


def pack(
    existing: Sequence[SliceDraft],
    desired: dict[EndpointKey, JsonObject],
    ports: list[JsonObject],
    labels: Labels,
    most: int,
) -> Packed:
    """Spreads the endpoints of one port set and family over slices of at most `most`; `desired` is used up.

    `existing`: its slices so far. A slice that changes or whose labels are not the Service's gets `labels`.
    """
    packed = Packed([], [])
    for draft in existing:
        _keep(draft, desired, labels, packed)
    for draft in sorted((each for each in packed.kept if each.changed), key=lambda each: -len(each.endpoints)):
        _fill(draft, desired, most)
    while desired:
        room = _closest_to_full(packed.kept, len(desired), most) if len(desired) < most else None
        if room is None:
            room = SliceDraft(None, [], ports, labels)
            packed.kept.append(room)
        _fill(room, desired, most)
        room.changed = True
    return packed


def own_labels(labels: Labels) -> dict[str, str]:
    """Those that come from the Service."""
    return {key: value for key, value in labels.items() if key not in RESERVED_LABELS}


def _keep(draft: SliceDraft, desired: dict[EndpointKey, JsonObject], labels: Labels, packed: Packed) -> None:
    """Takes the endpoints that are still wanted out of `desired`; a slice that had some and has none left is gone."""
    kept = []
    different = False
    for endpoint in draft.endpoints:
        wanted = desired.pop(endpoint_key(endpoint), None)
        if wanted is not None:
            kept.append(wanted)
            different = different or not alike(wanted, endpoint)
    different = different or len(kept) != len(draft.endpoints)
    if different and not kept:
        packed.gone.append(draft)
        return
    if different:
        draft.endpoints = kept
    if different or own_labels(draft.labels) != own_labels(labels):
        draft.labels = labels
        draft.changed = True
    packed.kept.append(draft)


def _fill(draft: SliceDraft, desired: dict[EndpointKey, JsonObject], most: int) -> None:
    for key in list(islice(desired, max(most - len(draft.endpoints), 0))):
        draft.endpoints.append(desired.pop(key))


def _closest_to_full(drafts: Iterable[SliceDraft], more: int, most: int) -> SliceDraft | None:
    """The unchanged slice that takes `more` endpoints and is fullest then."""
    fitting = [each for each in drafts if not each.changed and len(each.endpoints) <= most - more]
    return max(fitting, key=lambda each: len(each.endpoints), default=None)
