"""What is asked, and what each load must reach."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.speed import big_cluster
from tests.speed.big_cluster import Size
from tests.speed.report import COREDNS, FLOOR, Target

Questions = Callable[[Size, int, int], Iterator[str]]


@dataclass(frozen=True)
class Load:
    """Questions to ask as fast as replies come. `fresh`: others each run, for they must be new to the server.

    `lines` is how many there are, of fresh ones for each second: a run that gets through its questions begins again.
    """

    name: str
    text: str
    questions: Questions
    lines: int
    targets: tuple[Target, ...]
    fresh: bool = False
    tcp: bool = False


FRESH_PER_SECOND = 150_000  # more than one core answers

LOADS = {
    load.name: load
    for load in (
        Load(
            "clusterip",
            "A/AAAA of ClusterIP",
            big_cluster.address_questions,
            50_000,
            (Target(4.5, COREDNS, times=True), Target(2.0, FLOOR)),
        ),
        Load(
            "nxdomain",
            "random names (NXDOMAIN)",
            big_cluster.missing_questions,
            FRESH_PER_SECOND,
            (Target(2.0, COREDNS, times=True),),
            fresh=True,
        ),
        Load(
            "headless",
            "headless, 40 endpoints",
            big_cluster.headless_questions,
            1_000,
            (Target(10.0, COREDNS, times=True),),
        ),
        Load("ptr", "PTR", big_cluster.pointer_questions, 20_000, (Target(2.2, COREDNS, times=True),)),
        Load(
            "search",
            "search-path mix",
            big_cluster.search_path_questions,
            48_000,
            (Target(3.5, COREDNS, times=True),),
        ),
        Load(
            "tcp",
            "TCP, persistent",
            big_cluster.address_questions,
            50_000,
            (Target(2.0, COREDNS, times=True),),
            tcp=True,
        ),
    )
}
