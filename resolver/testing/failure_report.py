"""The section of a failed test: what its servers were asked, what they said, which faults fired."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from resolver.faults.fault_list import Firing
from resolver.testing.dns_server import DnsServer, alive
from resolver.testing.report import fault_lines, question_lines


class Before(NamedTuple):
    """How far a server was when a test began: questions recorded, and the last firing of a fault."""

    asked: int
    fired: Firing | None


_NEW: Final = Before(0, None)


def so_far() -> dict[int, Before]:
    """How far each server is, by number."""
    return {each.number: Before(each.history.total, each.firings[-1] if each.firings else None) for each in alive}


def failure_report(before: Mapping[int, Before], *, silent: bool = True) -> str:
    """Of all servers that were asked since then, and with `silent` of those that were made and not asked; else empty.

    `before`: what `so_far` said.
    """
    servers = sorted(alive, key=lambda each: each.number)
    parts = [_of_server(each, before.get(each.number), silent) for each in servers]
    return "\n".join(part for part in parts if part)


def _of_server(server: DnsServer, before: Before | None, silent: bool) -> str:
    """`before`: None where the server is newer than the test."""
    asked_before, fired_before = before or _NEW
    asked = server.history.questions(after=asked_before)
    if not asked and (before is not None or not silent):
        return ""
    firings = list(server.firings)
    if fired_before in firings:
        firings = firings[firings.index(fired_before) + 1 :]
    lines = question_lines(asked) or ["no question was asked"]
    lines += fault_lines(server.added_faults, firings, asked[0].at if asked else 0.0)
    return "\n".join([f"{server!r}:", *(f"  {line}" for line in lines)])
