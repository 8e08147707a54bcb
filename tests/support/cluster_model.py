"""What a cluster's names hold, worked out the slow and obvious way: text, and lists looked through from end to end.

It shares nothing with the program but the options it is given, so that both being wrong alike is unlikely. Objects are
plain API objects, those that are in force; names are ASCII text with a last dot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from resolver.cluster.dns_records import PodMode, View
from tests.support.cluster_objects import Object
from tests.support.model_text import (
    absolute,
    address_of,
    is_inside,
    is_reverse,
    line,
    matching_ports,
    ready,
    reversed_address,
)

SOA_TTL_CAP = 300
ALIASES_AT_MOST = 11
SELF_LOOKUPS = 9


@dataclass(frozen=True)
class Setting:
    """How the plugin is set up, in text: zones with a last dot, lower case."""

    zones: Sequence[str]
    primary: str
    ttl: int = 5
    view: View = field(default_factory=View)
    multicluster: Sequence[str] = ()
    local: Sequence[str] = ()


class Expected(NamedTuple):
    """A reply: sections as sorted lines ``OWNER TTL TYPE DATA``, SOAs as ``OWNER TTL SOA``.

    `one_of`: of the answer's lines exactly one is there (several Services with one address).
    """

    rcode: str
    answer: list[str]
    authority: list[str]
    additional: list[str]
    one_of: bool = False


class Record(NamedTuple):
    """One candidate: an address, a port (None: no port declared), the name an SRV record points to."""

    address: str
    port: int | None
    target: str


class Alias(NamedTuple):
    target: str


Holding = list[Record] | Alias | None
Link = tuple[str, str]


class Model:
    """One cluster seen through one setting."""

    def __init__(self, objects: Iterable[Object], setting: Setting) -> None:
        self.objects = list(objects)
        self.setting = setting
        self.view = setting.view

    # -- looking through the lists ------------------------------------------------------------------------------------

    def of_kind(self, kind: str) -> list[Object]:
        return [item for item in self.objects if item["kind"] == kind]

    def find(self, kind: str, namespace: str, name: str) -> Object | None:
        for item in self.of_kind(kind):
            if item["metadata"]["name"] == name and item["metadata"].get("namespace", "") == namespace:
                return item
        return None

    def slices(self, namespace: str, service: str, label: str = "kubernetes.io/service-name") -> list[Object]:
        return [
            item
            for item in self.of_kind("EndpointSlice")
            if item["metadata"]["namespace"] == namespace and item["metadata"]["labels"].get(label) == service
        ]

    def exposed(self, namespace: str) -> bool:
        chosen = {label[1:].decode() for label in self.view.namespaces}
        return (not chosen or namespace in chosen) and self.find("Namespace", "", namespace) is not None

    # -- one question -------------------------------------------------------------------------------------------------

    def ask(self, typed: str, qtype: str, depth: int = 0) -> Expected:
        """The reply; `depth` counts questions of the server to itself within each other."""
        zone = self.zone_of(typed)
        if zone is None or depth > SELF_LOOKUPS:
            return Expected("SERVFAIL", [], [], [])
        typed_zone = typed[len(typed) - len(zone) :]
        if qtype == "SOA":
            apex = typed.lower() == zone
            return Expected("NOERROR", [self.soa(typed_zone)], [], []) if apex else self.denied("NOERROR", typed_zone)
        if qtype == "PTR" and (address := reversed_address(typed.lower())):
            return self.pointers(typed, typed_zone, address)
        if qtype == "TXT" and typed.lower() == f"dns-version.{zone}":
            return Expected("NOERROR", [f'{typed} 28800 TXT "1.1.0"'], [], [])
        if qtype == "NS" and typed == zone:
            return self.apex_ns(typed, typed_zone)
        if qtype not in ("TXT", "PTR") and self.stands_for_name_servers(typed.lower(), typed_zone):
            return self.answered(self.name_server_lines(typed, qtype), typed_zone)
        return self.ordinary(typed, typed_zone, zone, qtype, depth)

    def ordinary(self, typed: str, typed_zone: str, zone: str, qtype: str, depth: int) -> Expected:
        holding = self.holding(typed.lower(), zone, typed_zone)
        if holding is None or (qtype == "TXT" and not holding and "._zone." not in typed.lower()):
            return self.denied("NXDOMAIN", typed_zone)
        if qtype in ("A", "AAAA"):
            if isinstance(holding, Alias):
                return self.answered(self.followed(typed, holding, qtype, zone, typed_zone, [], depth), typed_zone)
            return self.answered(self.address_lines(typed, holding, qtype), typed_zone)
        if qtype == "CNAME" and isinstance(holding, Alias):
            return self.answered([f"{typed} {self.setting.ttl} CNAME {absolute(holding.target)}"], typed_zone)
        if qtype == "SRV" and not isinstance(holding, Alias):
            return self.services(typed, typed_zone, holding)
        return self.denied("NOERROR", typed_zone)

    def zone_of(self, name: str) -> str | None:
        matching = [zone for zone in self.setting.zones if is_inside(name.lower(), zone)]
        return max(matching, key=len) if matching else None

    # -- what a name holds --------------------------------------------------------------------------------------------

    def holding(self, name: str, zone: str, typed_zone: str) -> Holding:
        """None: no such name. The name is lower case; targets end in the zone as typed."""
        front = name[: len(name) - len(zone)].rstrip(".")
        labels = front.split(".") if front else []
        multicluster = any(is_inside(zone, other) for other in self.setting.multicluster)
        if labels in ([], ["svc"], ["pod"]):
            return []
        if labels[-1] not in ("svc", "pod") or is_reverse(name):
            return None
        part, namespace, rest = labels[-1], labels[-2], labels[:-2]
        if not self.exposed(namespace):
            return None
        if part == "pod":
            return self.pod(rest, namespace, typed_zone)
        if not rest:
            return []
        service, prefix = rest[-1], rest[:-1]
        if multicluster:
            return self.imported(namespace, service, prefix, typed_zone)
        return self.service(namespace, service, prefix, typed_zone)

    def pod(self, rest: list[str], namespace: str, typed_zone: str) -> Holding:
        if self.view.pods is PodMode.DISABLED:
            return None
        if not rest:
            return []
        if len(rest) > 3:
            return None
        name = rest[-1]
        dashes = name.count("-") == 3 and "--" not in name
        text = name.replace("-", "." if dashes else ":")
        found = [Record(text, 0, f"{name}.{namespace}.pod.{typed_zone}")]
        if self.view.pods is PodMode.INSECURE:
            return found if address_of(text) else None
        pods = [item for item in self.of_kind("Pod") if item["metadata"]["namespace"] == namespace]
        matching = [item for item in pods if text in [entry["ip"] for entry in item["status"]["podIPs"]]]
        return found * len(matching) or None

    def service(self, namespace: str, name: str, prefix: list[str], typed_zone: str) -> Holding:
        item = self.find("Service", namespace, name)
        if item is None:
            return None
        spec = item["spec"]
        slices = self.slices(namespace, name) if self.view.endpoints else []
        headless = spec["type"] != "ExternalName" and spec.get("clusterIPs", [""])[0] == "None"
        endpoint, port, protocol, topology, prefer = "", "", "", "", False
        if len(prefix) == 1:
            endpoint = prefix[0]
        elif len(prefix) == 2:
            port, protocol = (label.removeprefix("_") for label in prefix)
        elif len(prefix) > 2:
            if not self.view.zonal or prefix[-1] != "_zone" or prefix[-2] not in ("pin", "prefer"):
                return None
            topology, prefer = ".".join(prefix[:-2]), prefix[-2] == "prefer"
            if not headless:
                return None
        if spec["type"] == "ExternalName":
            named = endpoint or port or protocol or address_of(spec["externalName"])
            return None if named else Alias(spec["externalName"])
        if self.view.ignore_empty_service and not headless and not any(ready(part) for part in slices):
            return None
        if not headless and not endpoint:
            ports = matching_ports(spec.get("ports"), port, protocol)
            own = f"{name}.{namespace}.svc.{typed_zone}"
            return [Record(ip, number, own) for number in ports for ip in spec["clusterIPs"]] if ports else None
        found = self.endpoints(slices, f"{name}.{namespace}.svc.{typed_zone}", endpoint, port, protocol, topology)
        if not found and prefer:
            found = self.endpoints(slices, f"{name}.{namespace}.svc.{typed_zone}", endpoint, port, protocol, "")
        return found if found or topology else None

    def imported(self, namespace: str, name: str, prefix: list[str], typed_zone: str) -> Holding:
        item = self.find("ServiceImport", namespace, name)
        if item is None or len(prefix) > 2:
            return None
        slices = self.slices(namespace, name, "multicluster.kubernetes.io/service-name")
        headless = item["spec"]["type"] == "Headless"
        endpoint, cluster, port, protocol = "", "", "", ""
        if len(prefix) == 1:
            endpoint = prefix[0]
        elif len(prefix) == 2 and not any(label.startswith("_") for label in prefix):
            endpoint, cluster = prefix
        elif len(prefix) == 2:
            port, protocol = (label.removeprefix("_") for label in prefix)
        if self.view.ignore_empty_service and not headless and not any(ready(part) for part in slices):
            return None
        own = f"{name}.{namespace}.svc.{typed_zone}"
        if not headless and not endpoint:
            ports = matching_ports(item["spec"]["ports"], port, protocol, placeholder=False)
            return [Record(ip, number, own) for number in ports for ip in item["spec"]["ips"]] if ports else None
        found = []
        for part in slices:
            source = part["metadata"]["labels"]["multicluster.kubernetes.io/source-cluster"]
            if not endpoint or source.lower() == cluster:
                found += self.endpoints([part], f"{source}.{own}", endpoint, port, protocol, "")
        return found or None

    def endpoints(
        self, slices: list[Object], base: str, endpoint: str, port: str, protocol: str, topology: str
    ) -> list[Record]:
        found = []
        for part in slices:
            for entry in ready(part):
                for address in entry["addresses"]:
                    name = self.endpoint_name(entry, address)
                    if endpoint and name.lower() != endpoint:
                        continue
                    if topology and entry.get("zone", "").lower() != topology:
                        continue
                    found += [
                        Record(address, number, f"{name}.{base}")
                        for number in matching_ports(part["ports"], port, protocol)
                    ]
        return found

    def endpoint_name(self, entry: Object, address: str) -> str:
        pod = entry.get("targetRef", {}).get("name", "")
        if entry.get("hostname"):
            return str(entry["hostname"])
        if self.view.endpoint_pod_names and pod:
            return str(pod)
        dashed = address.replace(".", "-") if "." in address else address.replace(":", "-")
        return f"{dashed}0" if dashed.endswith("-") else dashed

    # -- records ------------------------------------------------------------------------------------------------------

    def address_lines(self, owner: str, holding: Iterable[Record], qtype: str) -> list[str]:
        lines = {line(owner, self.setting.ttl, record.address) for record in holding}
        return sorted(text for text in lines if f" {qtype} " in text)

    def services(self, typed: str, typed_zone: str, holding: list[Record]) -> Expected:
        ttl, weight = self.setting.ttl, max(1, 100 // max(1, len(holding)))
        real = [record for record in holding if record.port is not None]
        answer = {f"{typed} {ttl} SRV 0 {weight} {record.port} {record.target}" for record in real}
        glue = {(record.target, record.address) for record in real}
        additional = sorted(line(target, ttl, address) for target, address in glue)
        if not answer:
            return self.denied("NOERROR", typed_zone)
        return Expected("NOERROR", sorted(answer), [], additional)

    def followed(
        self, owner: str, alias: Alias, qtype: str, zone: str, typed_zone: str, links: list[Link], depth: int
    ) -> list[str]:
        """The lines of an alias and what it leads to; none where it leads nowhere inside the zone."""
        target = absolute(alias.target)
        if is_inside(target.lower(), owner.lower()) or len(links) >= ALIASES_AT_MOST:
            return []
        if target in [link[1] for link in links]:
            return []
        links = [*links, (owner, target)]
        lines = [f"{owner} {self.setting.ttl} CNAME {target}"]
        if not is_inside(target.lower(), zone):
            return lines + self.ask(target, qtype, depth + 1).answer
        if self.stands_for_name_servers(target.lower(), typed_zone):
            further = self.name_server_lines(target, qtype)
        else:
            holding = self.holding(target.lower(), zone, typed_zone)
            if isinstance(holding, Alias):
                further = self.followed(target, holding, qtype, zone, typed_zone, links, depth)
            else:
                further = self.address_lines(target, holding or (), qtype)
        return lines + further if further else []

    def pointers(self, typed: str, typed_zone: str, address: str) -> Expected:
        ttl, primary = self.setting.ttl, self.setting.primary
        services = [
            f"{typed} {ttl} PTR {item['metadata']['name']}.{item['metadata']['namespace']}.svc.{primary}"
            for item in self.of_kind("Service")
            if address in item["spec"].get("clusterIPs", []) and self.seen_backwards(item)
        ]
        if services:
            return Expected("NOERROR", sorted(services), [], [], one_of=True)
        names = set()
        for part in self.of_kind("EndpointSlice") if self.view.endpoints else ():
            service = part["metadata"]["labels"].get("kubernetes.io/service-name")
            for entry in ready(part) if service and self.seen_backwards(part) else ():
                if address in entry["addresses"]:
                    name = self.endpoint_name(entry, address)
                    names.add(f"{name}.{service}.{part['metadata']['namespace']}.svc.{primary}")
        if not names:
            return self.denied("NXDOMAIN", typed_zone)
        return Expected("NOERROR", sorted(f"{typed} {ttl} PTR {name}" for name in names), [], [])

    def seen_backwards(self, item: Object) -> bool:
        return not self.view.namespaces or self.exposed(item["metadata"]["namespace"])

    # -- name servers -------------------------------------------------------------------------------------------------

    def name_servers(self, zone: str) -> list[tuple[str, str]]:
        """(name, address) of each, found anew for each of this server's addresses."""
        found, in_a_slice = [], False
        for local in self.setting.local:
            for part in self.of_kind("EndpointSlice") if self.view.endpoints else ():
                addresses = [address for entry in ready(part) for address in entry["addresses"]]
                name = part["metadata"]["labels"].get("kubernetes.io/service-name")
                if local not in addresses or not name:
                    continue
                in_a_slice = True
                namespace = part["metadata"]["namespace"]
                service = self.find("Service", namespace, name)
                if service is None:
                    continue
                own = f"{name}.{namespace}.svc.{zone}"
                ips = service["spec"].get("clusterIPs", []) if service["spec"]["type"] != "ExternalName" else []
                if ips[:1] == ["None"]:
                    for entry in ready(part):
                        found += [(f"{self.endpoint_name(entry, ip)}.{own}", ip) for ip in entry["addresses"]]
                else:
                    found += [(own, ip) for ip in ips]
        return found if in_a_slice else [(f"ns.dns.{zone}", local) for local in self.setting.local]

    def stands_for_name_servers(self, name: str, typed_zone: str) -> bool:
        return name.startswith("ns.dns.") and name.find(typed_zone) == len("ns.dns.")

    def name_server_lines(self, owner: str, qtype: str) -> list[str]:
        lines = {line(owner, self.setting.ttl, address) for _, address in self.name_servers("x.")}
        return sorted(text for text in lines if f" {qtype} " in text)

    def apex_ns(self, typed: str, typed_zone: str) -> Expected:
        servers, ttl = self.name_servers(typed), self.setting.ttl
        if not servers:
            return self.denied("NOERROR", typed_zone)
        answer = sorted({f"{typed} {ttl} NS {name}" for name, _ in servers})
        return Expected("NOERROR", answer, [], sorted({line(name, ttl, address) for name, address in servers}))

    # -- shapes -------------------------------------------------------------------------------------------------------

    def soa(self, typed_zone: str) -> str:
        return f"{typed_zone} {min(self.setting.ttl, SOA_TTL_CAP)} SOA"

    def denied(self, rcode: str, typed_zone: str) -> Expected:
        return Expected(rcode, [], [self.soa(typed_zone)], [])

    def answered(self, lines: list[str], typed_zone: str) -> Expected:
        return Expected("NOERROR", sorted(set(lines)), [], []) if lines else self.denied("NOERROR", typed_zone)
