"""Opening sockets, and what is said when they cannot be opened."""

import errno
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

import pytest

from resolver import limits
from resolver.transports import listening
from resolver.transports.listening import (
    ALL_ADDRESSES,
    LOOPBACK,
    AddressMissing,
    CannotListen,
    PortForbidden,
    PortTaken,
    is_address,
    open_pair,
    open_pairs,
    open_socket,
    open_streams,
    shown,
)
from tests.support.hosts import link_local, needs_ipv6, rows


@pytest.mark.parametrize("address", rows(["127.0.0.1", "::1", "0.0.0.0", "::"]))
def test_a_pair_has_one_number_for_udp_and_tcp(address: str) -> None:
    udp, tcp = open_pair(address, 0)
    with udp, tcp:
        assert udp.getsockname()[:2] == tcp.getsockname()[:2]
        assert udp.getsockname()[0] == address
        assert (udp.type, tcp.type) == (socket.SOCK_DGRAM, socket.SOCK_STREAM)
        assert not udp.getblocking()
        assert not tcp.getblocking()
        if ":" in address:
            assert all(sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) for sock in (udp, tcp))


@pytest.mark.parametrize("addresses", rows([(("127.0.0.1", "::1"),), (ALL_ADDRESSES,)]))
def test_several_addresses_share_a_number_that_was_picked(addresses: tuple[str, ...]) -> None:
    opened = open_pairs(addresses, 0)
    numbers = {sock.getsockname()[1] for pair in opened.pairs for sock in (pair.udp, pair.tcp)}
    assert numbers == {opened.port}
    assert [pair.address for pair in opened.pairs] == list(addresses)
    assert opened.missing == ()
    for pair in opened.pairs:
        pair.close()


def test_an_address_this_host_lacks_is_told_and_the_others_are_opened() -> None:
    opened = open_pairs(("127.0.0.1", "2001:db8::53"), 0)
    assert [pair.address for pair in opened.pairs] == ["127.0.0.1"]
    (missing,) = opened.missing
    assert missing.address == "2001:db8::53"
    assert "cannot listen on 2001:db8::53: this host " in str(missing)
    opened.pairs[0].close()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("198.51.100.53", "this host does not have it; `ip address` lists those it has"),
        ("fe80::1%nowhere0", "this host has no interface nowhere0"),
        ("fe80::1%4000000", "this host does not have it; `ip address` lists those it has"),
        ("example.org", "that is not an IP address"),
        ("127.0.0.1.5", "that is not an IP address"),
        ("", "that is not an IP address"),
    ],
)
def test_an_address_that_cannot_be_had_says_why(address: str, why: str) -> None:
    with pytest.raises(AddressMissing) as raised:
        open_pair(address, 0)
    assert str(raised.value) == f"cannot listen on {address}: {why}"


def test_a_host_without_ipv6_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket

    def without(family: int, kind: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return real(family, kind)

    monkeypatch.setattr(listening.socket, "socket", without)
    opened = open_pairs(("127.0.0.1", "::1"), 0)
    assert [str(error) for error in opened.missing] == ["cannot listen on ::1: this host has no IPv6"]
    opened.pairs[0].close()


def test_a_link_local_address_with_its_interface_can_be_had() -> None:
    address, interface, index = link_local()
    for scope in (interface, str(index)):
        udp, tcp = open_pair(f"{address}%{scope}", 0)
        with udp, tcp:
            assert udp.getsockname()[0].partition("%")[0] == address
            assert udp.getsockname()[3] == index


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
@pytest.mark.parametrize("address", rows(["127.0.0.1", "::1"]))
def test_a_taken_port_names_its_holder_and_a_way_out(address: str, protocol: Any) -> None:
    with open_socket(address, 0, protocol) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken) as raised:
            open_pair(address, port)
    taken = raised.value
    assert (taken.address, taken.port, taken.protocol) == (address, port, protocol)
    if sys.platform.startswith("linux"):
        assert taken.holder == "this very process"
    holder = taken.holder or "another process"
    assert str(taken).startswith(f"{shown(address, port)} ({protocol}) is taken by {holder}: stop that, or listen on")
    assert "`--port 0`" in str(taken)


