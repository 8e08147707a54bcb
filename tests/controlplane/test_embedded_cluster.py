"""The embedded cluster from Python."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import service_key
from resolver.cluster.source import ClusterRequest, Location
from resolver.controlplane.applying import Refused
from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.controlplane.service_ranges import BadRange
from resolver.controlplane.status_error import StatusError

HELLO = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: hello1}
spec:
  replicas: 2
  selector: {matchLabels: {app: hello1}}
  template:
    metadata: {labels: {app: hello1}}
    spec:
      containers: [{name: hello, image: registry.example/hello:1, ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: hello1}
spec:
  ipFamilyPolicy: PreferDualStack
  ipFamilies: [IPv6, IPv4]
  selector: {app: hello1}
  ports: [{port: 80, targetPort: http}]
"""
SEED = {"service_cidrs": ["10.0.0.0/24", "fd00::/108"], "cluster_cidrs": ["10.244.0.0/16", "fc00::/48"]}


def noon() -> datetime:
    return datetime(2026, 1, 2, 12, tzinfo=UTC)


def addresses(slices: list[dict[str, Any]], name: str) -> list[str]:
    """All endpoint addresses of a Service's slices, sorted."""
    mine = [each for each in slices if each["metadata"]["labels"].get("kubernetes.io/service-name") == name]
    return sorted(address for each in mine for one in each["endpoints"] or () for address in one["addresses"])


async def test_the_seeds_story() -> None:
    async with EmbeddedCluster(**SEED, seed=1) as cluster:
        await cluster.apply(HELLO)
        await cluster.settled()
        service = await cluster.get("svc", "hello1")
        assert service["spec"]["ipFamilies"] == ["IPv6", "IPv4"]
        assert service["spec"]["clusterIPs"][0].startswith("fd00::")
        found = addresses(await cluster.list("endpointslices"), "hello1")
        assert found == ["10.244.0.2", "10.244.1.2", "fc00:0:0:1::2", "fc00::2"]
        endpoints = await cluster.get("endpoints", "hello1")
        assert [each["ip"] for each in endpoints["subsets"][0]["addresses"]] == ["fc00:0:0:1::2", "fc00::2"]


async def test_everything_is_the_same_with_the_same_seed_and_clock() -> None:
    bodies = []
    for _ in range(2):
        async with EmbeddedCluster(seed=7, clock=noon) as cluster:
            await cluster.apply(HELLO)
            await cluster.settled()
            bodies.append([each.body for kind in cluster.api.strategies for each in cluster.store.all(kind)])
    assert bodies[0] == bodies[1]


async def test_a_bare_cluster_has_what_a_bare_api_server_has() -> None:
    async with EmbeddedCluster() as cluster:
        names = [each["metadata"]["name"] for each in await cluster.list("namespaces")]
        assert names == ["default", "kube-node-lease", "kube-public", "kube-system"]
        (only,) = await cluster.list("services")
        assert (only["metadata"]["name"], only["spec"]["clusterIPs"]) == ("kubernetes", ["10.96.0.1"])
        assert addresses(await cluster.list("endpointslices"), "kubernetes") == ["192.0.2.1"]


async def test_kube_dns_is_made_where_it_is_wanted() -> None:
    async with EmbeddedCluster(with_kube_dns=True) as cluster:
        service = await cluster.get("Service", "kube-dns", namespace="kube-system")
        assert service["spec"]["clusterIPs"] == ["10.96.0.10", "fd00:10:96::a"]


async def test_pods_have_the_families_of_the_services_in_their_order_unless_told_otherwise() -> None:
    async with EmbeddedCluster(service_cidrs=["fd00:10:96::/112", "10.96.0.0/16"]) as cluster:
        node = await cluster.get("node", "node-1")
        assert node["spec"]["podCIDRs"] == ["fd00:10:244::/64", "10.244.0.0/24"]
    async with EmbeddedCluster(service_cidrs=["10.96.0.0/16"]) as cluster:
        node = await cluster.get("node", "node-1")
        assert node["spec"]["podCIDRs"] == ["10.244.0.0/24"]


async def test_without_simulation_everything_stays_as_it_is_written() -> None:
    async with EmbeddedCluster(simulate=False) as cluster:
        await cluster.apply(HELLO)
        await cluster.settled()
        assert await cluster.list("nodes") == await cluster.list("pods") == await cluster.list("rs") == []


