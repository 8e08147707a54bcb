"""``--cluster-cidr``: the ranges Pods get their addresses from, and the piece of them that each node has."""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, NamedTuple

from resolver import limits
from resolver.controlplane.service_ranges import BadRange

Network = IPv4Network | IPv6Network

FLAG: Final = "--cluster-cidr"
DEFAULTS: Final = {"IPv4": "10.244.0.0/16", "IPv6": "fd00:10:244::/56"}
_NODE_MASKS: Final = {4: 24, 6: 64}
"""kube-controller-manager's --node-cidr-mask-size-ipv4 and -ipv6."""


class PodRange(NamedTuple):
    """A range and the length of the pieces nodes get of it."""

    network: Network
    mask: int

    @property
    def pieces(self) -> int:
        return 1 << (self.mask - self.network.prefixlen)

    def piece(self, number: int) -> Network:
        first = int(self.network.network_address) + (number << (self.network.max_prefixlen - self.mask))
        return type(self.network)((first, self.mask))


class PodRanges:
    """One range, or one of each family; Pods have their addresses in this order."""

    def __init__(self, ranges: Sequence[PodRange], avoided: Iterable[Network] = ()) -> None:
        """`avoided`: the Services' ranges, of which no node gets any part."""
        self.ranges = tuple(ranges)
        self._avoided = tuple(avoided)

    def pieces(self) -> Iterator[tuple[str, ...]]:
        """The podCIDRs that nodes can have, one after the other."""
        for number in range(min(each.pieces for each in self.ranges)):
            networks = [each.piece(number) for each in self.ranges]
            if not any(_overlap(network, each) for network in networks for each in self._avoided):
                yield tuple(str(each) for each in networks)


def pod_ranges(texts: Sequence[str], service_cidrs: Sequence[str] = ()) -> PodRanges:
    """Reads the flag's values. Raises BadRange, which says what to write instead."""
    ranges = []
    for text in texts:
        try:
            network = ip_network(text.strip(), strict=False)
        except ValueError as error:
            raise BadRange(f"{FLAG}: {text!r} is no CIDR; write for example {','.join(DEFAULTS.values())}") from error
        if network.max_prefixlen - network.prefixlen < limits.POD_RANGE_BITS:
            raise BadRange(f"{FLAG}: {text} is too small: write one of at least {1 << limits.POD_RANGE_BITS} addresses")
        ranges.append(PodRange(network, _node_mask(network)))
    versions = [each.network.version for each in ranges]
    if not ranges or len(set(versions)) != len(versions):
        raise BadRange(f"{FLAG} takes one CIDR, or one of each family: not {','.join(texts) or 'nothing'}")
    return PodRanges(ranges, [ip_network(each) for each in service_cidrs])


def _node_mask(network: Network) -> int:
    """Kubernetes' own size, unless that leaves fewer than four nodes or makes more than 65,536."""
    bits = _NODE_MASKS[network.version] - network.prefixlen
    bits = min(max(bits, limits.NODE_PIECES_LEAST), limits.NODE_PIECES_MOST)
    return min(network.prefixlen + bits, network.max_prefixlen - limits.POD_RANGE_BITS + limits.NODE_PIECES_LEAST)


def _overlap(one: Network, other: Network) -> bool:
    if isinstance(one, IPv4Network):
        return isinstance(other, IPv4Network) and one.overlaps(other)
    return isinstance(other, IPv6Network) and one.overlaps(other)
