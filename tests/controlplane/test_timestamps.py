from datetime import UTC, datetime, timedelta, timezone

import pytest

from resolver.controlplane.timestamps import (
    BadTime,
    later,
    parsed_micro_time,
    parsed_time,
    written_micro_time,
    written_time,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T02:00:00.9+02:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00-01:30", "2026-01-01T01:30:00Z"),
    ],
)
def test_a_time_is_kept_in_utc_to_the_second(text: str, seconds: str) -> None:
    assert written_time(parsed_time(text)) == seconds


def test_a_micro_time_is_written_with_six_digits() -> None:
    moment = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert written_micro_time(moment) == "2026-01-01T00:00:00.000000Z"
    assert parsed_micro_time("2026-01-01T00:00:00.000000Z") == moment.astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("yesterday", 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"'),
        ("2026-13-01T00:00:00Z", 'parsing time "2026-13-01T00:00:00Z": month out of range'),
        ("2026-02-30T00:00:00Z", 'parsing time "2026-02-30T00:00:00Z": day out of range'),
        ("2026-01-01T24:00:00Z", 'parsing time "2026-01-01T24:00:00Z": hour out of range'),
        ("2026-01-01T00:60:00Z", 'parsing time "2026-01-01T00:60:00Z": minute out of range'),
        ("2026-01-01T00:00:60Z", 'parsing time "2026-01-01T00:00:60Z": second out of range'),
    ],
)
def test_other_text_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadTime) as refused:
        parsed_time(text)
    assert str(refused.value) == words


@pytest.mark.parametrize("text", ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123Z", "x"])
def test_a_micro_time_has_exactly_six_digits(text: str) -> None:
    with pytest.raises(BadTime):
        parsed_micro_time(text)


def test_a_moment_and_some_seconds() -> None:
    assert later("2026-01-01T00:00:59Z", 2) == "2026-01-01T00:01:01Z"
    assert later("2026-01-01T00:00:59Z", 0) == "2026-01-01T00:00:59Z"
