"""Packets made out of packets, from a seed: what a stranger or a broken wire may send."""

from collections.abc import Callable, Sequence
from random import Random

from resolver.wire import codes
from resolver.wire.names import name_from_text
from tests.support.doors import query_packet
from tests.support.packet_parts import opt, option
from tests.support.packets import MANY, PACKETS

_NAMES = [
    "svc1.testns.svc.cluster.local",
    "many.testns.svc.cluster.local",
    "10-244-1-7.many.testns.svc.cluster.local",
    "_http._tcp.many.testns.svc.cluster.local",
    "missing.testns.svc.cluster.local",
    "cluster.local",
    "ns.dns.cluster.local",
    "dns-version.cluster.local",
    "alias.testns.svc.cluster.local",
    "17.0.96.10.in-addr.arpa",
    "1-2-3-4.testns.pod.cluster.local",
    "example.org",
]
_TYPES = ["A", "AAAA", "SRV", "PTR", "TXT", "NS", "SOA", "CNAME", "ANY", "HTTPS"]

SEEDS: list[bytes] = [
    *(row.data for row in PACKETS if 0 < len(row.data) <= 600),
    *(query_packet(name, qtype) for name in _NAMES for qtype in _TYPES),
    *(query_packet(name, "A", edns=size) for name in _NAMES for size in (512, 1232, 4096)),
]

_WORDS = [
    *(b"\0", b"\xff", b"\x80", b"\x3f", b"\x40"),
    *(b"\0\0", b"\0\1", b"\0\x29", b"\0\xfa", b"\xff\xff", b"\xc0\x00", b"\xc0\x0c"),
    *(b"\3svc", b"\3pod", b"\5_http\4_tcp", name_from_text("cluster.local"), MANY),
    *(opt(), opt(option(10, bytes(8))), opt(ttl=0x10000)),
]
_HEADER_VALUES = [0, 1, 2, 3, 0xFF, 0xFFFF]
_FLAGS = [codes.RD, 0, codes.CD, codes.QR, codes.TC, 0x0800, 0x2000, 0x2800, 0x7800, 0xFFFF, codes.AA | codes.Z]
_LONGEST = 4_096

Mutation = Callable[[Random, bytearray], None]


def _flip_a_bit(random: Random, packet: bytearray) -> None:
    place = random.randrange(len(packet))
    packet[place] ^= 1 << random.randrange(8)


def _set_a_byte(random: Random, packet: bytearray) -> None:
    packet[random.randrange(len(packet))] = random.randrange(256)


def _cut_the_end(random: Random, packet: bytearray) -> None:
    del packet[random.randrange(len(packet)) :]


def _remove_a_stretch(random: Random, packet: bytearray) -> None:
    start = random.randrange(len(packet))
    del packet[start : start + random.randrange(1, 9)]


def _insert_a_word(random: Random, packet: bytearray) -> None:
    place = random.randrange(len(packet) + 1)
    packet[place:place] = random.choice(_WORDS)


def _overwrite_with_a_word(random: Random, packet: bytearray) -> None:
    place, word = random.randrange(len(packet)), random.choice(_WORDS)
    packet[place : place + len(word)] = word


def _repeat_a_stretch(random: Random, packet: bytearray) -> None:
    start = random.randrange(len(packet))
    stretch = packet[start : start + random.randrange(1, 40)]
    packet[start:start] = stretch * random.randrange(1, 8)


def _splice_with_another(random: Random, packet: bytearray) -> None:
    other = random.choice(SEEDS)
    packet[random.randrange(len(packet)) :] = other[random.randrange(len(other)) :]


def _set_a_count(random: Random, packet: bytearray) -> None:
    place = random.choice((4, 6, 8, 10))
    packet[place : place + 2] = random.choice(_HEADER_VALUES).to_bytes(2, "big")


def _set_the_flags(random: Random, packet: bytearray) -> None:
    packet[2:4] = random.choice(_FLAGS).to_bytes(2, "big")


def _append_a_record(random: Random, packet: bytearray) -> None:
    packet += random.choice(_WORDS) + random.randbytes(random.randrange(1, 30))


def _change_letters(random: Random, packet: bytearray) -> None:
    for place in range(12, len(packet)):
        if 0x61 <= packet[place] | 0x20 <= 0x7A and random.random() < 0.3:
            packet[place] ^= 0x20


MUTATIONS: Sequence[Mutation] = (
    _flip_a_bit,
    _set_a_byte,
    _cut_the_end,
    _remove_a_stretch,
    _insert_a_word,
    _overwrite_with_a_word,
    _repeat_a_stretch,
    _splice_with_another,
    _set_a_count,
    _set_the_flags,
    _append_a_record,
    _change_letters,
)


def mutated(random: Random) -> bytes:
    """One packet, a few steps away from a known one."""
    packet = bytearray(random.choice(SEEDS))
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 6))):
        if not packet:
            break
        random.choice(MUTATIONS)(random, packet)
    return bytes(packet[:_LONGEST])
