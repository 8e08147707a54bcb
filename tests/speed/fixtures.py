"""What servers of tests cost: ``python -m tests.speed.fixtures [SERVERS]`` prints figures, and fails on what is left.

Three figures: from nothing to the first answer, so many servers one after the other (1,000), and what the plugin adds
to a run of pytest that does not use it, as CPU time of alternating pairs of runs, which the load of a machine changes
less than the time by a clock.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Final

import dns.message
import dns.query

from resolver.testing import running
from tests.support.dns_servers import WEB
from tests.support.leftovers import held, is_free, left_since

SERVERS: Final = 1_000
WARM: Final = 5
PAIRS: Final = 20

_QUERY: Final = dns.message.make_query("web.default.svc.cluster.local", "AAAA")


def one_server() -> tuple[float, float, list[tuple[str, int]]]:
    """Seconds to the first answer, seconds in all, and where it was."""
    begin = time.perf_counter()
    with running(WEB) as server:
        reply = dns.query.udp(_QUERY, server.host, port=server.port, timeout=5)
        answered = time.perf_counter() - begin
        places = server.addresses
    if not reply.answer:
        raise SystemExit(f"no answer: {reply}")
    return answered, time.perf_counter() - begin, places


def many_servers(count: int) -> None:
    """Prints the figures of servers one after the other, and what they have left."""
    for _ in range(WARM):
        one_server()
    before, begin = held(), time.perf_counter()
    found = [one_server() for _ in range(count)]
    seconds = time.perf_counter() - begin
    firsts = sorted(first for first, _, _ in found)
    print(f"to the first answer: median {_ms(statistics.median(firsts))}, 95 % {_ms(firsts[count * 95 // 100])}")
    print(f"{count} servers one after the other: {seconds:.1f} s, {_ms(seconds / count)} each")
    taken = {place for _, _, places in found for place in places if not is_free(*place)}
    left = left_since(before)
    if taken or left:
        raise SystemExit(f"left: ports {taken or 'none'}, {left}")
    print("left: no port, thread, descriptor or file")


def plugin() -> None:
    """Prints what the plugin adds to a run that does not use it; other plugins, which take long, are left out."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        head = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_nothing.py"]
        plain, loaded = [], []
        for _ in range(PAIRS):
            plain.append(_cpu(head, folder))
            loaded.append(_cpu([*head, "-p", "resolver.testing.pytest_plugin"], folder))
        of_nothing = statistics.median(later - earlier for earlier, later in pairwise(plain))
    added = statistics.median(b - a for a, b in zip(plain, loaded, strict=True))
    print(f"the plugin adds {_ms(added)} of CPU time to {_ms(statistics.median(plain))} (noise {_ms(abs(of_nothing))})")


def _cpu(command: list[str], folder: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    subprocess.run(command, cwd=folder, env=alone, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else SERVERS
    steps: tuple[Callable[[], None], ...] = (lambda: many_servers(count), plugin)
    for step in steps:
        step()


if __name__ == "__main__":
    main(sys.argv[1:])
