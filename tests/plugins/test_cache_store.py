from random import Random

import pytest

from resolver import limits
from resolver.answers.outcome import Reply
from resolver.plugins.cache_store import CacheKey, CacheStore, Item
from resolver.wire import codes
from tests.support.questions import record

A = "web.shop. 30 A 10.0.0.1"


def item(ttl: int = 30, now: float = 0.0, flags: int = 0, *, answering: bool = True) -> Item:
    return Item(Reply(codes.NOERROR, flags, [record(A)]), ttl, now, answering=answering)


def key(number: int) -> CacheKey:
    return b"\x01a\0", number, codes.IN, False, 0


@pytest.mark.parametrize(("now", "left"), [(0.0, 30), (0.9, 30), (1.0, 29), (29.9, 1), (30.0, 0), (42.5, -12)])
def test_the_ttl_counts_down_in_whole_seconds(now: float, left: int) -> None:
    assert item().ttl_left(now) == left


def test_a_reply_has_the_stored_flags_and_the_ttl_asked_for() -> None:
    kept = item(flags=codes.AA | codes.RA | codes.AD | codes.TC)
    reply = kept.reply(7, keep_ad=True)
    assert reply.flags == codes.AA | codes.RA | codes.AD
    assert reply.answer == [record("web.shop. 7 A 10.0.0.1")]
    assert reply.depends is None
    assert kept.reply(7, keep_ad=False).flags == codes.AA | codes.RA


def test_who_gets_a_reply_may_change_its_lists() -> None:
    kept = item()
    kept.reply(7, keep_ad=False).answer.clear()
    assert len(kept.reply(7, keep_ad=False).answer) == 1


def test_a_change_of_the_reply_it_was_made_of_changes_nothing() -> None:
    reply = Reply(answer=[record(A)])
    kept = Item(reply, 30, 0.0, answering=True)
    reply.answer.clear()
    assert len(kept.reply(7, keep_ad=False).answer) == 1


def test_an_item_is_wanted_when_it_is_asked_for_often_and_near_its_end() -> None:
    kept = item(ttl=100)
    assert not kept.is_wanted(2, 60.0, 10, 80.0)  # the first hit
    assert not kept.is_wanted(2, 60.0, 10, 89.0)  # 11 of 100 seconds are left
    assert kept.is_wanted(2, 60.0, 10, 90.0)


def test_a_pause_begins_the_count_anew() -> None:
    kept = item(ttl=1000)
    for now in (900.0, 910.0, 971.0):
        kept.is_wanted(2, 60.0, 10, now)
    assert kept.hits == 1


def test_a_share_of_a_short_life_is_rounded_up() -> None:
    assert item(ttl=5).is_wanted(1, 60.0, 10, 4.0)


def test_only_one_refresh_runs_at_a_time() -> None:
    kept = item()
    assert kept.begin_refresh(0.0, 0.0)
    assert not kept.begin_refresh(0.0, 0.0)
    kept.end_refresh(0.0, 0.0, refreshed=True)
    assert kept.begin_refresh(0.0, 0.0)


def test_after_a_failure_the_next_refresh_waits() -> None:
    kept = item()
    assert kept.begin_refresh(0.0, 10.0)
    kept.end_refresh(5.0, 10.0, refreshed=False)
    assert not kept.begin_refresh(14.9, 10.0)
    assert kept.begin_refresh(15.0, 10.0)
    kept.end_refresh(16.0, 10.0, refreshed=True)
    assert kept.begin_refresh(16.0, 10.0)


def test_an_item_that_answers_nothing_stands_for_the_one_before_it_that_did() -> None:
    good, bad = item(), item(answering=False)
    assert bad.answering_item() is None
    bad.last_good = good
    assert bad.answering_item() is good
    assert good.answering_item() is good


def test_a_store_gives_what_was_added_last() -> None:
    store = CacheStore(1, Random(1))
    first, second = item(), item()
    store.add(key(1), first)
    store.add(key(1), second)
    assert store.get(key(1)) is second
    assert store.get(key(2)) is None
    assert len(store) == 1


@pytest.mark.parametrize(("capacity", "size"), [(10_000, 9_984), (5_000, 4_864), (1, 1_024), (0, 1_024), (-5, 1_024)])
def test_the_capacity_is_rounded_as_in_coredns(capacity: int, size: int) -> None:
    store = CacheStore(capacity, Random(1))
    for number in range(size + 10):
        store.add(key(number), item())
    assert (len(store), store.evictions) == (size, 10)


def test_where_a_store_is_full_one_at_random_goes() -> None:
    size = limits.CACHE_SHARDS * limits.CACHE_SHARD
    store = CacheStore(1, Random(1))
    for number in range(2 * size):
        store.add(key(number), item())
    left = [number for number in range(2 * size) if store.get(key(number))]
    assert len(left) == size
    assert size / 8 < sum(number < size for number in left) < size / 2


def test_removing_leaves_the_others_in_reach() -> None:
    store = CacheStore(1, Random(1))
    items = [item() for _ in range(5)]
    for number, added in enumerate(items):
        store.add(key(number), added)
    for gone in (0, 4, 2, 9):
        store.remove(key(gone))
    assert [store.get(key(number)) for number in range(5)] == [None, items[1], None, items[3], None]
    assert len(store) == 2
    store.remove(key(3))
    store.remove(key(1))
    assert len(store) == 0
