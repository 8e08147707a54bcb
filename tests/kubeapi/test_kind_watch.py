"""What only shows in the shell around a watch machine: memory, cut bodies, the first bytes of a refusal."""

import gc
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from resolver import limits
from resolver.cluster.objects import SERVICES
from resolver.kubeapi.credentials import ApiTarget
from resolver.kubeapi.watched import WatchedKind
from tests.support.api_server import ApiServer
from tests.support.watch_lab import Lab, lab
from tests.support.watch_world import service

CROWD = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "crowd"}}
ONLY_SERVICES = (WatchedKind(SERVICES),)


async def test_one_write_of_a_namespace_of_services_is_a_few_batches_and_all_arrive() -> None:
    async with ApiServer([CROWD]) as api, lab(api, ONLY_SERVICES) as here:
        api.put(*[service(f"s{number}", 1, "crowd") for number in range(3_000)])
        await here.until(lambda: here.held(SERVICES) == 3_000)
        api.delete_namespace("crowd")
        await here.until(lambda: here.held(SERVICES) == 0)
        assert len(here.sink.batches) < 50


@asynccontextmanager
async def one_big_list(items: int, ballast: int) -> AsyncIterator[str]:
    """A server that ignores limit and streams a list it never holds whole; yields its URL."""
    filler = "x" * ballast

    async def answer(request: web.Request) -> web.StreamResponse:
        if "watch" in request.query:
            return web.Response(status=422 if "sendInitialEvents" in request.query else 503)
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"kind":"ServiceList","items":[')
        for number in range(items):
            item = service(f"s{number}", number % 250)
            item["metadata"]["annotations"] = {"filler": filler}
            await response.write((b"," if number else b"") + json.dumps(item).encode())
        await response.write(b'],"metadata":{"resourceVersion":"7"}}')
        return response

    app = web.Application()
    app.router.add_get(SERVICES.path, answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_list_of_any_size_needs_memory_for_a_piece_of_it_only() -> None:
    async with ApiServer() as unused, one_big_list(items=400, ballast=50_000) as url:
        here = Lab(unused, ONLY_SERVICES, target=ApiTarget(endpoint=url))
        tracemalloc.start()
        await here.watcher.start()
        await here.until(lambda: here.watcher.synced)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert here.held(SERVICES) == 400
        assert most < 8_000_000, "of 20 MB"
        await here.watcher.stop()


async def test_a_large_first_list_is_kept_out_of_the_garbage_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FREEZE_FROM", 100)
    for size, frozen in ((99, False), (100, True)):
        before = gc.get_freeze_count()
        async with ApiServer([service(f"s{number}") for number in range(size)]) as api, lab(api, ONLY_SERVICES) as here:
            freezing = here.watcher._freezing
            assert freezing is not None
            await freezing
        assert (gc.get_freeze_count() > before) is frozen
    gc.unfreeze()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            b'{"kind":"Status","message":"etcd is away","reason":"InternalError"}',
            "HTTP 500 InternalError: etcd is away",
        ),
        (b"upstream connect error", "HTTP 500: upstream connect error"),
        (b"\xff" * 200_000, "HTTP 500: \ufffd"),
        (b"", "HTTP 500"),
    ],
)
async def test_the_body_of_a_refusal_is_said_whatever_it_is(body: bytes, says: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=500, body=body)

    app = web.Application()
    app.router.add_get(SERVICES.path, answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with ApiServer() as unused:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        here = Lab(unused, ONLY_SERVICES, target=ApiTarget(endpoint=url))
        await here.watcher.start()
        await here.until(lambda: bool(here.logged))
        assert says in here.logged[0][1]
        assert len(here.logged[0][1]) < 500
        await here.watcher.stop()
    await runner.cleanup()
