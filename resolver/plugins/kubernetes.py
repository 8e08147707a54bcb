"""kubernetes: names of Services, endpoints and Pods, forwards and backwards (CoreDNS plugin/kubernetes).

What is behind a name is told by resolver/cluster/dns_records.py, kubernetes_records.py makes records of it; here are
the query types, NODATA against NXDOMAIN, the SOA, and the way through aliases, which may lead from any of these to any
other, so that they stand in one class. Letter case: owners are the name as asked, and whatever ends in the zone ends in
the zone part of the question as typed; only targets of PTR are in the zone as configured.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from resolver import limits
from resolver.answers.outcome import NO_KEYS, Answer, Failure, Handler, Key, Reply, Settled, Step, after
from resolver.answers.witness import Witness
from resolver.cluster.addresses import packed_address
from resolver.cluster.dns_names import (
    DNS_VERSION,
    NS_DNS,
    SVC,
    Part,
    is_reverse,
    parse,
    reverse_address,
)
from resolver.cluster.dns_records import Alias, Candidate, Found, Records, View
from resolver.cluster.inventory import NAMESPACE, SERVICE, Inventory
from resolver.plugins.kubernetes_reasons import no_data
from resolver.plugins.kubernetes_records import (
    address_record,
    address_records,
    alias_target,
    pointer_records,
    service_records,
)
from resolver.plugins.kubernetes_transfer import ZoneListing
from resolver.plugins.kubernetes_zone import Zone
from resolver.wire import codes
from resolver.wire.names import closest_zone, is_at_or_below
from resolver.wire.query import Query
from resolver.wire.reply import Record

NAME: Final = "kubernetes"

_SCHEMA_VERSION: Final = b"\x051.1.0"
_SCHEMA_TTL: Final = 28_800


@dataclass(frozen=True, slots=True)
class Options:
    """The block's options that shape answers. Zones lower case, in wire form; `fall_through` None: nowhere."""

    zones: tuple[bytes, ...]
    primary_zone: bytes
    ttl: int = 5
    view: View = field(default_factory=View)
    multicluster_zones: tuple[bytes, ...] = ()
    fall_through: frozenset[bytes] | None = None


Missing = tuple[Key, ...]
"""There is no such name; the keys are what that depends on."""


