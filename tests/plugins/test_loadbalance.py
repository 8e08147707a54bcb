from collections import Counter

import pytest

from resolver.answers.outcome import NO_KEYS, Failure, Reply
from resolver.corefile.tokens import BadConfig
from resolver.plugins.loadbalance import LoadBalance, WeightedLoadBalance, setup
from resolver.wire import codes
from resolver.wire.query import Query
from resolver.wire.reply import Record
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import Next, pending, question, record

CNAME = record("web. 5 CNAME a.web.")
SRV = record("web. 5 SRV 0 50 80 a.web.")
TXT = record("web. 5 TXT text")
A1, A2, A3 = (record(f"a.web. 5 A 10.0.0.{number}") for number in (1, 2, 3))
V6 = record("a.web. 5 AAAA 2001:db8::1")
MX1, MX2 = (record(f"web. 5 MX {number} a.web.") for number in (1, 2))


def balanced(plugin: LoadBalance | WeightedLoadBalance, reply: Reply, query: Query | None = None) -> Reply:
    assert plugin.answer(query or question("web."), Next(lambda: reply)) is reply
    return reply


def round_robin(text: str = "loadbalance", seed: int = 1) -> LoadBalance:
    plugin = setup(directives(text), FakeHost(seed=seed))
    assert isinstance(plugin, LoadBalance)
    return plugin


@pytest.mark.parametrize(
    ("before", "after", "rotate"),
    [
        ([], [], False),
        ([A1], [A1], False),
        ([A1, A2], [A1, A2], True),
        ([A1, V6], [A1, V6], True),
        ([A1, CNAME], [CNAME, A1], False),
        ([MX1, A1, SRV, CNAME, TXT, A2, MX2], [CNAME, SRV, TXT, A1, A2, MX1, MX2], True),
        ([SRV, TXT, SRV], [SRV, TXT, SRV], False),
        ([MX1, MX2], [MX1, MX2], True),
    ],
)
@pytest.mark.parametrize("section", ["answer", "authority", "additional"])
def test_a_kept_reply_is_put_in_order_and_turned_by_the_core(
    section: str, before: list[Record], after: list[Record], rotate: bool
) -> None:
    reply = Reply(depends=NO_KEYS)
    setattr(reply, section, list(before))
    balanced(round_robin(), reply)
    assert getattr(reply, section) == after
    assert (reply.rotate, reply.depends) == (rotate, NO_KEYS)


def test_what_a_reply_was_made_of_is_left_as_it_was() -> None:
    own = [A1, CNAME]
    balanced(round_robin(), Reply(answer=own))
    assert own == [A1, CNAME]


def test_a_reply_for_this_time_only_is_shuffled_here() -> None:
    first = Counter(
        balanced(round_robin(seed=seed), Reply(answer=[CNAME, A1, A2, A3])).answer[1] for seed in range(300)
    )
    assert set(first) == {A1, A2, A3}
    assert min(first.values()) > 60


@pytest.mark.parametrize(
    ("query", "rcode"),
    [(question("web.", "AXFR"), 0), (question("web.", "IXFR"), 0), (question("web."), codes.NXDOMAIN)],
)
def test_transfers_and_errors_are_left_alone(query: Query, rcode: int) -> None:
    reply = Reply(rcode, answer=[A1, CNAME, A2], depends=NO_KEYS)
    assert balanced(round_robin(), reply, query).answer == [A1, CNAME, A2]
    assert not reply.rotate


@pytest.mark.parametrize("outcome", [None, Failure(codes.SERVFAIL)])
def test_without_a_reply_there_is_nothing_to_do(outcome: Failure | None) -> None:
    assert round_robin().answer(question(), Next(lambda: outcome)) is outcome


async def test_a_reply_that_comes_later_is_put_in_order_too() -> None:
    reply = Reply(answer=[A1, CNAME])
    await round_robin().answer(question(), Next(lambda: pending(reply)))  # type: ignore[misc]
    assert reply.answer == [CNAME, A1]


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        ("10.0.0.2/32", [{A2}, {A1, A3, V6}]),
        ("10.0.0.3/32 10.0.0.2/32", [{A3}, {A2}, {A1, V6}]),
        ("2001:db8::/32 10.0.0.0/31", [{V6}, {A1}, {A2, A3}]),
        ("192.168.0.0/16", [{A1, A2, A3, V6}]),
        ("10.0.0.9/8", [{A1, A2, A3}, {V6}]),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_addresses_of_preferred_networks_go_first(networks: str, expected: list[set[Record]], seed: int) -> None:
    plugin = round_robin(f"loadbalance round_robin {{\nprefer {networks}\n}}", seed)
    reply = balanced(plugin, Reply(answer=[TXT, A1, MX1, A2, A3, V6, CNAME], depends=NO_KEYS))
    found = list(reply.answer)
    assert (found.pop(0), found.pop(), found.pop()) == (CNAME, TXT, MX1)
    for group in expected:
        assert {found.pop(0) for _ in group} == group
    assert (reply.depends, reply.rotate) == (None, False)


