"""From what an inventory holds back to the objects of the API, the fields that count, and the manifest's line."""

from collections.abc import Mapping
from typing import Final

from resolver.cluster.objects import EndpointSlice, Pod, Service, ServiceImport, labels_text
from resolver.explain.explanation import Source, Written
from resolver.explain.facts import ServiceFacts, SliceFacts
from resolver.explain.notes import Use
from resolver.explain.raw_objects import JsonObject, RawObjects

_OWNERS: Final = 4  # Pod, ReplicaSet, Deployment, and one more

Facts = Mapping[tuple[str, str], ServiceFacts]
"""By namespace and name of the Service."""


def key_of(item: object) -> tuple[str, str] | None:
    """Namespace and name of the Service that an object of the inventory belongs to."""
    if not isinstance(item, Service | EndpointSlice) or not item.key:
        return None
    name, _, namespace = labels_text(item.key).partition(".")
    return namespace, name


class Sources:
    """Finds the sources of one explanation. `objects` None: nothing but the inventory is known."""

    def __init__(self, objects: RawObjects | None, facts: Facts) -> None:
        self._objects = objects
        self._facts = facts
        self._slices = {each.id: (facts_, each) for facts_ in facts.values() for each in facts_.slices}

    def of(self, use: Use) -> Source:
        """The source that stands for one address of an object."""
        item, place = use
        if isinstance(item, Service):
            return self._of_service(item, place)
        if isinstance(item, EndpointSlice):
            return self._of_slice(item, place)
        if isinstance(item, Pod):
            namespace, _, name = item.id.partition("/")
            return Source("Pod", namespace, name, f"status.podIPs[{place}]", item.ips[place])
        if isinstance(item, ServiceImport):
            name, _, namespace = labels_text(item.key).partition(".")
            return Source("ServiceImport", namespace, name, f"spec.ips[{place}]", item.ips[place])
        return Source(type(item).__name__, "", str(item))

    def _of_service(self, item: Service, place: int) -> Source:
        name, _, namespace = labels_text(item.key).partition(".")
        external = not item.cluster_ips and bool(item.external_name)
        facts = self._facts.get((namespace, name))
        found = facts.service if facts is not None else None
        if external:
            field, value = "spec.externalName", item.external_name
        elif place < 0:
            field, value = "", ""
        else:
            value = item.cluster_ips[place]
            field = f"spec.clusterIPs[{_index(found, value, place)}]"
        if found is None:
            return Source("Service", namespace, name, field, value)
        return self.service(found, field, value)

    def service(self, item: JsonObject, field: str, value: str = "") -> Source:
        """A Service and its field; what it says of families goes with it."""
        spec = item.get("spec") or {}
        families = ", ".join(spec.get("ipFamilies") or ())
        policy = spec.get("ipFamilyPolicy") or ""
        detail = f"{policy} {families}".strip()
        return self._source(item, field, value, detail)

    def _of_slice(self, item: EndpointSlice, place: int) -> Source:
        facts, found = self._slices.get(item.id, (None, None))
        namespace, _, name = item.id.partition("/")
        if facts is None or found is None or found.read != item:
            # not looked at, or changed since it was answered from
            value = item.addresses[place] if place >= 0 else ""
            return Source("EndpointSlice", namespace, name, "addresses" if value else "", value)
        if place < 0:
            return self._source(found.object)
        return self.endpoint(facts, found, *found.kept[place])

    def endpoint(self, facts: ServiceFacts, item: SliceFacts, number: int, place: int = 0) -> Source:
        """An endpoint of a slice with the Pod and the Node behind it."""
        endpoint = item.object["endpoints"][number]
        addresses = endpoint.get("addresses") or ()
        value = addresses[place] if place < len(addresses) else ""
        behind = []
        reference = endpoint.get("targetRef") or {}
        if reference.get("kind") == "Pod" and reference.get("name"):
            pod = facts.pods.get(reference["name"])
            namespace = reference.get("namespace") or facts.namespace
            behind.append(self.pod(pod) if pod is not None else Source("Pod", namespace, reference["name"]))
        if endpoint.get("nodeName"):
            zone = endpoint.get("zone") or ""
            behind.append(Source("Node", "", endpoint["nodeName"], detail=f"zone {zone}" if zone else ""))
        detail = f"hostname {endpoint['hostname']}" if endpoint.get("hostname") else ""
        field = f"endpoints[{number}].addresses[{place}]"
        return self._source(item.object, field, value, detail, tuple(behind))

    def pod(self, item: JsonObject) -> Source:
        """A Pod as it is."""
        return self._source(item, detail=_state(item))

    def namespace(self, item: JsonObject) -> Source:
        return self._source(item)

    def slice(self, item: JsonObject) -> Source:
        return self._source(item)

    def _source(
        self, item: JsonObject, field: str = "", value: str = "", detail: str = "", behind: tuple[Source, ...] = ()
    ) -> Source:
        metadata = item["metadata"]
        namespace = metadata.get("namespace", "")
        return Source(
            item["kind"], namespace, metadata["name"], field, value, detail, self.written(item, field), behind
        )

    def written(self, item: JsonObject, field: str = "") -> Written | None:
        """Where a manifest says the field, or the object whose controller made this one, or its maker's."""
        if self._objects is None:
            return None
        place = self._objects.place(item, field)
        if place is not None:
            return Written(*place)
        made = item
        for _ in range(_OWNERS):
            owner = self._objects.owner(made)
            if owner is None:
                return None
            place = self._objects.place(owner)
            if place is not None:
                metadata = owner["metadata"]
                namespace = metadata.get("namespace", "")
                name = f"{namespace}/{metadata['name']}" if namespace else metadata["name"]
                return Written(*place, f"{owner['kind']} {name}")
            made = owner
        return None


def _index(item: JsonObject | None, address: str, place: int) -> int:
    """Where the address stands among those of the object; its place among the usable ones where that is not known."""
    addresses = ((item or {}).get("spec") or {}).get("clusterIPs") or ()
    return addresses.index(address) if address in addresses else place


def _state(pod: JsonObject) -> str:
    """What a Pod says of itself that matters to DNS: ``Running, not Ready, terminating``."""
    status = pod.get("status") or {}
    words = [status.get("phase") or "no phase"]
    ready = next((each for each in status.get("conditions") or () if each.get("type") == "Ready"), None)
    if ready is None:
        words.append("no Ready condition")
    elif ready.get("status") != "True":
        words.append("not Ready" + (f" ({ready['reason']})" if ready.get("reason") else ""))
    if pod["metadata"].get("deletionTimestamp"):
        words.append("terminating")
    return ", ".join(words)
