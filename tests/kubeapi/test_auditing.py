"""Audits: what a stream has lost is found, and nothing else is touched."""

import pytest

from resolver import limits
from resolver.kubeapi import commands
from tests.support.api_state import ApiState
from tests.support.watch_world import NAMES, Step, World, service, synced_world


def test_an_audit_repairs_what_the_watch_has_lost_and_counts_it() -> None:
    here = synced_world()
    here.silently("put", "s1", 9)
    here.silently("delete", "s2")
    here.silently("put", "unheard", 1)
    here.advance(800)
    assert here.held() == here.fresh()
    assert here.repaired == 3


def test_audits_of_a_stream_that_loses_nothing_repair_nothing() -> None:
    here = synced_world(seed=4)
    for number in range(3_000):
        here.put(NAMES[number % 5], number % 200)
        here.advance(0.97)
    assert len(here.watches()) > 5
    assert here.repaired == 0
    assert here.machine.relists == 0


def test_an_audit_during_which_events_lag_does_not_count_them_as_lost() -> None:
    here = synced_world()
    late = next(iter(here._watches.values()))
    late.stalled = True
    here.put("s1", 9)
    here.delete("s2")
    here.advance(0)
    due = here.waits[-1].seconds if here.waits[-1].reason == "audit" else 660
    here.advance(min(due, 140))
    late.stalled = False
    here._flush()
    here.advance(700)
    assert (here.held() == here.fresh(), here.repaired) == (True, 0)


def test_without_bookmarks_an_audit_ends_after_its_patience_and_the_watch_goes_on_from_the_list() -> None:
    here = synced_world()
    here.bookmarks = False
    here.silently("put", "s1", 9)
    here.put("s2", 3)
    here.state.put({"kind": "Pod", "metadata": {"name": "other", "namespace": "shop"}})
    due = next(wait for wait in here.waits if wait.reason == "audit").seconds
    here.advance(due)
    assert here.repaired == 0
    here.advance(limits.AUDIT_PATIENCE + 1)
    assert here.repaired == 1
    assert here.machine.version == str(here.state.version)


def test_a_server_that_went_back_in_time_is_believed_within_three_minutes() -> None:
    here = synced_world()
    here.advance(70)
    for number in range(20):
        here.put("s1", number)
    here.restore(ApiState([service("old"), service("s1", 4)]))
    here.advance(200)
    assert here.held() == here.fresh()
    assert any("went back in time" in text for text in here.texts(commands.Report))
    here.put("s1", 77)
    assert here.held() == here.fresh()


def test_a_repeated_event_is_not_applied_again() -> None:
    here = synced_world()
    here.put("s1", 2)
    here.put("s1", 3)
    here.put("s2", 3)
    asked = len(here.asked)
    here.duplicate(3)
    assert here.applied == [1, 1, 1, 1]  # of the three only the latest, which changes nothing
    here.advance(100)
    assert here.held() == here.fresh()
    assert len(here.asked) == asked


@pytest.mark.parametrize(
    "steps",
    [
        [
            (0, "put", ("s1", 2)),
            (0, "delete", ("s1",)),
            (0, "put", ("s1", 3)),
            (0, "forget", ()),
            (0, "replay_old", (0, 30)),
        ],
        [(0, "malformed_object", ("s1",))],
    ],
    ids=["events older than what is remembered", "an object that cannot be read"],
)
def test_what_cannot_be_vouched_for_is_audited_soon(steps: list[Step]) -> None:
    here = synced_world()
    here.run(steps)
    here.advance(limits.AUDIT_SOON + 65)  # and a bookmark
    assert here.held() == here.fresh()
    here.run(steps)
    here.run(steps)
    here.advance(limits.AUDIT_SPACING + 65)
    assert here.held() == here.fresh()
    assert len([wait for wait in here.waits if wait.reason == "early audit"]) == 2


def test_the_stream_is_audited_soon_after_an_outage() -> None:
    here = synced_world()
    here.advance(20)
    here.go_down()
    here.put("s1", 2)
    here.advance(10)
    here.come_back()
    here._watches.clear()
    here.advance(10)
    here.silently("delete", "s2")
    here.advance(limits.AUDIT_AFTER_OUTAGE[1] + 65)
    assert here.held() == here.fresh()


def test_an_audit_by_pages_never_undoes_what_the_stream_brings_meanwhile() -> None:
    here = World([service(name) for name in NAMES])
    here.streams_lists, here.page_limit = False, 1
    here.begin()
    here.advance(1)
    due = next(wait for wait in here.waits if wait.reason == "audit").seconds
    here.advance(due - 1.1)
    for number in range(60):
        here.put(NAMES[number % 8], 50 + number)
        if number % 7 == 0:
            here.delete(NAMES[(number + 3) % 8])
        here.advance(0.009)
        assert here.held() == here.fresh()
    here.advance(100)
    assert len(here.replaced) == 2
    assert here.repaired == 0


def test_a_fresh_list_ends_an_audit_that_runs() -> None:
    here = World([service(name) for name in NAMES])
    here.streams_lists, here.page_limit = False, 1
    here.begin()
    here.advance(1)
    here.advance(next(wait for wait in here.waits if wait.reason == "audit").seconds - 0.78)
    assert (here.asked[-1].continue_token, len(here.replaced)) == ("9", 1)
    here.error(410)
    here.advance(100)
    assert len(here.replaced) == 2
    assert here.machine.relists == 1


def test_an_audit_that_keeps_failing_is_left_to_the_next() -> None:
    here = synced_world()
    due = next(wait for wait in here.waits if wait.reason == "audit").seconds
    here.advance(due - 2)
    here.refuse(500, None, limits.AUDIT_TRIES)
    here.advance(30)
    assert any("given up" in text for text in here.texts(commands.Report))
    here.silently("put", "s1", 9)
    here.advance(900)
    assert here.held() == here.fresh()
