"""Manifests on disk become objects and answers, changes of them changes; what is broken keeps what it said."""

import io
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from resolver.cluster.dns_records import Records, View
from resolver.cluster.inventory import ADDRESS, SERVICE, Inventory
from resolver.cluster.objects import SERVICE_IMPORTS
from resolver.cluster.source import ClusterRequest, Location
from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.controlplane.manifest_files import ManifestPaths, ManifestSource, PackagedManifests
from resolver.controlplane.resources import NAMESPACES, SERVICES
from resolver.corefile.tokens import BadConfig
from resolver.server.embedded_feed import EmbeddedFeed
from resolver.server.embedded_source import EmbeddedSource
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
DEPLOYMENT_TEXT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: db}]
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec:
  clusterIP: None
  ipFamilyPolicy: PreferDualStack
  selector: {app: db}
  ports: [{port: 80}]
"""
OF_THE_CLUSTER = ("kubernetes.default ", "kube-dns.kube-system ")


def _service(name: str, ip: str, namespace: str = "shop") -> str:
    return SERVICE_TEXT.format(name=name, ip=ip, namespace=namespace)


def _namespace(name: str) -> str:
    return f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n---\n"


class World:
    """A feed with its cluster, inventory and log."""

    def __init__(
        self, cluster: EmbeddedCluster, source: ManifestSource, request: ClusterRequest, *, watch: bool
    ) -> None:
        self.output = LogLines()
        self.cluster = cluster
        self.source = EmbeddedSource(cluster, source, self.output.log, watch=watch)
        self.inventory = Inventory(request.kinds(), lambda: 0.0)
        self.feed = EmbeddedFeed(self.source, request, self.inventory, self.output.log)

    def names(self) -> list[str]:
        """Services of manifests and their addresses, as they would be answered."""
        keys = [(SERVICE, key) for key in self.inventory.services]
        lines = name_lines(Records(self.inventory, View()), keys, "cluster.local")
        found = [str(line).replace(".svc.cluster.local", "") for line in sorted(lines) if line.rank == 0]
        return [line for line in found if not line.startswith(OF_THE_CLUSTER)]

    def metrics(self) -> dict[str, object]:
        return {row.name.removeprefix("dualdns_manifest_"): row.value for row in self.feed.metrics()}

    def service(self, name: str) -> dict[str, Any]:
        return self.cluster.api.get(SERVICES, "shop", name).object


@asynccontextmanager
async def _fed(
    source: ManifestSource | Path,
    request: ClusterRequest | None = None,
    *,
    watch: bool = False,
    state: Path | None = None,
    simulate: bool = True,
) -> AsyncIterator[World]:
    paths = ManifestPaths([str(source)]) if isinstance(source, Path) else source
    async with EmbeddedCluster(with_kube_dns=True, state=state, simulate=simulate, seed=1) as cluster:
        world = World(cluster, paths, request or ClusterRequest(Location()), watch=watch)
        try:
            await world.source.start()
            await world.feed.start()
            yield world
        finally:
            await world.feed.stop()
            await world.source.stop()


def _write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)


async def test_a_folder_is_applied_and_summed_up(tmp_path: Path) -> None:
    foreign = "apiVersion: example.com/v1\nkind: Widget\n---\n"
    _write(tmp_path, a=_service("web", "10.96.0.21"), b=foreign + _service("db", "None"))
    async with _fed(tmp_path) as world:
        assert world.names() == ["web.shop A 10.96.0.21"]
        assert world.inventory.synced
        assert world.output.lines == [
            "[INFO] manifests: left out 1 Widget: this cluster has no such kind",
            "[INFO] manifests: 2 Services from 2 files",
        ]
        assert world.metrics() == {"files": 2, "problems": 0, "reloads_total": 0, "reload_failures_total": 0}


async def test_a_service_without_address_gets_one_of_each_family(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("open", "''\n  ipFamilyPolicy: PreferDualStack\n  ipFamilies: [IPv6, IPv4]"))
    async with _fed(tmp_path) as world:
        primary, secondary = world.service("open")["spec"]["clusterIPs"]
        assert primary.startswith("fd00:10:96::")
        assert secondary.startswith("10.96.")
        assert world.names() == [f"open.shop A {secondary}", f"open.shop AAAA {primary}"]


async def test_a_deployment_becomes_addresses_of_both_families(tmp_path: Path) -> None:
    _write(tmp_path, a=DEPLOYMENT_TEXT.replace("REPLICAS", "2"))
    async with _fed(tmp_path, watch=True) as world:
        await world.cluster.settled()
        assert [line.split()[1] for line in world.names()] == ["A", "A", "AAAA", "AAAA"]
        world.output.forget()
        _write(tmp_path, a=DEPLOYMENT_TEXT.replace("REPLICAS", "3"))
        lines = await world.output.until(lambda lines: len(lines) > 1)
        assert "[INFO] manifests: 6 names added, 0 removed" in lines
        assert [line.split()[1] for line in world.names()] == ["A", "A", "A", "AAAA", "AAAA", "AAAA"]


async def test_without_simulation_workloads_stay_as_they_are_written(tmp_path: Path) -> None:
    _write(tmp_path, a=DEPLOYMENT_TEXT.replace("REPLICAS", "2"))
    async with _fed(tmp_path, simulate=False) as world:
        assert world.names() == []
        assert await world.cluster.list("pods") == []


async def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    dynamic = "".join(_service(f"open{number}", "''") for number in range(20))
    fixed = "".join(_service(f"fixed{number}", f"10.96.1.{number}") for number in range(20))
    _write(tmp_path, a=dynamic, b=fixed, z=_namespace("shop"))
    async with _fed(tmp_path) as world:
        assert world.output.lines == ["[INFO] manifests: 1 Namespace, 40 Services from 3 files"]
        assert len(world.names()) == 40


async def test_a_broken_file_is_told_and_the_others_are_served(tmp_path: Path) -> None:
    bad = _service("bad", "10.96.0.256") + _service("good", "10.96.0.22")
    _write(tmp_path, a="a: [\n", b=bad, c=_service("web", "10.96.0.21"))
    async with _fed(tmp_path) as world:
        assert world.names() == ["good.shop A 10.96.0.22", "web.shop A 10.96.0.21"]
        assert world.output.lines[:2] == [
            f"[ERROR] manifests: {tmp_path}/a.yaml:1: is no YAML: did not find expected node content while parsing a "
            "flow node (a bracket is never closed)",
            f"[ERROR] manifests: {tmp_path}/b.yaml:7: Service shop/bad: spec.clusterIP: "
            'Invalid value: "10.96.0.256": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        ]
        assert world.metrics()["problems"] == 2


REFUSED = [
    ("10.96.0.21\n  ipFamilies: [IPv4, IPv4]", 8, "spec.ipFamilies[1]", "Duplicate value"),
    ("10.96.0.21\n  ipFamilyPolicy: RequireDualStak", 8, "spec.ipFamilyPolicy", "RequireDualStack"),
    ("10.96.0.21\n  iPFamilyPolicy: SingleStack", 8, "spec.iPFamilyPolicy", "ipFamilyPolicy"),
    ("10.96.0.21\n  ipFamily: IPv6", 8, "spec.ipFamily", "write ipFamilies: [IPv4], [IPv6]"),
    ("10.97.0.1", 7, "spec.clusterIP", "--service-cluster-ip-range says which addresses Services have"),
    ("10.96.0.10", 7, "spec.clusterIP", "provided IP is already allocated"),
]


@pytest.mark.parametrize(("spec", "line", "field", "words"), REFUSED)
async def test_a_refusal_names_file_line_and_field(
    spec: str, line: int, field: str, words: str, tmp_path: Path
) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.30"), b=_service("bad", spec))
    async with _fed(tmp_path) as world:
        first = world.output.lines[0]
        assert first.startswith(f"[ERROR] manifests: {tmp_path}/b.yaml:{line}: Service shop/bad: {field}: ")
        assert words in first
        assert world.names() == ["web.shop A 10.96.0.30"]


async def test_an_object_that_is_there_twice_is_told_with_both_places(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.21"), b=_service("web", "10.96.0.22"))
    async with _fed(tmp_path) as world:
        assert world.names() == ["web.shop A 10.96.0.21"]
        assert world.output.lines[0] == (
            f"[ERROR] manifests: {tmp_path}/b.yaml:4: Service shop/web: metadata.name: is there twice: the one at "
            f"{tmp_path}/a.yaml:1 is applied, this one is not"
        )


async def test_a_namespace_may_be_declared_twice_and_need_not_be(tmp_path: Path) -> None:
    declared = _namespace("shop")
    _write(tmp_path, a=declared + declared + _service("web", "10.96.0.21"), b=_service("web", "10.96.0.22", "bare"))
    async with _fed(tmp_path) as world:
        assert {b"\x04shop", b"\x04bare"} <= world.inventory.namespaces
        assert world.output.lines == ["[INFO] manifests: 1 Namespace, 2 Services from 2 files"]


async def test_an_undeclared_namespace_has_no_labels_of_its_own_to_be_chosen_by(tmp_path: Path) -> None:
    declared = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: x}}\n---\n"
    _write(tmp_path, a=declared + _service("web", "10.96.0.21") + _service("web", "10.96.0.22", "bare"))
    for selector, names in (("team=x", {b"\x04shop"}), ("team!=x", {b"\x04bare"}), ("", {b"\x04shop", b"\x04bare"})):
        async with _fed(tmp_path, ClusterRequest(Location(namespace_labels=selector))) as world:
            assert world.inventory.namespaces & {b"\x04shop", b"\x04bare"} == names


NOTHING = [
    ({}, ["no file ends in .yaml, .yml or .json, or all are empty"]),
    ({"a": "# nothing\n"}, ["no file ends in .yaml, .yml or .json, or all are empty"]),
    ({"a": "apiVersion: a.io/v1\nkind: Gear\n---\napiVersion: a.io/v1\nkind: Wheel\n"}, ["only 1 Gear, 1 Wheel"]),
    ({"a": "a: ["}, ["a.yaml:1: is no YAML"]),
    ({"a": _service("web", "10.97.0.1")}, ["a.yaml:7: Service shop/web: spec.clusterIP: Invalid value"]),
    ({"a": "kind: Pod\n---\n" * 30}, [*["a.yaml:"] * 20, "... and 10 more"]),
]


@pytest.mark.parametrize(("texts", "reasons"), NOTHING)
async def test_where_nothing_can_be_applied_the_start_says_why(
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
    source = ManifestPaths(["-"], io.BytesIO(_service("web", "10.96.0.21").encode()))
    for _ in range(2):
        async with _fed(source) as world:
            assert world.names() == ["web.shop A 10.96.0.21"]


async def test_an_edit_is_applied_and_shown_in_names(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.21"), b=_service("db", "10.96.0.22"))
    async with _fed(tmp_path, watch=True) as world:
        touched: list[set[object]] = []
        world.inventory.subscribe(lambda keys: touched.append(set(keys)))
        world.output.forget()
        added = "10.96.0.21\n  clusterIPs: [10.96.0.21, 'fd00:10:96::21']\n  ipFamilyPolicy: PreferDualStack"
        _write(tmp_path, a=_service("web", added))
        lines = await world.output.until(lambda lines: len(lines) >= 3)
        assert world.names() == ["db.shop A 10.96.0.22", "web.shop A 10.96.0.21", "web.shop AAAA fd00:10:96::21"]
        assert lines == [
            "[INFO] manifests: 2 names added, 0 removed",
            "+ web.shop.svc.cluster.local AAAA fd00:10:96::21",
            f"+ 1.2.{'0.' * 18}6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa PTR web.shop.svc.cluster.local",
        ]
        assert (ADDRESS, "fd00:10:96::21") in set().union(*touched)
        assert not any((SERVICE, b"\x02db\x04shop") in keys for keys in touched)


async def test_an_edit_the_api_refuses_keeps_the_whole_file_as_it_was(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.21") + _service("db", "10.96.0.22"))
    async with _fed(tmp_path, watch=True) as world:
        world.output.forget()
        _write(tmp_path, a=_service("web", "10.96.0.23") + _service("cart", "10.96.0.24"))
        lines = await world.output.until(lambda lines: len(lines) >= 2)
        assert world.names() == ["db.shop A 10.96.0.22", "web.shop A 10.96.0.21"]
        assert lines[0].startswith(f"[ERROR] manifests: {tmp_path}/a.yaml:7: Service shop/web: spec.clusterIP: ")
        assert "may not change once set" in lines[0]
        assert lines[-1] == f"[WARNING] manifests: {tmp_path}/a.yaml: what it said before stays until it is mended"
        assert world.metrics()["reload_failures_total"] == 1
        _write(tmp_path, a=_service("web", "10.96.0.21") + _service("cart", "10.96.0.24"))
        await world.output.until(lambda lines: "+ cart.shop.svc.cluster.local A 10.96.0.24" in lines)
        assert world.names() == ["cart.shop A 10.96.0.24", "web.shop A 10.96.0.21"]
        assert world.metrics()["problems"] == 0


async def test_an_edit_that_cannot_be_read_keeps_the_whole_file_as_it_was(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.21") + _service("db", "10.96.0.22"), b=_service("x", "10.96.0.23"))
    async with _fed(tmp_path, watch=True) as world:
        world.output.forget()
        before = world.names()
        _write(tmp_path, a=_service("web", "10.96.0.21") + _service("db", "None\n  ports: none"))
        lines = await world.output.until(lambda lines: len(lines) >= 2)
        assert world.names() == before
        assert lines[0].startswith(f"[ERROR] manifests: {tmp_path}/a.yaml:")
        assert lines[-1] == f"[WARNING] manifests: {tmp_path}/a.yaml: what it said before stays until it is mended"
        world.output.forget()
        _write(tmp_path, b=_service("z", "10.96.0.24"))
        await world.output.until(lambda lines: "+ z.shop.svc.cluster.local A 10.96.0.24" in lines)
        assert world.names() == ["db.shop A 10.96.0.22", "web.shop A 10.96.0.21", "z.shop A 10.96.0.24"]


async def test_files_come_and_go_and_what_others_made_stays(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.21"))
    async with _fed(tmp_path, watch=True) as world:
        ports = {"ports": [{"port": 80}], "clusterIP": "10.96.0.40"}
        world.cluster.api.create(SERVICES, "shop", {"metadata": {"name": "hand"}, "spec": ports})
        (tmp_path / "more").mkdir()
        _write(tmp_path / "more", b=_service("db", "10.96.0.22"))
        await world.output.until(lambda lines: "+ db.shop.svc.cluster.local A 10.96.0.22" in lines)
        (tmp_path / "a.yaml").unlink()
        await world.output.until(lambda lines: "- web.shop.svc.cluster.local A 10.96.0.21" in lines)
        assert world.names() == ["db.shop A 10.96.0.22", "hand.shop A 10.96.0.40"]


async def test_an_object_that_was_there_before_outlives_its_manifest(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: kube-dns, namespace: kube-system, labels: {a: b}}\n"
    _write(tmp_path, a=_namespace("default") + text, b=_service("web", "10.96.0.21"))
    async with _fed(tmp_path, watch=True) as world:
        (tmp_path / "a.yaml").unlink()
        assert await world.source.reload()
        assert world.cluster.store.get(SERVICES, "kube-system", "kube-dns") is not None
        assert world.cluster.store.get(NAMESPACES, "", "default") is not None
        assert not any("ERROR" in line for line in world.output.lines)


async def test_an_object_may_move_to_another_file(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "''"), b="# nothing yet\n")
    async with _fed(tmp_path) as world:
        uid = world.service("web")["metadata"]["uid"]
        _write(tmp_path, a="# nothing any more\n", b=_service("web", "''"))
        assert await world.source.reload()
        assert world.service("web")["metadata"]["uid"] == uid


async def test_a_state_file_remembers_which_objects_manifests_made(tmp_path: Path) -> None:
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    _write(manifests, a=_service("web", "''"), b=_service("db", "''"))
    async with _fed(manifests, state=tmp_path / "state") as world:
        world.cluster.api.create(SERVICES, "shop", {"metadata": {"name": "hand"}, "spec": {"ports": [{"port": 80}]}})
        names = world.names()
    (manifests / "b.yaml").unlink()
    async with _fed(manifests, state=tmp_path / "state") as world:
        hand = world.service("hand")["spec"]["clusterIP"]
        assert world.names() == [f"hand.shop A {hand}", *(line for line in names if line.startswith("web"))]


async def test_slices_of_another_clusters_controller_are_kept_as_they_are_written(tmp_path: Path) -> None:
    text = """apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: db-x7f2p
  namespace: shop
  uid: 6d3f0c0c-0000-0000-0000-000000000000
  resourceVersion: "71"
  labels:
    kubernetes.io/service-name: db
    endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io
  ownerReferences: [{apiVersion: v1, kind: Service, name: db, uid: 7d3f0c0c-0000-0000-0000-000000000000}]
