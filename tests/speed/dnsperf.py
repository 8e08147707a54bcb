"""One run of dnsperf, and what it printed."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

CLIENTS = 8
OUTSTANDING = 400  # queries at once, and so the burst a run opens with

_LINES = {
    "sent": re.compile(r"Queries sent:\s+(\d+)"),
    "completed": re.compile(r"Queries completed:\s+(\d+)"),
    "lost": re.compile(r"Queries lost:\s+(\d+)"),
    "seconds": re.compile(r"Run time \(s\):\s+([\d.]+)"),
    "latency": re.compile(r"Average Latency \(s\):\s+([\d.]+)"),
}
_CODES = re.compile(r"Response codes:\s+(.+)")
_CODE = re.compile(r"(\w+) (\d+) \(")


class UnexpectedOutput(Exception):
    """dnsperf printed something else than its report."""


@dataclass(frozen=True)
class Report:
    """Counts of queries, seconds, and how many replies had each response code."""

    sent: int
    completed: int
    lost: int
    seconds: float
    latency: float
    codes: dict[str, int]


def parse(output: str) -> Report:
    """Reads what dnsperf prints at the end of a run. Raises UnexpectedOutput."""
    found = {}
    for name, line in _LINES.items():
        match = line.search(output)
        if match is None:
            raise UnexpectedOutput(f"dnsperf said nothing of {name!r}: {output.strip()[-500:]!r}")
        found[name] = match[1]
    codes = _CODES.search(output)
    return Report(
        int(found["sent"]),
        int(found["completed"]),
        int(found["lost"]),
        float(found["seconds"]),
        float(found["latency"]),
        {code: int(number) for code, number in _CODE.findall(codes[1])} if codes else {},
    )


def run(port: int, questions: Path, seconds: int, *, tcp: bool = False, once: bool = False) -> Report:
    """Asks with EDNS, as fast as replies come back, for so many seconds; with `once` until all is asked, if sooner.

    Raises UnexpectedOutput.
    """
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", str(questions), "-l", str(seconds)]
    command += ["-c", str(CLIENTS), "-q", str(OUTSTANDING), "-e", "-m", "tcp" if tcp else "udp"]
    command += ["-n", "1"] if once else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return parse(done.stdout + done.stderr)
