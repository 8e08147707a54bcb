"""The peer as a value."""

import dataclasses

import pytest

from resolver.wire.peer import KeptPeer, Peer


def test_a_kept_peer_is_a_peer_that_stays_as_it_is() -> None:
    kept = KeptPeer("tcp", 6, "2001:db8::7", 40_000, "2001:db8::1", 53)
    peer: Peer = kept
    assert peer.keep() is kept
    with pytest.raises(dataclasses.FrozenInstanceError):
        kept.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("peer", "sockaddr"),
    [
        (KeptPeer("udp", 4, "10.0.0.1", 0x1234, "10.0.0.9", 53), "1234 0a000001"),
        (KeptPeer("tcp", 6, "fd00::7", 53, "fd00::9", 53), f"0035 00000000 fd{'00' * 14}07"),
    ],
)
def test_port_and_address_are_told_as_a_sockaddr_holds_them(peer: KeptPeer, sockaddr: str) -> None:
    assert peer.sockaddr == bytes.fromhex(sockaddr)
