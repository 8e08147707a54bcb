"""What faults do to records."""

import pytest

from resolver.answers.outcome import Failure, Reply, Serial, Soa
from resolver.faults.effects import Effects
from resolver.faults.replies import change, denial_of, for_once, leave
from resolver.faults.values import Only, Order, addresses, only
from resolver.wire import codes
from tests.support.questions import record

ALIAS = record("web.shop. 5 CNAME other.shop.")
FOURS = [record(f"web.shop. 5 A 10.0.0.{n}") for n in (2, 3, 1)]
SIX = record("web.shop. 5 AAAA fd00::1")
GLUE = [record(f"db-{n}.shop. 5 A 10.0.0.{n}") for n in (1, 2)]
SOA = record("shop. 300 SOA ns.shop. admin.shop. 1 2 3 4 5")


def data(reply: Reply) -> list[str]:
    """The last byte of each record of the answer."""
    return [f"{each.rdata[-1]}" for each in reply.answer]


@pytest.mark.parametrize(
    ("left", "expected", "emptied"),
    [
        (Only(1), ["2"], False),
        (Only(9), ["2", "3", "1"], False),
        (only("10.0.0.3,10.0.0.1"), ["3", "1"], False),
        (only("10.0.0.0/30"), ["2", "3", "1"], False),
        (only("fd00::/8"), [], True),
    ],
)
def test_some_addresses_are_left(left: Only, expected: list[str], emptied: bool) -> None:
    reply = Reply(answer=list(FOURS))
    assert leave(left, reply) is emptied
    assert data(reply) == expected


def test_an_alias_stays_and_counts_go_by_name_and_type() -> None:
    reply = Reply(answer=[ALIAS, *FOURS[:1]], additional=[*GLUE, GLUE[0]])
    assert not leave(only("fd00::/8"), Reply(answer=[ALIAS, FOURS[0]]))
    assert not leave(Only(1), reply)
    assert reply.additional == GLUE


def test_an_empty_answer_is_not_emptied() -> None:
    assert not leave(Only(1), Reply(authority=[SOA]))


def test_addresses_are_replaced_family_by_family() -> None:
    reply = Reply(answer=[ALIAS, *FOURS, SIX], additional=list(GLUE))
    change(Effects(replace=addresses("192.0.2.1,192.0.2.2", "replace")), reply)
    replaced = [record(f"web.shop. 5 A 192.0.2.{n}") for n in (1, 2)]
    assert reply.answer == [ALIAS, *replaced, SIX]
    assert [each.owner for each in reply.additional] == [GLUE[0].owner] * 2 + [GLUE[1].owner] * 2


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order("fixed"), ["2", "3", "1"]),
        (Order("ascending"), ["1", "2", "3"]),
        (Order("descending"), ["3", "2", "1"]),
        (Order("", addresses("10.0.0.1,10.0.0.9", "order")), ["1", "2", "3"]),
    ],
)
def test_addresses_are_put_in_order(order: Order, expected: list[str]) -> None:
    reply = Reply(answer=list(FOURS))
    reply.rotate = True
    change(Effects(order=order), reply)
    for_once(reply, 1)
    assert data(reply) == expected


def test_aliases_keep_their_place_when_addresses_are_put_in_order() -> None:
    reply = Reply(answer=[ALIAS, *FOURS])
    change(Effects(order=Order("ascending")), reply)
    assert reply.answer[0] == ALIAS


def test_all_records_get_the_ttl() -> None:
    reply = Reply(answer=[SIX], authority=[SOA], additional=[GLUE[0]])
    change(Effects(ttl=0), reply)
    assert [each.ttl for section in reply.sections for each in section] == [0, 0, 0]
    assert SOA.ttl == 300


def test_a_truncated_reply_has_tc_and_no_records() -> None:
    reply = Reply(answer=[SIX], authority=[SOA], additional=[GLUE[0]], flags=codes.AA)
    change(Effects(truncate=True), reply)
    assert (reply.flags, *reply.sections) == (codes.AA | codes.TC, [], [], [])


@pytest.mark.parametrize(("turn", "expected"), [(0, "231"), (1, "312"), (2, "123"), (3, "231")])
def test_what_is_not_kept_takes_its_turns_all_the_same(turn: int, expected: str) -> None:
    reply = Reply(answer=list(FOURS), depends=())
    reply.rotate = True
    for_once(reply, turn)
    assert "".join(data(reply)) == expected
    assert (reply.depends, reply.rotate) == (None, False)


def test_what_takes_no_turns_stays_as_it_is() -> None:
    reply = Reply(answer=list(FOURS), depends=())
    for_once(reply, 1)
    assert reply.answer == FOURS
    assert reply.depends is None


def test_a_denial_takes_over_the_soa_with_all_that_belongs_to_it() -> None:
    serial = Serial(7)
    soa = Soa(SOA, serial)
    found = Reply(codes.NXDOMAIN, codes.AA, authority=[SOA])
    found.soa, found.serial = soa, serial
    denial = denial_of(found, codes.NOERROR)
    assert (denial.rcode, denial.flags, denial.authority) == (codes.NOERROR, codes.AA, [SOA])
    assert (denial.soa, denial.serial, denial.depends) == (soa, serial, None)


@pytest.mark.parametrize("found", [None, Failure(codes.REFUSED), Reply(answer=[SIX])])
def test_without_a_soa_a_denial_has_none(found: object) -> None:
    assert denial_of(found, codes.NXDOMAIN).authority == []
