"""Hosts files: addresses and their names, one address a line (hosts(5); CoreDNS plugin/hosts/hostsfile.go)."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Final

from resolver import limits
from resolver.cluster.addresses import canonical_address, packed_address
from resolver.wire.names import BadName, closest_zone, name_from_text

_WILDCARD: Final = b"\x01*"


class HostTable:
    """Names and addresses of one file; names lower case, in wire form, addresses packed (4 or 16 bytes)."""

    def __init__(self) -> None:
        self.names: tuple[dict[bytes, list[bytes]], dict[bytes, list[bytes]]] = ({}, {})
        """IPv4 and IPv6 addresses by name, those of wildcards (``*.example.org``) too."""
        self.addresses: dict[str, list[bytes]] = {}
        """Names by canonical address text."""

    def lookup(self, name: bytes, *, v6: bool) -> list[bytes]:
        """The addresses of a name, else of the wildcard beside it: ``*`` stands for one label."""
        names = self.names[v6]
        found = names.get(name)
        if found is None and name[0]:
            parent = name[1 + name[0] :]
            found = names.get(_WILDCARD + parent) if parent != b"\0" else None
        return found or []

    def __len__(self) -> int:
        """Addresses and reverse entries together, as CoreDNS counts them."""
        return sum(len(values) for values in chain(*(table.values() for table in (*self.names, self.addresses))))


def read_table(
    content: bytes, source: str, zones: frozenset[bytes], report: Callable[[str], None], *, reverse: bool = True
) -> HostTable:
    """The table of a file's content. Names outside the zones, bad names and lines without an address are left out.

    Fields that are too long are reported with `source` (``Hosts file "/etc/hosts"``) and line. `reverse`: names are
    found by address too; wildcards never are.
    """
    table = HostTable()
    for number, line in enumerate(content.split(b"\n"), 1):
        fields = line.partition(b"#")[0].split()
        if not fields:
            continue
        if len(fields[0]) > limits.HOSTS_FIELD:
            report(f"{source}, line {number}: address longer than {limits.HOSTS_FIELD} bytes, dropping the line")
            continue
        packed = packed_address(fields[0].partition(b"%")[0].decode("latin-1"))
        if packed is None:
            continue
        for field in fields[1:]:
            if len(field) > limits.HOSTS_FIELD:
                report(f"{source}, line {number}: name longer than {limits.HOSTS_FIELD} bytes, dropping the name")
            else:
                _add(table, packed, field, zones, reverse=reverse)
    return table


def _add(table: HostTable, packed: bytes, field: bytes, zones: frozenset[bytes], *, reverse: bool) -> None:
    try:
        name = name_from_text(field.decode("utf-8", "replace")).lower()
    except BadName:
        return  # no question can have such a name
    if closest_zone(name, zones) is None:
        return
    table.names[len(packed) == 16].setdefault(name, []).append(packed)
    if reverse and not name.startswith(_WILDCARD):
        table.addresses.setdefault(canonical_address(packed), []).append(name)


def lookup_all(tables: Sequence[HostTable], name: bytes, *, v6: bool) -> list[bytes]:
    """The addresses of a name in all tables, in order."""
    return [packed for table in tables for packed in table.lookup(name, v6=v6)]
