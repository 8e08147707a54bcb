"""Finished replies, and the packets they are kept for: whatever is sent must be what dnspython reads."""

from collections.abc import Callable, Iterable
from itertools import pairwise

import dns.flags
import dns.message
import pytest

from resolver import limits
from resolver.answers.finished import Finished, Kept, denial
from resolver.answers.observation import Observation, observe
from resolver.answers.outcome import Reply, Serial, Soa
from resolver.wire import codes
from resolver.wire.edns import option
from resolver.wire.peer import Peer
from resolver.wire.query import Edns, Query
from resolver.wire.reply import Record
from tests.support.doors import data, records
from tests.support.questions import peer, question, record

NAME = "web.shop.svc.cluster.local."
SOA = record("cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 0 7200 1800 86400 5")


def addresses(count: int, kind: str = "A", owner: str = NAME) -> list[Record]:
    prefix = "10.0.0." if kind == "A" else "2001:db8::"
    return [record(f"{owner} 5 {kind} {prefix}{number}") for number in range(1, count + 1)]


def parsed(message: bytes) -> dns.message.Message:
    return dns.message.from_wire(message)


def kept_for(finished: Finished, query: Query) -> Kept:
    kept = finished.keep(query, observe(query, 0, 0, 0, written=True))
    assert kept is not None
    return kept


def plain(reply: Reply) -> Reply:
    return reply


def test_a_reply_has_the_askers_id_and_question_and_two_of_its_flags() -> None:
    finished = Finished(Reply(flags=codes.AA, answer=addresses(2)), question(NAME).asked)
    query = question(NAME, flags=0x07FF & ~codes.RCODE, id=99)
    message = parsed(finished.message(query))
    assert message.id == 99
    assert message.flags == codes.QR | codes.AA | codes.RD | codes.CD
    assert str(message.question[0]) == f"{NAME} IN A"
    assert data(message.answer) == ["10.0.0.1", "10.0.0.2"]


@pytest.mark.parametrize(
    ("edns", "expected"),
    [(None, (-1, 0, 0)), (Edns(1232), (0, 1232, 0)), (Edns(512, do=True), (0, 512, 0x8000)), (Edns(0), (0, 0, 0))],
)
def test_the_opt_echoes_size_and_do(edns: Edns | None, expected: tuple[int, int, int]) -> None:
    message = parsed(Finished(Reply(answer=addresses(1)), question(NAME).asked).message(question(NAME, edns=edns)))
    assert (message.edns, message.payload, message.ednsflags & 0xFFFF if message.edns >= 0 else 0) == expected


def test_options_of_the_reply_are_sent_even_to_those_who_sent_no_opt() -> None:
    reply = Reply()
    reply.options = option(3, b"me")
    message = parsed(Finished(reply, question(NAME).asked).message(question(NAME)))
    assert (message.edns, [item.to_text() for item in message.options]) == (0, ["NSID me"])


def test_upper_rcode_bits_are_in_the_opt() -> None:
    message = parsed(Finished(Reply(codes.BADVERS), question(NAME).asked).message(question(NAME, edns=Edns(512))))
    assert message.rcode() == codes.BADVERS


def test_a_smaller_cap_shows_in_the_opt_and_cuts() -> None:
    reply = Reply(answer=addresses(60))
    reply.size_cap = 600
    wire = Finished(reply, question(NAME).asked).message(question(NAME, edns=Edns(4096)))
    assert parsed(wire).payload == 600
    assert len(wire) <= 600
    assert parsed(wire).flags & dns.flags.TC


def test_over_tcp_a_reply_is_not_cut_whatever_edns_says() -> None:
    finished = Finished(Reply(answer=addresses(200)), question(NAME).asked)
    message = parsed(finished.message(question(NAME, edns=Edns(512), client=peer(protocol="tcp"))))
    assert len(data(message.answer)) == 200
    assert not message.flags & dns.flags.TC


def test_over_tcp_a_message_may_be_filled_to_its_last_byte() -> None:
    many = [record(f"{NAME} 5 A 10.0.{number // 250}.{number % 250}") for number in range(4_100)]
    query = question(NAME, client=peer(protocol="tcp"))
    wire = Finished(Reply(answer=many), query.asked).message(query)
    assert limits.MESSAGE_SIZE - 16 < len(wire) <= limits.MESSAGE_SIZE
    assert parsed(wire).flags & dns.flags.TC


