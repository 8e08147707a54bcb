"""What a question's answering says of itself, as it is written down."""

import pytest

from resolver.answers.outcome import Failure, Reply, Settled
from resolver.cluster.dns_names import Part, Request
from resolver.explain.notes import Decision, Lookup, Notes, PassedOver, Sections, Use, sections_of
from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.reply import Record
from tests.support.questions import question

NAME = name_from_text("web.test.")
ONE = Record(NAME, codes.A, codes.IN, 5, b"\1\2\3\4")
AUTHORITY = Record(NAME, codes.SOA, codes.IN, 5, b"")

OUTCOMES: list[tuple[Settled, Sections | None]] = [
    (None, None),
    (Failure(codes.SERVFAIL, "no way"), Sections(codes.SERVFAIL, 0, error="no way")),
    (Reply(codes.NXDOMAIN, codes.AA, None, [AUTHORITY]), Sections(codes.NXDOMAIN, codes.AA, (), (AUTHORITY,))),
    (Reply(codes.NOERROR, codes.AA, [ONE]), Sections(codes.NOERROR, codes.AA, (ONE,))),
]


@pytest.mark.parametrize(("outcome", "sections"), OUTCOMES)
def test_an_outcome_is_kept_as_a_value(outcome: Settled, sections: Sections | None) -> None:
    assert sections_of(outcome) == sections


def test_what_happens_to_a_reply_later_does_not_change_what_was_noted() -> None:
    reply = Reply(codes.NOERROR, codes.AA, [ONE])
    noted = sections_of(reply)
    reply.answer.append(ONE)
    assert noted is not None
    assert noted.records == (ONE,)


def test_everything_said_is_written_down_in_order() -> None:
    notes, request = Notes(), Request(Part.SERVICE)
    notes.looked_up(request, multicluster=True)
    notes.looked_up("something else", multicluster=False)
    notes.decided("F3", "why")
    notes.passed_over("F5", "another name", "slice", -1)
    notes.unused("E3", "no port", "candidate")
    assert notes.lookups == [Lookup(request, True)]
    assert notes.decisions == [Decision("F3", "why")]
    assert notes.over == [PassedOver(Decision("F5", "another name"), "slice", -1)]
    assert notes.unmade == [(Decision("E3", "no port"), "candidate")]


def test_a_record_knows_each_address_behind_it_once() -> None:
    notes, first, other = Notes(), object(), object()
    notes.used("candidate", first, 0)
    notes.used("candidate", first, 0)
    notes.used("second", first, 0)
    notes.used("second", other, 1)
    for candidate in ("candidate", "second", "candidate"):
        notes.made(ONE, candidate)
    assert notes.sources(ONE) == [Use(first, 0), Use(other, 1)]
    assert notes.sources(ONE._replace(ttl=0)) == notes.sources(ONE)  # as the cache gives it
    assert notes.sources(AUTHORITY) == []


def test_a_record_keeps_the_rule_it_was_first_made_by() -> None:
    notes = Notes()
    notes.made(AUTHORITY, "before any rule")
    for rule in ("F3", "L2"):
        notes.decided(rule, "why")
        notes.made(ONE, rule)
    assert [each.rule for each in notes.record_rules.values()] == ["F3"]


def test_a_visit_tells_how_deep_the_question_is() -> None:
    notes, query = Notes(), question("web.test.")
    query.lookups = 2
    visit = notes.enter("hosts", query)
    assert notes.visits == [visit]
    assert (visit.plugin, visit.depth, visit.asked, visit.passed_on) == ("hosts", 2, NAME, None)
