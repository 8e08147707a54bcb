"""The time of the change that made a controller write (S23)."""

from resolver.controlplane.controllers.pod_facts import PodFacts
from resolver.controlplane.controllers.trigger_times import TRIGGER_TIME, TriggerTimes, stamped
from tests.support.controller_world import ControllerWorld


def pods(*since: str) -> list[PodFacts]:
    """Pods p0, p1, …, ready since then; an empty time is a Pod without the condition."""
    world = ControllerWorld()
    for number, each in enumerate(since):
        world.pod(f"p{number}", since=each, ready=True if each else None)
    return [world.index.pods[f"shop/p{number}"] for number in range(len(since))]


def test_the_first_time_is_that_of_the_service() -> None:
    assert (
        TriggerTimes().next("shop/web", "2026-01-05T00:00:00Z", pods("2026-01-01T00:00:00Z")) == "2026-01-05T00:00:00Z"
    )


def test_then_it_is_the_earliest_that_is_new() -> None:
    times = TriggerTimes()
    times.next("shop/web", "2026-01-05T00:00:00Z", pods("2026-01-01T00:00:00Z", ""))
    later = pods("2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z", "2026-01-07T00:00:00Z")
    assert times.next("shop/web", "2026-01-05T00:00:00Z", later) == "2026-01-07T00:00:00Z"
    assert times.next("shop/web", "2026-01-05T00:00:00Z", later) == ""
    assert times.next("shop/web", "2026-01-09T00:00:00Z", later) == "2026-01-09T00:00:00Z"


def test_a_service_that_is_forgotten_begins_anew() -> None:
    times = TriggerTimes()
    times.next("shop/web", "2026-01-05T00:00:00Z", ())
    times.forget("shop/web")
    assert times.next("shop/web", "2026-01-05T00:00:00Z", ()) == "2026-01-05T00:00:00Z"


def test_a_stamp_replaces_the_old_one_or_takes_it_away() -> None:
    assert stamped({"a": "b", TRIGGER_TIME: "old"}, "new") == {"a": "b", TRIGGER_TIME: "new"}
    assert stamped({"a": "b", TRIGGER_TIME: "old"}, "") == {"a": "b"}
