from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from resolver import limits
from resolver.answers.outcome import Answer, Failure, Reply, Transfer
from resolver.corefile.tokens import BadConfig
from resolver.plugins.transfer import ZoneTransfer, setup, split_messages
from resolver.wire import codes
from resolver.wire.names import name_from_text
from resolver.wire.peer import KeptPeer
from resolver.wire.query import Query
from resolver.wire.reply import Record
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import Neighbour, Next, never, peer, question, record

TCP = peer("10.0.0.9", 5_000, "tcp")


def soa(serial: int) -> Record:
    return record(f"shop. 5 SOA ns.dns.shop. hostmaster.shop. {serial} 7200 1800 86400 5")


ZONE = [soa(9), record("web.shop. 5 A 10.0.0.1"), record("web.shop. 5 AAAA 2001:db8::1"), soa(9)]


@dataclass
class Zones(Neighbour):
    """A plugin with one zone of serial 9."""

    zone: bytes = name_from_text("shop.")
    asked: list[tuple[bytes, int]] = field(default_factory=list)

    def transfer(self, zone: bytes, serial: int) -> Iterable[Record] | None:
        self.asked.append((zone, serial))
        if zone != self.zone:
            return None
        return [soa(9)] if serial == 9 else iter(ZONE)


async def started(text: str = "transfer {\nto *\n}", *plugins: Neighbour) -> tuple[ZoneTransfer, FakeHost]:
    host = FakeHost("shop.")
    plugin = setup(directives(text), host)
    host.plugins = [plugin, Neighbour("cache"), *(plugins or (Zones("kubernetes"),))]
    await host.start()
    return plugin, host


def axfr(name: str = "shop.", client: KeptPeer = TCP) -> Query:
    return question(name, "AXFR", client=client)


def ixfr(*authority: Record) -> Query:
    return question("shop.", "IXFR", client=TCP, authority=authority)


async def test_a_zone_is_listed_whole() -> None:
    plugin, host = await started()
    transfer = plugin.answer(axfr("Shop."), never)
    assert isinstance(transfer, Transfer)
    assert (transfer.messages, transfer.flags, transfer.depends) == ([ZONE], codes.AA, None)
    line = 'Outgoing transfer of 4 records of zone "Shop." to 10.0.0.9 for 9 SOA serial'
    assert host.lines == [f"[INFO] plugin/transfer: {line}"]


async def test_an_asker_who_is_up_to_date_gets_one_soa() -> None:
    plugin, host = await started()
    reply = plugin.answer(ixfr(soa(9)), never)
    assert isinstance(reply, Reply)
    assert not isinstance(reply, Transfer)
    assert (reply.answer, reply.flags, reply.depends) == ([soa(9)], 0, None)
    line = 'Outgoing noop, incremental transfer for up to date zone "shop." to 10.0.0.9 for 9 SOA serial'
    assert host.lines == [f"[INFO] plugin/transfer: {line}"]


@pytest.mark.parametrize("serial", [8, 0, 4_294_967_295])
async def test_an_asker_with_another_serial_gets_all(serial: int) -> None:
    zones = Zones("kubernetes")
    plugin, _ = await started("transfer {\nto *\n}", zones)
    assert isinstance(plugin.answer(ixfr(soa(serial)), never), Transfer)
    assert zones.asked == [(name_from_text("shop."), serial)]


@pytest.mark.parametrize("authority", [(), (record("shop. 5 NS ns.shop."),), (soa(1)._replace(rdata=b""),)])
async def test_an_incremental_question_without_a_serial_is_a_failure(authority: tuple[Record, ...]) -> None:
    plugin, _ = await started()
    failure = plugin.answer(ixfr(*authority), never)
    assert isinstance(failure, Failure)
    assert (failure.rcode, failure.error) == (codes.SERVFAIL, "")


def is_refused(answer: Answer) -> bool:
    return not isinstance(answer, Transfer) and getattr(answer, "rcode", None) == codes.REFUSED


async def test_over_udp_it_is_refused_by_the_server() -> None:
    plugin, _ = await started()
    answer = plugin.answer(axfr(client=peer("10.0.0.9")), never)
    assert isinstance(answer, Failure)
    assert is_refused(answer)


