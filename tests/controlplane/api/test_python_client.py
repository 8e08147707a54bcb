"""The official Python client, blocking and asyncio, against the API."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from resolver.controlplane.resources import SERVICES
from tests.support.served_cluster import Served, served_cluster

client = pytest.importorskip("kubernetes.client")
aio = pytest.importorskip("kubernetes.aio")

SERVICE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {"ipFamilyPolicy": "RequireDualStack", "selector": {"app": "web"}, "ports": [{"name": "http", "port": 80}]},
}


def _config(served: Served, folder: Path) -> str:
    path = folder / "kubeconfig"
    served.server.write_kubeconfig(path)
    return str(path)


def _blocking(path: str) -> list[str]:
    """What a program with the blocking client sees."""
    from kubernetes import config, watch

    api = client.CoreV1Api(config.new_client_from_config(path))
    seen = [f"{api.create_namespaced_service('default', SERVICE).spec.ip_families}"]
    patched = api.patch_namespaced_service("web", "default", {"metadata": {"labels": {"tier": "front"}}})
    seen.append(patched.metadata.labels["tier"])
    listed = api.list_namespaced_service("default", label_selector="app=web", limit=1)
    seen += [each.metadata.name for each in listed.items]
    stream = watch.Watch().stream(api.list_namespaced_service, "default", timeout_seconds=1)
    seen += [f"{event['type']} {event['object'].metadata.name}" for event in stream]
    seen.append(api.delete_namespaced_service("web", "default").metadata.name)
    with pytest.raises(client.ApiException) as missing:
        api.read_namespaced_service("web", "default")
    return [*seen, str(missing.value.status)]


async def test_the_blocking_client_reads_writes_and_watches(tmp_path: Path) -> None:
    async with served_cluster() as served:
        seen = await asyncio.to_thread(_blocking, _config(served, tmp_path))
    assert seen == ["['IPv4', 'IPv6']", "front", "web", "ADDED kubernetes", "ADDED web", "web", "404"]


async def test_the_asyncio_client_reads_writes_and_watches(tmp_path: Path) -> None:
    from kubernetes.aio import config, watch

    async with served_cluster() as served:
        configuration = aio.client.Configuration()
        await config.load_kube_config(_config(served, tmp_path), client_configuration=configuration)
        async with aio.client.ApiClient(configuration) as connection:
            api = aio.client.CoreV1Api(connection)
            made = await api.create_namespaced_service("default", SERVICE)
            assert made.spec.cluster_ips == served.api.get(SERVICES, "default", "web").object["spec"]["clusterIPs"]
            seen = []
            async with watch.Watch() as watching:
                async for event in watching.stream(
                    api.list_namespaced_service, "default", field_selector="metadata.name=web"
                ):
                    seen.append(event["type"])
                    if event["type"] == "ADDED":
                        await api.delete_namespaced_service("web", "default")
                    if event["type"] == "DELETED":
                        break
            assert seen == ["ADDED", "DELETED"]
