"""CoreDNS's own test tables asked of our plugin, through a door."""

import re
from typing import Any

import dns.message
import dns.name
import dns.rdatatype
import pytest

from resolver.cluster.dns_records import View
from resolver.wire.names import name_from_text, name_to_text
from resolver.wire.reply import Record
from tests.conformance.upstream_kubernetes import IMPORTED, SERVE, TABLES, Table
from tests.conformance.upstream_listings import (
    AUTHORITY,
    LETTERS,
    LISTED,
    LISTED_ALIASES,
    NAME_SERVER_ADDRESSES,
    NAME_SERVERS,
    REVERSE,
    REVERSE_ROWS,
    REVERSE_ZONES,
)
from tests.support.doors import World, data, outcome, query_packet, records

ZONE = "cluster.local."
CASES = [pytest.param(table, *row, id=f"{table.id}:{row[0]}:{row[1]}") for table in TABLES for row in table.rows]


def absolute(text: str, zone: str) -> str:
    """A name of a table: in the zone, or as it is behind a ``!``."""
    return text[1:] if text.startswith("!") else f"{text}.{zone}" if text else zone


def line(text: str, question: str, zone: str = ZONE) -> str:
    """A record of a table as a line ``OWNER 5 TYPE DATA``."""
    owner, kind, *rest = text.split()
    if kind in {"SRV", "CNAME", "NS"}:
        rest[-1] = absolute(rest[-1], zone)
    return " ".join((question if owner == "@" else absolute(owner, zone), "5", kind, *rest))


@pytest.mark.parametrize(("table", "name", "qtype", "expected"), CASES)
def test_a_row_of_coredns_is_answered_as_there(table: Table, name: str, qtype: str, expected: str | list[str]) -> None:
    question = absolute(name, ZONE)
    reply = World(table.objects, zones=[ZONE], **table.options).ask(question, qtype, edns=4096)
    if isinstance(expected, str):
        assert outcome(reply) == expected
        assert (reply.answer, reply.additional) == ([], [])
        assert [str(group.name) for group in reply.authority] == [ZONE]
        return
    assert records(reply.answer) == sorted(line(text, question) for text in expected)
    assert records(reply.additional) == sorted(line(text, question) for text in table.glue.get((name, qtype), ()))
    assert reply.authority == []


def test_the_schema_version_is_that_of_coredns() -> None:
    reply = World(SERVE, zones=[ZONE]).ask("dns-version.cluster.local.", "TXT")
    assert records(reply.answer) == ['dns-version.cluster.local. 28800 TXT "1.1.0"']


def test_the_soa_of_the_apex_is_that_of_coredns() -> None:
    reply = World(SERVE, zones=[ZONE]).ask(ZONE, "SOA")
    assert without_serials(reply.answer) == [f"{ZONE} 5 SOA ns.dns.{ZONE} hostmaster.{ZONE} # 7200 1800 86400 5"]


def without_serials(section: Any) -> list[str]:
    return [re.sub(r"(SOA \S+ \S+) \d+", r"\1 #", text) for text in records(section)]


@pytest.mark.parametrize(("question", "qtype", "answer", "authority", "additional"), LETTERS)
def test_letters_are_kept_as_there(
    question: str, qtype: str, answer: list[str], authority: list[str], additional: list[str]
) -> None:
    reply = World(SERVE, zones=[ZONE], view=View(ignore_empty_service=True)).ask(question, qtype)
    assert without_serials(reply.answer) == answer
    assert without_serials(reply.authority) == authority
    assert records(reply.additional) == additional


@pytest.mark.parametrize(("question", "qtype", "expected", "found"), REVERSE_ROWS)
def test_reverse_names_are_answered_as_there(question: str, qtype: str, expected: str, found: list[str]) -> None:
    reply = World(REVERSE, zones=REVERSE_ZONES).ask(question, qtype, edns=4096)
    assert outcome(reply) == expected
    assert sorted(data(reply.answer)) == (sorted(found) if expected == "NOERROR" else [])
    assert [str(group.name) for group in reply.authority] == ([] if expected == "NOERROR" else found)


def test_name_servers_are_found_in_the_order_of_the_slices() -> None:
    world = World(NAME_SERVERS, zones=["inter.webs.test."], local=["10.244.0.20"])
    wire = world.raw(query_packet("inter.webs.test.", "NS", edns=4096))
    assert wire is not None
    reply = dns.message.from_wire(wire, one_rr_per_rrset=True)
    assert [records([group])[0] for group in reply.additional] == NAME_SERVER_ADDRESSES
    assert data(reply.answer) == [address.split()[0] for address in NAME_SERVER_ADDRESSES]


@pytest.mark.parametrize(("local", "qtype", "found"), AUTHORITY)
def test_own_addresses_are_those_of_ns_dns(local: list[str], qtype: str, found: list[str]) -> None:
    reply = World(SERVE, zones=["interwebs.test."], local=local).ask("ns.dns.interwebs.test.", qtype)
    assert data(reply.answer) == found


# -- transfers --------------------------------------------------------------------------------------------------------


def text_of(record: Record) -> str:
    """A record as a line ``OWNER TYPE DATA``."""
    rdata = dns.rdata.from_wire("IN", record.rtype, record.rdata, 0, len(record.rdata))
    return f"{name_to_text(record.owner)} {dns.rdatatype.to_text(record.rtype)} {rdata}"


def listed(world: World, zone: str, serial: int = 0) -> list[str]:
    found = world.plugin.transfer(name_from_text(zone), serial)
    assert found is not None
    return [re.sub(r"(SOA \S+ \S+) \d+", r"\1 #", text_of(record)) for record in found]


def expected_listing(zone: str, local: list[str], rest: list[str]) -> list[str]:
    soa = f"{zone} SOA ns.dns.{zone} hostmaster.{zone} # 7200 1800 86400 5"
    addresses = [f"ns.dns.{zone} {'AAAA' if ':' in address else 'A'} {address}" for address in local]
    middle = [line(text, "", zone).replace(" 5 ", " ", 1) for text in rest]
    return [soa, f"{zone} NS ns.dns.{zone}", *addresses, *middle, soa]


EXPOSED = View(namespaces=frozenset((b"\6testns", b"\x0bkube-system")))


@pytest.mark.parametrize("local", [["10.0.0.10"], ["10.0.0.10", "fd00::10"]])
@pytest.mark.parametrize("serial", [0, 1])
def test_a_zone_is_listed_as_there(local: list[str], serial: int) -> None:
    world = World(SERVE, zones=[ZONE], view=EXPOSED, local=local)
    assert listed(world, ZONE, serial) == expected_listing(ZONE, local, [*LISTED_ALIASES, *LISTED])


def test_a_multicluster_zone_is_listed_as_there() -> None:
    zone, local = "clusterset.local.", ["10.0.0.10"]
    options = {"view": EXPOSED, "multicluster_zones": (name_from_text(zone),)}
    world = World(IMPORTED, zones=[ZONE, zone], local=local, **options)
    assert listed(world, zone) == expected_listing(zone, local, LISTED)


def test_an_unchanged_zone_is_its_soa() -> None:
    world = World(SERVE, zones=[ZONE], view=EXPOSED)
    serial = int.from_bytes(world.inventory.internal_serial.wire)
    assert listed(world, ZONE, serial) == [f"{ZONE} SOA ns.dns.{ZONE} hostmaster.{ZONE} # 7200 1800 86400 5"]


def test_a_zone_of_others_is_not_listed() -> None:
    assert World(SERVE, zones=[ZONE]).plugin.transfer(name_from_text("example.com."), 0) is None
