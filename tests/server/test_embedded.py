"""The embedded cluster of a process: its start, its API on a socket, its end, and what makes it impossible."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from resolver.controlplane.manifest_files import ManifestPaths
from resolver.corefile.tokens import BadConfig
from resolver.server.embedded import ApiOptions, Embedded, EmbeddedOptions
from tests.support.log_lines import LogLines

MANIFEST = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"


def embedded(folder: Path, api: ApiOptions | None = None, **cluster: object) -> Embedded:
    (folder / "m.yaml").write_text(MANIFEST)
    options = EmbeddedOptions(cluster, api=api)
    return Embedded(options, LogLines().log, ManifestPaths([str(folder / "m.yaml")]))


async def test_without_an_api_it_has_its_manifests_and_nothing_to_print(tmp_path: Path) -> None:
    made = embedded(tmp_path)
    try:
        await made.start()
        assert {document.kind for document in made.source.documents().values()} == {"Namespace"}
        assert made.lines() == []
    finally:
        await made.stop()


async def test_before_the_start_and_after_the_end_there_is_no_source(tmp_path: Path) -> None:
    made = embedded(tmp_path)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="has not been started"):
            _ = made.source
        await made.stop()


def api_of(kubeconfig: Path) -> str:
    """The URL that a kubeconfig file leads to."""
    found: str = yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    return found


async def status(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status


async def test_its_api_is_ready_once_all_else_runs_and_its_files_go_with_it(tmp_path: Path) -> None:
    made = embedded(tmp_path, ApiOptions("127.0.0.1", 0))
    try:
        await made.start()
        said, export = made.lines()
        kubeconfig = Path(export.removeprefix("export KUBECONFIG="))
        assert said.startswith("Kubernetes API at http://127.0.0.1:")
        assert said.endswith(f", kubeconfig {kubeconfig}")
        assert await status(f"{api_of(kubeconfig)}/readyz") == 500
        made.up()
        assert await status(f"{api_of(kubeconfig)}/readyz") == 200
    finally:
        await made.stop()
    await made.stop()
    assert not kubeconfig.parent.exists()
    assert made.lines() == []


IMPOSSIBLE = [
    ({"service_cidrs": ["nonsense"]}, None, "service-cluster-ip-range[0]"),
    ({"state": "m.yaml"}, None, "m.yaml"),
    ({}, ApiOptions("127.0.0.1", 0, token_file="/nowhere"), "--api-token-file"),
    ({}, ApiOptions("0.0.0.0", 0), "--api: "),
]


@pytest.mark.parametrize(("cluster", "api", "said"), IMPOSSIBLE)
async def test_what_cannot_be_started_is_a_wrong_configuration(
    cluster: dict[str, Any], api: ApiOptions | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = embedded(tmp_path, api, **cluster)
    try:
        with pytest.raises(BadConfig) as refused:
            await made.start()
    finally:
        await made.stop()
    assert said in str(refused.value)
