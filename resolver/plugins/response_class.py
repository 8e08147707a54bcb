"""What kind of reply it is: success, denial or error (CoreDNS plugin/pkg/response)."""

from struct import Struct
from typing import Final

from resolver.answers.outcome import Reply, Settled
from resolver.wire import codes
from resolver.wire.query import Query
from resolver.wire.reply import Record

ALL: Final = "all"
SUCCESS: Final = "success"
DENIAL: Final = "denial"
ERROR: Final = "error"

_VALIDITY: Final = Struct("!II")  # expiration and inception of a RRSIG, RFC 4034 §3.1
_VALIDITY_AT: Final = 8
_SIGN: Final = 1 << 31


def classify(query: Query, outcome: Settled, now: float) -> str:
    """`SUCCESS`, `DENIAL` or `ERROR`; silence, transfers and opcodes other than QUERY are errors. `now` as of 1970."""
    if not isinstance(outcome, Reply) or query.opcode or query.qtype in (codes.AXFR, codes.IXFR):
        return ERROR
    if query.do and any(_is_out_of_date(record, now) for records in outcome.sections for record in records):
        return ERROR
    if outcome.rcode == codes.NOERROR:
        if not outcome.answer and any(record.rtype == codes.SOA for record in outcome.authority):
            return DENIAL
        return SUCCESS
    return DENIAL if outcome.rcode == codes.NXDOMAIN and not outcome.answer else ERROR


def _is_out_of_date(record: Record, now: float) -> bool:
    """A signature outside its time; times are 32 bits and go round (RFC 4034 §3.1.5)."""
    if record.rtype != codes.RRSIG or len(record.rdata) < _VALIDITY_AT + _VALIDITY.size:
        return False
    expiration, inception = _VALIDITY.unpack_from(record.rdata, _VALIDITY_AT)
    begun, left = int(now) - inception, expiration - int(now)
    return bool(begun & _SIGN or left & _SIGN)
