"""Odd packets and cut replies, asked of a real CoreDNS: the table of packets says what it answers, or where we depart.

Needs `coredns` on the PATH.
"""

from pathlib import Path
from struct import unpack_from

import pytest

from resolver.wire import codes
from tests.support import cluster_objects as api
from tests.support.api_server import ApiServer
from tests.support.doors import World, query_packet
from tests.support.live_coredns import coredns, needs_coredns, packet_client
from tests.support.packet_parts import Expect, query
from tests.support.packets import CLUSTER, PACKETS

COREFILE = "cluster.local:$PORT {\nkubernetes {\nendpoint $API\n}\n}\n"
FENCE = b"\xfe\xed" + query()[2:]
SIZES = (None, 512, 513, 600, 999, 1220, 1232, 1400, 1481, 2000, 3000, 4095, 4096)


def header(wire: bytes) -> tuple[int, bool, int, int, int, int]:
    """Flags without rcode, whether the question is there, rcode, and how many records each section has."""
    _, flags, questions, *counts = unpack_from("!HHHHHH", wire)
    return (flags & ~codes.RCODE, bool(questions), flags & codes.RCODE, *counts)  # type: ignore[return-value]


def agrees(wire: bytes | None, expected: Expect) -> bool:
    if wire is None or expected.rcode is None:
        return wire is None and expected.rcode is None
    _, question, rcode, answers, _, additionals = header(wire)
    return (
        rcode == expected.rcode & codes.RCODE
        and question == expected.question
        and expected.answers in (None, answers)
        and (expected.opt is None or additionals > 0)
    )


@needs_coredns
async def test_coredns_answers_odd_packets_as_the_table_says(tmp_path: Path) -> None:
    world = World(CLUSTER, served=["cluster.local."])
    wrong = []
    async with ApiServer(CLUSTER) as server:
        corefile = COREFILE.replace("$API", server.url)
        async with coredns(corefile, tmp_path) as port, packet_client(port) as client:
            for row in PACKETS:
                theirs = await client.ask(row.data, FENCE)
                if not agrees(theirs, row.coredns or row.reply):
                    wrong.append((row.id, theirs and header(theirs)))
                elif row.coredns is None and theirs is not None:
                    ours = world.raw(row.data)
                    if ours is None or header(ours) != header(theirs):
                        wrong.append((row.id, header(theirs)))
    assert wrong == []


def crowded() -> list[api.Object]:
    """Headless services of many sizes, with short and long endpoint names, in both families."""
    found = [api.namespace("shop")]
    for count in (5, 28, 29, 30, 31, 60, 120, 200):
        for name, family in (("four", "10.1.{}.{}"), ("six", "fd00:{:x}::{:x}")):
            endpoints = [
                api.endpoint(
                    family.format(count, place), hostname="e" * (place % 60) + f"-{place}" if place % 3 else ""
                )
                for place in range(count)
            ]
            service = f"{name}-{count}"
            ports = ("http:80/TCP", "dns:53/UDP")[: 1 + place_of(service)]
            found.append(api.service(service, space="shop", ports=ports))
            found.append(api.endpoint_slice(f"{service}-a", service, *endpoints, space="shop", ports=ports))
    return found


def place_of(service: str) -> int:
    return len(service) % 2


@needs_coredns
@pytest.mark.parametrize("qtype", ["A", "AAAA", "SRV"])
async def test_replies_are_cut_as_coredns_cuts_them(qtype: str, tmp_path: Path) -> None:
    objects = crowded()
    world = World(objects, served=["cluster.local."])
    names = [item["metadata"]["name"] for item in objects if item["kind"] == "Service"]
    wrong, cut = [], 0
    async with ApiServer(objects) as server:
        corefile = COREFILE.replace("$API", server.url)
        async with coredns(corefile, tmp_path) as port, packet_client(port) as client:
            for name in names:
                for size in SIZES:
                    packet = query_packet(f"{name}.shop.svc.cluster.local.", qtype, edns=size)
                    theirs, ours = await client.ask(packet, FENCE), world.raw(packet)
                    assert theirs is not None
                    assert ours is not None
                    cut += bool(ours[2] & 2)
                    if header(theirs) != header(ours):
                        wrong.append((name, size, header(theirs), header(ours)))
    assert wrong == []
    assert cut > len(names)
