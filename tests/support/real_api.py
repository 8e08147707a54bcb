"""A real kube-apiserver with its etcd, for tests that skip where the programs are not installed."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import yaml

TOKEN = "admintoken"


def missing_program() -> str:
    """Why there can be no real API here; empty where there can."""
    for program in ("etcd", "kube-apiserver", "openssl"):
        if not _program(program):
            return f"no {program} in KUBEBUILDER_ASSETS or PATH"
    return ""


def missing_controllers() -> str:
    """Why there can be no real controllers here; empty where there can."""
    name = "kube-controller-manager"
    return missing_program() or ("" if _program(name) else f"no {name} in KUBEBUILDER_ASSETS or PATH")


class RealApi:
    """etcd and kube-apiserver on loopback, in a folder of their own. `start` returns before they are ready."""

    def __init__(self, folder: Path, ranges: str = "10.96.0.0/16,fd00:10:96::/112") -> None:
        self._folder = folder
        self.ranges = ranges
        self._etcd_port, self._peer_port, self.port = _free_ports(3)
        self._etcd: subprocess.Popen[bytes] | None = None
        self._api: subprocess.Popen[bytes] | None = None
        self._controllers: subprocess.Popen[bytes] | None = None
        self.url = f"https://127.0.0.1:{self.port}"
        self.kubeconfig = folder / "kubeconfig"

    def prepare(self) -> None:
        """Writes keys, tokens and the kubeconfig, and starts etcd."""
        key = str(self._folder / "sa.key")
        subprocess.run([_program("openssl"), "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        (self._folder / "tokens.csv").write_text(f"{TOKEN},admin,admin,system:masters\n")
        self.write_kubeconfig(TOKEN)
        client, peer = f"http://127.0.0.1:{self._etcd_port}", f"http://127.0.0.1:{self._peer_port}"
        self._etcd = self._run(
            "etcd",
            f"--data-dir={self._folder / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
        )

    def write_kubeconfig(self, token: str) -> None:
        cluster = {"server": self.url, "insecure-skip-tls-verify": True}
        document = {
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": {"token": token}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        self.kubeconfig.write_text(yaml.safe_dump(document))

    def start(self) -> None:
        self._api = self._run(
            "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{self._etcd_port}",
            f"--secure-port={self.port}",
            "--bind-address=127.0.0.1",
            f"--advertise-address={'2001:db8::1' if ':' in self.ranges.split(',')[0] else '192.0.2.1'}",
            f"--cert-dir={self._folder / 'certs'}",
            f"--service-account-key-file={self._folder / 'sa.key'}",
            f"--service-account-signing-key-file={self._folder / 'sa.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--authorization-mode=AlwaysAllow",
            f"--token-auth-file={self._folder / 'tokens.csv'}",
            f"--service-cluster-ip-range={self.ranges}",
            "--disable-admission-plugins=ServiceAccount",
        )

    def start_controllers(self, names: Sequence[str]) -> bool:
        """Starts these of kube-controller-manager, once the API is ready; False where there is no such program."""
        if missing_controllers():
            return False
        if self._controllers is None:
            self._controllers = self._run(
                "kube-controller-manager",
                f"--kubeconfig={self.kubeconfig}",
                f"--controllers={','.join(names)}",
                "--leader-elect=false",
                "--secure-port=0",
                "--kube-api-qps=500",
                "--kube-api-burst=1000",
            )
        return True

    def kill(self) -> None:
        """The API server dies without a word; its storage stays."""
        if self._api is not None:
            self._api.send_signal(signal.SIGKILL)
            self._api.wait()
            self._api = None

    def stop(self) -> None:
        """Ends all, the API server before its etcd: without that it would not end by itself."""
        if self._controllers is not None:
            self._controllers.kill()
            self._controllers.wait()
        self.kill()
        if self._etcd is not None:
            self._etcd.kill()
            self._etcd.wait()

    async def request(self, method: str, path: str, body: Any = None) -> int:
        """One request of the administrator; returns the status."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, self.url + path, json=body, ssl=False) as response,
        ):
            await response.read()
            return response.status

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{program}.log").open("ab") as log:
            return subprocess.Popen([_program(program), *arguments], stdout=log, stderr=log, cwd=self._folder)


def _program(name: str) -> str:
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    inside = Path(assets) / name
    if assets and inside.is_file():
        return str(inside)
    return shutil.which(name) or ""


def _free_ports(count: int) -> list[int]:
    """Ports that are free now; all are held until all are found, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


async def changed_until(changed: asyncio.Event, condition: Any, seconds: float = 90) -> None:
    """Returns once the condition holds, looking whenever `changed` is set."""
    async with asyncio.timeout(seconds):
        while not condition():
            changed.clear()
            await changed.wait()
