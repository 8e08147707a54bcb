"""CoreDNS itself reads from the API: client-go's reflectors, whose Accept header asks for protobuf first."""

import asyncio
import shutil
import socket
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import dns.asyncresolver
import dns.message
import dns.query
import dns.rdatatype
import pytest

from resolver.controlplane.resources import SERVICES
from tests.support.served_cluster import Served, controlled, served_cluster

COREDNS = shutil.which("coredns")
pytestmark = pytest.mark.skipif(COREDNS is None, reason="coredns is not on PATH")


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        found: int = sock.getsockname()[1]
        return found


@asynccontextmanager
async def _coredns(served: Served, folder: Path) -> AsyncIterator[int]:
    served.server.write_kubeconfig(folder / "kubeconfig")
    port = _free_port()
    (folder / "Corefile").write_text(
        f".:{port} {{\n bind 127.0.0.1\n kubernetes cluster.local in-addr.arpa ip6.arpa {{\n"
        f"  kubeconfig {folder}/kubeconfig dualdns\n  ttl 0\n }}\n}}\n"
    )
    assert COREDNS is not None
    process = await asyncio.create_subprocess_exec(COREDNS, "-conf", str(folder / "Corefile"), stdout=DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _ask(port: int, name: str, kind: str) -> list[str]:
    query = dns.message.make_query(name, kind)
    reply = await asyncio.to_thread(dns.query.udp, query, "127.0.0.1", port=port, timeout=2)
    return sorted(str(each) for answer in reply.answer for each in answer)


async def _until(port: int, name: str, kind: str, wanted: list[str]) -> None:
    """Asks until the answer is the wanted one; the test's own time limit ends what never is."""
    async with asyncio.timeout(20):
        while True:
            try:
                found = await _ask(port, name, kind)
            except (OSError, dns.exception.Timeout):
                found = ["none"]
            if found == wanted:
                return
            await asyncio.sleep(0)


async def test_coredns_follows_services_and_slices(tmp_path: Path) -> None:
    async with served_cluster() as served:
        dispatcher = controlled(served.api)
        spec = {
            "ipFamilyPolicy": "RequireDualStack",
            "clusterIP": "10.43.20.1",
            "clusterIPs": ["10.43.20.1", "fd43::2001"],
            "ports": [{"name": "http", "port": 80}],
        }
        served.api.create(SERVICES, "default", {"metadata": {"name": "web"}, "spec": spec})
        async with _coredns(served, tmp_path) as port:
            await _until(port, "web.default.svc.cluster.local", "A", ["10.43.20.1"])
            assert await _ask(port, "web.default.svc.cluster.local", "AAAA") == ["fd43::2001"]
            reverse = await _ask(port, "1.20.43.10.in-addr.arpa", "PTR")
            assert reverse == ["web.default.svc.cluster.local."]
            served.api.delete(SERVICES, "default", "web")
            await _until(port, "web.default.svc.cluster.local", "A", [])
        dispatcher.close()
