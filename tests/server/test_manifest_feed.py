"""Manifests on disk become answers, and changes of them changes of answers; what is broken keeps what it said."""

import io
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from resolver.cluster.dns_records import Records, View
from resolver.cluster.inventory import ADDRESS, SERVICE, Inventory
from resolver.cluster.source import ClusterRequest, Location
from resolver.controlplane.manifest_files import ManifestPaths, ManifestSource, PackagedManifests
from resolver.corefile.tokens import BadConfig
from resolver.server.manifest_feed import ManifestFeed
from resolver.server.name_changes import name_lines
from tests.support.log_lines import LogLines

SERVICE_TEXT = """apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: {namespace}
spec:
  clusterIP: {ip}
  ports:
  - port: 80
---
"""


def _service(name: str, ip: str, namespace: str = "shop") -> str:
    return SERVICE_TEXT.format(name=name, ip=ip, namespace=namespace)


class World:
    """A feed with its inventory and log. `folder` holds the manifests."""

    def __init__(self, source: ManifestSource, request: ClusterRequest, *, watch: bool) -> None:
        self.output = LogLines()
        self.inventory = Inventory(request.kinds(), lambda: 0.0)
        self.feed = ManifestFeed(source, request, self.inventory, self.output.log, watch=watch)

    def names(self) -> list[str]:
        """Services and their addresses, as they would be answered."""
        keys = [(SERVICE, key) for key in self.inventory.services]
        lines = name_lines(Records(self.inventory, View()), keys, "cluster.local")
        return [str(line).replace(".svc.cluster.local", "") for line in sorted(lines) if line.rank == 0]

    def metrics(self) -> dict[str, object]:
        return {row.name.removeprefix("dualdns_manifest_"): row.value for row in self.feed.metrics()}


@asynccontextmanager
async def _fed(
    source: ManifestSource | Path, request: ClusterRequest | None = None, *, watch: bool = False
) -> AsyncIterator[World]:
    paths = ManifestPaths([str(source)]) if isinstance(source, Path) else source
    world = World(paths, request or ClusterRequest(Location()), watch=watch)
    await world.feed.start()
    try:
        yield world
    finally:
        await world.feed.stop()


def _write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)


async def test_a_folder_is_served_and_summed_up(tmp_path: Path) -> None:
    _write(
        tmp_path,
        a=_service("web", "10.96.0.1"),
        b="apiVersion: apps/v1\nkind: Deployment\n---\n" + _service("db", "None"),
    )
    async with _fed(tmp_path) as world:
        assert world.names() == ["web.shop A 10.96.0.1"]
        assert world.inventory.synced
        assert world.output.lines == [
            "[INFO] manifests: left out 1 Deployment: DNS does not need them",
            "[INFO] manifests: 1 Namespace, 2 Services from 2 files",
        ]
        assert world.metrics() == {"files": 2, "problems": 0, "reloads_total": 0, "reload_failures_total": 0}


async def test_a_broken_file_is_told_and_the_others_are_served(tmp_path: Path) -> None:
    bad = _service("bad", "10.96.0.256") + _service("good", "10.96.0.2")
    _write(tmp_path, a="a: [\n", b=bad, c=_service("web", "10.96.0.1"))
    async with _fed(tmp_path) as world:
        assert world.names() == ["good.shop A 10.96.0.2", "web.shop A 10.96.0.1"]
        assert world.output.lines[:2] == [
            f"[ERROR] manifests: {tmp_path}/a.yaml:1: is no YAML: did not find expected node content while parsing a "
            "flow node (a bracket is never closed)",
            f"[ERROR] manifests: {tmp_path}/b.yaml:7: Service shop/bad: spec.clusterIP: is no IP address: "
            "'10.96.0.256'",
        ]
        assert world.metrics()["problems"] == 2


