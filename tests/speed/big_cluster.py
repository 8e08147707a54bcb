"""A big dual-stack cluster as JSON lines, and questions to ask of it.

    python -m tests.speed.big_cluster FOLDER [--services 10000] [--endpoints 10]

Every Service has a ClusterIP of each family and a slice of each family. The 20 headless ones have 40 endpoints a
family, however big the cluster is. The objects look as an API server sends them: with owners, uids, managedFields.
"""

import argparse
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any

Object = dict[str, Any]

NAMESPACES = 10
NODES = 50
HEADLESS = 20
HEADLESS_ENDPOINTS = 40
FAMILIES = ("IPv4", "IPv6")
FIRST_IPS = {"IPv4": ip_address("10.96.0.10"), "IPv6": ip_address("fd00:10:96::a")}
FIRST_POD_IPS = {"IPv4": ip_address("10.128.0.2"), "IPv6": ip_address("fd00:10:244::2")}
CREATED = "2026-01-01T00:00:00Z"
PORT = {"name": "http", "protocol": "TCP"}


@dataclass(frozen=True)
class Size:
    """How big: Services with a ClusterIP, and endpoints of each in each family."""

    services: int = 10_000
    endpoints: int = 10

    @property
    def objects(self) -> int:
        return NAMESPACES + (1 + len(FAMILIES)) * (self.services + HEADLESS)


def objects(size: Size) -> Iterator[Object]:
    """The whole cluster: Namespaces, Services, EndpointSlices, each with its resourceVersion, from 1 on."""
    pod_numbers = {family: count() for family in FAMILIES}
    for version, item in enumerate(_objects(size, pod_numbers), 1):
        item["metadata"]["resourceVersion"] = str(version)
        yield item


def _objects(size: Size, pod_numbers: dict[str, "count[int]"]) -> Iterator[Object]:
    for number in range(NAMESPACES):
        name = f"ns-{number}"
        labels = {"kubernetes.io/metadata.name": name}
        metadata = {"name": name, "uid": _uid(1, number), "creationTimestamp": CREATED, "labels": labels}
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata, "status": {"phase": "Active"}}
    for number in range(size.services):
        yield service(number)
    for number in range(HEADLESS):
        yield _service("headless", number, ["None"])
    for number in range(size.services):
        yield from _slices("svc", number, size.endpoints, pod_numbers)
    for number in range(HEADLESS):
        yield from _slices("headless", number, HEADLESS_ENDPOINTS, pod_numbers)


def service(number: int, ipv4: str = "") -> Object:
    """One of the Services with ClusterIPs; `ipv4` in place of its own."""
    return _service("svc", number, [ipv4 or cluster_ip("IPv4", number), cluster_ip("IPv6", number)])


def cluster_ip(family: str, number: int) -> str:
    return str(FIRST_IPS[family] + number)


def service_name(number: int, kind: str = "svc") -> str:
    """The DNS name without the last dot."""
    return f"{kind}-{number}.ns-{number % NAMESPACES}.svc.cluster.local"


def _service(kind: str, number: int, ips: list[str]) -> Object:
    name = f"{kind}-{number}"
    spec = {
        "type": "ClusterIP",
        "clusterIP": ips[0],
        "clusterIPs": ips,
        "ipFamilies": list(FAMILIES),
        "ipFamilyPolicy": "PreferDualStack",
        "internalTrafficPolicy": "Cluster",
        "sessionAffinity": "None",
        "selector": {"app": name},
        "ports": [{**PORT, "port": 80, "targetPort": 8080}],
    }
    metadata = _metadata(kind, number, name, uid=2, manager="kubectl-create", fields=("spec",), labels={"app": name})
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec, "status": {"loadBalancer": {}}}


def _slices(kind: str, number: int, endpoints: int, pod_numbers: dict[str, "count[int]"]) -> Iterator[Object]:
    of = f"{kind}-{number}"
    for family in FAMILIES:
        labels = {
            "kubernetes.io/service-name": of,
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        }
        fields = ("addressType", "endpoints", "metadata", "ports")
        name = f"{of}-{family.lower()}"
        metadata = _metadata(kind, number, name, uid=3, manager="kube-controller-manager", fields=fields, labels=labels)
        owner = {"apiVersion": "v1", "kind": "Service", "name": of, "uid": _uid(2, number)}
        metadata["ownerReferences"] = [{**owner, "controller": True, "blockOwnerDeletion": True}]
        space = metadata["namespace"]
        yield {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": metadata,
            "addressType": family,
            "endpoints": [_endpoint(family, of, space, next(pod_numbers[family]), i) for i in range(endpoints)],
            "ports": [{**PORT, "port": 8080}],
        }


