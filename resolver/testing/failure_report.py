"""The section of a failed test: what its servers were asked, what they said, which faults fired."""

from collections.abc import Mapping

from resolver.testing.dns_server import DnsServer, alive
from resolver.testing.report import question_lines


def asked_so_far() -> dict[int, int]:
    """By number, how many questions each server has been asked."""
    return {server.number: server.history.total for server in tuple(alive)}


def failure_report(asked_before: Mapping[int, int], *, silent: bool = True) -> str:
    """Of all servers that were asked since then, and with `silent` of those that were made and not asked; else empty.

    `asked_before`: what `asked_so_far` said.
    """
    servers = sorted(alive, key=lambda each: each.number)
    parts = [_of_server(each, asked_before.get(each.number), silent) for each in servers]
    return "\n".join(part for part in parts if part)


def _of_server(server: DnsServer, before: int | None, silent: bool) -> str:
    """`before`: questions asked before the test; None where the server is newer."""
    asked = server.history.questions(after=before or 0)
    if not asked and (before is not None or not silent):
        return ""
    lines = question_lines(asked) or ["no question was asked"]
    return "\n".join([f"{server!r}:", *(f"  {line}" for line in lines)])
