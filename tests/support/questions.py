"""Questions, records and neighbours for tests of the chain."""

from collections.abc import Callable
from dataclasses import dataclass, field
from struct import pack

import dns.rdata

from resolver.answers.outcome import Answer, Handler, Pending, Settled
from resolver.wire import codes
from resolver.wire.edns import opt_record
from resolver.wire.names import name_from_text
from resolver.wire.peer import KeptPeer, Network
from resolver.wire.query import Edns, Query
from resolver.wire.reply import Record


@dataclass
class FakeRouter:
    """What a question knows about its listener."""

    server: str = "dns://:53"
    any_class: bool = False


def peer(address: str = "127.0.0.1", port: int = 40_000, protocol: Network = "udp") -> KeptPeer:
    """An asker on this machine."""
    v6 = ":" in address
    return KeptPeer(protocol, 6 if v6 else 4, address, port, "::1" if v6 else "127.0.0.1", 53)


def question(
    name: str = "web.shop.svc.cluster.local.",
    qtype: str = "A",
    *,
    client: KeptPeer | None = None,
    edns: Edns | None = None,
    flags: int = codes.RD,
    authority: tuple[Record, ...] = (),
    id: int = 4_711,
) -> Query:
    """A query as the door admits it, with a packet to match."""
    asked = name_from_text(name)
    number = codes.type_number(qtype)
    assert number is not None, qtype
    packet = pack("!HHHHHH", id, flags, 1, 0, len(authority), int(edns is not None)) + asked + pack("!HH", number, 1)
    packet += b"".join(wire(record) for record in authority)
    if edns is not None:
        packet += opt_record(edns.size, edns.do, edns.options)
    query = Query(id, flags, asked, number, codes.IN, edns, client or peer(), packet)
    query.router = FakeRouter()
    return query


def wire(record: Record) -> bytes:
    """The record in wire form, uncompressed."""
    head = pack("!HHIH", record.rtype, record.rclass, record.ttl, len(record.rdata))
    return record.owner + head + record.rdata


def record(text: str) -> Record:
    """A record from zone-file text without class: ``web.shop. 5 A 10.0.0.1``."""
    owner, ttl, kind, data = text.split(maxsplit=3)
    rdata = dns.rdata.from_text("IN", kind, data, relativize=False).to_wire()
    assert rdata is not None
    number = codes.type_number(kind)
    assert number is not None, kind
    return Record(name_from_text(owner), number, codes.IN, int(ttl), rdata)


@dataclass
class Next:
    """The rest of a chain: answers each question with what `make` gives and remembers what it was asked."""

    make: Callable[[], Answer]
    asked: list[Query] = field(default_factory=list)

    def __call__(self, query: Query, /) -> Answer:
        self.asked.append(query)
        return self.make()


def never(query: Query, /) -> Answer:
    """A rest of the chain that must not be asked."""
    raise AssertionError(f"{query.name!r} went on down the chain")


def pending(outcome: Settled) -> Pending:
    """An outcome that comes a turn of the event loop later."""

    async def work() -> Settled:
        return outcome

    return Pending(work())


@dataclass
class Neighbour:
    """A plugin that passes everything on."""

    name: str

    def answer(self, query: Query, next: Handler, /) -> Answer:
        return next(query)