@pytest.mark.parametrize("size", [512, 513, 527, 528, 529, 800, 1232])
def test_a_reply_is_filled_with_whole_records(size: int) -> None:
    query = question(NAME, edns=Edns(size))
    finished = Finished(Reply(answer=addresses(100)), query.asked)
    wire = finished.message(query)
    count = (size - limits.HEADER_SIZE - len(query.asked) - 4 - 11) // 16
    message = parsed(wire)
    assert len(data(message.answer)) == count
    assert message.flags & dns.flags.TC
    assert message.edns == 0
    assert len(wire) <= size


def test_what_does_not_fit_ends_all_later_sections() -> None:
    query = question(NAME)
    big = [record(f"{NAME} 5 TXT {'x' * 230}"), record(f"{NAME} 5 TXT {'y' * 230}")]
    message = parsed(
        Finished(Reply(answer=addresses(1), authority=big, additional=addresses(3)), query.asked).message(query)
    )
    assert (len(data(message.answer)), len(data(message.authority)), message.additional) == (1, 1, [])


# -- what is kept for a packet ----------------------------------------------------------------------------------------


def shapes() -> Iterable[tuple[str, Callable[[], Reply]]]:
    serial = Serial(5)

    def denied() -> Reply:
        reply = Reply(codes.NXDOMAIN, codes.AA, authority=[SOA])
        reply.serial = serial
        return reply

    def alone() -> Reply:
        reply = Reply(flags=codes.AA, answer=[SOA])
        reply.serial = serial
        return reply

    def amid() -> Reply:
        reply = Reply(answer=addresses(2), authority=[SOA], additional=addresses(2, "AAAA", "x.cluster.local."))
        reply.serial = serial
        return reply

    return [
        ("addresses", lambda: Reply(flags=codes.AA, answer=addresses(3))),
        ("nothing", Reply),
        ("a denial", denied),
        ("a soa", alone),
        ("a soa in the middle", amid),
    ]


SHAPES = list(shapes())


@pytest.mark.parametrize("make", [shape[1] for shape in SHAPES], ids=[shape[0] for shape in SHAPES])
@pytest.mark.parametrize("edns", [None, Edns(1232), Edns(512, do=True)])
def test_a_kept_reply_is_the_reply_but_for_the_id(make: Callable[[], Reply], edns: Edns | None) -> None:
    query = question(NAME, edns=edns, id=1)
    finished = Finished(make(), query.asked)
    kept = kept_for(finished, query)
    again = question(NAME, edns=edns, id=0xABCD)
    assert kept.reply(again.packet, again.client) == finished.message(again)
    assert kept.plain is None or again.packet[:2] + kept.plain == finished.message(again)


def test_only_a_reply_in_which_nothing_moves_and_nobody_listens_is_kept_plain() -> None:
    query = question(NAME)
    assert kept_for(Finished(Reply(answer=addresses(2)), query.asked), query).plain is not None
    turning = Reply(answer=addresses(2))
    turning.rotate = True
    assert kept_for(Finished(turning, query.asked), query).plain is None
    heard = Reply(answer=addresses(2))
    heard.listeners = (Ear(),)
    assert kept_for(Finished(heard, query.asked), query).plain is None


def test_the_serial_of_a_kept_reply_is_that_of_the_moment() -> None:
    serial = Serial(1)
    reply = Reply(codes.NXDOMAIN, authority=[SOA])
    reply.serial = serial
    query = question(NAME)
    kept = kept_for(Finished(reply, query.asked), query)
    serial.set(77)
    assert data(parsed(kept.reply(query.packet, query.client)).authority)[0].split()[2] == "77"


def test_a_cut_reply_with_a_serial_is_not_kept() -> None:
    reply = Reply(answer=addresses(100), authority=[SOA])
    reply.serial = Serial(1)
    query = question(NAME)
    assert Finished(reply, query.asked).keep(query, observe(query, 0, 0, 0, written=True)) is None


class Ear:
    def __init__(self) -> None:
        self.heard: list[tuple[int, int]] = []

    def hear(self, observation: Observation, query_id: int, client: Peer, seconds: float) -> None:
        self.heard.append((query_id, client.port))


def test_listeners_hear_of_each_kept_reply() -> None:
    ear, reply = Ear(), Reply(answer=addresses(1))
    reply.listeners = (ear,)
    kept = kept_for(Finished(reply, question(NAME).asked), question(NAME))
    kept.reply(question(NAME, id=7).packet, peer(port=1))
    kept.reply(question(NAME, id=8).packet, peer(port=2))
    assert ear.heard == [(7, 1), (8, 2)]


