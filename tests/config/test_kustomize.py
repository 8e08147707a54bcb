"""The kustomizations hang together: names, ports, rights, and what a Pod must not be allowed."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from resolver.cluster.objects import KINDS
from resolver.controlplane.manifest_fields import field_problems
from resolver.controlplane.manifest_kinds import misspelt_kind
from resolver.controlplane.manifests import read_manifest

CONFIG = Path(__file__).parents[2] / "config"
FILES = sorted(path for path in CONFIG.rglob("*.y*ml") if path.is_file())
OVERLAYS = ("standalone", "sidecar")
UNPRIVILEGED = 1024  # the first port that anyone may open


def _name(path: Path) -> str:
    return str(path.relative_to(CONFIG))


def _objects(overlay: str) -> Iterator[dict[str, Any]]:
    """The objects of an overlay and of the base, as they are written."""
    for folder in ("base", overlay):
        kustomization = yaml.safe_load((CONFIG / "kustomize" / folder / "kustomization.yaml").read_text())
        for resource in kustomization["resources"]:
            path = CONFIG / "kustomize" / folder / resource
            if path.is_file():
                yield from yaml.safe_load_all(path.read_text())


def _one(overlay: str, kind: str) -> dict[str, Any]:
    (found,) = [each for each in _objects(overlay) if each["kind"] == kind]
    return found


def _server(overlay: str) -> dict[str, Any]:
    """The container dualdns runs in."""
    spec = _one(overlay, "Deployment")["spec"]["template"]["spec"]
    (found,) = [each for each in (*spec.get("initContainers", ()), *spec["containers"]) if each["name"] == "dualdns"]
    return found


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_every_yaml_file_is_a_right_manifest(path: Path) -> None:
    documents, problems = read_manifest(path.read_bytes(), path.name)
    assert problems == []
    assert documents
    for document in documents:
        assert misspelt_kind(document.api_version, document.kind) is None
        assert field_problems(document) == ([], [])


def test_every_file_is_used() -> None:
    for folder in ("base", *OVERLAYS):
        path = CONFIG / "kustomize" / folder
        kustomization = yaml.safe_load((path / "kustomization.yaml").read_text())
        named = {*kustomization["resources"], "kustomization.yaml"}
        for generator in kustomization.get("configMapGenerator", ()):
            named |= set(generator["files"])
        assert named - {"../base"} == {each.name for each in path.iterdir()}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_names_lead_to_what_they_name(overlay: str) -> None:
    deployment = _one(overlay, "Deployment")["spec"]
    pod = deployment["template"]["spec"]
    binding = _one(overlay, "ClusterRoleBinding")
    account = _one(overlay, "ServiceAccount")["metadata"]["name"]
    kustomization = yaml.safe_load((CONFIG / "kustomize" / overlay / "kustomization.yaml").read_text())
    assert pod["serviceAccountName"] == account
    assert [subject["name"] for subject in binding["subjects"]] == [account]
    assert binding["roleRef"]["name"] == _one(overlay, "ClusterRole")["metadata"]["name"]
    assert [volume["configMap"]["name"] for volume in pod["volumes"]] == [
        kustomization["configMapGenerator"][0]["name"]
    ]
    assert deployment["selector"]["matchLabels"].items() <= deployment["template"]["metadata"]["labels"].items()
    server = _server(overlay)
    (mount,) = server["volumeMounts"]
    assert server["args"] == ["-conf", f"{mount['mountPath']}/Corefile"]
    assert mount["name"] == pod["volumes"][0]["name"]


def test_the_role_allows_reading_all_kinds_and_nothing_else() -> None:
    rules = _one("standalone", "ClusterRole")["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} == {"list", "watch"}
    allowed = {(group, resource) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"]}
    needed = set()
    for kind in KINDS.values():
        group = kind.api_version.rpartition("/")[0]
        needed.add((group, kind.path.rpartition("/")[2]))
    assert allowed == needed


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_probes_ask_the_ports_of_the_corefile(overlay: str) -> None:
    corefile = (CONFIG / "kustomize" / overlay / "Corefile").read_text()
    server = _server(overlay)
    ports = {port["name"]: port["containerPort"] for port in server["ports"]}
    for name in ("health", "ready"):
        assert f"{name} :{ports[name]}" in corefile
    assert f"prometheus :{ports['metrics']}" in corefile
    asked = {name: (server[f"{name}Probe"]["httpGet"]["port"], server[f"{name}Probe"]["httpGet"]["path"])
             for name in ("startup", "readiness", "liveness")}  # fmt: skip
    assert asked == {
        "startup": ("ready", "/ready"),
        "readiness": ("ready", "/ready"),
        "liveness": ("health", "/health"),
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_container_can_write_gain_rights_or_be_root(overlay: str) -> None:
    pod = _one(overlay, "Deployment")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert "hostNetwork" not in pod
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        context = container["securityContext"]
        assert context == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}


def test_the_service_has_both_families_and_leads_to_the_port_of_the_corefile() -> None:
    spec = _one("standalone", "Service")["spec"]
    ports = {port["name"]: port for port in _server("standalone")["ports"]}
    assert spec["ipFamilyPolicy"] == "PreferDualStack"
    assert spec["selector"] == _one("standalone", "Deployment")["spec"]["selector"]["matchLabels"]
    served = {(port["port"], port["protocol"]): ports[port["targetPort"]] for port in spec["ports"]}
    for protocol in ("UDP", "TCP"):
        target = served[53, protocol]
        assert target["protocol"] == protocol
        assert target["containerPort"] >= UNPRIVILEGED
        assert f".:{target['containerPort']} {{" in (CONFIG / "kustomize/standalone/Corefile").read_text()


def test_the_sidecar_may_open_the_port_that_resolv_conf_means() -> None:
    pod = _one("sidecar", "Deployment")["spec"]["template"]["spec"]
    kustomization = yaml.safe_load((CONFIG / "kustomize/sidecar/kustomization.yaml").read_text())
    corefile = (CONFIG / "kustomize/sidecar/Corefile").read_text()
    assert pod["dnsPolicy"] == "None"
    (nameserver,) = pod["dnsConfig"]["nameservers"]
    assert f"bind {nameserver}\n" in corefile
    assert ".:53 {" in corefile
    assert "resolv.conf" not in "".join(line for line in corefile.splitlines() if not line.strip().startswith("#"))
    assert pod["securityContext"]["sysctls"] == [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "53"}]
    assert pod["dnsConfig"]["searches"][0] == f"{kustomization['namespace']}.svc.cluster.local"
    assert _server("sidecar")["restartPolicy"] == "Always"


@pytest.mark.parametrize("folder", ["base", *OVERLAYS])
def test_kubectl_builds_it(folder: str, tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl on PATH")
    command = [kubectl, "kustomize", str(CONFIG / "kustomize" / folder)]
    done = subprocess.run(command, env={"HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    objects = {each["kind"]: each for each in yaml.safe_load_all(done.stdout)}
    if folder in OVERLAYS:
        pod = objects["Deployment"]["spec"]["template"]["spec"]
        assert pod["volumes"][0]["configMap"]["name"] == objects["ConfigMap"]["metadata"]["name"]
        (subject,) = objects["ClusterRoleBinding"]["subjects"]
        account = objects["ServiceAccount"]["metadata"]
        assert (subject["name"], subject["namespace"]) == (account["name"], account["namespace"])
        assert pod["serviceAccountName"] == account["name"]