def test_preferred_networks_do_not_touch_the_authority_section() -> None:
    plugin = round_robin("loadbalance {\nprefer 10.0.0.2/32\n}")
    reply = balanced(plugin, Reply(authority=[A1, A2], depends=NO_KEYS))
    assert (reply.authority, reply.rotate, reply.depends) == ([A1, A2], True, NO_KEYS)


async def weighted(text: str, seed: int = 1) -> WeightedLoadBalance:
    host = FakeHost(files={"weights": text.encode()}, seed=seed)
    plugin = setup(directives("loadbalance weighted weights"), host)
    assert isinstance(plugin, WeightedLoadBalance)
    await host.start()
    return plugin


async def test_the_first_address_is_drawn_by_weight() -> None:
    plugin = await weighted("a.web\n10.0.0.1 6\n10.0.0.2 2")
    first = Counter(balanced(plugin, Reply(answer=[A1, A2, A3])).answer[0] for _ in range(900))
    assert 500 < first[A1] < 700
    assert 140 < first[A2] < 260
    assert 50 < first[A3] < 160


async def test_a_drawn_address_changes_places_with_the_first() -> None:
    plugin = await weighted("a.web\n10.0.0.3 255")
    orders = {tuple(balanced(plugin, Reply(answer=[MX1, A1, A2, A3, SRV])).answer) for _ in range(200)}
    assert (SRV, A3, A2, A1, MX1) in orders
    assert orders <= {(SRV, A3, A2, A1, MX1), (SRV, A1, A2, A3, MX1), (SRV, A2, A1, A3, MX1)}


@pytest.mark.parametrize(
    ("qtype", "answer", "kept"),
    [("A", [A1, A2], False), ("SRV", [A1, A2], False), ("A", [A1], True), ("MX", [A1, A2], True), ("A", [], True)],
)
async def test_what_was_drawn_holds_for_this_time_only(qtype: str, answer: list[Record], kept: bool) -> None:
    plugin = await weighted("")
    for section in ("answer", "additional"):
        reply = Reply(depends=NO_KEYS)
        setattr(reply, section, list(answer))
        balanced(plugin, reply, question("web.", qtype))
        assert (reply.depends == NO_KEYS) is kept


async def test_weights_leave_errors_alone() -> None:
    plugin = await weighted("")
    assert balanced(plugin, Reply(codes.NXDOMAIN, answer=[A1, CNAME])).answer == [A1, CNAME]
    assert plugin.answer(question(), Next(lambda: None)) is None


async def test_the_weight_file_is_read_as_often_as_told() -> None:
    host = FakeHost(files={"weights": b""})
    setup(directives("loadbalance weighted weights {\nreload 2s\n}"), host)
    await host.start()
    host.files["weights"] = b"a.web"
    host.advance(2)
    assert len(host.lines) == 2


def test_the_last_policy_counts() -> None:
    host = FakeHost(files={"w": b""})
    assert isinstance(setup(directives("loadbalance weighted w\nloadbalance"), host), LoadBalance)
    assert isinstance(setup(directives("loadbalance\nloadbalance weighted w"), host), WeightedLoadBalance)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loadbalance random", "unknown policy: random"),
        ("loadbalance round_robin 2", "unknown property for round_robin"),
        ("loadbalance {\nreload 2s\n}", "unknown property 'reload'"),
        ("loadbalance {\nprefer 10.0.0.1\n}", 'invalid CIDR "10.0.0.1": invalid CIDR address: 10.0.0.1'),
        ("loadbalance {\nprefer 10.0.0.1/33\n}", 'invalid CIDR "10.0.0.1/33"'),
        ("loadbalance weighted", "missing weight file argument"),
        ("loadbalance weighted a b", r"unexpected argument\(s\)"),
        ("loadbalance weighted a {\nreload\n}", "reload duration value is missing"),
        ("loadbalance weighted a {\nreload 1s 2s\n}", "unexpected argument"),
        ("loadbalance weighted a {\nreload a\n}", "invalid reload duration 'a'"),
        ("loadbalance weighted a {\nprefer 10.0.0.0/8\n}", "unknown property 'prefer'"),
    ],
)
def test_other_settings_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        setup(directives(text), FakeHost())
