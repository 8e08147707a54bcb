"""A Pod's resolv.conf as the kubelet makes it (pkg/kubelet/network/dns, Kubernetes 1.37; the project's rules D1 to D9).

Pure: the node's file comes as text. Where the kubelet's own order of options is random, it is that of first mention.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from resolver import limits

POLICIES: Final = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
CLUSTER_DOMAIN: Final = "cluster.local"
SERVICE_RANGES: Final = ("10.96.0.0/16", "fd00:10:96::/112")
_CLUSTER_OPTIONS: Final = ("ndots:5",)
_DNS_NUMBER: Final = 10  # kubeadm's constants.GetDNSIP
_NO_NODE_FILE: Final = 'the kubelet copies its node\'s file: give its text, or "" for a kubelet with resolvConf: ""'


class BadResolvConf(ValueError):
    """Settings from which no resolv.conf can be made; the message says what is wrong and what to write."""


@dataclass(frozen=True, slots=True)
class Event:
    """A warning the kubelet would raise: on the Pod, and for MissingClusterDNS on the Node too."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class DnsConfig:
    """A Pod's ``spec.dnsConfig``; options are (name, value), value None where there is none."""

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ResolvConf:
    """What is in a resolv.conf, and what the kubelet would complain of. Options as written: ``ndots:5``."""

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()

    def text(self) -> str:
        """The file, in the order in which containerd writes it."""
        lines = [f"search {' '.join(self.searches)}"] if self.searches else []
        lines += [f"nameserver {nameserver}" for nameserver in self.nameservers]
        lines += [f"options {' '.join(self.options)}"] if self.options else []
        return "".join(f"{line}\n" for line in lines)


def resolv_conf(
    namespace: str,
    *,
    policy: str = "ClusterFirst",
    host_network: bool = False,
    dns_config: DnsConfig | None = None,
    cluster_dns: Sequence[str] | None = None,
    cluster_domain: str = CLUSTER_DOMAIN,
    service_ranges: Sequence[str] = SERVICE_RANGES,
    node_file: str | None = None,
    node_addresses: Sequence[str] = (),
) -> ResolvConf:
    """The resolv.conf of a Pod in this namespace (kubelet: Configurer.GetPodDNS).

    `cluster_dns` are the kubelet's clusterDNS addresses, all of them, in order (D2); None stands for what kubeadm
    writes, the tenth address of the first of `service_ranges`; empty, there are none (D5). `node_file` is the text of
    the node's resolv.conf, None where it is not known: then it adds no search domains, and a Pod that needs it is
    refused. An empty text is a kubelet whose resolvConf is empty (D8), which looks at `node_addresses`.

    Raises BadResolvConf.
    """
    _check_policy(policy)
    if cluster_dns is None:
        cluster_dns = (cluster_dns_address(service_ranges),)
    events: list[Event] = []
    node = read_resolv_conf(node_file or "")
    mode = _mode(policy, host_network)
    if mode == "None":
        base = ResolvConf()
        _check_none(dns_config)
    elif mode == "ClusterFirst" and cluster_dns:
        nameservers = tuple(_address(text, "the cluster's DNS") for text in cluster_dns)
        base = ResolvConf(nameservers, _searches(namespace, cluster_domain, node.searches), _CLUSTER_OPTIONS)
    else:
        if mode == "ClusterFirst":
            events.append(_MISSING_CLUSTER_DNS)
        base = _of_node(node_file, node, node_addresses)
    return _within_limits(_merged(base, dns_config), events)


def cluster_dns_address(service_ranges: Sequence[str]) -> str:
    """The tenth address of the first Service range, which is what kubeadm gives kube-dns. Raises BadResolvConf."""
    if not service_ranges:
        raise BadResolvConf("there is no Service range to take the address of the cluster's DNS from")
    try:
        network = ip_network(service_ranges[0].strip(), strict=False)
        return str(network[_DNS_NUMBER])
    except IndexError:
        raise BadResolvConf(f"Service range {service_ranges[0]} has no tenth address: write at least a /28") from None
    except ValueError:
        raise BadResolvConf(f"{service_ranges[0]!r} is no address range: write it like {SERVICE_RANGES[0]}") from None


