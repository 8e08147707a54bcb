"""Manifests applied to a cluster: what is remembered, told and counted. How answers follow: test_embedded_feed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.controlplane.manifest_files import ManifestPaths
from resolver.controlplane.resources import SERVICES
from resolver.corefile.tokens import BadConfig
from resolver.server.embedded_source import EmbeddedSource
from tests.support.log_lines import LogLines

SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{ports: [{{port: 80}}]}}\n---\n"
)
IMPORT = """apiVersion: multicluster.x-k8s.io/v1alpha1
kind: ServiceImport
metadata: {name: far, namespace: shop}
spec: {type: ClusterSetIP, ips: [10.9.0.1], ports: [{port: 80}]}
"""
BROKEN = "kind: {\n"


class World:
    """A cluster, the source that fills it from one folder, and what is logged."""

    def __init__(self, cluster: EmbeddedCluster, folder: Path, *, may_be_empty: bool = False) -> None:
        self.output = LogLines()
        self.folder = folder
        self.cluster = cluster
        paths = ManifestPaths([str(folder)])
        self.source = EmbeddedSource(cluster, paths, self.output.log, may_be_empty=may_be_empty)

    def write(self, **texts: str) -> None:
        for name, text in texts.items():
            (self.folder / f"{name}.yaml").write_text(text)

    def metrics(self) -> dict[str, object]:
        return {row.name.removeprefix("dualdns_manifest_"): row.value for row in self.source.metrics()}


@asynccontextmanager
async def _made(folder: Path, *, may_be_empty: bool = False) -> AsyncIterator[World]:
    async with EmbeddedCluster(seed=1) as cluster:
        world = World(cluster, folder, may_be_empty=may_be_empty)
        try:
            yield world
        finally:
            await world.source.stop()


def _services(*names: str) -> str:
    return "".join(SERVICE.format(name=name) for name in names)


async def test_without_manifests_there_is_nothing_to_do(tmp_path: Path) -> None:
    async with EmbeddedCluster(seed=1) as cluster:
        output = LogLines()
        source = EmbeddedSource(cluster, None, output.log)
        await source.start()
        assert not await source.reload()
        assert (output.lines, {row.value for row in source.metrics()}) == ([], {0})
        assert source.documents() == {}
        await source.stop()


async def test_a_cluster_that_is_also_filled_from_elsewhere_may_begin_empty(tmp_path: Path) -> None:
    async with _made(tmp_path) as world:
        with pytest.raises(BadConfig, match=r"nothing to serve:\n  no file ends in .yaml, .yml or .json, or all are"):
            await world.source.start()
    async with _made(tmp_path, may_be_empty=True) as world:
        await world.source.start()
        assert world.output.lines == ["[INFO] manifests: no objects from 0 files"]


async def test_but_not_with_problems_alone(tmp_path: Path) -> None:
    async with _made(tmp_path, may_be_empty=True) as world:
        world.write(a=BROKEN)
        with pytest.raises(BadConfig, match=r"a\.yaml:\d: is no YAML"):
            await world.source.start()


async def test_what_was_written_of_an_object_is_remembered_with_its_place(tmp_path: Path) -> None:
    async with _made(tmp_path) as world:
        world.write(a=_services("web", "cart"), b=_services("web"))
        await world.source.start()
        key = (SERVICES, "shop", "web")
        document = world.source.documents()[key]
        assert (Path(document.file).name, document.line, document.value["spec"]) == (
            "a.yaml",
            1,
            {"ports": [{"port": 80}]},
        )
        world.write(a=_services("cart"))
        assert await world.source.reload()
        assert Path(world.source.documents()[key].file).name == "b.yaml"


async def test_service_imports_are_handed_on_and_who_asked_is_told_of_each_reading(tmp_path: Path) -> None:
    async with _made(tmp_path) as world:
        told: list[int] = []
        world.source.imports_changed.append(lambda: told.append(len(world.source.imports)))
        world.write(a=_services("web"), b=IMPORT)
        await world.source.start()
        (tmp_path / "b.yaml").unlink()
        assert await world.source.reload()
        assert not await world.source.reload()
        assert told == [1, 0]


async def test_readings_and_failures_are_counted(tmp_path: Path) -> None:
    async with _made(tmp_path) as world:
        world.write(a=_services("web"))
        await world.source.start()
        assert world.metrics() == {"files": 1, "problems": 0, "reloads_total": 0, "reload_failures_total": 0}
        world.write(b=BROKEN)
        assert await world.source.reload()
        assert world.metrics() == {"files": 2, "problems": 1, "reloads_total": 1, "reload_failures_total": 1}
        world.write(b=_services("cart"))
        assert await world.source.reload()
        assert world.metrics() == {"files": 2, "problems": 0, "reloads_total": 2, "reload_failures_total": 1}
        assert not await world.source.reload()
        assert world.metrics()["reloads_total"] == 2


async def test_a_problem_is_told_again_only_when_its_file_is_read_again(tmp_path: Path) -> None:
    async with _made(tmp_path) as world:
        world.write(a=_services("web"), b=_services("web"))
        await world.source.start()
        problem = next(line for line in world.output.lines if "is there twice" in line)
        world.output.forget()
        world.write(c=_services("cart"))
        assert await world.source.reload()
        assert problem not in world.output.lines
        world.output.forget()
        world.write(b="# saved again\n" + _services("web"))
        assert await world.source.reload()
        assert world.output.lines[0] == problem.replace("b.yaml:3", "b.yaml:4")


async def test_kinds_the_cluster_does_not_know_are_left_out_and_counted(tmp_path: Path) -> None:
    async with _made(tmp_path) as world:
        world.write(a=_services("web") + "apiVersion: example.com/v1\nkind: Ingress\nmetadata: {name: a}\n---\n" * 2)
        await world.source.start()
        assert world.output.lines == [
            "[INFO] manifests: left out 2 Ingresses: this cluster has no such kind",
            "[INFO] manifests: 1 Service from 1 file",
        ]


async def test_to_stop_is_no_harm_before_the_start_or_a_second_time(tmp_path: Path) -> None:
    async with _made(tmp_path) as world:
        await world.source.stop()
        world.write(a=_services("web"))
        await world.source.start()
        await world.source.stop()
        await world.source.stop()
