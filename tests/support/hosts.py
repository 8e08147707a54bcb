"""What this host has, for tests that need it."""

import socket
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="this host has no ::1")


def rows(table: Iterable[Any]) -> list[Any]:
    """Rows for parametrize; those with an IPv6 address, alone or in a tuple, are skipped on a host without."""
    return [
        pytest.param(*(row if isinstance(row, tuple) else (row,)), marks=needs_ipv6 if "::" in str(row) else ())
        for row in table
    ]


class LinkLocal(NamedTuple):
    """A link-local address of this host, its interface by name and number."""

    address: str
    interface: str
    index: int


def link_local() -> LinkLocal:
    """Skips the test if there is none, or if the system does not list them."""
    try:
        with open("/proc/net/if_inet6") as table:
            lines = [line.split() for line in table]
    except OSError:
        lines = []
    for digits, index, _, scope, _, interface in lines:
        if scope == "20":
            return LinkLocal(socket.inet_ntop(socket.AF_INET6, bytes.fromhex(digits)), interface, int(index, 16))
    pytest.skip("this host has no link-local address")
