import asyncio
from collections.abc import Callable

import pytest

from resolver.answers.outcome import NO_KEYS, Answer, Failure, Pending, Reply, Settled
from resolver.corefile.tokens import BadConfig
from resolver.plugins.cache import Cache, setup
from resolver.wire import codes
from resolver.wire.query import Edns, Query
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import Next, never, peer, pending, question, record

A = "web.shop. {} A 10.0.0.1"
B = "web.shop. {} A 10.0.0.2"
SOA = "shop. 60 SOA ns.shop. admin.shop. 1 2 3 4 900"


def cache(text: str = "cache", host: FakeHost | None = None) -> tuple[Cache, FakeHost]:
    host = host or FakeHost()
    return setup(directives(text), host), host


def with_options(*lines: str) -> str:
    return "\n".join(("cache {", *lines, "}"))


def found(ttl: int = 30, text: str = A, flags: int = codes.RA) -> Reply:
    return Reply(codes.NOERROR, flags, [record(text.format(ttl))])


def missing() -> Reply:
    return Reply(codes.NXDOMAIN, codes.RA, authority=[record(SOA)])


async def ask(plugin: Cache, next: Callable[[Query], Answer], query: Query | None = None) -> Settled:
    answer = plugin.answer(query or question("web.shop."), next)
    return await answer if isinstance(answer, Pending) else answer


async def replied(plugin: Cache, next: Callable[[Query], Answer], query: Query | None = None) -> Reply:
    settled = await ask(plugin, next, query)
    assert isinstance(settled, Reply)
    return settled


def rows(plugin: Cache, name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(value for _, value in row.labels): row.value
        for row in plugin.metrics()
        if row.name == f"coredns_cache_{name}" and isinstance(row.value, int | float)
    }


# -- misses and hits --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wait", [False, True])
async def test_the_second_question_is_answered_from_the_cache_with_the_time_that_is_left(wait: bool) -> None:
    plugin, host = cache()
    following = Next(lambda: pending(found(300)) if wait else found(300))
    first = await replied(plugin, following)
    host.advance(10.5)
    second = await replied(plugin, never)
    assert [reply.answer[0].ttl for reply in (first, second)] == [300, 290]
    assert (second.flags, second.depends) == (codes.RA, None)
    assert len(following.asked) == 1


async def test_after_its_time_a_reply_is_asked_for_anew() -> None:
    plugin, host = cache("cache 30")
    following = Next(lambda: found(300))
    for _ in range(3):
        assert (await replied(plugin, following)).answer[0].ttl == 30
        host.advance(30)
    assert len(following.asked) == 3


DIFFERENT = [
    ("another name", question("web2.shop.")),
    ("another type", question("web.shop.", "AAAA")),
    ("with DO", question("web.shop.", edns=Edns(1232, do=True))),
    ("with CD", question("web.shop.", flags=codes.RD | codes.CD)),
]


@pytest.mark.parametrize("query", [row[1] for row in DIFFERENT], ids=[row[0] for row in DIFFERENT])
async def test_a_different_question_is_another_entry(query: Query) -> None:
    plugin, _ = cache()
    await ask(plugin, lambda query: found())
    following = Next(found)
    await ask(plugin, following, query)
    assert len(following.asked) == 1


SAME = [
    ("other letters", question("WEB.shop.")),
    ("without RD", question("web.shop.", flags=0)),
    ("with EDNS", question("web.shop.", edns=Edns(4096))),
    ("over TCP", question("web.shop.", client=peer(protocol="tcp"))),
]


@pytest.mark.parametrize("query", [row[1] for row in SAME], ids=[row[0] for row in SAME])
async def test_the_same_question_finds_the_entry_with_its_owner_as_it_came(query: Query) -> None:
    plugin, _ = cache()
    await ask(plugin, lambda query: found())
    assert (await replied(plugin, never, query)).answer == [record(A.format(30))]


async def test_denials_and_failures_are_kept_too() -> None:
    plugin, host = cache()
    for make in (missing, lambda: Reply(codes.SERVFAIL)):
        await ask(plugin, Next(make))
        reply = await replied(plugin, never)
        assert reply.rcode == make().rcode
        host.advance(100)
    assert plugin.keeping.hits == {"success": 0, "denial": 2}


