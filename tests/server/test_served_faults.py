"""Faults of a whole server over real sockets: every kind, over UDP and TCP, beside questions they do not concern."""

import asyncio
import struct
from collections.abc import Callable

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from resolver.corefile.tokens import BadConfig
from resolver.faults.fault import Fault
from resolver.faults.fault_list import FaultList
from tests.support.exchanges import id_of, over_tcp, over_udp, packet
from tests.support.serving import Serving, endpoint_slice, namespace, service, serving

COREFILE = """cluster.local:0 in-addr.arpa:0 ip6.arpa:0 {
    bind 127.0.0.1
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa
    loadbalance
}
"""
SHOP = (
    namespace("shop"),
    service("web", "10.96.0.20", "fd00:10:96::20", space="shop"),
    service("other", "10.96.0.21", "fd00:10:96::21", space="shop"),
    service("solo", "10.96.0.22", space="shop"),
    service("db", "None", space="shop"),
    endpoint_slice("db-4", "db", "10.244.0.5", "10.244.0.6", "10.244.0.7", space="shop"),
    endpoint_slice("db-6", "db", "fd00:10:244::5", "fd00:10:244::6", space="shop"),
)
WEB = "web.shop.svc.cluster.local"
DB = "db.shop.svc.cluster.local"
OTHER = "other.shop.svc.cluster.local"


def texts(message: bytes) -> list[str]:
    """What a reply says: its rcode, TC where it is set, and each record of answer and authority in order."""
    parsed = dns.message.from_wire(message, ignore_trailing=False)
    found = [dns.rcode.to_text(parsed.rcode())]
    if parsed.flags & dns.flags.TC:
        found.append("TC")
    for section in (parsed.answer, parsed.authority):
        for group in section:
            kind = dns.rdatatype.to_text(group.rdtype)
            found += [f"{group.ttl} {kind}" + (f" {data}" if kind != "SOA" else "") for data in group]
    return found


GOOD = ["NOERROR", "5 A 10.96.0.20"]
REPLIES = [
    ("web.shop servfail", WEB, "A", ["SERVFAIL"]),
    ("web.shop refused", WEB, "A", ["REFUSED"]),
    ("web.shop rcode NOTIMP", WEB, "A", ["NOTIMP"]),
    ("web.shop nxdomain", WEB, "A", ["NXDOMAIN", "5 SOA"]),
    ("web.shop nodata", WEB, "A", ["NOERROR", "5 SOA"]),
    ("nothing.shop nodata", "nothing.shop.svc.cluster.local", "A", ["NOERROR", "5 SOA"]),
    ("web.shop rcode NOERROR", WEB, "A", ["NOERROR", "5 SOA"]),
    ("web.shop AAAA nodata", WEB, "A", GOOD),
    ("web.shop ipv4 nodata", WEB, "A", ["NOERROR", "5 SOA"]),
    ("web.shop ttl 7", WEB, "A", ["NOERROR", "7 A 10.96.0.20"]),
    ("web.shop ttl 0", WEB, "TXT", ["NOERROR", "0 SOA"]),
    ("db.shop only 1", DB, "A", ["NOERROR", "5 A 10.244.0.5"]),
    ("db.shop only 10.244.0.6", DB, "A", ["NOERROR", "5 A 10.244.0.6"]),
    ("db.shop only 10.244.0.6/31 order descending", DB, "A", ["NOERROR", "5 A 10.244.0.7", "5 A 10.244.0.6"]),
    ("db.shop only 192.0.2.1", DB, "A", ["NOERROR", "5 SOA"]),
    ("db.shop replace 192.0.2.1,2001:db8::1", DB, "A", ["NOERROR", "5 A 192.0.2.1"]),
    ("db.shop replace 192.0.2.1,2001:db8::1", DB, "AAAA", ["NOERROR", "5 AAAA 2001:db8::1"]),
    ("db.shop replace 2001:db8::1 order fixed", DB, "A", ["NOERROR", *(f"5 A 10.244.0.{n}" for n in (5, 6, 7))]),
    ("db.shop order fixed", DB, "A", ["NOERROR", *(f"5 A 10.244.0.{n}" for n in (5, 6, 7))]),
    ("db.shop order descending", DB, "A", ["NOERROR", *(f"5 A 10.244.0.{n}" for n in (7, 6, 5))]),
    ("db.shop order 10.244.0.6", DB, "A", ["NOERROR", *(f"5 A 10.244.0.{n}" for n in (6, 5, 7))]),
    ("web.shop stale", WEB, "A", GOOD),
    ("web.shop client 127.0.0.0/8 servfail", WEB, "A", ["SERVFAIL"]),
    ("web.shop client 10.0.0.0/8 servfail", WEB, "A", GOOD),
    ("**.local servfail", WEB, "A", ["SERVFAIL"]),
    ("web.shop servfail every 2", WEB, "A", GOOD),
]


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
@pytest.mark.parametrize(("words", "name", "qtype", "expected"), REPLIES)
async def test_a_fault_changes_what_is_said(protocol, words, name, qtype, expected):
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        faults.add(Fault.from_words(words.split()))
        ask = packet(name, qtype)
        if protocol == "udp":
            replies = await over_udp(server.port, ask, sentinel=OTHER)
        else:
            replies = (await over_tcp(server.port, ask, sentinel=OTHER)).frames
        assert [texts(reply) for reply in replies] == [expected]


