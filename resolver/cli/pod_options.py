"""The flags that say what a Pod's resolv.conf is made of; `dualdns resolv-conf` and `dualdns resolve` share them."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from resolver.cli.pod_manifests import PodDns
    from resolver.client.resolv_conf import ResolvConf


def add_flags(parser: argparse.ArgumentParser) -> None:
    """All are None or empty where they are not given."""
    add = parser.add_argument_group("the Pod").add_argument
    add("--namespace", "-n", metavar="NS", default="", help="its namespace")
    add("--dns-policy", metavar="POLICY", default="", help="ClusterFirst, ClusterFirstWithHostNet, Default or None")
    add("--host-network", action="store_true", help="it shares its node's network")
    add = parser.add_argument_group("its kubelet").add_argument
    add("--cluster-dns", metavar="IP[,IP]", action="append",
        help="clusterDNS; default: the tenth address of the first Service range; empty: none")  # fmt: skip
    add("--cluster-domain", metavar="DOMAIN", help="clusterDomain, default cluster.local")
    add("--service-cluster-ip-range", metavar="CIDR[,CIDR]", help="default 10.96.0.0/16,fd00:10:96::/112")
    add("--node-resolv-conf", metavar="FILE", help="resolvConf, its node's file; '' for a kubelet that has none")
    add("--node-ip", metavar="IP[,IP]", default="", help="the node's addresses, where resolvConf is empty")
    add("--from-kubeadm", metavar="FILE", default="",
        help="take clusterDNS, domain and ranges from a kubeadm configuration; other flags win")  # fmt: skip


def pod_resolv_conf(options: argparse.Namespace, pod: "PodDns | None" = None) -> "ResolvConf":
    """What the flags and the Pod's manifest say; flags win. Raises BadResolvConf."""
    from resolver.client.resolv_conf import CLUSTER_DOMAIN, SERVICE_RANGES, BadResolvConf, resolv_conf

    written = _from_kubeadm(options.from_kubeadm) if options.from_kubeadm else {}
    cluster_dns = _parts(options.cluster_dns)
    domain = options.cluster_domain
    node_file = None
    if options.node_resolv_conf is not None:
        try:
            file = options.node_resolv_conf
            node_file = Path(file).read_text(encoding="utf-8", errors="replace") if file else ""
        except OSError as error:
            raise BadResolvConf(f"--node-resolv-conf {options.node_resolv_conf}: {error.strerror}") from None
        if options.node_resolv_conf and not node_file.strip():
            node_file = "\n"  # an empty file is not the same as none
    return resolv_conf(
        options.namespace or (pod.namespace if pod else "") or "default",
        policy=options.dns_policy or (pod.policy if pod else "") or "ClusterFirst",
        host_network=options.host_network or bool(pod and pod.host_network),
        dns_config=pod.dns_config if pod else None,
        cluster_dns=written.get("cluster_dns") if cluster_dns is None else cluster_dns,
        cluster_domain=written.get("domain", CLUSTER_DOMAIN) if domain is None else domain,
        service_ranges=_parts([options.service_cluster_ip_range or ""])
        or written.get("service_ranges")
        or SERVICE_RANGES,
        node_file=node_file,
        node_addresses=_parts([options.node_ip]) or (),
    )


def _parts(texts: list[str] | None) -> tuple[str, ...] | None:
    if texts is None:
        return None
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _from_kubeadm(file: str) -> dict[str, Any]:
    """What a kubeadm configuration says, its KubeletConfiguration included. Raises BadResolvConf."""
    from resolver.client.resolv_conf import BadResolvConf
    from resolver.controlplane.kubeadm_file import BadKubeadm, read_kubeadm
    from resolver.controlplane.manifests import read_manifest

    try:
        data = Path(file).read_bytes()
        network = read_kubeadm(data, file)
    except OSError as error:
        raise BadResolvConf(f"--from-kubeadm {file}: {error.strerror}") from None
    except BadKubeadm as error:
        raise BadResolvConf(f"--from-kubeadm: {error}") from None
    written: dict[str, Any] = {"service_ranges": network.service_cidrs}
    if network.domain:
        written["domain"] = network.domain
    for document in read_manifest(data, file).documents:
        if document.kind == "KubeletConfiguration":
            addresses = document.value.get("clusterDNS")
            if isinstance(addresses, list):
                written["cluster_dns"] = tuple(map(str, addresses))
            domain = document.value.get("clusterDomain")
            if isinstance(domain, str):
                written["domain"] = domain
    return written
