"""The plugin behind a door: record types, shapes of replies, letters, fall-through, aliases, name servers."""

from collections.abc import Callable
from typing import Any

import dns.message
import pytest

from resolver.answers.outcome import Answer, Failure, Pending, Reply, Settled, no_next_plugin
from resolver.cluster.dns_records import PodMode, View
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import KINDS, NAMESPACES, Namespace, Service, labels_text
from resolver.explain.notes import Notes
from resolver.plugins.kubernetes import Kubernetes, Options
from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.query import Query
from tests.support import cluster_objects as api
from tests.support.doors import CLOCK, World, data, is_authoritative, outcome, query_packet, records
from tests.support.questions import question, record

ZONE = name_from_text("cluster.local")
SOA = f"cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. {CLOCK} 7200 1800 86400 5"
SHOP = [
    api.namespace("shop"),
    api.service("web", "10.0.0.1", "fd00::1", space="shop", ports=("http:80/TCP", "dns:53/UDP")),
    api.service("four", "10.0.0.4", space="shop"),
    api.service("bare", "10.0.0.5", space="shop", ports=()),
    api.service("db", space="shop"),
    api.endpoint_slice("db-4", "db", api.endpoint("10.1.0.1", hostname="db-0"), "10.1.0.2", space="shop"),
    api.endpoint_slice("db-6", "db", api.endpoint("fd00:1::1", hostname="db-0"), "fd00:1::", space="shop"),
    api.service("idle", space="shop"),
    api.external_name("alias", "web.shop.svc.cluster.local", space="shop"),
    api.external_name("four-alias", "four.shop.svc.cluster.local", space="shop"),
    api.external_name("away", "Www.example.org", space="shop"),
]
WEB = "web.shop.svc.cluster.local."
DB = "db.shop.svc.cluster.local."


@pytest.fixture
def world() -> World:
    return World(SHOP)


# -- what a name and a type give --------------------------------------------------------------------------------------

ANSWERS = [
    (WEB, "A", ["10.0.0.1"]),
    (WEB, "AAAA", ["fd00::1"]),
    (f"_http._tcp.{WEB}", "A", ["10.0.0.1"]),
    (f"http.tcp.{WEB}", "AAAA", ["fd00::1"]),
    (WEB, "SRV", [f"0 25 53 {WEB}", f"0 25 80 {WEB}"]),
    (f"_dns._udp.{WEB}", "SRV", [f"0 50 53 {WEB}"]),
    (DB, "A", ["10.1.0.1", "10.1.0.2"]),
    (DB, "AAAA", ["fd00:1::", "fd00:1::1"]),
    (f"db-0.{DB}", "A", ["10.1.0.1"]),
    (f"db-0.{DB}", "AAAA", ["fd00:1::1"]),
    (f"10-1-0-2.{DB}", "A", ["10.1.0.2"]),
    (f"fd00-1--0.{DB}", "AAAA", ["fd00:1::"]),
    (DB, "SRV", [f"0 25 80 10-1-0-2.{DB}", f"0 25 80 db-0.{DB}", f"0 25 80 fd00-1--0.{DB}"]),
    (f"db-0.{DB}", "SRV", [f"0 50 80 db-0.{DB}"]),
    ("alias.shop.svc.cluster.local.", "CNAME", [WEB]),
    ("away.shop.svc.cluster.local.", "CNAME", ["Www.example.org."]),
    ("dns-version.cluster.local.", "TXT", ['"1.1.0"']),
    ("1.0.0.10.in-addr.arpa.", "PTR", [WEB]),
    ("1" + ".0" * 27 + ".0.0.d.f.ip6.arpa.", "PTR", [WEB]),
    ("1.0.1.10.in-addr.arpa.", "PTR", [f"db-0.{DB}"]),
]


@pytest.mark.parametrize(("name", "qtype", "expected"), ANSWERS)
def test_an_answer_has_the_records_of_its_type_and_nothing_else(
    world: World, name: str, qtype: str, expected: list[str]
) -> None:
    reply = world.ask(name, qtype, edns=4096)
    assert sorted(data(reply.answer)) == expected
    assert {str(group.name) for group in reply.answer} == {name}
    assert {group.ttl for group in reply.answer} == {28_800 if qtype == "TXT" else 5}
    assert is_authoritative(reply)
    assert reply.authority == []
    assert bool(reply.additional) is (qtype == "SRV")


