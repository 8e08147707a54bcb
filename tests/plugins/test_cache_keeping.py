from typing import Any

import pytest

from resolver.answers.outcome import NO_KEYS, Failure, Reply, Transfer
from resolver.plugins.cache_keeping import Keeping
from resolver.plugins.cache_settings import CacheSettings, read_settings
from resolver.plugins.cache_store import CacheKey
from resolver.wire import codes
from resolver.wire.query import Edns, Query
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import question, record

A = "web.shop. {} A 10.0.0.1"
ALIAS = "web.shop. 30 CNAME other.shop."
SOA = "shop. {} SOA ns.shop. admin.shop. 1 2 3 4 900"
NS = "shop. {} NS ns.shop."


def options(text: str) -> CacheSettings:
    return read_settings(directives(f"cache {{\n{text}\n}}")[0], ["."])


def keeping(text: str = "", host: FakeHost | None = None) -> Keeping:
    return Keeping(options(text), host or FakeHost())


def key_of(query: Query) -> CacheKey:
    return query.name, query.qtype, query.qclass, query.do, query.flags & codes.CD


def found(*ttls: int, flags: int = 0) -> Reply:
    return Reply(codes.NOERROR, flags, [record(A.format(ttl)) for ttl in ttls])


def missing(ttl: int, rcode: int = codes.NXDOMAIN) -> Reply:
    return Reply(rcode, authority=[record(SOA.format(ttl))])


def referral(ttl: int) -> Reply:
    return Reply(authority=[record(NS.format(ttl))])


# -- what is shown ----------------------------------------------------------------------------------------------------

SHOWN = [
    ("within the bounds", "", found(30), 30),
    ("mixed", "", found(300, 30, 60), 30),
    ("below the least", "", found(0), 5),
    ("above the most", "", found(28_800), 3_600),
    ("above the most of the user", "success 1 60", found(300), 60),
    ("below the least of the user", "success 1 60 10", found(7), 10),
    ("between bounds that contradict each other", "success 1 60 90", found(70), 60),
    ("a denial", "", missing(60), 60),
    ("a denial above the most", "", missing(3_600), 1_800),
    ("a denial below the least", "", missing(0), 5),
    ("no data", "denial 1 20", missing(30, codes.NOERROR), 20),
    ("a failure", "", missing(300, codes.SERVFAIL), 5),
    ("a failure for longer", "servfail 30s", missing(300, codes.SERVFAIL), 30),
    ("a failure for less than a second", "servfail 900ms", missing(300, codes.SERVFAIL), 0),
    ("a referral", "", referral(300), 5),
    ("refused", "", missing(300, codes.REFUSED), 5),
    ("more than a TTL can be", "success 1 99999999999 9999999999", found(30), 0x7FFFFFFF),
]


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(("text", "reply", "ttl"), [row[1:] for row in SHOWN], ids=[row[0] for row in SHOWN])
def test_all_records_show_one_ttl_kept_or_not_our_own_or_not(text: str, reply: Reply, ttl: int, own: bool) -> None:
    query = question("web.shop.")
    beside = record("x.shop. 2147483647 A 10.0.0.9")
    given = Reply(reply.rcode, 0, list(reply.answer), list(reply.authority), [beside])
    given.depends = NO_KEYS if own else None
    given.options = b"\0\x03\0\0"
    shown = keeping(text).show(given, query) if own else keeping(text).keep(given, query, key_of(query))
    assert {each.ttl for each in (*shown.answer, *shown.authority, *shown.additional)} == {ttl}
    assert shown is given
    assert shown.options == b""


PLAIN = [
    ("one address", found(30), True),
    ("two addresses", found(30, 30), True),
    ("two that differ", found(30, 40), False),
    ("one too short", found(0), False),
    ("one too long", found(1_900), False),
    ("a denial", missing(30), True),
    ("a failure", missing(30, codes.SERVFAIL), False),
    ("a referral", referral(30), False),
    ("nothing", Reply(), False),
    ("an error with an answer", Reply(codes.NXDOMAIN, 0, [record(A.format(30))]), False),
]


@pytest.mark.parametrize(("reply", "plain"), [row[1:] for row in PLAIN], ids=[row[0] for row in PLAIN])
def test_replies_that_need_nothing_are_seen_at_a_glance(reply: Reply, plain: bool) -> None:
    kept = keeping()
    assert kept._needs_nothing(reply, question("web.shop.")) is plain
    before = [list(records) for records in reply.sections]
    kept.show(reply, question("web.shop."))
    if plain:
        assert [list(records) for records in reply.sections] == before


