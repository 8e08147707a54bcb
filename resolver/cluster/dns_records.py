"""From a parsed name to what answers it: addresses with ports and targets, aliases, name servers, reverse names.

The rules are CoreDNS's (plugin/kubernetes/kubernetes.go, reverse.go, ns.go); wire and TTLs are the caller's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from resolver.answers.outcome import Key
from resolver.cluster.addresses import packed_address
from resolver.cluster.dns_names import SVC, Part, Request, endpoint_label, pod_address
from resolver.cluster.inventory import ADDRESS, IMPORT, NAMESPACE, POD, SERVICE, Inventory, held
from resolver.cluster.objects import EndpointSlice, Port, ServiceKind


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

    def find(self, request: Request, *, multicluster: bool = False) -> Found:
        """What is behind a parsed name."""
        part = request.part
        if part is Part.EMPTY:
            return []
        if not self.exposed(request.namespace):
            return None
        if part is Part.SERVICE:
            return self._import(request) if multicluster else self._service(request)
        if part is Part.NAMESPACE:
            return []
        if self.view.pods is PodMode.DISABLED:
            return None
        return [] if part is Part.POD_NAMESPACE else self._pod(request)

    def _pod(self, request: Request) -> Found:
        address = pod_address(request.pod)
        target = bytes((len(request.pod),)) + request.pod + request.namespace + b"\x03pod"
        if self.view.pods is PodMode.INSECURE:
            return [Candidate(address, 0, target)] if packed_address(address) is not None else None
        found = [
            Candidate(address, 0, target)
            for pod in held(self.inventory.pods, address)
            if pod.namespace == request.namespace
        ]
        return found or None

    def _service(self, request: Request) -> Found:
        entry = self.inventory.services.get(request.key)
        if entry is None or entry.service is None:
            return None
        service, slices = entry.service, entry.slices if self.view.endpoints else ()
        kind = service.kind
        if kind is ServiceKind.CLUSTER_IP and self.view.ignore_empty_service and not any(s.addresses for s in slices):
            return None
        if request.topology and kind is not ServiceKind.HEADLESS:
            return None
        if kind is ServiceKind.EXTERNAL_NAME:
            if request.endpoint or request.port or request.protocol or packed_address(service.external_name):
                return None
            return Alias(service.external_name)
        if kind is ServiceKind.HEADLESS or request.endpoint:
            found = self._endpoints(request, slices)
            return found if found or request.topology else None
        return _cluster_addresses(service.cluster_ips, service.ports, request)

    def _endpoints(self, request: Request, slices: Sequence[EndpointSlice]) -> list[Candidate]:
        found = [c for s in slices for c in self._slice_candidates(request, s, request.topology)]
        if not found and request.prefer:
            found = [c for s in slices for c in self._slice_candidates(request, s, b"")]
        return found

    def _slice_candidates(
        self, request: Request, item: EndpointSlice, topology: bytes, middle: bytes = b""
    ) -> Iterator[Candidate]:
        ports = _matching(item.ports, request)
        if not ports:
            return
        base = middle + request.key + SVC
        for place, address, label in self.endpoint_names(item):
            if topology and (not item.zones or item.zones[place] != topology):
                continue
            if request.endpoint and label.lower() != request.endpoint:
                continue
            target = bytes((len(label),)) + label + base
            for port in ports:
                yield Candidate(address, port.number, target)

    def endpoint_names(self, item: EndpointSlice) -> Iterator[tuple[int, str, bytes]]:
        """(place, address, endpoint label) of each ready address of a slice."""
        hostnames, targets = item.hostnames, item.targets if self.view.endpoint_pod_names else ()
        for place, address in enumerate(item.addresses):
            hostname = hostnames[place] if hostnames else b""
            yield place, address, endpoint_label(address, hostname, targets[place] if targets else b"")

    def _import(self, request: Request) -> Found:
        entry = self.inventory.imports.get(request.key)
        if entry is None or entry.service_import is None:
            return None
        item, slices = entry.service_import, entry.slices  # `noendpoints` says nothing about imported slices
        if self.view.ignore_empty_service and not item.headless and not any(s.addresses for s in slices):
            return None
        if item.headless or request.endpoint:
            found: list[Candidate] = []
            for part in slices:
                if request.endpoint and part.cluster.lower() != request.cluster:
                    continue
                middle = bytes((len(part.cluster),)) + part.cluster if part.cluster else b""
                found.extend(self._slice_candidates(request, part, b"", middle))
            return found or None
        return _cluster_addresses(item.ips, item.ports, request)

    def reverse(self, address: str) -> tuple[list[bytes], tuple[Key, ...]]:
        """The names an address has (wire labels in front of the primary zone), and what that depends on."""
        keys: list[Key] = [(ADDRESS, address)]
        chosen = self.view.namespaces
        for service in held(self.inventory.cluster_ips, address):
            if chosen:
                namespace = namespace_of(service.key)
                keys.append((NAMESPACE, namespace))
                if not self.exposed(namespace):
                    continue
            return [service.key + SVC], tuple(keys)
        names: list[bytes] = []
        for item in held(self.inventory.endpoint_ips, address) if self.view.endpoints else ():
            if chosen:
                namespace = namespace_of(item.key)
                keys.append((NAMESPACE, namespace))
                if not self.exposed(namespace):
                    continue
            for _, text, label in self.endpoint_names(item):
                name = bytes((len(label),)) + label + item.key + SVC
                if text == address and name not in names:
                    names.append(name)
        return names, tuple(keys)

    def nameservers(self, local: Sequence[str]) -> list[tuple[bytes, str]]:
        """(wire labels in front of the zone, address) of the name servers: the Services in front of this server's own
        addresses, or these addresses under `ns.dns` where no slice holds one (CoreDNS nsAddrs; not de-duplicated)."""
        found: list[tuple[bytes, str]] = []
        in_a_slice = False
        for address in local:
            for item in held(self.inventory.endpoint_ips, address) if self.view.endpoints else ():
                in_a_slice = True
                entry = self.inventory.services.get(item.key)
                if entry is None or entry.service is None:
                    continue
                if entry.service.kind is ServiceKind.HEADLESS:
                    base = item.key + SVC
                    found += [(bytes((len(n),)) + n + base, text) for _, text, n in self.endpoint_names(item)]
                else:
                    found += [(item.key + SVC, ip) for ip in entry.service.cluster_ips]
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


def _cluster_addresses(ips: tuple[str, ...], ports: tuple[Port, ...], request: Request) -> Found:
    matching = _matching(ports, request)
    if not matching:
        return None
    target = request.key + SVC
    return [Candidate(ip, port.number, target) for port in matching for ip in ips]