async def test_a_failure_with_a_reason_is_kept_as_a_bare_servfail_for_later_askers() -> None:
    plugin, host = cache()
    failure = Failure(codes.SERVFAIL, "read udp 127.0.0.1:1->127.0.0.1:53: i/o timeout")
    assert await ask(plugin, Next(lambda: failure)) is failure
    later = await replied(plugin, never)
    assert (later.rcode, later.flags, later.sections) == (codes.SERVFAIL, 0, ([], [], []))
    host.advance(5)
    following = Next(lambda: failure)
    await ask(plugin, following)
    assert len(following.asked) == 1


NOT_KEPT = [
    ("without a reason", "cache", Failure(codes.SERVFAIL)),
    ("refused", "cache", Failure(codes.REFUSED, "concurrent queries exceeded maximum 1")),
    ("silence", "cache", None),
    ("with servfail 0", with_options("servfail 0"), Failure(codes.SERVFAIL, "gone")),
    ("with denials disabled", with_options("disable denial"), Failure(codes.SERVFAIL, "gone")),
]


@pytest.mark.parametrize(("text", "settled"), [row[1:] for row in NOT_KEPT], ids=[row[0] for row in NOT_KEPT])
async def test_other_failures_are_asked_for_again(text: str, settled: Settled) -> None:
    plugin, _ = cache(text)
    following = Next(lambda: settled)
    for _ in range(2):
        assert await ask(plugin, following) is settled
    assert len(following.asked) == 2


@pytest.mark.parametrize("wait", [False, True])
async def test_replies_of_our_own_pass_by_and_are_not_kept(wait: bool) -> None:
    plugin, _ = cache()

    def own() -> Answer:
        reply = Reply(answer=[record(A.format(0))], depends=NO_KEYS)
        return pending(reply) if wait else reply

    following = Next(own)
    for _ in range(2):
        reply = await replied(plugin, following)
        assert (reply.answer[0].ttl, reply.depends) == (5, NO_KEYS)
    assert len(following.asked) == 2
    assert (plugin.requests, plugin.misses) == (2, 2)


async def test_names_outside_the_zones_and_other_opcodes_pass_by_untouched() -> None:
    plugin, _ = cache("cache example.org")
    for query in (question("web.shop."), question("example.org.", flags=codes.NOTIFY << 11)):
        for _ in range(2):
            following = Next(lambda: found(0))
            assert (await replied(plugin, following, query)).answer[0].ttl == 0
            assert len(following.asked) == 1
    assert plugin.requests == 0


async def test_without_zones_of_its_own_those_of_the_block_count() -> None:
    plugin, _ = cache("cache", FakeHost("shop.", "example.org."))
    await ask(plugin, lambda query: found())
    assert (await replied(plugin, never)).answer
    assert rows(plugin, "requests_total") == {("dns://:53", "shop.,example.org.", ""): 2}


async def test_upstreams_are_asked_with_ad_and_the_client_s_question_stays_as_it_was() -> None:
    plugin, _ = cache()
    seen: list[int] = []

    def following(query: Query) -> Answer:
        seen.append(query.flags)
        return found(flags=codes.AD)

    query = question("web.shop.", flags=codes.RD)
    first = await replied(plugin, following, query)
    assert (seen, query.flags) == ([codes.RD | codes.AD], codes.RD)
    aware = await replied(plugin, never, question("web.shop.", flags=codes.RD | codes.AD))
    plain = await replied(plugin, never)
    assert [reply.flags for reply in (first, aware, plain)] == [0, codes.AD, 0]


async def test_aa_is_that_of_the_stored_reply() -> None:
    plugin, _ = cache()
    await ask(plugin, lambda query: found(flags=codes.AA))
    assert (await replied(plugin, never)).flags == codes.AA


async def test_keepttl_shows_the_whole_time() -> None:
    plugin, host = cache(with_options("keepttl"))
    await ask(plugin, lambda query: found(30))
    host.advance(29)
    assert (await replied(plugin, never)).answer[0].ttl == 30


# -- prefetch ---------------------------------------------------------------------------------------------------------


async def settle(host: FakeHost) -> None:
    """Lets what runs beside the questions end."""
    await asyncio.gather(*host.tasks)


async def test_a_reply_asked_for_often_is_fetched_before_its_end() -> None:
    plugin, host = cache(with_options("prefetch 2 1m 50%"))
    await ask(plugin, lambda query: found(100))
    following = Next(lambda: pending(found(100, B)))
    for at in (20, 60):  # the first hit; then the second, with less than half of its time left
        host.advance(at - host.elapsed)
        assert (await replied(plugin, following)).answer == [record(A.format(100 - at))]
    assert host.tasks
    await settle(host)
    assert (await replied(plugin, never)).answer == [record(B.format(100))]
    assert plugin.prefetches == 1


