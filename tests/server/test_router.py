"""Which block answers a name, and what the server's questions to itself get."""

from itertools import count

import pytest

from resolver import limits
from resolver.answers.observation import Observation
from resolver.answers.outcome import Answer, Failure, Handler, Pending, Reply, Settled
from resolver.server.router import ListenerRouter, Served
from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.peer import Peer
from resolver.wire.query import Edns, Query
from tests.support.questions import peer, pending, question, record


def block(zone: str, handler: Handler | None) -> tuple[bytes, Served]:
    return name_from_text(zone), Served(handler)


def saying(said: Answer) -> Handler:
    return lambda query: said


def router(*blocks: tuple[bytes, Served], refused: "tuple[Noted, ...]" = ()) -> ListenerRouter:
    return ListenerRouter("dns://:53", dict(blocks), count().__next__, refused=refused)


class Noted:
    """A counter and listener that keeps what it is told."""

    def __init__(self) -> None:
        self.counted: list[tuple[Observation, int, float]] = []
        self.heard: list[tuple[Observation, int, Peer, float]] = []

    def count(self, observation: Observation, times: int, seconds: float) -> None:
        self.counted.append((observation, times, seconds))

    def hear(self, observation: Observation, query_id: int, client: Peer, seconds: float) -> None:
        self.heard.append((observation, query_id, client, seconds))


ROUTED = [
    (["."], "web.shop.", "A", "."),
    (["."], ".", "NS", "."),
    (["shop."], "shop.", "A", "shop."),
    (["shop."], "Web.SHOP.", "A", "shop."),
    (["shop."], "workshop.", "A", None),
    (["shop."], "example.", "A", None),
    (["shop."], ".", "A", None),
    ([".", "shop."], "example.", "A", "."),
    ([".", "shop.", "web.shop."], "a.web.shop.", "A", "web.shop."),
    ([".", "shop.", "web.shop."], "db.shop.", "A", "shop."),
    ([".", "-shop."], "web.shop.", "A", None),
    ([".", "shop.", "-web.shop."], "a.web.shop.", "A", None),
    (["shop.", "web.shop."], "web.shop.", "DS", "shop."),
    (["shop.", "web.shop."], "a.web.shop.", "DS", "shop."),
    (["web.shop."], "web.shop.", "DS", "web.shop."),
    ([".", "web.shop."], "web.shop.", "DS", "web.shop."),
    ([".", "shop."], "example.", "DS", "."),
    (["-shop.", "web.shop."], "web.shop.", "DS", None),
    (["-."], "example.", "A", None),
    ([], "example.", "A", None),
]


@pytest.mark.parametrize(("zones", "name", "qtype", "expected"), ROUTED)
def test_the_longest_zone_answers_and_for_ds_the_shortest(
    zones: list[str], name: str, qtype: str, expected: str | None
) -> None:
    """A zone with a hyphen in front has no plugin that answers."""
    replies = {zone: Reply() for zone in zones}
    blocks = [block(zone.lstrip("-"), None if zone[0] == "-" else saying(reply)) for zone, reply in replies.items()]
    noted = Noted()
    answer = router(*blocks, refused=(noted,)).route(question(name, qtype))
    if expected is None:
        assert isinstance(answer, Failure)
        assert (answer.rcode, answer.error, answer.counters) == (codes.REFUSED, "", (noted,))
    else:
        assert answer is replies[expected]


def test_the_door_is_told_who_counts_what_reaches_no_block() -> None:
    noted = Noted()
    assert router(refused=(noted,)).refused() == (noted,)


ADDRESSES = [record(f"web.shop. 5 A 10.0.0.{number}") for number in range(1, 41)]


def large() -> Reply:
    return Reply(codes.NOERROR, codes.AA, list(ADDRESSES))


CUT = [
    (question("web.shop."), 30, True),
    (question("web.shop.", edns=Edns(400)), 29, True),
    (question("web.shop.", edns=Edns(640)), 37, True),
    (question("web.shop.", edns=Edns(1232)), 40, False),
    (question("web.shop.", client=peer(protocol="tcp")), 40, False),
]


@pytest.mark.parametrize(("query", "records", "truncated"), CUT)
def test_an_answer_to_itself_is_cut_to_what_the_asker_takes(query: Query, records: int, truncated: bool) -> None:
    reply = router(block(".", saying(large()))).ask(query)
    assert isinstance(reply, Reply)
    assert reply.answer == ADDRESSES[:records]
    assert bool(reply.flags & codes.TC) is truncated


@pytest.mark.parametrize(("query", "records", "truncated"), CUT)
def test_an_answer_that_was_cut_is_not_kept_for_others(query: Query, records: int, truncated: bool) -> None:
    reply = large()
    reply.depends = ()
    router(block(".", saying(reply))).ask(query)
    assert reply.depends is None if truncated else reply.depends == ()


def observed(said: Settled) -> Noted:
    noted = Noted()
    if said is not None:
        said.counters = said.listeners = (noted,)
    answer = router(block(".", saying(said))).ask(question("web.shop."))
    assert answer is said
    return noted


def test_observers_hear_of_a_reply_to_itself() -> None:
    noted = observed(large())
    ((observation, times, seconds),) = noted.counted
    assert (times, seconds) == (1, 1)  # the clock of this test goes on by one each time it is looked at
    assert (observation.server, observation.rcode, observation.written) == ("dns://:53", codes.NOERROR, True)
    assert observation.flags == codes.QR | codes.AA | codes.TC
    assert noted.heard == [(observation, 4_711, peer(), 1)]


def test_observers_hear_of_a_failure_without_a_reply() -> None:
    ((observation, _, _),) = observed(Failure(codes.SERVFAIL)).counted
    assert (observation.rcode, observation.size, observation.written) == (codes.SERVFAIL, 0, False)


def test_silence_is_passed_on() -> None:
    assert observed(None).counted == []


async def test_what_is_still_to_come_is_cut_and_told_when_it_comes() -> None:
    noted, reply = Noted(), large()
    reply.counters = (noted,)
    answer = router(block(".", saying(pending(reply)))).ask(question("web.shop."))
    assert isinstance(answer, Pending)
    assert noted.counted == []
    assert await answer is reply
    assert len(reply.answer) == 30
    assert len(noted.counted) == 1


@pytest.mark.parametrize(("deep", "answered"), [(limits.SELF_LOOKUPS, True), (limits.SELF_LOOKUPS + 1, False)])
def test_questions_to_itself_go_so_deep_only(deep: int, answered: bool) -> None:
    query = question("web.shop.")
    query.lookups = deep
    asked = router(block(".", saying(large())))
    answer = asked.ask(query)
    assert query.router is asked
    assert isinstance(answer, Reply if answered else Failure)
