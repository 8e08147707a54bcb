"""What endpoints need to know of a Pod, read once for each version of it."""

from typing import Final

import msgspec

from resolver.cluster.addresses import canonical_address, packed_address
from resolver.controlplane.stored_object import JsonObject, StoredObject

IPV4: Final = "IPv4"
IPV6: Final = "IPv6"


class _Raw(msgspec.Struct, rename="camel", gc=False):
    """Only the fields below are built."""


class _Owner(_Raw):
    uid: str = ""
    controller: bool = False


class _Metadata(_Raw):
    uid: str = ""
    owner_references: list[_Owner] = []
    creation_timestamp: str | None = None
    labels: dict[str, str] = {}
    deletion_timestamp: str = ""


class _Port(_Raw):
    container_port: int = 0
    name: str = ""
    protocol: str = ""


class _Container(_Raw):
    ports: list[_Port] = []
    restart_policy: str = ""


class _Spec(_Raw):
    containers: list[_Container] | None = None
    init_containers: list[_Container] = []
    node_name: str = ""
    hostname: str = ""
    subdomain: str = ""


class _Condition(_Raw):
    type: str = ""
    status: str = ""
    last_transition_time: str | None = None


class _Address(_Raw):
    ip: str = ""


class _Status(_Raw):
    phase: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    pod_ips: list[_Address] = msgspec.field(default_factory=list, name="podIPs")
    conditions: list[_Condition] = []


class _Pod(_Raw):
    metadata: _Metadata
    spec: _Spec
    status: _Status = msgspec.field(default_factory=_Status)


_decode: Final = msgspec.json.Decoder(_Pod).decode


class PodFacts(msgspec.Struct, frozen=True, gc=False):
    """`key`: ``<namespace>/<name>``. `ports`: (name, protocol, number), containers first, then sidecars, in order.

    `ipv4` and `ipv6`: the addresses of status.podIPs, written as Go writes them. `pod_ip`: status.podIP as it stands.
    `ready_since`: lastTransitionTime of the condition Ready, empty where there is none. `created`: its creation.
    `controller`: the uid of the owner that controls it.
    """

    key: str
    uid: str
    labels: dict[str, str]
    node: str
    hostname: str
    subdomain: str
    ports: tuple[tuple[str, str, int], ...]
    pod_ip: str
    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]
    phase: str
    ready: bool
    ready_since: str
    terminating: bool
    created: str
    controller: str

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def namespace(self) -> str:
        return self.key.rpartition("/")[0]

    @property
    def active(self) -> bool:
        """Counts for its workload."""
        return not self.finished and not self.terminating

    @property
    def finished(self) -> bool:
        return self.phase in ("Succeeded", "Failed")

    def belongs(self, *, terminating: bool) -> bool:
        """Counts among endpoints: not finished, with an address; where it is terminating, only if those are wanted."""
        if self.finished or not (self.pod_ip or self.ipv4 or self.ipv6):
            return False
        return terminating or not self.terminating

    def addresses(self, family: str) -> tuple[str, ...]:
        return self.ipv6 if family == IPV6 else self.ipv4

    def hostname_in(self, service: str) -> str:
        """The name it has within a Service of its namespace: only where spec.subdomain is that Service's name."""
        return self.hostname if self.subdomain == service else ""

    def port(self, service_port: JsonObject) -> int | None:
        """The number behind a Service's port; None where no container has a port of that name and protocol."""
        target = service_port["targetPort"]
        if isinstance(target, int):
            return target
        wanted = (target, service_port["protocol"])
        return next((number for name, protocol, number in self.ports if (name, protocol) == wanted), None)


def pod_facts(pod: StoredObject) -> PodFacts:
    """Reads a stored Pod."""
    raw = _decode(pod.body)
    spec, status = raw.spec, raw.status
    sidecars = [each for each in spec.init_containers if each.restart_policy == "Always"]
    ready = next((each for each in status.conditions if each.type == "Ready"), None)
    families: dict[int, list[str]] = {4: [], 16: []}
    for address in status.pod_ips:
        packed = packed_address(address.ip)
        if packed is not None:
            families[len(packed)].append(canonical_address(packed))
    return PodFacts(
        key=pod.key,
        uid=raw.metadata.uid,
        labels=raw.metadata.labels,
        node=spec.node_name,
        hostname=spec.hostname,
        subdomain=spec.subdomain,
        ports=tuple(
            (port.name, port.protocol, port.container_port)
            for container in (*(spec.containers or ()), *sidecars)
            for port in container.ports
            if port.name
        ),
        pod_ip=status.pod_ip,
        ipv4=tuple(families[4]),
        ipv6=tuple(families[16]),
        phase=status.phase,
        ready=ready is not None and ready.status == "True",
        ready_since=(ready.last_transition_time or "") if ready is not None else "",
        terminating=bool(raw.metadata.deletion_timestamp),
        created=raw.metadata.creation_timestamp or "",
        controller=next((each.uid for each in raw.metadata.owner_references if each.controller), ""),
    )
