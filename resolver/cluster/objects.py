"""The Kubernetes objects that DNS answers are made of, cut down to what answers need.

Names are kept as a query holds them: a *service key* is the lower-case wire labels of `<service>.<namespace>`
(``b"\\x03web\\x04shop"``), so that a part of a question is itself the key of a lookup.
Addresses stay text, as the object spells them: CoreDNS compares reverse lookups by text.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

import msgspec

NO_PORT: Final = -1
"""Stands for "no port declared"; it counts in SRV weights and makes no SRV record (CoreDNS, object.ToService)."""


class Port(NamedTuple):
    """A port of a Service or an EndpointSlice; name and protocol lower-case, empty where absent."""

    name: bytes
    number: int
    protocol: bytes


PLACEHOLDER_PORTS: Final[tuple[Port, ...]] = (Port(b"", NO_PORT, b""),)


class ServiceKind(IntEnum):
    """How a Service answers; NodePort and LoadBalancer answer as ClusterIP does."""

    CLUSTER_IP = 0
    HEADLESS = 1
    EXTERNAL_NAME = 2


class Namespace(msgspec.Struct, frozen=True, gc=False):
    """v1 Namespace: it exists. `name` is the lower-case wire label, ``b"\\x04shop"``."""

    name: bytes


class Service(msgspec.Struct, frozen=True, gc=False):
    """v1 Service. `key`: wire labels of name and namespace. `version`: metadata.resourceVersion."""

    key: bytes
    version: int | str
    kind: ServiceKind
    cluster_ips: tuple[str, ...]
    ports: tuple[Port, ...]
    external_name: str = ""
    external_ips: tuple[str, ...] = ()


class EndpointSlice(msgspec.Struct, frozen=True, gc=False):
    """discovery.k8s.io/v1 EndpointSlice: its ready addresses, one entry an address.

    `hostnames`, `targets` (names of the Pods behind) and `zones` run beside `addresses`, or are empty where no
    address has one. `import_key` and `cluster` are those of the multicluster labels, empty where absent.
    """

    id: str
    key: bytes
    version: int | str
    addresses: tuple[str, ...]
    ports: tuple[Port, ...]
    hostnames: tuple[bytes, ...] = ()
    targets: tuple[bytes, ...] = ()
    zones: tuple[bytes, ...] = ()
    import_key: bytes = b""
    cluster: bytes = b""
    triggered: str = ""


class Pod(msgspec.Struct, frozen=True, gc=False):
    """v1 Pod: status.podIPs. `namespace` is a wire label. A terminating Pod changes nothing until it is deleted."""

    id: str
    namespace: bytes
    version: int | str
    ips: tuple[str, ...]
    terminating: bool = False


class ServiceImport(msgspec.Struct, frozen=True, gc=False):
    """multicluster.x-k8s.io/v1alpha1 ServiceImport."""

    key: bytes
    version: int | str
    headless: bool
    ips: tuple[str, ...]
    ports: tuple[Port, ...]


ClusterObject = Namespace | Service | EndpointSlice | Pod | ServiceImport


class Kind(NamedTuple):
    """A watched kind: its API path (all namespaces) and how its objects are told apart."""

    name: str
    api_version: str
    path: str


NAMESPACES: Final = Kind("Namespace", "v1", "/api/v1/namespaces")
SERVICES: Final = Kind("Service", "v1", "/api/v1/services")
ENDPOINT_SLICES: Final = Kind("EndpointSlice", "discovery.k8s.io/v1", "/apis/discovery.k8s.io/v1/endpointslices")
PODS: Final = Kind("Pod", "v1", "/api/v1/pods")
SERVICE_IMPORTS: Final = Kind(
    "ServiceImport", "multicluster.x-k8s.io/v1alpha1", "/apis/multicluster.x-k8s.io/v1alpha1/serviceimports"
)
KINDS: Final = {kind.name: kind for kind in (NAMESPACES, SERVICES, ENDPOINT_SLICES, PODS, SERVICE_IMPORTS)}


def identity(item: ClusterObject) -> bytes | str:
    """What tells an object of its kind from the others: the same before and after an update."""
    if isinstance(item, Namespace):
        return item.name
    if isinstance(item, Service | ServiceImport):
        return item.key
    return item.id


def labels_text(key: bytes) -> str:
    """A run of wire labels as text: ``b"\\x03web\\x04shop"`` is ``web.shop``."""
    labels, at = [], 0
    while at < len(key):
        end = at + 1 + key[at]
        labels.append(key[at + 1 : end].decode("utf-8", "backslashreplace"))
        at = end
    return ".".join(labels)


def service_key(name: str, namespace: str) -> bytes:
    """The wire labels of `<name>.<namespace>`; both must be 1 to 63 bytes long."""
    return wire_label(name) + wire_label(namespace)


def wire_label(text: str) -> bytes:
    """One label of at most 63 bytes in wire form."""
    data = text.encode()
    return bytes((len(data),)) + data


def known_kinds(names: Iterable[str]) -> list[Kind]:
    """The kinds of these names, in the order of KINDS."""
    wanted = set(names)
    return [kind for kind in KINDS.values() if kind.name in wanted]
