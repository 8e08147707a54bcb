from struct import pack

import pytest

from resolver.answers.outcome import Reply
from resolver.plugins.cache_replies import (
    Kind,
    answers_question,
    has_soa,
    kind_of,
    lowest_ttl,
    may_be_kept,
    ttls_of,
    with_ttl,
)
from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.query import Edns
from resolver.wire.reply import Record
from tests.support.questions import question, record

NOW = 1_700_000_000.0
A = "web.shop. 30 A 10.0.0.1"
OTHER = "other.shop. 30 A 10.0.0.2"
ALIAS = "web.shop. 30 CNAME other.shop."
ONWARD = "other.shop. 30 CNAME third.shop."
BACK = "other.shop. 30 CNAME WEB.shop."
SOA = "shop. 60 SOA ns.shop. admin.shop. 1 2 3 4 5"
NS = "shop. 60 NS ns.shop."


def reply(rcode: int = codes.NOERROR, answer: str = "", authority: str = "", flags: int = 0) -> Reply:
    """A reply with these records, lines of zone-file text."""
    return Reply(rcode, flags, *([record(line) for line in text.splitlines()] for text in (answer, authority)))


def lines(*texts: str) -> str:
    return "\n".join(texts)


KINDS = [
    ("an answer", reply(answer=A), "A", Kind.SUCCESS, True),
    ("an answer with a referral beside it", reply(answer=A, authority=NS), "A", Kind.SUCCESS, True),
    ("an answer with a SOA beside it", reply(answer=A, authority=SOA), "A", Kind.SUCCESS, True),
    ("an alias to the answer", reply(answer=lines(ALIAS, OTHER)), "A", Kind.SUCCESS, True),
    ("an alias to nothing", reply(answer=ALIAS), "A", Kind.SUCCESS, False),
    ("an alias to nothing, with a SOA", reply(answer=ALIAS, authority=SOA), "A", Kind.NODATA, True),
    ("an alias that was asked for", reply(answer=ALIAS), "CNAME", Kind.SUCCESS, True),
    ("another name's alias", reply(answer=ONWARD), "CNAME", Kind.SUCCESS, False),
    ("a circle of aliases", reply(answer=lines(ALIAS, BACK)), "A", Kind.SUCCESS, False),
    ("nothing at all", reply(), "A", Kind.SUCCESS, True),
    ("a SOA alone", reply(authority=SOA), "A", Kind.NODATA, True),
    ("a referral", reply(authority=NS), "A", Kind.DELEGATION, True),
    ("a referral and a SOA", reply(authority=lines(NS, SOA)), "A", Kind.NODATA, True),
    ("a missing name with a SOA", reply(codes.NXDOMAIN, authority=SOA), "A", Kind.NAME_ERROR, True),
    ("a missing name without", reply(codes.NXDOMAIN), "A", Kind.NAME_ERROR, False),
    ("a missing name with an answer", reply(codes.NXDOMAIN, ALIAS, SOA), "A", Kind.OTHER, False),
    ("a failure", reply(codes.SERVFAIL), "A", Kind.SERVER_ERROR, True),
    ("a failure with an answer", reply(codes.SERVFAIL, A), "A", Kind.SERVER_ERROR, True),
    ("not implemented", reply(codes.NOTIMP), "A", Kind.SERVER_ERROR, True),
    ("refused", reply(codes.REFUSED), "A", Kind.OTHER, False),
    ("refused with an answer", reply(codes.REFUSED, A), "A", Kind.OTHER, False),
    ("a truncated answer", reply(answer=A, flags=codes.TC), "A", Kind.SUCCESS, False),
    ("a transfer", reply(answer=SOA), "AXFR", Kind.OTHER, False),
    ("an increment", reply(answer=SOA), "IXFR", Kind.OTHER, False),
]