EMPTY = [
    ("cluster.local.", ["A", "AAAA", "SRV", "MX", "CNAME", "PTR", "ANY", "HTTPS", "DS"]),
    ("svc.cluster.local.", ["A", "SRV", "NS", "MX", "SOA"]),
    ("pod.cluster.local.", ["A", "SOA"]),
    ("shop.svc.cluster.local.", ["A", "AAAA", "SRV", "NS", "SOA"]),
    (WEB, ["CNAME", "MX", "PTR", "TXT", "NS", "SOA", "ANY", "HTTPS", "SVCB", "NAPTR", "HINFO", "TYPE65280"]),
    ("four.shop.svc.cluster.local.", ["AAAA", "TXT"]),
    ("bare.shop.svc.cluster.local.", ["SRV"]),
    (DB, ["CNAME", "MX", "TXT", "PTR", "NS"]),
    ("alias.shop.svc.cluster.local.", ["SRV", "TXT", "MX", "NS", "PTR"]),
    ("four-alias.shop.svc.cluster.local.", ["AAAA"]),
    ("missing.shop.svc.cluster.local.", ["SOA"]),
    ("anything.at.all.cluster.local.", ["SOA"]),
    ("in-addr.arpa.", ["A", "PTR"]),
]


@pytest.mark.parametrize(("name", "qtype"), [(name, qtype) for name, types in EMPTY for qtype in types])
def test_a_name_without_records_of_a_type_is_no_error(world: World, name: str, qtype: str) -> None:
    reply = world.ask(name, qtype)
    assert outcome(reply) == "NODATA"
    assert is_authoritative(reply)
    zone = "in-addr.arpa." if name.endswith("arpa.") else "cluster.local."
    assert [str(group.name) for group in reply.authority] == [zone]
    assert reply.additional == []


MISSING = [
    ("missing.shop.svc.cluster.local.", ["A", "AAAA", "SRV", "TXT", "CNAME", "MX", "NS", "PTR", "ANY", "HTTPS"]),
    ("web.missing.svc.cluster.local.", ["A"]),
    ("missing.svc.cluster.local.", ["A"]),
    ("shop.pod.cluster.local.", ["A"]),
    ("1-2-3-4.shop.pod.cluster.local.", ["A"]),
    ("cluster.local.", ["TXT"]),
    ("svc.cluster.local.", ["TXT"]),
    ("shop.svc.cluster.local.", ["TXT"]),
    ("dns-version.cluster.local.", ["A", "SRV"]),
    ("a.dns-version.cluster.local.", ["TXT"]),
    ("dns.cluster.local.", ["A"]),
    ("*.shop.svc.cluster.local.", ["A"]),
    ("any.shop.svc.cluster.local.", ["A"]),
    (f"_https._tcp.{WEB}", ["A", "SRV", "TXT"]),
    (f"_http._udp.{WEB}", ["SRV"]),
    (f"x.{WEB}", ["A"]),
    (f"_http._tcp.db-0.{DB}", ["SRV"]),
    ("idle.shop.svc.cluster.local.", ["A", "AAAA", "SRV"]),
    ("x.alias.shop.svc.cluster.local.", ["A", "CNAME"]),
    ("_http._tcp.alias.shop.svc.cluster.local.", ["SRV"]),
    ("9.9.9.10.in-addr.arpa.", ["PTR"]),
    ("1.0.0.10.in-addr.arpa.", ["A", "TXT", "ANY"]),
    ("0.0.10.in-addr.arpa.", ["PTR", "A"]),
]


@pytest.mark.parametrize(("name", "qtype"), [(name, qtype) for name, types in MISSING for qtype in types])
def test_a_name_that_is_not_there_is_an_error_with_the_soa(world: World, name: str, qtype: str) -> None:
    reply = world.ask(name, qtype)
    assert outcome(reply) == "NXDOMAIN"
    assert is_authoritative(reply)
    assert (reply.answer, len(reply.authority), reply.additional) == ([], 1, [])


def test_srv_has_an_address_of_each_family_for_each_target(world: World) -> None:
    reply = world.ask(f"db-0.{DB}", "SRV")
    assert records(reply.additional) == [f"db-0.{DB} 5 A 10.1.0.1", f"db-0.{DB} 5 AAAA fd00:1::1"]


def test_the_soa_is_made_of_the_zone(world: World) -> None:
    reply = world.ask("cluster.local.", "SOA")
    assert records(reply.answer) == [SOA]
    assert reply.authority == []


