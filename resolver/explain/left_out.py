"""What is not in the reply though somebody may look for it there, and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from resolver.cluster.addresses import packed_address
from resolver.cluster.dns_names import endpoint_label
from resolver.cluster.dns_records import Candidate, View
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import EndpointSlice, service_key, wire_label
from resolver.cluster.selectors import parse_selector
from resolver.cluster.source import Location
from resolver.explain.explanation import LeftOut, Reason, Source
from resolver.explain.facts import ServiceFacts, SliceFacts
from resolver.explain.notes import Decision, Notes, PassedOver, Use
from resolver.explain.raw_objects import JsonObject
from resolver.explain.rules import RULES
from resolver.explain.sources import Sources
from resolver.wire import codes

_REASONS: Final[Mapping[str, Reason]] = {
    "B2": "namespace-hidden",
    "B6": "no-such-port",
    "E3": "no-port",
    "F5": "other-name",
    "F11": "other-zone",
    "L4": "other-name",
    "k8s.N1": "other-family",
}
_RANKS: Final[tuple[Reason, ...]] = (
    "namespace-hidden", "label-missing", "not-seen-yet", "no-hostname", "other-subdomain", "not-ready", "terminating",
    "broken", "no-such-port", "no-port", "ended", "no-address", "no-slice", "other-zone", "other-family", "other-name",
    "truncated",
)  # fmt: skip
_OF_THE_ONE_MEANT: Final[tuple[Reason, ...]] = ("no-hostname", "other-subdomain", "not-ready", "terminating")
_FAMILIES: Final = {codes.A: "IPv4", codes.AAAA: "IPv6"}
_ENDED: Final = ("Succeeded", "Failed")


class Finder:
    """Finds what is left out of one reply. `endpoint` is the name of the endpoint asked for, empty for none."""

    def __init__(
        self, notes: Notes, sources: Sources, inventory: Inventory, location: Location, view: View, qtype: int
    ) -> None:
        self._notes = notes
        self._sources = sources
        self._inventory = inventory
        self._location = location
        self._view = view
        self._family = _FAMILIES.get(qtype, "")

    # -- what the answering code has said ------------------------------------------------------------------------------

    def candidates(self, *, answered: bool) -> Iterator[LeftOut]:
        """Candidates of which no record was made, and addresses that were none. Once each."""
        used = {(id(use.item), use.place) for uses in self._notes.uses.values() for use in uses}
        told: set[tuple[int, int]] = set()
        for decision, candidate in self._notes.unmade:
            for use in self._notes.uses.get(candidate, ()):
                if (id(use.item), use.place) not in told:
                    told.add((id(use.item), use.place))
                    yield self._candidate(decision, candidate, use)
        for over in self._notes.over:
            place = (id(over.item), over.place)
            if place in used or place in told or (answered and over.decision.rule == "F5"):
                continue
            told.add(place)
            yield self._passed_over(over)

    def _candidate(self, decision: Decision, candidate: object, use: Use) -> LeftOut:
        what = candidate.address if isinstance(candidate, Candidate) else str(candidate)
        return _left_out(what, decision, _REASONS[decision.rule], self._sources.of(use))

    def _passed_over(self, over: PassedOver) -> LeftOut:
        source = self._sources.of(Use(over.item, over.place))
        what = over.item.addresses[over.place] if over.place >= 0 and isinstance(over.item, EndpointSlice) else ""
        return _left_out(what or source.subject, over.decision, _REASONS[over.decision.rule], source)

    # -- what the inventory does not hold ------------------------------------------------------------------------------

    def hidden(self, facts: ServiceFacts) -> Iterator[LeftOut]:
        """Objects that are there and that the inventory does not show."""
        namespace = facts.namespace_object
        if namespace is not None and wire_label(facts.namespace) not in self._inventory.namespaces:
            yield self._unseen(namespace, self._location.namespace_labels, "namespace_labels")
        entry = self._inventory.services.get(service_key(facts.name, facts.namespace))
        if facts.service is not None and (entry is None or entry.service is None):
            yield self._unseen(facts.service, self._location.labels, "labels")
        for each in facts.slices if self._view.endpoints else ():
            if each.id not in self._inventory.slices:
                yield self._unseen(each.object, self._location.labels, "labels")

    def _unseen(self, item: JsonObject, selector: str, option: str) -> LeftOut:
        source = self._sources.slice(item)
        labels = item["metadata"].get("labels") or {}
        missing = [each for each in parse_selector(selector) if not each.matches(labels)]
        if missing:
            keys = ", ".join(dict.fromkeys(f"{each.key}: {labels.get(each.key, 'no such label')}" for each in missing))
            why = f"its labels do not match `{option} {selector}` ({keys})"
            return LeftOut(source.subject, "label-missing", why, RULES["H9"], (source,))
        return LeftOut(source.subject, "not-seen-yet", "the inventory has not got it yet", RULES["H6"], (source,))

    # -- endpoints and Pods --------------------------------------------------------------------------------------------

    def endpoints(self, facts: ServiceFacts, endpoint: str, answered: frozenset[str]) -> Iterator[LeftOut]:
        """Endpoints that are not ready or broken, of this name where one is asked for, of the family asked for.

        `answered` are the addresses in the reply: what one slice gives, another one does not leave out.
        """
        for each in facts.slices:
            for number, _ in each.dropped:
                for left in self._dropped(facts, each, number, endpoint):
                    if left.what not in answered:
                        yield left
            for field, message in each.problems:
                source = self._sources.slice(each.object)
                yield LeftOut(f"{source.subject} {field}", "broken", message, RULES["F2"], (source,))

    def _dropped(self, facts: ServiceFacts, item: SliceFacts, number: int, endpoint: str) -> Iterator[LeftOut]:
        raw = item.object["endpoints"][number]
        conditions = raw.get("conditions") or {}
        reason: Reason = "terminating" if conditions.get("terminating") else "not-ready"
        publish = ((facts.service or {}).get("spec") or {}).get("publishNotReadyAddresses")
        what = "terminates" if reason == "terminating" else "is not ready"
        why = f"the endpoint {what}" + ("" if publish else "; publishNotReadyAddresses is not set")
        for place, address in enumerate(raw.get("addresses") or ()):
            packed = packed_address(address)
            if packed is None or (self._family and len(packed) != (4 if self._family == "IPv4" else 16)):
                continue
            if endpoint and self._label(raw, address) != endpoint:
                continue
            source = self._sources.endpoint(facts, item, number, place)
            rule = RULES["k8s.S8"] if item.object["metadata"].get("ownerReferences") else RULES["F2"]
            yield LeftOut(address, reason, why, rule, (source,))

    def _label(self, raw: JsonObject, address: str) -> str:
        """The name the endpoint would have, by the function that names endpoints."""
        target = (raw.get("targetRef") or {}).get("name") or "" if self._view.endpoint_pod_names else ""
        return endpoint_label(address, (raw.get("hostname") or "").encode(), target.encode()).decode().lower()

    def pods(self, facts: ServiceFacts) -> Iterator[LeftOut]:
        """Pods that the Service selects and that are no endpoint of the family asked for."""
        families = ((facts.service or {}).get("spec") or {}).get("ipFamilies") or ()
        if not facts.selector or facts.service is None:
            return
        if self._family and families and self._family not in families:
            source = self._sources.service(facts.service, "spec.ipFamilies")
            why = f"the Service has {', '.join(families)} only, so there are no slices of {self._family}"
            yield LeftOut(source.subject, "other-family", why, RULES["k8s.S2"], (source,))
            return
        there = {
            (each.object.get("addressType"), (endpoint.get("targetRef") or {}).get("name"))
            for each in facts.slices
            for endpoint in each.object.get("endpoints") or ()
        }
        for name, pod in facts.pods.items():
            labels = pod["metadata"].get("labels") or {}
            if facts.selector.items() <= labels.items():
                for family in (self._family,) if self._family else families:
                    if (family, name) not in there:
                        yield self._no_endpoint(pod, family)
                        break

    def _no_endpoint(self, pod: JsonObject, family: str) -> LeftOut:
        source, status = self._sources.pod(pod), pod.get("status") or {}
        addresses = [each.get("ip") for each in status.get("podIPs") or ()]
        if status.get("phase") in _ENDED:
            return LeftOut(source.subject, "ended", f"it has {status['phase'].lower()}", RULES["k8s.S5"], (source,))
        if not addresses:
            return LeftOut(source.subject, "no-address", "it has no address yet", RULES["k8s.S5"], (source,))
        sizes = {len(packed) for each in addresses if (packed := packed_address(str(each))) is not None}
        if (4 if family == "IPv4" else 16) in sizes:
            node = (pod.get("spec") or {}).get("nodeName")
            needs = f", whose Node {node} must be there" if node else ""
            why = f"no EndpointSlice of the Service has its {family} address: the controller has yet to add it{needs}"
            return LeftOut(source.subject, "no-slice", why, None, (source,))
        why = f"it has no {family} address, only {', '.join(map(str, addresses))}"
        return LeftOut(source.subject, "other-family", why, RULES["k8s.S7"], (source,))

    def named_pod(self, facts: ServiceFacts, endpoint: str) -> Iterator[LeftOut]:
        """The Pod somebody may mean by the name of an endpoint: why it goes by another one."""
        for name, pod in facts.pods.items():
            spec = pod.get("spec") or {}
            if endpoint not in (name.lower(), str(spec.get("hostname", "")).lower()):
                continue
            source = self._sources.pod(pod)
            if not spec.get("hostname"):
                why = "its spec.hostname is not set, so its endpoint is called by its address"
                yield LeftOut(source.subject, "no-hostname", why, RULES["k8s.S11"], (source,))
            elif spec.get("subdomain") != facts.name:
                subdomain = f"is {spec['subdomain']}" if spec.get("subdomain") else "is not set"
                why = f"its spec.subdomain {subdomain}, not {facts.name}, so its endpoint has no hostname"
                yield LeftOut(source.subject, "other-subdomain", why, RULES["k8s.S11"], (source,))


def in_order(found: Iterable[LeftOut]) -> list[LeftOut]:
    """Each once, what somebody can do something about first; endpoints that are merely others only for want of that."""
    once = list(dict.fromkeys(found))
    if any(left.reason in _OF_THE_ONE_MEANT for left in once):
        once = [left for left in once if left.reason != "other-name"]
    return sorted(once, key=lambda left: _RANKS.index(left.reason))


def cut(texts: Sequence[str], size: int, whole: int) -> list[LeftOut]:
    """Records that did not fit."""
    why = f"the whole reply has {whole} bytes, and {size} were allowed: ask over TCP, or for more by EDNS"
    return [LeftOut(text, "truncated", why, RULES["N8"]) for text in texts]


def _left_out(what: str, decision: Decision, reason: Reason, source: Source) -> LeftOut:
    return LeftOut(what, reason, decision.text, RULES[decision.rule], (source,))
