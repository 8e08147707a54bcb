"""kubectl itself against the API: the recorded transcript is what it prints here too."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from resolver.controlplane.resources import NODES, PODS
from tests.controlplane.golden_forms import cases
from tests.support.served_cluster import Served, controlled, served_cluster
from tests.support.transcript import Command, commands, comparable, manifests

KUBECTL = shutil.which("kubectl")
pytestmark = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on PATH")

RECORDED_WITH = "1.37"


def version() -> str:
    """The kubectl's own minor version, ``1.37``; its wording changes with it."""
    if KUBECTL is None:
        return ""
    told = subprocess.run([KUBECTL, "version", "--client", "-o", "json"], capture_output=True, check=False).stdout
    client = json.loads(told or "{}").get("clientVersion", {})
    return f"{client.get('major', '')}.{client.get('minor', '')}".rstrip("+")


_OTHERWISE = {
    "kubectl get svc --watch --request-timeout=2s": "ends by a time-out",
    "kubectl get svc web --watch-only --request-timeout=2s": "ends by a time-out",
    "kubectl delete po web-0 --now": "waits for a kubelet",
    "kubectl delete ns other --timeout=3s": "waits for a controller that the recorded server did not have",
    "kubectl describe ns shop": "asks for quotas, a kind that is not served",
    "kubectl describe node node-a": "shows when it was recorded",
    "kubectl api-versions": "lists groups that are not served",
    "kubectl version": "prints the version of its own build",
    "kubectl cluster-info": "prints the address of the server",
    "kubectl explain svc.spec.ipFamilyPolicy": "tested by itself: our texts are our own",
    "kubectl explain endpointslices": "tested by itself: our texts are our own",
    "kubectl get --raw /api/v1/namespaces/shop/services/tmp": "shows an address picked at random",
}
"""What is not compared, and why."""


