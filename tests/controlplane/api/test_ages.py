from datetime import UTC, datetime, timedelta

import pytest

from resolver.controlplane.api.ages import age, human_duration

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("duration", "shown"),
    [
        (timedelta(seconds=-2), "<invalid>"),
        (timedelta(seconds=-1), "0s"),
        (timedelta(seconds=0.9), "0s"),
        (timedelta(seconds=119), "119s"),
        (timedelta(minutes=2), "2m"),
        (timedelta(minutes=3, seconds=12), "3m12s"),
        (timedelta(minutes=9, seconds=59), "9m59s"),
        (timedelta(minutes=10, seconds=59), "10m"),
        (timedelta(minutes=179, seconds=59), "179m"),
        (timedelta(hours=3), "3h"),
        (timedelta(hours=7, minutes=59), "7h59m"),
        (timedelta(hours=8, minutes=59), "8h"),
        (timedelta(hours=47), "47h"),
        (timedelta(days=2), "2d"),
        (timedelta(days=2, hours=4), "2d4h"),
        (timedelta(days=8, hours=4), "8d"),
        (timedelta(days=729), "729d"),
        (timedelta(days=730), "2y"),
        (timedelta(days=733), "2y3d"),
        (timedelta(days=8 * 365 + 3), "8y"),
    ],
)
def test_durations_are_shown_in_the_two_units_that_say_something(duration: timedelta, shown: str) -> None:
    assert human_duration(duration.total_seconds()) == shown


@pytest.mark.parametrize(
    ("since", "shown"),
    [("2026-01-02T03:04:00Z", "5s"), ("", "<unknown>"), (None, "<unknown>"), ("yesterday", "<unknown>")],
)
def test_an_age_is_the_time_since_then(since: str | None, shown: str) -> None:
    assert age(since, NOW) == shown
