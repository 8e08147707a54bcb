"""Flags about a Pod and its kubelet, and which of flag, manifest and kubeadm file wins."""

from pathlib import Path

import pytest

from resolver.cli.pod_manifests import PodDns
from resolver.cli.pod_options import add_flags, pod_resolv_conf
from resolver.cli.spelling import Parser
from resolver.client.resolv_conf import BadResolvConf, DnsConfig, ResolvConf

KUBEADM = """\
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking: {serviceSubnet: "fd00:10:96::/112,10.96.0.0/16", dnsDomain: example.test}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
"""
FILES = {
    "kubeadm": KUBEADM,
    "kubelet": f"{KUBEADM}clusterDNS: [fd00:10:96::b]\nclusterDomain: other.test\n",
    "odd": f"{KUBEADM}clusterDNS: 10.0.0.1\nclusterDomain: 3\n",
    "node": "nameserver 192.0.2.53\nsearch node.example\n",
    "empty": " \n",
    "service": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n",
}
POD = PodDns("Pod", "web", "shop")
ON_NODE = POD._replace(policy="Default")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(words: str, pod: PodDns | None = None) -> ResolvConf:
    parser = Parser(prog="test")
    add_flags(parser)
    return pod_resolv_conf(parser.parse_args(words.split()), pod)


def below(namespace: str, domain: str = "cluster.local") -> tuple[str, ...]:
    return f"{namespace}.svc.{domain}", f"svc.{domain}", domain


MADE: list[tuple[str, PodDns | None, tuple[str, ...], tuple[str, ...]]] = [
    # flags, the Pod's manifest: name servers, search path
    ("", None, ("10.96.0.10",), below("default")),
    ("", POD, ("10.96.0.10",), below("shop")),
    ("-n lab", POD, ("10.96.0.10",), below("lab")),
    ("--cluster-dns fd00::a,10.0.0.1 --cluster-dns 10.0.0.2", None, ("fd00::a", "10.0.0.1", "10.0.0.2"),
     below("default")),
    ("--service-cluster-ip-range fd00::/112,10.0.0.0/16", None, ("fd00::a",), below("default")),
    ("--cluster-domain x.test", None, ("10.96.0.10",), below("default", "x.test")),
    ("--from-kubeadm kubeadm", None, ("fd00:10:96::a",), below("default", "example.test")),
    ("--from-kubeadm kubelet", None, ("fd00:10:96::b",), below("default", "other.test")),
    ("--from-kubeadm odd", None, ("fd00:10:96::a",), below("default", "example.test")),
    ("--from-kubeadm kubelet --cluster-dns 10.0.0.1 --cluster-domain b", None, ("10.0.0.1",), below("default", "b")),
    ("--from-kubeadm kubeadm --service-cluster-ip-range 10.0.0.0/16", None, ("10.0.0.10",),
     below("default", "example.test")),
    ("--node-resolv-conf node", POD, ("10.96.0.10",), (*below("shop"), "node.example")),
    ("--node-resolv-conf node", ON_NODE, ("192.0.2.53",), ("node.example",)),
    ("--node-resolv-conf empty", ON_NODE, (), ()),
    ("--node-resolv-conf= --node-ip 192.0.2.2", ON_NODE, ("127.0.0.1",), (".",)),
    ("--dns-policy Default --node-resolv-conf node", POD, ("192.0.2.53",), ("node.example",)),
    ("--dns-policy ClusterFirst --node-resolv-conf node", ON_NODE, ("10.96.0.10",), (*below("shop"), "node.example")),
    ("--host-network --node-resolv-conf node", POD, ("192.0.2.53",), ("node.example",)),
    ("--node-resolv-conf node", POD._replace(host_network=True), ("192.0.2.53",), ("node.example",)),
    ("", POD._replace(policy="None", dns_config=DnsConfig(("192.0.2.1",), ("a",), ())), ("192.0.2.1",), ("a",)),
]  # fmt: skip


@pytest.mark.parametrize(("words", "pod", "nameservers", "searches"), MADE)
def test_flags_win_over_the_manifest_and_over_kubeadm(
    words: str, pod: PodDns | None, nameservers: tuple[str, ...], searches: tuple[str, ...], folder: Path
) -> None:
    conf = made(words, pod)
    assert (conf.nameservers, conf.searches) == (nameservers, searches)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--node-resolv-conf none", "--node-resolv-conf none: No such file"),
        ("--from-kubeadm none", "--from-kubeadm none: No such file"),
        ("--from-kubeadm service", "--from-kubeadm: service"),
        ("--dns-policy Default", "node's file"),
    ],
)
def test_files_that_cannot_be_used_are_named_with_their_flag(words: str, said: str, folder: Path) -> None:
    with pytest.raises(BadResolvConf) as refused:
        made(words)
    assert said in str(refused.value)
