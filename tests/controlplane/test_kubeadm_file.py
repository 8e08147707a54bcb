"""kubeadm configurations."""

import pytest

from resolver.controlplane.kubeadm_file import BadKubeadm, KubeadmNetwork, read_kubeadm
from resolver.controlplane.workloads.pod_ranges import NodeMasks

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


MAPPING = """
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
networking: {serviceSubnet: 10.96.0.0/16, podSubnet: 10.244.0.0/16}
apiServer:
  extraArgs:
    service-cluster-ip-range: fd00:10:96::/112,10.97.0.0/16
    service-node-port-range: 31000-31100
    advertise-address: "2001:db8::7"
    secure-port: "8443"
controllerManager:
  extraArgs:
    service-cluster-ip-range: 10.98.0.0/16
    cluster-cidr: fd00:10:244::/56,10.245.0.0/16
    node-cidr-mask-size-ipv4: "25"
    node-cidr-mask-size-ipv6: "66"
    max-endpoints-per-slice: "50"
    mirroring-max-endpoints-per-subset: "500"
---
apiVersion: kubeadm.k8s.io/v1beta3
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 10.100.0.1, bindPort: 6444}
"""
LIST = """
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
  - {name: service-cluster-ip-range, value: 10.1.0.0/16}
  - {name: service-cluster-ip-range, value: 10.2.0.0/16}
  - {name: v, value: "4"}
controllerManager:
  extraArgs:
  - {name: cluster-cidr, value: 10.3.0.0/16}
  - {name: node-cidr-mask-size, value: "26"}
"""


def test_extra_arguments_win_over_the_networking_part() -> None:
    expected = KubeadmNetwork(
        ("fd00:10:96::/112", "10.97.0.0/16"),
        ("fd00:10:244::/56", "10.245.0.0/16"),
        "",
        "2001:db8::7",
        8443,
        "31000-31100",
        NodeMasks(0, 25, 66),
        50,
        500,
    )
    assert read_kubeadm(MAPPING.encode(), "kubeadm.yaml") == expected


def test_extra_arguments_are_a_list_since_v1beta4_and_the_last_of_a_name_counts() -> None:
    expected = KubeadmNetwork(("10.2.0.0/16",), ("10.3.0.0/16",), node_masks=NodeMasks(26))
    assert read_kubeadm(LIST.encode(), "kubeadm.yaml") == expected


def test_a_cluster_is_made_with_what_is_said_and_nothing_else() -> None:
    assert read_kubeadm(LIST.encode(), "kubeadm.yaml").options() == {
        "service_cidrs": ("10.2.0.0/16",),
        "cluster_cidrs": ("10.3.0.0/16",),
        "node_masks": NodeMasks(26),
    }


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
        (
            MAPPING.replace('"8443"', "https"),
            "kubeadm.yaml:6: ClusterConfiguration (no name): apiServer.extraArgs: sec",
        ),
        (MAPPING.replace('"25"', "25"), "node-cidr-mask-size-ipv4: both name and value are text: quote them"),
        (LIST.replace('  - {name: v, value: "4"}', "  - v"), "is neither a mapping nor a list of name and value"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place(text: str, words: str) -> None:
    with pytest.raises(BadKubeadm) as refused:
        read_kubeadm(text.encode(), "kubeadm.yaml")
    assert words in str(refused.value)
