import asyncio
from collections.abc import Callable

import pytest

from resolver.answers.outcome import Answer, Failure, Pending, Reply
from resolver.corefile.tokens import BadConfig
from resolver.plugins.loop import Loop, setup
from resolver.wire import codes
from resolver.wire.names import labels_of, name_from_text, name_to_text
from resolver.wire.query import Query
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import Next, peer, pending, question

FAILED = Failure(codes.SERVFAIL)


def loop(*zones: str, text: str = "loop") -> tuple[Loop, FakeHost]:
    host = FakeHost(*zones)
    host.servers = ("dns://:1053",)
    return setup(directives(text), host), host


def probe(plugin: Loop, client: str = "127.0.0.1") -> Query:
    """The plugin's own question as it comes back."""
    return question(name_to_text(plugin.name_asked), "HINFO", client=peer(client, 41_234))


async def probed(plugin: Loop, host: FakeHost) -> None:
    await host.start()
    for task in host.tasks:
        await task


@pytest.mark.parametrize("zone", [".", "cluster.local."])
def test_the_name_of_a_probe_is_two_random_numbers_below_the_first_zone(zone: str) -> None:
    plugin, _ = loop(zone, "example.org.")
    first, second, *rest = labels_of(plugin.name_asked)
    assert int(first) != int(second)
    assert rest == labels_of(name_from_text(zone))
    assert plugin.name_asked != loop(zone)[0].name_asked


@pytest.mark.parametrize(("client", "shown"), [("127.0.0.1", "127.0.0.1:41234"), ("::1", "[::1]:41234")])
def test_a_probe_that_comes_a_third_time_ends_the_program(client: str, shown: str) -> None:
    plugin, host = loop("cluster.local.")
    following = Next(lambda: FAILED)
    for _ in range(2):
        assert plugin.answer(probe(plugin, client), following) is FAILED
    assert host.died == []
    assert plugin.answer(probe(plugin, client), following) is None
    name = name_to_text(plugin.name_asked)
    assert host.died == [
        f'plugin/loop: Loop ({shown} -> :1053) detected for zone "cluster.local.", '
        f'see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO {name}"'
    ]
    plugin.answer(probe(plugin, client), following)
    assert len(host.died) == 1


@pytest.mark.parametrize(
    ("name", "qtype"), [("web.shop.", "HINFO"), ("1.2.cluster.local.", "HINFO"), ("web.cluster.local.", "A")]
)
def test_other_questions_are_not_counted(name: str, qtype: str) -> None:
    plugin, _ = loop("cluster.local.")
    following = Next(lambda: FAILED)
    for _ in range(5):
        plugin.answer(question(name, qtype), following)
    assert (plugin.seen, len(following.asked)) == (0, 5)


@pytest.mark.parametrize("make", [lambda: FAILED, lambda: Reply(codes.NXDOMAIN), lambda: pending(Reply())])
async def test_any_reply_to_a_probe_switches_it_off(make: Callable[[], Answer]) -> None:
    plugin, host = loop()
    host.answer_itself = Next(make)
    await probed(plugin, host)
    (asked,) = host.asked
    assert (asked.name, asked.qtype, asked.flags) == (plugin.name_asked, codes.HINFO, codes.RD)
    assert (plugin.off, host.slept) == (True, [])
    for _ in range(5):
        plugin.answer(probe(plugin), Next(lambda: FAILED))
    assert host.died == []


async def test_a_probe_without_reply_is_sent_again_each_second_and_begins_the_count_anew() -> None:
    plugin, host = loop()

    def silent_once(query: Query) -> Answer:
        plugin.answer(probe(plugin), Next(lambda: FAILED))
        return None if len(host.asked) == 1 else FAILED

    host.answer_itself = silent_once
    await probed(plugin, host)
    assert (len(host.asked), plugin.seen, host.slept) == (2, 1, [1.0])


async def test_after_thirty_seconds_without_a_reply_it_switches_itself_off() -> None:
    plugin, host = loop()
    host.answer_itself = lambda query: None
    await probed(plugin, host)
    assert (plugin.off, len(host.asked), host.slept) == (True, 30, [1.0] * 30)


async def test_a_reply_that_takes_too_long_is_none() -> None:
    plugin, host = loop()
    host.answer_itself = lambda query: Pending(_never())
    await host.start()
    await host.tasks[0]
    assert (plugin.off, len(host.asked)) == (True, 10)  # two seconds each, and one between
    await host.stop()


async def _never() -> None:
    await asyncio.Event().wait()


async def test_where_the_zone_leaves_no_room_for_the_numbers_there_is_no_probe() -> None:
    plugin, host = loop(".".join(["a" * 60] * 4) + ".")
    await host.start()
    assert (plugin.off, host.tasks) == (True, [])
    assert plugin.answer(question("web.shop.", "HINFO"), Next(lambda: FAILED)) is FAILED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loop x", "Wrong argument count or unexpected line ending after 'x'"),
        ("loop {\n}", "Unexpected token '{', expecting argument"),
        ("loop\nloop", "this plugin can only be used once per Server Block"),
    ],
)
def test_arguments_and_a_second_use_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig) as raised:
        loop(text=text)
    assert raised.value.message == message
