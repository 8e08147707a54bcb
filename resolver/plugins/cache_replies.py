"""What a reply is to a cache: of which kind, whether it may be kept, and how long (CoreDNS plugin/cache, RFC 2308)."""

from collections.abc import Iterable
from enum import Enum, auto
from struct import Struct
from typing import Final

from resolver import limits
from resolver.answers.outcome import Reply
from resolver.wire import codes
from resolver.wire.query import Query
from resolver.wire.reply import Record

_RRSIG_TIMES: Final = Struct("!II")  # expiration and inception
_RRSIG_TIMES_AT: Final = 8  # RFC 4034 §3.1
TRANSFERS: Final = (codes.AXFR, codes.IXFR)


class Kind(Enum):
    """Kinds of replies; `OTHER` is never kept."""

    SUCCESS = auto()
    DELEGATION = auto()
    NAME_ERROR = auto()
    NODATA = auto()
    SERVER_ERROR = auto()
    OTHER = auto()


DENIALS: Final = frozenset((Kind.NAME_ERROR, Kind.NODATA, Kind.SERVER_ERROR))
"""Kinds that go to the denial store."""


def kind_of(reply: Reply, query: Query, now: float) -> Kind:
    """The kind of a reply; `now` in seconds since 1970, for signatures that have run out."""
    rcode, answer = reply.rcode, reply.answer
    if query.qtype in TRANSFERS or (query.do and _has_expired_signature(reply, now)):
        return Kind.OTHER
    if answer:
        if rcode != codes.NOERROR:
            return _kind_of_error(rcode) if rcode != codes.NXDOMAIN else Kind.OTHER
        if reply.authority and has_soa(reply) and not answers_question(reply, query):
            return Kind.NODATA
        return Kind.SUCCESS
    if rcode == codes.NXDOMAIN:
        return Kind.NAME_ERROR
    if rcode != codes.NOERROR:
        return _kind_of_error(rcode)
    types = [record.rtype for record in reply.authority]
    if codes.SOA in types:
        return Kind.NODATA
    return Kind.DELEGATION if codes.NS in types else Kind.SUCCESS


def _kind_of_error(rcode: int) -> Kind:
    return Kind.SERVER_ERROR if rcode in (codes.SERVFAIL, codes.NOTIMP) else Kind.OTHER


def may_be_kept(reply: Reply, kind: Kind, query: Query) -> bool:
    """No truncated reply, no denial without a SOA to say for how long, no alias that leads to nothing."""
    if reply.flags & codes.TC or kind is Kind.OTHER:
        return False
    if kind is Kind.NAME_ERROR:
        return has_soa(reply)
    return kind is not Kind.SUCCESS or not reply.answer or answers_question(reply, query)


def has_soa(reply: Reply) -> bool:
    """Whether the authority section has a SOA."""
    return any(record.rtype == codes.SOA for record in reply.authority)


def answers_question(reply: Reply, query: Query) -> bool:
    """Whether a record of the type asked for stands at the end of the aliases that begin at the name asked for.

    An alias with two targets or in a circle leads nowhere (RFC 2181 §10.1). ANY takes any record of the name itself.
    """
    if reply.rcode != codes.NOERROR or not reply.answer:
        return False
    name, qtype = query.name, query.qtype
    records = [record for record in reply.answer if query.qclass in (record.rclass, codes.ANY)]
    if qtype == codes.ANY:
        return any(record.owner.lower() == name for record in records)
    aliases = _aliases(records)
    if qtype == codes.CNAME:
        return aliases.get(name) is not None
    passed: set[bytes] = set()
    while name in aliases:
        target = aliases[name]
        if target is None or name in passed:
            return False
        passed.add(name)
        name = target
    return any(record.rtype == qtype and record.owner.lower() == name for record in records)


def _aliases(records: Iterable[Record]) -> dict[bytes, bytes | None]:
    """Targets of the CNAMEs by owner, lower case; None where there are two."""
    found: dict[bytes, bytes | None] = {}
    for record in records:
        if record.rtype == codes.CNAME:
            owner, target = record.owner.lower(), record.rdata.lower()
            found[owner] = target if found.get(owner, target) == target else None
    return found


def _has_expired_signature(reply: Reply, now: float) -> bool:
    for records in reply.sections:
        for record in records:
            if record.rtype == codes.RRSIG and len(record.rdata) >= _RRSIG_TIMES_AT + 8:
                expiration, inception = _RRSIG_TIMES.unpack_from(record.rdata, _RRSIG_TIMES_AT)
                if not _is_before(inception, int(now)) or not _is_before(int(now), expiration):
                    return True
    return False


def _is_before(earlier: int, later: int) -> bool:
    """Serial number arithmetic on 32 bits (RFC 4034 §3.1.5); equal times count."""
    return (later - earlier) & 0xFFFFFFFF < 0x80000000


def ttls_of(reply: Reply) -> list[int]:
    """The TTLs of all records, in order."""
    return [record.ttl for records in reply.sections for record in records]


def lowest_ttl(ttls: list[int], kind: Kind, most: int) -> int:
    """The lowest TTL of a reply's records, at most `most`; a SOA counts by its own TTL. Five seconds where there are no
    records, or where what there is does not tell (CoreDNS dnsutil.MinimalTTL)."""
    if not ttls or kind not in (Kind.SUCCESS, Kind.NAME_ERROR, Kind.NODATA):
        return limits.CACHE_LEAST_TTL
    return min(most, *ttls)


def with_ttl(records: Iterable[Record], ttl: int) -> list[Record]:
    """The same records with another TTL."""
    return [Record(owner, rtype, rclass, ttl, rdata) for owner, rtype, rclass, _, rdata in records]
