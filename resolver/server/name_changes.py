"""Names and their records in words, and the difference between two sets of them.

Names are looked up by the code that answers (resolver/cluster/dns_records.py); what is listed is the addresses or alias
of a Service, the names of its endpoints where it is headless, SRV of named ports, and reverse names.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import Final, NamedTuple

from resolver import limits
from resolver.answers.outcome import Key
from resolver.cluster.addresses import canonical_address, packed_address
from resolver.cluster.dns_names import Part, Request
from resolver.cluster.dns_records import Alias, Candidate, Records, namespace_of, srv_weight
from resolver.cluster.inventory import ADDRESS, SERVICE
from resolver.cluster.objects import NO_PORT, Service, labels_text

_SERVICE_NAME: Final = 0
_ENDPOINT_NAME: Final = 1
_SERVICE_RECORD: Final = 2
_REVERSE_NAME: Final = 3


class NameLine(NamedTuple):
    """One record in words. They sort as they are shown: Services, endpoints, SRV, reverse names."""

    rank: int
    name: str
    type: str
    value: str

    def __str__(self) -> str:
        return f"{self.name} {self.type} {self.value}"


def name_lines(records: Records, keys: Iterable[Key], domain: str) -> set[NameLine]:
    """All names under these keys, as they are answered now."""
    lines: set[NameLine] = set()
    for kind, key in keys:
        if kind == SERVICE and isinstance(key, bytes):
            lines.update(_of_service(records, key, domain))
        elif kind == ADDRESS and isinstance(key, str):
            lines.update(_of_address(records, key, domain))
    return lines


def _of_address(records: Records, text: str, domain: str) -> Iterator[NameLine]:
    packed = packed_address(text)
    if packed is None or canonical_address(packed) != text:
        return  # reverse names are looked up by canonical text
    found, _ = records.reverse(text)
    for target in found:
        yield NameLine(_REVERSE_NAME, ip_address(packed).reverse_pointer, "PTR", f"{labels_text(target)}.{domain}")


def _of_service(records: Records, key: bytes, domain: str) -> Iterator[NameLine]:
    request = Request(Part.SERVICE, namespace_of(key), key)
    found = records.find(request)
    name = f"{labels_text(key)}.svc.{domain}"
    if isinstance(found, Alias):
        yield NameLine(_SERVICE_NAME, name, "CNAME", found.name)
        return
    for candidate in found or ():
        yield NameLine(_SERVICE_NAME, name, _address_type(candidate), candidate.address)
        target = f"{labels_text(candidate.target)}.{domain}"
        if target != name:
            yield NameLine(_ENDPOINT_NAME, target, _address_type(candidate), candidate.address)
    entry = records.inventory.services.get(key)
    if found and entry is not None and entry.service is not None:
        yield from _of_ports(records, request, entry.service, domain)


def _of_ports(records: Records, request: Request, service: Service, domain: str) -> Iterator[NameLine]:
    for port in service.ports:
        if not port.name or port.number == NO_PORT:
            continue
        found = records.find(request._replace(port=port.name, protocol=port.protocol))
        candidates = found if isinstance(found, list) else []
        name = f"_{port.name.decode()}._{port.protocol.decode()}.{labels_text(request.key)}.svc.{domain}"
        weight = srv_weight(len(candidates))
        for candidate in candidates:
            target = f"{labels_text(candidate.target)}.{domain}"
            yield NameLine(_SERVICE_RECORD, name, "SRV", f"0 {weight} {candidate.port} {target}")


def _address_type(candidate: Candidate) -> str:
    packed = packed_address(candidate.address)
    return "A" if packed is not None and len(packed) == 4 else "AAAA"


def changes(before: set[NameLine], after: set[NameLine]) -> list[str]:
    """``- name type value`` and ``+ ...``, at most so many lines (limits.MANIFEST_NAMES), the last saying how many
    there are besides."""
    signs: Mapping[NameLine, str] = dict.fromkeys(before - after, "-") | dict.fromkeys(after - before, "+")
    ordered = sorted(signs, key=lambda line: (line.rank, line.name, line.type, signs[line] == "+", line.value))
    shown = [f"{signs[line]} {line}" for line in ordered[: limits.MANIFEST_NAMES]]
    left = len(ordered) - len(shown)
    return [*shown, f"... and {left} more"] if left else shown
