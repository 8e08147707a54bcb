"""What one datagram needs: buffers, the address asked, the way back."""

import socket
import sys

import pytest

from resolver.transports.datagrams import (
    IP_PKTINFO,
    ask_for_buffer,
    ask_for_local_addresses,
    family_of,
    fixed_local_address,
    read_datagram,
)
from resolver.transports.listening import open_socket
from resolver.wire.peer import KeptPeer
from tests.support.hosts import rows


def test_a_buffer_is_granted_and_the_grant_read_back() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            assert ask_for_buffer(sock, option, 100_000) == 100_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="SO_RCVBUFFORCE is Linux's")
def test_without_privilege_the_system_grants_what_it_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    set_option = socket.socket.setsockopt

    def unprivileged(sock: socket.socket, level: int, option: int, value: int) -> None:
        asked.append(option)
        if option in (32, 33):
            raise PermissionError
        set_option(sock, level, option, value)

    monkeypatch.setattr(socket.socket, "setsockopt", unprivileged)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        assert 0 < ask_for_buffer(sock, socket.SO_RCVBUF, 1 << 28) <= 1 << 28
    assert asked == [33, socket.SO_RCVBUF]


@pytest.mark.parametrize(
    ("bound", "fixed", "family"),
    rows([("127.0.0.1", "127.0.0.1", 4), ("0.0.0.0", None, 4), ("::1", "::1", 6), ("::", None, 6)]),
)
def test_a_socket_knows_its_one_address_or_must_be_told(bound: str, fixed: str | None, family: int) -> None:
    with open_socket(bound, 0, "udp") as sock:
        assert (fixed_local_address(sock), family_of(sock)) == (fixed, family)


@pytest.mark.parametrize(
    ("bound", "asked"),
    rows([("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.2"), ("::1", "::1"), ("::", "::1")]),
)
def test_a_datagram_comes_with_its_asker_and_the_way_back(bound: str, asked: str) -> None:
    with open_socket(bound, 0, "udp") as server, socket.socket(server.family, socket.SOCK_DGRAM) as client:
        server.setblocking(True)
        server.settimeout(5)
        client.settimeout(5)
        fixed = fixed_local_address(server)
        if fixed is None:
            ask_for_local_addresses(server)
        port = server.getsockname()[1]
        client.connect((asked, port))
        client.send(b"query")
        packet, peer, path = read_datagram(server, 512, fixed)
        address, client_port = client.getsockname()[:2]
        assert packet == b"query"
        assert peer == KeptPeer("udp", 6 if ":" in asked else 4, address, client_port, asked, port)
        assert bool(path.ancillary) == (fixed is None)
        server.sendmsg([b"reply"], path.ancillary, 0, path.address)
        assert client.recv(512) == b"reply"


def test_the_way_back_names_a_source_and_no_interface() -> None:
    with open_socket("0.0.0.0", 0, "udp") as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        server.settimeout(5)
        ask_for_local_addresses(server)
        client.sendto(b"query", ("127.0.0.1", server.getsockname()[1]))
        _, _, path = read_datagram(server, 512, None)
    source = socket.inet_aton("127.0.0.1")
    assert path.ancillary == [(socket.IPPROTO_IP, IP_PKTINFO, bytes(4) + source + bytes(4))]
