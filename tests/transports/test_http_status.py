"""The status servers, asked over HTTP."""

import gzip
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import pytest

from resolver import limits
from resolver.transports.http_status import TEXT, PathTaken, StatusServer, StatusServers, parse_listen
from resolver.transports.listening import ALL_ADDRESSES, CannotListen, PortTaken, open_socket, shown
from tests.support.hosts import rows


def healthy(headers: Mapping[str, str]) -> tuple[int, str, bytes]:
    return 200, TEXT, b"OK"


@asynccontextmanager
async def serving(servers: StatusServers) -> AsyncIterator[None]:
    await servers.start_all()
    try:
        yield
    finally:
        await servers.stop_all()


async def get(
    server: StatusServer, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> list[tuple[int, str, bytes]]:
    """The page at each address of a server."""
    pages = []
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        for address, port in server.addresses:
            asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)
            async with session.request(method, f"http://{shown(asked, port)}{path}", headers=headers) as response:
                pages.append((response.status, response.headers["Content-Type"], await response.read()))
    return pages


@pytest.mark.parametrize(
    ("listen", "addresses"),
    rows(
        [
            (":0", ["0.0.0.0", "::"]),
            ("127.0.0.1:0", ["127.0.0.1"]),
            ("[::1]:0", ["::1"]),
            ("localhost:0", ["127.0.0.1"]),
        ]
    ),
)
async def test_a_page_is_served_at_every_address_meant(log: list[str], listen: str, addresses: list[str]) -> None:
    servers = StatusServers(log.append)
    server = servers.add(listen, "/health", healthy)
    async with serving(servers):
        assert [address for address, _ in server.addresses] == addresses
        assert len({port for _, port in server.addresses}) == 1
        assert await get(server, "/health") == [(200, "text/plain; charset=utf-8", b"OK")] * len(addresses)
        assert await get(server, "/health?verbose") == [(200, "text/plain; charset=utf-8", b"OK")] * len(addresses)
        assert await get(server, "/health", method="HEAD") == [(200, "text/plain; charset=utf-8", b"")] * len(addresses)
        assert await get(server, "/other") == [(404, TEXT, b"404 page not found\n")] * len(addresses)
    assert server.addresses == []


async def test_owners_share_a_server(log: list[str]) -> None:
    servers = StatusServers(log.append)
    first = servers.add("127.0.0.1:0", "/metrics", lambda headers: (200, "text/plain; version=0.0.4", b"up 1\n"))
    second = servers.add("127.0.0.1:0", "/ready", lambda headers: (503, TEXT, b"kubernetes"))
    assert first is second
    async with serving(servers):
        assert await get(first, "/metrics") == [(200, "text/plain; version=0.0.4", b"up 1\n")]
        assert await get(first, "/ready") == [(503, TEXT, b"kubernetes")]


def test_aiohttp_is_imported_by_starting_only() -> None:
    program = "import sys, resolver.transports.http_status; sys.exit('aiohttp' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_two_owners_of_one_page_are_told(log: list[str]) -> None:
    servers = StatusServers(log.append)
    servers.add(":8080", "/health", healthy)
    with pytest.raises(PathTaken, match="/health on :8080 is served already: give one of its plugins another address"):
        servers.add(":8080", "/health", healthy)


async def test_a_page_sees_the_headers_in_any_case(log: list[str]) -> None:
    servers = StatusServers(log.append)
    server = servers.add("127.0.0.1:0", "/metrics", lambda headers: (200, TEXT, headers["ACCEPT"].encode()))
    async with serving(servers):
        assert await get(server, "/metrics", {"Accept": "text/plain;version=1.0.0"}) == [
            (200, TEXT, b"text/plain;version=1.0.0")
        ]


@pytest.mark.parametrize(
    ("size", "accepted", "compressed"),
    [
        (limits.STATUS_COMPRESS, "gzip", False),
        (limits.STATUS_COMPRESS + 1, "gzip", True),
        (limits.STATUS_COMPRESS + 1, "deflate, gzip;q=1.0", True),
        (limits.STATUS_COMPRESS + 1, "identity", False),
    ],
)
async def test_a_long_page_is_compressed_for_who_accepts_it(
    log: list[str], size: int, accepted: str, compressed: bool
) -> None:
    servers = StatusServers(log.append)
    server = servers.add("127.0.0.1:0", "/metrics", lambda headers: (200, TEXT, b"x" * size))
    async with serving(servers):
        ((_, _, body),) = await get(server, "/metrics", {"Accept-Encoding": accepted})
    assert (gzip.decompress(body) if compressed else body) == b"x" * size


async def test_a_page_that_fails_says_so_and_the_server_goes_on(log: list[str]) -> None:
    def broken(headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        raise ZeroDivisionError("a bug\nof two lines")

    servers = StatusServers(log.append)
    server = servers.add("127.0.0.1:0", "/metrics", broken)
    servers.add("127.0.0.1:0", "/health", healthy)
    async with serving(servers):
        assert await get(server, "/metrics") == [(500, TEXT, b"internal error\n")]
        assert await get(server, "/health") == [(200, TEXT, b"OK")]
    assert log.pop() == "/metrics on 127.0.0.1:0 failed: ZeroDivisionError: a bug of two lines"


async def test_a_taken_port_leaves_none_running_and_names_the_plugin_s_address(log: list[str]) -> None:
    with open_socket("127.0.0.1", 0, "tcp") as holder:
        listen = f"127.0.0.1:{holder.getsockname()[1]}"
        servers = StatusServers(log.append)
        first = servers.add("127.0.0.1:0", "/health", healthy)
        servers.add(listen, "/ready", healthy)
        with pytest.raises(PortTaken, match=f"is taken by .*: stop that, or change {listen} in the plugin") as raised:
            await servers.start_all()
        assert "--port" not in str(raised.value)
    assert first.addresses == []


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        (":8080", (ALL_ADDRESSES, 8080)),
        ("127.0.0.1:9153", (("127.0.0.1",), 9153)),
        ("[::1]:8181", (("::1",), 8181)),
        ("[fe80::1%eth0]:8181", (("fe80::1%eth0",), 8181)),
        ("localhost:9153", (("127.0.0.1",), 9153)),
        ("[::]:0", (("::",), 0)),
    ],
)
def test_a_listen_text_is_addresses_and_a_port(listen: str, expected: tuple[tuple[str, ...], int]) -> None:
    assert parse_listen(listen) == expected


@pytest.mark.parametrize("listen", ["", "8080", ":", ":http", ":65536", "::1:8080", "[::1]", "127.0.0.1", "a:b:1"])
def test_what_is_no_listen_text_is_refused(listen: str) -> None:
    with pytest.raises(CannotListen, match="is no place to listen on: write"):
        parse_listen(listen)


def test_a_name_is_an_ipv4_address_if_it_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ipv6 = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 0, 0, 0))
    ipv4 = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **how: [ipv6, ipv4])
    assert parse_listen("host.example:80") == (("192.0.2.1",), 80)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **how: [ipv6])
    assert parse_listen("host.example:80") == (("2001:db8::1",), 80)


def test_a_name_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*asked: object, **how: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(CannotListen) as raised:
        parse_listen("nowhere.invalid:80")
    why = "nowhere.invalid has no address (Name or service not known)"
    assert str(raised.value) == f"cannot listen on nowhere.invalid:80: {why}"
