"""Any bytes at the door: a reply that is sound and small enough, or silence; never an exception.

As a program it runs under atheris for as long as it is let: ``python tests/fuzz/fuzz_door.py [-max_total_time=60]``.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

if __name__ == "__main__":  # as a program it is started by its path, and the packages are beside it
    sys.path.insert(0, str(Path(__file__).parents[2]))

import dns.message

from resolver import limits
from resolver.wire import codes
from resolver.wire.peer import Network
from tests.support import cluster_objects as api
from tests.support import strict
from tests.support.doors import World
from tests.support.mutations import mutated
from tests.support.packets import CLUSTER

_OBJECTS = [
    *CLUSTER,
    api.external_name("alias", "svc1.testns.svc.cluster.local", space="testns"),
    api.external_name("away", "example.org", space="testns"),
]
_RCODES = {codes.NOERROR, codes.FORMERR, codes.SERVFAIL, codes.NXDOMAIN, codes.NOTIMP, codes.REFUSED, codes.BADVERS}


def world() -> World:
    """The server that is fuzzed; its only blocks are the three zones of a cluster."""
    return World(_OBJECTS, served=["cluster.local.", "in-addr.arpa.", "ip6.arpa."], local=["192.0.2.2", "fd00::2"])


@dataclass
class Target:
    """Checks the replies to packets; every `second_opinion`-th one is also read by dnspython."""

    second_opinion: int = 1
    world: World = field(default_factory=world)
    replies: int = 0
    answered: int = 0
    read_twice: int = 0

    def __call__(self, packet: bytes, protocol: Network = "udp") -> None:
        """Raises AssertionError where an invariant is broken."""
        reply = self.world.raw(packet, protocol)
        if reply is None:
            assert len(packet) < limits.HEADER_SIZE or packet[2] & 0x80, "silence for a question"
            return
        assert len(packet) >= limits.HEADER_SIZE, "a reply to less than a header"
        assert not packet[2] & 0x80, "a reply to a response"
        shape = strict.read(reply, packet, limit_of(packet, reply, protocol))
        assert shape.rcode in _RCODES, f"rcode {shape.rcode}"
        assert shape.question or shape.rcode in (codes.FORMERR, codes.NOTIMP), "an answer without its question"
        self.answered += shape.rcode in (codes.NOERROR, codes.NXDOMAIN)
        if shape.rcode == codes.NXDOMAIN:
            assert (shape.answers, shape.authorities, shape.additionals) == (0, 1, 0), "a denial that is no denial"
        self.replies += 1
        if self.replies % self.second_opinion == 0:
            dns.message.from_wire(reply)
            self.read_twice += 1


def limit_of(packet: bytes, reply: bytes, protocol: Network) -> int:
    """The bytes that the asker takes: over UDP 512, or what its OPT says, which the reply repeats."""
    if protocol == "tcp":
        return limits.MESSAGE_SIZE
    shape = strict.read(reply, packet, limits.MESSAGE_SIZE)
    return max(limits.UDP_REPLY_SIZE, shape.opt or 0)


def run(seed: int, packets: int, target: Target) -> None:
    """So many mutated packets, the last one twice now and then, so that kept replies are checked too."""
    random = Random(seed)
    last = b""
    for number in range(packets):
        packet = last if last and number % 8 == 7 else mutated(random)
        protocol: Network = "tcp" if number % 5 == 4 else "udp"
        try:
            target(packet, protocol)
        except Exception as error:
            raise AssertionError(f"{protocol} packet {number} of seed {seed}: {packet.hex()}") from error
        last = packet


def main() -> None:
    try:
        import atheris  # type: ignore[import-not-found]
    except ImportError:
        print("atheris is not installed (pip install atheris): running 20,000 mutations from a seed instead")
        run(0, 20_000, Target())
        print("nothing found")
        return
    target = Target(second_opinion=16)

    def one_input(data: bytes) -> None:
        target(data, "tcp" if data[:1] == b"\1" else "udp")

    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
