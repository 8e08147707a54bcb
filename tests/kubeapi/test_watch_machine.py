"""The watch machine against a simulated server: fault schedules as data, and the numbers of client-go's reflector."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver import limits
from resolver.kubeapi import commands
from tests.support.api_state import ApiState
from tests.support.watch_world import NAMES, Step, World, service, synced_world

# -- after any fault, what is held equals a fresh list

SCHEDULES: dict[str, list[Step]] = {
    "nothing happens": [],
    "changes": [(1, "put", ("s1", 2)), (1, "delete", ("s2",)), (1, "put", ("new", 3)), (0, "burst", (NAMES, 9))],
    "expired while connected": [(1, "expire", ()), (1, "error", (410,)), (1, "put", ("s1", 2))],
    "deleted while disconnected, and expired": [
        (1, "go_down", ()),
        (1, "delete", ("s3",)),
        (0, "expire", ()),
        (3, "come_back", ()),
    ],
    "deleted and made again while disconnected": [
        (1, "go_down", ()),
        (1, "delete", ("s3",)),
        (1, "put", ("s3", 7)),
        (1, "come_back", ()),
    ],
    "cut": [(5, "cut", ()), (0, "put", ("s1", 2)), (0, "cut", ()), (0, "cut", ()), (1, "delete", ("s1",))],
    "closed at once, time after time": [(0, "close", ()), *[(1.0, "close", ())] * 9, (0, "put", ("s1", 4))],
    "stalled without an end": [(1, "stall", ()), (1, "put", ("s1", 2)), (400, "delete", ("s2",))],
    "mute at start of a request": [(1, "cut", ()), (0, "put", ("s1", 2)), (400, "come_back", ())],
    "too many requests": [(1, "refuse", (429, 7, 3)), (0, "cut", ()), (0, "put", ("s1", 2))],
    "server errors": [
        (1, "refuse", (500, None, 2)),
        (0, "refuse", (503, 2, 2)),
        (0, "cut", ()),
        (0, "delete", ("s1",)),
    ],
    "an error event": [(1, "error", (500,)), (0, "put", ("s1", 2)), (9, "error", (429,)), (0, "delete", ("s2",))],
    "refused watch parameters": [(1, "refuse", (400,)), (0, "cut", ()), (0, "delete", ("s1",))],
    "token expires": [(1, "expire_token", ()), (0, "put", ("s1", 2)), (60, "renew_token", ())],
    "rights taken away": [(1, "forbid", ()), (0, "put", ("s1", 2)), (60, "allow", ())],
    "silently dropped": [(1, "silently", ("put", "s1", 2)), (0, "silently", ("delete", "s2")), (1, "put", ("s3", 5))],
    "repeated": [(1, "put", ("s1", 2)), (0, "put", ("s1", 3)), (0, "duplicate", ()), (0, "duplicate", (2,))],
    "repeated from long ago": [(1, "put", ("s1", 2)), (0, "delete", ("s1",)), (0, "replay_old", (0, 9))],
    "an object that cannot be read": [(1, "malformed_object", ("s1",)), (1, "put", ("s2", 2))],
    "an unknown event": [(1, "unknown_type", ()), (0, "put", ("s1", 2)), (1, "unknown_type", ())],
    "nonsense": [(1, "nonsense", ()), (0, "put", ("s1", 2)), (1, "nonsense", ()), (1, "nonsense", ())],
    "restored from an old backup": [(1, "restore", (ApiState([service("old")]),)), (1, "put", ("newer", 1))],
    "a list that expires between its pages": [
        (1, "refuse_streamed_lists", ()),
        (0, "error", (410,)),
        (0.05, "expire", ()),
        (0.05, "expire", ()),
    ],
    "streams that never end their initial events": [
        (1, "lose_end_of_initial_events", ()),
        (0, "expire", ()),
        (0, "error", (410,)),
        (1, "put", ("s1", 2)),
    ],
    "changed while an audit runs": [
        (590, "put", ("s1", 2)),
        *[(1.0, "put", ("s1", number)) for number in range(3, 90)],
        (0, "delete", ("s1",)),
    ],
}


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_after_the_schedule_what_is_held_equals_a_fresh_list(schedule: list[Step]) -> None:
    here = synced_world()
    here.run(schedule)
    here.settle()
    assert here.held() == here.fresh()


SERVICE_NAMES = st.sampled_from(NAMES[:4])
ADDRESSES = st.integers(1, 9)
BACKUPS = st.lists(SERVICE_NAMES, max_size=3).map(lambda names: ApiState([service(name, 99) for name in names]))
VERBS = st.one_of(
    st.tuples(st.just("put"), st.tuples(SERVICE_NAMES, ADDRESSES)),
    st.tuples(st.just("delete"), st.tuples(SERVICE_NAMES)),
    st.tuples(st.just("silently"), st.tuples(st.just("put"), SERVICE_NAMES, ADDRESSES)),
    st.tuples(st.just("silently"), st.tuples(st.just("delete"), SERVICE_NAMES)),
    st.tuples(st.just("restore"), st.tuples(BACKUPS)),
    st.tuples(st.just("malformed_object"), st.tuples(SERVICE_NAMES)),
    st.tuples(st.just("error"), st.tuples(st.sampled_from([410, 429, 500, 504]))),
    st.tuples(
        st.just("refuse"),
        st.tuples(
            st.sampled_from([400, 401, 403, 404, 410, 422, 429, 500, 503, 504]),
            st.none() | st.integers(0, 9),
            st.integers(1, 3),
        ),
    ),
    st.tuples(st.just("duplicate"), st.tuples(st.integers(1, 3))),
    st.tuples(st.just("replay_old"), st.tuples(st.integers(0, 5), st.integers(1, 4))),
    st.tuples(
        st.sampled_from(
            [
                *("expire", "cut", "close", "nonsense", "stall", "go_down", "come_back", "expire_token", "renew_token"),
                *("forbid", "allow", "refuse_streamed_lists", "lose_end_of_initial_events", "unknown_type"),
            ]
        ),
        st.just(()),
    ),
)
PAUSES = st.sampled_from([0.0, 0.005, 0.02, 0.5, 3.0, 31.0, 200.0, 599.0])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(PAUSES, VERBS).map(lambda step: (step[0], *step[1])), max_size=14),
    st.integers(0, 3),
    st.sampled_from([1, 3, 100]),
    st.booleans(),
)
def test_after_any_schedule_what_is_held_equals_a_fresh_list(
    schedule: list[Step], seed: int, page: int, bookmarks: bool
) -> None:
    here = World([service(name) for name in NAMES[:3]], seed=seed)
    here.page_limit, here.bookmarks = page, bookmarks
    here.begin()
    here.run(schedule)
    here.settle()
    assert here.held() == here.fresh()
    assert here.machine.synced
    busiest = max((sum(at <= other < at + 1 for other in here.asked_at) for at in here.asked_at), default=0)
    assert busiest <= 25, "requests in one second"


# -- watching


def test_watches_are_to_end_at_a_random_time_between_five_and_ten_minutes() -> None:
    timeouts = {synced_world(seed=seed).watches()[0].timeout for seed in range(20)}
    assert len(timeouts) > 10
    assert limits.WATCH_TIMEOUT[0] <= min(timeouts)
    assert max(timeouts) <= limits.WATCH_TIMEOUT[1]


def test_bookmarks_move_the_version_on() -> None:
    here = synced_world(audit_interval=0)
    here.silently("put", "s1", 2)
    here.advance(61)
    here.cut()
    here.advance(1)
    assert here.watches()[-1].resource_version == str(here.state.version)


def test_lines_of_one_read_are_one_batch() -> None:
    here = synced_world()
    here.burst(["s1", "s2"], 3)
    assert here.applied == [2]


def test_a_watch_that_ends_in_order_is_opened_again_at_once() -> None:
    here = synced_world()
    here.advance(20)
    here.close()
    assert (len(here.watches()), here.machine.reconnects) == (2, 1)
    assert here.watches()[-1].resource_version == here.machine.version
    assert not here.watches()[-1].initial_events


def test_watches_that_end_at_once_with_nothing_wait_longer_each_time() -> None:
    here = synced_world(audit_interval=0)
    here.advance(20)
    here.close()
    seconds = [0.02]
    for _ in range(8):
        here.advance(seconds[-1] + 0.02)
        here.close()
        seconds.append(here.waits[-1].seconds)
    bases = [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30]
    assert all(base <= waited <= 2 * base for base, waited in zip(bases, seconds[1:], strict=True)), seconds


def test_a_stalled_watch_is_opened_again_at_its_version() -> None:
    here = synced_world(audit_interval=0)
    here.stall()
    here.put("s1", 2)
    here.advance(151)
    assert here.held() == here.fresh()
    assert here.machine.reconnects == 1


def test_too_many_requests_waits_as_told_and_lists_nothing() -> None:
    here = synced_world(audit_interval=0)
    here.advance(20)
    here.refuse(429, 17)
    here.cut()
    here.put("s1", 2)
    here.advance(1)
    assert here.waits[-1].seconds == 17
    here.advance(17)
    assert here.held() == here.fresh()
    assert sum(watch.initial_events for watch in here.watches()) == 1
    assert not here.lists()


def test_an_unbelievable_retry_after_is_cut() -> None:
    here = synced_world(audit_interval=0)
    here.advance(20)
    here.refuse(429, 86_400)
    here.cut()
    here.advance(1)
    assert here.waits[-1].seconds == limits.RETRY_AFTER[1]


def test_refused_credentials_are_loaded_again() -> None:
    here = synced_world(audit_interval=0)
    carried = []
    original = here._carry_out
    here._carry_out = lambda wanted: (carried.extend(wanted), original(wanted))[1]  # type: ignore[method-assign]
    here.expire_token()
    here.advance(1)
    assert commands.Reauthenticate() in carried
    here.renew_token()
    here.advance(70)
    assert here.held() == here.fresh()


def test_missing_rights_are_reported_once_with_the_rule_to_add() -> None:
    here = World([service("s1")])
    here._allowed = False
    here.begin()
    here.advance(300)
    [rule] = [text for text in here.texts(commands.Report) if "ClusterRole" in text]
    assert rule.endswith('- apiGroups: [""]\n  resources: ["services"]\n  verbs: ["list", "watch"]')
    here.allow()
    here.advance(70)
    assert here.held() == here.fresh()


def test_an_outage_is_said_at_each_failure_and_its_end_once() -> None:
    here = synced_world(audit_interval=0)
    here.advance(20)
    here.go_down()
    here.advance(100)
    assert 3 <= len(here.texts(commands.Lost)) <= 9
    here.come_back()
    here.advance(100)
    assert [type(line) for line in here.logged].count(commands.Found) == 1
    assert isinstance(here.logged[-1], commands.Found)


def test_unknown_event_types_are_reported_once() -> None:
    here = synced_world()
    here.unknown_type()
    here.unknown_type()
    [text] = here.texts(commands.Report)
    assert "'SHRUGGED'" in text


def test_every_wait_has_a_reason_and_no_wait_is_negative() -> None:
    here = synced_world()
    here.run([step for schedule in SCHEDULES.values() for step in schedule])
    here.settle()
    assert all(wait.reason and wait.seconds >= 0 for wait in here.waits)
    assert all(first <= second for first, second in pairwise(here.asked_at))
