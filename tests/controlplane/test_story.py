"""The story this project began with: a dual-stack cluster with ranges of one's own, one Deployment, one Service with
IPv6 first, and names that answer with both families; once from a manifest on disk, once over the API."""

import asyncio
import os
import re
import shutil
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

import dns.asyncquery
import dns.message
import dns.reversename
import pytest

from tests.support.commands import Command, running

RANGES = (
    "--service-cluster-ip-range",
    "10.0.0.0/24,fd00::/108",
    "--cluster-cidr",
    "10.244.0.0/16,fc00::/48",
    "--port",
    "0",
)
SERVICES = (ip_network("10.0.0.0/24"), ip_network("fd00::/108"))
PODS = (ip_network("10.244.0.0/16"), ip_network("fc00::/48"))
HELLO = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: hello1
spec:
  replicas: 2
  selector:
    matchLabels: {app: hello1}
  template:
    metadata:
      labels: {app: hello1}
    spec:
      containers:
      - name: hello1
        image: hello-dual-stack
        ports: [{containerPort: 80}]
---
apiVersion: v1
kind: Service
metadata:
  name: hello1
spec:
  ipFamilyPolicy: PreferDualStack
  ipFamilies: [IPv6, IPv4]
  selector: {app: hello1}
  ports: [{port: 80}]
"""
HEADLESS = """---
apiVersion: v1
kind: Service
metadata:
  name: hello1-pods
spec:
  clusterIP: None
  ipFamilyPolicy: PreferDualStack
  selector: {app: hello1}
  ports: [{port: 80}]
"""
KUBECTL = shutil.which("kubectl")


async def _ask(command: Command, name: str, type: str) -> list[str]:
    query = dns.message.make_query(name, type)
    reply = await dns.asyncquery.udp(query, "127.0.0.1", timeout=5, port=await command.dns_port())
    return sorted(str(item) for rrset in reply.answer for item in rrset)


async def _names_answer(command: Command) -> None:
    """The Service, its headless variant, and the way back, in both families."""
    name, pods = "hello1.default.svc.cluster.local", "hello1-pods.default.svc.cluster.local"
    for type, services, addresses in zip(("A", "AAAA"), SERVICES, PODS, strict=True):
        (cluster_ip,) = await _ask(command, name, type)
        assert ip_address(cluster_ip) in services
        reverse = dns.reversename.from_address(cluster_ip).to_text()
        assert await _ask(command, reverse, "PTR") == [f"{name}."]
        pod_ips = await _ask(command, pods, type)
        assert len(pod_ips) == 2
        assert all(ip_address(each) in addresses for each in pod_ips)
        names = await _ask(command, dns.reversename.from_address(pod_ips[0]).to_text(), "PTR")
        (pod,) = (each for each in names if each.endswith(f".{pods}."))
        assert await _ask(command, pod, type) == pod_ips[:1]


async def test_manifests_become_names_of_both_families_and_edits_change_them(tmp_path: Path) -> None:
    manifest = tmp_path / "hello1.yaml"
    manifest.write_text(HELLO + HEADLESS)
    async with running("serve", str(tmp_path), "--watch", *RANGES) as command:
        await _names_answer(command)
        manifest.write_text((HELLO + HEADLESS).replace("replicas: 2", "replicas: 3"))
        await command.until("names added, 0 removed")
        assert len(await _ask(command, "hello1-pods.default.svc.cluster.local", "AAAA")) == 3
        manifest.write_text(HELLO + HEADLESS.replace("None", "10.0.0.99"))
        assert f"{manifest}:33: Service hello1-pods: spec.clusterIP" in (await command.until("ERROR")).string
        assert await command.end() == 0


@pytest.mark.skipif(KUBECTL is None, reason="no kubectl on PATH")
async def test_kubectl_applies_and_describes_what_dig_then_finds(tmp_path: Path) -> None:
    async with running("serve", "--api", "0", *RANGES) as command:
        environment = {**os.environ, "KUBECONFIG": await command.kubeconfig(), "HOME": str(tmp_path)}

        async def kubectl(words: Sequence[str], stdin: str = "") -> str:
            pipe = asyncio.subprocess.PIPE
            process = await asyncio.create_subprocess_exec(
                str(KUBECTL), *words, stdin=pipe, stdout=pipe, stderr=pipe, env=environment
            )
            output, errors = await process.communicate(stdin.encode())
            assert process.returncode == 0, errors.decode()
            return output.decode()

        said = await kubectl(["apply", "-f", "-"], HELLO + HEADLESS)
        assert said.splitlines() == [
            "deployment.apps/hello1 created",
            "service/hello1 created",
            "service/hello1-pods created",
        ]
        await kubectl(["wait", "--for=condition=Available", "deployment/hello1", "--timeout=30s"])
        await _names_answer(command)

        service = _described(await kubectl(["describe", "svc", "hello1"]))
        assert (service["IP Family Policy"], service["IP Families"]) == ("PreferDualStack", "IPv6,IPv4")
        first, second = service["IPs"].split(",")
        assert service["IP"] == first
        assert ip_address(first) in SERVICES[1]
        assert ip_address(second) in SERVICES[0]
        assert service["Endpoints"].count(":80") >= 3

        pods = await kubectl(["describe", "po", "-l", "app=hello1"])
        found = [ip_address(text) for text in re.findall(r"^ +IP: +(\S+)$", pods, re.MULTILINE)]
        assert [each.version for each in found] == [4, 6, 4, 6]
        assert all(each in network for each, network in zip(found, PODS * 2, strict=True))

        await kubectl(["scale", "deployment/hello1", "--replicas=4"])
        await kubectl(["wait", "--for=jsonpath={.status.readyReplicas}=4", "deployment/hello1", "--timeout=30s"])
        assert len(await _ask(command, "hello1-pods.default.svc.cluster.local", "AAAA")) == 4
        await kubectl(["delete", "svc", "hello1"])
        assert await _ask(command, "hello1.default.svc.cluster.local", "AAAA") == []


def _described(text: str) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line and not line.startswith(" "))
    return {name: value.strip() for name, value in pairs}
