import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from struct import unpack

import dns.message
import pytest

from resolver import limits
from resolver.answers.door import Door, bare
from resolver.answers.memo import AnswerMemo
from resolver.answers.observation import Counter, Observation
from resolver.answers.outcome import Answer, Disturbed, Failure, Pending, Reply, Serial, Soa, Transfer
from resolver.wire import codes
from resolver.wire.delivery import Delivery
from resolver.wire.names import name_from_text
from resolver.wire.peer import Network, Peer
from resolver.wire.query import Edns, Query
from resolver.wire.reply import uncompressed_size
from tests.support import strict
from tests.support.doors import World, asker, data, query_packet
from tests.support.packets import CLUSTER, PACKETS, Packet
from tests.support.questions import peer, question, record

NAME = "web.shop.svc.cluster.local."
SOA = record("cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 0 7200 1800 86400 5")
A = record(f"{NAME} 5 A 10.0.0.1")


# -- odd packets ------------------------------------------------------------------------------------------------------


def expected_flags(row: Packet) -> int:
    """The flags of a reply: what the door itself writes repeats more of the query's than what the chain does."""
    flags, rcode = unpack("!H", row.data[2:4])[0], row.reply.rcode or 0
    if rcode in (codes.FORMERR, codes.NOTIMP):
        kept = flags & (codes.TC | codes.RD | codes.RA | codes.AD | codes.CD)
        return codes.QR | kept | rcode | (flags & codes.OPCODE if rcode == codes.NOTIMP else 0)
    authoritative = codes.AA if rcode in (codes.NOERROR, codes.NXDOMAIN) else 0
    truncated = codes.TC if row.reply.truncated else 0
    return codes.QR | authoritative | truncated | flags & (codes.RD | codes.CD) | rcode & codes.RCODE


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
@pytest.mark.parametrize("row", PACKETS, ids=lambda row: row.id)
def test_an_odd_packet_gets_the_reply_of_the_table_each_time(row: Packet, protocol: Network) -> None:
    world = World(CLUSTER, served=["cluster.local."])
    for _ in range(3):
        wire = world.raw(row.data, protocol)
        if row.reply.rcode is None:
            assert wire is None
            continue
        assert wire is not None
        dns.message.from_wire(wire)
        shape = strict.read(wire, row.data, limits.MESSAGE_SIZE)
        expected = row.reply
        assert (shape.rcode, bool(shape.question), shape.opt, shape.do) == (
            expected.rcode,
            expected.question,
            expected.opt,
            expected.do,
        )
        if protocol == "udp":
            assert hex(shape.flags) == hex(expected_flags(row))
            assert expected.answers in (None, shape.answers)
        elif expected.truncated:
            assert (shape.truncated, shape.answers) == (False, 120)


def test_the_table_names_each_packet_once() -> None:
    assert len({row.id for row in PACKETS}) == len(PACKETS)
    assert len({row.data for row in PACKETS}) == len(PACKETS)


# -- a chain of our own -----------------------------------------------------------------------------------------------


class Ear:
    """A counter and a listener that remember."""

    def __init__(self) -> None:
        self.counted: list[tuple[Observation, int]] = []
        self.heard: list[tuple[Observation, int, int]] = []

    def count(self, observation: Observation, times: int, seconds: float) -> None:
        self.counted.append((observation, times))

    def hear(self, observation: Observation, query_id: int, client: Peer, seconds: float) -> None:
        self.heard.append((observation, query_id, client.port))

    @property
    def total(self) -> int:
        return sum(times for _, times in self.counted)


@dataclass
class Chain:
    """A router whose chain is one function; remembers what went down it."""

    make: Callable[[Query], Answer]
    server: str = "dns://:53"
    any_class: bool = False
    stacktraces: bool = False
    routed: list[Query] = field(default_factory=list)
    refusals: tuple[Counter, ...] = ()

    def route(self, query: Query, /) -> Answer:
        self.routed.append(query)
        return self.make(query)

    def refused(self) -> tuple[Counter, ...]:
        return self.refusals


class Rig:
    """A door in front of one function."""

    def __init__(self, make: Callable[[Query], Answer], **options: bool) -> None:
        self.chain = Chain(make, **options)  # type: ignore[arg-type]
        self.memo = AnswerMemo()
        self.panics: list[str] = []
        self.door = Door(self.chain, self.memo, count().__next__, self.panics.append)

    @property
    def misses(self) -> int:
        return len(self.chain.routed)

    def ask(self, packet: bytes, client: Peer | None = None) -> dns.message.Message:
        reply = self.door.answer(packet, client or asker())
        assert isinstance(reply, bytes)
        return dns.message.from_wire(reply)