def read_resolv_conf(text: str) -> ResolvConf:
    """A resolv.conf as the kubelet reads its node's (parseResolvConf; D9).

    Nameservers add up, the last search line counts, options are merged by name; the dot at the end of a search domain
    goes, and so does a search domain that is nothing but a dot. Raises BadResolvConf.
    """
    nameservers: list[str] = []
    searches: list[str] = []
    options: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "nameserver":
            if len(words) < 2:
                raise BadResolvConf(f"line {number} of the node's resolv.conf is a nameserver without an address")
            nameservers.append(words[1])
        elif words[0] == "search":
            searches = [word.removesuffix(".") for word in words[1:] if word != "."]
        elif words[0] == "options":
            options |= {word.partition(":")[0]: word for word in words[1:]}
    return ResolvConf(tuple(nameservers), tuple(searches), tuple(options.values()))


def _check_policy(policy: str) -> None:
    if policy not in POLICIES:
        folded = {each.casefold(): each for each in POLICIES}
        near = difflib.get_close_matches(policy.casefold(), folded, n=1)
        hint = f"; did you mean {folded[near[0]]}?" if near else ""
        raise BadResolvConf(f"there is no dnsPolicy {policy!r}: there are {', '.join(POLICIES)}{hint}")


def _mode(policy: str, host_network: bool) -> str:
    """The policy that takes effect (getPodDNSType; D1)."""
    if policy == "ClusterFirstWithHostNet":
        return "ClusterFirst"
    return "Default" if policy == "ClusterFirst" and host_network else policy


def _check_none(dns_config: DnsConfig | None) -> None:
    """What the API server refuses (validatePodDNSConfig)."""
    if dns_config is None:
        raise BadResolvConf("dnsPolicy None takes everything from the Pod's dnsConfig, and there is none")
    if not dns_config.nameservers:
        raise BadResolvConf("dnsPolicy None needs at least one nameserver in the Pod's dnsConfig")


def _address(text: str, what: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise BadResolvConf(f"{text!r} is no IP address for {what}") from None


def _searches(namespace: str, domain: str, of_node: Sequence[str]) -> tuple[str, ...]:
    """Three domains of the cluster, then the node's (generateSearchesForDNSClusterFirst; D3)."""
    if not domain:
        return tuple(of_node)
    return _without_doubles((f"{namespace}.svc.{domain}", f"svc.{domain}", domain, *of_node))


def _of_node(node_file: str | None, node: ResolvConf, node_addresses: Sequence[str]) -> ResolvConf:
    if node_file is None:
        raise BadResolvConf(_NO_NODE_FILE)
    if node_file:
        return node
    loopbacks = ["::1" if ":" in _address(each, "the node") else "127.0.0.1" for each in node_addresses]
    return ResolvConf(tuple(loopbacks or ["127.0.0.1"]), (".",))


def _merged(base: ResolvConf, own: DnsConfig | None) -> ResolvConf:
    """With the Pod's dnsConfig (appendDNSConfig, mergeDNSOptions; D6)."""
    if own is None:
        return base
    options: dict[str, str | None] = {}
    for option in base.options:
        name, _, value = option.partition(":")
        options[name] = value
    options |= dict(own.options)
    return ResolvConf(
        _without_doubles((*base.nameservers, *own.nameservers)),
        _without_doubles((*base.searches, *own.searches)),
        tuple(f"{name}:{value}" if value else name for name, value in options.items()),
    )


def _within_limits(whole: ResolvConf, events: list[Event]) -> ResolvConf:
    """What is left of it, and the events of what is not (formDNSConfigFitsLimits; D7)."""
    nameservers = whole.nameservers[: limits.POD_NAMESERVERS]
    if nameservers != whole.nameservers:
        message = (
            "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: "
        )
        events.append(Event("DNSConfigForming", message + " ".join(nameservers)))
    searches = [each for each in whole.searches[: limits.POD_SEARCHES] if len(each) <= limits.POD_SEARCH_SIZE]
    while len(" ".join(searches)) > limits.POD_SEARCH_LINE:
        searches.pop()
    if tuple(searches) != whole.searches:
        message = "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: "
        events.append(Event("DNSConfigForming", message + " ".join(searches)))
    return ResolvConf(nameservers, tuple(searches), whole.options, tuple(events))


def _without_doubles(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


_MISSING_CLUSTER_DNS: Final = Event(
    "MissingClusterDNS",
    'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy.'
    ' Falling back to "Default" policy.',
)