addressType: IPv4
endpoints: [{addresses: [10.244.7.7], conditions: {ready: true}}]
"""
    _write(tmp_path, a=_service("db", "None\n  selector: {app: db}") + text)
    async with _fed(tmp_path) as world:
        await world.cluster.settled()
        assert world.names() == ["db.shop A 10.244.7.7"]


async def test_service_imports_go_past_the_cluster(tmp_path: Path) -> None:
    text = """apiVersion: multicluster.x-k8s.io/v1alpha1
kind: ServiceImport
metadata: {name: NAME, namespace: shop}
spec: {type: ClusterSetIP, ips: [10.50.0.1], ports: [{port: 80}]}
"""
    _write(tmp_path, a=text.replace("NAME", "web"))
    async with _fed(tmp_path, ClusterRequest(Location(), multicluster=True)) as world:
        assert len(world.inventory.objects(SERVICE_IMPORTS)) == 1
        _write(tmp_path, b=text.replace("NAME", "db"))
        assert await world.source.reload()
        assert len(world.inventory.objects(SERVICE_IMPORTS)) == 2


async def test_a_mounted_config_map_is_followed_through_its_swap(tmp_path: Path) -> None:
    for version, name in (("..1", "web"), ("..2", "cart")):
        (tmp_path / version).mkdir()
        _write(tmp_path / version, a=_service(name, "10.96.0.21"))
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    async with _fed(tmp_path, watch=True) as world:
        (tmp_path / "..data_tmp").symlink_to("..2")
        os.replace(tmp_path / "..data_tmp", tmp_path / "..data")
        await world.output.until(lambda lines: "+ cart.shop.svc.cluster.local A 10.96.0.21" in lines)
        assert world.names() == ["cart.shop A 10.96.0.21"]  # the address of what went is free for what came


async def test_a_single_file_is_followed_when_an_editor_puts_another_in_its_place(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.21"))
    async with _fed(tmp_path / "a.yaml", watch=True) as world:
        for name in ("cart", "db"):
            (tmp_path / "a.yaml").rename(tmp_path / "a.yaml~")
            _write(tmp_path, new=_service(name, "10.96.0.21"))
            (tmp_path / "new.yaml").rename(tmp_path / "a.yaml")
            await world.output.until(lambda lines, name=name: f"+ {name}.shop.svc.cluster.local A 10.96.0.21" in lines)  # type: ignore[misc]
        assert world.names() == ["db.shop A 10.96.0.21"]


async def test_a_folder_that_is_away_deletes_nothing_and_is_told_once(tmp_path: Path) -> None:
    folder = tmp_path / "manifests"
    folder.mkdir()
    _write(folder, a=_service("web", "10.96.0.21"))
    async with _fed(folder) as world:
        world.output.forget()
        folder.rename(tmp_path / "away")
        assert await world.source.reload()
        assert not await world.source.reload()
        assert world.output.lines == [f"[ERROR] manifests: {folder}: there is no such file or folder"]
        assert world.names() == ["web.shop A 10.96.0.21"]
        (tmp_path / "away").rename(folder)
        assert not await world.source.reload()
        folder.rename(tmp_path / "away")
        assert await world.source.reload()
        assert world.output.lines.count(f"[ERROR] manifests: {folder}: there is no such file or folder") == 2


async def test_many_problems_and_many_names_are_cut_short(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.21"))
    async with _fed(tmp_path) as world:
        world.output.forget()
        services = "".join(_service(f"n{number}", f"10.96.1.{number}") for number in range(60))
        _write(tmp_path, b="kind: Pod\n---\n" * 30, c=services)
        await world.source.reload()
        errors = [line for line in world.output.lines if line.startswith("[ERROR]")]
        assert len(errors) == 20
        assert "[WARNING] manifests: ... and 10 more" in world.output.lines
        assert len([line for line in world.output.lines if line.startswith("+ ")]) == 40
        assert world.output.lines[-1] == "... and 80 more"


async def test_what_does_not_change_a_name_is_said(tmp_path: Path) -> None:
    _write(tmp_path, a=_service("web", "10.96.0.21"))
    async with _fed(tmp_path) as world:
        world.output.forget()
        version = world.cluster.store.version
        _write(tmp_path, a="# a comment\n" + _service("web", "10.96.0.21"))
        assert await world.source.reload()
        assert world.output.lines == ["[INFO] manifests: read again, no name has changed"]
        assert world.cluster.store.version == version
        assert not await world.source.reload()


async def test_an_empty_folder_may_be_watched(tmp_path: Path) -> None:
    async with _fed(tmp_path, watch=True) as world:
        _write(tmp_path, a=_service("web", "10.96.0.21"))
        await world.output.until(lambda lines: "+ web.shop.svc.cluster.local A 10.96.0.21" in lines)


DEMO = [
    "cart.shop A 10.96.0.21",
    "cart.shop AAAA fd00:10:96::15",
    "db.shop A 10.244.1.20",
    "db.shop A 10.244.2.20",
    "db.shop AAAA fd00:10:244:1::14",
    "db.shop AAAA fd00:10:244:2::14",
    "payments.shop CNAME payments.example.com",
    "stock.shop A 10.96.0.22",
    "web.shop A 10.96.0.20",
    "web.shop AAAA fd00:10:96::14",
]


async def test_the_demo_is_a_dual_stack_shop() -> None:
    request = ClusterRequest(Location(), pods=True)
    async with _fed(PackagedManifests(), request, watch=True) as world:
        await world.cluster.settled()
        assert world.names() == DEMO
        assert not any("ERROR" in line or "WARNING" in line for line in world.output.lines)
        ready = {text for item in world.inventory.slices.values() for text in item.addresses} - {"192.0.2.1"}
        waiting = {"web-next", "db-2"}  # Pods that are not ready
        pods = [pod for pod in await world.cluster.list("Pod") if pod["metadata"]["name"] not in waiting]
        addresses = {each["ip"] for pod in pods for each in pod["status"]["podIPs"]}
        of_one_family = {text for text in addresses if ":" in text} - ready
        assert ready == addresses - of_one_family
        assert len(of_one_family) == 1  # the Pod behind the Service of one family
        assert addresses < set(world.inventory.pods)
