"""Addresses of Services: handed out by making IPAddress objects, from the ranges of the ServiceCIDR objects.

The objects are the books: what is in the store is taken, whoever wrote it; the ranges below only mirror them, so a
write that fails or is rolled back leaves nothing to clean up (kube-apiserver MultiCIDRServiceAllocator; A1 to A11, P6).
"""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from random import Random
from typing import Any, Final

from resolver import limits
from resolver.cluster.addresses import canonical_address, packed_address
from resolver.controlplane.address_range import AddressRange
from resolver.controlplane.field_errors import invalid, required
from resolver.controlplane.identity import new_uid
from resolver.controlplane.ip_text import IPV6, parsed_address, parsed_prefix
from resolver.controlplane.names import path_segment_problems
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import IP_ADDRESSES, SERVICE_CIDRS
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject
from resolver.controlplane.write_request import Write

JsonObject = dict[str, Any]

TAKEN: Final = "provided IP is already allocated"
ELSEWHERE: Final = "the provided network does not match the current range"
MANAGED_BY: Final = "ipallocator.k8s.io"


class CannotAllocate(Exception):
    """A named address cannot be had, or nothing could be written down; the text is the API's."""


class RangeFull(Exception):
    """No address is left in any range of the family."""


class ServiceIps:
    """Hands out and takes back the addresses of Services."""

    def __init__(self, store: ObjectStore, random: Random) -> None:
        self._store = store
        self._random = random
        self._ranges: dict[str, AddressRange] = {}
        self._users: dict[str, set[str]] = {}  # the ServiceCIDRs that name a range
        store.index(SERVICE_CIDRS, _Watching(self._cidrs_changed))
        store.index(IP_ADDRESSES, _Watching(self._address_changed))

    def allocate(self, metadata: JsonObject, address: str, write: Write) -> None:
        """Takes the named address for the Service. Raises CannotAllocate."""
        packed = parsed_address(address)
        assert packed is not None, address  # noqa: S101  # judged before
        canonical = canonical_address(packed)
        if write.dry_run:
            self._check_dry_run(packed, canonical)
            return
        if not any(each.contains(packed) for each in self._ranges.values()):
            raise CannotAllocate(ELSEWHERE)
        self._write_down(metadata, canonical, IPV6 if len(packed) == 16 else "IPv4", write)

    def pick(self, metadata: JsonObject, family: str, write: Write) -> str:
        """Takes any free address for the Service. Raises RangeFull or CannotAllocate."""
        ranges = [each for each in self._ranges.values() if each.prefix.family == family]
        if write.dry_run and ranges:
            return canonical_address(ranges[0].prefix.network)
        seed = _seed(metadata, family)
        for each in ranges:
            address = each.pick(seed)
            if address is not None:
                self._write_down(metadata, address, family, write)
                return address
        raise RangeFull

    def release(self, address: str) -> None:
        """Gives an address back. One that is free, or outside the ranges, is left alone."""
        packed = parsed_address(address)
        if packed is None or not any(each.contains(packed) for each in self._ranges.values()):
            return
        found = self._store.get(IP_ADDRESSES, "", canonical_address(packed))
        if found is not None:
            self._store.delete(found)

    def _check_dry_run(self, packed: bytes, canonical: str) -> None:
        """A dry run looks at one range and not whether the address is taken, as the API server does."""
        ranges = [each for each in self._ranges.values() if len(each.prefix.network) == len(packed)]
        if not ranges or ranges[0].contains(packed):
            return
        words = f"the provided IP ({canonical}) is not in the valid range. The range of valid IPs is {ranges[0].prefix}"
        raise CannotAllocate(words)

    def _write_down(self, metadata: JsonObject, address: str, family: str, write: Write) -> None:
        name, namespace = metadata.get("name", ""), metadata["namespace"]
        errors = [invalid("spec.parentRef.name", name, each) for each in path_segment_problems(name)]
        if not name:
            errors = [required("spec.parentRef.name")]
        if errors:
            raise CannotAllocate(StatusError.invalid(IP_ADDRESSES, address, errors).message)
        if self._store.get(IP_ADDRESSES, "", address) is not None:
            raise CannotAllocate(TAKEN)
        labels = {"ipaddress.kubernetes.io/ip-family": family, "ipaddress.kubernetes.io/managed-by": MANAGED_BY}
        value = {
            "kind": "IPAddress",
            "apiVersion": "networking.k8s.io/v1",
            "metadata": {
                "name": address,
                "uid": new_uid(self._random),
                "resourceVersion": "",
                "creationTimestamp": write.now,
                "labels": labels,
            },
            "spec": {"parentRef": {"resource": "services", "namespace": namespace, "name": name}},
        }
        self._store.create(IP_ADDRESSES, value)

    # -- mirroring the store

    def _address_changed(self, before: StoredObject | None, now: StoredObject | None) -> None:
        if before is not None and now is not None:
            return
        changed = now or before
        packed = packed_address(changed.name) if changed else None
        if packed is not None:
            for each in self._ranges.values():
                each.mark(packed, now is not None)

    def _cidrs_changed(self, before: StoredObject | None, now: StoredObject | None) -> None:
        changed = now or before
        name = changed.name if changed else ""
        ready = _ready_cidrs(now) if now else []
        for text in ready:
            self._users.setdefault(text, set()).add(name)
            if text not in self._ranges:
                self._add_range(text)
        for text in [each for each, users in self._users.items() if name in users and each not in ready]:
            self._users[text].discard(name)
            if not self._users[text]:
                del self._users[text]
                self._ranges.pop(text, None)

    def _add_range(self, text: str) -> None:
        prefix = parsed_prefix(text)
        if prefix is None or (prefix.family == IPV6 and prefix.length < limits.SERVICE_PREFIX):
            return  # as the API server: such a range hands out nothing
        added = self._ranges[text] = AddressRange(prefix)
        for each in self._store.all(IP_ADDRESSES):
            packed = packed_address(each.name)
            if packed is not None:
                added.mark(packed, True)


class _Watching:
    """An index of the store that is one function."""

    def __init__(self, changed: Callable[[StoredObject | None, StoredObject | None], None]) -> None:
        self.changed = changed


def _ready_cidrs(cidr: StoredObject) -> Iterable[str]:
    """The ranges of a ServiceCIDR that may be used: one that is going, or not ready, gives none."""
    value = cidr.object
    if "deletionTimestamp" in value["metadata"]:
        return []
    conditions = value.get("status", {}).get("conditions", [])
    ready = next((each["status"] for each in conditions if each["type"] == "Ready"), "True")
    return list(value["spec"].get("cidrs", [])) if ready == "True" else []


def _seed(metadata: JsonObject, family: str) -> int:
    """The same Service gets the same address in every run, as long as it is free."""
    owner = f"{metadata['namespace']}/{metadata.get('name', '')} {family}"
    return int.from_bytes(blake2b(owner.encode(), digest_size=8).digest())