async def until(condition: Callable[[], bool]) -> None:
    """Turns of the event loop until it holds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)


async def plain(server: Serving, name: str = WEB, qtype: str = "A") -> bytes:
    return (await over_udp(server.port, packet(name, qtype), sentinel=OTHER))[0]


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
async def test_a_dropped_question_gets_no_reply(protocol):
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        faults.add(Fault.make("web.shop", drop=True, times=1))
        packets = packet(WEB, id=1), packet(WEB, id=2)
        if protocol == "udp":
            replies = await over_udp(server.port, *packets, sentinel=OTHER)
        else:
            replies = (await over_tcp(server.port, *packets, sentinel=OTHER)).frames
        assert [id_of(reply) for reply in replies] == [2]


async def test_a_delayed_reply_keeps_no_other_question_waiting():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        faults.add(Fault.make("web.shop", delay=300))
        assert await over_udp(server.port, packet(WEB), sentinel=OTHER) == []
        assert faults.fired_count == 1


async def test_a_delayed_reply_comes_in_the_end_and_over_tcp_in_its_turn():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        good = await plain(server)
        faults.add(Fault.make("web.shop", delay="1ms-10ms"))
        assert await over_udp(server.port, packet(WEB), sentinel=OTHER, late=1) == [good]
        assert (await over_tcp(server.port, packet(WEB), sentinel=OTHER)).frames == [good]


async def test_the_end_of_a_server_waits_for_no_delay_and_no_slow_reply():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server, asyncio.timeout(4):
        faults.add(Fault.make("web.shop", delay=300))
        faults.add(Fault.make("db.shop", tcp_slow=300))
        asking = asyncio.ensure_future(over_udp(server.port, packet(WEB), sentinel=OTHER, late=1))
        dripping = asyncio.ensure_future(over_tcp(server.port, packet(DB), sentinel=OTHER))
        await until(lambda: len(faults.fired) == 2)
        await server.server.stop()
        assert len(await asking) == 1
        assert len((await dripping).frames) == 1


@pytest.mark.parametrize("protocol", ["udp", "tcp"])
@pytest.mark.parametrize("kind", ["wrong-id", "wrong-question", "garbage", "duplicate", "truncate"])
async def test_a_fault_changes_the_bytes(protocol, kind):
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        good = await plain(server)
        faults.add(Fault.from_words(["web.shop", kind]))
        if protocol == "udp":
            replies = await over_udp(server.port, packet(WEB), sentinel=OTHER)
        else:
            replies = (await over_tcp(server.port, packet(WEB), sentinel=OTHER)).frames
        if kind == "duplicate":
            assert replies == [good, good]
            return
        (reply,) = replies
        match kind:
            case "wrong-id":
                assert (id_of(reply) != 1, reply[2:]) == (True, good[2:])
            case "wrong-question":
                assert reply != good
                assert dns.message.from_wire(reply).question[0].name.to_text() == f"xeb{WEB[3:]}."
            case "garbage":
                assert id_of(reply) == 1
                with pytest.raises(dns.exception.DNSException):
                    dns.message.from_wire(reply)
            case "truncate":
                assert texts(reply) == (["NOERROR", "TC"] if protocol == "udp" else GOOD)


async def test_a_slow_reply_comes_in_pieces_and_the_others_behind_it():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        good = await plain(server)
        faults.add(Fault.make("web.shop", tcp_slow=0.1))
        stream = await over_tcp(server.port, packet(WEB), packet(OTHER, id=2), sentinel=OTHER)
        assert [id_of(each) for each in stream.frames] == [1, 2]
        assert stream.frames[0] == good
        assert stream.reads > 5
        assert await plain(server) == good, "a datagram is not slow"


async def test_a_slow_reply_holds_up_no_other_connection():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        faults.add(Fault.make("web.shop", tcp_slow=300))
        slow = asyncio.ensure_future(over_tcp(server.port, packet(WEB), sentinel=OTHER))
        await until(lambda: faults.fired_count == 1)
        assert len((await over_tcp(server.port, packet(DB), sentinel=OTHER)).frames) == 1
        assert not slow.done()
        await server.server.stop()
        assert len((await slow).frames) == 1


async def test_a_reset_connection_is_reset():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        faults.add(Fault.make("web.shop", tcp_reset=True))
        stream = await over_tcp(server.port, packet(WEB), sentinel=OTHER)
        assert (stream.frames, stream.reset) == ([], True)
        assert (await over_tcp(server.port, packet(OTHER), sentinel=OTHER)).reset is False
        assert texts(await plain(server)) == GOOD


async def test_many_connections_that_are_reset_and_slow_leave_nothing_open():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        faults.add(Fault.make("web.shop", tcp_reset=True))
        faults.add(Fault.make("db.shop", tcp_slow=0.01))
        streams = await asyncio.gather(
            *(over_tcp(server.port, packet(name), sentinel=OTHER) for name in (WEB, DB) * 20)
        )
        assert sum(stream.reset for stream in streams) == 20
        assert sum(len(stream.frames) for stream in streams) == 20
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_faults_take_effect_and_end_at_once_although_replies_are_kept():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        good = await plain(server)
        assert await plain(server) == good, "from the packets that are kept"
        added = faults.add(Fault.make("web.shop", rcode="SERVFAIL"))
        assert texts(await plain(server)) == ["SERVFAIL"]
        assert texts(await plain(server, qtype="AAAA")) == ["SERVFAIL"]
        assert faults.remove(added.id)
        assert await plain(server) == good


async def test_the_first_times_fail_and_then_all_is_as_before():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        good = await plain(server)
        fault = faults.add(Fault.make("web.shop", rcode="SERVFAIL", times=2))
        assert [texts(await plain(server))[0] for _ in range(4)] == ["SERVFAIL", "SERVFAIL", "NOERROR", "NOERROR"]
        assert fault.exhausted
        assert await plain(server) == good
        memo = next(iter(server.server.instance.memos.values()))
        assert len(memo) == 2, "what no fault can concern any more is kept again"


async def test_addresses_take_turns_although_their_reply_is_not_kept():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        faults.add(Fault.make("db.shop", ttl=1))
        firsts = {texts(await plain(server, DB))[1] for _ in range(3)}
        assert firsts == {"1 A 10.244.0.5", "1 A 10.244.0.6", "1 A 10.244.0.7"}


async def test_a_stale_answer_is_what_was_true_when_the_fault_was_added():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        faults.add(Fault.make("db.shop", stale=True))
        server.feeds[0]._objects = [*SHOP[:5], endpoint_slice("db-4", "db", "10.244.0.9", space="shop")]
        server.feeds[0].deliver()
        assert sorted(texts(await plain(server, DB))) == [
            "5 A 10.244.0.5",
            "5 A 10.244.0.6",
            "5 A 10.244.0.7",
            "NOERROR",
        ]
        assert sorted(texts(await plain(server, DB.replace("db", "dB"))))[:2] == ["5 A 10.244.0.5", "5 A 10.244.0.6"]
        faults.clear()
        assert texts(await plain(server, DB)) == ["NOERROR", "5 A 10.244.0.9"]


async def test_several_faults_come_together_the_first_of_each_kind_counts():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        first = faults.add(Fault.make("web.shop", ttl=1, times=1))
        second = faults.add(Fault.make("**.shop", ttl=2, order="fixed"))
        third = faults.add(Fault.make("web.shop", duplicate=True))
        replies = await over_udp(server.port, packet(WEB), sentinel="kubernetes.default.svc.cluster.local")
        assert [texts(reply) for reply in replies] == [["NOERROR", "1 A 10.96.0.20"]] * 2
        assert (first.count, second.count, third.count) == (1, 1, 1)
        assert [firing.kind for firing in faults.fired] == ["ttl", "order", "duplicate"]
        assert texts((await over_udp(server.port, packet(WEB), sentinel=OTHER))[0]) == ["NOERROR", "2 A 10.96.0.20"]


async def test_firings_tell_who_asked_what():
    faults = FaultList()
    async with serving(COREFILE, SHOP, faults=faults) as server:
        fault = faults.add(Fault.make("web.shop", rcode="REFUSED"))
        await over_udp(server.port, packet("wEb.shop.svc.cluster.local", "AAAA"), sentinel=OTHER)
        (firing,) = faults.fired
        assert firing[1:] == (fault.id, "refused", "wEb.shop.svc.cluster.local", "AAAA", "127.0.0.1")
        assert firing.at > 1_700_000_000
        assert faults.fired_total == {"refused": 1}


PLAIN_PACKETS = [
    packet(WEB), packet(WEB, "AAAA"), packet(WEB, "TXT"), packet("x.shop.svc.cluster.local"), packet(WEB, edns=1232),
    packet("example.com"), packet("solo.shop.svc.cluster.local", "SRV"), packet("20.0.96.10.in-addr.arpa", "PTR"),
    packet(WEB)[:20], packet("cluster.local", "SOA"), packet(DB, "AXFR"), struct.pack("!HHHHHH", 9, 0x2000, 1, 0, 0, 0),
]  # fmt: skip


async def test_without_a_fault_and_after_it_the_bytes_are_those_of_a_server_without_the_plugin():
    faults = FaultList()
    async with serving(COREFILE, SHOP) as bare, serving(COREFILE, SHOP, faults=faults) as loaded:
        for again in range(3):
            for each in PLAIN_PACKETS:
                of_bare, of_loaded = [await over_udp(s.port, each, sentinel=OTHER) for s in (bare, loaded)]
                assert of_bare == of_loaded, (again, each)
            fault = faults.add(Fault.make("**", rcode="SERVFAIL"))
            assert texts(await plain(loaded)) == ["SERVFAIL"]
            faults.remove(fault.id)


# -- the Corefile -----------------------------------------------------------------------------------------------------


def with_faults(*lines: str) -> str:
    return COREFILE.replace(
        "    errors\n", "    errors\n    faults {\n" + "".join(f"        {each}\n" for each in lines) + "    }\n"
    )


async def test_a_corefile_names_faults():
    async with serving(with_faults("web.shop A servfail", "db.shop only 1  # one of three"), SHOP) as server:
        assert texts(await plain(server)) == ["SERVFAIL"]
        assert texts(await plain(server, DB)) == ["NOERROR", "5 A 10.244.0.5"]
        assert texts(await plain(server, OTHER)) == ["NOERROR", "5 A 10.96.0.21"]
        assert server.server.faults is None


async def test_faults_of_a_corefile_come_and_go_with_it_and_leave_the_others(tmp_path):
    path, faults = tmp_path / "Corefile", FaultList()
    path.write_text(with_faults("web.shop servfail"))
    async with serving("", SHOP, path=str(path), faults=faults) as server:
        by_hand = faults.add(Fault.make("db.shop", nodata=True))
        assert [fault.origin for fault in faults.faults] == [f"{path}:5", ""]
        path.write_text(with_faults("web.shop refused", "other.shop ttl 1"))
        assert await server.server.reload() == ""
        assert [fault.describe() for fault in faults.faults] == [
            "db.shop nodata",
            "web.shop rcode REFUSED",
            "other.shop ttl 1",
        ]
        assert texts(await plain(server)) == ["REFUSED"]
        path.write_text(with_faults("web.shop dorp"))
        assert "dorp" in await server.server.reload()
        assert texts(await plain(server)) == ["REFUSED"], "a Corefile that cannot be used changes nothing"
        path.write_text(COREFILE)
        assert await server.server.reload() == ""
        assert faults.faults == (by_hand,)
        assert texts(await plain(server)) == GOOD
        assert texts(await plain(server, DB)) == ["NOERROR", "5 SOA"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("web.shop AAAA dorp", "there is no word of a fault 'dorp'"),
        ("web.shop AAAA dorp", "did you mean drop?"),
        ("web.shop", "says nothing of what goes wrong"),
        ("web.shop drop times x", "times 'x' is no whole number"),
    ],
)
async def test_a_bad_fault_is_refused_with_its_place(line, message):
    with pytest.raises(BadConfig) as refused:
        async with serving(with_faults("db.shop drop", line), SHOP):
            pass
    assert str(refused.value).startswith("plugin/faults: Corefile:6 - ")
    assert message in str(refused.value)
