"""Walks along a search path without a network: what is heard comes from a table or a function."""

from collections.abc import Callable, Mapping

from resolver.client.search import Heard, Round, Verdict, Walk
from resolver.wire import codes

LOST = Heard()
NODATA = Heard(codes.NOERROR, seconds=0.001)
NXDOMAIN = Heard(codes.NXDOMAIN, seconds=0.001)
SERVFAIL = Heard(codes.SERVFAIL, seconds=0.001)
REFUSED = Heard(codes.REFUSED, seconds=0.001)

Zone = Mapping[str, tuple[Heard, Heard]]
"""By name, what is heard to A and to AAAA; NXDOMAIN for names that are not there."""


def found(*addresses: str) -> Heard:
    return Heard(codes.NOERROR, addresses, len(addresses), seconds=0.001)


def played(walk: Walk, zone: Zone | Callable[[Round, int], Heard]) -> tuple[list[Round], Verdict]:
    """The rounds of a walk, and its end."""

    def heard(round: Round, name: str, qtype: int) -> Heard:
        if callable(zone):
            return zone(round, qtype)
        return zone.get(name, (NXDOMAIN, NXDOMAIN))[qtype == codes.AAAA]

    rounds: list[Round] = []
    try:
        step = next(walk)
        while True:
            rounds.append(step)
            step = walk.send(tuple(heard(step, lookup.name, lookup.qtype) for lookup in step.lookups))
    except StopIteration as end:
        verdict: Verdict = end.value
        return rounds, verdict
