"""explain: the reason of a denial in band, as an Extended DNS Error (RFC 8914); no plugin of CoreDNS.

A reply without an answer, to a query with EDNS, carries option 15 with the rule and the reason as EXTRA-TEXT:
``no ready endpoint has this name (rule F7)``. What a client without EDNS gets is not changed by a byte.
"""

from collections.abc import Sequence
from functools import partial
from struct import Struct
from typing import Final

from resolver import limits
from resolver.answers.outcome import Answer, Handler, Reply, Settled, Transfer, after
from resolver.corefile.directives import Directive
from resolver.corefile.settings import no_arguments, no_block, only_once
from resolver.plugins.plugin import Host
from resolver.wire import codes
from resolver.wire.edns import EXTENDED_ERROR, option
from resolver.wire.query import Query
from resolver.wire.reply import Record

NAME: Final = "explain"

OTHER: Final = 0
NOT_READY: Final = 14
"""INFO-CODEs (RFC 8914 §4)."""

_CODE: Final = Struct("!H")
_NOT_SYNCED: Final = "H6"


class LastReason:
    """A witness of the last rule that settled something; all else passes it by."""

    __slots__ = ("rule", "text")

    def __init__(self) -> None:
        self.rule = ""
        self.text = ""

    def decided(self, rule: str, text: str) -> None:
        self.rule, self.text = rule, text

    def looked_up(self, request: object, *, multicluster: bool) -> None:
        """Not told."""

    def used(self, candidate: object, item: object, place: int) -> None:
        """Not told."""

    def passed_over(self, rule: str, text: str, item: object, place: int) -> None:
        """Not told."""

    def made(self, record: Record, candidate: object) -> None:
        """Not told."""

    def unused(self, rule: str, text: str, candidate: object) -> None:
        """Not told."""


class Explain:
    """Replies are kept as ever: their reasons hold as long as they do."""

    name = NAME

    def answer(self, query: Query, next: Handler, /) -> Answer:
        if query.lookups or query.witness is not None:
            return next(query)
        query.witness = reason = LastReason()
        return after(next(query), partial(_with_reason, reason))


def _with_reason(reason: LastReason, outcome: Settled) -> Settled:
    if isinstance(outcome, Reply) and not isinstance(outcome, Transfer) and not outcome.answer and reason.rule:
        rule = reason.rule.removeprefix("k8s.")
        text = f"{reason.text} (rule {rule})".encode()[: limits.EXTENDED_ERROR_TEXT]
        code = NOT_READY if outcome.rcode == codes.SERVFAIL and reason.rule == _NOT_SYNCED else OTHER
        outcome.reason = option(EXTENDED_ERROR, _CODE.pack(code) + text)
        outcome.soa = None  # the short form of denials has no room for it
    return outcome


def setup(uses: Sequence[Directive], host: Host) -> Explain:
    """Raises BadConfig."""
    only_once(uses)
    no_arguments(uses[0])
    no_block(uses[0])
    return Explain()