def _endpoint(family: str, of: str, namespace: str, pod: int, place: int) -> Object:
    return {
        "addresses": [str(FIRST_POD_IPS[family] + pod)],
        "conditions": {"ready": True, "serving": True, "terminating": False},
        "nodeName": f"node-{pod % NODES}",
        "zone": f"zone-{pod % 3}",
        "targetRef": {"kind": "Pod", "name": f"{of}-{place}", "namespace": namespace, "uid": _uid(4, pod)},
    }


def _metadata(
    kind: str, number: int, name: str, *, uid: int, manager: str, fields: Iterable[str], labels: dict[str, str]
) -> Object:
    managed = {
        "manager": manager,
        "operation": "Update",
        "apiVersion": "v1",
        "time": CREATED,
        "fieldsType": "FieldsV1",
        "fieldsV1": {f"f:{field}": {} for field in fields},
    }
    return {
        "name": name,
        "namespace": f"ns-{number % NAMESPACES}",
        "uid": _uid(uid, number),
        "creationTimestamp": CREATED,
        "labels": labels,
        "managedFields": [managed],
    }


def _uid(kind: int, number: int) -> str:
    return f"00000000-0000-4000-{kind:04x}-{number:012x}"


def write_objects(size: Size, folder: Path) -> int:
    """One file a kind, one object a line. Returns the bytes of all of them."""
    files: dict[str, Any] = {}
    total = 0
    try:
        for item in objects(size):
            kind = item["kind"]
            if kind not in files:
                files[kind] = (folder / f"{kind}.jsonl").open("wb")
            total += files[kind].write(json.dumps(item, separators=(",", ":")).encode() + b"\n")
    finally:
        for file in files.values():
            file.close()
    return total


# -- questions


def address_questions(size: Size, lines: int, seed: int = 1) -> Iterator[str]:
    """A and AAAA of Services with ClusterIPs."""
    chosen = random.Random(seed)
    for _ in range(lines):
        yield f"{service_name(chosen.randrange(size.services))} {chosen.choice(('A', 'AAAA'))}"


def missing_questions(size: Size, lines: int, seed: int = 1) -> Iterator[str]:
    """Names that no Service has, each once: what a scan or a broken client asks."""
    chosen = random.Random(seed)
    for _ in range(lines):
        yield f"{chosen.getrandbits(60):x}.ns-1.svc.cluster.local {chosen.choice(('A', 'AAAA'))}"


def headless_questions(size: Size, lines: int, seed: int = 1) -> Iterator[str]:
    """A and AAAA of the headless Services: 40 addresses in each reply."""
    chosen = random.Random(seed)
    for _ in range(lines):
        yield f"{service_name(chosen.randrange(HEADLESS), 'headless')} {chosen.choice(('A', 'AAAA'))}"


def pointer_questions(size: Size, lines: int, seed: int = 1) -> Iterator[str]:
    """PTR of ClusterIPs of IPv4."""
    chosen = random.Random(seed)
    for _ in range(lines):
        yield f"{(FIRST_IPS['IPv4'] + chosen.randrange(size.services)).reverse_pointer} PTR"


def search_path_questions(size: Size, lines: int, seed: int = 1) -> Iterator[str]:
    """What a Pod of the namespace `team` asks for `svc-1.ns-1`: first below its own namespace, then the name itself."""
    chosen = random.Random(seed)
    for _ in range(lines // 4):
        name = service_name(chosen.randrange(size.services))
        short = ".".join(name.split(".")[:2])
        for asked in (f"{short}.team.svc.cluster.local", name):
            yield f"{asked} A"
            yield f"{asked} AAAA"


def write_questions(lines: Iterable[str], file: Path) -> Path:
    """The format of dnsperf: a name and a type a line."""
    with file.open("w") as out:
        out.writelines(f"{line}\n" for line in lines)
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes a big dual-stack cluster, one file a kind.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--services", type=int, default=Size.services)
    parser.add_argument("--endpoints", type=int, default=Size.endpoints, help="of each Service in each family")
    options = parser.parse_args()
    size = Size(options.services, options.endpoints)
    options.folder.mkdir(parents=True, exist_ok=True)
    written = write_objects(size, options.folder)
    print(f"{size.objects} objects, {written >> 20} MiB")


if __name__ == "__main__":
    main()
