"""Outcomes in a word, and what plugins did between question and reply."""

from collections import Counter

import pytest

from resolver.explain.notes import Decision, Notes, Sections, Visit
from resolver.explain.verdict import outcome_of, settled_by, steps, verdict
from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.reply import Record

NAME = name_from_text("web.test.")
OTHER = name_from_text("other.test.")
ONE = Record(NAME, codes.A, codes.IN, 5, b"\1\2\3\4")
TWO = Record(NAME, codes.A, codes.IN, 5, b"\1\2\3\5")
FOUND = Sections(codes.NOERROR, 0, (ONE, TWO))


@pytest.mark.parametrize(
    ("rcode", "answers", "outcome", "said"),
    [
        (0, 2, "answer", "x. has 2 A records: why."),
        (0, 0, "NODATA", "x. exists and has no A record: why."),
        (3, 0, "NXDOMAIN", "x. does not exist: why."),
        (2, 0, "SERVFAIL", "The server answers SERVFAIL: why."),
        (None, 0, "silence", "The server keeps silent: why."),
    ],
)
def test_each_outcome_has_its_word(rcode: int | None, answers: int, outcome: str, said: str) -> None:
    assert outcome_of(rcode, answers) == outcome
    assert verdict(outcome, "A", "x.", Counter({"A": 2}), "why") == said


@pytest.mark.parametrize(
    ("visit", "did"),
    [
        (Visit("hosts", 0, NAME, None, None, FOUND), "answered"),
        (Visit("hosts", 0, NAME, None, None, Sections(0, 0)), "answered that there is no such data"),
        (Visit("acl", 0, NAME, None, None, None), "kept silent"),
        (Visit("cache", 0, NAME, None, None, FOUND), "answered with a reply it keeps"),
        (Visit("forward", 0, NAME, None, None, Sections(2, 0, error="no way")), "failed: no way"),
        (Visit("hosts", 0, NAME, None, None, Sections(3, 0)), "answered NXDOMAIN"),
        (Visit("rewrite", 0, NAME, OTHER, FOUND, FOUND), "asked for other.test. instead"),
        (Visit("acl", 0, NAME, NAME, FOUND, None), "kept the reply back"),
        (Visit("acl", 0, NAME, NAME, None, FOUND), "gave a reply of its own"),
        (Visit("cache", 0, NAME, NAME, FOUND, Sections(2, 0)), "changed NOERROR into SERVFAIL"),
        (Visit("loadbalance", 0, NAME, NAME, FOUND, Sections(0, 0, (TWO, ONE))), "put the records in another order"),
        (Visit("header", 0, NAME, NAME, FOUND, FOUND._replace(flags=codes.AA)), "changed flags"),
        (
            Visit("cache", 0, NAME, NAME, FOUND, Sections(0, 0, (ONE._replace(ttl=1), TWO._replace(ttl=1)))),
            "changed TTLs",
        ),
        (Visit("faults", 0, NAME, NAME, FOUND, Sections(0, 0, (ONE,))), "changed the records"),
        (Visit("errors", 0, NAME, NAME, FOUND, FOUND), ""),
    ],
)
def test_each_plugin_is_said_to_do_what_it_did(visit: Visit, did: str) -> None:
    assert [step.did for step in steps(Notes(visits=[visit]))] == ([did] if did else [])


def test_the_last_rule_comes_last_and_each_once() -> None:
    notes = Notes(decisions=[Decision("F3", "a"), Decision("L2", "b"), Decision("F3", "a")])
    assert settled_by(notes) == [Decision("L2", "b"), Decision("F3", "a")]


def test_a_plugin_that_tells_no_rule_is_said_to_have_answered() -> None:
    (decision,) = settled_by(Notes(visits=[Visit("hosts", 0, NAME, None, None, FOUND)]))
    assert decision == Decision("M", "the plugin hosts answered")