class Kubernetes:
    """The plugin. `local_addresses` are this server's own, for name servers; `ask` lets the server ask itself."""

    name = NAME

    def __init__(
        self,
        options: Options,
        inventory: Inventory,
        ask: Callable[[Query], Answer],
        local_addresses: Callable[[], Sequence[str]],
    ) -> None:
        self.options = options
        self.inventory = inventory
        self.records = Records(inventory, options.view)
        self.local_addresses = local_addresses
        self._ask = ask
        self._ttl = options.ttl
        self.zones = {name: self._zone(name) for name in options.zones}

    def _zone(self, name: bytes) -> Zone:
        multicluster = any(is_at_or_below(name, other) for other in self.options.multicluster_zones)
        serial = self.inventory.multicluster_serial if multicluster else self.inventory.internal_serial
        fall = self.options.fall_through or frozenset()
        return Zone(name, serial, self.options.ttl, fall, multicluster=multicluster)

    def ready(self) -> bool:
        """For `ready`: the first lists are in."""
        return self.inventory.synced

    def answer(self, query: Query, next: Handler, /) -> Answer:
        name, zones = query.name, self.zones
        zone_name = closest_zone(name, zones)
        if zone_name is None:
            return next(query)
        zone, qtype = zones[zone_name], query.qtype
        if qtype in (codes.AXFR, codes.IXFR):
            if query.witness is not None:
                query.witness.decided("A", "zone transfers need the transfer plugin")
            return Failure(codes.REFUSED)
        result = self._records(query, zone, qtype)
        if not isinstance(result, tuple):
            return result
        if zone.falls and closest_zone(name, self.options.fall_through or ()) is not None:
            if query.witness is not None:
                query.witness.decided("L2", "fallthrough: a name that does not exist here is left to the next plugin")
            return after(next(query), _while_missing(result)) if result else next(query)
        if not self.inventory.synced:
            if query.witness is not None:
                query.witness.decided("H6", "the first lists of the cluster are not in yet: the name may exist")
            return self._denial(query, zone, codes.SERVFAIL, None)
        return self._denial(query, zone, codes.NXDOMAIN, result)

    def _records(self, query: Query, zone: Zone, qtype: int) -> Answer | Missing:
        """The outcome for a name that exists; what it depends on where it does not."""
        name, witness = query.name, query.witness
        if qtype == codes.SOA:
            return self._soa_reply(query, zone)
        if qtype == codes.PTR:
            address = reverse_address(name)
            if address:
                names, depends = self.records.reverse(address, witness)
                records = pointer_records(query.asked, names, self.options.primary_zone, self._ttl, witness)
                return Reply(codes.NOERROR, codes.AA, records, depends=depends) if records else depends
        elif qtype == codes.TXT and name == DNS_VERSION + zone.name:
            record = Record(query.asked, codes.TXT, codes.IN, _SCHEMA_TTL, _SCHEMA_VERSION)
            if witness is not None:
                witness.decided("D7", "the version of the DNS schema")
            return Reply(codes.NOERROR, codes.AA, [record], depends=NO_KEYS)
        elif qtype == codes.NS and query.asked == zone.name:
            return self._nameserver_names(query, zone)
        elif qtype != codes.TXT and name.startswith(NS_DNS) and _is_nameserver(name, query, zone):
            records = self._nameserver_addresses(query.asked, qtype, witness)
            return Reply(codes.NOERROR, codes.AA, records) if records else self._denial(query, zone, 0, None)
        found, depends, part = self._find(name, zone, witness)
        if found is None or (qtype == codes.TXT and not found and not part):
            if witness is not None and found is not None:
                witness.decided("D7", "TXT of a name without any records is a name error")
            return depends  # a name without records has no TXT either: no NODATA there (rule D7)
        return self._found(query, zone, found, depends)

    def _find(self, name: bytes, zone: Zone, witness: Witness | None) -> tuple[Found, tuple[Key, ...], bytes]:
        """What is behind a name, what that depends on, and the topology zone the name speaks of."""
        missing = self._missing_service(name, zone)
        if missing and witness is None:
            return None, missing, b""
        request = parse(name, zone.size, multicluster=zone.multicluster, zonal=self.options.view.zonal)
        if request is None or (zone.holds_reverse and request.part is not Part.EMPTY and is_reverse(name)):
            if witness is not None:
                witness.decided(*_no_such_form(name))
            return None, NO_KEYS, b""
        if witness is not None:
            witness.looked_up(request, multicluster=zone.multicluster)
        found = self.records.find(request, multicluster=zone.multicluster, witness=witness)
        if missing:
            return None, missing, b""  # looked up for the sake of the reasons
        return found, self.records.depends(request, multicluster=zone.multicluster), request.topology

    def _missing_service(self, name: bytes, zone: Zone) -> Missing:
        """The keys of a Service there is none of; empty where there is, and for names of any other form.

        Nearly every name that is missing is such a one, and this is a quarter of the way through `parse` and `find`.
        """
        end = len(name) - zone.size - len(SVC)
        if end < 0 or not zone.names_services or name[end : end + len(SVC)] != SVC:
            return ()
        middle = 1 + name[0]
        if middle + 1 + name[middle] != end:
            return ()
        key = name[:end]
        entry = self.inventory.services.get(key)
        if entry is not None and entry.service is not None:
            return ()
        return (SERVICE, key), (NAMESPACE, name[middle:end])

    def _found(self, query: Query, zone: Zone, found: Found, depends: tuple[Key, ...]) -> Answer:
        qtype, witness = query.qtype, query.witness
        if isinstance(found, Alias):
            if qtype in (codes.A, codes.AAAA):
                return self._alias(query, zone, found, depends)
            target = alias_target(found.name) if qtype == codes.CNAME else None
            if target is None:
                if witness is not None:
                    witness.decided("G4", "an ExternalName has a CNAME, which leads to addresses, and nothing else")
                return self._denial(query, zone, codes.NOERROR, depends)
            record = Record(query.asked, codes.CNAME, codes.IN, self._ttl, target)
            if witness is not None:
                witness.decided("G2", "the alias of the ExternalName, wherever it leads")
                witness.made(record, found)
            return Reply(codes.NOERROR, codes.AA, [record], depends=depends)
        if qtype in (codes.A, codes.AAAA):
            records = address_records(query.asked, found or (), qtype, self._ttl, witness)
            if records:
                return Reply(codes.NOERROR, codes.AA, records, depends=depends)
        elif qtype == codes.SRV:
            answer, additional = service_records(query, zone.size, found or [], self._ttl)
            if answer:
                return Reply(codes.NOERROR, codes.AA, answer, [], additional, depends)
        if witness is not None and found:
            witness.decided(*no_data(qtype))
        return self._denial(query, zone, codes.NOERROR, depends)

    def _alias(self, query: Query, zone: Zone, alias: Alias, depends: tuple[Key, ...]) -> Answer:
        """Follows ExternalNames inside the zone; a name elsewhere is asked of the server itself (rule G1)."""
        chain: list[Record] = []
        name, owner, witness = query.name, query.asked, query.witness
        while True:
            target = alias_target(alias.name)
            if target is None:
                break
            lower = target.lower()
            seen = any(record.rdata == target for record in chain)
            if is_at_or_below(lower, name) or len(chain) > limits.ALIAS_CHAIN or seen:
                if witness is not None:
                    witness.decided("G1", "the alias leads back to itself, or on and on")
                break
            chain.append(Record(owner, codes.CNAME, codes.IN, self._ttl, target))
            if witness is not None:
                witness.made(chain[-1], alias)
            if not is_at_or_below(lower, zone.name):
                if witness is not None:
                    witness.decided("G1", "the alias leads out of the zone: the server asks itself for its target")
                return after(self._ask(query.asking(target, query.qtype)), self._join(query, zone, chain, depends))
            name, owner = lower, target
            if _is_nameserver(lower, query, zone):
                records = self._nameserver_addresses(owner, query.qtype, witness)
                return (
                    Reply(codes.NOERROR, codes.AA, chain + records) if records else self._denial(query, zone, 0, None)
                )
            found, keys, _ = self._find(lower, zone, witness)
            depends += keys
            if isinstance(found, Alias):
                alias = found
                continue
            records = address_records(owner, found or (), query.qtype, self._ttl, witness)
            if records:
                return Reply(codes.NOERROR, codes.AA, chain + records, depends=depends)
            if witness is not None:
                witness.decided("G1", "the alias leads to a name in the zone that has no address of this family")
            break
        return self._denial(query, zone, codes.NOERROR, depends)

    def _join(
        self, query: Query, zone: Zone, chain: list[Record], depends: tuple[Key, ...]
    ) -> Callable[[Settled], Answer]:
        """The aliases so far and what the server answered to itself; where it kept silent the alias does not count."""

        def join(inner: Settled) -> Answer:
            if inner is None:
                return self._denial(query, zone, codes.NOERROR, None)
            if not isinstance(inner, Reply):
                return Reply(codes.NOERROR, codes.AA, chain)
            keys = None if inner.depends is None else depends + inner.depends
            return Reply(codes.NOERROR, codes.AA | inner.flags & codes.TC, chain + inner.answer, depends=keys)

        return join

    def _nameserver_addresses(self, owner: bytes, qtype: int, witness: Witness | None) -> list[Record]:
        """The addresses of `ns.dns`, which has records of no other type."""
        if witness is not None:
            witness.decided("J5", "the name servers: this server's own addresses, or the Services in front of it")
        if qtype not in (codes.A, codes.AAAA):
            return []
        found = [Candidate(address, 0, labels) for labels, address in self.nameservers(witness)]
        return address_records(owner, found, qtype, self._ttl, witness)

    def _nameserver_names(self, query: Query, zone: Zone) -> Reply:
        """The NS of the apex, which is there only where the zone is typed in lower case."""
        witness = query.witness
        servers = self.nameservers(witness)
        if witness is not None:
            witness.decided("J3" if servers else "J4", "the name servers of the zone")
        if not servers:
            return self._denial(query, zone, codes.NOERROR, None)
        answer: dict[bytes, Record] = {}
        glue = []
        for labels, address in servers:
            name, packed = labels + zone.name, packed_address(address)
            answer.setdefault(labels, Record(query.asked, codes.NS, codes.IN, self._ttl, name))
            if packed:
                glue.append(address_record(name, packed, self._ttl))
            if witness is not None:
                for record in (answer[labels], *(glue[-1:] if packed else ())):
                    witness.made(record, Candidate(address, 0, labels))
        return Reply(codes.NOERROR, codes.AA, list(answer.values()), [], glue)

    def nameservers(self, witness: Witness | None = None) -> list[tuple[bytes, str]]:
        """(wire labels in front of the zone, address) of the name servers."""
        return self.records.nameservers(self.local_addresses(), witness)

    def transfer(self, zone: bytes, serial: int) -> Iterable[Record] | None:
        """All records of a served zone, or of a name below one taken for a zone (CoreDNS xfr.go)."""
        served = closest_zone(zone, self.zones)
        if served is None:
            return None
        of = self.zones[served]
        listing = ZoneListing(
            self.records,
            self.nameservers(),
            zone,
            of.soa(zone).record,
            of.serial.wire,
            ttl=self.options.ttl,
            multicluster=of.multicluster,
        )
        if serial and serial.to_bytes(4, "big") == of.serial.wire:
            return [listing.current()]
        return listing.records()

    def _soa_reply(self, query: Query, zone: Zone) -> Answer:
        if query.witness is not None:
            query.witness.decided("D5", "the SOA stands at the zone's own name; any other name has none, and no error")
        if len(query.asked) != zone.size:
            return self._denial(query, zone, codes.NOERROR, NO_KEYS)
        reply = Reply(codes.NOERROR, codes.AA, [zone.soa(query.asked).record], depends=NO_KEYS)
        reply.serial = zone.serial
        return reply

    def _denial(self, query: Query, zone: Zone, rcode: int, depends: tuple[Key, ...] | None) -> Reply:
        soa = zone.soa(query.asked[-zone.size :])
        reply = Reply(rcode, codes.AA, None, [soa.record], depends=depends)
        reply.serial = soa.serial
        reply.soa = soa
        return reply


def _no_such_form(name: bytes) -> tuple[str, str]:
    """The rule and the words for a name that no parsing understands."""
    if not is_reverse(name):
        return "B", "names of this form do not exist"
    if reverse_address(name):
        return "G9", "the reverse name of an address has PTR records and no others"
    return "G9", "it is not the reverse name of a whole address"


def _while_missing(keys: tuple[Key, ...]) -> Step:
    """What other plugins say to a name holds only while it is missing here."""

    def mark(outcome: Settled) -> Settled:
        if isinstance(outcome, Reply) and outcome.depends is not None:
            outcome.depends += keys
        return outcome

    return mark


def _is_nameserver(name: bytes, query: Query, zone: Zone) -> bool:
    """Whether the lower-case name stands for the name servers; the zone must be typed in lower case."""
    start = zone.nameserver
    return bool(start) and name.startswith(start) and query.asked.endswith(zone.name)