@pytest.mark.parametrize(("ttl", "header", "minimum"), [(0, 0, 0), (30, 30, 30), (300, 300, 300), (3600, 300, 3600)])
def test_the_ttl_is_capped_in_the_soas_header_only(ttl: int, header: int, minimum: int) -> None:
    world = World(SHOP, ttl=ttl)
    assert world.ask(WEB).answer[0].ttl == ttl
    soa = world.ask(f"missing.{WEB}").authority[0]
    assert (soa.ttl, soa[0].minimum) == (header, minimum)


@pytest.mark.parametrize("qtype", ["AXFR", "IXFR"])
@pytest.mark.parametrize("name", ["cluster.local.", WEB])
def test_without_transfer_a_transfer_is_refused(world: World, name: str, qtype: str) -> None:
    reply = world.ask(name, qtype)
    assert (outcome(reply), is_authoritative(reply), reply.authority) == ("REFUSED", False, [])


def test_a_name_in_no_zone_is_passed_on(world: World) -> None:
    reply = world.ask("example.org.")
    assert (outcome(reply), reply.authority) == ("SERVFAIL", [])


def test_the_longest_zone_wins() -> None:
    world = World(SHOP, zones=["local.", "cluster.local."])
    assert str(world.ask(f"missing.{WEB}").authority[0].name) == "cluster.local."
    assert str(world.ask("x.local.").authority[0].name) == "local."


def test_several_zones_hold_the_same_services() -> None:
    world = World(SHOP, zones=["cluster.local.", "lab.test.", "in-addr.arpa."])
    reply = world.ask("_http._tcp.web.shop.svc.lab.test.", "SRV")
    assert data(reply.answer) == ["0 50 80 web.shop.svc.lab.test."]
    assert data(world.ask("1.0.0.10.in-addr.arpa.", "PTR").answer) == [WEB]


def test_pointers_lead_into_the_first_zone_that_is_not_reverse() -> None:
    world = World(SHOP, zones=["10.in-addr.arpa.", "lab.test.", "cluster.local."], primary="lab.test.")
    assert data(world.ask("1.0.0.10.in-addr.arpa.", "PTR").answer) == ["web.shop.svc.lab.test."]


def test_names_too_long_for_a_message_are_left_out() -> None:
    long = "a" * 63
    space = [api.namespace(long), api.service(long, space=long)]
    item = api.endpoint_slice("s", long, api.endpoint("10.1.0.1", hostname=long), space=long)
    world = World([*space, item], zones=[f"{long[:55]}.test.", "in-addr.arpa."])
    reply = world.ask(f"{long}.{long}.svc.{long[:55]}.test.", "SRV")
    assert (outcome(reply), reply.additional) == ("NODATA", [])
    assert outcome(world.ask("1.0.1.10.in-addr.arpa.", "PTR")) == "NXDOMAIN"


# -- letters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("first", ["", WEB])
def test_letters_of_the_question_are_echoed_in_owners_and_zone(world: World, first: str, times: int) -> None:
    for name in [first] * bool(first):
        world.ask(name, "SRV")
    for _ in range(times):
        reply = world.ask("_HTTP._tcp.WEB.Shop.svc.Cluster.LOCAL.", "SRV")
        assert records(reply.answer) == [
            "_HTTP._tcp.WEB.Shop.svc.Cluster.LOCAL. 5 SRV 0 50 80 web.shop.svc.Cluster.LOCAL."
        ]
        assert {str(group.name) for group in reply.additional} == {"web.shop.svc.Cluster.LOCAL."}


@pytest.mark.parametrize("qtype", ["A", "TXT", "AAAA"])
def test_letters_of_the_question_are_echoed_in_denials(world: World, qtype: str) -> None:
    for name in ("x.Cluster.LOCAL.", "x.cluster.local.", "x.Cluster.LOCAL.", "X.cluster.local."):
        zone = name.partition(".")[2]
        soa = records(world.ask(name, qtype).authority)[0]
        assert soa.startswith(f"{zone} 5 SOA ns.dns.{zone} hostmaster.{zone} ")


def test_letters_in_front_of_the_zone_do_not_matter_for_name_servers() -> None:
    world = World(SHOP, local=["192.0.2.2"])
    assert data(world.ask("NS.Dns.cluster.local.").answer) == ["192.0.2.2"]


