"""Which connection goes and when, on a clock of the test's own."""

import asyncio
import math

import pytest

from resolver import limits
from resolver.transports.tcp_connections import TcpConnections, TcpTimeouts


class Connection:
    def __init__(self, deadline: float = math.inf) -> None:
        self.deadline = deadline
        self.was_cut = False

    def cut(self) -> None:
        self.was_cut = True


async def test_only_connections_past_their_deadline_are_cut() -> None:
    now = 10.0
    connections = TcpConnections(clock=lambda: now)
    past, due, waiting, pending = Connection(9), Connection(10), Connection(10.001), Connection()
    for connection in (past, due, waiting, pending):
        connections.join(connection)
    connections.sweep()
    assert [connection.was_cut for connection in (past, due, waiting, pending)] == [True, True, False, False]
    assert (len(connections), connections.timed_out, connections.accepted) == (2, 2, 4)
    for connection in (past, due, waiting, pending):
        connections.leave(connection)


async def test_at_the_cap_the_most_idle_goes() -> None:
    connections = TcpConnections(cap=2)
    first, second, third, fourth = (Connection() for _ in range(4))
    connections.join(first)
    connections.join(second)
    connections.touch(first)
    connections.join(third)
    assert (first.was_cut, second.was_cut) == (False, True)
    connections.join(fourth)
    assert (first.was_cut, third.was_cut) == (True, False)
    assert (len(connections), connections.evicted) == (2, 2)
    for connection in (first, second, third, fourth):
        connections.leave(connection)
    assert len(connections) == 0


@pytest.mark.parametrize(
    ("deadlines", "delay"),
    [
        pytest.param([8.0], 3, id="no nearer than a deadline set from now on could be"),
        pytest.param([math.inf], 3, id="all wait for us"),
        pytest.param([102.0, 101.0, 109.0], 1, id="the nearest"),
        pytest.param([100.001], limits.TCP_SWEEP, id="not all the time"),
    ],
)
async def test_the_next_look_is_at_the_nearest_deadline(
    deadlines: list[float], delay: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    delays: list[float] = []
    call_later = loop.call_later
    monkeypatch.setattr(loop, "call_later", lambda delay, *call: delays.append(delay) or call_later(delay, *call))
    now = 0.0
    connections = TcpConnections(clock=lambda: now, timeouts=TcpTimeouts(read=3, write=5, idle=10))
    open_ones = [Connection(deadline if deadline > 100 else deadline + 100) for deadline in deadlines]
    for connection in open_ones:
        connections.join(connection)
    assert delays == [3], "one timer for all"
    now = 100.0
    connections.sweep()
    assert delays[1:] == [pytest.approx(delay)]
    for connection in open_ones:
        connections.leave(connection)


async def test_the_timer_sweeps_by_itself() -> None:
    gone = asyncio.Event()
    connection = Connection(0)
    connection.cut = gone.set  # type: ignore[method-assign]
    connections = TcpConnections(timeouts=TcpTimeouts(read=0.001))
    connections.join(connection)
    await gone.wait()
    assert connection not in connections
