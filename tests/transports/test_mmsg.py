"""The memory of a batch, against the kernel itself."""

import errno
import socket
from collections.abc import Iterator

import pytest

from resolver import limits
from resolver.transports import mmsg
from resolver.transports.datagrams import ask_for_local_addresses
from resolver.transports.listening import open_socket
from tests.support.hosts import rows

pytestmark = pytest.mark.skipif(not mmsg.AVAILABLE, reason="this system has no recvmmsg")


class Pair:
    """A batch on a socket bound to all addresses, and a client that asks 127.0.0.2 or ::1."""

    def __init__(self, address: str) -> None:
        self.server = open_socket(address, 0, "udp")
        ask_for_local_addresses(self.server)
        self.port = self.server.getsockname()[1]
        self.asked = "::1" if ":" in address else "127.0.0.2"
        self.batch = mmsg.Batch(self.server, 6 if ":" in address else 4, None, self.port)
        self.client = socket.socket(self.server.family, socket.SOCK_DGRAM)
        self.client.settimeout(5)
        self.client.connect((self.asked, self.port))

    def close(self) -> None:
        self.server.close()
        self.client.close()


@pytest.fixture(params=rows(["0.0.0.0", "::"]))
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    made = Pair(request.param)
    yield made
    made.close()


def test_an_empty_socket_gives_nothing(pair: Pair) -> None:
    assert pair.batch.receive() == 0


def test_a_batch_holds_the_datagrams_their_lengths_and_their_askers(pair: Pair) -> None:
    packets = [bytes([number]) * (number + 1) for number in range(limits.UDP_BATCH + 3)]
    for packet in packets:
        pair.client.send(packet)
    received = []
    while count := pair.batch.receive():
        for view, length, peer in zip(
            pair.batch.views, pair.batch.lengths[:count].tolist(), pair.batch.peers, strict=False
        ):
            received.append(bytes(view[:length]))
            assert (peer.address, peer.port) == pair.client.getsockname()[:2]
            assert (peer.local_address, peer.local_port) == (pair.asked, pair.port)
            assert bytes(peer.sockaddr) == peer.keep().sockaddr
    assert received == packets


def reply(pair: Pair, slot: int, message: bytes) -> None:
    pair.batch.views[slot][: len(message)] = message
    pair.batch.sizes[slot] = len(message)


@pytest.mark.parametrize("gaps", [[], [0], [3], [1, 2], [0, 1, 3]])
def test_gaps_are_left_out_and_everything_is_as_before_for_the_next_batch(pair: Pair, gaps: list[int]) -> None:
    for _ in range(2):
        for number in range(4):
            pair.client.send(bytes([number]))
        assert pair.batch.receive() == 4
        expected = [bytes([slot]) * (slot + 1) for slot in range(4) if slot not in gaps]
        for slot in range(4):
            if slot not in gaps:
                reply(pair, slot, bytes([slot]) * (slot + 1))
        count = pair.batch.close_gaps(4, gaps)
        assert count == len(expected)
        assert pair.batch.send(0, count) == count
        assert [pair.client.recv(100) for _ in expected] == expected


def test_a_refusal_is_a_negative_errno(pair: Pair) -> None:
    pair.client.send(b"query")
    assert pair.batch.receive() == 1
    pair.server.close()
    assert pair.batch.send(0, 1) == -errno.EBADF


def test_after_the_slot_is_used_again_the_return_path_still_leads_back(pair: Pair) -> None:
    pair.client.send(b"query")
    pair.batch.receive()
    kept, path = pair.batch.peers[0].keep(), pair.batch.peers[0].return_path()
    with socket.socket(pair.server.family, socket.SOCK_DGRAM) as other:
        other.sendto(b"other", ("::1" if ":" in pair.asked else "127.0.0.1", pair.port))
        assert pair.batch.receive() == 1
        assert pair.batch.peers[0].port == other.getsockname()[1]
    assert (kept.address, kept.port) == pair.client.getsockname()[:2]
    pair.server.sendmsg([b"reply"], path.ancillary, 0, path.address)
    assert pair.client.recv(100) == b"reply"


def test_without_recvmmsg_a_batch_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mmsg, "_calls", None)
    with open_socket("127.0.0.1", 0, "udp") as sock, pytest.raises(RuntimeError, match="no recvmmsg"):
        mmsg.Batch(sock, 4, "127.0.0.1", 53)


@pytest.mark.parametrize("platform", ["darwin", "freebsd14"])
def test_other_systems_have_none(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", platform)
    assert mmsg._system_calls() is None
