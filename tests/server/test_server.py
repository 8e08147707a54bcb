import asyncio
import contextlib
import socket

import pytest

from resolver.corefile.tokens import BadConfig
from resolver.server.configuration import Source
from resolver.server.log import Log
from resolver.server.server import Server
from resolver.transports.listening import PortTaken
from tests.support.hosts import needs_ipv6
from tests.support.serving import endpoint_slice, namespace, service, serving

SHOP = (
    namespace("default"),
    service("web", "10.96.0.20", "fd00:10:96::20"),
    service("db", "None"),
    endpoint_slice("db-4", "db", "10.244.0.5", "10.244.0.6"),
    endpoint_slice("db-6", "db", "fd00:10:244::5"),
)
COREFILE = """cluster.local:0 in-addr.arpa:0 ip6.arpa:0 {
    bind 127.0.0.1
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
    }
    loadbalance
}
"""


def texts(message):
    return sorted(str(item) for rrset in message.answer for item in rrset)


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize(
    ("name", "rtype", "expected"),
    [
        ("web.default.svc.cluster.local", "A", ["10.96.0.20"]),
        ("web.default.svc.cluster.local", "AAAA", ["fd00:10:96::20"]),
        ("db.default.svc.cluster.local", "A", ["10.244.0.5", "10.244.0.6"]),
        ("db.default.svc.cluster.local", "AAAA", ["fd00:10:244::5"]),
        ("10-244-0-5.db.default.svc.cluster.local", "A", ["10.244.0.5"]),
        ("20.0.96.10.in-addr.arpa", "PTR", ["web.default.svc.cluster.local."]),
        ("dns-version.cluster.local", "TXT", ['"1.1.0"']),
    ],
)
async def test_a_whole_server_answers(tcp, name, rtype, expected):
    async with serving(COREFILE, SHOP) as server:
        for _ in range(3):  # from the chain, from the answer memo, from the packet memo
            assert texts(await server.ask(name, rtype, tcp=tcp)) == expected


async def test_udp_and_tcp_share_the_picked_port():
    async with serving(COREFILE, SHOP) as server:
        assert len(server.server.ports()) == 1
        assert server.port > 0


@needs_ipv6
async def test_both_families_share_the_picked_port():
    async with serving(COREFILE.replace("bind 127.0.0.1", "bind 127.0.0.1 ::1"), SHOP) as server:
        assert len(server.server.ports()) == 1
        for address in ("127.0.0.1", "::1"):
            reply = await server.ask("web.default.svc.cluster.local", address=address)
            assert texts(reply) == ["10.96.0.20"]


async def test_addresses_of_a_headless_service_take_turns():
    async with serving(COREFILE, SHOP) as server:
        seen = set()
        for _ in range(8):
            reply = await server.ask("db.default.svc.cluster.local")
            seen.add(tuple(str(item) for rrset in reply.answer for item in rrset))
        assert len(seen) == 2


async def test_before_the_first_sync_names_of_our_zones_are_servfail_and_others_refused():
    corefile = COREFILE.replace("pods insecure", "pods insecure\nstartup_timeout 10ms")
    async with serving(corefile, SHOP, hold=True) as server:
        assert (await server.ask("web.default.svc.cluster.local")).rcode() == 2
        assert (await server.ask("example.org")).rcode() == 5
        server.feeds[0].deliver()
        assert texts(await server.ask("web.default.svc.cluster.local")) == ["10.96.0.20"]


async def test_a_change_is_answered_at_once_and_nothing_else_is_forgotten():
    async with serving(COREFILE, SHOP) as server:
        assert texts(await server.ask("web.default.svc.cluster.local")) == ["10.96.0.20"]
        feed = server.feeds[0]
        feed._objects = (*SHOP[:1], service("web", "10.96.0.99"), *SHOP[2:])
        feed.deliver()
        assert texts(await server.ask("web.default.svc.cluster.local")) == ["10.96.0.99"]
        assert texts(await server.ask("web.default.svc.cluster.local", "AAAA")) == []
        assert texts(await server.ask("db.default.svc.cluster.local", "AAAA")) == ["fd00:10:244::5"]


async def test_a_reload_takes_up_the_new_corefile_on_the_same_port(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as server:
        port = server.port
        assert (await server.ask("web.default.svc.cluster.local")).answer[0].ttl == 5
        path.write_text(COREFILE.replace("pods insecure", "pods insecure\nttl 77"))
        assert await server.server.reload() == ""
        assert server.port == port
        assert (await server.ask("web.default.svc.cluster.local")).answer[0].ttl == 77
        assert server.lines()[-2:] == ["[INFO] Reloading", "[INFO] Reloading complete"]
        assert len(server.feeds) == 1  # the cluster is not read anew


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("loadbalance", "lodbalance"), ["Unknown directive 'lodbalance'", "did you mean 'loadbalance'", "Corefile:7"]),
        (("pods insecure", "pods sometimes"), ["plugin/kubernetes", "Corefile:5", "disabled, verified, insecure"]),
        (("127.0.0.1", "203.0.113.9"), ["203.0.113.9"]),
    ],
)
async def test_a_bad_corefile_leaves_the_old_one_at_work(tmp_path, change, words):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as server:
        path.write_text(COREFILE.replace(*change))
        problem = await server.server.reload()
        assert all(word in problem for word in words)
        assert texts(await server.ask("web.default.svc.cluster.local")) == ["10.96.0.20"]


async def test_a_reload_opens_new_listeners_and_closes_those_gone(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as server:
        path.write_text(COREFILE.replace("bind 127.0.0.1", "bind 127.0.0.2"))
        assert await server.server.reload() == ""
        reply = await server.ask("web.default.svc.cluster.local", address="127.0.0.2")
        assert texts(reply) == ["10.96.0.20"]
        with pytest.raises(ConnectionRefusedError):
            await server.ask("web.default.svc.cluster.local", tcp=True)


async def test_a_taken_port_is_named_with_its_holder():
    async with serving(COREFILE, SHOP) as server:
        second = Server(
            Source("Corefile", COREFILE.replace(":0", f":{server.port}")), Log(quiet=True), server.server._make_feed
        )
        with pytest.raises(PortTaken) as error:
            await second.start()
        assert str(server.port) in str(error.value)


async def test_a_start_that_fails_leaves_nothing_open():
    corefile = COREFILE + "cluster.local:0 {\nbind 127.0.0.1\nwhoami\n}\n"
    with pytest.raises(BadConfig, match="already defined"):
        async with serving(corefile, SHOP):
            pass
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1


async def test_the_end_can_be_asked_for_with_a_reason():
    async with serving(COREFILE, SHOP) as server:
        server.server.ask_for_end("Loop detected")
        await asyncio.wait_for(server.server.wait(), 5)
        assert server.server.exit_status == 1
        assert "[FATAL] Loop detected" in server.lines()


async def test_status_pages_are_served_and_survive_a_reload(tmp_path):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    path = tmp_path / "Corefile"
    path.write_text(COREFILE.replace("errors", f"errors\nhealth 127.0.0.1:{port}"))
    async with serving("", SHOP, path=str(path)) as server:
        assert (await _get(port, "/health")).endswith(b"OK")
        assert await server.server.reload() == ""
        assert (await _get(port, "/health")).endswith(b"OK")


async def _get(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    body = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return body


def test_ports_of_a_server_that_was_not_started_are_none():
    server = Server(Source("Corefile", COREFILE), Log(quiet=True), lambda *_: pytest.fail("no feed is wanted"))
    assert server.ports() == []
    with pytest.raises(RuntimeError):
        _ = server.instance
