"""What manifests say of a Pod's DNS, and how one that says nothing usable is refused."""

from pathlib import Path

import pytest

from resolver.cli.pod_manifests import BadPod, PodDns, read_pod
from resolver.client.resolv_conf import DnsConfig

CONFIG = DnsConfig(("192.0.2.1",), ("example",), (("ndots", "2"), ("edns0", None)))
SPEC = """{hostNetwork: true, dnsPolicy: None, dnsConfig: {
  nameservers: [192.0.2.1], searches: [example], options: [{name: ndots, value: "2"}, {name: edns0}]}}"""

READ = [
    # kind, path of the Pod's spec, metadata, spec: what is read
    ("Pod", "spec: {}", "{name: web, namespace: shop}", SPEC, PodDns("Pod", "web", "shop", "None", True, CONFIG)),
    ("Pod", "spec: {}", "{name: web}", "{}", PodDns("Pod", "web", "default")),
    ("Pod", "spec: {}", "{generateName: web-}", "{dnsConfig: {}}",
     PodDns("Pod", "", "default", dns_config=DnsConfig((), (), ()))),
    ("Deployment", "spec: {{template: {{spec: {}}}}}", "{name: api}", SPEC,
     PodDns("Deployment", "api", "default", "None", True, CONFIG)),
    ("CronJob", "spec: {{jobTemplate: {{spec: {{template: {{spec: {}}}}}}}}}", "{name: nightly}",
     "{dnsPolicy: Default}", PodDns("CronJob", "nightly", "default", "Default")),
    ("Widget", "spec: {{template: {{spec: {}}}}}", "{name: own}", "{}", PodDns("Widget", "own", "default")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "around", "metadata", "spec", "pod"), READ)
def test_pods_and_templates_are_read(
    kind: str, around: str, metadata: str, spec: str, pod: PodDns, tmp_path: Path
) -> None:
    body = around.replace("{}", spec, 1) if "{{" not in around else around.format(spec)
    (tmp_path / "m.yaml").write_text(f"apiVersion: v1\nkind: {kind}\nmetadata: {metadata}\n{body}\n")
    assert read_pod(str(tmp_path / "m.yaml")) == pod


SEVERAL = "---\n".join(
    f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{}}\n"
    for kind, name, namespace in (
        ("Pod", "web", "shop"),
        ("Pod", "web", "lab"),
        ("Pod", "db", "lab"),
        ("Service", "db", "x"),
    )
)


@pytest.mark.parametrize(("name", "namespace"), [("db", ""), ("web", "shop"), ("web", "lab"), ("", "shop")])
def test_of_several_the_one_that_fits_is_taken(name: str, namespace: str, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(SEVERAL)
    found = read_pod(str(tmp_path / "m.yaml"), name, namespace)
    assert name in ("", found.name)
    assert namespace in ("", found.namespace)


THERE = "there are: shop/web (Pod), lab/web (Pod), lab/db (Pod)"


@pytest.mark.parametrize(
    ("name", "namespace", "said"),
    [
        ("", "", f"holds 3 of */*, where one is needed; {THERE}"),
        ("web", "", f"holds 2 of */web, where one is needed; {THERE}"),
        ("dbb", "", "holds 0 of */dbb, where one is needed; " + THERE + "; did you mean db?"),
        ("web", "x", f"holds 0 of x/web, where one is needed; {THERE}"),
    ],
)
def test_none_or_several_are_refused_with_what_there_is(name: str, namespace: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(SEVERAL)
    with pytest.raises(BadPod) as refused:
        read_pod(str(tmp_path / "m.yaml"), name, namespace)
    assert said in str(refused.value)


BROKEN = [
    ("  dnsPolicy: 3", "m.yaml:5: Pod web: spec.dnsPolicy: must be text, not 3"),
    ("  dnsConfig: []", "m.yaml:5: Pod web: spec.dnsConfig: is no mapping"),
    ("  dnsConfig: {nameservers: 1.2.3.4}", "spec.dnsConfig.nameservers: is no list"),
    (
        "  dnsConfig:\n    options:\n    - name: a\n    - ndots",
        "m.yaml:8: Pod web: spec.dnsConfig.options[1]: write name:",
    ),
    ("  a: [", "m.yaml:"),
]


@pytest.mark.parametrize(("spec", "said"), BROKEN)
def test_a_manifest_that_is_wrong_is_refused_by_file_and_line(spec: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n{spec}\n")
    with pytest.raises(BadPod) as refused:
        read_pod(str(tmp_path / "m.yaml"))
    assert said in str(refused.value)


def test_files_that_are_not_there_or_hold_no_pod_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPod, match="No such file"):
        read_pod(str(tmp_path / "none"))
    (tmp_path / "m.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: web}\n")
    with pytest.raises(BadPod, match="there are: no Pod and no workload"):
        read_pod(str(tmp_path / "m.yaml"))
