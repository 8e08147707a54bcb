"""A cluster that changes at random, in a small world where everything meets: what an API server and a cache would hold.

`random` decides; any source with its methods will do (hypothesis gives one that it can make smaller).
"""

from collections.abc import Sequence
from ipaddress import ip_address
from random import Random

from tests.support import cluster_objects as api
from tests.support.cluster_objects import Object

Key = tuple[str, str, str]

NAMESPACES = ("shop", "lab", "kube-system")
SERVICES = ("web", "db", "api", "svc")
HOSTNAMES = ("", "", "zero", "One")
PODS = ("", "web-0", "web-1", "p" * 63)
TOPOLOGIES = ("", "z1", "Z2", "eu.west")
CLUSTERS = ("east", "West")
PORTS: tuple[tuple[str, ...], ...] = (
    ("http:80/TCP",),
    ("http:80/TCP", "dns:53/UDP"),
    ("DNS:53/UDP", "dns:53/TCP"),
    ("80",),
    (),
    ("http:-/TCP",),
)
SERVICE_IPS = ("10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2", "::ffff:10.0.0.3")
POD_IPS = ("10.1.0.1", "10.1.0.2", "10.1.0.3", "fd00:1::1", "fd00:1::", "FD00:1::A", "192.0.2.2")
ALIASES = (
    "web.shop.svc.cluster.local",
    "DB.lab.svc.cluster.local.",
    "api.shop.svc.cluster.local",
    "web.shop.svc.lab.test",
    "ns.dns.cluster.local",
    "example.org",
    "1-2-3-4.shop.pod.cluster.local",
    "10.0.0.1",
    "svc.cluster.local",
)


def key_of(item: Object) -> Key:
    return item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]


class ChangingCluster:
    """`stored` is what the API holds, `cached` what a cache that CoreDNS fills would hold of it."""

    def __init__(self) -> None:
        self.stored: dict[Key, Object] = {}
        self.cached: dict[Key, Object] = {}
        self._version = 0

    def put(self, item: Object) -> tuple[str, Object]:
        """Adds or updates an object; the event that tells of it."""
        change = "MODIFIED" if key_of(item) in self.stored else "ADDED"
        item = self.put_unseen(item)
        self._cache(key_of(item), item)
        return change, item

    def put_unseen(self, item: Object) -> Object:
        """Adds or updates an object without telling anyone: only a fresh list will show it."""
        self._version += 1
        item = api.with_version(item, self._version)
        self.stored[key_of(item)] = item
        return item

    def delete(self, key: Key) -> tuple[str, Object]:
        """Deletes an object; the event that tells of it."""
        item = self.stored.pop(key)
        self.cached.pop(key, None)
        return "DELETED", item

    def relist(self, kind: str) -> list[Object]:
        """A fresh list of a kind. The cache holds no more than it says, and of terminating Pods what it held before."""
        for key in [key for key in self.cached if key[0] == kind and key not in self.stored]:
            del self.cached[key]
        found = [item for key, item in self.stored.items() if key[0] == kind]
        for item in found:
            self._cache(key_of(item), item)
        return found

    def delete_unseen(self, key: Key) -> None:
        """Deletes an object without telling anyone: only a fresh list will show it."""
        del self.stored[key]

    def _cache(self, key: Key, item: Object) -> None:
        if "deletionTimestamp" not in item["metadata"]:
            self.cached[key] = item


def first_objects(random: Random) -> list[Object]:
    """A cluster to begin with, in which most names mean something."""
    found = [api.namespace(space) for space in NAMESPACES if random.random() < 0.9]
    for space in NAMESPACES:
        found += [random_pod(random, space) for _ in range(2)]
        for name in SERVICES:
            if random.random() < 0.8:
                found.append(random_service(random, name, space))
            if random.random() < 0.4:
                found.append(random_import(random, name, space))
            found += [random_slice(random, name, space) for _ in range(random.randint(0, 2))]
            found += [random_imported_slice(random, name, space) for _ in range(random.randint(0, 1))]
    return found


def random_object(random: Random, kind: str) -> Object:
    """One object of a kind, with odd values now and then."""
    space, name = random.choice(NAMESPACES), random.choice(SERVICES)
    if kind == "Namespace":
        return api.namespace(space)
    if kind == "Service":
        return random_service(random, name, space)
    if kind == "Pod":
        return random_pod(random, space)
    if kind == "ServiceImport":
        return random_import(random, name, space)
    return random.choice((random_slice, random_slice, random_imported_slice))(random, name, space)


