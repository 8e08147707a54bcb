"""What can happen to a watch: the values that go into its machine.

`request` is the number that the command (`commands.List`, `commands.Watch`) gave to the request in question.
"""

from collections.abc import Sequence
from typing import NamedTuple

from resolver.cluster.decoding import WatchEvent
from resolver.cluster.objects import ClusterObject


class Opened(NamedTuple):
    """The request was answered with success; its body follows."""

    request: int


class ItemsArrived(NamedTuple):
    """Some objects of a page. They count only when the page has ended well."""

    request: int
    objects: Sequence[ClusterObject]


class PageEnded(NamedTuple):
    """A page is whole; `continue_token` is empty on the last one."""

    request: int
    resource_version: str
    continue_token: str


class LinesArrived(NamedTuple):
    """The decoded lines of one network read of a watch."""

    request: int
    events: Sequence[WatchEvent]


class StreamEnded(NamedTuple):
    """The server ended a watch in good order."""

    request: int


class Silence(NamedTuple):
    """Not a byte came for longer than a living connection is silent."""

    request: int
    seconds: float


class ConnectionFailed(NamedTuple):
    """No connection, or it broke. `text` is for people: where and what."""

    request: int
    text: str


class Malformed(NamedTuple):
    """The answer is no list, or a line no event."""

    request: int
    text: str


class HttpFailed(NamedTuple):
    """The request was refused. `retry_after`: seconds, where the server said so; reason and message of its Status."""

    request: int
    status: int
    retry_after: float | None = None
    reason: str = ""
    message: str = ""


class TimerFired(NamedTuple):
    """A wait of `commands.Wait` is over."""

    timer: int


RequestEvent = (
    Opened | ItemsArrived | PageEnded | LinesArrived | StreamEnded | Silence | ConnectionFailed | Malformed | HttpFailed
)
Event = RequestEvent | TimerFired