async def test_workloads_are_scaled_restarted_patched_and_deleted() -> None:
    async with EmbeddedCluster(**SEED) as cluster:
        await cluster.apply(HELLO)
        await cluster.scale("deployment", "hello1", 3)
        await cluster.settled()
        before = {each["metadata"]["name"] for each in await cluster.list("pods")}
        await cluster.restart("deployment", "hello1")
        await cluster.settled()
        after = await cluster.list("pods", labels={"app": "hello1"})
        assert (len(before), before.isdisjoint(each["metadata"]["name"] for each in after)) == (3, True)
        pod = after[0]
        conditions = [{**each, "status": "False"} for each in pod["status"]["conditions"]]
        name = pod["metadata"]["name"]
        await cluster.patch("pod", name, {"status": {"conditions": conditions}}, subresource="status")
        await cluster.settled()
        ready = [
            one["conditions"]["ready"]
            for each in await cluster.list("endpointslices", labels={"kubernetes.io/service-name": "hello1"})
            for one in each["endpoints"]
        ]
        assert sorted(ready) == [False, False, True, True, True, True]
        await cluster.delete("pod", name)
        await cluster.settled()
        assert len(await cluster.list("pods")) == 3
        await cluster.delete(HELLO)
        await cluster.settled()
        assert await cluster.list("pods") == await cluster.list("rs") == []


async def test_an_inventory_shows_it_once_all_is_settled() -> None:
    async with EmbeddedCluster(**SEED) as cluster:
        request = ClusterRequest(Location(), pods=True)
        inventory = Inventory(request.kinds(), lambda: 1.0)
        bridge = cluster.show(request, inventory, lambda problem: None)
        await cluster.apply(HELLO)
        await cluster.settled()
        entry = inventory.services[service_key("hello1", "default")]
        assert sorted(address for each in entry.slices for address in each.addresses) == [
            "10.244.0.2", "10.244.1.2", "fc00:0:0:1::2", "fc00::2",
        ]  # fmt: skip
        bridge.stop()


async def test_state_is_there_again_and_what_was_left_to_do_is_done(tmp_path: Path) -> None:
    state = tmp_path / "cluster.db"
    async with EmbeddedCluster(**SEED, state=state) as cluster:
        await cluster.apply(HELLO)
    async with EmbeddedCluster(**SEED, state=state) as cluster:
        assert len(addresses(await cluster.list("endpointslices"), "hello1")) == 4
        await cluster.delete("deployment", "hello1")
        version = cluster.store.version
    async with EmbeddedCluster(**SEED, state=state) as cluster:
        assert cluster.store.version > version
        assert await cluster.list("pods") == await cluster.list("rs") == []


async def test_a_kubeadm_file_says_what_the_cluster_is_like(tmp_path: Path) -> None:
    file = tmp_path / "kubeadm.yaml"
    file.write_text(
        "apiVersion: kubeadm.k8s.io/v1beta3\n"
        "kind: ClusterConfiguration\n"
        "networking:\n"
        "  podSubnet: 10.244.0.0/16,2001:db8:42:0::/56\n"
        "  serviceSubnet: 10.96.0.0/16,2001:db8:42:1::/112\n"
        "  dnsDomain: shop.example\n"
    )
    async with EmbeddedCluster.from_kubeadm(file, with_kube_dns=True) as cluster:
        assert cluster.domain == "shop.example"
        service = await cluster.get("svc", "kube-dns", namespace="kube-system")
        assert service["spec"]["clusterIPs"] == ["10.96.0.10", "2001:db8:42:1::a"]
        nodes = [each["spec"]["podCIDRs"][1] for each in await cluster.list("nodes")]
        assert nodes == ["2001:db8:42::/64", "2001:db8:42:2::/64", "2001:db8:42:3::/64"]


async def test_its_api_is_served_where_that_is_asked_for(tmp_path: Path) -> None:
    async with EmbeddedCluster(api_port=0) as cluster:
        reader, writer = await asyncio.open_connection("127.0.0.1", cluster.server.port)
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).endswith(b"ok")
        writer.close()
        await writer.wait_closed()
        cluster.server.write_kubeconfig(tmp_path / "kubeconfig")
        assert cluster.server.url in (tmp_path / "kubeconfig").read_text()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"service_cidrs": ["10.0.0.0/24", "10.1.0.0/24"]}, "must be of different IP family"),
        ({"cluster_cidrs": ["10.244.0.0"]}, "--cluster-cidr"),
        ({"node_port_range": "nonsense"}, "service-node-port-range"),
        ({"max_endpoints_per_slice": 1001}, "--max-endpoints-per-slice takes 1 to 1000, not 1001"),
        ({"mirroring_max_endpoints_per_subset": 0}, "--mirroring-max-endpoints-per-subset takes 1 to 1000"),
        ({"advertise_address": "2001:db8::1"}, "must match public address family"),
    ],
)
def test_options_a_real_cluster_would_not_start_with_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRange) as refused:
        EmbeddedCluster(**options)
    assert words in str(refused.value)


async def test_what_cannot_be_done_says_so() -> None:
    cluster = EmbeddedCluster()
    with pytest.raises(RuntimeError, match="the cluster does not run"):
        await cluster.list("pods")
    async with cluster:
        with pytest.raises(StatusError, match='services "web" not found'):
            await cluster.get("svc", "web")
        with pytest.raises(Refused, match="is missing"):
            await cluster.apply({"apiVersion": "v1", "kind": "Service", "metadata": {}})
        with pytest.raises(RuntimeError, match="serves no API"):
            cluster.server.port  # noqa: B018
    await cluster.stop()
