from collections.abc import Callable
from typing import Any

import pytest

from resolver import limits
from resolver.answers.outcome import Answer, Failure, Pending, Reply, Settled
from resolver.corefile.tokens import BadConfig
from resolver.plugins.forward import Forward, setup
from resolver.plugins.forward_targets import Endpoint
from resolver.wire import codes
from resolver.wire.edns import option
from resolver.wire.message import parse_message
from resolver.wire.names import name_from_text
from resolver.wire.query import Edns, Query
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import Next, never, peer, question
from tests.support.stub_upstream import Respond, StubUpstream, answering, silent, unused_port, upstream

ADDRESS = "www.example.org. 300 IN A 198.51.100.7"
OTHER = "www.example.org. 300 IN A 198.51.100.8"
QUICK = "read_timeout 1ms\nhealth_check 1s"


def forward(text: str, host: FakeHost | None = None) -> Forward:
    return setup(directives(text), host or FakeHost())


def to(*stubs: StubUpstream, options: str = "", zone: str = ".") -> str:
    return f"forward {zone} {' '.join(stub.address for stub in stubs)} {{\n{options}\n}}"


async def ask(plugin: Forward, query: Query | None = None, next: Callable[[Query], Answer] = never) -> Settled:
    answer = plugin.answer(query or question("www.example.org."), next)
    return await answer if isinstance(answer, Pending) else answer


async def stopped(plugin: Forward) -> None:
    for forwarder in plugin.forwarders:
        await forwarder.close()


async def replied(plugin: Forward, query: Query | None = None) -> Reply:
    settled = await ask(plugin, query)
    assert isinstance(settled, Reply)
    return settled


def addresses(reply: Reply) -> list[bytes]:
    return [record.rdata for record in reply.answer]


def rows(plugin: Forward, name: str) -> dict[tuple[str, ...], Any]:
    return {tuple(value for _, value in row.labels): row.value for row in plugin.metrics() if row.name == name}


# -- what goes up and what comes back ----------------------------------------------------------------------------------


async def test_a_query_goes_up_with_flags_letter_case_and_edns_as_they_came() -> None:
    edns = Edns(1232, 0, True, option(10, b"12345678"))
    flags = codes.RD | codes.AD | codes.CD
    async with upstream(answering()) as stub:
        plugin = forward(to(stub))
        await replied(plugin, question("wWw.Example.org.", "AAAA", edns=edns, flags=flags))
        await stopped(plugin)
    ((packet, network, _),) = stub.seen
    message = parse_message(packet)
    assert (network, message.flags) == ("udp", flags)
    assert message.questions == ((name_from_text("wWw.Example.org."), codes.AAAA, codes.IN),)
    assert message.opt == (1232, 0, 0x8000, option(10, b"12345678"))


async def test_without_edns_none_is_added() -> None:
    async with upstream(answering()) as stub:
        plugin = forward(to(stub))
        await replied(plugin)
        await stopped(plugin)
    assert parse_message(stub.seen[0][0]).opt is None


async def test_a_reply_comes_back_unchanged() -> None:
    def respond(packet: bytes, network: str) -> list[bytes]:
        reply = bytearray(answering(ADDRESS, OTHER)(packet, network)[0])
        reply[2] |= codes.AA >> 8
        reply[3] |= codes.AD
        return [bytes(reply)]

    async with upstream(respond) as stub:
        plugin = forward(to(stub))
        reply = await replied(plugin)
        await stopped(plugin)
    assert reply.flags == codes.RD | codes.AA | codes.RA | codes.AD
    assert sorted(addresses(reply)) == [b"\xc6\x33\x64\x07", b"\xc6\x33\x64\x08"]
    assert [record.ttl for record in reply.answer] == [300, 300]
    assert reply.depends is None


async def test_the_client_s_transport_is_followed() -> None:
    async with upstream(answering(ADDRESS)) as stub:
        plugin = forward(to(stub))
        await replied(plugin, question("www.example.org.", client=peer(protocol="tcp")))
        await replied(plugin, question("www.example.org.", client=peer(protocol="udp")))
        await stopped(plugin)
    assert [network for _, network, _ in stub.seen] == ["tcp", "udp"]


