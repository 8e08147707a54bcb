"""How long something has been, as kubectl shows it: ``45s``, ``3m12s``, ``2d4h`` (apimachinery pkg/util/duration)."""

from datetime import datetime
from typing import Final

from resolver.controlplane.timestamps import BadTime, parsed_time

UNKNOWN: Final = "<unknown>"
_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 24  # hours
_YEAR: Final = 365  # days


def age(since: str | None, now: datetime) -> str:
    """The time from a metav1.Time text until now."""
    if not since:
        return UNKNOWN
    try:
        moment = parsed_time(since)
    except BadTime:
        return UNKNOWN
    return human_duration((now - moment).total_seconds())


def human_duration(seconds: float) -> str:
    """The two largest units that say something."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 2 * _MINUTE:
        return f"{max(whole, 0)}s"
    minutes, rest = divmod(whole, _MINUTE)
    if minutes < 10:
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 3 * 60:
        return f"{minutes}m"
    hours, rest = divmod(whole, _HOUR)
    if hours < 8:
        return f"{hours}h{rest // _MINUTE}m" if rest >= _MINUTE else f"{hours}h"
    if hours < 2 * _DAY:
        return f"{hours}h"
    days, rest = divmod(hours, _DAY)
    if days < 8:
        return f"{days}d{rest}h" if rest else f"{days}d"
    if days < 2 * _YEAR:
        return f"{days}d"
    years, rest = divmod(days, _YEAR)
    return f"{years}y{rest}d" if rest and years < 8 else f"{years}y"
