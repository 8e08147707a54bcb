"""``python -m tests.speed``: dualdns beside CoreDNS and a bare echo server, ratios and targets in one table."""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from tests.speed.asking import NeverSaid
from tests.speed.bench import Bench, Plan, default_dualdns
from tests.speed.big_cluster import Size
from tests.speed.dnsperf import UnexpectedOutput
from tests.speed.loads import LOADS
from tests.speed.programs import Missing, require, two_cores
from tests.speed.report import table


def main() -> int:
    options = _options()
    try:
        require("dnsperf", "taskset")
        coredns = _coredns(options.coredns)
        cores = two_cores()
        os.sched_setaffinity(0, {cores[1]})  # ours, and what is started from here unless it says otherwise
        with tempfile.TemporaryDirectory(prefix="dualdns-speed-") as folder:
            plan = Plan(
                cores,
                Size(options.services, options.endpoints),
                options.seconds,
                options.repeats,
                options.loads,
                options.changes,
                options.dualdns or default_dualdns(),
                coredns,
                small=not options.no_small,
                large=options.large,
            )
            figures = Bench(plan, Path(folder), lambda line: print(line, flush=True)).run()
    except (Missing, UnexpectedOutput, NeverSaid) as error:
        print(f"tests.speed: {error}", file=sys.stderr)
        return 1
    print()
    print(table(figures))
    if options.json:
        about = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
        results = {**about, "seconds": options.seconds, "figures": [figure.as_json() for figure in figures]}
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.speed",
        description="Measures dualdns and, where they are there, CoreDNS and an echo server, turn by turn.",
        epilog="Needs dnsperf, taskset and two cores. CoreDNS: go install github.com/coredns/coredns@v1.15.0",
    )
    parser.add_argument("--coredns", metavar="PATH", help="default: the coredns on the PATH, if there is one")
    parser.add_argument("--dualdns", nargs="+", metavar="WORD", help="the command, default: this Python's")
    parser.add_argument("--services", type=int, default=Size.services)
    parser.add_argument("--endpoints", type=int, default=Size.endpoints, help="of each Service in each family")
    parser.add_argument("--seconds", type=int, default=3, help="of one run of a load")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each load and starts of each server")
    parser.add_argument("--changes", type=int, default=100, help="API changes timed in each turn")
    parser.add_argument("--loads", type=_loads, default=list(LOADS), metavar="A,B", help=f"of {', '.join(LOADS)}")
    parser.add_argument("--no-small", action="store_true", help="leave out the memory with 100 Services")
    parser.add_argument("--large", action="store_true", help="100,000 Services too: 4 GiB of memory, some minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there")
    return parser.parse_args()


def _loads(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in LOADS:
            raise argparse.ArgumentTypeError(f"{name!r} is no load; there are {', '.join(LOADS)}")
    return names


def _coredns(wanted: str | None) -> str | None:
    if wanted:
        found = shutil.which(wanted)
        if found is None:
            raise Missing(f"{wanted} is no program")
        return str(Path(found).absolute())
    found = shutil.which("coredns")
    if found is None:
        print("no coredns on the PATH: nothing to compare with but the floor")
    return found


if __name__ == "__main__":
    sys.exit(main())
