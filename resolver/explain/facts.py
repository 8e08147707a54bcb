"""What there is around a Service, whole: the raw objects, and how the resolver reads each of its slices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from resolver.cluster import raw
from resolver.cluster.objects import NAMESPACES, SERVICES, EndpointSlice
from resolver.cluster.reading import Detail, Reading
from resolver.explain.raw_objects import JsonObject, RawObjects, Unreadable


@dataclass(frozen=True, slots=True)
class SliceFacts:
    """A raw EndpointSlice and how it is read, by the code that fills the inventory.

    `kept`: of each kept address the numbers of its endpoint and of itself there; `dropped`: endpoints and the rule;
    `problems`: fields that cannot be used, and why.
    """

    object: JsonObject
    read: EndpointSlice | None
    kept: tuple[tuple[int, int], ...]
    dropped: tuple[tuple[int, str], ...]
    problems: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        metadata = self.object["metadata"]
        return f"{metadata.get('namespace', '')}/{metadata['name']}"


@dataclass(slots=True)
class ServiceFacts:
    """Everything of one Service's name; `service` None where there is none. `unreadable` says what is not known."""

    namespace: str
    name: str
    namespace_object: JsonObject | None = None
    service: JsonObject | None = None
    slices: Sequence[SliceFacts] = ()
    pods: Mapping[str, JsonObject] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    @property
    def selector(self) -> Mapping[str, str]:
        """spec.selector; empty where there is none."""
        return ((self.service or {}).get("spec") or {}).get("selector") or {}


async def gather(objects: RawObjects, namespace: str, name: str, detail: Detail, endpoint: str = "") -> ServiceFacts:
    """Reads what there is; what cannot be read is left out and said. `endpoint` may be the name of a Pod, too."""
    facts = ServiceFacts(namespace, name)
    try:
        facts.namespace_object = await objects.named(NAMESPACES, "", namespace)
        facts.service = await objects.named(SERVICES, namespace, name)
        facts.slices = [read_slice(each, detail) for each in await objects.slices(namespace, name)]
        names = frozenset((endpoint,)) | frozenset(
            reference["name"]
            for each in facts.slices
            for endpoint in each.object.get("endpoints") or ()
            if (reference := endpoint.get("targetRef") or {}).get("kind") == "Pod"
        )
        found = await objects.pods(namespace, facts.selector, names)
        facts.pods = {each["metadata"]["name"]: each for each in found}
    except Unreadable as error:
        facts.unreadable.append(str(error))
    return facts


class _SliceNotes:
    """Hears how a slice is read."""

    def __init__(self) -> None:
        self.kept_ones: list[tuple[int, int]] = []
        self.dropped_ones: list[tuple[int, str]] = []

    def kept(self, endpoint: int, address: int) -> None:
        self.kept_ones.append((endpoint, address))

    def dropped(self, rule: str, endpoint: int) -> None:
        self.dropped_ones.append((endpoint, rule))


def read_slice(item: JsonObject, detail: Detail) -> SliceFacts:
    """Reads a raw slice as the inventory's feed does, and listens."""
    notes, problems = _SliceNotes(), []

    def problem(_: raw.Meta | None, field: str, message: str) -> None:
        problems.append((field, message))

    read = None
    try:
        read = Reading(detail, problem, notes).endpoint_slice(msgspec.convert(item, raw.EndpointSlice))
    except msgspec.ValidationError as error:
        problems.append(("", str(error)))
    return SliceFacts(item, read, tuple(notes.kept_ones), tuple(notes.dropped_ones), tuple(problems))
