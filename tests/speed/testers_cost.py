"""``python -m tests.speed.testers_cost``: what history and faults cost a server, in pairs that take turns.

Three servers of the demo run at once: one plain, one that takes faults and has none, one that keeps a history too. Each
round puts the same questions to each of them, so that whatever slows the machine slows all three; the figure is the
median of the rounds' ratios of server CPU. The questions repeat, as clients do: the cheapest way through the server,
on which what is added shows most.
"""

import argparse
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from resolver.wire import codes
from tests.speed.programs import Missing, Program
from tests.support.doors import query_packet

LOADED: Final = ("--admin", "0", "--history", "0")
KEEPING: Final = ("--admin", "0")
NAMES: Final = ("web.shop", "db.shop", "none.shop", "web.none")
WINDOW: Final = 32
"""Questions under way at once."""


class Turns:
    """A server of the demo and the questions put to it."""

    def __init__(self, program: Program, log: Path) -> None:
        self._program = program
        self._schedule = Path(f"/proc/{program.process.pid}/schedstat")
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(5)
        self._socket.connect(("127.0.0.1", _port(program, log)))
        self._packets = [
            query_packet(f"{name}.svc.cluster.local.", kind, edns=1232, flags=codes.RD)
            for name in NAMES
            for kind in ("A", "AAAA")
        ]

    def take(self, questions: int) -> float:
        """Microseconds of the server's CPU a question. Raises Missing where a reply does not come."""
        before = self._cpu()
        for start in range(0, questions, WINDOW):
            for number in range(start, start + WINDOW):
                self._socket.send(self._packets[number % len(self._packets)])
            for _ in range(WINDOW):
                try:
                    self._socket.recv(4_096)
                except TimeoutError:
                    raise Missing("a reply did not come") from None
        return (self._cpu() - before) / questions / 1_000

    def close(self) -> None:
        self._socket.close()

    def _cpu(self) -> int:
        """Nanoseconds on a core so far."""
        return int(self._schedule.read_text().split()[0])


def _port(program: Program, log: Path) -> int:
    """What the start prints last. Raises Missing."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        program.check()
        for line in log.read_text().splitlines():
            if line.startswith("Try: dig "):
                return int(line.split()[4])
        time.sleep(0.05)
    raise Missing("a server did not start within a minute")


def measure(rounds: int, questions: int) -> dict[str, tuple[float, float, float]]:
    """By what is on: microseconds a question without and with it, and the median of the rounds' ratios."""
    figures: dict[str, list[float]] = {"plain": [], "faults": [], "history": []}
    kinds: dict[str, Sequence[str]] = {"plain": (), "faults": LOADED, "history": KEEPING}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dualdns-speed-")))
        servers = {}
        for kind, flags in kinds.items():
            command = [
                sys.executable,
                "-m",
                "resolver",
                "serve",
                "--demo",
                "--port",
                "0",
                "--bind",
                "127.0.0.1",
                *flags,
            ]
            program = stack.enter_context(Program(command, None, folder / kind))
            servers[kind] = Turns(program, folder / kind)
            stack.callback(servers[kind].close)
            servers[kind].take(questions)  # the first questions are answered the long way
        for number in range(rounds):
            order = list(servers) if number % 2 else list(reversed(servers))
            for kind in order:
                figures[kind].append(servers[kind].take(questions))
    return {
        kind: (
            statistics.median(figures[without]),
            statistics.median(figures[kind]),
            statistics.median(new / old for old, new in zip(figures[without], figures[kind], strict=True)),
        )
        for kind, without in (("faults", "plain"), ("history", "faults"))
    }


def main() -> int:
    """Status 1 where something costs more than it may."""
    parser = argparse.ArgumentParser(prog="python -m tests.speed.testers_cost", description=__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--questions", type=int, default=6_400, help="of each server in each round")
    options = parser.parse_args()
    try:
        found = measure(options.rounds, options.questions)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 2
    allowed = {"faults": 1.03, "history": 1.1}
    for kind, (without, with_it, ratio) in found.items():
        print(f"{kind}: {without:.2f} -> {with_it:.2f} µs a question, ratio {ratio:.3f}, at most {allowed[kind]:.2f}")
    return int(any(ratio > allowed[kind] for kind, (_, _, ratio) in found.items()))


if __name__ == "__main__":
    sys.exit(main())
