"""The index: the Services that answers are made from, with their addresses and endpoints."""

import asyncio
from collections.abc import AsyncGenerator
from fnmatch import fnmatchcase
from itertools import islice
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from resolver import limits
from resolver.admin.operation import Answer, Desk, Lines
from resolver.cluster.inventory import Inventory, ServiceEntry
from resolver.cluster.objects import NO_PORT, EndpointSlice, Port, ServiceKind, labels_text

_KINDS: Final = {
    ServiceKind.CLUSTER_IP: "ClusterIP",
    ServiceKind.HEADLESS: "Headless",
    ServiceKind.EXTERNAL_NAME: "ExternalName",
}


class IndexWanted(msgspec.Struct, forbid_unknown_fields=True):
    """Both have to fit; ``*`` stands for any characters."""

    namespace: Annotated[str, Meta(description="A namespace; * stands for any characters.")] = "*"
    name: Annotated[str, Meta(description="A Service; * stands for any characters.")] = "*"


class PortShown(msgspec.Struct):
    """A port; name and protocol are empty where there are none."""

    name: str
    number: int
    protocol: str


class EndpointShown(msgspec.Struct):
    """A ready address behind a Service. `target`: the Pod, where it is known."""

    address: str
    hostname: str
    target: str
    zone: str
    ports: list[PortShown]


class ServiceShown(msgspec.Struct):
    """A line of the index. `kind` is null where there are endpoints and no Service.

    `cluster`: which of the server's clusters, from 0. `synced`: its first lists are in.
    """

    cluster: int
    synced: bool
    namespace: str
    name: str
    kind: str | None
    addresses: list[str]
    external_name: str
    external_addresses: list[str]
    ports: list[PortShown]
    endpoints: list[EndpointShown]


async def list_index(desk: Desk, parameters: IndexWanted, body: None) -> Answer:
    inventories = [cluster.inventory for cluster in desk.server.instance.clusters.clusters()]
    return Lines(_lines(inventories, parameters))


async def _lines(inventories: list[Inventory], wanted: IndexWanted) -> AsyncGenerator[bytes, None]:
    """Some Services at a time, as the cluster is at that moment: what goes meanwhile is left out."""
    for number, inventory in enumerate(inventories):
        keys = iter(list(inventory.services))
        while some := list(islice(keys, limits.ADMIN_INDEX_STEP)):
            found = (_line(number, inventory, key, wanted) for key in some)
            lines = b"".join(line for line in found if line)
            if lines:
                yield lines
            await asyncio.sleep(0)


def _line(number: int, inventory: Inventory, key: bytes, wanted: IndexWanted) -> bytes:
    """Empty where it is not wanted, or is gone."""
    entry = inventory.services.get(key)
    name, namespace = (labels_text(label) for label in _labels(key))
    if entry is None or not (fnmatchcase(name, wanted.name) and fnmatchcase(namespace, wanted.namespace)):
        return b""
    return msgspec.json.encode(_shown(number, inventory, name, namespace, entry)) + b"\n"


def _labels(key: bytes) -> tuple[bytes, bytes]:
    end = 1 + key[0]
    return key[:end], key[end:]


def _shown(number: int, inventory: Inventory, name: str, namespace: str, entry: ServiceEntry) -> ServiceShown:
    service = entry.service
    return ServiceShown(
        number,
        inventory.synced,
        namespace,
        name,
        None if service is None else _KINDS[service.kind],
        [] if service is None else [each for each in service.cluster_ips if each != "None"],
        "" if service is None else service.external_name,
        [] if service is None else list(service.external_ips),
        [] if service is None else _ports(service.ports),
        [endpoint for endpoint_slice in entry.slices for endpoint in _endpoints(endpoint_slice)],
    )


def _endpoints(endpoint_slice: EndpointSlice) -> list[EndpointShown]:
    ports = _ports(endpoint_slice.ports)
    return [
        EndpointShown(
            address,
            _at(endpoint_slice.hostnames, place),
            _at(endpoint_slice.targets, place),
            _at(endpoint_slice.zones, place),
            ports,
        )
        for place, address in enumerate(endpoint_slice.addresses)
    ]


def _ports(ports: tuple[Port, ...]) -> list[PortShown]:
    return [
        PortShown(port.name.decode(), port.number, port.protocol.decode()) for port in ports if port.number != NO_PORT
    ]


def _at(texts: tuple[bytes, ...], place: int) -> str:
    return texts[place].decode("utf-8", "backslashreplace") if texts else ""