# -- addresses turned round -------------------------------------------------------------------------------------------


def turning(answer: list[Record], additional: list[Record] | None = None) -> Finished:
    reply = Reply(answer=answer, additional=additional)
    reply.rotate = True
    return Finished(reply, question(NAME).asked)


def test_each_message_begins_with_another_address() -> None:
    finished, query = turning(addresses(3)), question(NAME)
    seen = [data(parsed(finished.message(query)).answer) for _ in range(6)]
    assert {tuple(sorted(addresses)) for addresses in seen} == {("10.0.0.1", "10.0.0.2", "10.0.0.3")}
    assert all(one[0] != next[0] for one, next in pairwise(seen))
    assert {one[0] for one in seen} == {"10.0.0.1", "10.0.0.2", "10.0.0.3"}


def test_each_kept_reply_begins_with_another_address() -> None:
    query = question(NAME, edns=Edns(1232))
    kept = kept_for(turning(addresses(3)), query)
    seen = [data(parsed(kept.reply(query.packet, query.client)).answer) for _ in range(3)]
    assert {one[0] for one in seen} == {"10.0.0.1", "10.0.0.2", "10.0.0.3"}
    assert all(sorted(one) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"] for one in seen)


def test_packets_of_one_question_share_the_turn() -> None:
    finished = turning(addresses(3))
    one, two = question(NAME), question(NAME, edns=Edns(1232))
    first, second = kept_for(finished, one), kept_for(finished, two)
    firsts = [
        data(parsed(kept.reply(query.packet, query.client)).answer)[0]
        for kept, query in ((first, one), (second, two), (first, one))
    ]
    assert sorted(firsts) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def test_aliases_stay_in_front_of_what_is_turned() -> None:
    target = "b.example.org."
    finished = turning([record(f"{NAME} 5 CNAME {target}"), *addresses(3, owner=target)])
    query = question(NAME, edns=Edns(1232))
    kept = kept_for(finished, query)
    for _ in range(4):
        for wire in (finished.message(query), kept.reply(query.packet, query.client)):
            message = parsed(wire)
            assert records(message.answer) == [
                *(f"{target} 5 A 10.0.0.{number}" for number in (1, 2, 3)),
                f"{NAME} 5 CNAME {target}",
            ]
            assert message.answer[0].rdtype == codes.CNAME


SRV = [record(f"{NAME} 5 SRV 0 50 80 {pod}.{NAME}") for pod in ("a", "b", "c")]
GLUE = [
    *addresses(2, "A", f"a.{NAME}"),
    *addresses(2, "AAAA", f"b.{NAME}"),
    *addresses(1, "A", f"c.{NAME}"),
]


def test_additional_addresses_of_both_families_are_turned_too() -> None:
    finished, query = turning(SRV, GLUE), question(NAME, "SRV", edns=Edns(4096))
    kept = kept_for(finished, query)
    whole = records(parsed(Finished(Reply(answer=SRV, additional=GLUE), query.asked).message(query)).additional)
    orders = set()
    for _ in range(10):
        message = parsed(kept.reply(query.packet, query.client))
        assert records(message.additional) == whole
        assert records(message.answer) == sorted(f"{NAME} 5 SRV 0 50 80 {pod}.{NAME}" for pod in "abc")
        orders.add(str(message.additional[0].name))
    assert len(orders) > 1


@pytest.mark.parametrize("limit", range(512, 1300, 37))
def test_a_cut_ring_sends_only_sound_records(limit: int) -> None:
    query = question(NAME, edns=Edns(limit))
    finished = turning(addresses(80))
    kept = kept_for(finished, query)
    sizes, seen = set(), set()
    for _ in range(80):
        for wire in (kept.reply(query.packet, query.client), finished.message(query)):
            found = data(parsed(wire).answer)
            assert len(set(found)) == len(found)
            sizes.add(len(found))
            seen.update(found)
    assert len(sizes) == 1
    assert seen == {f"10.0.0.{number}" for number in range(1, 81)}


@pytest.mark.parametrize("limit", range(512, 900, 23))
def test_a_ring_cut_in_or_before_its_section_is_sound(limit: int) -> None:
    query = question(NAME, "SRV", edns=Edns(limit))
    finished = turning(SRV * 3, GLUE * 5)
    kept = finished.keep(query, observe(query, 0, 0, 0, written=True))
    for _ in range(7):
        assert len(finished.message(query)) <= limit
        parsed(finished.message(query))
        if kept is not None:
            wire = kept.reply(query.packet, query.client)
            assert len(wire) <= limit
            parsed(wire)


def test_one_address_is_not_turned() -> None:
    assert turning(addresses(1)).ring is None
    assert turning([*addresses(1), *addresses(1, "A", "other.")]).ring is None


def test_mail_exchanges_are_not_turned_since_their_names_may_point_to_each_other() -> None:
    finished = turning([record(f"{NAME} 5 MX 10 {host}.mail.example.") for host in "abc"])
    query = question(NAME, "MX")
    assert [data(parsed(finished.message(query)).answer) for _ in range(3)] == [
        ["10 a.mail.example.", "10 b.mail.example.", "10 c.mail.example."]
    ] * 3


def test_addresses_are_not_turned_where_an_owner_is_written_out_among_them() -> None:
    glue = [*addresses(1, "A", "a.elsewhere."), *addresses(2, "A", "b.elsewhere.")]
    assert turning(SRV, glue).ring is None


# -- letter case and the short way ------------------------------------------------------------------------------------


def case_free(answer: list[Record], additional: list[Record] | None = None) -> bool:
    return Finished(Reply(answer=answer, additional=additional), question(NAME).asked).case_free


def test_only_addresses_of_the_name_itself_are_the_same_for_all_letters() -> None:
    assert case_free(addresses(2))
    assert case_free([])
    assert not case_free(addresses(1, owner="other."))
    assert not case_free(SRV)
    assert not case_free(addresses(1), addresses(1))


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        ("shop.cluster.local.", True),
        ("cluster.local.", True),
        ("xdns.cluster.local.", True),
        ("dns.cluster.local.", False),
        ("ns.dns.cluster.local.", False),
        ("a.dns.cluster.local.", False),
        ("hostmaster.cluster.local.", False),
        ("DNS.cluster.local.", True),
    ],
)
def test_a_denial_is_the_same_for_all_letters_unless_its_soa_points_to_more_than_the_zone(
    asked: str, same: bool
) -> None:
    assert Finished(Reply(authority=[SOA]), question(asked).asked).case_free is same