async def test_force_tcp_and_prefer_udp_choose_the_transport() -> None:
    async with upstream(answering(ADDRESS)) as stub:
        forced, preferred = forward(to(stub, options="force_tcp")), forward(to(stub, options="prefer_udp"))
        await replied(forced)
        await replied(preferred, question("www.example.org.", client=peer(protocol="tcp")))
        both = forward(to(stub, options="prefer_udp\nforce_tcp"))
        await replied(both)
        for plugin in (forced, preferred, both):
            await stopped(plugin)
    assert [network for _, network, _ in stub.seen] == ["tcp", "udp", "tcp"]


def truncated_over_udp(packet: bytes, network: str) -> list[bytes]:
    reply = bytearray(answering(*([] if network == "udp" else [ADDRESS]))(packet, network)[0])
    if network == "udp":
        reply[2] |= codes.TC >> 8
    return [bytes(reply)]


async def test_prefer_udp_asks_again_over_tcp_what_came_truncated() -> None:
    async with upstream(truncated_over_udp) as stub:
        preferred, plain = forward(to(stub, options="prefer_udp")), forward(to(stub))
        assert len((await replied(preferred)).answer) == 1
        reply = await replied(plain)
        assert (reply.answer, reply.flags & codes.TC) == ([], codes.TC)
        for plugin in (preferred, plain):
            await stopped(plugin)
    assert [network for _, network, _ in stub.seen] == ["udp", "tcp", "udp"]


async def test_the_edns_size_of_the_client_bounds_a_datagram() -> None:
    many = [f"www.example.org. 300 IN A 198.51.100.{n}" for n in range(60)]
    async with upstream(answering(*many)) as stub:
        plugin = forward(to(stub))
        small = await replied(plugin)
        large = await replied(plugin, question("www.example.org.", edns=Edns(1232)))
        await stopped(plugin)
    assert (len(small.answer), small.flags & codes.TC) == (0, codes.TC)
    assert (len(large.answer), large.flags & codes.TC) == (60, 0)


def changed(place: int, value: int) -> Respond:
    """A reply with one byte changed."""

    def respond(packet: bytes, network: str) -> list[bytes]:
        reply = bytearray(answering()(packet, network)[0])
        reply[place] = value
        return [bytes(reply)]

    return respond


def echoed(packet: bytes, network: str) -> list[bytes]:
    return [packet]


def header_only(packet: bytes, network: str) -> list[bytes]:
    return [answering()(packet, network)[0][:12]]


def in_lower_case(packet: bytes, network: str) -> list[bytes]:
    reply = answering()(packet, network)[0]
    return [reply[:12] + reply[12:].lower()]


WRONG = [
    ("another name", changed(13, ord("x"))),
    ("another type", changed(12 + 17 + 1, codes.TXT)),
    ("another class", changed(12 + 17 + 3, 3)),
    ("no response", echoed),
    ("no question", header_only),
]


@pytest.mark.parametrize("respond", [row[1] for row in WRONG], ids=[row[0] for row in WRONG])
async def test_a_reply_to_something_else_is_answered_with_formerr(respond: Respond) -> None:
    async with upstream(respond) as stub:
        plugin = forward(to(stub))
        reply = await replied(plugin)
        await stopped(plugin)
    assert (reply.rcode, reply.flags, reply.answer) == (codes.FORMERR, 0, [])


async def test_letter_case_of_the_reply_s_question_does_not_matter() -> None:
    async with upstream(in_lower_case) as stub:
        plugin = forward(to(stub))
        assert (await replied(plugin, question("WWW.example.org."))).rcode == codes.NOERROR
        await stopped(plugin)


async def test_nothing_runs_before_it_is_awaited() -> None:
    async with upstream(answering()) as stub:
        plugin = forward(to(stub))
        answer = plugin.answer(question("www.example.org."), never)
        assert isinstance(answer, Pending)
        del answer
    assert stub.seen == []


