"""The program on kubeadm's Corefile in front of an API server that comes, goes and says odd things."""

import re
from pathlib import Path
from typing import Any

from tests.support import cluster_objects as objects
from tests.support.api_server import ApiServer
from tests.support.kubeadm import COREFILE, corefile, kubeadm

SHOP = [
    objects.namespace("shop"),
    objects.service("web", "10.96.0.20", "fd00:10:96::20", space="shop"),
    objects.service("db", space="shop"),
    objects.endpoint_slice("db-4", "db", objects.endpoint("10.244.0.5", hostname="db-0"), space="shop"),
    objects.endpoint_slice("db-6", "db", objects.endpoint("fd00:10:244::5", hostname="db-0"), space="shop"),
]
WEB = "web.shop.svc.cluster.local"
IMPATIENT = "       startup_timeout 10ms"

ANSWERS = [
    (WEB, "A", ["10.96.0.20"]),
    (WEB, "AAAA", ["fd00:10:96::20"]),
    (f"_http._tcp.{WEB}", "SRV", [f"0 50 80 {WEB}."]),
    ("db-0.db.shop.svc.cluster.local", "AAAA", ["fd00:10:244::5"]),
    ("10-1-2-3.shop.pod.cluster.local", "A", ["10.1.2.3"]),
    ("20.0.96.10.in-addr.arpa", "PTR", [f"{WEB}."]),
    ("missing.shop.svc.cluster.local", "A", ["NXDOMAIN"]),
    ("www.example.org", "AAAA", ["2001:db8:7::7", "2001:db8:7::8"]),
    ("missing.example.org", "A", ["NXDOMAIN"]),
    ("9.9.9.10.in-addr.arpa", "PTR", ["NXDOMAIN"]),
]
METRICS = {
    "coredns_build_info",
    "coredns_panics_total",
    "coredns_plugin_enabled",
    "coredns_dns_requests_total",
    "coredns_dns_request_duration_seconds_bucket",
    "coredns_dns_request_size_bytes_bucket",
    "coredns_dns_do_requests_total",
    "coredns_dns_response_size_bytes_bucket",
    "coredns_dns_responses_total",
    "coredns_cache_entries",
    "coredns_cache_hits_total",
    "coredns_cache_misses_total",
    "coredns_cache_requests_total",
    "coredns_forward_healthcheck_broken_total",
    "coredns_forward_max_concurrent_rejects_total",
    "coredns_proxy_request_duration_seconds_bucket",
    "coredns_proxy_conn_cache_misses_total",
    "coredns_health_request_duration_seconds_bucket",
    "coredns_health_request_failures_total",
    "coredns_reload_failed_total",
    "coredns_kubernetes_rest_client_request_duration_seconds_bucket",
    "coredns_kubernetes_rest_client_requests_total",
    "dualdns_kubernetes_synced",
    "dualdns_kubernetes_in_step",
}
PLUGINS = ["cache", "errors", "forward", "kubernetes", "loadbalance", "loop", "prometheus"]


async def test_it_answers_for_the_cluster_and_forwards_the_rest(tmp_path: Path) -> None:
    async with ApiServer(SHOP, selectors=True) as api, kubeadm(api, tmp_path) as server:
        assert api.request_headers[0]["Authorization"] == "Bearer secret"
        for name, rtype, expected in ANSWERS:
            for _ in range(2):
                assert await server.records(name, rtype) == expected, (name, rtype)
        assert (await server.ask(WEB, tcp=True, do=True)).answer[0].ttl == 30
        assert await server.page("health") == (200, "OK")
        assert await server.page("ready") == (200, "OK")
        metrics = await server.metrics()
        assert METRICS - set(metrics) == set()
        enabled = f"name={{}},server=dns://:{server.port},view=,zone=."
        assert set(metrics["coredns_plugin_enabled"]) >= {enabled.format(name) for name in PLUGINS}
        zone = f"server=dns://:{server.port},view=,zone=."
        asked = sum(metrics["coredns_dns_requests_total"].values())
        assert asked >= 2 * len(ANSWERS) + 1
        assert metrics["coredns_dns_do_requests_total"] == {zone: 1}
        assert metrics["coredns_panics_total"] == {"": 0}
        assert metrics["dualdns_kubernetes_synced"] == {"": 1}


