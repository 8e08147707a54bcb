"""Events are values: what has happened can be written down, compared, and told apart."""

from typing import Any, get_args

import pytest

from resolver.cluster.objects import Namespace
from resolver.kubeapi import events
from resolver.kubeapi.events import (
    ConnectionFailed,
    HttpFailed,
    ItemsArrived,
    LinesArrived,
    Malformed,
    Opened,
    PageEnded,
    Silence,
    StreamEnded,
    TimerFired,
)

HAPPENED: list[Any] = [
    Opened(1),
    ItemsArrived(1, [Namespace(b"\4shop")]),
    PageEnded(1, "7", ""),
    LinesArrived(1, []),
    StreamEnded(1),
    Silence(1, 90.0),
    ConnectionFailed(1, "refused"),
    Malformed(1, "no list"),
    HttpFailed(1, 503),
    TimerFired(1),
]


def test_every_event_is_one_of_the_kinds_there_are() -> None:
    kinds = {type(event) for event in HAPPENED}
    assert kinds == set(get_args(events.Event))
    assert kinds - {TimerFired} == set(get_args(events.RequestEvent))


@pytest.mark.parametrize("event", HAPPENED, ids=lambda event: type(event).__name__)
def test_the_first_field_says_which_request_or_timer_it_is_about(event: Any) -> None:
    name = "timer" if isinstance(event, TimerFired) else "request"
    assert (event._fields[0], event[0]) == (name, 1)
    assert event._replace(**{name: 2}) != event


def test_a_refusal_without_words_says_nothing_of_a_delay() -> None:
    assert HttpFailed(1, 503) == HttpFailed(1, 503, retry_after=None, reason="", message="")


def test_a_page_says_whether_it_is_the_last() -> None:
    assert not PageEnded(1, "7", "").continue_token
    assert PageEnded(1, "7", "more").continue_token


@pytest.mark.parametrize("event", HAPPENED, ids=lambda event: type(event).__name__)
def test_what_has_happened_cannot_be_changed(event: Any) -> None:
    for field in event._fields:
        with pytest.raises(AttributeError):
            setattr(event, field, None)
