"""The values of faults: read from texts or from Python's own, and written as texts again. All raise BadFault."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from resolver import limits
from resolver.faults.bad_fault import BadFault, unknown
from resolver.wire import codes

Network: TypeAlias = IPv4Network | IPv6Network
Seconds: TypeAlias = float | int | str
SecondsRange: TypeAlias = Seconds | Sequence[Seconds]

ORDERS: Final = ("fixed", "ascending", "descending")

_UNITS: Final = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0}
_SECONDS: Final = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?P<unit>ms|s|m|h|)")
_COMMON_TYPES: Final = ("A", "AAAA", "SRV", "PTR", "CNAME", "TXT", "NS", "SOA", "MX", "HTTPS", "SVCB", "ANY")
_RCODES: Final = {text: number for number, text in codes.RCODES.items()}
_RCODE_MOST: Final = 0xFFF  # twelve bits with EDNS, RFC 6891 §6.1.3


@dataclass(frozen=True, slots=True)
class Only:
    """Which addresses are left: the first so many of a name's, or with `count` None those of the networks."""

    count: int | None = None
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """How addresses are put: by `rule` (one of ORDERS), or with an empty rule the named ones first, as they stand."""

    rule: str = ""
    first: tuple[bytes, ...] = ()


# -- time -------------------------------------------------------------------------------------------------------------


def seconds(value: Seconds, what: str, most: float) -> float:
    """``250ms``, ``2s``, ``1.5``, ``5m``, or a number of seconds."""
    found: float | None = None
    if isinstance(value, str):
        match = _SECONDS.fullmatch(value)
        if match:
            found = float(match["number"]) * _UNITS[match["unit"]]
    elif not isinstance(value, bool) and math.isfinite(value):
        found = float(value)
    if found is None:
        raise BadFault(f"{what} {value!r} is no time: write 250ms, 2s or 1m", str(value))
    if not 0 <= found <= most:
        raise BadFault(f"{what} {value}: from 0 to {seconds_text(most)} are possible", str(value))
    return found


def seconds_range(value: SecondsRange, what: str, most: float) -> tuple[float, float]:
    """``2s``, or from least to most: ``100ms-2s``, or two values."""
    parts: Sequence[Seconds]
    if isinstance(value, str):
        parts = value.split("-")
    else:
        parts = value if isinstance(value, Sequence) else (value,)
    if not 1 <= len(parts) <= 2:
        raise BadFault(f"{what} {value!r} is no time: write 2s, or 100ms-2s for one at random", str(value))
    least, longest = (seconds(part, what, most) for part in (parts[0], parts[-1]))
    if least > longest:
        raise BadFault(f"{what} {value!r}: the shorter time comes first", str(value))
    return least, longest


def seconds_text(value: float) -> str:
    """What `seconds` reads as this value again."""
    for unit, size in (("h", 3_600), ("m", 60)):
        if value >= size and value % size == 0:
            return f"{value / size:.0f}{unit}"
    milliseconds = value * 1_000
    if 0 < value < 1 and milliseconds == int(milliseconds):
        return f"{milliseconds:.0f}ms"
    return f"{_plain(value)}s"


def _plain(value: float) -> str:
    """The shortest decimal form that is read back as the same number, without an exponent."""
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


def probability_text(value: float) -> str:
    return _plain(value)


# -- numbers ----------------------------------------------------------------------------------------------------------


def whole(value: int | str, what: str, least: int, most: int) -> int:
    """A whole number within these bounds."""
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if not isinstance(number, int) or isinstance(number, bool):
        raise BadFault(f"{what} {value!r} is no whole number", str(value))
    if not least <= number <= most:
        raise BadFault(f"{what} {value}: from {least} to {most} are possible", str(value))
    return number


