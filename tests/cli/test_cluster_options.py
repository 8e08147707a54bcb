"""What the flags of the embedded cluster make of it."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from resolver.cli.cluster_options import add_flags, check, embedded_options
from resolver.corefile.tokens import BadConfig

KUBEADM = """apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking: {serviceSubnet: 10.96.0.0/16, dnsDomain: shop.example}
apiServer:
  extraArgs: [{name: service-node-port-range, value: 31000-31100}]
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 10.100.0.1, bindPort: 6444}
"""


def _options(*words: str) -> Any:
    parser = argparse.ArgumentParser()
    add_flags(parser)
    options = parser.parse_args(words)
    check(parser, options)
    return embedded_options(options, cluster_dns=False)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {}),
        (["--api", "0"], {}),
        (["--api", "8443"], {"secure_port": 8443}),
        (["--service-cluster-ip-range", "10.0.0.0/24,fd00::/108"], {"service_cidrs": ("10.0.0.0/24", "fd00::/108")}),
        (["--max-endpoints-per-slice", "0"], {"max_endpoints_per_slice": 0}),
        (["--state", "x.db"], {"state": "x.db"}),
    ],
)
def test_a_flag_that_is_not_given_leaves_the_default(words: list[str], expected: dict[str, Any]) -> None:
    assert _options(*words).cluster == {**expected, "simulate": True, "with_kube_dns": False}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {"service_cidrs": ("10.96.0.0/16",), "node_port_range": "31000-31100", "secure_port": 6444}),
        (["--api", "0"], {"secure_port": 6444}),
        (["--api", "[::1]:8443"], {"secure_port": 8443}),
        (["--service-node-port-range", "30000-30100"], {"node_port_range": "30000-30100"}),
        (["--advertise-address", "10.100.0.2"], {"advertise_address": "10.100.0.2"}),
    ],
)
def test_flags_win_over_a_kubeadm_file(words: list[str], expected: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "kubeadm.yaml").write_text(KUBEADM)
    made = _options("--from-kubeadm", str(tmp_path / "kubeadm.yaml"), *words)
    assert expected.items() <= made.cluster.items()
    assert made.domain == "shop.example"


def test_a_kubeadm_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"--from-kubeadm .*missing\.yaml: No such file"):
        _options("--from-kubeadm", str(tmp_path / "missing.yaml"))