@pytest.mark.parametrize(
    ("name", "qtype", "expected"),
    [
        ("cluster.LOCAL.", "NS", "NODATA"),
        ("ns.dns.cluster.LOCAL.", "A", "NXDOMAIN"),
        ("ns.dns.cluster.LOCAL.", "SOA", "NODATA"),
    ],
)
def test_a_zone_in_capitals_hides_the_name_servers(name: str, qtype: str, expected: str) -> None:
    world = World(SHOP, local=["192.0.2.2"])
    world.ask(name.lower(), qtype)
    assert outcome(world.ask(name, qtype)) == expected


# -- name servers -----------------------------------------------------------------------------------------------------

LOCAL = ["192.0.2.2", "fd00::2", "fe80::1"]
BEHIND_DNS = [
    api.namespace("kube-system"),
    api.service("kube-dns", "10.96.0.10", "fd00::a", space="kube-system"),
    api.endpoint_slice("dns-4", "kube-dns", "192.0.2.2", space="kube-system"),
    api.endpoint_slice("dns-6", "kube-dns", "fd00::2", space="kube-system"),
]
KUBE_DNS = "kube-dns.kube-system.svc.cluster.local."


def test_the_apex_has_this_server_as_name_server() -> None:
    reply = World(SHOP, local=LOCAL).ask("cluster.local.", "NS")
    assert records(reply.answer) == ["cluster.local. 5 NS ns.dns.cluster.local."]
    assert records(reply.additional) == [
        "ns.dns.cluster.local. 5 A 192.0.2.2",
        "ns.dns.cluster.local. 5 AAAA fd00::2",
        "ns.dns.cluster.local. 5 AAAA fe80::1",
    ]


def test_the_service_in_front_of_this_server_is_the_name_server() -> None:
    world = World(BEHIND_DNS, local=LOCAL)
    wire = world.raw(query_packet("cluster.local.", "NS"))
    assert wire is not None
    reply = dns.message.from_wire(wire, one_rr_per_rrset=True)
    assert records(reply.answer) == [f"cluster.local. 5 NS {KUBE_DNS}"]
    assert records(reply.additional) == [f"{KUBE_DNS} 5 A 10.96.0.10"] * 2 + [f"{KUBE_DNS} 5 AAAA fd00::a"] * 2


NAME_SERVERS = [
    ("ns.dns.cluster.local.", "A", ["192.0.2.2"]),
    ("ns.dns.cluster.local.", "AAAA", ["fd00::2", "fe80::1"]),
    ("ns.dns.cluster.local.cluster.local.", "A", ["192.0.2.2"]),
    ("ns.dns.cluster.local.svc.cluster.local.", "AAAA", ["fd00::2", "fe80::1"]),
    ("ns.dns.cluster.local.shop.svc.cluster.local.", "A", ["192.0.2.2"]),
    ("ns.dns.in-addr.arpa.", "A", ["192.0.2.2"]),
]


@pytest.mark.parametrize(("name", "qtype", "expected"), NAME_SERVERS)
def test_ns_dns_has_the_addresses_of_the_name_servers(name: str, qtype: str, expected: list[str]) -> None:
    reply = World(SHOP, local=LOCAL).ask(name, qtype)
    assert data(reply.answer) == expected
    assert {str(group.name) for group in reply.answer} == {name}


@pytest.mark.parametrize(
    ("name", "qtype", "records"),
    [("cluster.local.", "NS", 5), ("ns.dns.cluster.local.", "A", 1), ("ns.dns.cluster.local.", "AAAA", 1)],
)
def test_who_asks_why_is_told_the_service_behind_the_name_servers(name: str, qtype: str, records: int) -> None:
    query, notes = question(name, qtype), Notes()
    query.witness = notes
    reply = World(BEHIND_DNS, local=LOCAL).plugin.answer(query, lambda _: no_next_plugin("kubernetes"))
    assert isinstance(reply, Reply)
    found = [record for section in reply.sections for record in section]
    assert len(found) == records
    givers = [[use.item for use in notes.sources(record)] for record in found]
    assert all(givers)
    for giver in (each for some in givers for each in some):
        assert isinstance(giver, Service)
        assert labels_text(giver.key) == "kube-dns.kube-system"


def test_ns_dns_has_the_addresses_of_the_service_once() -> None:
    world = World(BEHIND_DNS, local=LOCAL)
    assert data(world.ask("ns.dns.cluster.local.").answer) == ["10.96.0.10"]
    assert data(world.ask("ns.dns.cluster.local.", "AAAA").answer) == ["fd00::a"]


