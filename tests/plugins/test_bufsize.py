import pytest

from resolver.answers.outcome import Failure, Reply
from resolver.corefile.tokens import BadConfig
from resolver.plugins.bufsize import setup
from resolver.wire import codes
from resolver.wire.query import Edns
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import Next, peer, pending, question


@pytest.mark.parametrize(
    ("text", "asked", "size", "limit"),
    [
        ("bufsize 1000", 4096, 1000, 1000),
        ("bufsize", 4096, 1232, 1232),
        ("bufsize 1000", 600, 600, 600),
        ("bufsize 512", 100, 100, 512),
    ],
)
def test_a_size_above_is_lowered_for_all_that_comes_after(text: str, asked: int, size: int, limit: int) -> None:
    query, rest = question(edns=Edns(asked)), Next(Reply)
    setup(directives(text), FakeHost()).answer(query, rest)
    assert query.edns is not None
    assert (query.edns.size, query.limit) == (size, limit)
    assert rest.asked == [query]


def test_over_tcp_only_what_the_opt_shows_is_lowered() -> None:
    query = question(edns=Edns(4096), client=peer(protocol="tcp"))
    setup(directives("bufsize 512"), FakeHost()).answer(query, Next(Reply))
    assert query.edns is not None
    assert (query.edns.size, query.limit) == (512, 65_535)


def test_the_reply_is_told_so_that_it_holds_for_those_who_ask_later() -> None:
    plugin = setup(directives("bufsize 1000"), FakeHost())
    for outcome in (Reply(), Failure(codes.SERVFAIL)):
        assert plugin.answer(question(), Next(lambda outcome=outcome: outcome)) is outcome  # type: ignore[misc]
        assert outcome.size_cap == 1000
    assert plugin.answer(question(), Next(lambda: None)) is None


async def test_a_reply_that_comes_later_is_told_too() -> None:
    reply = Reply()
    answer = setup(directives("bufsize 1000"), FakeHost()).answer(question(), Next(lambda: pending(reply)))
    assert await answer is reply  # type: ignore[misc]
    assert reply.size_cap == 1000


@pytest.mark.parametrize("text", ["bufsize 511", "bufsize 4097", "bufsize x", "bufsize 600 700", "bufsize -1"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(BadConfig):
        setup(directives(text), FakeHost())
