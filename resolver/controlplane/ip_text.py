"""IP addresses and ranges in fields of the API: what is read, what is refused, what is warned about.

Reading is lenient as Go's old parser was (leading zeros, IPv4-mapped addresses); the strict rules come on top
(apimachinery pkg/util/validation/ip.go, StrictIPCIDRValidation).
"""

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from resolver.cluster.addresses import canonical_address, packed_address
from resolver.controlplane.field_errors import FieldError, invalid
from resolver.controlplane.go_text import go_quote

IPV4: Final = "IPv4"
IPV6: Final = "IPv6"

_QUAD: Final = re.compile(r"(.*:)?([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)")
_LONG_GROUP: Final = re.compile(r"\b0+(?=[0-9a-fA-F]{1,4}\b)")
_MASK: Final = re.compile(r"[0-9]+")
_BITS: Final = {4: 32, 16: 128}


class Prefix(NamedTuple):
    """A range: its network address (4 or 16 bytes), its length in bits, and the address as it was written."""

    network: bytes
    length: int
    address: bytes

    def __str__(self) -> str:
        return f"{canonical_address(self.network)}/{self.length}"

    @property
    def family(self) -> str:
        return IPV4 if len(self.network) == 4 else IPV6


def parsed_address(text: str) -> bytes | None:
    """4 or 16 bytes, None where it is no address. An IPv4-mapped IPv6 address counts as IPv4."""
    packed = packed_address(text)
    if packed is not None:
        return packed
    quad = _QUAD.fullmatch(text)
    if quad:
        numbers = [int(each) for each in quad.groups()[1:]]
        if max(numbers) > 255:
            return None
        text = f"{quad[1] or ''}{'.'.join(map(str, numbers))}"
    return packed_address(_LONG_GROUP.sub("", text)) if ":" in text else packed_address(text)


def address_family(text: str) -> str:
    """``IPv4``, ``IPv6``, or empty where it is no address."""
    packed = parsed_address(text)
    return "" if packed is None else IPV4 if len(packed) == 4 else IPV6


def parsed_prefix(text: str) -> Prefix | None:
    """``address/bits``; None where it is no range. Bits beyond the length may be set."""
    address, slash, bits = text.partition("/")
    packed = parsed_address(address)
    if not slash or packed is None or not _MASK.fullmatch(bits):
        return None
    length = int(bits)
    if len(packed) == 4 and ":" in address:
        length -= 96  # an IPv4-mapped range
    size = _BITS[len(packed)]
    if not 0 <= length <= size:
        return None
    network = int.from_bytes(packed) >> (size - length) << (size - length)
    return Prefix(network.to_bytes(len(packed)), length, packed)


def address_errors(field: str, text: str, known: Collection[str] = ()) -> list[FieldError]:
    """A field that has always taken addresses loosely: new values are held to the strict rules, `known` ones pass."""
    packed = packed_address(text)
    if text in known or (packed is not None and (len(packed) == 16 or ":" not in text)):
        return []
    if packed is not None:
        return [invalid(field, text, "must not be an IPv4-mapped IPv6 address")]
    if parsed_address(text) is None:
        return [invalid(field, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    return [invalid(field, text, "must not have leading 0s")]


def canonical_address_errors(field: str, text: str) -> list[FieldError]:
    """A newer field: addresses in canonical form only."""
    errors = address_errors(field, text)
    packed = parsed_address(text)
    if errors or packed is None or canonical_address(packed) == text:
        return errors
    return [invalid(field, text, f'must be in canonical form ("{canonical_address(packed)}")')]


def prefix_errors(field: str, text: str, known: Collection[str] = ()) -> list[FieldError]:
    """Likewise for ranges."""
    if text in known:
        return []
    prefix = parsed_prefix(text)
    if prefix is None:
        return [invalid(field, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    address, _, bits = text.partition("/")
    if packed_address(address) is None or (len(bits) > 1 and bits[0] == "0"):
        return [invalid(field, text, "must not have leading 0s in IP or prefix length")]
    if _is_mapped(address):
        return [invalid(field, text, "must not have an IPv4-mapped IPv6 address")]
    if prefix.address != prefix.network:
        return [invalid(field, text, "must not have bits set beyond the prefix length")]
    return []


def canonical_prefix_errors(field: str, text: str) -> list[FieldError]:
    errors = prefix_errors(field, text)
    if errors or str(parsed_prefix(text)) == text:
        return errors
    return [invalid(field, text, f'must be in canonical form ("{parsed_prefix(text)}")')]


def endpoint_address_errors(field: str, text: str) -> list[FieldError]:
    """Addresses nothing can be reached at from elsewhere."""
    packed = parsed_address(text)
    if packed is None:
        return [invalid(field, text, "must be a valid IP address")]
    errors = []
    if not any(packed):
        errors.append(invalid(field, text, f"may not be unspecified ({text})"))
    if packed[0] == 127 if len(packed) == 4 else packed == b"\0" * 15 + b"\1":
        errors.append(invalid(field, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)"))
    if packed[:2] == b"\xa9\xfe" if len(packed) == 4 else (packed[0], packed[1] & 0xC0) == (0xFE, 0x80):
        errors.append(invalid(field, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"))
    if packed[:3] == b"\xe0\0\0" if len(packed) == 4 else (packed[0], packed[1] & 0x0F) == (0xFF, 0x02):
        errors.append(invalid(field, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"))
    return errors


def address_warnings(field: str, text: str) -> list[str]:
    """Addresses that are taken, but should be written otherwise."""
    packed = packed_address(text)
    if packed is not None and len(packed) == 4 and ":" not in text:
        return []
    packed = parsed_address(text)
    if packed is None or canonical_address(packed) == text:
        return []
    canonical = canonical_address(packed)
    if packed_address(text) is None or _is_mapped(text):
        return [f'{field}: non-standard IP address {go_quote(text)} is invalid: use "{canonical}"']
    return [f'{field}: IPv6 address {go_quote(text)} should be in RFC 5952 canonical format ("{canonical}")']


def prefix_warnings(field: str, text: str) -> list[str]:
    """Ranges that are taken, but should be written otherwise."""
    prefix = parsed_prefix(text)
    if prefix is None or str(prefix) == text:
        return []
    if prefix.address != prefix.network:
        single = f"{canonical_address(prefix.address)}/{_BITS[len(prefix.address)]}"
        words = f'is ambiguous in this context (should be "{prefix}" or "{single}"?)'
        return [f"{field}: CIDR value {go_quote(text)} {words}"]
    if prefix_errors("", text):
        return [f'{field}: non-standard CIDR value {go_quote(text)} is invalid: use "{prefix}"']
    return [f'{field}: IPv6 CIDR value {go_quote(text)} should be in RFC 5952 canonical format ("{prefix}")']


def _is_mapped(text: str) -> bool:
    packed = packed_address(text)
    return ":" in text and packed is not None and len(packed) == 4
