"""The flags of the embedded cluster: what they mean, which exclude each other, and what is said then."""

import argparse
import shlex
from pathlib import Path
from typing import Any

import pytest

from resolver.cli.cluster_options import add_flags, check, embedded_options, given_flags
from resolver.corefile.tokens import BadConfig
from resolver.server.embedded import ApiOptions, EmbeddedOptions

KUBEADM = """apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking:
  podSubnet: 10.244.0.0/16,fd00:10:244::/56
  serviceSubnet: 10.43.0.0/16,fd43::/112
  dnsDomain: lab.example
"""


def parsed(words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dualdns", allow_abbrev=False)
    add_flags(parser)
    options = parser.parse_args(shlex.split(words))
    check(parser, options)
    return options


def meant(words: str) -> EmbeddedOptions:
    return embedded_options(parsed(words), cluster_dns=True)


ALWAYS: dict[str, Any] = {"simulate": True, "with_kube_dns": True}
CLUSTER: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("--service-cluster-ip-range fd00::/108,10.0.0.0/24", {"service_cidrs": ("fd00::/108", "10.0.0.0/24")}),
    ("--service-cluster-ip-range=10.0.0.0/24", {"service_cidrs": ("10.0.0.0/24",)}),
    ("--service-cluster-ip-range ''", {}),
    ("--cluster-cidr 10.9.0.0/16,fd09::/56", {"cluster_cidrs": ("10.9.0.0/16", "fd09::/56")}),
    ("--service-node-port-range 31000-31009", {"node_port_range": "31000-31009"}),
    ("--advertise-address 2001:db8::7", {"advertise_address": "2001:db8::7"}),
    ("--max-endpoints-per-slice 7", {"max_endpoints_per_slice": 7}),
    ("--max-endpoints-per-slice 0", {"max_endpoints_per_slice": 0}),
    ("--mirroring-max-endpoints-per-subset 9", {"mirroring_max_endpoints_per_subset": 9}),
    ("--state kept", {"state": "kept"}),
    ("--simulate", {}),
    ("--simulate=true", {}),
    ("--simulate=false", {"simulate": False}),
    ("--api 0", {}),
    ("--api 6443", {"secure_port": 6443}),
]


@pytest.mark.parametrize(("words", "cluster"), CLUSTER)
def test_only_flags_that_are_given_are_said_to_the_cluster(words: str, cluster: dict[str, Any]) -> None:
    options = meant(words)
    assert (dict(options.cluster), options.domain) == (ALWAYS | cluster, "")


@pytest.mark.parametrize("wanted", [True, False])
def test_who_asks_says_whether_there_is_a_cluster_dns(wanted: bool) -> None:
    assert embedded_options(parsed(""), cluster_dns=wanted).cluster["with_kube_dns"] is wanted


API: list[tuple[str, ApiOptions | None]] = [
    ("", None),
    ("--api 0", ApiOptions("127.0.0.1", 0)),
    ("--api :6443", ApiOptions("127.0.0.1", 6443)),
    ("--api 0.0.0.0:6443", ApiOptions("0.0.0.0", 6443)),
    ("--api [::1]:0", ApiOptions("::1", 0)),
    ("--api localhost:65535", ApiOptions("localhost", 65535)),
    ("--api 0 --api-token-file t", ApiOptions("127.0.0.1", 0, token_file="t")),
    ("--api 0 --api-cert c --api-key k", ApiOptions("127.0.0.1", 0, certificate="c", key="k")),
]


@pytest.mark.parametrize(("words", "api"), API)
def test_where_the_api_listens_and_with_which_files(words: str, api: ApiOptions | None) -> None:
    assert meant(words).api == api


WRITE = "write PORT, HOST:PORT or [IPV6]:PORT, and a port from 0 (pick one) to 65535"
REFUSED = [
    ("--api ''", f"--api : {WRITE}"),
    ("--api http", f"--api http: {WRITE}"),
    ("--api 65536", f"--api 65536: {WRITE}"),
    ("--api=-1", f"--api -1: {WRITE}"),
    ("--api ٣", f"--api ٣: {WRITE}"),
    ("--api ::1:80", f"--api ::1:80: {WRITE}"),
    ("--api localhost:", f"--api localhost:: {WRITE}"),
    ("--api 0 --api-cert c", "--api-cert and --api-key belong together"),
    ("--api 0 --api-key k", "--api-cert and --api-key belong together"),
    ("--api-cert c --api-key k", "--api-cert is about the API: give --api [HOST:]PORT too"),
    ("--api-token-file t", "--api-token-file is about the API: give --api [HOST:]PORT too"),
    ("--simulate=perhaps", "invalid choice: 'perhaps'"),
    ("--max-endpoints-per-slice many", "invalid int value: 'many'"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_what_makes_no_sense_is_refused_with_what_to_write(
    words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(words)
    assert ended.value.code == 2
    assert message in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        ("", []),
        ("--api 0", ["--api"]),
        ("--state s --cluster-cidr 10.0.0.0/8", ["--cluster-cidr", "--state"]),
        ("--simulate", ["--simulate"]),
        ("--max-endpoints-per-slice 0", ["--max-endpoints-per-slice"]),
    ],
)
def test_flags_that_were_given_are_known_by_their_names(words: str, flags: list[str]) -> None:
    assert given_flags(parsed(words)) == flags


def test_every_flag_is_among_those_that_can_be_given() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    add_flags(parser)
    names = vars(parser.parse_args([]))
    assert set(names.values()) == {None}
    assert len(given_flags(argparse.Namespace(**dict.fromkeys(names, "x")))) == len(names)


# -- a kubeadm file ----------------------------------------------------------------------------------------------------


def test_a_kubeadm_file_gives_ranges_and_domain_and_flags_win(tmp_path: Path) -> None:
    path = tmp_path / "kubeadm.yaml"
    path.write_text(KUBEADM)
    options = meant(f"--from-kubeadm {path} --cluster-cidr 10.9.0.0/16")
    cidrs = {"service_cidrs": ("10.43.0.0/16", "fd43::/112"), "cluster_cidrs": ("10.9.0.0/16",)}
    assert (dict(options.cluster), options.domain) == (ALWAYS | cidrs, "lab.example")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "--from-kubeadm {path}: No such file or directory"),
        ("kind: Pod\napiVersion: v1\n", "--from-kubeadm: {path}: holds no kind: ClusterConfiguration"),
        ("{", "--from-kubeadm: {path}:1: is no YAML"),
    ],
)
def test_a_kubeadm_file_that_says_nothing_is_refused_by_its_name(
    text: str | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "kubeadm.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadConfig) as raised:
        meant(f"--from-kubeadm {path}")
    assert str(raised.value).startswith(message.replace("{path}", str(path)))
