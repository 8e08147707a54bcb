"""``--cluster-cidr``: the ranges Pods get their addresses from, and the piece of them that each node has."""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, NamedTuple

from resolver import limits
from resolver.controlplane.service_ranges import BadRange

Network = IPv4Network | IPv6Network

FLAG: Final = "--cluster-cidr"
MASK: Final = "--node-cidr-mask-size"
DEFAULTS: Final = {"IPv4": "10.244.0.0/16", "IPv6": "fd00:10:244::/56"}
_NODE_MASKS: Final = {4: 24, 6: 64}
"""kube-controller-manager's --node-cidr-mask-size-ipv4 and -ipv6."""


class NodeMasks(NamedTuple):
    """--node-cidr-mask-size, -ipv4 and -ipv6: lengths of the pieces of nodes, 0 where nothing is said."""

    either: int = 0
    ipv4: int = 0
    ipv6: int = 0


NO_MASKS: Final = NodeMasks()


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


def pod_ranges(texts: Sequence[str], service_cidrs: Sequence[str] = (), masks: NodeMasks = NO_MASKS) -> PodRanges:
    """Reads the flag's values. Raises BadRange, which says what to write instead."""
    ranges = []
    for text in texts:
        try:
            network = ip_network(text.strip(), strict=False)
        except ValueError as error:
            raise BadRange(f"{FLAG}: {text!r} is no CIDR; write for example {','.join(DEFAULTS.values())}") from error
        if network.max_prefixlen - network.prefixlen < limits.POD_RANGE_BITS:
            raise BadRange(f"{FLAG}: {text} is too small: write one of at least {1 << limits.POD_RANGE_BITS} addresses")
        ranges.append(PodRange(network, _node_mask(network, masks)))
    versions = [each.network.version for each in ranges]
    if not ranges or len(set(versions)) != len(versions):
        raise BadRange(f"{FLAG} takes one CIDR, or one of each family: not {','.join(texts) or 'nothing'}")
    _check_masks(ranges, masks)
    return PodRanges(ranges, [ip_network(each) for each in service_cidrs])


def _check_masks(ranges: Sequence[PodRange], masks: NodeMasks) -> None:
    """What kube-controller-manager does not start with (cmd/kube-controller-manager/app/core.go)."""
    versions = {each.network.version for each in ranges}
    if masks.either and len(ranges) > 1:
        raise BadRange(f"usage of {MASK} is not allowed with dual-stack clusters: write {MASK}-ipv4 and {MASK}-ipv6")
    if masks.either and (masks.ipv4 or masks.ipv6):
        raise BadRange(f"usage of {MASK}-ipv4 and {MASK}-ipv6 is not allowed if {MASK} is set")
    for version, given in ((4, masks.ipv4), (6, masks.ipv6)):
        if given and version not in versions:
            raise BadRange(f"usage of {MASK}-ipv{version} is not allowed for a single-stack IPv{10 - version} cluster")
    for network, mask in ranges:
        least, most = (
            network.prefixlen,
            min(network.prefixlen + limits.NODE_PIECES_MOST, network.max_prefixlen - limits.NODE_PIECE_BITS),
        )
        if not least <= mask <= most:
            raise BadRange(f"{MASK}: /{mask} is no piece of {network}: write {least} to {most}")


def _node_mask(network: Network, masks: NodeMasks) -> int:
    """What is said, else Kubernetes' own size, unless that leaves fewer than four nodes or makes more than 65,536."""
    if given := masks.either or (masks.ipv4 if network.version == 4 else masks.ipv6):
        return given
    bits = _NODE_MASKS[network.version] - network.prefixlen
    bits = min(max(bits, limits.NODE_PIECES_LEAST), limits.NODE_PIECES_MOST)
    return min(network.prefixlen + bits, network.max_prefixlen - limits.POD_RANGE_BITS + limits.NODE_PIECES_LEAST)


def _overlap(one: Network, other: Network) -> bool:
    if isinstance(one, IPv4Network):
        return isinstance(other, IPv4Network) and one.overlaps(other)
    return isinstance(other, IPv6Network) and one.overlaps(other)
