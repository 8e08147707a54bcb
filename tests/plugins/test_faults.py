"""The faults plugin in a chain without sockets; over sockets see tests/server/test_served_faults.py."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.answers.outcome import Answer, Disturbed, Failure, Handler, Pending, Reply, Transfer
from resolver.corefile.blocks import parse_corefile
from resolver.corefile.tokens import BadConfig
from resolver.faults.fault import Fault
from resolver.faults.fault_list import FaultList
from resolver.plugins import chain, faults
from resolver.plugins.faults import Faults
from resolver.plugins.loadbalance import LoadBalance
from resolver.wire import codes
from resolver.wire.delivery import Delivery
from resolver.wire.names import name_from_text
from resolver.wire.peer import Network
from resolver.wire.query import Query
from tests.support.doors import World, asker, query_packet
from tests.support.fake_host import FakeHost
from tests.support.packets import CLUSTER, PACKETS
from tests.support.questions import Neighbour, Next, never, pending, question, record

WEB = "web.shop.svc.cluster.local."
ADDRESS = record(f"{WEB} 5 A 10.0.0.1")
SOA = record("cluster.local. 300 SOA ns.dns.cluster.local. hostmaster.cluster.local. 0 7200 1800 86400 5")


def kept_reply() -> Reply:
    return Reply(codes.NOERROR, codes.AA, [ADDRESS], depends=())


class Lab:
    """A started plugin in front of a chain that answers with `make`."""

    def __init__(self, *lines: str, make: Callable[[], Answer] = kept_reply) -> None:
        self.host = FakeHost("cluster.local.")
        self.rest = Next(make)
        self.faults = FaultList()
        self.faults.use_clocks(self.host.monotonic, self.host.now)
        self.host.shared_objects["faults"] = self.faults
        self.plugin = Faults(self.faults, self.host)
        self.host.plugins = [self.plugin, Behind(self.rest)]
        for line in lines:
            self.add(line)

    def add(self, line: str) -> Fault:
        return self.faults.add(Fault.from_words(line.split()))

    def ask(self, query: Query | None = None) -> Answer:
        return self.plugin.answer(query or question(), self.rest)


class Behind(Neighbour):
    """The rest of the chain as a plugin."""

    def __init__(self, rest: Handler) -> None:
        super().__init__("whoami")
        self.rest = rest

    def answer(self, query: Query, next: Handler, /) -> Answer:
        return self.rest(query)


UNTOUCHED = ["", "db.shop drop", "web.shop AAAA drop", "web.shop drop times 1 every 1"]


@pytest.mark.parametrize("line", UNTOUCHED[:3])
def test_what_no_fault_could_concern_is_kept(line: str) -> None:
    answer = Lab(*filter(None, [line])).ask()
    assert isinstance(answer, Reply)
    assert answer.depends == ()


@pytest.mark.parametrize("line", ["web.shop drop every 2", "web.shop drop client 10.0.0.0/8", "**.local tcp-reset"])
def test_what_a_fault_could_concern_is_not_kept_though_none_fires(line: str) -> None:
    answer = Lab(line).ask()
    assert isinstance(answer, Reply)
    assert (answer.depends, answer.answer) == (None, [ADDRESS])


def test_once_a_fault_is_exhausted_replies_are_kept_again() -> None:
    lab = Lab("web.shop drop times 1")
    assert lab.ask() is None
    answer = lab.ask()
    assert isinstance(answer, Reply)
    assert answer.depends == ()


def test_what_the_server_asks_itself_is_not_disturbed() -> None:
    lab = Lab("** drop")
    assert lab.ask(question().asking(name_from_text(WEB), codes.A)) is not None
    assert lab.faults.fired_count == 0


def test_what_is_dropped_or_refused_is_not_asked_of_the_rest() -> None:
    for line in ("web.shop drop", "web.shop refused"):
        lab = Lab(line)
        answer = lab.plugin.answer(question(), never)
        assert answer is None or (isinstance(answer, Failure) and answer.rcode == codes.REFUSED and not answer.error)


def test_a_denial_asks_for_what_no_name_has() -> None:
    lab = Lab("web.shop nodata", make=lambda: Reply(codes.NXDOMAIN, codes.AA, authority=[SOA]))
    answer = lab.ask()
    assert isinstance(answer, Reply)
    assert (answer.rcode, answer.authority) == (codes.NOERROR, [SOA])
    assert [(each.qtype, each.lookups) for each in lab.rest.asked] == [(codes.HINFO, 1)]


async def test_steps_wait_for_what_is_pending() -> None:
    lab = Lab("web.shop ttl 9 duplicate", make=lambda: pending(kept_reply()))
    answer = lab.ask()
    assert isinstance(answer, Pending)
    outcome = await answer
    assert isinstance(outcome, Disturbed)
    assert [each.ttl for each in outcome.answer] == [9]
    assert outcome.disturb(b"message") == Delivery((b"message",) * 2)


async def test_a_pending_answer_that_loses_its_addresses_is_denied() -> None:
    lab = Lab("web.shop only 192.0.2.1", make=lambda: pending(kept_reply()))
    answer = lab.ask()
    assert isinstance(answer, Pending)
    outcome = await answer
    assert isinstance(outcome, Reply)
    assert (outcome.rcode, outcome.answer) == (codes.NOERROR, [])
    assert len(lab.rest.asked) == 2


async def test_a_delay_waits_and_then_asks() -> None:
    lab = Lab("web.shop delay 2s servfail")
    answer = lab.ask()
    assert isinstance(answer, Pending)
    assert lab.host.slept == []
    outcome = await answer
    assert isinstance(outcome, Failure)
    assert lab.host.slept == [2.0]


def test_a_delay_that_nobody_awaits_leaves_nothing() -> None:
    lab = Lab("web.shop delay 2s")
    assert isinstance(lab.ask(), Pending)
    assert (lab.rest.asked, lab.host.slept) == ([], [])


@pytest.mark.parametrize("line", ["web.shop wrong-id", "web.shop garbage", "web.shop duplicate"])
def test_a_failure_becomes_a_reply_whose_bytes_can_be_disturbed(line: str) -> None:
    answer = Lab(line, make=lambda: Failure(codes.REFUSED, "why")).ask()
    assert isinstance(answer, Disturbed)
    assert (answer.rcode, answer.flags, answer.sections) == (codes.REFUSED, 0, ([], [], []))


@pytest.mark.parametrize(
    "line", ["web.shop ttl 3 wrong-id", "web.shop only 1", "web.shop stale", "web.shop order fixed"]
)
@pytest.mark.parametrize("outcome", [None, Transfer([])])
def test_silence_and_transfers_stay_what_they_are(line: str, outcome: Answer) -> None:
    assert Lab(line, make=lambda: outcome).ask() is outcome


# -- stale ------------------------------------------------------------------------------------------------------------


def answering(*lasts: int) -> Callable[[], Answer]:
    """Another address each time, the last again and again."""
    turns = iter([*lasts[:-1]])
    return lambda: Reply(answer=[record(f"{WEB} 5 A 10.0.0.{next(turns, lasts[-1])}")], depends=())


def last(answer: Answer) -> int:
    assert isinstance(answer, Reply)
    return answer.answer[0].rdata[-1]


async def test_a_plain_pattern_is_asked_when_the_fault_is_added() -> None:
    lab = Lab(make=answering(1, 1, 2))
    await lab.plugin.start()
    lab.add("web.shop A stale")
    assert [(each.name, each.qtype) for each in lab.rest.asked] == [(name_from_text(WEB), codes.A)]
    assert [last(lab.ask()) for _ in range(3)] == [1, 1, 1]


async def test_with_wildcards_the_first_answer_after_it_is_remembered() -> None:
    lab = Lab(make=answering(1, 2, 3))
    await lab.plugin.start()
    lab.add("*.shop stale")
    assert lab.rest.asked == []
    assert [last(lab.ask()) for _ in range(3)] == [1, 1, 1]


async def test_answers_lag_behind_so_many_seconds() -> None:
    lab = Lab(make=answering(1, 1, 2, 2, 2))
    await lab.plugin.start()
    lab.add("web.shop A stale 10s")
    assert last(lab.ask()) == 1
    assert last(lab.ask()) == 1
    lab.host.advance(9)
    assert last(lab.ask()) == 1
    lab.host.advance(1)
    assert last(lab.ask()) == 2


async def test_a_server_that_does_not_know_yet_is_not_remembered() -> None:
    outcomes = iter([Reply(codes.SERVFAIL), Reply(codes.SERVFAIL), kept_reply(), Failure(codes.SERVFAIL)])
    lab = Lab(make=lambda: next(outcomes))
    await lab.plugin.start()
    lab.add("web.shop stale")
    assert [last(lab.ask()) for _ in range(2)] == [1, 1]


async def test_names_outside_of_the_block_and_pending_ones_are_not_remembered_beforehand() -> None:
    lab = Lab(make=lambda: Pending(never_awaited()))
    await lab.plugin.start()
    lab.add("example.com. stale")
    assert lab.rest.asked == []
    lab.add("web.shop A stale")
    assert len(lab.rest.asked) == 1


class never_awaited:  # noqa: N801 - stands for a function
    """Work that must not begin."""

    def __await__(self) -> object:
        raise AssertionError("awaited")


async def test_memory_goes_with_its_fault() -> None:
    lab = Lab()
    await lab.plugin.start()
    fault = lab.add("web.shop stale")
    lab.ask()
    assert list(lab.plugin._stale) == [fault.id]
    lab.faults.clear()
    assert lab.plugin._stale == {}


# -- set-up -----------------------------------------------------------------------------------------------------------


def set_up(text: str, *zones: str) -> tuple[Faults, FakeHost]:
    host = FakeHost(*zones)
    (block,) = parse_corefile(f". {{\n{text}\n}}\n", "Corefile", warn=lambda _: None, known=chain.known())
    plugin = faults.setup(block.uses("faults"), host)
    host.plugins = [plugin]
    return plugin, host


async def test_lines_of_all_uses_are_faults_of_the_block() -> None:
    plugin, host = set_up("faults web.shop drop\nfaults {\ndb.shop ttl 1\n*.shop servfail\n}", "corp.test.")
    await host.start()
    listed = host.shared_objects["faults"].faults
    assert [(fault.describe(), fault.origin) for fault in listed] == [
        ("web.shop drop zone corp.test", "Corefile:2"),
        ("db.shop ttl 1 zone corp.test", "Corefile:4"),
        ("*.shop rcode SERVFAIL zone corp.test", "Corefile:5"),
    ]
    assert host.shared_objects["faults"].of(object()) == []
    await host.stop()
    assert host.shared_objects["faults"].faults == ()
    assert plugin.name == "faults"


@pytest.mark.parametrize(
    ("zones", "expected"),
    [((".",), "cluster.local"), (("ip6.arpa.", "corp.test."), "corp.test"), (("arpa.",), "cluster.local")],
)
async def test_patterns_end_in_the_blocks_first_zone_that_is_one_of_names(
    zones: tuple[str, ...], expected: str
) -> None:
    _, host = set_up("faults web.shop drop", *zones)
    await host.start()
    assert host.shared_objects["faults"].faults[0].pattern.zone == expected


REFUSED = [
    ("faults {\nweb.shop drop\nweb.shop dorp\n}", 4, "did you mean drop?"),
    ("faults {\nweb.shop AAA drop\n}", 3, "there is no word of a fault 'AAA'"),
    ("faults web.shop", 2, "says nothing of what goes wrong"),
    ("faults {\nweb.shop drop {\n}\n}", 5, "write one fault a line"),
]


@pytest.mark.parametrize(("text", "line", "part"), REFUSED)
def test_a_bad_line_is_refused_where_it_stands(text: str, line: int, part: str) -> None:
    with pytest.raises(BadConfig, match=part) as refused:
        set_up(text)
    assert (refused.value.file, refused.value.line) == ("Corefile", line)


async def test_too_many_faults_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from resolver import limits

    monkeypatch.setattr(limits, "FAULTS", 1)
    _, host = set_up("faults {\nweb.shop drop\ndb.shop drop\n}")
    with pytest.raises(BadConfig, match="plugin/faults: there are 1 faults"):
        await host.start()


async def test_one_plugin_of_several_forgets_replies_and_tells_metrics() -> None:
    host = FakeHost("cluster.local.")
    listed = FaultList()
    first, second = Faults(listed, host), Faults(listed, host)
    host.plugins = [first, second]
    await first.start()
    await second.start()
    before = host.forgotten_all
    listed.add(Fault.make("web.shop", rcode="REFUSED", ttl=3))
    assert host.forgotten_all == before + 1
    first.answer(question(), Next(kept_reply))
    rows = [(row.name, row.labels, row.value) for plugin in (first, second) for row in plugin.metrics()]
    assert rows == [
        ("dualdns_faults", (), 1),
        ("dualdns_faults_fired_total", (("kind", "refused"),), 1),
        ("dualdns_faults_fired_total", (("kind", "ttl"),), 1),
    ]


# -- no fault, no difference ------------------------------------------------------------------------------------------


class Chained(World):
    """The same world with a balanced chain, and with the faults plugin in front of it if there is a list."""

    def __init__(self, listed: FaultList | None) -> None:
        self.handler: Handler | None = None
        super().__init__(CLUSTER)
        host = FakeHost(*(["cluster.local."]))
        plugins = [LoadBalance(host), self.plugin]
        if listed is not None:
            front = Faults(listed, host)
            plugins.insert(0, front)  # type: ignore[arg-type]
            listed.on_change(self.memo.clear)
        self.handler = chain.link(plugins)

    def route(self, query: Query, /) -> Answer:
        assert self.handler is not None
        return self.handler(query)


NAMES = ["web.shop", "db.shop", "nothing.shop", "x.db.shop", "external.shop"]
ASKED = st.one_of(
    st.builds(
        lambda name, qtype, edns, upper: query_packet(
            name_from_text(f"{name}.svc.cluster.local".upper() if upper else f"{name}.svc.cluster.local"),
            qtype,
            edns=edns,
        ),
        st.sampled_from(NAMES),
        st.sampled_from(["A", "AAAA", "SRV", "TXT", "ANY", "SOA"]),
        st.sampled_from([None, 512, 1232]),
        st.booleans(),
    ),
    st.sampled_from([row.data for row in PACKETS]),
)
LINES = st.sampled_from(
    ["** servfail", "web.shop drop", "*.shop AAAA nodata", "db.shop ttl 1 duplicate", "db.shop stale"]
)


@settings(max_examples=40, deadline=None)  # three clusters are made each time
@given(st.lists(ASKED, min_size=1, max_size=12), st.lists(LINES, max_size=3), st.sampled_from(["udp", "tcp"]))
def test_without_a_fault_and_when_all_are_gone_the_bytes_are_those_of_a_chain_without_the_plugin(
    packets: list[bytes], lines: list[str], protocol: Network
) -> None:
    listed = FaultList()
    loaded, bare = Chained(listed), Chained(None)
    for packet in [*packets, *packets]:
        assert loaded.raw(packet, protocol) == bare.raw(packet, protocol)
    for line in lines:
        listed.add(Fault.from_words(line.split()))
    for packet in packets if lines else ():
        loaded.doors[protocol].answer(packet, asker(protocol))
    for fault in listed.faults:
        listed.remove(fault.id)
    fresh = Chained(None)
    if not lines:
        loaded.memo.clear()
    for packet in [*packets, *packets]:
        assert loaded.raw(packet, protocol) == fresh.raw(packet, protocol)
