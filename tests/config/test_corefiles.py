"""Every Corefile we hand out is taken by our own set-up, and by a real CoreDNS where there is one."""

import asyncio
import re
import shutil
import socket
from collections.abc import Iterable
from pathlib import Path

import pytest

from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest
from resolver.server.clusters import Feed
from resolver.server.configuration import Source, read_configuration
from resolver.server.instance import Instance
from resolver.server.log import Log
from tests.support.instances import NotingOwner

CONFIG = Path(__file__).parents[2] / "config"
COREFILES = sorted(path for path in CONFIG.rglob("*Corefile") if path.is_file())
PATIENCE = 60.0  # seconds; only a failure takes as long

ZONES = {
    "kubeadm.Corefile": [".:53"],
    "development.Corefile": [".:1053"],
    "dual-stack.Corefile": [
        ".:53",
        "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa.:53",
        "0.0.4.4.2.0.0.1.0.0.0.0.d.f.ip6.arpa.:53",
        "244.10.in-addr.arpa.:53",
        "96.10.in-addr.arpa.:53",
        "cluster.local.:53",
    ],
    "standalone": [".:1053"],
    "sidecar": [".:53"],
}


def _no_feed(request: ClusterRequest, inventory: Inventory) -> Feed:
    raise AssertionError("a set-up starts nothing")


def _name(path: Path) -> str:
    return path.name if path.name != "Corefile" else path.parent.name


def test_all_of_them_are_found() -> None:
    assert sorted(map(_name, COREFILES)) == sorted(ZONES)


@pytest.mark.parametrize("path", COREFILES, ids=_name)
async def test_our_own_set_up_takes_it_without_a_warning(path: Path) -> None:
    warnings: list[str] = []
    configuration = read_configuration(Source(str(path)), warnings.append)
    instance = Instance(NotingOwner(), configuration, Log(quiet=True), _no_feed)
    try:
        instance.set_up()
        zones = sorted(key.text for block in instance.blocks for key in block.keys)
        kubernetes = [
            block for block in instance.blocks if "kubernetes" in [plugin.name for plugin in block.host.plugins]
        ]
    finally:
        await instance.stop()
    assert warnings == []
    assert len(kubernetes) == 1
    assert zones == ZONES[_name(path)]


def _elsewhere(path: Path, port: int, pages: Iterable[int]) -> str:
    """A Corefile's text on ports that are free, and with an API server that is not there."""
    free = iter(pages)
    lines = []
    for line in path.read_text().splitlines():
        first, *rest = line.split() or [""]
        brace = " {" if rest[-1:] == ["{"] else ""
        if first in ("health", "ready"):
            lines.append(f"{first} 127.0.0.1:{next(free)}{brace}")
        elif first == "prometheus":
            lines.append("prometheus 127.0.0.1:0")
        elif first == "kubernetes":
            lines += [line, "endpoint http://127.0.0.1:1", "startup_timeout 1ms"]
        else:
            lines.append(re.sub(r"^\.:\d+ \{", f".:{port} {{", line))
    return "\n".join(lines) + "\n"


def _free_ports(count: int) -> list[int]:
    with_sockets = [socket.socket() for _ in range(count)]
    try:
        for one in with_sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in with_sockets]
    finally:
        for one in with_sockets:
            one.close()


@pytest.mark.parametrize("path", COREFILES, ids=_name)
async def test_coredns_takes_it(path: Path, tmp_path: Path) -> None:
    coredns = shutil.which("coredns")
    if coredns is None:
        pytest.skip("no coredns on PATH")
    port, *pages = _free_ports(3)
    process = await asyncio.create_subprocess_exec(
        coredns, "-conf", "stdin", "-dns.port", str(port),
        cwd=tmp_path, env={}, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(_elsewhere(path, port, pages).encode())
    process.stdin.close()
    said = []
    try:
        async with asyncio.timeout(PATIENCE):
            while line := (await process.stdout.readline()).decode():
                said.append(line)
                if line.startswith("CoreDNS-"):
                    break
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
    assert said[-1:] != [], "it ended without a word"
    assert said[-1].startswith("CoreDNS-"), "".join(said)
