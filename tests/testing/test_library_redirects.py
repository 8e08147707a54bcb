import asyncio
import socket

import dns.asyncresolver
import dns.resolver
import pytest

from resolver.testing import running
from tests.support.dns_servers import WEB, addresses, ask

WHOLE = "web.default.svc.cluster.local"


@pytest.fixture(scope="module")
def server():
    with running(WEB) as made:
        yield made


@pytest.fixture(scope="module")
def v6(server):
    return addresses(ask(server, "web.default", "AAAA"))[0]


def test_dnspythons_default_resolver_asks_the_server(server, v6):
    before = dns.resolver.default_resolver
    with server.as_process_resolver():
        assert addresses(dns.resolver.resolve(WHOLE, "AAAA").response) == [v6]
        assert addresses(dns.resolver.resolve("web", "AAAA", search=True).response) == [v6]
        assert addresses(dns.resolver.Resolver().resolve(WHOLE, "AAAA").response) == [v6]
    assert dns.resolver.default_resolver is before


async def test_its_asynchronous_one_too(server, v6):
    before = dns.asyncresolver.default_resolver
    with server.as_process_resolver():
        assert addresses((await dns.asyncresolver.resolve(WHOLE, "AAAA")).response) == [v6]
    assert dns.asyncresolver.default_resolver is before


def test_a_resolver_of_a_file_of_its_own_stays_so(server, tmp_path):
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 192.0.2.53\n")
    with server.as_process_resolver(), path.open() as file:
        assert dns.resolver.Resolver(str(path)).nameservers == ["192.0.2.53"]
        assert dns.resolver.Resolver(file).nameservers == ["192.0.2.53"]
        assert dns.resolver.Resolver().nameservers == ["127.0.0.1"]


class Greeting(asyncio.Protocol):
    def connection_made(self, transport):
        transport.write(b"hello")
        transport.close()


def test_uvloop_asks_the_server(server, v6):
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")

    async def look():
        loop = asyncio.get_running_loop()
        assert isinstance(loop, uvloop.Loop)
        rows = await loop.getaddrinfo("web", 80, type=socket.SOCK_STREAM)
        assert rows[0][4][0] == v6
        assert (await loop.getnameinfo((v6, 80)))[0] == WHOLE
        assert (await loop.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM))[0][4] == ("127.0.0.1", 80)
        with pytest.raises(socket.gaierror):
            await loop.create_connection(asyncio.Protocol, "nix", 80)
        listening = await loop.create_server(Greeting, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        with server.fault("web.default", replace=["127.0.0.1", "::1"]):  # nobody listens on ::1
            reader, writer = await asyncio.open_connection("web", port)
            assert await reader.read() == b"hello"
            writer.close()
            transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("web", port))
            assert transport.get_extra_info("peername")[:2] == ("::1", port)
            transport.close()
        listening.close()
        await listening.wait_closed()

    with server.as_process_resolver(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(look())
    assert not {"getaddrinfo", "getnameinfo", "create_connection"} & set(vars(uvloop.Loop))


async def test_pycares_asks_the_server(server, v6):
    aiodns = pytest.importorskip("aiodns", reason="aiodns is not installed")
    with server.as_process_resolver():
        resolver = aiodns.DNSResolver()
        found = await resolver.getaddrinfo("web", family=socket.AF_INET6)
        assert [node.addr[0] for node in found.nodes] == [v6.encode()]
        await resolver.close()