async def test_what_prefetch_asks_comes_over_tcp_with_ad_and_keeps_the_count_of_hits() -> None:
    plugin, host = cache(with_options("prefetch 1 1m 90%"))
    edns = Edns(1232)
    await ask(plugin, lambda query: found(10), question("Web.shop.", edns=edns))
    host.advance(5)
    following = Next(lambda: found(10))
    await ask(plugin, following, question("Web.shop.", edns=edns))
    await settle(host)
    (asked,) = following.asked
    assert (asked.client.protocol, asked.limit) == ("tcp", 65_535)
    assert asked.flags == codes.RD | codes.AD
    assert (asked.asked, asked.edns) == (b"\x03Web\x04shop\0", edns)
    newest = plugin.keeping.newest((b"\x03web\x04shop\0", codes.A, codes.IN, False, 0))
    assert newest is not None
    assert newest.hits == 1


async def test_while_one_prefetch_runs_no_other_begins() -> None:
    plugin, host = cache(with_options("prefetch 1 1m 90%"))
    await ask(plugin, lambda query: found(10))
    host.advance(5)
    following = Next(lambda: pending(found(10)))
    for _ in range(3):
        await ask(plugin, following)
    await settle(host)
    assert len(following.asked) == 1


@pytest.mark.parametrize("settled", [Failure(codes.SERVFAIL, "gone"), None, Reply(depends=NO_KEYS)])
async def test_a_prefetch_that_brings_nothing_to_keep_changes_nothing(settled: Settled) -> None:
    plugin, host = cache(with_options("prefetch 1 1m 90%"))
    await ask(plugin, lambda query: found(10))
    host.advance(5)
    await ask(plugin, Next(lambda: settled))
    await settle(host)
    assert (await replied(plugin, Next(lambda: settled))).answer == [record(A.format(5))]
    await settle(host)
    assert len(plugin.keeping.denials) == 0


# -- serve_stale ------------------------------------------------------------------------------------------------------


async def stale(text: str, ttl: int = 30) -> tuple[Cache, FakeHost]:
    """A cache whose one reply ended ten seconds ago."""
    plugin, host = cache(with_options(text))
    await ask(plugin, lambda query: found(ttl))
    host.advance(ttl + 10)
    return plugin, host


async def test_a_stale_reply_is_given_at_once_and_refreshed_behind_the_client_s_back() -> None:
    plugin, host = await stale("serve_stale")
    following = Next(lambda: pending(found(30, B)))
    assert (await replied(plugin, following)).answer == [record(A.format(0))]
    await settle(host)
    assert (await replied(plugin, never)).answer == [record(B.format(30))]
    assert (plugin.served_stale, plugin.prefetches, len(following.asked)) == (1, 1, 1)


async def test_a_failed_refresh_leaves_the_stale_reply_and_is_tried_again() -> None:
    plugin, host = await stale("serve_stale")
    for settled in (Failure(codes.SERVFAIL, "gone"), Reply(codes.SERVFAIL), None):
        following = Next(lambda settled=settled: settled)  # type: ignore[misc]
        assert (await replied(plugin, following)).answer == [record(A.format(0))]
        await settle(host)
        assert len(following.asked) == 1


async def test_with_a_recheck_time_a_failed_refresh_is_not_tried_again_before_it() -> None:
    plugin, host = await stale("serve_stale 1h immediate 0s 20s")
    following = Next(lambda: Failure(codes.SERVFAIL, "gone"))
    for asked, wait in ((1, 19), (1, 1), (2, 0)):
        await ask(plugin, following)
        await settle(host)
        assert len(following.asked) == asked
        host.advance(wait)


STALE_TTLS = [
    ("serve_stale 1h immediate 15s", "", 15),
    ("serve_stale 1h", "keepttl", 30),
    ("serve_stale 1h immediate 15s", "keepttl", 15),
]


@pytest.mark.parametrize(("text", "more", "ttl"), STALE_TTLS)
async def test_the_ttl_of_a_stale_reply(text: str, more: str, ttl: int) -> None:
    plugin, host = await stale(f"{text}\n{more}")
    assert (await replied(plugin, lambda query: None)).answer[0].ttl == ttl
    await settle(host)


async def test_past_the_time_for_stale_replies_the_question_is_asked_anew() -> None:
    plugin, host = await stale("serve_stale 60s")
    host.advance(50)
    assert (await replied(plugin, lambda query: found(30, B))).answer == [record(B.format(30))]