def test_a_reply_of_our_own_keeps_what_it_depends_on_and_its_lists_where_nothing_changes() -> None:
    answer = found(30).answer
    reply = Reply(answer=answer, depends=(("service", b"web"),))
    assert keeping().show(reply, question("web.shop.")).answer is answer
    assert reply.depends == (("service", b"web"),)


def test_records_of_a_zone_transfer_show_the_least_ttl() -> None:
    for given in (Transfer([[record(A.format(300))], [record(A.format(0))]]),) * 2:
        query = question("web.shop.", "AXFR")
        shown = keeping().keep(given, query, key_of(query))
        assert isinstance(shown, Transfer)
        assert [[each.ttl for each in records] for records in shown.messages] == [[5], [5]]


# -- what is kept -----------------------------------------------------------------------------------------------------


def kept_after(reply: Reply, text: str = "", query: Query | None = None) -> tuple[int, int]:
    """How many replies are in the stores after this one."""
    query = query or question("web.shop.")
    stores = keeping(text)
    stores.keep(reply, query, key_of(query))
    return len(stores.successes), len(stores.denials)


KEPT: list[tuple[str, str, Reply, tuple[int, int]]] = [
    ("an answer", "", found(30), (1, 0)),
    ("a denial", "", missing(30), (0, 1)),
    ("no data", "", missing(30, codes.NOERROR), (0, 1)),
    ("a failure", "", Reply(codes.SERVFAIL), (0, 1)),
    ("a failure that is not to be kept", "servfail 0", Reply(codes.SERVFAIL), (0, 0)),
    ("a referral", "", referral(30), (1, 0)),
    ("refused", "", Reply(codes.REFUSED), (0, 0)),
    ("truncated", "", found(30, flags=codes.TC), (0, 0)),
    ("an alias to nothing", "", Reply(answer=[record(ALIAS)]), (0, 0)),
    ("an answer of an excepted zone", "disable success SHOP", found(30), (0, 0)),
    ("a denial beside an excepted zone", "disable success shop", missing(30), (0, 1)),
    ("a denial of an excepted zone", "disable denial shop", missing(30), (0, 0)),
    ("a failure of an excepted zone", "disable denial shop", Reply(codes.SERVFAIL), (0, 0)),
    ("an answer outside an excepted zone", "disable success op", found(30), (1, 0)),
]


@pytest.mark.parametrize(("text", "reply", "sizes"), [row[1:] for row in KEPT], ids=[row[0] for row in KEPT])
def test_a_reply_goes_to_its_store_or_to_none(text: str, reply: Reply, sizes: tuple[int, int]) -> None:
    assert kept_after(reply, text) == sizes


AD = [
    ("plain", question("web.shop."), 0),
    ("with AD", question("web.shop.", flags=codes.AD), codes.AD),
    ("with DO", question("web.shop.", edns=Edns(1232, do=True)), codes.AD),
    ("with EDNS", question("web.shop.", edns=Edns(1232)), 0),
]


@pytest.mark.parametrize(("query", "shown"), [row[1:] for row in AD], ids=[row[0] for row in AD])
def test_ad_is_for_who_understands_it_and_kept_for_others(query: Query, shown: int) -> None:
    stores = keeping()
    reply = stores.keep(found(30, flags=codes.AD | codes.RA), query, key_of(query))
    assert reply.flags & codes.AD == shown
    item = stores.newest(key_of(query))
    assert item is not None
    assert item.flags & codes.AD


# -- what is chosen ---------------------------------------------------------------------------------------------------


def filled(text: str, *replies: tuple[float, Reply]) -> tuple[Keeping, CacheKey, FakeHost]:
    """Stores that got these replies to one question at these times."""
    host, query = FakeHost(), question("web.shop.")
    stores = keeping(text, host)
    for at, reply in replies:
        host.advance(at - host.elapsed)
        stores.keep(reply, query, key_of(query))
    return stores, key_of(query), host


STALE = "serve_stale 1h"
POSITIVE = "serve_stale 1h\nserve_stale_policy prefer_positive"
FAILED = Reply(codes.SERVFAIL)
ELSEWHERE = Reply(answer=[record(ALIAS), record("third.shop. 30 A 10.0.0.9")], authority=[record(NS.format(30))])