async def test_a_service_without_address_is_told_and_not_served(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("open", "''") + _service("web", "10.96.0.1"))
    async with _fed(tmp_path) as world:
        assert world.names() == ["web.shop A 10.96.0.1"]
        assert world.output.lines[0].startswith(
            f"[WARNING] manifests: {tmp_path}/a.yaml:7: Service shop/open: spec.clusterIP: is left open"
        )


async def test_an_object_that_is_there_twice_is_told_with_both_places(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.1"), b=_service("web", "10.96.0.2"))
    async with _fed(tmp_path) as world:
        assert world.names() == ["web.shop A 10.96.0.1"]
        assert world.output.lines[0] == (
            f"[ERROR] manifests: {tmp_path}/b.yaml:1: Service shop/web: metadata.name: is there twice: the one at "
            f"{tmp_path}/a.yaml:1 is served, this one is not"
        )


async def test_a_namespace_may_be_declared_twice_and_need_not_be(tmp_path: Path) -> None:
    declared = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n"
    _write(tmp_path, a=declared + declared + _service("web", "10.96.0.1"), b=_service("web", "10.96.0.2", "bare"))
    async with _fed(tmp_path) as world:
        assert world.inventory.namespaces == {b"\x04shop", b"\x04bare"}
        assert world.output.lines == ["[INFO] manifests: 2 Namespaces, 2 Services from 2 files"]


async def test_an_undeclared_namespace_has_no_labels_to_be_chosen_by(tmp_path: Path) -> None:
    declared = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: x}}\n---\n"
    _write(tmp_path, a=declared + _service("web", "10.96.0.1") + _service("web", "10.96.0.2", "bare"))
    for selector, names in (("team=x", {b"\x04shop"}), ("team!=x", {b"\x04bare"}), ("", {b"\x04shop", b"\x04bare"})):
        async with _fed(tmp_path, ClusterRequest(Location(namespace_labels=selector))) as world:
            assert world.inventory.namespaces == names


NOTHING = [
    ({}, ["no file ends in .yaml, .yml or .json, or all are empty"]),
    ({"a": "# nothing\n"}, ["no file ends in .yaml, .yml or .json, or all are empty"]),
    ({"a": "apiVersion: v1\nkind: ConfigMap\n---\napiVersion: batch/v1\nkind: Job\n"}, ["only 1 ConfigMap, 1 Job"]),
    ({"a": "a: ["}, ["a.yaml:1: is no YAML"]),
    ({"a": _service("web", "''")}, ["a.yaml:7: Service shop/web: spec.clusterIP: is left open"]),
    ({"a": "kind: Pod\n---\n" * 30}, [*["a.yaml:"] * 20, "... and 10 more"]),
]


@pytest.mark.parametrize(("texts", "reasons"), NOTHING)
async def test_where_nothing_can_be_served_the_start_says_why(
    texts: dict[str, str], reasons: Iterable[str], tmp_path: Path
) -> None:
    _write(tmp_path, **texts)
    with pytest.raises(BadConfig, match="the manifests hold nothing to serve:") as caught:
        async with _fed(tmp_path):
            raise AssertionError("it started")
    _, *lines = str(caught.value).splitlines()
    for line, reason in zip(lines, reasons, strict=True):
        assert reason in line


async def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=f"{tmp_path}/nowhere: there is no such file or folder"):
        async with _fed(tmp_path / "nowhere", watch=True):
            raise AssertionError("it started")


async def test_standard_input_is_served_again_after_a_new_start() -> None:
    source = ManifestPaths(["-"], io.BytesIO(_service("web", "10.96.0.1").encode()))
    for _ in range(2):
        async with _fed(source) as world:
            assert world.names() == ["web.shop A 10.96.0.1"]