def found(query: Query) -> Reply:
    """One address, that depends on one Service."""
    return Reply(flags=codes.AA, answer=[A._replace(owner=query.asked)], depends=(("service", b"web"),))


def missing(_: Query) -> Reply:
    soa = Soa(SOA, Serial(7))
    reply = Reply(codes.NXDOMAIN, codes.AA, authority=[SOA], depends=(("service", b"web"),))
    reply.serial, reply.soa = soa.serial, soa
    return reply


def with_ears(
    make: Callable[[Query], Answer], counter: Ear | None = None, listener: Ear | None = None
) -> Callable[[Query], Answer]:
    def heard(query: Query) -> Answer:
        answer = make(query)
        assert isinstance(answer, Reply | Failure)
        answer.counters = (counter,) if counter else ()
        answer.listeners = (listener,) if listener else ()
        return answer

    return heard


def test_the_same_packet_goes_down_the_chain_once() -> None:
    rig = Rig(found)
    for id in (1, 2, 3):
        reply = rig.ask(query_packet(NAME, id=id))
        assert (reply.id, data(reply.answer)) == (id, ["10.0.0.1"])
    assert rig.misses == 1


def test_the_same_question_in_other_packets_goes_down_the_chain_once() -> None:
    rig = Rig(found)
    rig.ask(query_packet(NAME))
    for packet in (
        query_packet(NAME, edns=1232),
        query_packet(NAME, edns=4096, do=True),
        query_packet(NAME, flags=codes.CD),
        query_packet(NAME.upper()),
    ):
        rig.ask(packet)
    assert rig.misses == 1


@pytest.mark.parametrize(("name", "qtype"), [(NAME, "AAAA"), ("other.shop.svc.cluster.local.", "A")])
def test_another_question_goes_down_the_chain(name: str, qtype: str) -> None:
    rig = Rig(found)
    rig.ask(query_packet(NAME))
    rig.ask(query_packet(name, qtype))
    assert rig.misses == 2


def test_types_of_which_one_is_the_other_in_lower_case_are_two_questions() -> None:
    rig = Rig(found)
    rig.ask(query_packet(NAME, 65))
    rig.ask(query_packet(NAME, 97))
    assert rig.misses == 2


def test_a_changed_dependency_sends_the_next_packet_down_the_chain() -> None:
    rig = Rig(found)
    packet = query_packet(NAME)
    for misses in (1, 2, 3):
        rig.ask(packet)
        rig.ask(packet)
        assert rig.misses == misses
        rig.memo.forget([("service", b"web")])


def test_a_question_first_asked_in_odd_letters_is_not_kept_in_them() -> None:
    rig = Rig(found)
    assert str(rig.ask(query_packet(NAME.upper())).answer[0].name) == NAME.upper()
    assert str(rig.ask(query_packet(NAME)).answer[0].name) == NAME
    assert rig.misses == 2


def test_records_that_hold_letters_of_the_question_are_made_anew_for_others() -> None:
    def alias(query: Query) -> Reply:
        return Reply(answer=[record("x. 5 CNAME y.")._replace(owner=query.asked, rdata=query.asked)], depends=())

    rig = Rig(alias)
    for name in (NAME, NAME.upper(), NAME, NAME.title()):
        assert data(rig.ask(query_packet(name, "CNAME")).answer) == [name]
    assert rig.misses == 3


def test_a_reply_without_dependencies_is_made_each_time() -> None:
    rig = Rig(lambda _: Reply(answer=[A]))
    for _ in range(3):
        rig.ask(query_packet(NAME))
    assert rig.misses == 3


def test_a_missing_name_is_kept_from_its_second_asking_on() -> None:
    rig = Rig(missing)
    replies = [rig.ask(query_packet(NAME)).to_text() for _ in range(5)]
    assert len(set(replies)) == 1
    assert rig.misses == 2


def test_a_failure_is_the_rcode_the_question_and_an_opt_where_there_was_one() -> None:
    rig = Rig(lambda _: Failure(codes.SERVFAIL))
    plain, edns = rig.ask(query_packet(NAME)), rig.ask(query_packet(NAME, edns=1232, do=True))
    assert (plain.rcode(), plain.edns, edns.rcode(), edns.payload, edns.ednsflags) == (2, -1, 2, 1232, 0x8000)
    assert rig.misses == 2
    assert rig.memo.get(query_packet(NAME)[12:]) is None


