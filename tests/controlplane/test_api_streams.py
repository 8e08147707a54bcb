"""Watches on real sockets: what is sent when, and how streams end."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from resolver import limits
from resolver.controlplane.api.watching import Watch
from resolver.controlplane.resources import CONFIG_MAPS
from tests.support.served_cluster import Served, served_cluster

MAPS = "/api/v1/namespaces/default/configmaps"
WATCH = {"watch": "1", "allowWatchBookmarks": "1"}
NEVER = {"timeoutSeconds": "3600"}


@asynccontextmanager
async def _watching(served: Served, **query: str) -> AsyncIterator[Callable[[], Any]]:
    """Gives a function that awaits the next event, None at the end."""
    params = {**WATCH, **NEVER, "resourceVersion": str(served.api.store.version), **query}
    async with served.session.get(f"{served.server.url}{MAPS}", params=params) as response:
        assert response.status == 200

        async def following() -> Any:
            async with asyncio.timeout(20):
                line = await response.content.readline()
            return json.loads(line) if line else None

        yield following


async def test_changes_are_sent_as_they_are_made() -> None:
    async with served_cluster() as served, _watching(served) as following:
        await served.ask("POST", MAPS, {"metadata": {"name": "one"}})
        assert (await following())["type"] == "ADDED"
        await served.ask("DELETE", f"{MAPS}/one")
        event = await following()
        assert (event["type"], event["object"]["metadata"]["name"]) == ("DELETED", "one")


async def test_a_quiet_watch_is_told_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BOOKMARK_INTERVAL", 0.01)
    async with served_cluster() as served, _watching(served) as following:
        for _ in range(2):
            event = await following()
            assert event["type"] == "BOOKMARK"
            assert event["object"]["metadata"]["resourceVersion"] == str(served.api.store.version)


async def test_a_watch_ends_when_its_time_is_up_with_a_bookmark_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BOOKMARK_BEFORE_END", 0.9)
    async with served_cluster() as served, _watching(served, timeoutSeconds="1") as following:
        assert (await following())["type"] == "BOOKMARK"
        assert await following() is None


async def test_a_watch_that_asks_for_no_bookmarks_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BOOKMARK_INTERVAL", 0.01)
    monkeypatch.setattr(limits, "SERVED_WATCH", (0.2, 0.3))
    async with served_cluster() as served, _watching(served, allowWatchBookmarks="0", timeoutSeconds="0") as following:
        assert await following() is None


async def test_stopping_ends_all_watches() -> None:
    async with served_cluster() as served, _watching(served) as following:
        await served.server.stop()
        assert await following() is None


async def test_the_watch_of_a_client_that_is_gone_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = _seen_closing(monkeypatch)
    async with served_cluster() as served:
        async with _watching(served):
            assert not closed.is_set()
        async with asyncio.timeout(20):
            await closed.wait()


async def test_a_client_that_reads_nothing_is_cut_off_and_slows_no_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WATCH_STALL", 0.05)
    closed = _seen_closing(monkeypatch)
    async with served_cluster() as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.server.port, limit=1024)
        writer.write(f"GET {MAPS}?watch=1&timeoutSeconds=3600 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert b" 200 " in await reader.readline()
        for number in range(100):
            served.put(
                CONFIG_MAPS, {"metadata": {"name": f"n{number}", "namespace": "default"}, "data": {"a": "x" * 400_000}}
            )
        async with asyncio.timeout(20):
            await closed.wait()
        assert (await served.ask("GET", "/readyz")).status == 200
        ended = b""
        try:
            while chunk := await reader.read(1 << 20):
                ended = chunk
        except ConnectionError:
            ended = b""
        assert not ended.endswith(b"0\r\n\r\n")
        writer.close()


def _seen_closing(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once a watch is closed."""
    closed = asyncio.Event()
    close = Watch.close

    def seen(watch: Watch) -> None:
        close(watch)
        closed.set()

    monkeypatch.setattr(Watch, "close", seen)
    return closed


async def test_a_busy_watch_ends_in_time_too() -> None:
    async with served_cluster() as served, _watching(served, timeoutSeconds="1") as following:
        made = 0

        def make() -> None:
            nonlocal made
            served.put(CONFIG_MAPS, {"metadata": {"name": f"n{made}", "namespace": "default"}})
            made += 1
            again()

        def again() -> None:
            handles[:] = [asyncio.get_running_loop().call_later(0.005, make)]

        handles: list[asyncio.TimerHandle] = []
        again()
        seen = 0
        while await following() is not None:
            seen += 1
        handles[0].cancel()
    assert 0 < seen <= made