@pytest.mark.parametrize(
    ("qtype", "expected"),
    [(qtype, "NODATA") for qtype in ("SRV", "MX", "CNAME", "ANY", "NS", "SOA", "HTTPS")]
    + [("TXT", "NXDOMAIN"), ("PTR", "NXDOMAIN")],
)
def test_ns_dns_has_nothing_but_addresses(qtype: str, expected: str) -> None:
    assert outcome(World(SHOP, local=LOCAL).ask("ns.dns.cluster.local.", qtype)) == expected


@pytest.mark.parametrize(("name", "qtype"), [("cluster.local.", "NS"), ("ns.dns.cluster.local.", "A")])
def test_without_addresses_there_is_no_name_server(name: str, qtype: str) -> None:
    assert outcome(World(SHOP).ask(name, qtype)) == "NODATA"


@pytest.mark.parametrize(
    ("zone", "found"),
    [(".", False), ("dns.", False), ("s.", False), ("ns.", False), ("test.", True), ("dns.test.", True)],
)
def test_zones_whose_text_is_in_ns_dns_itself_have_no_such_name(zone: str, found: bool) -> None:
    world = World(SHOP, zones=[zone], local=LOCAL)
    name = f"ns.dns.{zone}" if zone != "." else "ns.dns."
    assert outcome(world.ask(name)) == ("NOERROR" if found else "NXDOMAIN")


def test_name_servers_are_looked_up_each_time() -> None:
    world = World(SHOP, local=LOCAL)
    assert data(world.ask("ns.dns.cluster.local.").answer) == ["192.0.2.2"]
    for item in BEHIND_DNS:
        world.change("ADDED", item)
    assert data(world.ask("ns.dns.cluster.local.").answer) == ["10.96.0.10"]
    assert data(world.ask("cluster.local.", "NS").answer) == [KUBE_DNS]


# -- aliases ----------------------------------------------------------------------------------------------------------


def test_an_alias_inside_the_zone_is_followed() -> None:
    reply = World(SHOP).ask("Alias.shop.svc.cluster.local.")
    assert records(reply.answer) == [f"Alias.shop.svc.cluster.local. 5 CNAME {WEB}", f"{WEB} 5 A 10.0.0.1"]


def chain(length: int, end: str = "web.shop.svc.cluster.local") -> list[api.Object]:
    links = [f"link-{number}.shop.svc.cluster.local" for number in range(1, length)] + [end]
    return [api.external_name(f"link-{number}", target, space="shop") for number, target in enumerate(links)]


@pytest.mark.parametrize(("length", "found"), [(1, True), (2, True), (11, True), (12, False)])
def test_aliases_are_followed_up_to_a_length(length: int, found: bool) -> None:
    reply = World([*SHOP, *chain(length)]).ask("link-0.shop.svc.cluster.local.", edns=4096)
    assert outcome(reply) == ("NOERROR" if found else "NODATA")
    if found:
        assert len(data(reply.answer)) == length + 1
        assert data(reply.answer)[-1] == "10.0.0.1"


@pytest.mark.parametrize(
    "target",
    [
        "link-0.shop.svc.cluster.local",
        "LINK-0.shop.svc.cluster.local.",
        "x.link-0.shop.svc.cluster.local",
        "link-1.shop.svc.cluster.local",
        "missing.shop.svc.cluster.local",
        "idle.shop.svc.cluster.local",
        "shop.svc.cluster.local",
        "cluster.local",
        "1-2-3-4.shop.pod.cluster.local",
    ],
)
def test_an_alias_that_leads_nowhere_is_not_shown(target: str) -> None:
    items = [
        api.external_name("link-0", target, space="shop"),
        api.external_name("link-1", "link-0.shop.svc.cluster.local", space="shop"),
    ]
    world = World([*SHOP, *items])
    assert outcome(world.ask("link-0.shop.svc.cluster.local.")) == "NODATA"
    assert outcome(world.ask("link-0.shop.svc.cluster.local.", "CNAME")) == "NOERROR"


