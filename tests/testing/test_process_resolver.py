import asyncio
import socket
import threading
import urllib.request

import aiohttp
import aiohttp.web
import httpx
import pytest

from resolver.testing import running
from tests.support.dns_servers import WEB, addresses, ask, service

FUNCTIONS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")


def in_place():
    """The functions as they are, and what sockets have of their own."""
    return [getattr(socket, name) for name in FUNCTIONS], sorted(vars(socket.socket))


@pytest.fixture(scope="module")
def server():
    with running(WEB) as made:
        yield made


def test_everything_is_put_back_also_after_an_exception(server):
    before = in_place()
    with pytest.raises(KeyError), server.as_process_resolver():
        raise KeyError(in_place() == before)
    assert in_place() == before


def test_of_two_servers_the_inner_one_answers(server):
    with running(service("db")) as other, server.as_process_resolver():
        assert socket.gethostbyname("web")
        with other.as_process_resolver():
            assert socket.gethostbyname("db")
            with pytest.raises(socket.gaierror):
                socket.gethostbyname("web")
        assert socket.gethostbyname("web")


def test_it_holds_for_all_threads(server):
    found = []
    with server.as_process_resolver():
        threads = [threading.Thread(target=lambda: found.append(socket.gethostbyname("web"))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == addresses(ask(server, "web.default", "A")) * 3


def test_search_path_and_options_are_a_pods(server):
    with server.as_process_resolver(namespace="shop", options=["ndots:1"]):
        server.forget_queries()
        assert socket.gethostbyname("web.default")
        assert server.queries().names == [
            "web.default",
            "web.default.shop.svc.cluster.local",
            "web.default.svc.cluster.local",
        ]
        with pytest.raises(AssertionError, match=r"the search path was walked for web\.default"):
            server.queries().no_search_path_walk()
    with server.as_process_resolver():
        server.forget_queries()
        assert socket.gethostbyname("web")
        assert server.queries().names == ["web.default.svc.cluster.local"]
        assert server.queries().no_search_path_walk()


async def test_asyncio_looks_names_up_there(server):
    with server.as_process_resolver():
        loop = asyncio.get_running_loop()
        rows = await loop.getaddrinfo("web", 80, type=socket.SOCK_STREAM)
        assert [row[0] for row in rows] == [socket.AF_INET6, socket.AF_INET]
        assert (await loop.getnameinfo((rows[0][4][0], 80)))[0] == "web.default.svc.cluster.local"


def test_urllib_finds_a_service(server):
    def greet(listening):
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        thread = threading.Thread(target=greet, args=(listening,))
        thread.start()
        with server.as_process_resolver(), server.fault("web.default", qtype="A", replace=["127.0.0.1"]):
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with server.fault("web.default", qtype="AAAA", nodata=True):
                url = f"http://web.default:{listening.getsockname()[1]}/"
                assert opener.open(url, timeout=5).read() == b"hello"
        thread.join()


async def through_aiohttp(url):
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.text()


async def through_httpx(url):
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(url)).text


async def through_plain_httpx(url):
    with httpx.Client(trust_env=False) as client:
        return (await asyncio.to_thread(client.get, url)).text


@pytest.mark.parametrize("get", [through_aiohttp, through_httpx, through_plain_httpx])
async def test_http_clients_find_a_service_and_go_on_without_aaaa(server, get):
    async def greet(_):
        return aiohttp.web.Response(text="hello")

    runner = aiohttp.web.ServerRunner(aiohttp.web.Server(greet))
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.forget_queries()
    with (
        server.as_process_resolver(),
        server.fault("web.default", qtype="A", replace=["127.0.0.1"]),
        server.fault("web.default", qtype="AAAA", rcode="SERVFAIL"),
    ):
        assert await get(f"http://web.default:{port}/") == "hello"
    await runner.cleanup()
    assert server.queries(name="web.default").in_order("A")
    assert "SERVFAIL" in server.queries(type="AAAA").rcodes
