"""Records made of candidates and names, and what a witness hears of it."""

from struct import pack

import pytest

from resolver.cluster.dns_records import Candidate
from resolver.cluster.objects import NO_PORT
from resolver.explain.notes import Notes
from resolver.plugins.kubernetes_records import (
    address_record,
    address_records,
    alias_target,
    pointer_records,
    service_records,
)
from resolver.wire import codes
from resolver.wire.names import name_from_text, name_to_text
from tests.support.questions import question

OWNER = name_from_text("Web.shop.svc.Cluster.local.")
ZONE = name_from_text("Cluster.local.")
LABELS = b"\x03web\x04shop\x03svc"
LONG = b"\x3f" + b"x" * 63 + LABELS * 15  # a name, but none with the zone behind it
ONE, AGAIN = Candidate("10.0.0.1", 80, LABELS), Candidate("10.0.0.1", 81, LABELS)
SIX, PORTLESS = Candidate("fd00::1", 80, LABELS), Candidate("10.0.0.2", NO_PORT, LABELS)


@pytest.mark.parametrize(
    ("qtype", "candidates", "data"),
    [
        (codes.A, [ONE, SIX, AGAIN, PORTLESS], [b"\x0a\0\0\1", b"\x0a\0\0\2"]),
        (codes.AAAA, [ONE, SIX], [b"\xfd" + bytes(14) + b"\1"]),
        (codes.AAAA, [ONE, Candidate("nonsense", 0, b"")], []),
        (codes.A, [], []),
    ],
)
def test_addresses_of_the_family_come_once_and_in_order(
    qtype: int, candidates: list[Candidate], data: list[bytes]
) -> None:
    records = address_records(OWNER, candidates, qtype, 7)
    assert [(record.owner, record.rtype, record.ttl) for record in records] == [(OWNER, qtype, 7)] * len(data)
    assert [record.rdata for record in records] == data


def test_each_port_and_target_has_one_srv_and_each_target_its_addresses() -> None:
    query = question("_http._tcp.web.shop.svc.Cluster.local.", "SRV")
    answer, additional = service_records(query, len(ZONE), [ONE, AGAIN, SIX, ONE], 7)
    target = LABELS + ZONE
    assert [record.rdata for record in answer] == [pack("!HHH", 0, 25, port) + target for port in (80, 81)]
    assert [(record.owner, record.rtype) for record in additional] == [(target, codes.A), (target, codes.AAAA)]


@pytest.mark.parametrize("left_out", [PORTLESS, Candidate("nonsense", 80, LABELS), Candidate("10.0.0.2", 80, LONG)])
def test_a_candidate_that_makes_no_srv_counts_in_the_weight(left_out: Candidate) -> None:
    answer, additional = service_records(question("web.Cluster.local.", "SRV"), len(ZONE), [ONE, left_out], 7)
    assert [record.rdata[:6] for record in answer] == [pack("!HHH", 0, 50, 80)]
    assert len(additional) == 1


def test_names_too_long_for_their_zone_have_no_ptr() -> None:
    records = pointer_records(b"\1x\0", [LABELS, LONG], ZONE, 7)
    assert [name_to_text(record.rdata) for record in records] == ["web.shop.svc.Cluster.local."]


def test_a_witness_hears_of_every_record_and_of_what_makes_none() -> None:
    query, notes = question("web.Cluster.local.", "SRV"), Notes()
    query.witness = notes
    service_records(query, len(ZONE), [ONE, PORTLESS], 7)
    address_records(OWNER, [ONE, SIX], codes.A, 7, notes)
    pointer_records(OWNER, [], ZONE, 7, notes)
    assert sorted(rtype for _, rtype, _ in notes.records) == [codes.A, codes.A, codes.SRV]
    assert [(decision.rule, candidate) for decision, candidate in notes.unmade] == [("E3", PORTLESS), ("k8s.N1", SIX)]
    assert notes.decisions[-1].text == "no Service and no ready endpoint has the address"


@pytest.mark.parametrize(
    ("text", "name"), [("a.test", "a.test."), ("A.test.", "A.test."), ("", None), ("a..b", None), ("x" * 64, None)]
)
def test_an_alias_leads_to_a_name_or_nowhere(text: str, name: str | None) -> None:
    target = alias_target(text)
    assert (name_to_text(target) if target is not None else None) == name


@pytest.mark.parametrize(("packed", "rtype"), [(bytes(4), codes.A), (bytes(16), codes.AAAA)])
def test_the_size_of_an_address_says_its_type(packed: bytes, rtype: int) -> None:
    assert address_record(OWNER, packed, 7).rtype == rtype