# -- which names ------------------------------------------------------------------------------------------------------

NAMES = [
    ("example.org", "", "example.org.", True),
    ("example.org", "", "WWW.example.ORG.", True),
    ("example.org", "", "badexample.org.", False),
    ("example.org", "", "org.", False),
    (".", "except internal.example.org", "www.example.org.", True),
    (".", "except internal.example.org", "internal.example.org.", False),
    (".", "except internal.example.org", "a.Internal.example.org.", False),
    ("example.org", "except example.org", "example.org.", True),
    ("example.org", "except example.org", "www.example.org.", False),
    ("10.0.0.0/8", "", "1.0.0.10.in-addr.arpa.", True),
    ("10.0.0.0/8", "", "1.0.0.11.in-addr.arpa.", False),
]


@pytest.mark.parametrize(("zone", "options", "name", "taken"), NAMES)
def test_names_outside_the_zone_and_exceptions_go_to_the_next_plugin(
    zone: str, options: str, name: str, taken: bool
) -> None:
    plugin = forward(f"forward {zone} 10.0.0.1 {{\n{options}\n}}")
    following = Next(lambda: Failure(codes.SERVFAIL))
    answer = plugin.answer(question(name), following)
    assert isinstance(answer, Pending) is taken
    assert len(following.asked) == (0 if taken else 1)


async def test_the_first_of_several_forwards_that_takes_the_name_is_asked() -> None:
    async with upstream(answering(ADDRESS)) as one, upstream(answering(OTHER)) as two:
        plugin = forward(to(one, zone="example.com") + "\n" + to(two, zone="example.org"))
        assert addresses(await replied(plugin)) == [b"\xc6\x33\x64\x08"]
        await stopped(plugin)
    assert (len(one.seen), len(two.seen)) == (0, 1)


# -- several upstreams ------------------------------------------------------------------------------------------------


async def test_sequential_always_begins_with_the_first() -> None:
    async with upstream(answering()) as one, upstream(answering()) as two:
        plugin = forward(to(one, two, options="policy sequential"))
        for _ in range(4):
            await replied(plugin)
        await stopped(plugin)
    assert (len(one.seen), len(two.seen)) == (4, 0)


async def test_round_robin_begins_with_the_second() -> None:
    order: list[str] = []

    def noting(word: str) -> Respond:
        def respond(packet: bytes, network: str) -> list[bytes]:
            order.append(word)
            return answering()(packet, network)

        return respond

    async with upstream(noting("one")) as one, upstream(noting("two")) as two, upstream(noting("three")) as three:
        plugin = forward(to(one, two, three, options="policy round_robin"))
        for _ in range(4):
            await replied(plugin)
        await stopped(plugin)
    assert order == ["two", "three", "one", "two"]


async def test_random_uses_them_all() -> None:
    async with upstream(answering()) as one, upstream(answering()) as two, upstream(answering()) as three:
        plugin = forward(to(one, two, three))
        for _ in range(60):
            await replied(plugin)
        await stopped(plugin)
    assert min(len(stub.seen) for stub in (one, two, three)) > 5


async def test_the_next_upstream_is_asked_where_one_fails_and_the_failed_one_is_checked() -> None:
    host = FakeHost()
    gone = StubUpstream(port=unused_port())
    async with upstream(answering(ADDRESS)) as stub:
        plugin = forward(to(gone, stub, options="policy sequential"), host)
        assert len((await replied(plugin)).answer) == 1
        await stopped(plugin)
        assert len(host.tasks) == 1
        await host.stop()


async def test_where_all_fail_the_last_error_is_told_after_two_attempts_each() -> None:
    async with upstream(silent) as one, upstream(silent) as two:
        host = FakeHost()
        plugin = forward(to(one, two, options=f"policy sequential\n{QUICK}"), host)
        failure = await ask(plugin)
        await stopped(plugin)
        await host.stop()
    assert isinstance(failure, Failure)
    assert failure.rcode == codes.SERVFAIL
    assert failure.error.startswith("read udp 127.0.0.1:")
    assert failure.error.endswith(f"->{two.address}: i/o timeout")
    asked = [
        name for stub in (one, two) for packet, _, _ in stub.seen for name, _, _ in parse_message(packet).questions
    ]
    assert asked.count(name_from_text("www.example.org.")) == 4