async def test_without_its_api_server_it_goes_on_as_it_was_and_says_so(tmp_path: Path) -> None:
    async with ApiServer(SHOP, selectors=True) as api, kubeadm(api, tmp_path) as server:
        assert await server.records(WEB) == ["10.96.0.20"]
        assert (await server.metrics())["dualdns_kubernetes_in_step"] == {"": 1}
        await api.refuse_connections()
        await server.command.until("Failed to watch: ")
        assert await server.records(WEB) == ["10.96.0.20"]
        assert await server.records("db.shop.svc.cluster.local", "AAAA") == ["fd00:10:244::5"]
        assert await server.page("ready") == (200, "OK")
        metrics = await server.metrics()
        assert metrics["dualdns_kubernetes_in_step"] == {"": 0}
        assert metrics["dualdns_kubernetes_synced"] == {"": 1}
        errors = f"code=<error>,host=127.0.0.1:{api.port},method=GET"
        assert metrics["coredns_kubernetes_rest_client_requests_total"][errors] >= 1
        api.state.put(objects.service("new", "10.96.0.21", space="shop"))
        api.state.delete("Service", "shop", "web")
        await api.accept_connections()
        await server.command.until("answers again, after ")
        assert await server.records("new.shop.svc.cluster.local") == ["10.96.0.21"]
        assert await server.records(WEB) == ["NXDOMAIN"]
        assert (await server.metrics())["dualdns_kubernetes_in_step"] == {"": 1}
    (lost,) = server.lines("Failed to watch: ")
    assert lost.startswith(f"[ERROR] plugin/kubernetes: Failed to watch: {api.url}: connection refused; answers stay ")
    (found,) = server.lines("answers again")
    assert found.startswith(f"[INFO] plugin/kubernetes: the Kubernetes API at {api.url} answers again, after ")


async def test_what_it_may_not_watch_is_told_with_the_rule_to_add(tmp_path: Path) -> None:
    async with ApiServer(SHOP, selectors=True) as api:
        api.forbid("Service")
        async with kubeadm(api, tmp_path, kubernetes=IMPATIENT) as server:
            assert await server.records(WEB) == ["SERVFAIL"]
            assert await server.page("ready") == (503, "kubernetes")
            await server.command.until(r'verbs: \["list", "watch"\]')  # the start may have been faster than the API
            said = "\n".join(server.command.lines)
            assert "[ERROR] plugin/kubernetes: not allowed to list and watch services: " in said
            rule = said.partition("apiVersion: rbac.authorization.k8s.io/v1\n")[2]
            assert 'apiGroups: [""]\n  resources: ["services"]\n  verbs: ["list", "watch"]' in rule
            assert (await server.metrics())["dualdns_kubernetes_in_step"] == {"": 0}
            api.allow("Service")
            await server.command.until("answers again, after ")
            assert await server.records(WEB) == ["10.96.0.20"]
            assert await server.page("ready") == (200, "OK")


async def test_before_the_first_lists_names_are_servfail_and_the_server_not_ready(tmp_path: Path) -> None:
    async with ApiServer(SHOP, selectors=True) as api:
        api.hold("EndpointSlice")
        async with kubeadm(api, tmp_path, kubernetes=IMPATIENT) as server:
            assert server.lines("starting server with unsynced Kubernetes API")
            assert await server.records("missing.shop.svc.cluster.local") == ["SERVFAIL"]
            assert await server.records("www.example.org") == ["198.51.100.7"]
            assert await server.page("ready") == (503, "kubernetes")
            assert await server.page("health") == (200, "OK")
            metrics = await server.metrics()
            assert metrics["dualdns_kubernetes_synced"] == {"": 0}


BAD: list[dict[str, Any]] = [
    objects.service("octet", "10.96.0.256", space="shop"),
    {"kind": "Service", "metadata": {"name": "x" * 64, "namespace": "shop"}, "spec": {"clusterIP": "10.96.0.30"}},
    {"kind": "Service", "metadata": {"name": "nulls", "namespace": "shop"}, "spec": None},
    {
        "kind": "EndpointSlice",
        "metadata": {"name": "odd", "namespace": "shop", "labels": {"kubernetes.io/service-name": "db"}},
        "addressType": "FQDN",
        "endpoints": [{"addresses": ["pods.example.org"]}, None],
        "ports": "http",
    },
]


async def test_objects_that_make_no_sense_are_told_once_and_the_rest_is_served(tmp_path: Path) -> None:
    async with ApiServer([*SHOP, *BAD], selectors=True) as api, kubeadm(api, tmp_path) as server:
        assert await server.records(WEB) == ["10.96.0.20"]
        assert await server.records("db.shop.svc.cluster.local") == ["10.244.0.5"]
        told = server.lines("left out: ")
        assert all(
            re.match(r"\[WARNING\] plugin/kubernetes: left out: (Service|EndpointSlice) shop/", line) for line in told
        )
        for name in ("octet", "x" * 64, "odd"):
            assert [line for line in told if f"shop/{name}:" in line or f"shop/{name} " in line], name
        await api.until(lambda: len(api.watching()) == 3)
        for item in BAD:
            api.put(item)
        api.object_without_metadata("Service")
        api.put(objects.service("fence", "10.96.0.40", space="shop"))
        await server.command.until(r"left out: Service \(no name\): metadata\.name: is missing")
        await server.until_answered("fence.shop.svc.cluster.local", "10.96.0.40")
        assert len(server.lines("shop/octet")) == 1
        assert (await server.page("ready"))[0] == 200


def test_the_copy_differs_from_kubeadms_in_ports_only() -> None:
    changed = corefile({"health": 8080, "ready": 8181, "metrics": 9153}, "/etc/resolv.conf")
    ours = [line.replace("127.0.0.1:", ":") for line in changed.splitlines() if line.strip()]
    theirs = COREFILE.read_text().replace(".:53 {", ". {").replace("health {", "health :8080 {")
    assert ours == theirs.replace("    ready", "    ready :8181").splitlines()
