"""This machine's addresses, compared with what other calls say about it."""

import ctypes
import socket
from types import SimpleNamespace
from typing import Any

import pytest

from resolver.server.interfaces import _Interface, all_addresses
from tests.support.hosts import link_local, needs_ipv6


def test_interfaces_are_those_of_the_system() -> None:
    known = {name for _, name in socket.if_nameindex()}
    assert {name for name, _ in all_addresses()} <= known


def test_every_address_is_one_of_this_machine() -> None:
    for name, address in all_addresses():
        plain, _, scope = address.partition("%")
        family = socket.AF_INET6 if ":" in plain else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.bind((plain, 0, 0, socket.if_nametoindex(name)) if scope else (plain, 0))


def test_ipv4_comes_first() -> None:
    families = [":" in address for _, address in all_addresses()]
    assert families == sorted(families)


@needs_ipv6
def test_the_ipv6_loopback_address_has_no_scope() -> None:
    assert "::1" in [address for _, address in all_addresses()]


def test_link_local_addresses_name_their_interface() -> None:
    there = link_local()
    assert (there.interface, f"{there.address}%{there.interface}") in all_addresses()


def test_an_interface_without_an_address_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    interface = _Interface(name=b"tun0")

    def one_without(first: Any) -> int:
        first._obj.contents = interface
        return 0

    library = SimpleNamespace(getifaddrs=one_without, freeifaddrs=lambda _: None)
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: library)
    assert all_addresses() == []


def test_a_system_that_lists_none_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    library = SimpleNamespace(getifaddrs=lambda _: -1)
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: library)
    with pytest.raises(OSError, match="getifaddrs failed"):
        all_addresses()
