"""The commands' client, against real servers and against none."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from resolver.admin.address import Address, TcpAddress, UnixAddress
from resolver.admin.client import AdminClient, AdminRefused, AdminUnreachable
from tests.support.administered import LOOPBACK, administered

_T = TypeVar("_T")


async def apart(work: Callable[..., _T], *arguments: Any) -> _T:
    """Runs what blocks in a thread."""
    return await asyncio.to_thread(work, *arguments)


@pytest.mark.parametrize("unix", [False, True])
async def test_it_asks_over_tcp_and_over_a_unix_socket(unix: bool, tmp_path: Path) -> None:
    address: Address = UnixAddress(str(tmp_path / "admin.sock")) if unix else LOOPBACK
    async with administered(address) as here:
        client = AdminClient(here.admin.address)
        assert (await apart(client.post, "/v1/faults", {"words": "web.shop A servfail"}))["id"] == 1
        assert [fault["id"] for fault in (await apart(client.get, "/v1/faults"))["faults"]] == [1]
        await here.served.ask("web.shop.svc.cluster.local.")
        parameters = {"name": "web.shop", "type": None, "follow": False, "limit": 3}
        (question,) = (await apart(client.get, "/v1/queries", parameters))["questions"]
        assert question["rcode"] == "SERVFAIL"
        assert await apart(client.delete, "/v1/faults/1") == {"cleared": 1}
        services = await apart(lambda: list(client.lines("/v1/index", {"name": "web"})))
        assert [line["name"] for line in services] == ["web"]


async def test_lines_come_as_they_are_written_and_end_with_the_server() -> None:
    async with administered() as here:
        lines = AdminClient(here.admin.address).lines("/v1/queries", {"follow": True})
        waiting = asyncio.ensure_future(apart(next, lines))
        while not here.admin._desk.followers:
            await here.get("/")
        await here.served.ask("web.shop.svc.cluster.local.", "AAAA")
        assert (await waiting)["type"] == "AAAA"
        rest = asyncio.ensure_future(apart(list, lines))
        await here.admin.stop()
        assert await rest == []


async def test_a_refusal_is_told_in_the_servers_own_words() -> None:
    async with administered() as here:
        client = AdminClient(here.admin.address)
        with pytest.raises(AdminRefused, match="there is no fault 7: there is none") as refused:
            await apart(client.delete, "/v1/faults/7")
        assert refused.value.status == 404
        with pytest.raises(AdminRefused, match="no record type"):
            await apart(lambda: list(client.lines("/v1/queries", {"type": "AAA", "follow": True})))


async def test_it_sends_its_token() -> None:
    async with administered(token="secret") as here:
        with pytest.raises(AdminRefused, match="the token is missing or wrong"):
            await apart(AdminClient(here.admin.address).get, "/")
        assert await apart(AdminClient(here.admin.address, "secret").get, "/")


@pytest.fixture
def port() -> Iterator[int]:
    """One that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


def test_where_no_server_is_that_is_told_with_what_to_do(port: int, tmp_path: Path) -> None:
    for address in (TcpAddress("127.0.0.1", port), UnixAddress(str(tmp_path / "none.sock"))):
        client = AdminClient(address)
        with pytest.raises(AdminUnreachable, match=r"no server at .* start the server with `dualdns serve --admin`"):
            client.get("/")
        with pytest.raises(AdminUnreachable, match="no server at"):
            next(client.lines("/v1/index"))


@pytest.mark.skipif(os.getuid() == 0, reason="root may connect to any socket")
def test_a_socket_of_somebody_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "admin.sock"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))
        sock.listen()
        path.chmod(0)
        with pytest.raises(AdminUnreachable, match="belongs to another user"):
            AdminClient(UnixAddress(str(path))).get("/")


@pytest.mark.parametrize(
    ("said", "error", "reason"),
    [
        (b"", AdminUnreachable, "did not answer as it should"),
        (b"SSH-2.0-OpenSSH\r\n", AdminUnreachable, "did not answer as it should"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", AdminUnreachable, "did not answer as it should"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", AdminUnreachable, "did not answer as it should"),
        (b"HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\nabc", AdminRefused, "the server answered with status 404"),
        (b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n[]", AdminRefused, "the server answered with status 404"),
    ],
)
def test_another_server_there_is_told(said: bytes, error: type[Exception], reason: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def speak() -> None:
            talking, _ = listening.accept()
            with talking:
                talking.recv(4_096)
                talking.sendall(said)

        speaker = threading.Thread(target=speak)
        speaker.start()
        with pytest.raises(error, match=reason):
            AdminClient(TcpAddress("127.0.0.1", listening.getsockname()[1])).get("/")
        speaker.join()
