"""From a parsed name to what answers it: addresses with ports and targets, aliases, name servers, reverse names.

The rules are CoreDNS's (plugin/kubernetes/kubernetes.go, reverse.go, ns.go); wire and TTLs are the caller's.
Forward and reverse names and name servers are in one class: they must agree on what is exposed, and on how endpoints
are called.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from resolver.answers.outcome import Key
from resolver.answers.witness import Witness
from resolver.cluster.addresses import packed_address
from resolver.cluster.dns_names import SVC, Part, Request, endpoint_label, pod_address
from resolver.cluster.inventory import ADDRESS, IMPORT, NAMESPACE, POD, SERVICE, Inventory, held
from resolver.cluster.objects import EndpointSlice, Port, Service, ServiceImport, ServiceKind


class PodMode(Enum):
    """The `pods` option."""

    DISABLED = "disabled"
    INSECURE = "insecure"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class View:
    """What of a cluster a kubernetes block shows, and how."""

    namespaces: frozenset[bytes] = frozenset()
    pods: PodMode = PodMode.DISABLED
    endpoint_pod_names: bool = False
    ignore_empty_service: bool = False
    endpoints: bool = True
    zonal: bool = False


class Candidate(NamedTuple):
    """One address and port of a name. `target` is the name SRV points to, as wire labels in front of the zone."""

    address: str
    port: int
    target: bytes


class Alias(NamedTuple):
    """An ExternalName: `name` as the Service gives it."""

    name: str


Found = list[Candidate] | Alias | None
"""What is behind a name: an empty list is "exists and holds nothing", None is "no such name"."""

MAX_WEIGHT: Final = 100


class Records:
    """Looks names up in one inventory through one view."""

    def __init__(self, inventory: Inventory, view: View) -> None:
        self.inventory = inventory
        self.view = view

    def exposed(self, namespace: bytes) -> bool:
        """The namespace exists and `namespaces` does not leave it out."""
        chosen = self.view.namespaces
        return namespace in self.inventory.namespaces and (not chosen or namespace in chosen)

    def depends(self, request: Request, *, multicluster: bool = False) -> tuple[Key, ...]:
        """The keys that the outcome of `find` for this request depends on."""
        part = request.part
        if part is Part.EMPTY:
            return ()
        if part is Part.SERVICE:
            return (IMPORT if multicluster else SERVICE, request.key), (NAMESPACE, request.namespace)
        if part is Part.POD and self.view.pods is PodMode.VERIFIED:
            return (POD, pod_address(request.pod)), (NAMESPACE, request.namespace)
        return ((NAMESPACE, request.namespace),)

    def find(self, request: Request, *, multicluster: bool = False, witness: Witness | None = None) -> Found:
        """What is behind a parsed name."""
        part = request.part
        if part is Part.EMPTY:
            return _said([], witness, "B", "the zone itself, svc and pod below it exist and hold nothing")
        if not self.exposed(request.namespace):
            return _said(None, witness, "B2", self._why_hidden(request.namespace) if witness is not None else "")
        if part is Part.SERVICE:
            return self._import(request, witness) if multicluster else self._service(request, witness)
        if part is Part.NAMESPACE:
            return _said([], witness, "B", "a namespace exists and has no records of its own")
        if self.view.pods is PodMode.DISABLED:
            return _said(None, witness, "I", "the pods option is not set: there are no names of Pods")
        if part is Part.POD_NAMESPACE:
            return _said([], witness, "I5", "a namespace exists below pod and has no records of its own")
        return self._pod(request, witness)

    def _why_hidden(self, namespace: bytes) -> str:
        if namespace in self.inventory.namespaces:
            return "the namespaces option leaves this namespace out"
        return "there is no such namespace"

    def _pod(self, request: Request, witness: Witness | None) -> Found:
        address = pod_address(request.pod)
        candidate = Candidate(address, 0, bytes((len(request.pod),)) + request.pod + request.namespace + b"\x03pod")
        if self.view.pods is PodMode.INSECURE:
            if packed_address(address) is None:
                return _said(None, witness, "I3", "this is no address with dashes")
            return _said([candidate], witness, "I", "pods insecure: the name itself says the address")
        found = [pod for pod in held(self.inventory.pods, address) if pod.namespace == request.namespace]
        if witness is not None:
            for pod in found:
                witness.used(candidate, pod, pod.ips.index(address))
        if not found:
            return _said(None, witness, "I1", "pods verified: no Pod of this namespace has this address")
        return _said([candidate] * len(found), witness, "I1", "pods verified: a Pod of this namespace has this address")

    def _service(self, request: Request, witness: Witness | None) -> Found:
        entry = self.inventory.services.get(request.key)
        if entry is None or entry.service is None:
            return _said(None, witness, "B", "there is no such Service")
        service, slices = entry.service, entry.slices if self.view.endpoints else ()
        kind = service.kind
        if kind is ServiceKind.CLUSTER_IP and self.view.ignore_empty_service and not any(s.addresses for s in slices):
            return _said(None, witness, "F10", "ignore empty_service: the Service has no ready endpoint")
        if request.topology and kind is not ServiceKind.HEADLESS:
            return _said(None, witness, "F11", "only headless Services have names of zones")
        if kind is ServiceKind.EXTERNAL_NAME:
            if request.endpoint or request.port or request.protocol:
                return _said(None, witness, "G4", "an ExternalName has no endpoints and no ports")
            if packed_address(service.external_name):
                return _said(None, witness, "G3", "externalName is an address: the Service does not exist")
            alias = Alias(service.external_name)
            if witness is not None:
                witness.used(alias, service, 0)
            return alias
        if kind is ServiceKind.HEADLESS or request.endpoint:
            found = self._endpoints(request, slices, witness)
            if witness is not None:
                witness.decided(*self._why_endpoints(found, request, slices))
            return found if found or request.topology else None
        return _cluster_addresses(service, service.cluster_ips, request, witness)

    def _why_endpoints(
        self, found: list[Candidate], request: Request, slices: Sequence[EndpointSlice]
    ) -> tuple[str, str]:
        """The rule by which these are the endpoints, or by which there are none."""
        if found:
            return ("F5", "endpoints of this name") if request.endpoint else ("F3", "the ready endpoints")
        if request.topology:
            return "F11", "no ready endpoint is in this zone"
        if not self.view.endpoints:
            return "F9", "noendpoints: nothing is known of endpoints"
        if not any(item.addresses for item in slices):
            return "F3", "the Service has no ready endpoint"
        if request.endpoint:
            return "F7", "no ready endpoint has this name"
        return "B6", "no endpoint has a port of this name and protocol"

    def _endpoints(self, request: Request, slices: Sequence[EndpointSlice], witness: Witness | None) -> list[Candidate]:
        found = [c for s in slices for c in self._slice_candidates(request, s, request.topology, witness)]
        if not found and request.prefer:
            found = [c for s in slices for c in self._slice_candidates(request, s, b"", witness)]
        return found

    def _slice_candidates(
        self,
        request: Request,
        item: EndpointSlice,
        topology: bytes,
        witness: Witness | None = None,
        middle: bytes = b"",
    ) -> Iterator[Candidate]:
        ports = _matching(item.ports, request)
        if not ports:
            if witness is not None:
                witness.passed_over("B6", "its slice has no port of this name and protocol", item, -1)
            return
        base = middle + request.key + SVC
        for place, address, label in self.endpoint_names(item):
            if topology and (not item.zones or item.zones[place] != topology):
                if witness is not None:
                    witness.passed_over("F11", "it is in another zone", item, place)
                continue
            if request.endpoint and label.lower() != request.endpoint:
                if witness is not None:
                    witness.passed_over("F5", f"its name is {label.decode('utf-8', 'backslashreplace')}", item, place)
                continue
            target = bytes((len(label),)) + label + base
            for port in ports:
                candidate = Candidate(address, port.number, target)
                if witness is not None:
                    witness.used(candidate, item, place)
                yield candidate

    def endpoint_names(self, item: EndpointSlice) -> Iterator[tuple[int, str, bytes]]:
        """(place, address, endpoint label) of each ready address of a slice."""
        hostnames, targets = item.hostnames, item.targets if self.view.endpoint_pod_names else ()
        for place, address in enumerate(item.addresses):
            hostname = hostnames[place] if hostnames else b""
            yield place, address, endpoint_label(address, hostname, targets[place] if targets else b"")

    def _import(self, request: Request, witness: Witness | None) -> Found:
        entry = self.inventory.imports.get(request.key)
        if entry is None or entry.service_import is None:
            return _said(None, witness, "L4", "there is no such ServiceImport")
        item, slices = entry.service_import, entry.slices  # `noendpoints` says nothing about imported slices
        if self.view.ignore_empty_service and not item.headless and not any(s.addresses for s in slices):
            return _said(None, witness, "F10", "ignore empty_service: the ServiceImport has no ready endpoint")
        if item.headless or request.endpoint:
            found: list[Candidate] = []
            for part in slices:
                if request.endpoint and part.cluster.lower() != request.cluster:
                    if witness is not None:
                        witness.passed_over("L4", "its slice comes from another cluster than the name says", part, -1)
                    continue
                middle = bytes((len(part.cluster),)) + part.cluster if part.cluster else b""
                found.extend(self._slice_candidates(request, part, b"", witness, middle))
            if found:
                return _said(found, witness, "L4", "the ready endpoints imported")
            return _said(None, witness, "L4", "no imported endpoint that is ready goes by this name")
        return _cluster_addresses(item, item.ips, request, witness)

    def reverse(self, address: str, witness: Witness | None = None) -> tuple[list[bytes], tuple[Key, ...]]:
        """The names an address has (wire labels in front of the primary zone), and what that depends on."""
        keys: list[Key] = [(ADDRESS, address)]
        chosen = self.view.namespaces
        for service in held(self.inventory.cluster_ips, address):
            if chosen:
                namespace = namespace_of(service.key)
                keys.append((NAMESPACE, namespace))
                if not self.exposed(namespace):
                    if witness is not None:
                        witness.passed_over("B2", self._why_hidden(namespace), service, -1)
                    continue
            if witness is not None:
                witness.used(service.key + SVC, service, service.cluster_ips.index(address))
            return [service.key + SVC], tuple(keys)
        names: list[bytes] = []
        for item in held(self.inventory.endpoint_ips, address) if self.view.endpoints else ():
            if chosen:
                namespace = namespace_of(item.key)
                keys.append((NAMESPACE, namespace))
                if not self.exposed(namespace):
                    if witness is not None:
                        witness.passed_over("B2", self._why_hidden(namespace), item, -1)
                    continue
            for place, text, label in self.endpoint_names(item):
                name = bytes((len(label),)) + label + item.key + SVC
                if text != address:
                    continue
                if witness is not None:
                    witness.used(name, item, place)
                if name not in names:
                    names.append(name)
        return names, tuple(keys)

    def nameservers(self, local: Sequence[str], witness: Witness | None = None) -> list[tuple[bytes, str]]:
        """(wire labels in front of the zone, address) of the name servers: the Services in front of this server's own
        addresses, or these addresses under `ns.dns` where no slice holds one (CoreDNS nsAddrs; not de-duplicated)."""
        found: list[tuple[bytes, str]] = []
        in_a_slice = False
        for address in local:
            for item in held(self.inventory.endpoint_ips, address) if self.view.endpoints else ():
                in_a_slice = True
                giver: EndpointSlice | Service
                entry = self.inventory.services.get(item.key)
                if entry is None or entry.service is None:
                    continue
                if entry.service.kind is ServiceKind.HEADLESS:
                    base, giver = item.key + SVC, item
                    servers = [(bytes((len(n),)) + n + base, text) for _, text, n in self.endpoint_names(item)]
                else:
                    giver = entry.service
                    servers = [(item.key + SVC, ip) for ip in entry.service.cluster_ips]
                found += servers
                if witness is not None:
                    for place, (labels, text) in enumerate(servers):
                        witness.used(Candidate(text, 0, labels), giver, place)
        if not in_a_slice:
            found = [(b"\x02ns\x03dns", address) for address in local]
        return found


def namespace_of(key: bytes) -> bytes:
    """The namespace label of a service key."""
    return key[1 + key[0] :]


def srv_weight(candidates: int) -> int:
    """The weight each SRV record of so many candidates has (CoreDNS plugin.SRV), in its double precision."""
    return max(1, int(MAX_WEIGHT / (MAX_WEIGHT * candidates) * MAX_WEIGHT)) if candidates else MAX_WEIGHT


def _matching(ports: tuple[Port, ...], request: Request) -> tuple[Port, ...]:
    """The ports a request means; absent parts of the request match any."""
    if not request.port and not request.protocol:
        return ports
    return tuple(
        port for port in ports if request.port in (b"", port.name) and request.protocol in (b"", port.protocol)
    )


def _cluster_addresses(
    item: Service | ServiceImport, ips: tuple[str, ...], request: Request, witness: Witness | None
) -> Found:
    matching = _matching(item.ports, request)
    if not matching:
        return _said(None, witness, "B6", "there is no port of this name and protocol")
    target = request.key + SVC
    found = [Candidate(ip, port.number, target) for port in matching for ip in ips]
    if witness is not None:
        witness.decided("k8s.N1", "the addresses of the Service")
        for number, candidate in enumerate(found):
            witness.used(candidate, item, number % len(ips))
    return found


def _said(found: Found, witness: Witness | None, rule: str, text: str) -> Found:
    """What has been found, and why that is so for whom it concerns."""
    if witness is not None:
        witness.decided(rule, text)
    return found
