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
