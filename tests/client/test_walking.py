"""Walks carried out on sockets, against a server that does as it is told."""

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from resolver.client.exchange import NoServer
from resolver.client.resolv_conf import ResolvConf
from resolver.client.search import Verdict, Walk, walk_of
from resolver.client.walking import Server, Step, walked
from tests.support.stub_upstream import Respond, silent, unused_port, upstream

SHOP = ("shop.svc.cluster.local", "svc.cluster.local")
OURS, OTHER = "web.shop.svc.cluster.local.", "web.svc.cluster.local."
V4, V6 = "10.96.0.20", "fd00::14"


def zone(**names: str) -> Respond:
    """Answers ``web_shop=...`` (underscores for dots in front of the cluster's domain); NXDOMAIN for the rest."""

    def respond(packet: bytes, network: str) -> list[bytes]:
        query = dns.message.from_wire(packet)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        owner, rtype = query.question[0].name, query.question[0].rdtype
        said = names.get(str(owner).removesuffix(".svc.cluster.local.").replace(".", "_"), "NXDOMAIN")
        if said.isupper():
            reply.set_rcode(dns.rcode.from_text(said))
        elif network == "udp" and said.startswith("cut "):
            reply.flags |= dns.flags.TC
        else:
            texts = [text for text in said.removeprefix("cut ").split() if (":" in text) == (rtype == 28)]
            if texts:
                reply.answer.append(dns.rrset.from_text(owner, 5, "IN", rtype, *texts))
        return [reply.to_wire()]

    return respond


def walk(libc: str, *options: str, servers: int = 1, name: str = "web") -> Walk:
    return walk_of(libc, name, ResolvConf(("x",) * servers, SHOP, ("ndots:5", *options)))


def shown(steps: list[Step]) -> list[tuple[int, str, int, bool]]:
    return sorted((step.round, step.lookup.name, step.lookup.qtype, step.tcp) for step in steps)


@pytest.mark.parametrize(("libc", "addresses"), [("glibc", {V4, V6}), ("musl", {V4, V6})])
async def test_a_walk_ends_where_the_name_is_found(libc: str, addresses: set[str]) -> None:
    told: list[Step] = []
    async with upstream(zone(web=f"{V4} {V6}")) as server:
        found = await walked(walk(libc), [Server(server.host, server.port)], told.append)
    assert set(found.verdict.addresses) == addresses
    assert shown(found.steps) == [
        (1, OURS[:-1], 1, False),
        (1, OURS[:-1], 28, False),
        (2, OTHER[:-1], 1, False),
        (2, OTHER[:-1], 28, False),
    ]
    assert told == found.steps
    assert found.rounds == 2
    assert all(0 <= step.heard.seconds <= found.seconds for step in found.steps)


async def test_both_questions_of_a_round_leave_by_one_socket() -> None:
    async with upstream(zone(web_shop=f"{V4} {V6}")) as server:
        await walked(walk("glibc"), [Server(server.host, server.port)])
        assert len({port for _, _, port in server.seen}) == 1


async def test_single_request_reopen_takes_a_new_socket() -> None:
    async with upstream(zone(web_shop=f"{V4} {V6}")) as server:
        await walked(walk("glibc", "single-request-reopen"), [Server(server.host, server.port)])
        assert len({port for _, _, port in server.seen}) == 2


@pytest.mark.parametrize(("libc", "whole"), [("glibc", 2), ("musl", 2)])
async def test_a_cut_reply_is_fetched_over_tcp(libc: str, whole: int) -> None:
    async with upstream(zone(web_shop=f"cut {V4} {V6}")) as server:
        found = await walked(walk(libc), [Server(server.host, server.port)])
    assert set(found.verdict.addresses) == {V4, V6}
    assert [step.tcp for step in found.steps].count(True) == whole


async def test_musl_meets_servfail_with_four_more_questions_in_each_share_of_the_time() -> None:
    async with upstream(zone(web_shop="SERVFAIL")) as server:
        found = await walked(walk("musl", "timeout:1", "attempts:10"), [Server(server.host, server.port)])
    assert found.verdict == Verdict(error="EAI_AGAIN")
    first = [step for step in found.steps if step.round == 1]
    assert len(first) == 2 + 4


async def test_musl_takes_the_first_useful_reply_of_any_server() -> None:
    async with upstream(zone(web_shop="REFUSED")) as first, upstream(zone(web_shop=f"{V4} {V6}")) as second:
        servers = [Server(each.host, each.port) for each in (first, second)]
        found = await walked(walk("musl", servers=2), servers)
    assert set(found.verdict.addresses) == {V4, V6}


async def test_glibc_goes_to_the_next_server_where_nobody_listens() -> None:
    async with upstream(zone(web_shop=f"{V4} {V6}")) as server:
        servers = [Server("127.0.0.1", unused_port()), Server(server.host, server.port)]
        found = await walked(walk("glibc", servers=2), servers)
    assert set(found.verdict.addresses) == {V4, V6}
    assert [step.heard.refused for step in found.steps] == [True, True, False, False]


@pytest.mark.parametrize("libc", ["glibc", "musl"])
async def test_where_nobody_listens_at_all_that_is_said(libc: str) -> None:
    servers = [Server("127.0.0.1", unused_port()), Server("127.0.0.1", unused_port())]
    with pytest.raises(NoServer, match=f"127.0.0.1:{servers[0].port} and 127.0.0.1:{servers[1].port}"):
        await walked(walk(libc, servers=2), servers)


async def test_a_lost_reply_ends_when_the_time_is_up() -> None:
    async with upstream(silent) as server:
        found = await walked(walk("musl", "timeout:1", "attempts:10", name="web."), [Server(server.host, server.port)])
    assert found.verdict == Verdict(error="EAI_AGAIN")
    assert {step.heard.rcode for step in found.steps} == {None}


async def test_over_tcp_alone_and_nobody_there() -> None:
    with pytest.raises(NoServer):
        await walked(walk("glibc", "use-vc"), [Server("127.0.0.1", unused_port())])