@pytest.mark.parametrize("target", ["ns.dns.cluster.local", "ns.dns.cluster.local.svc.cluster.local"])
def test_an_alias_may_lead_to_the_name_servers(target: str) -> None:
    world = World([*SHOP, api.external_name("dns", target, space="shop")], local=LOCAL)
    assert data(world.ask("dns.shop.svc.cluster.local.").answer) == [f"{target}.", "192.0.2.2"]
    assert (
        outcome(World([*SHOP, api.external_name("dns", target, space="shop")]).ask("dns.shop.svc.cluster.local."))
        == "NODATA"
    )


def test_an_alias_that_leads_to_a_changed_service_follows() -> None:
    world = World(SHOP)
    name = "alias.shop.svc.cluster.local."
    for address in ("10.0.0.1", "10.0.0.77", "10.0.0.78"):
        world.change("MODIFIED", api.service("web", address, space="shop"))
        assert data(world.ask(name).answer) == [WEB, address]
        assert data(world.ask(name).answer) == [WEB, address]
    world.change("DELETED", api.service("web", space="shop"))
    assert outcome(world.ask(name)) == "NODATA"


class Asking:
    """A plugin whose questions to itself are answered by `make`."""

    def __init__(self, make: Callable[[Query], Answer], target: str = "Www.example.org") -> None:
        self.asked: list[Query] = []
        self.make = make
        self.world = World([api.namespace("shop"), api.external_name("away", target, space="shop")])
        self.world.route = self._route  # type: ignore[method-assign]
        self.plugin = Kubernetes(self.world.options, self.world.inventory, self._ask, list)

    def _route(self, query: Query, /) -> Answer:
        return self.plugin.answer(query, lambda _: no_next_plugin("kubernetes"))

    def _ask(self, query: Query) -> Answer:
        self.asked.append(query)
        return self.make(query)


AWAY = "away.shop.svc.cluster.local."


def addressed(query: Query) -> Reply:
    return Reply(flags=codes.RA, answer=[record("www.example.org. 300 A 198.51.100.7")._replace(owner=query.asked)])


def test_an_alias_to_elsewhere_is_asked_of_the_server_itself() -> None:
    asking = Asking(addressed)
    reply = asking.world.ask(AWAY, edns=1232, do=True)
    assert records(reply.answer) == ["Www.example.org. 300 A 198.51.100.7", f"{AWAY} 5 CNAME Www.example.org."]
    assert reply.flags == codes.QR | codes.AA | codes.RD
    (inner,) = asking.asked
    assert (inner.asked, inner.qtype, inner.lookups, inner.do) == (name_from_text("Www.example.org"), codes.A, 1, True)


@pytest.mark.parametrize("rcode", [codes.NXDOMAIN, codes.SERVFAIL, codes.REFUSED, codes.NOERROR])
def test_whatever_is_said_elsewhere_the_alias_stands(rcode: int) -> None:
    for made in (Reply(rcode), Failure(rcode)):
        reply = Asking(lambda _, made=made: made).world.ask(AWAY)
        assert (outcome(reply), data(reply.answer)) == ("NOERROR", ["Www.example.org."])


def test_where_nothing_is_said_elsewhere_there_is_no_alias() -> None:
    assert outcome(Asking(lambda _: None).world.ask(AWAY)) == "NODATA"


def test_truncation_elsewhere_is_passed_on() -> None:
    reply = Asking(lambda _: Reply(flags=codes.TC)).world.ask(AWAY)
    assert reply.flags & codes.TC


async def test_an_answer_from_elsewhere_may_have_to_be_waited_for() -> None:
    async def work() -> Settled:
        return addressed(question("www.example.org."))

    asking = Asking(lambda _: Pending(work()))
    answer = asking.plugin.answer(question(AWAY), lambda _: None)
    assert isinstance(answer, Pending)
    reply = await answer
    assert isinstance(reply, Reply)
    assert (len(reply.answer), reply.depends) == (2, None)


def test_an_alias_is_kept_as_long_as_what_it_leads_to() -> None:
    key = ("hosts", "/etc/hosts")

    def kept(query: Query) -> Reply:
        reply = addressed(query)
        reply.depends = (key,)
        return reply

    asking = Asking(kept)
    for _ in range(3):
        asking.world.ask(AWAY)
    assert len(asking.asked) == 1
    asking.world.memo.forget([key])
    asking.world.ask(AWAY)
    assert len(asking.asked) == 2
    asking.world.change("MODIFIED", api.external_name("away", "elsewhere.example", space="shop"))
    assert data(asking.world.ask(AWAY).answer)[0] == "elsewhere.example."


