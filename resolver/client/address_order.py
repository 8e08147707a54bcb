"""The order getaddrinfo puts addresses in (RFC 6724 §6), as glibc and musl each do it. Pure.

The tables differ: glibc keeps that of RFC 3484 (unless /etc/gai.conf says otherwise), so it prefers unique local IPv6
addresses to IPv4 ones; musl has that of RFC 6724, where they come after IPv4 (getaddrinfo.c rfc3484_sort and
default_precedence; lookup_name.c defpolicy). Of the rules those count that do not depend on the state of interfaces.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, NamedTuple

DEFAULT_SOURCES: Final = ("10.244.0.5", "fd00:10:244::5")
"""A Pod's own addresses, of the ranges the embedded cluster begins with."""

_Address = IPv4Address | IPv6Address
_Table = tuple[tuple[IPv6Network, int, int], ...]


def _table(*rows: tuple[str, int, int]) -> _Table:
    """(prefix, precedence, label), longest prefix first."""
    found = [(IPv6Network(prefix), precedence, label) for prefix, precedence, label in rows]
    return tuple(sorted(found, key=lambda row: -row[0].prefixlen))


_TABLES: Final = {
    "glibc": _table(
        ("::1/128", 50, 0), ("::ffff:0:0/96", 10, 4), ("::/96", 20, 3), ("2001::/32", 40, 7), ("2002::/16", 30, 2),
        ("fec0::/10", 40, 5), ("fc00::/7", 40, 6), ("::/0", 40, 1),
    ),
    "musl": _table(
        ("::1/128", 50, 0), ("::ffff:0:0/96", 35, 4), ("2001::/32", 5, 5), ("2002::/16", 30, 2), ("fc00::/7", 3, 13),
        ("::/0", 40, 1),
    ),
}  # fmt: skip


class _Rank(NamedTuple):
    """What is compared, rule by rule; smaller is better."""

    unusable: bool
    scopes_differ: bool
    labels_differ: bool
    precedence: int
    scope: int


def ordered(addresses: Sequence[str], libc: str, sources: Sequence[str] = DEFAULT_SOURCES) -> list[str]:
    """The addresses, best first. `sources` are this host's addresses, at most one of each family: a family without
    one cannot be reached, and comes last. A loopback address is its own source."""
    own: dict[int, _Address] = {source.version: source for source in map(ip_address, sources)}
    found = [ip_address(address) for address in addresses]
    ranked = sorted(
        range(len(found)),
        key=lambda number: (_rank(found[number], own, libc), -_common_bits(found[number], own, libc), number),
    )
    return [addresses[number] for number in ranked]


def _rank(address: _Address, own: dict[int, _Address], libc: str) -> _Rank:
    """Rules 1, 2, 5, 6 and 8."""
    source = address if address.is_loopback else own.get(address.version)
    precedence, label = _policy(address, libc)
    if source is None:
        return _Rank(True, True, True, -precedence, _scope(address))
    return _Rank(
        False,
        _scope(address) != _scope(source),
        label != _policy(source, libc)[1],
        -precedence,
        _scope(address),
    )


def _policy(address: _Address, libc: str) -> tuple[int, int]:
    """Precedence and label."""
    mapped = _mapped(address)
    return next((precedence, label) for prefix, precedence, label in _TABLES[libc] if mapped in prefix)


def _mapped(address: _Address) -> IPv6Address:
    return IPv6Address(0xFFFF_0000_0000 | int(address)) if isinstance(address, IPv4Address) else address


def _scope(address: _Address) -> int:
    """Link-local 2, site-local 5, all else 14 (RFC 6724 §3.1, §3.2: private IPv4 addresses are global)."""
    if address.is_loopback or address.is_link_local:
        return 2
    return 5 if isinstance(address, IPv6Address) and address.is_site_local else 14


def _common_bits(address: _Address, own: dict[int, _Address], libc: str) -> int:
    """Rule 9: the longest prefix in common with the source. glibc leaves it out for IPv4 beyond the own network."""
    source = own.get(address.version)
    if source is None or (libc == "glibc" and address.version == 4):
        return 0
    return 128 - (int(_mapped(address)) ^ int(_mapped(source))).bit_length()