def test_silence_stays_silence() -> None:
    assert Rig(lambda _: None).door.answer(query_packet(NAME), asker()) is None


def test_an_upper_rcode_needs_an_opt() -> None:
    wire = bare(question(NAME, edns=Edns(1232)), codes.BADVERS)
    assert dns.message.from_wire(wire).rcode() == codes.BADVERS


# -- classes, versions, plugins that raise ----------------------------------------------------------------------------


def test_other_classes_are_let_in_where_a_block_forwards() -> None:
    closed, open_ = Rig(found), Rig(found, any_class=True)
    packet = query_packet(NAME, qclass=3)
    assert (closed.ask(packet).rcode(), closed.misses) == (codes.REFUSED, 0)
    assert (open_.ask(packet).rcode(), open_.misses) == (codes.NOERROR, 1)


def test_classes_do_not_share_a_kept_reply() -> None:
    rig = Rig(found, any_class=True)
    rig.ask(query_packet(NAME))
    rig.ask(query_packet(NAME, qclass=3))
    assert rig.misses == 2


def test_what_reaches_no_block_is_counted() -> None:
    rig, ear = Rig(found), Ear()
    rig.chain.refusals = (ear,)
    rig.ask(query_packet(NAME, qclass=3))
    (seen, times), *_ = ear.counted
    assert (seen.rcode, seen.qclass, seen.written, times) == (codes.REFUSED, 3, False, 1)


def test_a_plugin_that_raises_costs_its_question_only() -> None:
    def broken(_: Query) -> Answer:
        raise RuntimeError("x" * 10_000)

    rig = Rig(broken)
    assert rig.ask(query_packet(NAME)).rcode() == codes.SERVFAIL
    assert rig.door.panics == 1
    assert rig.panics[0].startswith("Recovered from panic in server: RuntimeError: xxx")
    assert len(rig.panics[0]) == limits.LOG_LINE


def test_a_traceback_is_reported_where_it_is_asked_for() -> None:
    def broken(_: Query) -> Answer:
        raise RuntimeError("here")

    rig = Rig(broken, stacktraces=True)
    rig.ask(query_packet(NAME))
    assert 'raise RuntimeError("here")' in rig.panics[0]


# -- what has to be waited for ----------------------------------------------------------------------------------------


async def settled(answer: bytes | list[bytes] | Awaitable[bytes | list[bytes] | None] | None) -> dns.message.Message:
    assert answer is not None
    assert not isinstance(answer, bytes | list)
    wire = await answer
    assert isinstance(wire, bytes)
    return dns.message.from_wire(wire)


async def test_a_pending_answer_is_awaited_and_not_kept() -> None:
    async def work() -> Answer:
        await asyncio.sleep(0)
        return Reply(answer=[A], depends=())

    rig = Rig(lambda _: Pending(work()))
    for _ in range(2):
        reply = await settled(rig.door.answer(query_packet(NAME), asker()))
        assert data(reply.answer) == ["10.0.0.1"]
    assert rig.misses == 2


async def test_a_pending_answer_that_raises_is_a_servfail() -> None:
    async def work() -> Answer:
        raise OSError("no route")

    rig = Rig(lambda _: Pending(work()))
    assert (await settled(rig.door.answer(query_packet(NAME), asker()))).rcode() == codes.SERVFAIL
    assert rig.panics == ["Recovered from panic in server: OSError: no route"]


async def test_while_an_answer_is_pending_its_asker_is_kept() -> None:
    @dataclass
    class Passing:
        """A peer that a transport uses for the next packet already."""

        port: int = 1
        protocol: Network = "udp"

        def keep(self) -> Peer:
            return peer(port=self.port)

    async def work() -> Answer:
        await asyncio.sleep(0)
        return Reply(answer=[A])

    ear = Ear()
    rig = Rig(lambda _: Pending(work()).then(lambda outcome: with_ears(lambda _: outcome, listener=ear)(question())))
    passing = Passing()
    answer = rig.door.answer(query_packet(NAME), passing)  # type: ignore[arg-type]
    passing.port = 2
    await settled(answer)
    assert [port for _, _, port in ear.heard] == [1]


