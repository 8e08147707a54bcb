"""kubeadm configurations."""

import pytest

from resolver.controlplane.kubeadm_file import BadKubeadm, KubeadmNetwork, read_kubeadm

DUAL = """
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
featureGates: {IPv6DualStack: true}
networking:
  podSubnet: 10.244.0.0/16,2001:db8:42:0::/56
  serviceSubnet: 10.96.0.0/16, 2001:db8:42:1::/112
---
apiVersion: kubeadm.k8s.io/v1beta3
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: "10.100.0.1", bindPort: 6443}
nodeRegistration:
  kubeletExtraArgs: {node-ip: "10.100.0.2,fd00:1:2:3::2"}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
"""


def test_ranges_and_addresses_are_read_whatever_the_version() -> None:
    expected = KubeadmNetwork(
        ("10.96.0.0/16", "2001:db8:42:1::/112"),
        ("10.244.0.0/16", "2001:db8:42:0::/56"),
        "",
        "10.100.0.1",
        6443,
    )
    assert read_kubeadm(DUAL.encode(), "kubeadm.yaml") == expected
    assert read_kubeadm(DUAL.replace("v1beta3", "v1beta4").encode(), "kubeadm.yaml") == expected


def test_what_is_not_said_is_empty() -> None:
    text = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: {dnsDomain: shop.example}\n"
    assert read_kubeadm(text.encode(), "kubeadm.yaml") == KubeadmNetwork(domain="shop.example")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("apiVersion: v1\nkind: Service\n", "kubeadm.yaml: holds no kind: ClusterConfiguration of apiVersion: kubeadm"),
        ("kind: ClusterConfiguration\n", "kubeadm.yaml:1: ClusterConfiguration: apiVersion: is missing"),
        (DUAL.replace("10.244.0.0/16,2001:db8:42:0::/56", "[10.244.0.0/16]"), "kubeadm.yaml:6: ClusterConfiguration"),
        (DUAL.replace("bindPort: 6443", "bindPort: many"), "localAPIEndpoint.bindPort: is no number: 'many'"),
        (DUAL.replace("networking:", "networking: [1]\nother:"), "networking: is no mapping"),
        ("a: [", "kubeadm.yaml:"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place(text: str, words: str) -> None:
    with pytest.raises(BadKubeadm) as refused:
        read_kubeadm(text.encode(), "kubeadm.yaml")
    assert words in str(refused.value)
