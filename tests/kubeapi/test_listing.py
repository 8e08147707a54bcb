"""Fresh lists: streamed, by pages, expired on the way."""

import pytest

from resolver import limits
from resolver.kubeapi import commands
from tests.support.api_state import ApiState
from tests.support.watch_world import NAMES, World, service, synced_world


def test_the_list_is_streamed_first_and_the_stream_goes_on_as_the_watch() -> None:
    here = synced_world()
    here.put("s1", 5)
    [watch] = here.asked
    assert isinstance(watch, commands.Watch)
    assert (watch.initial_events, watch.resource_version) == (True, "")
    assert here.held() == here.fresh()


def test_changes_before_the_end_of_the_initial_events_count_after_them() -> None:
    here = World([service(name) for name in NAMES])
    here.ends_initial_events = False
    here.begin()
    here.advance(1)
    here.put("s1", 7)
    here.delete("s2")
    here.put("s2", 8)
    assert here.held() == []
    here.end_initial_events()
    assert here.held() == here.fresh()
    assert here.machine.version == str(here.state.version)


@pytest.mark.parametrize("status", [400, 404, 405, 422])
def test_a_server_without_streamed_lists_is_asked_for_pages_at_once_and_from_then_on(status: int) -> None:
    here = World([service(name) for name in NAMES])
    here.refuse(status)
    here.streams_lists = True
    here.begin()
    here.advance(1)
    assert [page.limit for page in here.lists()] == [limits.API_PAGE] * 3
    assert [bool(page.continue_token) for page in here.lists()] == [False, True, True]
    assert here.held() == here.fresh()
    here.expire()
    here.error(410)
    here.advance(20)
    assert not any(watch.initial_events for watch in here.watches()[1:])


def test_initial_events_without_an_end_are_given_up_for_pages_after_ten_quiet_seconds() -> None:
    here = World([service(name) for name in NAMES])
    here.ends_initial_events = False
    here.begin()
    here.advance(limits.INITIAL_EVENTS_SILENCE - 1)
    assert not here.lists()
    here.advance(2)
    assert here.held() == here.fresh()
    assert any("taking plain lists" in text for text in here.texts(commands.Report))


def test_a_stream_that_ends_before_its_initial_events_do_is_given_up_for_pages() -> None:
    here = World([service(name) for name in NAMES])
    here.ends_initial_events = False
    here.begin()
    here.advance(1)
    here.close()
    here.advance(1)
    assert here.held() == here.fresh()


def test_a_page_that_breaks_off_is_asked_for_again_without_its_half() -> None:
    here = World([service(name) for name in NAMES])
    here.streams_lists = False
    here.begin()
    here.advance(0.045)
    here.cut()
    here.advance(5)
    assert [page.continue_token for page in here.lists()] == ["", "1", "1", "3"]
    assert here.replaced == [len(NAMES)]
    assert here.held() == here.fresh()


def test_an_expired_watch_lists_at_the_last_version_without_waiting() -> None:
    here = synced_world(audit_interval=0)
    here.advance(30)
    here.put("s1", 2)
    last = here.machine.version
    here.silently("delete", "s2")
    here.expire()
    here.error(410)
    here.advance(0.1)
    again = here.watches()[-1]
    assert (again.initial_events, again.resource_version) == (True, last)
    assert here.held() == here.fresh()
    assert here.machine.relists == 1


def test_a_version_too_large_for_the_server_is_dropped_for_a_list_at_none() -> None:
    here = synced_world(audit_interval=0)
    here.advance(30)
    here.state = ApiState([service("other")])
    here.error(410)
    here.advance(1)
    assert [watch.resource_version for watch in here.watches()[-2:]] == ["1008", ""]
    assert here.held() == here.fresh()


def test_a_second_fresh_list_soon_after_the_first_waits_its_back_off() -> None:
    here = synced_world()
    here.error(410)
    assert here.waits[-1].reason == "a fresh list"
    assert limits.BACKOFF_FIRST <= here.waits[-1].seconds <= 2 * limits.BACKOFF_FIRST


def test_pages_that_expire_twice_are_followed_by_one_list_without_a_limit() -> None:
    here = World([service(name) for name in NAMES])
    here.streams_lists = False
    here.begin()
    for _ in range(2):
        here.advance(0.035)
        here.expire()
    here.advance(5)
    assert here.lists()[-1].limit == 0
    assert here.held() == here.fresh()
