from random import Random

import pytest

from resolver.plugins.forward_channels import Channel, UpstreamFailed
from resolver.plugins.forward_pool import Pool
from resolver.plugins.forward_targets import Endpoint


class FakeChannel(Channel):
    """No socket behind it."""

    network = "udp"

    def __init__(self, created: float = 0.0) -> None:
        super().__init__(Endpoint("192.0.2.1", 53))
        self.created = self.used = created

    async def open(self, seconds: float) -> None:
        raise NotImplementedError

    def _send(self, message: bytes) -> None:
        raise NotImplementedError

    def _local_address(self) -> str:
        return "192.0.2.2:1024"

    def close(self) -> None:
        self.closed = True


def pool(cap: int = 8, expire: float = 10.0, max_age: float = 0.0, max_idle: int = 0) -> Pool:
    return Pool(FakeChannel, cap, expire, max_age, max_idle, Random(1))


async def test_a_channel_serves_one_question_at_a_time() -> None:
    channels = pool()
    taken = [channels.take(0.0) for _ in range(4)]
    assert len({channel for channel, _ in taken}) == 4
    assert [kept for _, kept in taken] == [False] * 4
    assert (channels.hits, channels.misses, len(channels)) == (0, 4, 4)


async def test_the_channel_longest_unused_is_next() -> None:
    channels = pool()
    first, second = channels.take(0.0)[0], channels.take(0.0)[0]
    channels.give_back(second, 1.0)
    channels.give_back(first, 2.0)
    assert channels.take(3.0) == (second, True)
    assert channels.take(3.0) == (first, True)
    assert channels.hits == 2


async def test_above_the_cap_questions_share_and_the_channel_is_idle_after_the_last() -> None:
    channels = pool(cap=2)
    taken = [channels.take(0.0)[0] for _ in range(10)]
    assert len(set(taken)) == len(channels) == 2
    for channel in taken[:-1]:
        channels.give_back(channel, 1.0)
    assert taken[-1].users == 1
    channels.give_back(taken[-1], 1.0)
    assert len(channels) == 2
    assert channels.take(1.0)[1]


async def test_at_the_cap_closed_channels_are_not_shared() -> None:
    channels = pool(cap=1)
    first, _ = channels.take(0.0)
    first.closed = True
    second, kept = channels.take(0.0)
    assert (second is first, kept) == (False, False)


@pytest.mark.parametrize(("now", "kept"), [(9.0, True), (10.0, True), (10.1, False)])
async def test_an_idle_channel_expires(now: float, kept: bool) -> None:
    channels = pool()
    channel, _ = channels.take(0.0)
    channels.give_back(channel, 0.0)
    assert channels.take(now)[1] is kept
    assert channel.closed is not kept


@pytest.mark.parametrize(("now", "kept"), [(14.0, True), (16.0, False)])
async def test_a_channel_in_steady_use_ends_at_its_age(now: float, kept: bool) -> None:
    channels = pool(max_age=15.0)
    channel, _ = channels.take(0.0)
    channels.give_back(channel, now)
    assert channels.take(now)[1] is kept


async def test_no_more_than_max_idle_lie_idle() -> None:
    channels = pool(max_idle=1)
    first, second = channels.take(0.0)[0], channels.take(0.0)[0]
    channels.give_back(first, 1.0)
    channels.give_back(second, 1.0)
    assert (first.closed, second.closed, len(channels)) == (False, True, 1)


async def test_a_spent_channel_is_closed_after_its_last_question() -> None:
    channels = pool(cap=1)
    channel, again = channels.take(0.0)[0], channels.take(0.0)[0]
    assert channel is again
    channel.spent = True
    channels.give_back(channel, 1.0)
    assert not channel.closed
    channels.give_back(channel, 1.0)
    assert (channel.closed, len(channels)) == (True, 0)


async def test_sweeping_closes_what_is_too_old_or_closed_by_the_peer() -> None:
    channels = pool()
    old, gone, fresh = (channels.take(0.0)[0] for _ in range(3))
    channels.give_back(old, 0.0)
    channels.give_back(gone, 9.0)
    channels.give_back(fresh, 9.0)
    gone.closed = True
    channels.sweep(11.0)
    assert old.closed
    assert len(channels) == 1
    assert channels.take(11.0) == (fresh, True)


async def test_closing_fails_what_is_on_its_way() -> None:
    channels = pool()
    idle, busy = channels.take(0.0)[0], channels.take(0.0)[0]
    channels.give_back(idle, 0.0)
    reply = busy._loop.create_future()
    busy._waiting[7] = reply
    channels.close()
    assert idle.closed
    assert busy.closed
    with pytest.raises(UpstreamFailed, match="proxy: transport stopped"):
        await reply