@pytest.mark.parametrize(("port", "another"), [(53, 1053), (1053, 1054), (65_535, 1053)])
def test_the_other_number_proposed_is_one_that_works(port: int, another: int) -> None:
    assert f"`--port {another}`" in str(PortTaken("::1", port, "udp", "dnsmasq (process 7)"))
    assert f"[::1]:{port} (udp) is taken by dnsmasq (process 7)" in str(
        PortTaken("::1", port, "udp", "dnsmasq (process 7)")
    )


@needs_ipv6
def test_nothing_stays_open_when_one_of_several_is_taken() -> None:
    with open_socket("::1", 0, "udp") as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken):
            open_pairs(("127.0.0.1", "::1"), port)
        again = open_pairs(("127.0.0.1",), port)
        again.pairs[0].close()


def failing_opens(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """The first UDP sockets are refused; gives the numbers tried."""
    tried: list[int] = []
    real: Callable[..., socket.socket] = listening.open_socket

    def sometimes(address: str, port: int, protocol: Any, *, reuse_port: bool = False) -> socket.socket:
        if protocol == "udp":
            tried.append(port)
            if len(tried) <= times:
                raise PortTaken(address, port, protocol, None)
        return real(address, port, protocol, reuse_port=reuse_port)

    monkeypatch.setattr(listening, "open_socket", sometimes)
    return tried


@needs_ipv6
def test_a_picked_number_that_is_taken_elsewhere_is_picked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = failing_opens(monkeypatch, 3)
    opened = open_pairs(("127.0.0.1", "::1"), 0)
    assert len(tried) == 5
    assert tried[3:] == [opened.port] * 2
    for pair in opened.pairs:
        pair.close()


def test_picking_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = failing_opens(monkeypatch, 10_000)
    with pytest.raises(PortTaken, match="is taken by another process"):
        open_pair("127.0.0.1", 0)
    assert len(tried) == limits.PORT_TRIES


def test_a_number_asked_for_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_socket("127.0.0.1", 0, "tcp") as free:
        port = free.getsockname()[1]
    tried = failing_opens(monkeypatch, 10_000)
    with pytest.raises(PortTaken):
        open_pair("127.0.0.1", port)
    assert tried == [port]


@pytest.mark.parametrize(
    ("number", "error", "text"),
    [
        (
            errno.EACCES,
            PortForbidden,
            r"127\.0\.0\.1:53 \(tcp\) needs a privilege: .*CAP_NET_BIND_SERVICE.*--port 1053",
        ),
        (errno.ENOBUFS, CannotListen, rf"cannot listen on 127\.0\.0\.1:53 \(tcp\): {os.strerror(errno.ENOBUFS)}"),
    ],
)
def test_other_refusals_are_explained(
    monkeypatch: pytest.MonkeyPatch, number: int, error: type[CannotListen], text: str
) -> None:
    def refuse(sock: socket.socket, address: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(error, match=text) as raised:
        open_pair("127.0.0.1", 53)
    assert type(raised.value) is error


def test_reuse_port_lets_several_processes_share_a_number() -> None:
    first = open_pair("127.0.0.1", 0, reuse_port=True)
    second = open_pair("127.0.0.1", first[0].getsockname()[1], reuse_port=True)
    for sock in (*first, *second):
        sock.close()


@needs_ipv6
def test_streams_share_a_number() -> None:
    sockets = open_streams(("127.0.0.1", "::1"), 0)
    assert len({sock.getsockname()[1] for sock in sockets}) == 1
    for sock in sockets:
        sock.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("192.0.2.1", True), ("::1", True), ("fe80::1%eth0", True), ("localhost", False), ("1.2.3", False), ("", False)],
)
def test_an_address_is_told_from_a_name(text: str, expected: bool) -> None:
    assert is_address(text) is expected


def test_the_loopback_addresses_there_are_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    assert listening.loopback_addresses() in (LOOPBACK, LOOPBACK[:1])

    def open_here(address: str, port: int, protocol: str) -> socket.socket:
        if address not in here:
            raise AddressMissing(address, "no")
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    monkeypatch.setattr(listening, "open_socket", open_here)
    for here in (LOOPBACK, LOOPBACK[:1], LOOPBACK[1:]):
        assert listening.loopback_addresses() == here
    here = ()
    assert listening.loopback_addresses() == LOOPBACK
