"""Durations in the spelling of Go (`time.Duration.String`), for log lines."""

from typing import Final

_MINUTE: Final = 60_000_000_000  # nanoseconds
_BELOW_A_SECOND: Final = (("ms", 1_000_000), ("µs", 1_000), ("ns", 1))


def duration_text(seconds: float) -> str:
    """``5s``, ``1m30s``, ``1h0m0s``, ``1.5s``, ``250ms``; zero is ``0s``."""
    nanoseconds = round(abs(seconds) * 1e9)
    sign = "-" if seconds < 0 and nanoseconds else ""
    if 0 < nanoseconds < 1_000_000_000:
        unit, size = next(entry for entry in _BELOW_A_SECOND if nanoseconds >= entry[1])
        return sign + _decimal(nanoseconds, size) + unit
    minutes, rest = divmod(nanoseconds, _MINUTE)
    hours, minutes = divmod(minutes, 60)
    text = _decimal(rest, 1_000_000_000) + "s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    if hours:
        text = f"{hours}h{text}"
    return sign + text


def _decimal(value: int, size: int) -> str:
    whole, fraction = divmod(value, size)
    digits = str(fraction).rjust(len(str(size)) - 1, "0").rstrip("0") if fraction else ""
    return f"{whole}.{digits}" if digits else str(whole)
