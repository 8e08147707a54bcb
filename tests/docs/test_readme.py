"""README.md: each of its blocks works as it stands, but for ports, which are picked here."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml

import resolver
from tests.support.api_server import ApiServer
from tests.support.commands import PATIENCE, Command, running
from tests.support.serving import namespace, service

README = (Path(resolver.__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SECTIONS = [
    "Install",
    "Demo",
    "A DNS server in a test",
    "Why is the answer what it is?",
    "Break something",
    "kubectl without a cluster",
    "A live cluster",
    "More",
]
_BLOCK = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<language>\w+)\n(?P<text>.+?)```", re.DOTALL)


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def commands(title: str) -> list[str]:
    """The lines of a section's shell blocks, without what is said behind them."""
    found = [match["text"] for match in _BLOCK.finditer(section(title)) if match["language"] == "sh"]
    return [line.partition("#")[0].strip() for text in found for line in text.splitlines() if line.strip()]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with the README's files."""
    for match in _BLOCK.finditer(README):
        if match["file"]:
            (tmp_path / match["file"]).write_text(match["text"])
    return tmp_path


async def output(command: str, folder: Path, **environment: str) -> str:
    """What a command prints; it must end well."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = await asyncio.create_subprocess_shell(
        command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
    )
    async with asyncio.timeout(PATIENCE):
        said, _ = await process.communicate()
    assert process.returncode == 0, f"{command}: {said.decode()}"
    return said.decode()


def words(command: str) -> list[str]:
    assert command.startswith("dualdns ")
    return command.split()[1:]


def missing(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"there is no {program} on the PATH")


def test_its_sections_come_in_this_order() -> None:
    assert re.findall(r"^## (.+)$", README, re.MULTILINE) == SECTIONS


def test_its_pages_are_there() -> None:
    root = Path(resolver.__file__).parents[1]
    linked = re.findall(r"\]\(([^)#]+)\)", README)
    assert [name for name in linked if not (root / name).exists()] == []
    assert len(linked) >= 10


def test_each_of_its_blocks_is_tried_here() -> None:
    tried = {"Install", "Demo", "A DNS server in a test", "Why is the answer what it is?", "Break something",
             "kubectl without a cluster", "A live cluster"}  # fmt: skip
    assert {title for title in SECTIONS if _BLOCK.search(section(title))} == tried


def test_the_install_commands_make_an_environment_install_into_it_and_run_from_it() -> None:
    """The first is tried without its download, which the second one has done: see .ci/run."""
    for command in commands("Install"):
        folder = re.match(r"python3 -m venv (\S+) && (\S+)/bin/pip install -q ", command)
        assert folder is not None
        assert folder[1] == folder[2]
        assert f"&& {folder[1]}/bin/" in command
    assert commands("Install")[0].endswith("/bin/dualdns serve --demo")


@missing("dig")
async def test_the_demo_answers(tmp_path: Path) -> None:
    async with running("serve", "--demo", "--port", "0") as demo:
        port = await demo.dns_port()
        ask, query = commands("Demo")
        assert await output(ask.replace("1053", str(port)), tmp_path) == "fd00:10:96::14\n"
        assert await output(f"{query} -p {port}", tmp_path) == "10.96.0.20\n"


async def test_the_tests_pass_in_a_folder_of_their_own(files: Path) -> None:
    said = await output(f"{sys.executable} -m pytest -q -p no:cacheprovider -p no:asyncio", files)
    assert "2 passed" in said


async def test_the_answer_is_explained(files: Path) -> None:
    (command,) = commands("Why is the answer what it is?")
    said = await output(command, files)
    assert "web.default.svc.cluster.local. 5 IN AAAA fd00:10:96::" in said
    assert re.search(r"Service default/web .* shop\.yaml:\d", said)


async def test_faults_come_and_go(tmp_path: Path) -> None:
    start = re.search(r"`(dualdns serve --demo --admin)`", README)
    assert start is not None
    where = f"unix:{tmp_path / 'admin' / 'admin.sock'}"
    async with running(*words(start[1]), where, "--port", "0") as demo:
        port = await demo.dns_port()
        add, show, log, clear = commands("Break something")
        told = {"DUALDNS_ADMIN": where}
        await output(add, tmp_path, **told)
        assert "web.shop AAAA drop times 3" in await output(show, tmp_path, **told)
        assert await output(f"dualdns query web.shop.svc.cluster.local A -p {port} --short", tmp_path) == "10.96.0.20\n"
        assert re.search(r" A +web.shop.svc.cluster.local +NOERROR +10.96.0.20", await output(log, tmp_path, **told))
        await output(clear, tmp_path, **told)
        assert "web.shop" not in await output(show, tmp_path, **told)
    assert len((await output("dualdns scenario list", tmp_path)).splitlines()) == 10


@missing("kubectl")
async def test_kubectl_fills_the_cluster(files: Path) -> None:
    start, apply = commands("kubectl without a cluster")
    async with running(*words(start), "--port", "0") as server:
        kubeconfig = await server.kubeconfig()
        port = await server.dns_port()
        await output(apply, files, KUBECONFIG=kubeconfig)
        said = await output(f"dualdns query web.default.svc.cluster.local AAAA -p {port} --short", files)
        assert said.startswith("fd00:10:96::")


async def test_a_live_cluster_is_read(tmp_path: Path) -> None:
    (command,) = commands("A live cluster")
    async with _live_cluster(tmp_path) as server:
        port = await server.dns_port()
        said = await output(f"dualdns query web.shop.svc.cluster.local A -p {port} --short", tmp_path)
        assert said == "10.96.0.20\n"
    assert "~/.kube/config --context kind-dev" in command


@asynccontextmanager
async def _live_cluster(home: Path) -> AsyncIterator[Command]:
    """The section's command, with this home and an API server that its kubeconfig names."""
    objects = [namespace("shop"), service("web", "10.96.0.20", space="shop")]
    async with ApiServer(objects) as api:
        document = {
            "clusters": [{"name": "c", "cluster": {"server": api.url}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "kind-dev", "context": {"cluster": "c", "user": "u"}}],
        }
        (home / ".kube").mkdir()
        (home / ".kube" / "config").write_text(yaml.safe_dump(document))
        command = commands("A live cluster")[0].replace("~", str(home))
        async with running(*words(command), "--port", "0") as server:
            yield server