@pytest.mark.parametrize("attempts", [1, 3])
async def test_max_connect_attempts_counts_failures(attempts: int) -> None:
    async with upstream(silent) as stub:
        options = f"max_connect_attempts {attempts}\nmax_fails 0\n{QUICK}"
        plugin = forward(to(stub, options=options))
        assert isinstance(await ask(plugin), Failure)
        await stopped(plugin)
    assert len(stub.seen) == attempts


async def test_without_a_limit_of_attempts_time_is_the_limit_and_there_is_a_pause_between_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "FORWARD_SECONDS", 0.02)
    host = FakeHost()
    plugin = forward(f"forward . 127.0.0.1:{unused_port()} {{\nmax_connect_attempts 0\nmax_fails 0\n}}", host)
    assert isinstance(await ask(plugin), Failure)
    await stopped(plugin)
    assert len(host.slept) > 2
    assert set(host.slept) == {limits.FORWARD_PAUSE}


def make_down(plugin: Forward, *places: int) -> None:
    for place in places:
        plugin.forwarders[0].upstreams[place].fails = 100


async def test_an_upstream_that_is_down_is_passed_over() -> None:
    async with upstream(answering(ADDRESS)) as one, upstream(answering(OTHER)) as two:
        plugin = forward(to(one, two, options="policy sequential"))
        make_down(plugin, 0)
        assert addresses(await replied(plugin)) == [b"\xc6\x33\x64\x08"]
        await stopped(plugin)
    assert one.seen == []


async def test_where_all_are_down_one_is_tried_anyway() -> None:
    async with upstream(answering()) as one, upstream(answering()) as two:
        plugin = forward(to(one, two))
        make_down(plugin, 0, 1)
        await replied(plugin)
        await stopped(plugin)
    assert len(one.seen) + len(two.seen) == 1
    assert rows(plugin, "coredns_forward_healthcheck_broken_total") == {(): 1}


async def test_failfast_asks_none_where_all_are_down() -> None:
    async with upstream(answering()) as one, upstream(answering()) as two:
        plugin = forward(to(one, two, options="failfast_all_unhealthy_upstreams"))
        make_down(plugin, 0, 1)
        failure = await ask(plugin)
        await stopped(plugin)
    assert isinstance(failure, Failure)
    assert (failure.rcode, failure.error) == (codes.SERVFAIL, "no healthy proxies")
    assert one.seen + two.seen == []


async def test_failover_asks_the_next_upstream_and_passes_the_last_reply() -> None:
    options = "policy sequential\nfailover SERVFAIL REFUSED"
    async with upstream(answering(rcode=codes.SERVFAIL)) as one, upstream(answering(ADDRESS)) as two:
        plugin = forward(to(one, two, options=options))
        assert (await replied(plugin)).rcode == codes.NOERROR
        two.respond = answering(rcode=codes.REFUSED)
        assert (await replied(plugin)).rcode == codes.REFUSED
        await stopped(plugin)
    assert (len(one.seen), len(two.seen)) == (2, 2)


async def test_max_concurrent_refuses_what_is_too_much() -> None:
    async with upstream(silent) as stub:
        plugin = forward(to(stub, options=f"max_concurrent 1\nmax_fails 0\n{QUICK}"))
        plugin.forwarders[0].concurrent = 1
        refused = await ask(plugin)
        plugin.forwarders[0].concurrent = 0
        failed = await ask(plugin)
        await stopped(plugin)
    assert isinstance(refused, Failure)
    assert (refused.rcode, refused.error) == (codes.REFUSED, "concurrent queries exceeded maximum 1")
    assert isinstance(failed, Failure)
    assert failed.rcode == codes.SERVFAIL
    assert plugin.forwarders[0].concurrent == 0
    assert rows(plugin, "coredns_forward_max_concurrent_rejects_total") == {(): 1}


