"""Explanations against answers on random clusters, and a table of situations."""

from ipaddress import ip_address
from random import Random
from typing import Any

import dns.message
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.explain import Explanation, Source, explain_question
from tests.support import cluster_objects as api
from tests.support.changing_cluster import first_objects, key_of, random_letters, random_question
from tests.support.cluster_objects import Object
from tests.support.doors import records
from tests.support.explained import answered, corefile, explained, over_objects

VIEWS = (
    "",
    "pods insecure\nignore empty_service",
    "pods verified\nendpoint_pod_names",
    "namespaces shop none",
    "noendpoints",
    "zonal\nttl 0",
)
ZONES = ("cluster.local.", "in-addr.arpa.", "ip6.arpa.")
SEEDS = st.integers(0, 2**32 - 1)


def cluster(random: Random) -> dict[tuple[str, str, str], Object]:
    """Objects of one cluster, each once, by kind, namespace and name."""
    return {key_of(each): each for each in first_objects(random) if each["kind"] != "ServiceImport"}


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=SEEDS, view=st.sampled_from(VIEWS))
async def test_an_explanation_says_what_the_door_answers(seed: int, view: str) -> None:
    random = Random(seed)
    objects = cluster(random)
    async with over_objects(objects.values(), corefile(view)) as server:
        for _ in range(15):
            name, qtype = random_question(random, ZONES)
            name = random_letters(random, name) if random.random() < 0.2 else name
            bufsize = random.choice((0, 512, 1232))
            explanation = await explain_question(server, name, qtype, bufsize=bufsize)
            compare(explanation, answered(server, name, qtype, bufsize))
            for record in explanation.records:
                for source in record.sources:
                    says(source, record.type, record.data, record.name, objects)
            absent(explanation)


def compare(explanation: Explanation, wire: bytes) -> None:
    """The same rcode, records, flags and size."""
    reply = dns.message.from_wire(wire)
    assert explanation.rcode == reply.rcode().name
    assert explanation.size == len(wire)
    assert ("tc" in explanation.flags) == bool(reply.flags & dns.flags.TC)
    for section, found in (("answer", reply.answer), ("authority", reply.authority), ("additional", reply.additional)):
        told = [each for each in explanation.records if each.section == section]
        texts = sorted(f"{each.name} {each.ttl} {each.type} {each.data}" for each in told)
        assert sorted(texts) == records(found)
    truncated = [each for each in explanation.left_out if each.reason == "truncated"]
    assert bool(truncated) == bool(reply.flags & dns.flags.TC)


def says(source: Source, type: str, data: str, owner: str, objects: dict[tuple[str, str, str], Object]) -> None:
    """The object that is named exists, and its field holds what the record does."""
    item = objects[source.kind, source.namespace, source.name]
    assert source.field, (source, type, data)
    value = at(item, source.field)
    assert value == source.value
    if type in ("A", "AAAA"):
        assert same_address(value, data)
    elif type == "CNAME":
        assert value.rstrip(".").lower() == data.rstrip(".").lower()
    elif type == "PTR":
        assert ip_address(value).reverse_pointer == owner.rstrip(".").lower()
    elif type == "SRV":
        port = int(data.split()[2])
        assert port in [each.get("port") for each in item.get("ports", item.get("spec", {}).get("ports"))]


def same_address(left: str, right: str) -> bool:
    first, second = ip_address(left), ip_address(right)
    return first == second or getattr(first, "ipv4_mapped", None) == second


def at(item: Any, path: str) -> Any:
    """The value of a field path such as ``endpoints[0].addresses[1]``."""
    for step in path.replace("[", ".").replace("]", "").split("."):
        item = item[int(step)] if isinstance(item, list) else item[step]
    return item.get("ip") if isinstance(item, dict) else item


def absent(explanation: Explanation) -> None:
    """What is left out is in no record of the answer section."""
    there = {each.data for each in explanation.records if each.section == "answer" and each.type in ("A", "AAAA")}
    for left in explanation.left_out:
        if left.reason not in ("truncated", "no-port"):
            assert left.what not in there, left


SHOP = (api.namespace("shop"), api.namespace("lab"))


def ready_pod(name: str, *ips: str, **spec: str) -> Object:
    found = api.pod(name, *ips, space="shop")
    return {**found, "spec": spec, "metadata": {**found["metadata"], "labels": {"app": "db"}}}


def selecting(name: str = "db", **more: Any) -> Object:
    return api.service(name, space="shop", selector={"app": "db"}, ipFamilies=["IPv4"], **more)


