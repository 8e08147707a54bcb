"""Times as the API writes them: RFC 3339 in UTC, to the second or to the microsecond (metav1.Time, MicroTime)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_TIME: Final = "2006-01-02T15:04:05Z07:00"
_MICRO_TIME: Final = "2006-01-02T15:04:05.000000Z07:00"
_TWO_DIGITS: Final = re.compile(r"(\d\d)", re.ASCII)
_PARTS: Final = (
    ("2006", re.compile(r"(\d{4})", re.ASCII), "", 9999),
    ("-", re.compile("-()"), "", 0),
    ("01", _TWO_DIGITS, "month", 12),
    ("-", re.compile("-()"), "", 0),
    ("02", _TWO_DIGITS, "", 0),
    ("T", re.compile("T()"), "", 0),
    ("15", re.compile(r"(\d\d?)", re.ASCII), "hour", 23),
    (":", re.compile(":()"), "", 0),
    ("04", _TWO_DIGITS, "minute", 59),
    (":", re.compile(":()"), "", 0),
    ("05", _TWO_DIGITS, "second", 59),
)
"""Pieces of Go's layout: what is read for each, and what is too much for it."""
_FRACTION: Final = re.compile(r"[.,](\d+)", re.ASCII)
_MICROSECONDS: Final = re.compile(r"[.,](\d{6})", re.ASCII)
_ZONE: Final = re.compile(r"Z|([+-])(\d\d):(\d\d)", re.ASCII)
_ZONE_MOST: Final = (24, 60)


class BadTime(ValueError):
    """Text that is no time; the message is Go's as far as it can be told."""


def written_time(moment: datetime) -> str:
    """To the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def written_micro_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parsed_time(text: str) -> datetime:
    """Raises BadTime."""
    return _parsed(text, _TIME)


def parsed_micro_time(text: str) -> datetime:
    """The same with exactly six digits of a second. Raises BadTime."""
    return _parsed(text, _MICRO_TIME)


def _parsed(text: str, layout: str) -> datetime:
    """Reads piece by piece as Go does: the message is about the first one that is not there or too large."""
    numbers, rest = [], text
    for piece, pattern, name, most in _PARTS:
        found = pattern.match(rest)
        if found is None:
            raise _unreadable(text, layout, rest, piece)
        if found[1]:
            numbers.append(int(found[1]))
            if name and (numbers[-1] > most or (name == "month" and not numbers[-1])):
                raise _out_of_range(text, name)
        rest = rest[found.end() :]
    fraction = (_MICROSECONDS if layout == _MICRO_TIME else _FRACTION).match(rest)
    if fraction is not None:
        rest = rest[fraction.end() :]
    elif layout == _MICRO_TIME:
        raise _unreadable(text, layout, rest, ".000000")
    zone = _ZONE.match(rest)
    if zone is None:
        raise _unreadable(text, layout, rest, "Z07:00")
    offset = [int(each or 0) for each in zone.groups()[1:]]
    for name, number, most in zip(("hour", "minute"), offset, _ZONE_MOST, strict=True):
        if number > most:
            raise _out_of_range(text, f"time zone offset {name}")
    if rest := rest[zone.end() :]:
        raise BadTime(f"parsing time {_quoted(text)}: extra text: {_quoted(rest)}")
    return _moment(
        text, numbers, fraction[1] if fraction else "", zone[1], timedelta(hours=offset[0], minutes=offset[1])
    )


def _moment(text: str, numbers: list[int], fraction: str, sign: str | None, offset: timedelta) -> datetime:
    try:
        moment = datetime(*numbers, int(fraction[:6].ljust(6, "0")), tzinfo=UTC)  # type: ignore[misc,arg-type]  # six
    except ValueError as error:
        raise _out_of_range(text, "day") from error
    return moment + offset if sign == "-" else moment - offset


def _unreadable(text: str, layout: str, rest: str, piece: str) -> BadTime:
    return BadTime(f'parsing time {_quoted(text)} as "{layout}": cannot parse {_quoted(rest)} as "{piece}"')


def _out_of_range(text: str, name: str) -> BadTime:
    return BadTime(f"parsing time {_quoted(text)}: {name} out of range")


def _quoted(text: str) -> str:
    """Go's package time quotes in a way of its own: each byte that is no ASCII by its number."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{"".join(each if " " <= each <= "~" else _bytes(each) for each in escaped)}"'


def _bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode())


def later(moment: str, seconds: int) -> str:
    """A metav1.Time so many seconds after another."""
    return written_time(parsed_time(moment) + timedelta(seconds=seconds)) if seconds else moment