def test_a_transfer_is_one_message_after_another() -> None:
    parts = [[SOA, A], [A], [SOA]]
    ear = Ear()

    def listing(_: Query) -> Answer:
        transfer = Transfer(parts)
        transfer.counters = (ear,)
        return transfer

    rig = Rig(listing)
    wire = rig.door.answer(query_packet("cluster.local.", "AXFR"), asker("tcp"))
    assert isinstance(wire, list)
    messages = [dns.message.from_wire(part, one_rr_per_rrset=True) for part in wire]
    assert [len(message.answer) for message in messages] == [2, 1, 1]
    assert all(message.flags & codes.AA for message in messages)
    asked = name_from_text("cluster.local.")
    assert ear.counted[0][0].size == sum(uncompressed_size(asked, (part, [], [])) for part in parts)


# -- who hears of replies ---------------------------------------------------------------------------------------------


def test_every_reply_is_counted_once_those_kept_when_counts_are_read() -> None:
    ear = Ear()
    rig = Rig(with_ears(found, counter=ear))
    for _ in range(10):
        rig.ask(query_packet(NAME))
        rig.ask(query_packet(NAME, edns=1232))
    assert ear.total < 20
    rig.door.flush_counts()
    assert ear.total == 20
    rig.door.flush_counts()
    assert ear.total == 20


def test_counts_are_not_lost_when_a_kept_reply_makes_way_for_another() -> None:
    ear = Ear()
    rig = Rig(with_ears(found, counter=ear))
    for _ in range(5):
        for _ in range(4):
            rig.ask(query_packet(NAME))
        rig.memo.forget([("service", b"web")])
    rig.door.flush_counts()
    assert ear.total == 20