def test_owners_in_letters_of_their_own_are_not_for_other_letters() -> None:
    reply = Reply(answer=addresses(1))
    reply.own_letters = True
    assert not Finished(reply, question(NAME).asked).case_free


def test_a_reply_for_other_letters_echoes_them() -> None:
    finished = Finished(Reply(answer=addresses(1), authority=[SOA]), question(NAME).asked)
    asked = "WEB.shop.SVC.cluster.LOCAL."
    message = parsed(finished.message(question(asked)))
    assert str(message.question[0].name) == asked
    assert records(message.answer) == [f"{asked} 5 A 10.0.0.1"]
    assert records(message.authority)[0].startswith(
        "cluster.LOCAL. 5 SOA ns.dns.cluster.LOCAL. hostmaster.cluster.LOCAL."
    )


def denied(soa: Soa, rcode: int = codes.NXDOMAIN) -> Reply:
    reply = Reply(rcode, codes.AA, authority=[soa.record])
    reply.serial, reply.soa = soa.serial, soa
    return reply


@pytest.mark.parametrize("edns", [None, Edns(512), Edns(4096, do=True)])
@pytest.mark.parametrize("name", [NAME, "dns.cluster.local.", "x.y.cluster.local.", "cluster.local."])
def test_the_short_way_of_a_denial_leads_to_the_same_records(name: str, edns: Edns | None) -> None:
    soa, query = Soa(SOA, Serial(9)), question(name, edns=edns, flags=codes.RD | codes.CD)
    short = denial(query, denied(soa))
    assert short is not None
    assert parsed(short).to_text() == parsed(Finished(denied(soa), query.asked).message(query)).to_text()


def test_the_short_way_is_for_lone_soas_that_fit_only() -> None:
    soa, query = Soa(SOA, Serial(9)), question(NAME)
    with_answer, with_options, capped, other = denied(soa), denied(soa), denied(soa), denied(soa)
    with_answer.answer = addresses(1)
    with_options.options = option(3, b"me")
    capped.size_cap = 512
    other.authority = [SOA._replace(ttl=9)]
    for reply in (with_answer, with_options, capped, other, Reply(codes.NXDOMAIN)):
        assert denial(query, reply) is None
    assert denial(question("cluster.org."), denied(soa)) is None
    query.limit = 60
    assert denial(query, denied(soa)) is None
