"""RFC 6724 as glibc and musl have it."""

import pytest

from resolver.client.address_order import ordered

ULA, GLOBAL6, PRIVATE4 = "fd00:10:96::14", "2001:db8::14", "10.96.0.20"
POD = ("10.244.0.5", "fd00:10:244::5")

ORDERS = [
    # unique local addresses: before IPv4 in RFC 3484's table, after it in RFC 6724's
    ("glibc", POD, [PRIVATE4, ULA], [ULA, PRIVATE4]),
    ("musl", POD, [ULA, PRIVATE4], [PRIVATE4, ULA]),
    # a unique local source and a global destination do not match
    ("glibc", POD, [GLOBAL6, "192.0.2.1"], ["192.0.2.1", GLOBAL6]),
    ("musl", POD, [GLOBAL6, "192.0.2.1"], ["192.0.2.1", GLOBAL6]),
    ("glibc", ("192.0.2.7", "2001:db8::7"), ["192.0.2.1", GLOBAL6], [GLOBAL6, "192.0.2.1"]),
    ("musl", ("192.0.2.7", "2001:db8::7"), ["192.0.2.1", GLOBAL6], [GLOBAL6, "192.0.2.1"]),
    # a family without a source comes last
    ("glibc", ("10.244.0.5",), [ULA, PRIVATE4], [PRIVATE4, ULA]),
    ("musl", ("fd00:10:244::5",), [PRIVATE4, ULA], [ULA, PRIVATE4]),
    ("glibc", (), [ULA, PRIVATE4], [ULA, PRIVATE4]),
    # scopes that match, then the smaller one
    ("glibc", ("fe80::7", "10.0.0.1"), ["fe80::1", "10.0.0.2"], ["fe80::1", "10.0.0.2"]),
    ("glibc", POD, ["127.0.0.1", ULA, "::1"], ["::1", ULA, "127.0.0.1"]),
    ("musl", POD, ["127.0.0.1", "::1"], ["::1", "127.0.0.1"]),
    # the longest prefix in common; glibc does not compare IPv4 beyond its own network
    ("glibc", POD, [ULA, "fd00:10:244::9", "fd00:10:244::4"], ["fd00:10:244::4", "fd00:10:244::9", ULA]),
    ("glibc", POD, ["10.0.0.1", "10.244.0.9"], ["10.0.0.1", "10.244.0.9"]),
    ("musl", POD, ["10.0.0.1", "10.244.0.9"], ["10.244.0.9", "10.0.0.1"]),
    # 6to4 and Teredo
    ("glibc", ("2001:db8::7",), ["2002::1", "2001::1", GLOBAL6], [GLOBAL6, "2001::1", "2002::1"]),
    ("musl", ("2001:db8::7",), ["2001::1", "2002::1", GLOBAL6], [GLOBAL6, "2002::1", "2001::1"]),
]  # fmt: skip


@pytest.mark.parametrize(("libc", "sources", "addresses", "expected"), ORDERS)
def test_addresses_are_put_in_order(
    libc: str, sources: tuple[str, ...], addresses: list[str], expected: list[str]
) -> None:
    assert ordered(addresses, libc, sources) == expected