@pytest.mark.parametrize("target", ["a..b", "", "x" * 64, "a\\"])
def test_an_alias_that_is_no_name_is_no_alias(target: str) -> None:
    asking = Asking(addressed, target)
    for qtype in ("A", "AAAA", "CNAME"):
        assert outcome(asking.world.ask(AWAY, qtype)) == "NODATA"


# -- pods -------------------------------------------------------------------------------------------------------------

POD = [api.namespace("shop"), api.pod("web-0", "10.1.0.1", "fd00:1::1", space="shop")]


@pytest.mark.parametrize(
    ("mode", "name", "qtype", "expected"),
    [
        (PodMode.INSECURE, "1-2-3-4", "A", ["1.2.3.4"]),
        (PodMode.INSECURE, "fd00--1", "AAAA", ["fd00::1"]),
        (PodMode.INSECURE, "2001-db8--0", "AAAA", ["2001:db8::"]),
        (PodMode.INSECURE, "x.y.1-2-3-4", "A", ["1.2.3.4"]),
        (PodMode.INSECURE, "1-2-3-4", "SRV", ["0 100 0 1-2-3-4.shop.pod.cluster.local."]),
        (PodMode.VERIFIED, "10-1-0-1", "A", ["10.1.0.1"]),
        (PodMode.VERIFIED, "fd00-1--1", "AAAA", ["fd00:1::1"]),
        (PodMode.INSECURE, "1-2-3-4", "AAAA", "NODATA"),
        (PodMode.INSECURE, "1-2-3-4", "TXT", "NODATA"),
        (PodMode.INSECURE, "01-2-3-4", "A", "NXDOMAIN"),
        (PodMode.INSECURE, "web", "A", "NXDOMAIN"),
        (PodMode.VERIFIED, "10-1-0-2", "A", "NXDOMAIN"),
        (PodMode.VERIFIED, "10-1-0-1", "AAAA", "NODATA"),
        (PodMode.DISABLED, "10-1-0-1", "A", "NXDOMAIN"),
    ],
)
def test_a_pod_name_gives_what_the_mode_says(mode: PodMode, name: str, qtype: str, expected: Any) -> None:
    reply = World(POD, view=View(pods=mode)).ask(f"{name}.shop.pod.cluster.local.", qtype)
    assert (data(reply.answer) or outcome(reply)) == expected


def test_a_pod_that_comes_and_goes_is_followed() -> None:
    world = World(POD, view=View(pods=PodMode.VERIFIED))
    name = "10-1-0-9.shop.pod.cluster.local."
    assert [outcome(world.ask(name)) for _ in range(3)] == ["NXDOMAIN"] * 3
    world.change("ADDED", api.pod("web-9", "10.1.0.9", space="shop"))
    assert data(world.ask(name).answer) == ["10.1.0.9"]
    world.change("DELETED", api.pod("web-9", "10.1.0.9", space="shop"))
    assert outcome(world.ask(name)) == "NXDOMAIN"


# -- before the first lists, and falling through ----------------------------------------------------------------------


def test_before_the_first_lists_a_missing_name_is_a_failure_with_the_soa() -> None:
    world = World([api.namespace("shop")], synced=False)
    reply = world.ask(WEB)
    assert (outcome(reply), is_authoritative(reply), len(reply.authority)) == ("SERVFAIL", True, 1)


@pytest.mark.parametrize(
    ("name", "qtype", "expected"),
    [
        (WEB, "A", "NOERROR"),
        (WEB, "MX", "NODATA"),
        ("cluster.local.", "SOA", "NOERROR"),
        ("shop.svc.cluster.local.", "A", "NODATA"),
    ],
)
def test_before_the_first_lists_what_is_known_is_answered(name: str, qtype: str, expected: str) -> None:
    assert outcome(World(SHOP, synced=False).ask(name, qtype)) == expected


def test_failures_before_the_first_lists_are_not_kept() -> None:
    world = World([], synced=False)
    for _ in range(3):
        assert outcome(world.ask(WEB)) == "SERVFAIL"
    world.relist(*SHOP)
    assert outcome(world.ask(WEB)) == "NOERROR"
    assert outcome(world.ask(f"x.{WEB}")) == "NXDOMAIN"


def test_it_is_ready_when_the_first_lists_are_in() -> None:
    world = World([], synced=False)
    assert not world.plugin.ready()
    world.relist()
    assert world.plugin.ready()