def test_counts_are_not_lost_when_packets_make_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_PACKETS", 4)
    ear = Ear()
    rig = Rig(with_ears(found, counter=ear))
    asked = 0
    for turn in range(60):
        for number in (turn, turn // 2, 0):
            rig.ask(query_packet(f"{number}.shop.svc.cluster.local."))
            asked += 1
        if turn % 7 == 3:
            rig.memo.forget([("service", b"web")])
    rig.door.flush_counts()
    assert ear.total == asked


def test_a_reply_counted_is_the_same_observation_kept_or_not() -> None:
    ear = Ear()
    rig = Rig(with_ears(found, counter=ear))
    for _ in range(3):
        rig.ask(query_packet(NAME, edns=1232))
    rig.door.flush_counts()
    assert len({seen for seen, _ in ear.counted}) == 1


def test_a_denial_counted_is_the_same_observation_kept_or_not() -> None:
    ear = Ear()
    rig = Rig(with_ears(missing, counter=ear))
    for _ in range(4):
        rig.ask(query_packet(NAME, edns=1232))
    rig.door.flush_counts()
    assert {(seen.size, seen.rcode) for seen, _ in ear.counted} == {
        (uncompressed_size(name_from_text(NAME), ([], [SOA], [])), codes.NXDOMAIN)
    }
    assert ear.total == 4


def test_listeners_hear_of_every_reply_as_it_is_sent() -> None:
    ear = Ear()
    rig = Rig(with_ears(found, listener=ear))
    for id in range(5):
        rig.ask(query_packet(NAME, id=id), peer(port=100 + id))
    assert [(id, port) for _, id, port in ear.heard] == [(id, 100 + id) for id in range(5)]


@pytest.mark.parametrize("depends", [None, (("service", b"web"),)])
def test_listeners_hear_that_a_reply_was_cut_and_of_its_whole_size(
    depends: tuple[tuple[str, bytes], ...] | None,
) -> None:
    ear = Ear()

    def long(query: Query) -> Reply:
        return Reply(
            answer=[A._replace(owner=query.asked, rdata=bytes((10, 0, 0, n))) for n in range(60)], depends=depends
        )

    rig = Rig(with_ears(long, listener=ear))
    for size in (512, 4096, 512, 4096):
        rig.ask(query_packet(NAME, edns=size))
    assert [bool(seen.flags & codes.TC) for seen, *_ in ear.heard] == [True, False, True, False]
    assert len({seen.size for seen, *_ in ear.heard}) == 1


@pytest.mark.parametrize(("opt_size", "told"), [(0, (49, 12)), (15, (49, 0))])
def test_a_reply_with_an_opt_of_its_own_counts_it_and_leaves_the_query_its_options(
    opt_size: int, told: tuple[int, int]
) -> None:
    ear = Ear()

    def received(query: Query) -> Reply:
        reply = Reply()
        reply.opt_size = opt_size
        return reply

    padding = b"\x00\x0c\x00\x08" + bytes(8)
    packet = query_packet("web.shop.", edns=1232)[:-2] + bytes((0, len(padding))) + padding
    Rig(with_ears(received, listener=ear)).ask(packet)
    ((seen, *_),) = ear.heard
    assert (seen.request_size, seen.options_size) == told
    assert seen.size == 26 + opt_size


def test_a_capped_size_is_what_observers_are_told_kept_or_not() -> None:
    ear = Ear()

    def capped(query: Query) -> Answer:
        assert query.edns is not None
        query.edns.size = min(query.edns.size, 600)
        reply = found(query)
        reply.size_cap = 600
        return reply

    rig = Rig(with_ears(capped, counter=ear))
    for size in (4096, 4096, 4000, 512):
        assert rig.ask(query_packet(NAME, edns=size)).payload == min(size, 600)
    rig.door.flush_counts()
    assert sorted(seen.bufsize for seen, _ in ear.counted) == [512, 600, 600, 600]


# -- bounds -----------------------------------------------------------------------------------------------------------


def test_packets_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_PACKETS", 10)
    rig = Rig(found)
    for number in range(100):
        rig.ask(query_packet(f"{number}.shop.svc.cluster.local."))
    assert len(rig.door._kept) == 10


def test_the_packet_kept_longest_makes_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_PACKETS", 2)
    rig = Rig(found)
    for name in ("a.", "b.", "c."):
        rig.ask(query_packet(name))
    assert list(rig.door._kept) == [query_packet(name)[2:] for name in ("b.", "c.")]


def test_long_packets_and_long_replies_are_not_kept() -> None:
    def long(query: Query) -> Reply:
        return Reply(answer=[A._replace(owner=query.asked)] * 600, depends=())

    rig = Rig(long)
    rig.door.answer(query_packet(NAME), asker("tcp"))
    assert not rig.door._kept
    rig = Rig(found)
    rig.ask(query_packet(NAME) + bytes(limits.KEPT_PACKET_SIZE))
    assert not rig.door._kept


def test_a_door_that_serves_another_configuration_keeps_nothing_of_the_last() -> None:
    ear, rig = Ear(), Rig(found)
    rig.chain.make = with_ears(found, counter=ear)
    rig.ask(query_packet(NAME))
    rig.ask(query_packet(NAME))
    other = Chain(lambda query: Reply(answer=[A._replace(owner=query.asked, rdata=bytes(4))], depends=()))
    rig.door.serve(other, AnswerMemo())
    assert data(rig.ask(query_packet(NAME)).answer) == ["0.0.0.0"]
    assert ear.total == 2


# -- replies that do not leave as they are ----------------------------------------------------------------------------


def test_what_disturbs_a_reply_gets_the_finished_message_and_nothing_is_kept() -> None:
    seen: list[bytes] = []

    def disturb(message: bytes) -> Delivery:
        seen.append(message)
        return Delivery((message, b"!"))

    whole = Reply(codes.NOERROR, codes.AA, [A], depends=())
    plain = PlainRouter(lambda query: whole)
    expected = Door(plain, AnswerMemo(), count().__next__, print).answer(query_packet(NAME), asker())
    memo = AnswerMemo()
    counter = Counting()

    def route(query: Query) -> Answer:
        disturbed = Disturbed(Reply(codes.NOERROR, codes.AA, [A]), disturb)
        disturbed.counters = (counter,)
        return disturbed

    door = Door(PlainRouter(route), memo, count().__next__, print)
    for times in (1, 2):
        assert door.answer(query_packet(NAME), asker()) == Delivery((expected, b"!"))  # type: ignore[arg-type]
        assert (len(seen), counter.times) == (times, times)
    assert seen == [expected] * 2
    assert len(memo) == 0


async def test_a_pending_reply_may_be_disturbed_too() -> None:
    async def work() -> Reply:
        return Disturbed(Reply(codes.NOERROR, codes.AA, [A]), lambda message: Delivery((), reset=True))

    door = Door(PlainRouter(lambda query: Pending(work())), AnswerMemo(), count().__next__, print)
    answer = door.answer(query_packet(NAME), asker())
    assert isinstance(answer, Awaitable)
    assert await answer == Delivery((), reset=True)


class PlainRouter:
    """Answers by a function."""

    server, any_class, stacktraces = "dns://:53", False, False

    def __init__(self, route: Callable[[Query], Answer]) -> None:
        self.route = route

    def refused(self) -> tuple[Counter, ...]:
        return ()


class Counting:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.times = 0

    def count(self, observation: Observation, times: int, seconds: float) -> None:
        self.times += times
