"""The open TCP connections: how many there may be, which one goes, and when each has kept us long enough.

One timer serves all of them. Each connection carries its own deadline, which only moves when something happens on it;
a look at all of them closes those past it and says when to look again.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from resolver import limits


@dataclass(frozen=True, slots=True)
class TcpTimeouts:
    """Seconds, as in CoreDNS's `timeouts` plugin."""

    read: float = limits.TCP_FIRST_READ
    """From connecting to the first whole query, and from the first byte of a later one to its last."""
    write: float = limits.TCP_WRITE
    """How long a client may leave its replies unread."""
    idle: float = limits.TCP_IDLE
    """From a reply to the next query's first byte."""


class OpenConnection(Protocol):
    """What the bookkeeping needs of a connection."""

    deadline: float
    """When it is cut off, on the clock of its `TcpConnections`; infinite while it waits for us."""

    def cut(self) -> None:
        """Ends it at once, whatever it still had to send."""


class TcpConnections:
    """All open connections, the most idle first. Shared by the listeners of a server, so that the cap is one."""

    def __init__(
        self,
        *,
        cap: int = limits.TCP_CONNECTIONS,
        timeouts: TcpTimeouts = TcpTimeouts(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cap = cap
        self.timeouts = timeouts
        self.clock = clock
        self._open: OrderedDict[OpenConnection, None] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None
        self.touch = self._open.move_to_end
        """Call with a connection when something happened on it: it is the least idle now."""
        self.accepted = 0
        self.evicted = 0
        """Connections closed, as the most idle one, to make room for a new one."""
        self.timed_out = 0

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, connection: OpenConnection) -> bool:
        return connection in self._open

    def join(self, connection: OpenConnection) -> None:
        """Takes in a new connection; at the cap the most idle one goes."""
        if len(self._open) >= self._cap:
            self.evicted += 1
            most_idle, _ = self._open.popitem(last=False)
            most_idle.cut()
        self._open[connection] = None
        self.accepted += 1
        if self._timer is None:
            self._look_again_in(self._shortest)

    def leave(self, connection: OpenConnection) -> None:
        """Forgets a connection; one that is not there any more was evicted."""
        self._open.pop(connection, None)
        if not self._open and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def sweep(self) -> None:
        """Cuts every connection that is past its deadline."""
        now = self.clock()
        for connection in [connection for connection in self._open if connection.deadline <= now]:
            self.timed_out += 1
            del self._open[connection]
            connection.cut()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._open:
            earliest = min((connection.deadline for connection in self._open), default=math.inf)
            # A deadline set from now on is at least the shortest timeout away, so none is overslept.
            self._look_again_in(min(earliest - now, self._shortest))

    @property
    def _shortest(self) -> float:
        return min(self.timeouts.read, self.timeouts.write, self.timeouts.idle)

    def _look_again_in(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(max(seconds, limits.TCP_SWEEP), self.sweep)
