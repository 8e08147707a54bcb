"""Which addresses a Pod gets: the next free ones of its node, the same number in each family."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_network
from typing import Final

from resolver import limits
from resolver.controlplane.controllers.cluster_index import ClusterIndex
from resolver.controlplane.workloads.pod_ranges import Network

_FIRST: Final = 2
"""The first number in use: 1 is the bridge of a real node."""


class PodAddresses:
    """Hands out in a circle, so that what has just become free is not had again at once."""

    def __init__(self, index: ClusterIndex) -> None:
        self._index = index
        self._last: dict[str, int] = {}

    def pick(self, node: str, cidrs: Sequence[str]) -> tuple[str, ...]:
        """One address for each of the node's podCIDRs; none where the node is full or has no range."""
        networks = [ip_network(each) for each in cidrs]
        if not networks:
            return ()
        count = min(_usable(each) for each in networks) - _FIRST
        start = self._last.get(node, _FIRST - 1) + 1 - _FIRST
        for step in range(count):
            number = (start + step) % count + _FIRST
            addresses = tuple(str(each[number]) for each in networks)
            if self.free(addresses):
                self._last[node] = number
                return addresses
        return ()

    def wanted(self, groups: Iterable[Sequence[str]]) -> tuple[str, ...]:
        """The first group of addresses none of which a Pod has."""
        return next((tuple(group) for group in groups if self.free(group)), ())

    def free(self, addresses: Iterable[str]) -> bool:
        return not any(self._index.pod_at(each) for each in addresses)


def _usable(network: Network) -> int:
    """One more than the highest number a Pod may have: the last IPv4 address is for broadcast."""
    if network.version == 4:
        return max(network.num_addresses - 1, _FIRST)
    return min(network.num_addresses, limits.POD_NUMBERS)
