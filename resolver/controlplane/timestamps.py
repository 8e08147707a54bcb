"""Times as the API writes them: RFC 3339 in UTC, to the second or to the microsecond (metav1.Time, MicroTime)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from resolver.controlplane.go_text import go_quote

_RFC_3339: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)


class BadTime(ValueError):
    """Text that is no time; the message is Go's as far as it can be told."""


def written_time(moment: datetime) -> str:
    """To the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def written_micro_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parsed_time(text: str) -> datetime:
    """Raises BadTime."""
    shape = _RFC_3339.fullmatch(text)
    layout = "2006-01-02T15:04:05Z07:00"
    if shape is None:
        raise BadTime(f'parsing time {go_quote(text)} as {go_quote(layout)}: cannot parse {go_quote(text)} as "2006"')
    numbers = [int(each) for each in shape.groups()[:6]]
    micro = int((shape[7] or "0")[:6].ljust(6, "0"))
    try:
        moment = datetime(*numbers, micro, tzinfo=UTC)  # type: ignore[misc,arg-type]  # six numbers
    except ValueError as error:
        raise BadTime(f"parsing time {go_quote(text)}: {_out_of_range(numbers)} out of range") from error
    if shape[9]:
        offset = timedelta(hours=int(shape[10]), minutes=int(shape[11]))
        moment = moment - offset if shape[9] == "+" else moment + offset
    return moment


def parsed_micro_time(text: str) -> datetime:
    """The same with exactly six digits of a second. Raises BadTime."""
    shape = _RFC_3339.fullmatch(text)
    if shape is not None and len(shape[7] or "") == 6:
        return parsed_time(text)
    layout = "2006-01-02T15:04:05.000000Z07:00"
    rest, wanted = (text[19:], ".000000") if shape else (text, "2006")
    raise BadTime(f'parsing time {go_quote(text)} as "{layout}": cannot parse {go_quote(rest)} as "{wanted}"')


def _out_of_range(numbers: list[int]) -> str:
    _, month, _, hour, minute, second = numbers
    for name, wrong in (
        ("month", not 1 <= month <= 12),
        ("hour", hour > 23),
        ("minute", minute > 59),
        ("second", second > 59),
    ):
        if wrong:
            return name
    return "day"


def later(moment: str, seconds: int) -> str:
    """A metav1.Time so many seconds after another."""
    return written_time(parsed_time(moment) + timedelta(seconds=seconds)) if seconds else moment
