"""Random dual-stack clusters as API objects, and random questions about them; equal seeds give equal ones."""

import ipaddress
import random
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Object = dict[str, Any]

FAMILIES = (("IPv4",), ("IPv6",), ("IPv4", "IPv6"), ("IPv6", "IPv4"))
PORT_NAMES = ("http", "https", "metrics", "grpc", "dns")
TYPES = ("A", "AAAA", "A", "AAAA", "SRV", "ANY", "TXT", "MX", "CNAME", "NS", "SOA", "PTR", "HTTPS", "TYPE65280")
CONDITIONS: tuple[Object, ...] = (
    {"ready": True},
    {"ready": True, "serving": True, "terminating": False},
    {},
    {"ready": None},
    {"ready": False},
    {"ready": False, "serving": True, "terminating": True},
)


@dataclass
class RandomCluster:
    """`objects` for an API, `questions` as ``NAME TYPE``."""

    seed: int
    services: int = 40
    objects: list[Object] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._v4 = (str(ipaddress.ip_address("10.96.0.0") + number) for number in count(11))
        self._v6 = (str(ipaddress.ip_address("fd00:10:96::") + number) for number in count(11))
        self._pod4 = (str(ipaddress.ip_address("10.244.0.0") + number) for number in count(2))
        self._pod6 = (
            str(ipaddress.ip_address("fd00:10:244::") + 65_536 * (number % 3) + number) for number in count(1)
        )
        self._namespaces = ["default", "kube-system", "blue", "green"]
        self._names: list[tuple[str, str]] = []
        for name in self._namespaces:
            self.objects.append(_object("Namespace", "v1", name, labels={"color": name}))
        for number in range(self.services):
            self._add_service(number)
        self._add_pods()

    def _add_service(self, number: int) -> None:
        choose = self._random
        space, name, families = choose.choice(self._namespaces), f"svc-{number}", choose.choice(FAMILIES)
        kind = choose.choice(("ClusterIP", "ClusterIP", "None", "None", "NodePort", "LoadBalancer", "ExternalName"))
        self._names.append((space, name))
        ports = self._ports()
        spec: Object = {"type": "ClusterIP" if kind == "None" else kind, "ports": ports}
        if kind == "ExternalName":
            targets = ("example.org", "v4.example.org.", "missing.example.net", "10.0.0.1")
            inside = f"svc-{choose.randrange(self.services)}.{choose.choice(self._namespaces)}.svc.cluster.local"
            spec |= {"externalName": choose.choice((*targets, inside, inside))}
        elif kind == "None":
            spec |= {"clusterIP": "None", "clusterIPs": ["None"]}
        else:
            ips = [next(self._v4 if family == "IPv4" else self._v6) for family in families]
            spec |= {"clusterIP": ips[0], "clusterIPs": ips, "ipFamilies": list(families)}
        self.objects.append(_object("Service", "v1", name, space, {"app": name}, spec=spec))
        if kind != "ExternalName":
            self._add_slices(space, name, families, ports)

    def _ports(self) -> list[Object]:
        choose = self._random
        if choose.random() < 0.1:
            return []
        names = choose.sample(PORT_NAMES, choose.randint(1, 3))
        protocols = ("TCP", "TCP", "UDP", "SCTP")
        ports = [
            {"name": name, "port": choose.choice((80, 443, 8080)) + place, "protocol": choose.choice(protocols)}
            for place, name in enumerate(names)
        ]
        if len(ports) == 1 and choose.random() < 0.5:
            del ports[0]["name"]
        return ports

    def _add_slices(self, space: str, name: str, families: tuple[str, ...], ports: list[Object]) -> None:
        choose = self._random
        size = choose.choice((0, 1, 2, 3, 6, 12))
        hostnames = [choose.choice((None, f"{name}-{place}", f"{name}-0")) for place in range(size)]
        for family in families:
            endpoints = []
            for place in range(size):
                endpoint: Object = {"addresses": [next(self._pod4 if family == "IPv4" else self._pod6)]}
                endpoint["conditions"] = dict(choose.choice(CONDITIONS[:3] if choose.random() < 0.7 else CONDITIONS))
                endpoint["targetRef"] = {"kind": "Pod", "name": f"{name}-pod-{place}", "namespace": space}
                endpoint["zone"] = choose.choice(("zone-a", "Zone-B"))
                if hostnames[place]:
                    endpoint["hostname"] = hostnames[place]
                endpoints.append(endpoint)
            parts = [endpoints[: size // 2], endpoints[size // 2 :]] if choose.random() < 0.3 else [endpoints]
            for part, held in enumerate(parts):
                self._add_slice(space, name, family, part, held, ports)

    def _add_slice(
        self, space: str, name: str, family: str, part: int, endpoints: list[Object], ports: list[Object]
    ) -> None:
        labels = {"kubernetes.io/service-name": name}
        more = {"addressType": family, "endpoints": endpoints, "ports": [dict(port) for port in ports]}
        slice_name = f"{name}-{family.lower()}-{part}"
        self.objects.append(_object("EndpointSlice", "discovery.k8s.io/v1", slice_name, space, labels, **more))

    def _add_pods(self) -> None:
        addresses: dict[tuple[str, str], list[str]] = {}
        for item in self.objects:
            for endpoint in item.get("endpoints", ()):
                key = item["metadata"]["namespace"], endpoint["targetRef"]["name"]
                addresses.setdefault(key, []).append(endpoint["addresses"][0])
        for (space, name), ips in addresses.items():
            phase = self._random.choice(("Running", "Running", "Running", "Succeeded"))
            status = {"phase": phase, "podIP": ips[0], "podIPs": [{"ip": ip} for ip in dict.fromkeys(ips)]}
            self.objects.append(_object("Pod", "v1", name, space, spec={"containers": []}, status=status))

    def ask_about(self, number: int) -> list[str]:
        """That many questions, a fifth of them in mixed letter case."""
        choose = self._random
        while len(self.questions) < number:
            name = choose.choice((self._service_name, self._endpoint_name, self._reverse_name, self._other_name))()
            if choose.random() < 0.2:
                name = "".join(choose.choice((letter.upper(), letter)) for letter in name)
            self.questions.append(f"{name}. {choose.choice(TYPES)}")
        return self.questions

    def _service_name(self) -> str:
        choose = self._random
        space, name = choose.choice(self._names)
        base = f"{name}.{choose.choice((space, space, space, 'nowhere'))}.svc.cluster.local"
        if choose.random() < 0.3:
            return f"_{choose.choice((*PORT_NAMES, ''))}._{choose.choice(('tcp', 'udp', 'sctp'))}.{base}"
        return base

    def _endpoint_name(self) -> str:
        choose = self._random
        item = choose.choice([item for item in self.objects if item.get("endpoints")])
        endpoint, space = choose.choice(item["endpoints"]), item["metadata"]["namespace"]
        dashed = endpoint["addresses"][0].replace(".", "-").replace(":", "-")
        service = item["metadata"]["labels"]["kubernetes.io/service-name"]
        label = choose.choice((endpoint.get("hostname") or dashed, dashed, endpoint["targetRef"]["name"]))
        if choose.random() < 0.3:
            return f"{dashed}.{space}.pod.cluster.local"
        return f"{label}.{service}.{space}.svc.cluster.local"

    def _reverse_name(self) -> str:
        choose = self._random
        item = choose.choice(self.objects)
        texts = [ip for ip in item.get("spec", {}).get("clusterIPs", ()) if ip != "None"]
        texts += [endpoint["addresses"][0] for endpoint in item.get("endpoints", ())]
        name = ipaddress.ip_address(choose.choice(texts or ["10.96.0.1", "fd00::9"])).reverse_pointer
        return name.partition(".")[2] if choose.random() < 0.1 else name

    def _other_name(self) -> str:
        choose = self._random
        space, name = choose.choice(self._names)
        return choose.choice(
            (
                "cluster.local", "svc.cluster.local", "pod.cluster.local", f"{space}.svc.cluster.local",
                f"{space}.pod.cluster.local", "dns-version.cluster.local", "ns.dns.cluster.local", "dns.cluster.local",
                f"{name}.cluster.local", f"a.b.c.{name}.{space}.svc.cluster.local", f"*.{space}.svc.cluster.local",
                f"zone-a.pin._zone.{name}.{space}.svc.cluster.local", "example.org", "missing.example.org",
                f"zone-b.prefer._zone.{name}.{space}.svc.cluster.local", f"1-2-3-4.{space}.pod.cluster.local",
                f"x.cluster-1.{name}.{space}.svc.cluster.local", "10.in-addr.arpa", "ip6.arpa", "alias.example.org",
            )
        )  # fmt: skip


def _object(
    kind: str, api_version: str, name: str, space: str = "", labels: Object | None = None, **parts: Any
) -> Object:
    metadata: Object = {"name": name}
    if space:
        metadata["namespace"] = space
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}