async def test_an_edit_is_served_and_shown_in_names(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.1"), b=_service("db", "10.96.0.2"))
    async with _fed(tmp_path, watch=True) as world:
        touched: list[set[object]] = []
        world.inventory.subscribe(lambda keys: touched.append(set(keys)))
        world.output.forget()
        _write(tmp_path, a=_service("web", "10.96.0.12"))
        lines = await world.output.until(lambda lines: len(lines) >= 5)
        assert world.names() == ["db.shop A 10.96.0.2", "web.shop A 10.96.0.12"]
        assert lines == [
            "[INFO] manifests: 2 names added, 2 removed",
            "- web.shop.svc.cluster.local A 10.96.0.1",
            "+ web.shop.svc.cluster.local A 10.96.0.12",
            "- 1.0.96.10.in-addr.arpa PTR web.shop.svc.cluster.local",
            "+ 12.0.96.10.in-addr.arpa PTR web.shop.svc.cluster.local",
        ]
        assert touched == [{(SERVICE, b"\x03web\x04shop"), (ADDRESS, "10.96.0.1"), (ADDRESS, "10.96.0.12")}]


async def test_a_broken_edit_keeps_the_old_state_and_is_named(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.1") + _service("db", "10.96.0.2"), b=_service("x", "10.96.0.3"))
    async with _fed(tmp_path, watch=True) as world:
        world.output.forget()
        before = world.names()
        _write(tmp_path, a=_service("web", "10.96.0.9") + _service("db", "here"))
        lines = await world.output.until(lambda lines: len(lines) >= 2)
        assert world.names() == before
        assert lines == [
            f"[ERROR] manifests: {tmp_path}/a.yaml:17: Service shop/db: spec.clusterIP: is no IP address: 'here'",
            f"[WARNING] manifests: {tmp_path}/a.yaml: what it said before stays until it is mended",
        ]
        assert world.metrics() == {"files": 2, "problems": 1, "reloads_total": 1, "reload_failures_total": 1}
        world.output.forget()
        _write(tmp_path, b=_service("x", "10.96.0.4"))
        await world.output.until(lambda lines: "+ x.shop.svc.cluster.local A 10.96.0.4" in lines)
        assert world.names() == ["db.shop A 10.96.0.2", "web.shop A 10.96.0.1", "x.shop A 10.96.0.4"]
        _write(tmp_path, a=_service("web", "10.96.0.9") + _service("db", "10.96.0.2"))
        await world.output.until(lambda lines: "+ web.shop.svc.cluster.local A 10.96.0.9" in lines)
        assert world.metrics()["problems"] == 0


async def test_files_come_and_go(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.1"))
    async with _fed(tmp_path, watch=True) as world:
        (tmp_path / "more").mkdir()
        _write(tmp_path / "more", b=_service("db", "10.96.0.2"))
        await world.output.until(lambda lines: "+ db.shop.svc.cluster.local A 10.96.0.2" in lines)
        (tmp_path / "a.yaml").unlink()
        await world.output.until(lambda lines: "- web.shop.svc.cluster.local A 10.96.0.1" in lines)
        assert world.names() == ["db.shop A 10.96.0.2"]


async def test_a_mounted_config_map_is_followed_through_its_swap(tmp_path: Path) -> None:
    for version, ip in (("..1", "10.96.0.1"), ("..2", "10.96.0.2")):
        (tmp_path / version).mkdir()
        _write(tmp_path / version, a=_service("web", ip))
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    async with _fed(tmp_path, watch=True) as world:
        (tmp_path / "..data_tmp").symlink_to("..2")
        os.replace(tmp_path / "..data_tmp", tmp_path / "..data")
        await world.output.until(lambda lines: "+ web.shop.svc.cluster.local A 10.96.0.2" in lines)
        assert world.names() == ["web.shop A 10.96.0.2"]


async def test_a_single_file_is_followed_when_an_editor_puts_another_in_its_place(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.1"))
    async with _fed(tmp_path / "a.yaml", watch=True) as world:
        for ip in ("10.96.0.2", "10.96.0.3"):
            (tmp_path / "a.yaml").rename(tmp_path / "a.yaml~")
            _write(tmp_path, new=_service("web", ip))
            (tmp_path / "new.yaml").rename(tmp_path / "a.yaml")
            await world.output.until(lambda lines, ip=ip: f"+ web.shop.svc.cluster.local A {ip}" in lines)  # type: ignore[misc]
        assert world.names() == ["web.shop A 10.96.0.3"]


async def test_a_folder_that_is_away_deletes_nothing_and_is_told_once(tmp_path: Path) -> None:
    folder = tmp_path / "manifests"
    folder.mkdir()
    _write(folder, a=_service("web", "10.96.0.1"))
    async with _fed(folder) as world:
        world.output.forget()
        folder.rename(tmp_path / "away")
        assert await world.feed.reload()
        assert not await world.feed.reload()
        assert world.output.lines == [f"[ERROR] manifests: {folder}: there is no such file or folder"]
        assert world.names() == ["web.shop A 10.96.0.1"]
        (tmp_path / "away").rename(folder)
        assert not await world.feed.reload()
        folder.rename(tmp_path / "away")
        assert await world.feed.reload()
        assert world.output.lines.count(f"[ERROR] manifests: {folder}: there is no such file or folder") == 2


async def test_many_problems_and_many_names_are_cut_short(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.1"))
    async with _fed(tmp_path) as world:
        world.output.forget()
        _write(
            tmp_path,
            b="kind: Pod\n---\n" * 30,
            c="".join(_service(f"n{number}", f"10.1.0.{number}") for number in range(60)),
        )
        await world.feed.reload()
        errors = [line for line in world.output.lines if line.startswith("[ERROR]")]
        assert len(errors) == 20
        assert "[WARNING] manifests: ... and 10 more" in world.output.lines
        assert len([line for line in world.output.lines if line.startswith("+ ")]) == 40
        assert world.output.lines[-1] == "... and 80 more"


async def test_what_does_not_change_a_name_is_said(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.1"))
    async with _fed(tmp_path) as world:
        world.output.forget()
        _write(tmp_path, a="# a comment\n" + _service("web", "10.96.0.1"))
        assert await world.feed.reload()
        assert world.output.lines == ["[INFO] manifests: read again, no name has changed"]
        assert not await world.feed.reload()


async def test_an_empty_folder_may_be_watched(tmp_path: Path) -> None:
    async with _fed(tmp_path, watch=True) as world:
        _write(tmp_path, a=_service("web", "10.96.0.1"))
        await world.output.until(lambda lines: "+ web.shop.svc.cluster.local A 10.96.0.1" in lines)


DEMO = [
    "cart.shop A 10.96.0.21",
    "cart.shop AAAA fd00:10:96::15",
    "db.shop A 10.244.1.20",
    "db.shop A 10.244.2.20",
    "db.shop AAAA fd00:10:244:1::14",
    "db.shop AAAA fd00:10:244:2::14",
    "kube-dns.kube-system A 10.96.0.10",
    "kube-dns.kube-system AAAA fd00:10:96::a",
    "kubernetes.default A 10.96.0.1",
    "payments.shop CNAME payments.example.com",
    "stock.shop A 10.96.0.22",
    "web.shop A 10.96.0.20",
    "web.shop AAAA fd00:10:96::14",
]


async def test_the_demo_is_a_dual_stack_shop() -> None:
    request = ClusterRequest(Location(), pods=True)
    async with _fed(PackagedManifests(), request, watch=True) as world:
        assert world.names() == DEMO
        assert world.output.lines == [
            "[INFO] manifests: 3 Namespaces, 7 Services, 8 EndpointSlices, 8 Pods from 3 files"
        ]
        ready = {text for item in world.inventory.slices.values() for text in item.addresses}
        without_name = {"10.244.2.11", "fd00:10:244:2::b", "10.244.1.21", "fd00:10:244:1::15", "fd00:10:244:2::1e"}
        assert set(world.inventory.pods) == ready - {"192.0.2.1"} | without_name
