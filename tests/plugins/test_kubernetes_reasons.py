"""What is told of records of addresses, and of those that are none."""

import pytest

from resolver.cluster.dns_records import Candidate
from resolver.explain.notes import Decision, Notes
from resolver.plugins.kubernetes_reasons import no_data, tell_addresses
from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.reply import Record

NAME = name_from_text("web.test.")


def test_each_candidate_is_in_a_record_or_of_the_other_family() -> None:
    first, again, other = (
        Candidate("10.0.0.1", 80, b"a"),
        Candidate("10.0.0.1", 81, b"b"),
        Candidate("fd00::1", 80, b"a"),
    )
    record = Record(NAME, codes.A, codes.IN, 5, b"\x0a\0\0\1")
    notes = Notes()
    tell_addresses(notes, [record], [first, again, other])
    assert list(notes.records.values()) == [[first, again]]
    assert [(decision.rule, candidate) for decision, candidate in notes.unmade] == [("k8s.N1", other)]


@pytest.mark.parametrize(
    ("qtype", "rule", "word"),
    [(codes.A, "k8s.N1", "IPv6"), (codes.AAAA, "k8s.N1", "IPv4"), (codes.SRV, "E3", "port"), (codes.MX, "D", "MX")],
)
def test_no_data_has_its_rule(qtype: int, rule: str, word: str) -> None:
    decision = Decision(*no_data(qtype))
    assert decision.rule == rule
    assert word in decision.text
