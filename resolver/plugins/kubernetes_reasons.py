"""What `kubernetes` tells of the records it makes, and of those it does not, to whom it concerns."""

from collections.abc import Sequence

from resolver.answers.witness import Witness
from resolver.cluster.addresses import packed_address
from resolver.cluster.dns_records import Candidate
from resolver.wire import codes
from resolver.wire.reply import Record


def tell_addresses(witness: Witness, records: Sequence[Record], candidates: Sequence[Candidate]) -> None:
    """Which candidates the records of addresses are made of, and which are of the other family."""
    by_address = {record.rdata: record for record in records}
    for candidate in candidates:
        record = by_address.get(packed_address(candidate.address) or b"")
        if record is None:
            witness.unused("k8s.N1", "it is of the other family", candidate)
        else:
            witness.made(record, candidate)


def no_data(qtype: int) -> tuple[str, str]:
    """The rule why a name that has candidates has no record of this type."""
    if qtype in (codes.A, codes.AAAA):
        return "k8s.N1", f"all of its addresses are {'IPv6' if qtype == codes.A else 'IPv4'}"
    if qtype == codes.SRV:
        return "E3", "it has no port, and an SRV record needs one"
    return "D", f"the name exists, and {codes.type_text(qtype)} is no type that names of a cluster have"