@pytest.mark.parametrize(
    ("to", "client", "refused"),
    [
        ("*", "10.0.0.9", False),
        ("10.0.0.9", "10.0.0.9", False),
        ("10.0.0.9:5353", "10.0.0.9", False),
        ("10.0.0.8 10.0.0.9", "10.0.0.9", False),
        ("10.0.0.8\nto 10.0.0.9", "10.0.0.9", False),
        ("2001:db8::9", "2001:db8::9", False),
        ("[2001:db8::9]:53", "2001:db8::9", False),
        ("2001:db8:0::9", "2001:db8::9", True),
        ("10.0.0.8", "10.0.0.9", True),
    ],
)
async def test_only_those_named_may_have_it(to: str, client: str, refused: bool) -> None:
    plugin, _ = await started(f"transfer {{\nto {to}\n}}")
    answer = plugin.answer(axfr(client=peer(client, 5_000, "tcp")), never)
    assert isinstance(answer, Reply)
    assert is_refused(answer) is refused


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("transfer {\nto *\n}", question("shop.", "A", client=TCP)),
        ("transfer {\nto *\n}", axfr("lab.")),
        ("transfer lab {\nto *\n}", axfr("shop.")),
        ("transfer {\nto *\n}", axfr("web.shop.")),
    ],
)
async def test_all_else_goes_on_down_the_chain(text: str, query: Query) -> None:
    plugin, _ = await started(text)
    rest = Next(Reply)
    plugin.answer(query, rest)
    assert rest.asked == [query]


async def test_the_first_plugin_that_has_the_zone_lists_it() -> None:
    other, zones, last = Zones("other", name_from_text("lab.")), Zones("kubernetes"), Zones("file")
    plugin, _ = await started("transfer {\nto *\n}", other, zones, last)
    plugin.answer(axfr(), never)
    assert [len(each.asked) for each in (other, zones, last)] == [1, 1, 0]


async def test_the_longest_zone_says_who_may_have_it() -> None:
    text = "transfer . {\nto 10.0.0.1\n}\ntransfer shop {\nto *\n}\ntransfer a.shop {\nto 10.0.0.1\n}"
    plugin, _ = await started(text)
    assert isinstance(plugin.answer(axfr(), never), Transfer)
    assert is_refused(plugin.answer(axfr("x.a.shop."), never))
    assert is_refused(plugin.answer(axfr("lab."), never))


def test_messages_are_filled_in_order() -> None:
    one = record("web.shop. 5 TXT " + "x" * 255)
    size = len(one.owner) + 10 + len(one.rdata)
    fitting = limits.TRANSFER_MESSAGE // size
    messages = split_messages([one] * (2 * fitting + 1))
    assert [len(message) for message in messages] == [fitting, fitting, 1]


def test_a_record_that_fits_no_message_has_one_of_its_own() -> None:
    huge = record("web.shop. 5 TXT x")._replace(rdata=b"\x01x" * 32_000)
    small = record("web.shop. 5 TXT x")
    assert split_messages([small, huge, small]) == [[small], [huge], [small]]
    assert split_messages([]) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("transfer", "'to' is required"),
        ("transfer {\nto\n}", "Wrong argument count or unexpected line ending after 'to'"),
        ("transfer {\nto example.org\n}", "must specify an IP address: `example.org'"),
        ("transfer {\nto 10.0.0.0/8\n}", "must specify an IP address: `10.0.0.0/8'"),
        ("transfer {\nto *\nsource\n}", "Wrong argument count"),
        ("transfer {\nto *\nsource ns\n}", 'invalid source address "ns"'),
        ("transfer {\nto *\nsource fe80::1%eth0\n}", 'invalid source address "fe80::1%eth0"'),
        ("transfer {\nto *\nsource 10.0.0.1\nsource 10.0.0.1\n}", "source already specified"),
        ("transfer {\nfrom *\n}", "unknown property 'from'"),
    ],
)
def test_other_settings_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        setup(directives(text), FakeHost())