@pytest.mark.parametrize(("given", "qtype", "kind", "kept"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_a_reply_is_of_a_kind_and_kept_or_not(given: Reply, qtype: str, kind: Kind, kept: bool) -> None:
    asked = question("web.shop.", qtype)
    assert kind_of(given, asked, NOW) is kind
    assert may_be_kept(given, kind, asked) is kept


ANSWERING = [
    ("the name itself", A, "web.shop.", "A", True),
    ("the name in other letters", "WEB.shop. 30 A 10.0.0.1", "web.SHOP.", "A", True),
    ("another name", OTHER, "web.shop.", "A", False),
    ("another type", A, "web.shop.", "AAAA", False),
    ("any type", A, "web.shop.", "ANY", True),
    ("any type of another name", OTHER, "web.shop.", "ANY", False),
    ("the end of two aliases", lines(ALIAS, ONWARD, "third.shop. 30 A 10.0.0.3"), "web.shop.", "A", True),
    ("the middle of two aliases", lines(ALIAS, ONWARD, OTHER), "web.shop.", "A", False),
    ("aliases in any order", lines(OTHER, ALIAS), "web.shop.", "A", True),
    ("the same alias twice", lines(ALIAS, ALIAS.upper(), OTHER), "web.shop.", "A", True),
    ("two aliases of one name", lines(ALIAS, "web.shop. 30 CNAME third.shop.", OTHER), "web.shop.", "A", False),
    ("two aliases that were asked for", lines(ALIAS, "web.shop. 30 CNAME x.shop."), "web.shop.", "CNAME", False),
    ("an alias to itself", "web.shop. 30 CNAME web.shop.", "web.shop.", "A", False),
]


@pytest.mark.parametrize(
    ("answer", "name", "qtype", "expected"), [row[1:] for row in ANSWERING], ids=[row[0] for row in ANSWERING]
)
def test_an_answer_stands_at_the_end_of_the_aliases(answer: str, name: str, qtype: str, expected: bool) -> None:
    assert answers_question(reply(answer=answer), question(name, qtype)) is expected


def test_records_of_another_class_answer_nothing() -> None:
    chaos = Reply(answer=[record(A)._replace(rclass=3)])
    assert not answers_question(chaos, question("web.shop."))


def test_an_error_or_an_empty_answer_answers_nothing() -> None:
    assert not answers_question(reply(codes.NXDOMAIN, A), question("web.shop."))
    assert not answers_question(reply(authority=SOA), question("web.shop."))


def signature(expiration: float, inception: float) -> Record:
    rdata = pack("!HBBIIIH", codes.A, 8, 2, 30, int(expiration) & 0xFFFFFFFF, int(inception) & 0xFFFFFFFF, 1)
    return Record(name_from_text("web.shop."), codes.RRSIG, codes.IN, 30, rdata + b"\0sig")


SIGNED = [
    ("in its time", NOW, NOW + 10, NOW - 10, Kind.SUCCESS),
    ("at its end", NOW, NOW, NOW - 10, Kind.SUCCESS),
    ("past its end", NOW, NOW - 1, NOW - 10, Kind.OTHER),
    ("before its time", NOW, NOW + 10, NOW + 1, Kind.OTHER),
    ("over the turn of 32 bits", 2.0**32 + 5, 2.0**32 + 10, 2.0**32 - 10, Kind.SUCCESS),
]


@pytest.mark.parametrize(("now", "end", "begin", "kind"), [row[1:] for row in SIGNED], ids=[row[0] for row in SIGNED])
def test_signatures_are_looked_at_for_who_wants_them(now: float, end: float, begin: float, kind: Kind) -> None:
    signed = Reply(answer=[record(A)], additional=[signature(end, begin)])
    assert kind_of(signed, question("web.shop.", edns=Edns(1232, do=True)), now) is kind
    assert kind_of(signed, question("web.shop.", edns=Edns(1232)), now) is Kind.SUCCESS


def test_a_soa_counts_in_the_authority_section_only() -> None:
    assert has_soa(reply(authority=SOA))
    assert not has_soa(reply(answer=SOA))


LOWEST = [
    ([300, 30, 60], Kind.SUCCESS, 30),
    ([300, 0, 60], Kind.NODATA, 0),
    ([7200], Kind.NAME_ERROR, 3600),
    ([], Kind.SUCCESS, 5),
    ([], Kind.NAME_ERROR, 5),
    ([300], Kind.DELEGATION, 5),
    ([300], Kind.OTHER, 5),
    ([300], Kind.SERVER_ERROR, 5),
]


@pytest.mark.parametrize(("ttls", "kind", "expected"), LOWEST)
def test_the_lowest_ttl_counts_where_the_kind_says_so(ttls: list[int], kind: Kind, expected: int) -> None:
    assert lowest_ttl(ttls, kind, 3600) == expected


def test_ttls_are_those_of_all_sections() -> None:
    given = Reply(answer=[record(A)], authority=[record(SOA)], additional=[record(OTHER)])
    assert ttls_of(given) == [30, 60, 30]
    assert [changed.ttl for changed in with_ttl(given.authority, 7)] == [7]
    assert given.authority[0].ttl == 60
