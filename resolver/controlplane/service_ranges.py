"""``--service-cluster-ip-range``, ``--service-node-port-range``, ``--advertise-address`` as the API server judges them.

(cmd/kube-apiserver/app/options/{completion,validation}.go; A1 to A3.)
"""

import re
from typing import Final, NamedTuple

from resolver import limits
from resolver.cluster.addresses import canonical_address
from resolver.controlplane.go_text import go_quote
from resolver.controlplane.ip_families import ClusterFamilies
from resolver.controlplane.ip_text import IPV4, Prefix, endpoint_address_errors, parsed_address, parsed_prefix
from resolver.controlplane.node_ports import PortRange

FLAG: Final = "--service-cluster-ip-range"
DEFAULT_RANGE: Final = "10.0.0.0/24"
NODE_PORTS: Final = PortRange(30_000, 32_767)
ADVERTISED: Final = {IPV4: "192.0.2.1", "IPv6": "2001:db8::1"}
"""Addresses for documentation (RFC 5737, RFC 3849): nothing is there, but the family is right."""

_UNCOUNTED: Final = {IPV4: 31, "IPv6": 127}
"""So many host bits are too many for kube-apiserver to count the addresses: it takes them for none."""

_NUMBER: Final = re.compile(r"[+-]?[0-9]+")


class BadRange(ValueError):
    """A flag kube-apiserver would not start with; the text is its own."""


class ServiceRanges(NamedTuple):
    """One or two ranges, the first one primary, and the address the API server says it is at."""

    prefixes: tuple[Prefix, ...]
    advertised: str

    @property
    def families(self) -> ClusterFamilies:
        return ClusterFamilies(self.prefixes[0].family, len(self.prefixes) == 2)

    @property
    def cidrs(self) -> list[str]:
        return [str(each) for each in self.prefixes]


def service_ranges(text: str, advertised: str = "") -> ServiceRanges:
    """`text`: one or two CIDRs with a comma between; empty for 10.0.0.0/24. `advertised`: empty for one that fits.

    Raises BadRange.
    """
    parts = text.split(",") if text else [DEFAULT_RANGE]
    primary = parsed_prefix(parts[0])
    if primary is None:
        raise BadRange("service-cluster-ip-range[0] is not a valid cidr")
    if not limits.SERVICE_RANGE_BITS <= _host_bits(primary) < _UNCOUNTED[primary.family]:
        size = 1 << limits.SERVICE_RANGE_BITS
        words = f"the service cluster IP range must be at least {size} IP addresses"
        raise BadRange(f"error determining service IP ranges for primary service cidr: {words}")
    prefixes = [primary]
    if len(parts) > 1:
        secondary = parsed_prefix(parts[1])
        if secondary is None:
            raise BadRange("service-cluster-ip-range[1] is not an ip net")
        prefixes.append(secondary)
    problems = []
    if len(parts) > 2:
        problems.append(f"{FLAG} must not contain more than two entries")
    if len(prefixes) == 2 and primary.family == prefixes[1].family:
        problems.append(f"{FLAG}[0] and {FLAG}[1] must be of different IP family")
    address = _advertised_address(advertised) if advertised else b""
    if not any(address):  # unspecified is as good as none
        address = _advertised_address(ADVERTISED[primary.family])
    if len(address) != len(primary.network):
        shown = canonical_address(address)
        problems.append(f'service IP family "{primary}" must match public address family "{shown}"')
    if problems:
        raise BadRange(problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")
    shown = canonical_address(address)
    for error in endpoint_address_errors("<nil>", shown):
        raise BadRange(f"cannot use public IP {shown} with endpoint reconciler: {error}")
    return ServiceRanges(tuple(prefixes), shown)


def node_port_range(text: str) -> PortRange:
    """``30000-32767``, ``30000+100`` or one port; empty for the default. Raises BadRange."""
    text = text.strip()
    if not text:
        return NODE_PORTS
    first, sign, last = next(
        (parts for parts in (text.partition("-"), text.partition("+")) if parts[1]), (text, "", text)
    )
    if "-" in text and "+" in text:
        raise _bad_argument("service-node-port-range", text, f"unable to parse port range: {text}")
    low = _number(first, text)
    high = _number(last, text) + (low if sign == "+" else 0)
    if max(low, high) > limits.PORT:
        raise _bad_argument("service-node-port-range", text, f"the port range cannot be greater than 65535: {text}")
    if high < low:
        raise _bad_argument("service-node-port-range", text, f"end port cannot be less than start port: {text}")
    return PortRange(low, high)


def _host_bits(prefix: Prefix) -> int:
    return len(prefix.network) * 8 - prefix.length


def _number(text: str, whole: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise _bad_argument("service-node-port-range", whole, f"strconv.Atoi: parsing {go_quote(text)}: invalid syntax")
    return int(text)


def _advertised_address(text: str) -> bytes:
    packed = parsed_address(text)
    if packed is None:
        raise _bad_argument("advertise-address", text, f"failed to parse IP: {go_quote(text)}")
    return packed


def _bad_argument(flag: str, text: str, problem: str) -> BadRange:
    return BadRange(f'invalid argument {go_quote(text)} for "--{flag}" flag: {problem}')
