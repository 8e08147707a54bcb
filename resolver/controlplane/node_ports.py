"""Node ports of Services: what is stored is taken; a request adds to that until it is stored itself.

(kube-apiserver pkg/registry/core/service/portallocator; P4, P7, C18.)
"""

from typing import Any, Final, NamedTuple

from resolver import limits
from resolver.controlplane.object_store import ObjectStore
from resolver.controlplane.resources import SERVICES
from resolver.controlplane.stored_object import StoredObject

JsonObject = dict[str, Any]

TAKEN: Final = "provided port is already allocated"
FULL: Final = "range is full"

_DRY_RUN_FIRST: Final = 32_769
_DRY_RUN_LAST: Final = 100  # kube-apiserver looks for a free placeholder below this only


class PortRange(NamedTuple):
    """`first` to `last`, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


class PortRefused(Exception):
    """A port cannot be had; the text is the API's."""


class NodePorts:
    """The ports that stored Services hold."""

    def __init__(self, store: ObjectStore, ports: PortRange) -> None:
        self.range = ports
        self._taken: dict[int, int] = {}
        size = ports.last - ports.first + 1
        self._band = 0
        if size > limits.NODE_PORT_BAND_LEAST:
            share = max(limits.NODE_PORT_BAND_LEAST, size // limits.NODE_PORT_BAND_SHARE)
            self._band = min(share, limits.NODE_PORT_BAND_MOST)
        store.index(SERVICES, self)

    def changed(self, before: StoredObject | None, now: StoredObject | None) -> None:
        for each in held_ports(before.object["spec"]) if before else ():
            self._taken[each] -= 1
            if not self._taken[each]:
                del self._taken[each]
        for each in held_ports(now.object["spec"]) if now else ():
            self._taken[each] = self._taken.get(each, 0) + 1

    def is_taken(self, port: int) -> bool:
        return self.range.first <= port <= self.range.last and port in self._taken

    def free(self, seed: int, also_taken: list[int]) -> int | None:
        """A free port, the same for the same seed; the first of the range come last. None if there is none."""
        first, last = self.range
        middle = first + self._band
        for low, high in ((middle, last), (first, middle - 1)):
            size = high - low + 1
            for step in range(size):
                port = low + (seed + step) % size
                if port not in self._taken and port not in also_taken:
                    return port
        return None


class PortRequest:
    """The ports one write takes. `seed` decides where picking begins."""

    def __init__(self, ports: NodePorts, seed: int, *, dry_run: bool) -> None:
        self._ports = ports
        self._seed = seed
        self._dry_run = dry_run
        self._allocated: list[int] = []

    def allocate(self, port: int) -> None:
        """Raises PortRefused."""
        ports = self._ports.range
        if not self._dry_run and not ports.first <= port <= ports.last:
            raise PortRefused(f"provided port is not in the valid range. The range of valid ports is {ports}")
        if self._ports.is_taken(port) or port in self._allocated:
            raise PortRefused(TAKEN)
        self._allocated.append(port)

    def pick(self) -> int:
        """Raises PortRefused when there is none left. In a dry run a placeholder, past the range."""
        port = self._placeholder() if self._dry_run else self._ports.free(self._seed, self._allocated)
        if port is None:
            raise PortRefused(FULL)
        self._seed += 1
        self._allocated.append(port)
        return port

    def _placeholder(self) -> int:
        following = max(self._allocated) + 1 if self._allocated else _DRY_RUN_FIRST
        return next((each for each in range(following, _DRY_RUN_LAST) if not self._ports.is_taken(each)), following)


def held_ports(spec: JsonObject) -> set[int]:
    """The node ports a Service holds: those of its ports, and the one for health checks."""
    held = {each["nodePort"] for each in spec.get("ports", ()) if "nodePort" in each}
    if "healthCheckNodePort" in spec:
        held.add(spec["healthCheckNodePort"])
    return held