def share(value: float | str, what: str) -> float:
    """A probability: ``0.3`` or ``30%``."""
    try:
        found = (
            float(value.removesuffix("%")) / (100 if value.endswith("%") else 1) if isinstance(value, str) else value
        )
    except ValueError:
        found = math.nan
    if not 0 <= found <= 1:  # also what is no number
        raise BadFault(f"{what} {value!r}: write a number from 0 to 1, or a percentage such as 30%", str(value))
    return float(found)


# -- DNS --------------------------------------------------------------------------------------------------------------


def record_type(value: str | int) -> int:
    """A record type by name, number or ``TYPE65280``."""
    if isinstance(value, int):
        return whole(value, "type", 1, 0xFFFF)
    number = codes.type_number(value)
    if number is None:
        raise unknown("record type", value, _COMMON_TYPES)
    return number


def record_types(value: str | int | Iterable[str | int] | None) -> tuple[int, ...]:
    """One or several: ``AAAA``, ``A,AAAA``, or a sequence; None for all."""
    if value is None:
        return ()
    each = value.split(",") if isinstance(value, str) else (value,) if isinstance(value, int) else value
    return tuple(dict.fromkeys(record_type(part) for part in each))


def rcode(value: str | int) -> int:
    """``SERVFAIL``, ``RCODE12`` or a number."""
    if isinstance(value, int):
        return whole(value, "rcode", 0, _RCODE_MOST)
    upper = value.upper()
    digits = upper.removeprefix("RCODE")
    if digits.isascii() and digits.isdigit():
        return whole(digits, "rcode", 0, _RCODE_MOST)
    if upper not in _RCODES:
        raise unknown("rcode", value, list(_RCODES))
    return _RCODES[upper]


# -- addresses --------------------------------------------------------------------------------------------------------


def network(value: object, what: str) -> Network:
    """``10.0.0.0/8``, ``fd00::1``; bits behind the prefix do not matter."""
    try:
        return ip_network(str(value), strict=False)
    except ValueError:
        raise BadFault(
            f"{what} {str(value)!r} is no address: write one such as 10.0.0.1, or fd00::/64", str(value)
        ) from None


def packed(value: object, what: str) -> bytes:
    """An IP address as bytes."""
    try:
        return ip_address(str(value)).packed
    except ValueError:
        raise BadFault(
            f"{what} {str(value)!r} is no address: write one such as 10.0.0.1 or fd00::1", str(value)
        ) from None


def several(value: object) -> list[object]:
    """One value, a text of several with commas between, or a sequence of them."""
    if isinstance(value, str):
        return [part for part in value.split(",") if part]
    if isinstance(value, Iterable):
        return list(value)
    return [value]


def only(value: object) -> Only:
    """``1``, or addresses and networks."""
    if isinstance(value, int) or (isinstance(value, str) and value.isascii() and value.isdigit()):
        return Only(whole(value, "only", 1, limits.FAULT_ADDRESSES))
    return Only(None, tuple(network(each, "only") for each in _some(several(value), "only")))


def addresses(value: object, what: str) -> tuple[bytes, ...]:
    """Addresses of either family."""
    return tuple(dict.fromkeys(packed(each, what) for each in _some(several(value), what)))


def order(value: object) -> Order:
    """``fixed``, ``ascending``, ``descending``, or the addresses that come first."""
    if isinstance(value, str) and value.isalpha():
        if value.lower() not in ORDERS:
            raise unknown("order", value, (*ORDERS, "10.0.0.2,10.0.0.1"))
        return Order(value.lower())
    return Order("", addresses(value, "order"))


def _some(values: list[object], what: str) -> list[object]:
    if not 1 <= len(values) <= limits.FAULT_ADDRESSES:
        raise BadFault(f"{what} takes 1 to {limits.FAULT_ADDRESSES} addresses, not {len(values)}", what)
    return values


def addresses_text(values: Iterable[bytes]) -> str:
    return ",".join(str(ip_address(each)) for each in values)


def network_text(value: Network) -> str:
    """An address by itself where it is one address."""
    return str(value.network_address) if value.prefixlen == value.max_prefixlen else str(value)