def random_pod(random: Random, space: str) -> Object:
    ips = random.sample(POD_IPS, random.randint(0, 2))
    return api.pod(f"web-{random.randint(0, 2)}", *ips, space=space, terminating=random.random() < 0.2)


def random_import(random: Random, name: str, space: str) -> Object:
    ips, kind = random.sample(SERVICE_IPS, random.randint(0, 2)), random.choice(("ClusterSetIP", "Headless"))
    return api.service_import(name, *ips, space=space, kind=kind, ports=random.choice(PORTS))


def random_slice(random: Random, name: str, space: str) -> Object:
    labels = {} if random.random() < 0.05 else None
    ports, of = random.choice(PORTS), random.choice((name, name, name, "db"))
    id = f"{name}-{random.choice('ab')}"
    return api.endpoint_slice(id, of, *random_endpoints(random), space=space, ports=ports, labels=labels)


def random_imported_slice(random: Random, name: str, space: str) -> Object:
    ports, cluster = random.choice(PORTS), random.choice(CLUSTERS)
    return api.imported_slice(f"{name}-i", name, cluster, *random_endpoints(random), space=space, ports=ports)


def random_service(random: Random, name: str, space: str) -> Object:
    ports, mode = random.choice(PORTS), random.random()
    if mode < 0.2:
        return api.external_name(name, random.choice(ALIASES), space=space, ports=ports)
    if mode < 0.5:
        return api.service(name, space=space, ports=ports)
    ips = random.sample(SERVICE_IPS, random.randint(1, 2))
    return api.service(name, *ips, space=space, ports=ports)


def random_endpoints(random: Random) -> list[Object]:
    return [random_endpoint(random) for _ in range(random.choice((0, 1, 1, 2, 5)))]


def random_endpoint(random: Random) -> Object:
    return api.endpoint(
        *random.sample(POD_IPS, random.choice((1, 1, 1, 2))),
        ready=random.choice((True, True, None, False)),
        hostname=random.choice(HOSTNAMES),
        pod=random.choice(PODS),
        zone=random.choice(TOPOLOGIES),
    )


_TYPES = (*["A"] * 6, *["AAAA"] * 4, *["SRV"] * 4, "TXT", "CNAME", "PTR", "NS", "SOA", "MX", "HTTPS")
_FRONTS = (
    *[""] * 12,
    *("_http._tcp.", "_http._tcp.", "dns.udp.", "_DNS._UDP.", "_http._udp.", "_._tcp.", "_._.", "a.b.c."),
    *("zero.", "one.", "ZERO.", "web-0.", "nope.", "10-1-0-1.", "10-1-0-2.", "fd00-1--1.", "fd00-1--0.", "FD00-1--A."),
    *("zero.east.", "one.west.", "10-1-0-1.East.", "fd00-1--1.west."),
    *("z1.pin._zone.", "z2.prefer._zone.", "eu.west.pin._zone.", "z9.prefer._zone.", "z9.pin._zone."),
)
_PODS = ("10-1-0-1", "10-1-0-2", "fd00-1--1", "fd00-1--", "fd00-1--0", "192-0-2-2", "x.10-1-0-1", "nope", "1-2-3")
_OTHERS = (
    "", "svc.", "pod.", "shop.svc.", "shop.pod.", "none.svc.", "ns.dns.", "dns.", "dns-version.", "web.none.svc.",
    "ns.dns.cluster.local.", "ns.dns.cluster.local.svc.", "x.ns.dns.",
)  # fmt: skip


def random_question(random: Random, zones: Sequence[str]) -> tuple[str, str]:
    """A name that may mean something in this small world, and a type."""
    zone = random.choice([zone for zone in zones if not zone.endswith("arpa.")])
    way, qtype = random.random(), random.choice(_TYPES)
    if way < 0.55:
        front = random.choice(_FRONTS)
        name = f"{front}{random.choice(SERVICES)}.{random.choice(NAMESPACES)}.svc.{zone}"
    elif way < 0.65:
        name = f"{random.choice(_PODS)}.{random.choice(NAMESPACES)}.pod.{zone}"
    elif way < 0.72:
        name = f"{random.choice(_OTHERS)}{zone}"
    else:
        address = ip_address(random.choice((*SERVICE_IPS, *POD_IPS, "10.9.9.9")))
        name = f"{(getattr(address, 'ipv4_mapped', None) or address).reverse_pointer}."
        qtype = random.choice((*["PTR"] * 8, "A", "TXT"))
    return name, qtype


def random_letters(random: Random, name: str) -> str:
    """The name in other letters."""
    return "".join(random.choice((letter, letter, letter.upper())) for letter in name)