CHOSEN: list[tuple[str, str, list[tuple[float, Reply]], float, Any]] = [
    ("nothing there", "", [], 0, None),
    ("an answer in its time", "", [(0, found(30))], 29.9, codes.NOERROR),
    ("an answer past it", "", [(0, found(30))], 30, None),
    ("a denial in its time", "", [(0, missing(30))], 29.9, codes.NXDOMAIN),
    ("a denial past it", "", [(0, missing(30))], 30, None),
    ("a denial before an answer", "", [(0, found(30)), (1, missing(30))], 2, codes.NXDOMAIN),
    ("an answer after a denial", "", [(0, missing(5)), (1, found(30))], 6, codes.NOERROR),
    ("a failure hides no answer", "", [(0, found(30)), (1, FAILED)], 2, codes.NOERROR),
    ("a failure without an answer", "", [(0, FAILED)], 2, codes.SERVFAIL),
    ("a failure after an answer's time", "", [(0, found(5)), (4, FAILED)], 6, codes.SERVFAIL),
    ("a stale answer", STALE, [(0, found(30))], 3_629, codes.NOERROR),
    ("an answer too stale", STALE, [(0, found(30))], 3_630, None),
    ("a stale denial before an answer", STALE, [(0, found(90)), (1, missing(30))], 60, codes.NXDOMAIN),
    ("a stale answer before a failure", STALE, [(0, found(5)), (10, FAILED)], 11, codes.NOERROR),
    ("a positive answer before a denial", POSITIVE, [(0, found(30)), (1, missing(30))], 2, codes.NOERROR),
    ("a stale positive answer before a denial", POSITIVE, [(0, found(5)), (10, missing(30))], 12, codes.NOERROR),
    ("a positive answer too stale", POSITIVE, [(0, found(5)), (10, missing(1_800))], 3_606, codes.NXDOMAIN),
]


@pytest.mark.parametrize(
    ("text", "replies", "at", "rcode"), [row[1:] for row in CHOSEN], ids=[row[0] for row in CHOSEN]
)
def test_the_reply_to_give_is_chosen(text: str, replies: list[tuple[float, Reply]], at: float, rcode: Any) -> None:
    stores, key, host = filled(text, *replies)
    host.advance(at - host.elapsed)
    item = stores.choose(key)
    assert (item.rcode if item is not None else None) == rcode
    expected = {"success": int(rcode == codes.NOERROR), "denial": int(rcode not in (None, codes.NOERROR))}
    assert stores.hits == expected


def test_with_prefer_positive_a_reply_that_answers_nothing_hides_no_answer() -> None:
    empty = Reply()
    stores, key, _ = filled(POSITIVE, (0, found(30)), (1, empty))
    item = stores.choose(key)
    assert item is not None
    assert item.answering


def test_an_answer_fetched_behind_the_client_s_back_ends_the_denial() -> None:
    stores, key, _ = filled("", (0, missing(30)))
    stores.keep(found(30), question("web.shop."), key)
    assert len(stores.denials) == 1
    stores.keep(found(30), question("web.shop."), key, behind=True)
    assert len(stores.denials) == 0


# -- what is accepted in a stale reply's place ------------------------------------------------------------------------

ACCEPTED: list[tuple[str, str, Any, bool, tuple[int, int]]] = [
    ("an answer", STALE, found(30), True, (1, 0)),
    ("a denial", STALE, missing(30), True, (0, 1)),
    ("a denial that cannot be kept", STALE, Reply(codes.NXDOMAIN), True, (0, 0)),
    ("a failure", STALE, Reply(codes.SERVFAIL), False, (0, 0)),
    ("refused", STALE, Reply(codes.REFUSED), False, (0, 0)),
    ("truncated", STALE, found(30, flags=codes.TC), False, (0, 0)),
    ("no reply", STALE, Failure(codes.SERVFAIL, "i/o timeout"), False, (0, 0)),
    ("silence", STALE, None, False, (0, 0)),
    ("our own", STALE, Reply(depends=NO_KEYS), True, (0, 0)),
    ("an answer, preferred", POSITIVE, found(30), True, (1, 0)),
    ("a denial, not preferred", POSITIVE, missing(30), False, (0, 1)),
    ("a failure, not preferred", POSITIVE, Reply(codes.SERVFAIL), False, (0, 1)),
]


@pytest.mark.parametrize(
    ("text", "settled", "accepted", "sizes"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED]
)
def test_a_stale_reply_gives_way_to_a_good_one(text: str, settled: Any, accepted: bool, sizes: tuple[int, int]) -> None:
    stores, query = keeping(text), question("web.shop.")
    assert stores.accept(settled, query, key_of(query)) is (settled if accepted else None)
    assert (len(stores.successes), len(stores.denials)) == sizes
