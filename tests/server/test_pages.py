"""Status pages over reloads: servers stay where their listen text does, and nothing changes before it can."""

import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from resolver.plugins.plugin import StatusHandler
from resolver.server.pages import StatusPages
from resolver.transports.http_status import StatusServer
from resolver.transports.listening import CannotListen, PortTaken
from tests.support.certificates import Certificates, make_certificates

HERE, THERE = "127.0.0.1:0", "127.0.0.2:0"


def saying(text: str) -> StatusHandler:
    return lambda: (200, "text/plain", text.encode())


class Shown:
    """Status pages and what they report."""

    def __init__(self) -> None:
        self.reported: list[str] = []
        self.pages = StatusPages(self.reported.append)

    async def take(self, **texts: str) -> None:
        """Shows pages, by where and what: ``here_health="OK"``."""
        await self.take_with(None, **texts)

    async def take_with(self, tls: ssl.SSLContext | None, **texts: str) -> None:
        wanted: dict[str, dict[str, tuple[StatusHandler, ssl.SSLContext | None]]] = {}
        for name, text in texts.items():
            where, _, path = name.partition("_")
            wanted.setdefault(HERE if where == "here" else THERE, {})[f"/{path}"] = saying(text), tls
        await self.pages.open(wanted)
        await self.pages.show(wanted)

    def port(self, listen: str = HERE) -> int:
        ((_, port),) = self.pages._served[listen].server.addresses
        return port

    async def get(self, path: str, listen: str = HERE, tls: ssl.SSLContext | None = None) -> tuple[int, str]:
        url = f"{'https' if tls else 'http'}://{listen.partition(':')[0]}:{self.port(listen)}{path}"
        async with aiohttp.ClientSession() as session, session.get(url, ssl=tls or False) as response:
            return response.status, await response.text()


@pytest.fixture
async def shown() -> AsyncIterator[Shown]:
    found = Shown()
    yield found
    await found.pages.close()


async def test_pages_of_one_listen_text_share_a_server(shown: Shown) -> None:
    await shown.take(here_health="OK", here_ready="not yet", there_metrics="# none")
    assert await shown.get("/health") == (200, "OK")
    assert await shown.get("/ready") == (200, "not yet")
    assert await shown.get("/metrics", THERE) == (200, "# none")
    assert (await shown.get("/metrics"))[0] == 404


async def test_a_page_is_made_anew_for_each_request(shown: Shown) -> None:
    texts = iter(["one", "two"])
    pages = {HERE: {"/": (lambda: (503, "text/plain", next(texts).encode()), None)}}
    await shown.pages.open(pages)
    await shown.pages.show(pages)
    assert [await shown.get("/"), await shown.get("/")] == [(503, "one"), (503, "two")]


async def test_a_reload_changes_the_pages_of_a_server_that_stays(shown: Shown) -> None:
    await shown.take(here_health="OK", here_ready="OK")
    port = shown.port()
    await shown.take(here_health="still OK", there_ready="OK")
    assert shown.port() == port
    assert await shown.get("/health") == (200, "still OK")
    assert (await shown.get("/ready"))[0] == 404
    assert await shown.get("/ready", THERE) == (200, "OK")


async def test_a_server_without_pages_is_closed(shown: Shown) -> None:
    await shown.take(here_health="OK", there_health="OK")
    port = shown.port(THERE)
    await shown.take(here_health="OK")
    socket.create_server(("127.0.0.2", port)).close()


async def test_at_the_end_all_are_closed(shown: Shown) -> None:
    await shown.take(here_health="OK")
    port = shown.port()
    await shown.pages.close()
    socket.create_server(("127.0.0.1", port)).close()


async def test_where_one_cannot_be_opened_none_is_and_no_page_changes(shown: Shown) -> None:
    await shown.take(here_health="OK")
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as holder:
        taken = f"127.0.0.1:{holder.getsockname()[1]}"
        wanted = {listen: {"/health": (saying("new"), None)} for listen in (HERE, THERE, taken)}
        with pytest.raises(PortTaken, match=f"change {taken} in the plugin that asks for it"):
            await shown.pages.open(wanted)
    assert list(shown.pages._served) == [HERE]
    assert await shown.get("/health") == (200, "OK")


async def test_what_was_opened_for_naught_is_closed_by_showing_the_old_pages(shown: Shown) -> None:
    old = {HERE: {"/health": (saying("OK"), None)}}
    await shown.pages.open(old)
    await shown.pages.show(old)
    await shown.pages.open({HERE: old[HERE], THERE: old[HERE]})
    await shown.pages.show(old)
    assert list(shown.pages._served) == [HERE]
    assert await shown.get("/health") == (200, "OK")


# -- certificates -----------------------------------------------------------------------------------------------------


@pytest.fixture
def certificates(tmp_path: Path) -> list[Certificates]:
    return [make_certificates(tmp_path / name) for name in ("one", "other")]


def trusting(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificates.authority)


async def test_a_reload_takes_up_other_certificates_and_none(shown: Shown, certificates: list[Certificates]) -> None:
    one, other = certificates
    await shown.take(here_metrics="plain")
    assert await shown.get("/metrics") == (200, "plain")
    await shown.take_with(one.server, here_metrics="one")
    assert await shown.get("/metrics", tls=trusting(one)) == (200, "one")
    await shown.take_with(other.server, here_metrics="other")
    assert await shown.get("/metrics", tls=trusting(other)) == (200, "other")
    await shown.take(here_metrics="plain again")
    assert await shown.get("/metrics") == (200, "plain again")
    assert shown.reported == []


async def test_a_port_lost_between_two_certificates_is_told(
    shown: Shown, certificates: list[Certificates], monkeypatch: pytest.MonkeyPatch
) -> None:
    await shown.take_with(certificates[0].server, here_metrics="one", there_health="OK")

    async def taken(server: StatusServer) -> None:
        raise CannotListen(f"{server.listen} is taken")

    monkeypatch.setattr(StatusServer, "start", taken)
    await shown.take(here_metrics="plain", there_health="OK")
    assert shown.reported == ["127.0.0.1:0 is taken", "127.0.0.2:0 is taken"]
    assert shown.pages._served == {}
