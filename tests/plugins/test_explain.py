"""The reason of a denial in its reply: who gets it, what it says, and what stays as it was."""

from typing import Any

import dns.edns
import dns.flags
import dns.message
import pytest

from resolver.answers.door import Door
from resolver.answers.memo import AnswerMemo
from resolver.cluster.objects import PODS
from resolver.corefile.tokens import BadConfig
from resolver.explain.unserved import Unserved
from resolver.plugins.explain import NOT_READY, OTHER, setup
from resolver.plugins.kubernetes import Kubernetes
from tests.support import cluster_objects as api
from tests.support.doors import asker, query_packet
from tests.support.explained import answered, corefile, over_objects
from tests.support.fake_host import FakeHost, directives

OBJECTS = [
    api.namespace("shop"),
    api.service("web", "10.0.0.1", space="shop"),
    api.service("db", space="shop"),
    api.endpoint_slice("db-1", "db", api.endpoint("10.1.0.1", ready=False), space="shop"),
]
EXPLAINING = corefile("ttl 30", "explain")
PLAIN = corefile("ttl 30")

REASONS = [
    ("web.shop.svc.cluster.local.", "A", None),
    ("web.shop.svc.cluster.local.", "AAAA", "all of its addresses are IPv4 (rule N1)"),
    ("wbe.shop.svc.cluster.local.", "A", "there is no such Service (rule B)"),
    ("web.none.svc.cluster.local.", "A", "there is no such namespace (rule B2)"),
    ("db.shop.svc.cluster.local.", "A", "the Service has no ready endpoint (rule F3)"),
    ("9.9.9.9.in-addr.arpa.", "PTR", "no Service and no ready endpoint has the address (rule G5)"),
    ("cluster.local.", "SOA", None),
]


def errors(reply: dns.message.Message) -> list[tuple[int, str | None]]:
    return [(int(each.code), each.text) for each in reply.options if isinstance(each, dns.edns.EDEOption)]


@pytest.mark.parametrize(("name", "qtype", "reason"), REASONS)
async def test_a_denial_says_why_to_who_speaks_edns(name: str, qtype: str, reason: str | None) -> None:
    async with over_objects(OBJECTS, EXPLAINING) as server:
        reply = dns.message.from_wire(answered(server, name, qtype))
    assert errors(reply) == ([] if reason is None else [(OTHER, reason)])


@pytest.mark.parametrize(("name", "qtype", "reason"), REASONS)
async def test_without_edns_no_byte_is_different(name: str, qtype: str, reason: str | None) -> None:
    replies = []
    for text in (PLAIN, EXPLAINING):
        async with over_objects(OBJECTS, text) as server:
            kubernetes_of(server).inventory.internal_serial.set(1)
            replies.append(answered(server, name, qtype, bufsize=0))
    assert replies[0] == replies[1]


async def test_kept_replies_say_it_too_and_only_to_those() -> None:
    async with over_objects(OBJECTS, EXPLAINING) as server:
        ask = asking(server)
        said = (OTHER, "all of its addresses are IPv4 (rule N1)")
        assert [errors(ask(edns)) for edns in (1232, 1232, None, None, 512)] == [[said], [said], [], [], [said]]


async def test_before_the_first_lists_the_code_says_not_ready() -> None:
    async with over_objects(OBJECTS, EXPLAINING) as server:
        kubernetes_of(server).inventory.watch_kind(PODS)
        reply = dns.message.from_wire(answered(server, "new.shop.svc.cluster.local.", "A"))
    assert reply.rcode().name == "SERVFAIL"
    assert [code for code, _ in errors(reply)] == [NOT_READY]


async def test_the_longest_name_still_fits() -> None:
    label = "x" * 63
    name = f"{label}.{label}.{label}.{'y' * 38}.svc.cluster.local."
    async with over_objects(OBJECTS, EXPLAINING) as server:
        wire = answered(server, name, "A", bufsize=512)
    reply = dns.message.from_wire(wire)
    assert not reply.flags & dns.flags.TC
    assert len(wire) <= 512
    assert len(reply.authority) == 1
    assert errors(reply)


@pytest.mark.parametrize("text", ["explain me", "explain {\nme\n}", "explain\nexplain"])
def test_it_takes_no_words(text: str) -> None:
    with pytest.raises(BadConfig):
        setup(directives(text), FakeHost())


def kubernetes_of(server: Unserved) -> Kubernetes:
    plugin = server.instance.blocks[0].host.plugins[-1]
    assert isinstance(plugin, Kubernetes)
    return plugin


def asking(server: Unserved) -> Any:
    """Asks one door again and again, by EDNS size."""
    door = Door(server.instance.router(server.instance.listening[0]), AnswerMemo(), lambda: 0.0, pytest.fail)

    def ask(edns: int | None) -> dns.message.Message:
        reply = door.answer(query_packet("web.shop.svc.cluster.local.", "AAAA", edns=edns), asker())
        assert isinstance(reply, bytes)
        return dns.message.from_wire(reply)

    return ask
