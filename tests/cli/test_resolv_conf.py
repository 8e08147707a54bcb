"""`dualdns resolv-conf`: flags, manifests and kubeadm files into the file a Pod is given."""

import json
from pathlib import Path

import pytest

from resolver.cli import resolv_conf

SEARCH = "search shop.svc.cluster.local svc.cluster.local cluster.local"
POD = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  dnsPolicy: None
  dnsConfig:
    nameservers: [192.0.2.1]
    searches: [example]
    options: [{name: ndots, value: "2"}, {name: edns0}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    spec:
      hostNetwork: true
      dnsPolicy: ClusterFirstWithHostNet
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec: {jobTemplate: {spec: {template: {spec: {}}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
"""
KUBEADM = """
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking: {serviceSubnet: "fd00:10:96::/112,10.96.0.0/16", dnsDomain: example.test}
"""
KUBELET = (
    KUBEADM
    + """---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
clusterDNS: [fd00:10:96::a, 10.96.0.10]
clusterDomain: other.test
"""
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("pods.yaml", POD), ("kubeadm.yaml", KUBEADM), ("kubelet.yaml", KUBELET)):
        (tmp_path / name).write_text(text)
    (tmp_path / "node").write_text("nameserver 192.0.2.53\nsearch node.example\n")
    (tmp_path / "empty").write_text("")
    return tmp_path


def printed(words: str, files: Path, capsys: pytest.CaptureFixture[str]) -> tuple[list[str], str]:
    assert resolv_conf.run(words.replace("{}", str(files)).split()) == 0
    said = capsys.readouterr()
    return said.out.splitlines(), said.err


DNS, NDOTS = "nameserver 10.96.0.10", "options ndots:5"
OF_NODE = ["search node.example", "nameserver 192.0.2.53"]

PRINTED = [
    ("--namespace shop", [SEARCH, DNS, NDOTS]),
    ("-n shop --cluster-dns fd00::a,10.0.0.10", [SEARCH, "nameserver fd00::a", "nameserver 10.0.0.10", NDOTS]),
    ("-n shop --service-cluster-ip-range fd00::/112,10.0.0.0/16", [SEARCH, "nameserver fd00::a", NDOTS]),
    ("-n a --cluster-domain x.test",
     ["search a.svc.x.test svc.x.test x.test", DNS, NDOTS]),
    ("-n shop --node-resolv-conf {}/node", [f"{SEARCH} node.example", DNS, NDOTS]),
    ("-n shop --dns-policy Default --node-resolv-conf {}/node", OF_NODE),
    ("-n shop --host-network --node-resolv-conf {}/node", OF_NODE),
    ("-n shop --dns-policy Default --node-resolv-conf {}/empty", []),
    ("-n shop --dns-policy Default --node-resolv-conf= --node-ip ::2,192.0.2.2",
     ["search .", "nameserver ::1", "nameserver 127.0.0.1"]),
    ("-n shop --dns-policy ClusterFirstWithHostNet --host-network", [SEARCH, DNS, NDOTS]),
    ("--pod {}/pods.yaml --name web", ["search example", "nameserver 192.0.2.1", "options ndots:2 edns0"]),
    ("--pod {}/pods.yaml --name api", [SEARCH, DNS, NDOTS]),
    ("--pod {}/pods.yaml --name api --dns-policy Default --node-resolv-conf {}/node", OF_NODE),
    ("--pod {}/pods.yaml -n default", [SEARCH.replace("shop", "default"), DNS, NDOTS]),
    ("-n a --from-kubeadm {}/kubeadm.yaml",
     ["search a.svc.example.test svc.example.test example.test", "nameserver fd00:10:96::a", NDOTS]),
    ("-n a --from-kubeadm {}/kubelet.yaml",
     ["search a.svc.other.test svc.other.test other.test", "nameserver fd00:10:96::a", DNS, NDOTS]),
    ("-n a --from-kubeadm {}/kubelet.yaml --cluster-dns 10.0.0.1 --cluster-domain b",
     ["search a.svc.b svc.b b", "nameserver 10.0.0.1", NDOTS]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), PRINTED)
def test_flags_and_files_make_the_file(
    words: str, expected: list[str], files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(words, files, capsys) == (expected, "")


def test_events_go_to_standard_error(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, said = printed("-n shop --cluster-dns= --node-resolv-conf {}/node", files, capsys)
    assert lines == ["search node.example", "nameserver 192.0.2.53"]
    assert said.startswith("Warning  MissingClusterDNS  kubelet does not have ClusterDNS IP configured")


def test_json_holds_the_events_too(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    addresses = ",".join(f"10.0.0.{number}" for number in range(1, 5))
    lines, _ = printed(f"-n shop --cluster-dns {addresses} --output json", files, capsys)
    said = json.loads("".join(lines))
    assert said["nameservers"] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    assert said["options"] == ["ndots:5"]
    assert [event["reason"] for event in said["events"]] == ["DNSConfigForming"]


REFUSED = [
    ("-n shop --dns-policy clusterfirst", "did you mean ClusterFirst?"),
    ("-n shop --dns-policy Default", "node's file"),
    ("-n shop --dns-policy None", "dnsConfig"),
    ("-n shop --cluster-dns kube-dns", "'kube-dns' is no IP address"),
    ("-n shop --node-resolv-conf {}/none", "No such file"),
    ("-n shop --from-kubeadm {}/none", "No such file"),
    ("-n shop --from-kubeadm {}/pods.yaml", "ClusterConfiguration"),
    ("--pod {}/none", "No such file"),
    ("--pod {}/pods.yaml", "shop/web (Pod), shop/api (Deployment), default/nightly (CronJob)"),
    ("--pod {}/pods.yaml --name wbe", "did you mean web?"),
    ("--pod {}/kubeadm.yaml", "no Pod and no workload"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_what_makes_no_file_is_refused_with_what_there_is(
    words: str, said: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert resolv_conf.run(words.replace("{}", str(files)).split()) == 2
    assert said in capsys.readouterr().err


def test_unknown_flags_are_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        resolv_conf.run(["--namespce", "shop"])
    assert "did you mean --namespace?" in capsys.readouterr().err
