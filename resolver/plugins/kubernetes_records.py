"""Records of a kubernetes zone: addresses, SRV with their addresses, PTR, and where an alias leads.

Owners and targets are in wire form, TTLs in seconds. A witness hears which candidate makes which record.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Final

from resolver import limits
from resolver.answers.witness import Witness
from resolver.cluster.addresses import packed_address
from resolver.cluster.dns_records import Candidate, srv_weight
from resolver.cluster.objects import NO_PORT
from resolver.plugins.kubernetes_reasons import tell_addresses
from resolver.wire import codes
from resolver.wire.names import BadName, name_from_text
from resolver.wire.query import Query
from resolver.wire.reply import Record

_SRV: Final = Struct("!HHH")


def address_records(
    owner: bytes, candidates: Sequence[Candidate], qtype: int, ttl: int, witness: Witness | None = None
) -> list[Record]:
    """A or AAAA of the candidates' addresses of that family, each once, in their order."""
    size = 4 if qtype == codes.A else 16
    records = []
    for address in dict.fromkeys(candidate.address for candidate in candidates):
        packed = packed_address(address)
        if packed is not None and len(packed) == size:
            records.append(Record(owner, qtype, codes.IN, ttl, packed))
    if witness is not None:
        tell_addresses(witness, records, candidates)
    return records


def service_records(
    query: Query, zone_size: int, candidates: list[Candidate], ttl: int
) -> tuple[list[Record], list[Record]]:
    """SRV records and their addresses; every candidate counts in the weight, also those that make no record.

    Targets end in the zone, the last `zone_size` bytes of the question, as it was typed.
    """
    weight = srv_weight(len(candidates))
    typed_zone, witness = query.asked[-zone_size:], query.witness
    if witness is not None and candidates:
        witness.decided("E1", "one for each port and target")
    answer: dict[tuple[bytes, int], Record] = {}
    additional: dict[tuple[bytes, str], Record] = {}
    for candidate in candidates:
        address, port, labels = candidate
        packed = packed_address(address)
        target = labels + typed_zone
        if port == NO_PORT or packed is None or len(target) > limits.NAME_SIZE:
            if witness is not None:
                witness.unused("E3", "it has no port, and an SRV record needs one", candidate)
            continue
        if (target, port) not in answer:
            data = _SRV.pack(0, weight, port) + target
            answer[target, port] = Record(query.asked, codes.SRV, codes.IN, ttl, data)
        if (target, address) not in additional:
            additional[target, address] = address_record(target, packed, ttl)
        if witness is not None:
            witness.made(answer[target, port], candidate)
            witness.made(additional[target, address], candidate)
    return list(answer.values()), list(additional.values())


def pointer_records(
    owner: bytes, names: Sequence[bytes], zone: bytes, ttl: int, witness: Witness | None = None
) -> list[Record]:
    """PTR to the names, which lack the zone; those too long for one make none."""
    if witness is not None:
        witness.decided("G5", "who has the address" if names else "no Service and no ready endpoint has the address")
    records = []
    for name in names:
        if len(name) + len(zone) <= limits.NAME_SIZE:
            records.append(Record(owner, codes.PTR, codes.IN, ttl, name + zone))
            if witness is not None:
                witness.made(records[-1], name)
    return records


def address_record(owner: bytes, packed: bytes, ttl: int) -> Record:
    """A for four bytes, AAAA for sixteen."""
    return Record(owner, codes.A if len(packed) == 4 else codes.AAAA, codes.IN, ttl, packed)


def alias_target(text: str) -> bytes | None:
    """An externalName as a name; None where it is none."""
    try:
        return name_from_text(text) if text else None
    except BadName:
        return None
