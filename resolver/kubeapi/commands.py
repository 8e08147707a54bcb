"""What a watch machine wants done: the values that come out of it, to be carried out in order."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from resolver.cluster.objects import ClusterObject

NOT_OLDER_THAN: Final = "NotOlderThan"

Level = Literal["ERROR", "WARNING", "INFO"]
Change = tuple[str, ClusterObject]
"""``ADDED``, ``MODIFIED`` or ``DELETED``, and the object."""


class List(NamedTuple):
    """Ask for a page. `limit` 0: all at once. Empty texts are parameters left out."""

    request: int
    limit: int
    continue_token: str = ""
    resource_version: str = ""
    match: str = ""


class Watch(NamedTuple):
    """Open a watch with bookmarks; `initial_events`: the server is to stream the list first (sendInitialEvents)."""

    request: int
    resource_version: str
    timeout: int
    initial_events: bool = False


class Cancel(NamedTuple):
    """Drop the request; nothing more of it is wanted."""

    request: int


class Wait(NamedTuple):
    """Send `events.TimerFired` after `seconds`. `reason` is for people."""

    timer: int
    seconds: float
    reason: str


class Apply(NamedTuple):
    """Give these changes to the sink, as one batch."""

    changes: Sequence[Change]


class Replace(NamedTuple):
    """Give this whole list to the sink; with `audit`, what differs had been lost by the watch."""

    objects: Sequence[ClusterObject]
    audit: bool = False


class Reauthenticate(NamedTuple):
    """The credentials were refused: load them again before the next request."""


UNREACHABLE: Final = "unreachable"


class Lost(NamedTuple):
    """The API cannot be used at the moment; said at each failure, to be logged once while the cause is the same."""

    text: str
    cause: str = UNREACHABLE


class Found(NamedTuple):
    """The API can be used again."""


class Report(NamedTuple):
    """Log this."""

    level: Level
    text: str


Command = List | Watch | Cancel | Wait | Apply | Replace | Reauthenticate | Lost | Found | Report
