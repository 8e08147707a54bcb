"""transfer: whole zones over TCP, AXFR and IXFR (CoreDNS plugin/transfer; RFC 5936, RFC 1995)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Final

from resolver import limits
from resolver.answers.outcome import Answer, Failure, Handler, Reply, Transfer
from resolver.corefile import go_syntax
from resolver.corefile.directives import Directive
from resolver.corefile.keys import plugin_zones
from resolver.corefile.settings import at_least, exactly, unknown_option, upstream_address
from resolver.corefile.tokens import BadConfig
from resolver.plugins.plugin import Host, Transferable
from resolver.wire import codes
from resolver.wire.names import closest_zone, name_from_text, name_to_text
from resolver.wire.query import Query
from resolver.wire.rdata import read_name, read_rdata
from resolver.wire.reply import Record

NAME: Final = "transfer"

_ANYONE: Final = "*"
_COUNTS: Final = Struct("!HHH")  # answer, authority, additional
_COUNTS_AT: Final = 6
_RECORD: Final = Struct("!HHIH")
_SERIAL_FROM_END: Final = 20  # bytes from the serial to the end of a SOA's data, RFC 1035 §3.3.13


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may have which zones: addresses in the text Go gives them, or ``*``."""

    zones: frozenset[bytes]
    to: frozenset[str]


class ZoneTransfer:
    """Lets the first plugin that owns the zone list it. A name below a zone is taken for a zone, as in CoreDNS."""

    name = NAME

    def __init__(self, host: Host, permissions: Sequence[Permission]) -> None:
        self.permissions = tuple(permissions)
        self._host = host
        self._sources: list[Transferable] = []

    async def start(self) -> None:
        """Finds the plugins that can list zones."""
        self._sources = [plugin for plugin in self._host.neighbours() if _can_transfer(plugin)]  # type: ignore[misc]

    def answer(self, query: Query, next: Handler, /) -> Answer:
        if query.qtype not in (codes.AXFR, codes.IXFR):
            return next(query)
        if query.client.protocol != "tcp":
            return Failure(codes.REFUSED)
        permission = self._permission(query.name)
        if permission is None:
            return next(query)
        if not permission.to & {_ANYONE, query.client.address}:
            return Reply(codes.REFUSED)
        serial = 0
        if query.qtype == codes.IXFR:
            known = _asked_serial(query.packet)
            if known is None:
                return Failure(codes.SERVFAIL)
            serial = known
        for source in self._sources:
            records = source.transfer(query.name, serial)
            if records is not None:
                return self._reply(query, list(records))
        return next(query)

    def _permission(self, name: bytes) -> Permission | None:
        """That with the longest zone the name is in; of equal ones the first."""
        best, longest = None, -1
        for permission in self.permissions:
            zone = closest_zone(name, permission.zones)
            if zone is not None and len(zone) > longest:
                best, longest = permission, len(zone)
        return best

    def _reply(self, query: Query, records: list[Record]) -> Answer:
        messages = split_messages(records)
        serial = _serial_of(records[0].rdata) if records and records[0].rtype == codes.SOA else 0
        zone, client = go_syntax.quote(name_to_text(query.asked)), query.client.address
        if len(records) == 1 and records[0].rtype == codes.SOA:
            line = f"noop, incremental transfer for up to date zone {zone} to {client} for {serial} SOA serial"
            self._host.log("INFO", f"plugin/transfer: Outgoing {line}")
            return Reply(answer=records)
        line = f"transfer of {len(records)} records of zone {zone} to {client} for {serial} SOA serial"
        self._host.log("INFO", f"plugin/transfer: Outgoing {line}")
        return Transfer(messages)


def split_messages(records: Iterable[Record]) -> list[list[Record]]:
    """The records in runs that each fit one message, names uncompressed."""
    messages: list[list[Record]] = []
    room = 0
    for record in records:
        size = len(record.owner) + _RECORD.size + len(record.rdata)
        if size > room or not messages:
            messages.append([])
            room = limits.TRANSFER_MESSAGE
        messages[-1].append(record)
        room -= size
    return messages


def _asked_serial(packet: bytes) -> int | None:
    """The serial of the one SOA in the authority section (RFC 1995 §3), None where there is none, of a sound packet."""
    answers, authorities, _ = _COUNTS.unpack_from(packet, _COUNTS_AT)
    if authorities != 1:
        return None
    _, at = read_name(packet, limits.HEADER_SIZE)
    at += 4
    for number in range(answers + 1):
        _, at = read_name(packet, at)
        rtype, _, _, length = _RECORD.unpack_from(packet, at)
        at += _RECORD.size
        if number == answers and rtype == codes.SOA and length:
            return _serial_of(read_rdata(packet, rtype, at, at + length))
        at += length
    return None


def _serial_of(soa: bytes) -> int:
    return int.from_bytes(soa[-_SERIAL_FROM_END : 4 - _SERIAL_FROM_END], "big")


def _can_transfer(plugin: object) -> bool:
    return callable(getattr(plugin, "transfer", None))


def setup(uses: Sequence[Directive], host: Host) -> ZoneTransfer:
    """Raises BadConfig."""
    plugin = ZoneTransfer(host, [_permission(use, host) for use in uses])
    host.on_start(plugin.start)
    return plugin


def _permission(use: Directive, host: Host) -> Permission:
    zones = plugin_zones(use.arguments, [name_to_text(zone) for zone in host.zones])
    to: set[str] = set()
    source = ""
    for option in use.options:
        match option.name.text:
            case "to":
                for word in at_least(option, 1):
                    to.add(_ANYONE if word.text == _ANYONE else upstream_address(word)[0])
            case "source":
                word = exactly(option, 1)[0]
                if source:
                    raise BadConfig.at(option.name, "source already specified")
                source = word.text
                if not go_syntax.is_ip(source) or "%" in source:
                    raise BadConfig.at(word, f"invalid source address {go_syntax.quote(source)}")
            case _:
                raise unknown_option(option, ("source", "to"))
    if not to:
        raise BadConfig.at(use.end, "'to' is required")
    return Permission(frozenset(name_from_text(zone) for zone in zones), frozenset(to))
