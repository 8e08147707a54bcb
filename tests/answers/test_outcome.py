import asyncio

import dns.message
import pytest

from resolver.answers.outcome import (
    Answer,
    Disturbed,
    Failure,
    Pending,
    Reply,
    Serial,
    Settled,
    Soa,
    Transfer,
    after,
    no_next_plugin,
)
from resolver.wire import codes
from resolver.wire.delivery import Delivery
from resolver.wire.names import name_from_text
from resolver.wire.reply import header
from tests.support.doors import records
from tests.support.questions import record

SOA = record("cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 7 7200 1800 86400 5")
MADE = "ns.dns.cluster.local. hostmaster.cluster.local."


@pytest.mark.parametrize(("value", "wire"), [(0, "00000000"), (7, "00000007"), (1 << 32 | 5, "00000005")])
def test_a_serial_is_cut_to_32_bits(value: int, wire: str) -> None:
    assert Serial(value).wire == bytes.fromhex(wire)


def test_a_serial_moves() -> None:
    serial = Serial()
    serial.set(1_700_000_000)
    assert serial.wire == (1_700_000_000).to_bytes(4, "big")


def behind(asked: str, soa: Soa, serial: int = 1) -> list[str]:
    """The authority section of a denial of this question."""
    name = name_from_text(asked)
    parts = soa.parts(name)
    assert parts is not None
    before, end = parts
    whole = header(1, codes.QR, 0, 1, 0) + name + b"\0\1\0\1" + before + serial.to_bytes(4, "big") + end
    return records(dns.message.from_wire(whole).authority)


@pytest.mark.parametrize(
    "asked", ["cluster.local", "a.cluster.local", "ns.dns.cluster.local", "x.hostmaster.cluster.local"]
)
def test_the_soa_of_a_denial_is_the_zones_whatever_was_asked(asked: str) -> None:
    assert behind(asked, Soa(SOA, Serial())) == [f"cluster.local. 5 SOA {MADE} 1 7200 1800 86400 5"]


def test_questions_of_one_length_share_the_soa_whatever_came_first() -> None:
    soa = Soa(SOA, Serial())
    for asked in (
        "dns.cluster.local",
        "abc.cluster.local",
        "a.b.cluster.local",
        "ns.cluster.local",
        "xy.cluster.local",
    ):
        assert behind(asked, soa, 9) == [f"cluster.local. 5 SOA {MADE} 9 7200 1800 86400 5"]


@pytest.mark.parametrize("asked", ["cluster.org", "CLUSTER.local", "local"])
def test_behind_a_question_of_another_zone_or_letters_there_is_none(asked: str) -> None:
    assert Soa(SOA, Serial()).parts(name_from_text(asked)) is None


def test_a_reply_starts_out_empty_and_holds_for_one_time() -> None:
    reply = Reply()
    assert reply.sections == ([], [], [])
    assert (reply.rcode, reply.flags, reply.depends, reply.size_cap) == (codes.NOERROR, 0, None, 65_535)
    assert (reply.rotate, reply.serial, reply.soa, reply.options) == (False, None, None, b"")
    assert (reply.counters, reply.listeners) == ((), ())


def test_a_transfer_is_authoritative_and_never_kept() -> None:
    transfer = Transfer([[SOA]])
    assert (transfer.flags, transfer.depends, transfer.messages) == (codes.AA, None, [[SOA]])


def test_the_end_of_the_chain_names_who_passed_the_question_on() -> None:
    failure = no_next_plugin("kubernetes")
    assert (failure.rcode, failure.error) == (codes.SERVFAIL, "plugin/kubernetes: no next plugin found")


def double(outcome: Settled) -> Answer:
    assert outcome is not None
    return Failure(outcome.rcode * 2)


def test_a_step_is_taken_at_once_where_the_outcome_is_there() -> None:
    answer = after(Failure(1), double)
    assert isinstance(answer, Failure)
    assert answer.rcode == 2


async def later(outcome: Answer) -> Answer:
    await asyncio.sleep(0)
    return outcome


def rcode_of(outcome: Settled) -> int:
    assert outcome is not None
    return outcome.rcode


async def test_steps_wait_for_an_outcome_to_come_and_run_in_order() -> None:
    pending = Pending(later(Failure(1)))
    assert after(after(pending, double), lambda outcome: Failure(rcode_of(outcome) + 10)) is pending
    assert rcode_of(await pending) == 12


async def test_a_pending_outcome_of_a_pending_one_is_waited_for() -> None:
    assert rcode_of(await Pending(later(Pending(later(Failure(5)))))) == 5


async def test_a_step_may_have_to_wait_too() -> None:
    pending = Pending(later(Failure(1))).then(lambda outcome: Pending(later(double(outcome)))).then(double)
    assert rcode_of(await pending) == 4


async def test_silence_goes_through_steps_too() -> None:
    assert await Pending(later(None)).then(lambda outcome: outcome) is None


async def test_what_the_work_raises_comes_out_of_the_waiting() -> None:
    async def fail() -> Answer:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await Pending(fail())


def test_a_disturbed_reply_is_the_reply_it_was_made_from() -> None:
    reply = Reply(codes.NXDOMAIN, codes.AA, [record("web.shop. 5 A 10.0.0.1")], [SOA], depends=())
    reply.size_cap, reply.options, reply.rotate = 512, b"x", True
    reply.serial, reply.soa = Serial(1), Soa(SOA, Serial(1))
    disturbed = Disturbed(reply, lambda message: Delivery((message,)))
    for name in (
        "rcode",
        "flags",
        "sections",
        "counters",
        "listeners",
        "size_cap",
        "options",
        "rotate",
        "serial",
        "soa",
    ):
        assert getattr(disturbed, name) == getattr(reply, name)
    assert disturbed.depends is None