class Shell:
    """Runs command lines beside the recorded manifests."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.served = served
        self.folder = folder
        for name, text in manifests().items():
            (folder / name).write_text(text)
        config = folder / "kubeconfig"
        served.server.write_kubeconfig(config)
        context = "context: {cluster: dualdns, user: dualdns"
        config.write_text(config.read_text().replace(context, f"{context}, namespace: shop"))
        self._environment = {**os.environ, "KUBECONFIG": str(config), "HOME": str(folder), "TZ": "UTC"}

    async def run(self, line: str) -> tuple[int, str]:
        """Exit status, and what went to both streams."""
        process = await asyncio.create_subprocess_shell(
            line, cwd=self.folder, env=self._environment, stdout=PIPE, stderr=PIPE
        )
        out, errors = await process.communicate()
        return process.returncode or 0, out.decode() + errors.decode()

    async def output(self, line: str) -> str:
        code, text = await self.run(line)
        assert code == 0, text
        return text


@asynccontextmanager
async def shell(folder: Path) -> AsyncIterator[Shell]:
    """The namespace shop with the recorded nodes and Pods, the controllers at work."""
    async with served_cluster() as served:
        await served.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
        for kind, resource in (("nodes", NODES), ("pods", PODS)):
            for number, each in enumerate(cases("list")[f"all/{kind}"]["response"]["body"]["items"]):
                served.put(resource, _stored(each, f"{kind}-{number}"))
        dispatcher = controlled(served.api)
        try:
            yield Shell(served, folder)
        finally:
            dispatcher.close()


def _stored(value: Any, uid: str) -> Any:
    if isinstance(value, dict):
        times = {"startedAt": "2026-01-02T03:04:06Z"}
        filled = {"UID": uid, "TIME": "2026-01-02T03:04:05Z"}
        return {
            key: times.get(key, filled[each]) if each in ("UID", "TIME") else _stored(each, uid)
            for key, each in value.items()
        }
    return [_stored(each, uid) for each in value] if isinstance(value, list) else value


def _form(command: Command, output: str) -> list[str]:
    """Lines to compare: names of slices are random, and so is the order of slices and of what comes from them."""
    text = re.sub(r"\b(db|web)-(?=[a-z0-9]*[a-z])[a-z0-9]{5}\b", r"\1-NAME", comparable(output))
    text = re.sub(r"(?<=uid: )\S+", "UID", text).replace('"TIME"', "TIME")
    lines = [" ".join(",".join(sorted(word.split(","))) for word in line.split(" ")) for line in text.split("\n")]
    if command.line.startswith("kubectl diff"):
        return [line for line in lines if not line.startswith(("diff ", "---", "+++"))]
    return sorted(lines) if "endpointslice" in command.line else lines


@pytest.mark.skipif(version() != RECORDED_WITH, reason=f"needs kubectl {RECORDED_WITH}, which the transcript is of")
async def test_the_recorded_transcript_is_what_kubectl_prints(tmp_path: Path) -> None:
    async with shell(tmp_path) as run:
        for command in commands():
            if command.line in _OTHERWISE and not command.line.startswith("kubectl delete"):
                continue
            line = command.line.replace(" --now", " --now --wait=false").replace(
                "ns other --timeout=3s", "ns other --wait=false"
            )
            code, output = await run.run(line)
            if command.line not in _OTHERWISE:
                assert _form(command, output) == _form(command, command.output), command.line
                assert code == command.code, command.line


async def test_explain_tells_types_and_values(tmp_path: Path) -> None:
    async with shell(tmp_path) as run:
        field = await run.output("kubectl explain svc.spec.ipFamilyPolicy")
        kind = await run.output("kubectl explain endpointslices")
    assert "FIELD: ipFamilyPolicy <string>" in field
    assert field.partition("ENUM:")[2].split()[:3] == ["PreferDualStack", "RequireDualStack", "SingleStack"]
    assert "addressType\t<string> -required-" in kind
    assert "endpoints\t<[]Endpoint>" in kind
    assert "GROUP:      discovery.k8s.io" in kind


async def test_a_workload_is_scaled_and_waited_for(tmp_path: Path) -> None:
    async with shell(tmp_path) as run:
        await run.output("kubectl create deployment hello --image=registry.example/hello:1")
        assert "scaled" in await run.output("kubectl scale deployment hello --replicas=3")
        assert "0/3" in await run.output("kubectl get deployment hello")
        assert "restarted" in await run.output("kubectl rollout restart deployment hello")
        shown = await run.output("kubectl get deployment hello -o jsonpath={.spec.replicas}")
        assert shown == "3"
        assert "configured" in await run.output(
            "kubectl get deployment hello -o yaml | sed s/hello:1/hello:2/ | kubectl apply -f -"
        )


async def test_every_kind_can_be_listed_and_shown_wide(tmp_path: Path) -> None:
    async with shell(tmp_path) as run:
        names = (await run.output("kubectl api-resources -o name")).split()
        assert len(names) == 19
        listed = await run.output(f"kubectl get {','.join(names)} -A -o wide")
    assert "servicecidr.networking.k8s.io/kubernetes" in listed
    assert "ipaddress.networking.k8s.io/10.43.0.1" in listed


async def test_watching_goes_on_until_it_is_ended(tmp_path: Path) -> None:
    async with shell(tmp_path) as run:
        process = await asyncio.create_subprocess_shell(
            r"""exec kubectl get svc -w --output-watch-events -o 'jsonpath={.type} {.object.metadata.name}{"\n"}'""",
            cwd=tmp_path,
            env={**os.environ, "KUBECONFIG": str(tmp_path / "kubeconfig"), "HOME": str(tmp_path)},
            stdout=PIPE,
        )
        stream = process.stdout
        assert stream is not None
        await run.output("kubectl apply -f web.yaml")
        assert (await stream.readline()).split() == [b"ADDED", b"web"]
        await run.output("kubectl delete -f web.yaml")
        assert (await stream.readline()).split() == [b"DELETED", b"web"]
        process.terminate()
        await process.wait()
