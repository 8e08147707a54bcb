"""The subsets of an Endpoints object in their one canonical layout (kubernetes pkg/api/v1/endpoints)."""

from collections.abc import Iterable, Iterator
from math import ceil
from typing import NamedTuple

from resolver import limits
from resolver.controlplane.stored_object import JsonObject

_Identity = tuple[str, str]
"""Address and uid of what is behind it."""


class _Addresses(NamedTuple):
    """What stands behind some ports: keys of addresses with their readiness."""

    ready: dict[_Identity, bool]
    ports: list[JsonObject]


def repacked(subsets: Iterable[JsonObject], *, apart: bool = False) -> list[JsonObject]:
    """One subset for each set of addresses, with all ports it has; sorted, addresses by text and uid of their target.

    An address that is ready in one subset and not in another, for one port, is not ready. `apart`: ports with an
    appProtocol are never joined over subsets, as happens to the real controllers with an Endpoints object they read.
    """
    known: dict[_Identity, JsonObject] = {}
    by_port: dict[tuple[object, ...], _Addresses] = {}
    for number, subset in enumerate(subsets):
        ports = subset.get("ports") or [None]
        for place, port in enumerate(ports):
            key = () if port is None else _port_key(port, (number, place) if apart else ())
            found = by_port.setdefault(key, _Addresses({}, [] if port is None else [port]))
            for address, ready in _addresses(subset):
                identity = _identity(address)
                known.setdefault(identity, address)
                found.ready[identity] = ready and found.ready.get(identity, True)
    joined: dict[tuple[tuple[_Identity, bool], ...], list[JsonObject]] = {}
    for found in by_port.values():
        joined.setdefault(tuple(sorted(found.ready.items())), []).extend(found.ports)
    result = []
    for addresses, ports in joined.items():
        subset = {
            "addresses": [known[identity] for identity, ready in addresses if ready],
            "notReadyAddresses": [known[identity] for identity, ready in addresses if not ready],
            "ports": sorted(ports, key=lambda port: (port.get("name", ""), port["port"], port.get("protocol", ""))),
        }
        result.append({key: value for key, value in subset.items() if value})
    return sorted(result, key=_order)


def truncated(subsets: list[JsonObject]) -> list[JsonObject] | None:
    """The subsets cut to what one object may hold, ready addresses first, in proportion; None where all have room."""
    ready = sum(len(each.get("addresses", ())) for each in subsets)
    waiting = sum(len(each.get("notReadyAddresses", ())) for each in subsets)
    most = limits.ENDPOINTS_CAPACITY
    if ready + waiting <= most:
        return None
    cut = "addresses" if ready > most else "notReadyAddresses"
    room, total = (most, ready) if ready > most else (most - ready, waiting)
    left = room
    result = []
    for each in subsets:
        subset = dict(each)
        if ready > most:
            subset.pop("notReadyAddresses", None)
        addresses = subset.get(cut, [])
        kept = addresses[: min(ceil(len(addresses) / total * room), left)]
        left -= len(kept)
        subset[cut] = kept
        result.append({key: value for key, value in subset.items() if value})
    return result


def _addresses(subset: JsonObject) -> Iterator[tuple[JsonObject, bool]]:
    """Each address of a subset with its readiness."""
    for address in subset.get("addresses") or ():
        yield address, True
    for address in subset.get("notReadyAddresses") or ():
        yield address, False


def _identity(address: JsonObject) -> _Identity:
    """Two addresses of different Pods on one node are different."""
    return address["ip"], (address.get("targetRef") or {}).get("uid", "")


def _port_key(port: JsonObject, place: tuple[int, ...]) -> tuple[object, ...]:
    fields = (port.get("name", ""), port["port"], port.get("protocol", ""), port.get("appProtocol", ""))
    return (*fields, *place) if "appProtocol" in port else fields


def _order(subset: JsonObject) -> tuple[object, ...]:
    ports = [(port.get("name", ""), port["port"], port.get("protocol", "")) for port in subset.get("ports", ())]
    return ports, [address["ip"] for address, _ in _addresses(subset)]
