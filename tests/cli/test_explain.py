"""`dualdns explain` within this process: the documentation's examples, its exit statuses, and where it looks."""

import ast
import asyncio
import json
import re
from pathlib import Path
from typing import Any

import dns.edns
import dns.message
import pytest

from resolver.cli import explain
from resolver.controlplane.embedded_cluster import EmbeddedCluster
from tests.support.administered import administered
from tests.support.explained import answered, corefile, over_manifests

DOCUMENT = (Path(__file__).parents[2] / "docs" / "explain.md").read_text()
MANIFEST = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)[0]
EXAMPLES = re.findall(r"```console\n\$ dualdns explain (.*?)\n(.*?)```", DOCUMENT, re.DOTALL)
SLICE = re.compile(r"EndpointSlice shop/(\w+)-[a-z0-9]{5}\b")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the documentation's manifest is, and where commands are run."""
    (tmp_path / "shop.yaml").write_text(MANIFEST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUALDNS_ADMIN", f"unix:{tmp_path}/no.sock")
    return tmp_path


@pytest.mark.parametrize(("words", "output"), EXAMPLES, ids=[words for words, _ in EXAMPLES])
def test_the_examples_of_the_documentation(
    words: str, output: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = explain.run(words.split())
    said = capsys.readouterr()
    assert lines(said.out + said.err) == lines(output)
    assert status == (explain.BAD if said.err else explain.RESOLVES if "\nAnswer: " in said.out else explain.DOES_NOT)


def lines(text: str) -> list[str]:
    """Blocks without the names that controllers draw, sorted: slices may come in any order."""
    return sorted(SLICE.sub(r"EndpointSlice shop/\1-xxxxx", text).splitlines())


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("web.shop --demo", 0),
        ("web.shop AAAA --demo", 0),
        ("stock.shop AAAA --demo", 1),
        ("nothing.shop --demo", 1),
        ("web.shop QQQ --demo", 2),
        ("web..shop --demo", 2),
        ("web.shop none.yaml", 2),
        ("web.shop --demo -conf none.Corefile", 2),
    ],
)
def test_the_exit_status_says_whether_it_resolves(
    words: str, status: int, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain.run(words.split()) == status
    said = capsys.readouterr()
    assert bool(said.err) == (status == 2)
    assert "\x1b" not in said.out


def test_json_has_it_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.run(["db.shop", "AAAA", "shop.yaml", "--output", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["question"]["name"] == "db.shop.svc.cluster.local."
    (first, *_) = [each["sources"][0] for each in found["records"]]
    assert first["written"] == {"file": "shop.yaml", "line": 10, "subject": "Service shop/db"}
    assert found["left_out"][0]["reason"] == "not-ready"


def test_a_corefile_decides(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("Corefile").write_text("lab.test {\nkubernetes lab.test {\nnamespaces other\n}\n}\n")
    assert explain.run(["web.shop", "shop.yaml", "-conf", "Corefile"]) == 1
    out = capsys.readouterr().out
    assert "web.shop.svc.lab.test." in out
    assert "the namespaces option leaves this namespace out" in out


def test_without_a_server_it_says_how_to_start_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.run(["web.shop"]) == 1
    assert "dualdns serve --admin" in capsys.readouterr().err


async def test_a_running_server_explains(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with administered() as found:
        place = ["--server", str(found.admin.address)]
        assert await asyncio.to_thread(explain.run, ["web.shop", "AAAA", *place]) == 0
        assert await asyncio.to_thread(explain.run, ["db.shop", *place]) == 1
        assert await asyncio.to_thread(explain.run, ["web.shop", "AAA", *place]) == 2
    said = capsys.readouterr()
    assert "web.shop.svc.cluster.local. 5 IN AAAA fd00:10:96::1" in said.out
    assert "db.shop.svc.cluster.local. does not exist" in said.out
    assert "did you mean AAAA?" in said.err


async def test_a_cluster_behind_an_api_explains(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with EmbeddedCluster(api_port=0) as cluster:
        await cluster.apply(Path("shop.yaml"))
        await cluster.settled()
        cluster.server.write_kubeconfig(folder / "kubeconfig")
        assert await asyncio.to_thread(explain.run, ["db-1.db.shop", "--kubeconfig", str(folder / "kubeconfig")]) == 1
    out = capsys.readouterr().out
    assert "10.244.2.7: the endpoint is not ready" in out
    assert "Pod shop/db-1 [Running, not Ready (ReadinessProbe)]" in out


async def test_the_python_of_the_documentation(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    found: dict[str, Any] = {}
    async with over_manifests(folder / "shop.yaml") as server:
        code = compile(block, "docs/explain.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        await eval(code, {"server": server}, found)
    explanation = found["explanation"]
    assert (explanation.rcode, explanation.outcome) == ("NOERROR", "NODATA")
    assert explanation.left_out[0].reason == "other-family"
    assert "\x1b" in capsys.readouterr().out


async def test_the_reason_in_band_is_that_of_the_documentation(folder: Path) -> None:
    async with over_manifests(folder / "shop.yaml", text=corefile("", "explain")) as server:
        reply = dns.message.from_wire(answered(server, "web.shop.svc.cluster.local.", "AAAA"))
    (error,) = (each for each in reply.options if isinstance(each, dns.edns.EDEOption))
    assert f"; EDE: {int(error.code)} (Other): ({error.text})" in DOCUMENT
