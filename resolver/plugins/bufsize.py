"""bufsize: lowers the size of replies that askers say they take, against fragments (CoreDNS plugin/bufsize)."""

from collections.abc import Sequence
from typing import Final

from resolver import limits
from resolver.answers.outcome import Answer, Handler, Settled, after
from resolver.corefile.directives import Directive
from resolver.corefile.settings import between, integer
from resolver.plugins.plugin import Host
from resolver.wire.query import Query, reply_limit

NAME: Final = "bufsize"


class Bufsize:
    """The reply's OPT shows the lowered size, and so do the query log and what stands further down the chain."""

    name = NAME

    def __init__(self, size: int) -> None:
        self.size = size

    def answer(self, query: Query, next: Handler, /) -> Answer:
        edns = query.edns
        if edns is not None and edns.size > self.size:
            edns.size = self.size
            query.limit = reply_limit(query.client.protocol, edns)
        return after(next(query), self._cap)

    def _cap(self, outcome: Settled) -> Settled:
        if outcome is not None:
            outcome.size_cap = min(outcome.size_cap, self.size)
        return outcome


def setup(uses: Sequence[Directive], host: Host) -> Bufsize:
    """Only the first use counts, as in CoreDNS. Raises BadConfig."""
    arguments = between(uses[0], 0, 1)
    if not arguments:
        return Bufsize(limits.BUFSIZE_DEFAULT)
    message = f"bufsize must be from {limits.BUFSIZE_LEAST} to {limits.BUFSIZE_MOST} bytes: {{}}"
    return Bufsize(integer(arguments[0], limits.BUFSIZE_LEAST, limits.BUFSIZE_MOST, message))
