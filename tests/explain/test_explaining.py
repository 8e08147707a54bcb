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
from tests.support.explained_situations import SHOP, SITUATIONS

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
        ports = item.get("ports") or item.get("spec", {}).get("ports") or [{"port": 0}]  # a Pod's names have port 0
        assert port in [each.get("port") for each in ports]


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


async def test_imported_services_have_their_sources_too() -> None:
    objects = [
        *SHOP,
        api.service_import("web", "10.9.0.1", space="shop"),
        api.service_import("db", space="shop", kind="Headless"),
        api.imported_slice("db-e", "db", "east", "10.1.0.1", api.endpoint("10.1.0.2", ready=False), space="shop"),
    ]
    text = corefile("multicluster cluster.local")
    plain = await explained(objects, "web.shop", text=text)
    assert [source.subject for source in plain.records[0].sources] == ["ServiceImport shop/web"]
    headless = await explained(objects, "db.shop", text=text)
    assert [source.subject for source in headless.records[0].sources] == ["EndpointSlice shop/db-e"]
    assert headless.rules[-1][0].id == "L4"
    other = await explained(objects, "10-1-0-1.west.db.shop.svc.cluster.local", text=text)
    assert (other.outcome, other.left_out[0].reason) == ("NXDOMAIN", "other-name")