@pytest.mark.parametrize("wait", [False, True])
@pytest.mark.parametrize("text", ["serve_stale 1h verify", "serve_stale 1h verify 0s 0s 10s"])
async def test_verify_gives_the_reply_of_now(text: str, wait: bool) -> None:
    plugin, _ = await stale(text)
    following = Next(lambda: pending(found(30, B)) if wait else found(30, B))
    assert (await replied(plugin, following)).answer == [record(B.format(30))]
    assert (await replied(plugin, never)).answer == [record(B.format(30))]
    assert plugin.served_stale == 0


@pytest.mark.parametrize(
    "text", ["serve_stale 1h verify", "serve_stale 1h verify 100ms", "serve_stale 1h verify 0s 0s 10s"]
)
@pytest.mark.parametrize("settled", [Failure(codes.SERVFAIL, "gone"), Reply(codes.SERVFAIL), None])
async def test_verify_gives_the_stale_reply_where_there_is_no_good_one(text: str, settled: Settled) -> None:
    plugin, _ = await stale(text)
    assert (await replied(plugin, Next(lambda: pending(settled)))).answer == [record(A.format(0))]
    assert plugin.served_stale == 1


async def test_verify_with_a_timeout_gives_a_reply_that_comes_in_time() -> None:
    plugin, _ = await stale("serve_stale 1h verify 100ms")
    assert (await replied(plugin, Next(lambda: pending(found(30, B))))).answer == [record(B.format(30))]


async def test_verify_with_a_timeout_gives_the_stale_reply_after_it_and_the_refresh_goes_on() -> None:
    plugin, host = await stale("serve_stale 1h verify 100ms")
    late: asyncio.Future[Settled] = asyncio.get_running_loop().create_future()
    following = Next(lambda: Pending(late))
    assert (await replied(plugin, following)).answer == [record(A.format(0))]
    assert (await replied(plugin, never)).answer == [record(A.format(0))]  # while the refresh is on its way
    late.set_result(found(30, B))
    await settle(host)
    assert (await replied(plugin, never)).answer == [record(B.format(30))]
    assert plugin.served_stale == 2


async def test_verify_that_is_never_awaited_leaves_no_trace() -> None:
    plugin, _ = await stale("serve_stale 1h verify 100ms")
    assert isinstance(plugin.answer(question("web.shop."), never), Pending)
    assert (await replied(plugin, lambda query: found(30, B))).answer == [record(B.format(30))]


async def test_with_a_recheck_time_verify_waits_after_a_failure() -> None:
    plugin, host = await stale("serve_stale 1h verify 0s 0s 20s")
    following = Next(lambda: Failure(codes.SERVFAIL, "gone"))
    await ask(plugin, following)
    host.advance(19)
    await ask(plugin, following)
    assert len(following.asked) == 1
    host.advance(1)
    await ask(plugin, following)
    assert len(following.asked) == 2


async def test_with_prefer_positive_a_denial_does_not_take_a_stale_answer_s_place() -> None:
    plugin, _ = await stale("serve_stale 1h verify\nserve_stale_policy prefer_positive")
    following = Next(missing)
    for _ in range(2):
        assert (await replied(plugin, following)).answer == [record(A.format(0))]
    assert len(plugin.keeping.denials) == 1


# -- the rest ---------------------------------------------------------------------------------------------------------


async def test_metrics_have_the_names_and_labels_of_coredns() -> None:
    plugin, _ = cache("cache 30")
    await ask(plugin, lambda query: found())
    await ask(plugin, never)
    await ask(plugin, Next(missing), question("no.shop."))
    labels = ("dns://:53", ".", "")
    assert rows(plugin, "requests_total") == {labels: 3}
    assert rows(plugin, "misses_total") == {labels: 2}
    assert rows(plugin, "hits_total") == {("dns://:53", "success", ".", ""): 1, ("dns://:53", "denial", ".", ""): 0}
    assert rows(plugin, "entries") == {("dns://:53", "success", ".", ""): 1, ("dns://:53", "denial", ".", ""): 1}
    names = {tuple(name for name, _ in row.labels) for row in plugin.metrics()}
    assert names == {("server", "zones", "view"), ("server", "type", "zones", "view")}
    for name in ("evictions_total", "prefetch_total", "served_stale_total"):
        assert set(rows(plugin, name).values()) == {0}


def test_a_second_cache_in_a_block_is_refused() -> None:
    with pytest.raises(BadConfig, match="this plugin can only be used once per Server Block"):
        cache("cache 30\ncache 60")
    with pytest.raises(BadConfig, match="this plugin can only be used once per Server Block"):
        cache("cache {\nsuccess 100 {\nkeepttl\n}\n}")
