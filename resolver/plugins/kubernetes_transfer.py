"""All records of a kubernetes zone, for `transfer` (CoreDNS plugin/kubernetes/xfr.go)."""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import Final

from resolver import limits
from resolver.cluster.addresses import packed_address
from resolver.cluster.dns_names import SVC
from resolver.cluster.dns_records import Records, namespace_of, srv_weight
from resolver.cluster.objects import EndpointSlice, Port, ServiceKind
from resolver.wire import codes
from resolver.wire.names import BadName, name_from_text
from resolver.wire.reply import SERIAL_FROM_END, Record

_SRV: Final = Struct("!HHH")
_WHOLE_WEIGHT: Final = 100


class ZoneListing:
    """The records of one zone, `zone` being the lower-case name that was asked for: it may lie below a served zone.

    `servers` are its name servers: wire labels in front of the zone, and address.
    """

    def __init__(
        self,
        records: Records,
        servers: Sequence[tuple[bytes, str]],
        zone: bytes,
        soa: Record,
        serial: bytes,
        *,
        ttl: int,
        multicluster: bool,
    ) -> None:
        data = soa.rdata
        self._soa = soa._replace(rdata=data[:-SERIAL_FROM_END] + serial + data[4 - SERIAL_FROM_END :])
        self._records = records
        self._servers = [(labels + zone, address) for labels, address in servers]
        self._zone = zone
        self._ttl = ttl
        self._multicluster = multicluster

    def records(self) -> Iterator[Record]:
        """SOA, name servers, their addresses (TTL 0), services by name, SOA; nothing too long for a name."""
        return (record for record in self._all() if len(record.owner) <= limits.NAME_SIZE)

    def _all(self) -> Iterator[Record]:
        yield self._soa
        for name in dict.fromkeys(name for name, _ in self._servers):
            yield Record(self._zone, codes.NS, codes.IN, self._ttl, name)
        for name, address in self._servers:
            yield from self._address(name, address, 0)
        yield from self._imports() if self._multicluster else self._services()
        yield self._soa

    def current(self) -> Record:
        """The SOA alone: what an IXFR of our own serial is answered with."""
        return self._soa

    def _services(self) -> Iterator[Record]:
        entries = self._records.inventory.services
        for key in sorted(entries, key=_name_of):
            entry = entries[key]
            service = entry.service
            if service is None or not self._records.exposed(namespace_of(key)):
                continue
            if service.kind is ServiceKind.EXTERNAL_NAME:
                yield from self._alias(key, service.external_name)
            elif service.cluster_ips:
                yield from self._cluster_service(key, service.cluster_ips, service.ports)
            else:
                yield from self._endpoints(key, entry.slices if self._records.view.endpoints else ())

    def _imports(self) -> Iterator[Record]:
        entries = self._records.inventory.imports
        for key in sorted(entries, key=_name_of):
            entry = entries[key]
            item = entry.service_import
            if item is None or not self._records.exposed(namespace_of(key)):
                continue
            if item.ips:
                yield from self._cluster_service(key, item.ips, item.ports)
            else:
                yield from self._endpoints(key, entry.slices)

    def _alias(self, key: bytes, external_name: str) -> Iterator[Record]:
        if packed_address(external_name) is not None:
            return
        try:
            target = name_from_text(external_name)
        except BadName:
            return
        yield Record(key + SVC + self._zone, codes.CNAME, codes.IN, self._ttl, target)

    def _cluster_service(self, key: bytes, ips: Sequence[str], ports: Iterable[Port]) -> Iterator[Record]:
        name = key + SVC + self._zone
        for address in ips:
            yield from self._address(name, address, self._ttl)
        for port in ports:
            yield self._service_record(name, _WHOLE_WEIGHT, port.number, name)
            if _is_named(port):
                yield self._service_record(_port_labels(port) + name, _WHOLE_WEIGHT, port.number, name)

    def _endpoints(self, key: bytes, slices: Iterable[EndpointSlice]) -> Iterator[Record]:
        name = key + SVC + self._zone
        for item in slices:
            weight = srv_weight(len(item.addresses))
            for _, address, label in self._records.endpoint_names(item):
                endpoint = bytes((len(label),)) + label + name
                yield from self._address(name, address, self._ttl)
                yield from self._address(endpoint, address, self._ttl)
                for port in item.ports if len(endpoint) <= limits.NAME_SIZE else ():
                    if _is_named(port):
                        yield self._service_record(_port_labels(port) + name, weight, port.number, endpoint)

    def _address(self, owner: bytes, address: str, ttl: int) -> Iterator[Record]:
        packed = packed_address(address)
        if packed is not None:
            yield Record(owner, codes.A if len(packed) == 4 else codes.AAAA, codes.IN, ttl, packed)

    def _service_record(self, owner: bytes, weight: int, port: int, target: bytes) -> Record:
        """A port that is not declared is written as it falls out of CoreDNS: 65535."""
        return Record(owner, codes.SRV, codes.IN, self._ttl, _SRV.pack(0, weight, port & 0xFFFF) + target)


def _name_of(key: bytes) -> bytes:
    """The Service's name alone: equal names of different namespaces come in any order."""
    return key[1 : 1 + key[0]]


def _is_named(port: Port) -> bool:
    """Whether the port has a name, and one that is still a label behind an underscore; likewise its protocol."""
    return 0 < len(port.name) < limits.LABEL_SIZE and len(port.protocol) < limits.LABEL_SIZE


def _port_labels(port: Port) -> bytes:
    name, protocol = b"_" + port.name, b"_" + port.protocol
    return bytes((len(name),)) + name + bytes((len(protocol),)) + protocol
