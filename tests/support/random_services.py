"""Random Services, good ones and bad ones, and random changes to them; equal seeds give equal ones."""

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

JsonObject = dict[str, Any]
Change = Callable[[JsonObject], JsonObject]

FAMILIES = (["IPv4"], ["IPv6"], ["IPv4", "IPv6"], ["IPv6", "IPv4"])
ODD_FAMILIES: tuple[list[str], ...] = ([], ["IPv4", "IPv4"], ["ipv4"], ["IPv4", "IPv6", "IPv4"], ["IPv4", "IPv9"])
POLICIES = ("SingleStack", "PreferDualStack", "RequireDualStack")
KINDS = ("ClusterIP", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
ODD_ADDRESSES = ("None", "none", "", "x", "10.99.0.1", "10.96.0.0", "10.96.007.9", "::ffff:10.96.7.9", "fd00:10:96::")
EXTERNAL = ("192.0.2.7", "127.0.0.1", "::", "fe80::1", "2001:DB8::1", "192.000.2.1", "x")
SOURCES = ("10.0.0.0/8", " 10.0.0.0/8 ", "10.0.0.1/8", "x", "FD00::/64", "10.0.0.0/33")
PORTS = (80, 443, 8080, 53, 9000)
ODD_PORTS = (0, -1, 65_536)
PORT_NAMES = ("http", "a", "metrics", "x-1")
ODD_PORT_NAMES = ("Bad", "", "-a", "a.b", "a" * 64)
TARGETS = (80, "http", "web", 0, "")
ODD_TARGETS = ("8080", "toolongportname-x", "a--b", 65_536)
OPTIONAL: tuple[tuple[str, float, tuple[Any, ...]], ...] = (
    ("externalTrafficPolicy", 0.15, ("Local", "Cluster", "Other")),
    ("internalTrafficPolicy", 0.1, ("Local", "Cluster", "Other")),
    ("sessionAffinity", 0.12, ("ClientIP", "None", "Other")),
    (
        "sessionAffinityConfig",
        0.1,
        ({}, {"clientIP": {"timeoutSeconds": 10}}, {"clientIP": {"timeoutSeconds": 86_401}}),
    ),
    ("healthCheckNodePort", 0.06, (32_001, 80, 0, -1)),
    ("allocateLoadBalancerNodePorts", 0.08, (True, False)),
    ("loadBalancerClass", 0.08, ("x/y", "bad class", "")),
    ("loadBalancerIP", 0.06, ("192.0.2.1", "FD00::1", "x")),
    ("publishNotReadyAddresses", 0.06, (True, False)),
    ("trafficDistribution", 0.06, ("PreferClose", "PreferSameZone", "Other")),
    ("externalName", 0.08, ("db.example.org", "db.example.org.", "", "1.2.3.4", "a..b")),
)


class RandomServices:
    """`odd`: how often a value is one that should be refused. Addresses are of 10.96.0.0/16 and fd00:10:96::/112."""

    def __init__(self, seed: int, odd: float = 0.03) -> None:
        self._random = Random(seed)
        self._odd = odd

    def service(self, name: str) -> JsonObject:
        return {"apiVersion": "v1", "kind": "Service", "metadata": self._metadata(name), "spec": self._spec()}

    def change(self) -> Change:
        """A new body made from what is stored; the same for two servers."""
        how = self._random.choice(
            (self._merged, self._merged, self._policy, self._addresses, self._without, self._kind)
        )
        return how()

    def _merged(self) -> Change:
        fresh = dict(list(self._spec().items())[:3])
        return _with_spec(lambda spec: {**spec, **fresh})

    def _policy(self) -> Change:
        policy, families = self._random.choice(POLICIES), self._random.choice((None, 1, 2))
        return _with_spec(
            lambda spec: {**spec, "ipFamilyPolicy": policy, "ipFamilies": spec.get("ipFamilies", [])[:families]}
        )

    def _addresses(self) -> Change:
        fresh, kept, single = [self._address(4), self._address(6)], self._random.choice((0, 1)), self._chance(0.5)
        policy = self._random.choice((*POLICIES, None))

        def changed(spec: JsonObject) -> JsonObject:
            addresses = [*spec.get("clusterIPs", [])[:kept], *fresh[: 2 - kept]]
            return {
                **spec,
                "clusterIPs": addresses,
                **({"clusterIP": addresses[0]} if single else {}),
                **({"ipFamilyPolicy": policy} if policy else {}),
            }

        return _with_spec(changed)

    def _without(self) -> Change:
        fields = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "type", "selector", "ports")
        dropped = self._random.sample(fields, self._random.choice((1, 2, 3)))
        return _with_spec(lambda spec: {key: value for key, value in spec.items() if key not in dropped})

    def _kind(self) -> Change:
        kind = self._random.choice(KINDS)
        more = {"externalName": "db.example.org"} if kind == "ExternalName" else {}
        return _with_spec(lambda spec: {**spec, "type": kind, **more})

    def _metadata(self, name: str) -> JsonObject:
        metadata: JsonObject = {"name": name}
        if self._chance(0.1):
            metadata["labels"] = self._pick(({"a": "b"}, {}), ({"a b": "c"}, {"a": "b c"}))
        if self._chance(0.05):
            metadata["annotations"] = self._pick(({"a": "b c"},), ({"a b": "c"},))
        return metadata

    def _spec(self) -> JsonObject:
        spec: JsonObject = {"ports": self._ports()}
        if self._chance(0.75):
            spec["selector"] = self._pick(({"app": "x"},), ({}, {"bad key": "x"}, {"a": "bad value"}))
        if self._chance(0.6):
            spec["type"] = self._pick(KINDS, ("Other",))
        if spec.get("type") == "ExternalName":
            spec["externalName"] = "db.example.org"
        if spec.get("type") != "ExternalName" or self._chance(0.2):
            self._add_families(spec)
        if self._chance(0.1):
            spec["externalIPs"] = [self._random.choice(EXTERNAL)]
        if self._chance(0.07):
            spec["loadBalancerSourceRanges"] = [self._random.choice(SOURCES)]
        for field, often, values in OPTIONAL:
            if self._chance(often):
                spec[field] = self._random.choice(values)
        return spec

    def _add_families(self, spec: JsonObject) -> None:
        choice = self._random.random()
        if choice < 0.15:
            spec["clusterIP"] = "None"
        elif choice < 0.35:
            spec["clusterIP"] = self._address(self._random.choice((4, 6)))
        elif choice < 0.6:
            addresses = [self._address(4), self._address(6)]
            self._random.shuffle(addresses)
            spec["clusterIPs"] = addresses[: self._random.choice((1, 2, 2))]
            if self._chance(0.9):
                spec["clusterIP"] = addresses[0]
        if self._chance(0.35):
            spec["ipFamilies"] = self._pick(FAMILIES, ODD_FAMILIES)
        if self._chance(0.55):
            spec["ipFamilyPolicy"] = self._pick(POLICIES, ("", "Other"))

    def _ports(self) -> list[JsonObject]:
        ports = [self._port() for _ in range(self._random.choice((1, 1, 2, 3)))]
        if len(ports) > 1 and not self._chance(self._odd * 2):
            for number, port in enumerate(ports):
                port.update(name=f"p{number}", port=1_000 + number)
        return ports

    def _port(self) -> JsonObject:
        port: JsonObject = {"port": self._pick(PORTS, ODD_PORTS)}
        if self._chance(0.75):
            port["name"] = self._pick(PORT_NAMES, ODD_PORT_NAMES)
        if self._chance(0.4):
            port["protocol"] = self._pick(("TCP", "UDP", "SCTP"), ("tcp", "ICMP"))
        if self._chance(0.5):
            port["targetPort"] = self._pick(TARGETS, ODD_TARGETS)
        return port

    def _address(self, version: int) -> str:
        if self._chance(self._odd):
            return self._random.choice(ODD_ADDRESSES)
        if version == 4:
            return f"10.96.{self._random.randrange(1, 255)}.{self._random.randrange(1, 255)}"
        return f"fd00:10:96::{self._random.randrange(1, 0xFFFF):x}"

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _pick(self, usual: tuple[Any, ...], odd: tuple[Any, ...]) -> Any:
        return deepcopy(self._random.choice(odd if self._chance(self._odd) else usual))


def _with_spec(changed: Callable[[JsonObject], JsonObject]) -> Change:
    return lambda service: {**service, "spec": changed(deepcopy(service["spec"]))}