SITUATIONS: dict[str, tuple[list[Object], str, str, str, tuple[str, str, str, str]]] = {
    # objects beside SHOP, name, type, options of kubernetes: outcome, rule, reason left out, a word of the text
    "cluster address": ([api.service("web", "10.0.0.1", space="shop")], "web.shop", "A", "",
                        ("answer", "N1", "", "spec.clusterIPs[0]")),
    "other family": ([api.service("web", "10.0.0.1", space="shop")], "web.shop", "AAAA", "",
                     ("NODATA", "N1", "other-family", "PreferDualStack")),
    "not ready": ([api.service("db", space="shop"),
                   api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", ready=False), space="shop")],
                  "db.shop", "A", "", ("NXDOMAIN", "F3", "not-ready", "is not ready")),
    "not ready by name": ([api.service("db", space="shop"), api.endpoint_slice(
                              "db-1", "db", api.endpoint("10.1.0.1", ready=False, hostname="db-0"), "10.1.0.2",
                              space="shop")],
                          "db-0.db.shop", "A", "", ("NXDOMAIN", "F7", "not-ready", "hostname db-0")),
    "terminating": ([api.service("db", space="shop"), {
                        **api.endpoint_slice("db-1", "db", space="shop"), "endpoints": [
                            {"addresses": ["10.1.0.1"],
                             "conditions": {"ready": False, "serving": True, "terminating": True}}]}],
                    "db.shop", "A", "", ("NXDOMAIN", "F3", "terminating", "terminates")),
    "no hostname": ([selecting(), ready_pod("db-0", "10.1.0.1"),
                     api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", pod="db-0"), space="shop")],
                    "db-0.db.shop", "A", "", ("NXDOMAIN", "F7", "no-hostname", "10-1-0-1")),
    "other subdomain": ([selecting(), ready_pod("db-0", "10.1.0.1", hostname="db-0", subdomain="dbs"),
                         api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", pod="db-0"), space="shop")],
                        "db-0.db.shop", "A", "", ("NXDOMAIN", "F7", "other-subdomain", "is dbs, not db")),
    "Pod of one family": ([selecting() | {"spec": {**selecting()["spec"], "ipFamilies": ["IPv4", "IPv6"]}},
                           ready_pod("db-0", "10.1.0.1"),
                           api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", pod="db-0"), space="shop")],
                          "db.shop", "AAAA", "", ("NODATA", "N1", "other-family", "it has no IPv6 address")),
    "Service of one family": ([selecting(), ready_pod("db-0", "10.1.0.1", "fd00::1"),
                               api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", pod="db-0"), space="shop")],
                              "db.shop", "AAAA", "", ("NODATA", "N1", "other-family", "no slices of IPv6")),
    "Pod without address": ([selecting(), ready_pod("db-0")], "db.shop", "A", "",
                            ("NXDOMAIN", "F3", "no-address", "it has no address yet")),
    "Pod that has ended": ([selecting(), {**ready_pod("db-0", "10.1.0.1"), "status": {"phase": "Succeeded"}}],
                           "db.shop", "A", "", ("NXDOMAIN", "F3", "ended", "it has succeeded")),
    "namespace not exposed": ([api.service("web", "10.0.0.1", space="shop")], "web.shop", "A", "namespaces lab",
                              ("NXDOMAIN", "B2", "", "the namespaces option leaves this namespace out")),
    "namespace missing": ([api.service("web", "10.0.0.1", space="lost")], "web.lost.svc.cluster.local", "A", "",
                          ("NXDOMAIN", "B2", "", "there is no such namespace")),
    "namespace without label": ([api.service("web", "10.0.0.1", space="shop")], "web.shop.svc.cluster.local", "A",
                                "namespace_labels dns=on",
                                ("NXDOMAIN", "B2", "label-missing", "dns: no such label")),
    "Service without label": ([api.service("web", "10.0.0.1", space="shop")], "web.shop", "A", "labels dns=on",
                              ("NXDOMAIN", "B", "label-missing", "`labels dns=on`")),
    "slice without label": ([{**api.service("db", space="shop"),
                              "metadata": {"name": "db", "namespace": "shop", "labels": {"dns": "on"}}},
                             api.endpoint_slice("db-1", "db", "10.1.0.1", space="shop")],
                            "db.shop", "A", "labels dns=on",
                            ("NXDOMAIN", "F3", "label-missing", "EndpointSlice shop/db-1")),
    "port without such a name": ([api.service("web", "10.0.0.1", space="shop")], "_htp._tcp.web.shop", "SRV", "",
                                 ("NXDOMAIN", "B6", "", "its ports are _http._tcp")),
    "port of no endpoint": ([api.service("db", space="shop"),
                             api.endpoint_slice("db-1", "db", "10.1.0.1", space="shop")],
                            "_http._udp.db.shop", "SRV", "", ("NXDOMAIN", "B6", "no-such-port", "_http._tcp")),
    "no port": ([api.service("db", space="shop", ports=()),
                 api.endpoint_slice("db-1", "db", "10.1.0.1", space="shop", ports=())],
                "db.shop", "SRV", "", ("NODATA", "E3", "no-port", "an SRV record needs one")),
    "another type": ([api.service("web", "10.0.0.1", space="shop")], "web.shop", "MX", "",
                     ("NODATA", "D", "", "MX is no type")),
    "TXT": ([], "shop.svc.cluster.local", "TXT", "", ("NXDOMAIN", "D7", "", "name error")),
    "SOA below": ([], "nothing.shop", "SOA", "", ("NODATA", "D5", "", "stands at the zone's own name")),
    "typing mistake": ([api.service("web", "10.0.0.1", space="shop")], "wbe.shop", "A", "",
                       ("NXDOMAIN", "B", "", "did you mean web.shop.svc.cluster.local?")),
    "other namespace": ([api.service("web", "10.0.0.1", space="lab")], "web.shop", "A", "",
                        ("NXDOMAIN", "B", "", "in another namespace: web.lab.svc.cluster.local")),
    "namespace mistyped": ([api.service("web", "10.0.0.1", space="shop")], "web.shpo.svc.cluster.local", "A", "",
                           ("NXDOMAIN", "B2", "", "there is a namespace shop")),
    "search path": ([api.service("web", "10.0.0.1", space="shop")],
                    "web.shop.svc.cluster.local.svc.cluster.local", "A", "",
                    ("NXDOMAIN", "B", "", "a search path has been put behind web.shop.svc.cluster.local")),
    "zone left off": ([api.service("web", "10.0.0.1", space="shop")], "web.shop.", "A", "",
                      ("REFUSED", "N4", "", "did you mean web.shop.svc.cluster.local?")),
    "too many labels": ([api.service("web", "10.0.0.1", space="shop")], "a.b.c.web.shop", "A", "",
                        ("NXDOMAIN", "B", "", "names of this form do not exist")),
    "ExternalName": ([api.external_name("out", "web.shop.svc.cluster.local", space="shop"),
                      api.service("web", "10.0.0.1", space="shop")], "out.shop", "A", "",
                     ("answer", "N1", "", "Service shop/out spec.externalName")),
    "ExternalName to nothing": ([api.external_name("out", "no.shop.svc.cluster.local", space="shop")], "out.shop", "A",
                                "", ("NODATA", "G1", "", "no address of this family")),
    "ExternalName out": ([api.external_name("out", "example.org", space="shop")], "out.shop", "A", "",
                         ("answer", "G1", "", "the server asks itself")),
    "ExternalName that is an address": ([api.external_name("out", "10.9.9.9", space="shop")], "out.shop", "A", "",
                                        ("NXDOMAIN", "G3", "", "externalName is an address")),
    "ExternalName has no port": ([api.external_name("out", "example.org", space="shop")], "_http._tcp.out.shop", "SRV",
                                 "", ("NXDOMAIN", "G4", "", "no ports")),
    "address": ([api.service("web", "fd00::1", space="shop")], "fd00::1", "PTR", "",
                ("answer", "G5", "", "Service shop/web spec.clusterIPs[0]")),
    "address of nobody": ([], "10.9.9.9", "PTR", "", ("NXDOMAIN", "G5", "", "no ready endpoint has the address")),
    "address of a hidden namespace": ([api.service("web", "10.0.0.1", space="shop")], "10.0.0.1", "PTR",
                                      "namespaces lab", ("NXDOMAIN", "G5", "namespace-hidden", "leaves this")),
    "address that is not ready": (
        [api.service("db", space="shop"), api.endpoint_slice(
            "db-1", "db", api.endpoint("10.1.0.1", ready=False), space="shop")],
        "10.1.0.1", "PTR", "", ("NXDOMAIN", "G5", "not-ready", "10.1.0.1: the endpoint is not ready")),
    "Pod names off": ([], "10-1-0-1.shop.pod", "A", "", ("NXDOMAIN", "I", "", "the pods option")),
    "Pod names insecure": ([], "10-1-0-1.shop.pod", "A", "pods insecure", ("answer", "I", "", "says the address")),
    "Pod name without address": ([], "web.shop.pod", "A", "pods insecure", ("NXDOMAIN", "I3", "", "no address")),
    "Pod names verified": ([ready_pod("db-0", "10.1.0.1")], "10-1-0-1.shop.pod", "A", "pods verified",
                           ("answer", "I1", "", "Pod shop/db-0 status.podIPs[0]")),
    "no Pod": ([], "10-1-0-1.shop.pod", "A", "pods verified", ("NXDOMAIN", "I1", "", "no Pod of this namespace")),
    "noendpoints": ([api.service("db", space="shop"), api.endpoint_slice("db-1", "db", "10.1.0.1", space="shop")],
                    "db.shop", "A", "noendpoints", ("NXDOMAIN", "F9", "", "nothing is known of endpoints")),
    "empty Service": ([api.service("web", "10.0.0.1", space="shop"), api.endpoint_slice(
                          "web-1", "web", api.endpoint("10.1.0.1", ready=False), space="shop")],
                      "web.shop", "A", "ignore empty_service", ("NXDOMAIN", "F10", "not-ready", "no ready endpoint")),
    "other zone": ([api.service("db", space="shop"), api.endpoint_slice(
                       "db-1", "db", api.endpoint("10.1.0.1", zone="a"), space="shop")],
                   "b.pin._zone.db.shop", "A", "zonal", ("NODATA", "F11", "other-zone", "it is in another zone")),
    "falls through": ([], "web.shop", "A", "fallthrough", ("SERVFAIL", "N6", "", "no plugin comes after it")),
    "broken address": ([api.service("db", space="shop"),
                        api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", "here"), space="shop")],
                       "db.shop", "A", "", ("answer", "F3", "broken", "is no IP address: 'here'")),
    "single label": ([api.namespace("default"), api.service("web", "10.0.0.1")], "web", "A", "",
                     ("answer", "N1", "", "is taken for a Service of the namespace default")),
}  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS)
async def test_every_situation_has_its_rule_and_its_reason(situation: str) -> None:
    objects, name, qtype, options, (outcome, rule, reason, word) = SITUATIONS[situation]
    found = await explained([*SHOP, *objects], name, qtype, text=corefile(options))
    text = found.text()
    assert (found.outcome, found.rules[-1][0].id) == (outcome, rule), text
    reasons = [each.reason for each in found.left_out]
    assert reasons[:1] == [reason] if reason else "not-ready" not in reasons, text
    assert word in text, text
    assert "\x1b" not in text
    assert "\x1b[1m" in found.text(color=True)
    assert found.resolves == (outcome == "answer")


async def test_what_does_not_fit_is_left_out() -> None:
    slices = [api.endpoint_slice("db-1", "db", *(f"10.1.0.{n}" for n in range(1, 100)), space="shop")]
    objects = [*SHOP, api.service("db", space="shop"), *slices]
    found = await explained(objects, "db.shop", bufsize=0)
    cut = [each for each in found.left_out if each.reason == "truncated"]
    assert "tc" in found.flags
    assert len(cut) + len(found.records) == 99
    assert cut[0].rule is not None
    assert cut[0].rule.id == "N8"
    assert "... and" in found.text()
    whole = await explained(objects, "db.shop", protocol="tcp")
    assert len(whole.records) == 99
    assert [each for each in whole.left_out if each.reason == "truncated"] == []


async def test_before_the_first_lists_a_name_may_exist() -> None:
    async with over_objects([*SHOP], corefile()) as server:
        server.instance.blocks[0].host.plugins[-1].inventory.watch_kind(api_kind())  # type: ignore[attr-defined]
        found = await explain_question(server, "web.shop.svc.cluster.local")
    assert (found.rcode, found.rules[-1][0].id) == ("SERVFAIL", "H6")


def api_kind() -> Any:
    from resolver.cluster.objects import PODS

    return PODS


async def test_an_answer_of_another_plugin_is_said_to_be_its(tmp_path: Any) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.7 files.shop.svc.cluster.local\n")
    found = await explained(
        [*SHOP], "files.shop", text=corefile("", f"hosts {hosts} {{\nfallthrough\n}}\nwhoami\ncache 30")
    )
    assert found.outcome == "answer"
    assert [step.plugin for step in found.steps] == ["cache", "hosts"] or found.steps[-1].plugin == "hosts"
    assert found.verdict.endswith("the plugin hosts answered.")


async def test_nothing_is_counted_kept_or_logged() -> None:
    async with over_objects([*SHOP], corefile("", "log\nprometheus localhost:0")) as server:
        plugin = server.instance.blocks[0].host.plugins
        await explain_question(server, "web.shop")
        assert not any(len(memo) for memo in server.instance.memos.values())
        rows = [row for row in server.instance.own_metrics() if "requests_total" in row.name and row.value]
        assert rows == []
        assert plugin