# -- from one forward to the next -------------------------------------------------------------------------------------

PASSED_ON = [
    ("next NXDOMAIN", answering(rcode=codes.NXDOMAIN), True),
    ("next NXDOMAIN", answering(), False),
    ("next_on_nodata", answering(), True),
    ("next_on_nodata", answering(OTHER), False),
    ("next_on_nodata", answering(rcode=codes.NXDOMAIN), False),
]


@pytest.mark.parametrize(("options", "respond", "passed"), PASSED_ON)
async def test_next_leaves_a_reply_to_the_next_forward(options: str, respond: Respond, passed: bool) -> None:
    async with upstream(respond) as one, upstream(answering(ADDRESS)) as two:
        plugin = forward(to(one, options=options) + "\n" + to(two))
        reply = await replied(plugin)
        await stopped(plugin)
    assert len(one.seen) == 1
    assert len(two.seen) == (1 if passed else 0)
    if passed:
        assert addresses(reply) == [b"\xc6\x33\x64\x07"]


async def test_next_leaves_nothing_to_other_plugins() -> None:
    async with upstream(answering(rcode=codes.NXDOMAIN)) as stub:
        plugin = forward(to(stub, options="next NXDOMAIN\nnext_on_nodata"))
        assert (await replied(plugin)).rcode == codes.NXDOMAIN
        await stopped(plugin)


async def test_a_next_forward_that_does_not_take_the_name_passes_it_to_the_next_plugin() -> None:
    following = Next(lambda: Failure(codes.SERVFAIL, "plugin/forward: no next plugin found"))
    async with upstream(answering(rcode=codes.NXDOMAIN)) as stub:
        plugin = forward(to(stub, options="next NXDOMAIN") + "\nforward example.com 10.0.0.1")
        failure = await ask(plugin, next=following)
        await stopped(plugin)
    assert isinstance(failure, Failure)
    assert len(following.asked) == 1


# -- set-up -----------------------------------------------------------------------------------------------------------


def test_a_file_of_name_servers_gives_the_upstreams() -> None:
    host = FakeHost(files={"/etc/resolv.conf": b"search a\nnameserver 10.0.0.1\nnameserver 2001:db8::1\n"})
    plugin = forward("forward . /etc/resolv.conf 10.0.0.1", host)
    found = [upstream.endpoint for upstream in plugin.forwarders[0].upstreams]
    assert found == [Endpoint("10.0.0.1", 53), Endpoint("2001:db8::1", 53)]


async def test_host_names_are_looked_up_when_the_server_starts() -> None:
    async with upstream(answering("dns.shop. 5 IN A 127.0.0.1")) as stub:
        host = FakeHost()
        plugin = forward(f"forward . 10.0.0.1 dns.shop:5353 {{\nresolver {stub.address}\n}}", host)
        assert plugin.forwarders[0].upstreams == ()
        await host.start()
    found = [str(upstream.endpoint) for upstream in plugin.forwarders[0].upstreams]
    assert found == ["10.0.0.1:53", "127.0.0.1:5353"]


def test_without_any_upstream_the_block_is_refused() -> None:
    host = FakeHost(files={"/etc/resolv.conf": b"search a\n"})
    with pytest.raises(BadConfig, match="no valid upstream addresses found"):
        forward("forward . /etc/resolv.conf", host)


async def test_idle_sockets_are_swept_and_all_are_closed_at_the_end() -> None:
    host = FakeHost()
    async with upstream(answering(ADDRESS)) as stub:
        plugin = forward(to(stub, options="expire 0s"), host)
        await replied(plugin)
        host.advance(limits.FORWARD_EXPIRE)
        await host.stop()
        failure = await ask(plugin)
        assert isinstance(failure, Reply)  # a query that was on its way when the block ended
        await host.stop()


def test_warnings_of_the_set_up_are_logged() -> None:
    host = FakeHost()
    forward("forward 10.0.0.0/23 10.0.0.1", host)
    assert host.logged[0][0] == "WARNING"