def falling(*zones: str, synced: bool = True, depends: Any = ()) -> tuple[World, list[Query]]:
    """A world whose missing names fall through to a plugin that says REFUSED; and what that was asked."""
    world = World(SHOP, synced=synced, fall_through=frozenset(name_from_text(zone) for zone in zones))
    passed: list[Query] = []

    def next(query: Query, /) -> Answer:
        passed.append(query)
        return Reply(codes.REFUSED, depends=depends)

    world.route = lambda query, /: world.plugin.answer(query, next)  # type: ignore[method-assign]
    return world, passed


@pytest.mark.parametrize(
    ("zones", "name", "falls"),
    [
        ((".",), "missing.shop.svc.cluster.local.", True),
        (("cluster.local.",), "missing.shop.svc.cluster.local.", True),
        (("svc.cluster.local.",), "Missing.shop.SVC.cluster.local.", True),
        (("svc.cluster.local.",), "missing.cluster.local.", False),
        (("in-addr.arpa.",), "missing.shop.svc.cluster.local.", False),
        (("in-addr.arpa.",), "9.9.9.10.in-addr.arpa.", True),
        ((".",), WEB, False),
    ],
)
def test_missing_names_of_some_zones_fall_through(zones: tuple[str, ...], name: str, falls: bool) -> None:
    world, passed = falling(*zones)
    assert (outcome(world.ask(name)) == "REFUSED") is falls
    assert bool(passed) is falls


@pytest.mark.parametrize("qtype", ["MX", "TXT", "SOA", "AAAA"])
def test_a_name_that_exists_does_not_fall_through(qtype: str) -> None:
    world, passed = falling(".")
    assert outcome(world.ask("four.shop.svc.cluster.local.", qtype)) == "NODATA"
    assert passed == []


def test_before_the_first_lists_names_fall_through_too() -> None:
    world, passed = falling(".", synced=False)
    assert outcome(world.ask("new.shop.svc.cluster.local.")) == "REFUSED"
    assert len(passed) == 1


def test_what_falls_through_is_kept_only_while_the_name_is_missing() -> None:
    world, passed = falling(".")
    name = "new.shop.svc.cluster.local."
    for _ in range(3):
        assert outcome(world.ask(name)) == "REFUSED"
    assert len(passed) == 1
    world.change("ADDED", api.service("new", "10.0.0.99", space="shop"))
    assert data(world.ask(name).answer) == ["10.0.0.99"]
    world.change("DELETED", api.service("new", space="shop"))
    assert outcome(world.ask(name)) == "REFUSED"


def test_what_others_do_not_keep_is_not_kept() -> None:
    world, passed = falling(".", depends=None)
    for _ in range(3):
        world.ask("new.shop.svc.cluster.local.")
    assert len(passed) == 3


def test_the_serial_is_that_of_the_zone() -> None:
    now = [100.0]
    inventory = Inventory(KINDS.values(), lambda: now[0])
    options = Options((ZONE, name_from_text("set.local")), ZONE, multicluster_zones=(name_from_text("set.local"),))
    plugin = Kubernetes(options, inventory, lambda _: None, list)
    inventory.apply(NAMESPACES, [("ADDED", Namespace(b"\4shop"))])
    assert plugin.zones[ZONE].serial is inventory.internal_serial
    assert plugin.zones[name_from_text("set.local")].serial is inventory.multicluster_serial


def test_letters_of_zones_are_remembered_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolver.limits.TYPED_ZONES", 4)
    world = World(SHOP)
    for number in range(100):
        letters = "".join(letter.upper() if number >> place & 1 else letter for place, letter in enumerate("cluster"))
        world.ask(f"x.{letters}.local.")
    assert len(world.plugin.zones[ZONE]._soas) <= 4


# -- transfer ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "served"), [("cluster.local", True), ("svc.cluster.local", True), ("example.org", False)]
)
def test_a_zone_is_listed_if_it_is_served(zone: str, served: bool) -> None:
    assert (World(SHOP).plugin.transfer(name_from_text(zone), 0) is not None) is served


def test_a_serial_that_is_ours_is_answered_with_the_soa() -> None:
    plugin = World(SHOP).plugin
    listed = plugin.transfer(ZONE, CLOCK)
    assert listed is not None
    assert [item.rtype for item in listed] == [codes.SOA]
    whole = plugin.transfer(ZONE, CLOCK + 1)
    assert whole is not None
    assert len(list(whole)) > 10
