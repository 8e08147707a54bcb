"""The HTTP pages of plugins (health, ready, metrics) across reloads: servers stay, their pages change."""

from collections.abc import Callable, Mapping
from ssl import SSLContext
from typing import NamedTuple

from resolver.plugins.plugin import StatusHandler
from resolver.transports import http_status
from resolver.transports.http_status import StatusServer
from resolver.transports.listening import CannotListen

Pages = dict[str, dict[str, tuple[StatusHandler, SSLContext | None]]]
"""By listen text and path, who makes a page, and the TLS it is served with."""


class _Served(NamedTuple):
    server: StatusServer
    tls: SSLContext | None


class StatusPages:
    """The servers by listen text: `open`, which may fail, comes before `show`."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._served: dict[str, _Served] = {}

    async def open(self, pages: Pages) -> None:
        """Listens for these pages too, without showing any new one. Raises CannotListen; then all is as before."""
        opened: dict[str, _Served] = {}
        try:
            for listen in pages:
                if listen not in self._served:
                    opened[listen] = await self._start(listen, _tls_of(pages, listen))
        except BaseException:
            for served in opened.values():
                await served.server.stop()
            raise
        self._served |= opened

    async def show(self, pages: Pages) -> None:
        """Serves these pages, of listen texts that are open, and no others."""
        for listen in tuple(self._served):
            if listen not in pages:
                await self._served.pop(listen).server.stop()
            elif self._served[listen].tls is not _tls_of(pages, listen):
                await self._start_anew(listen, _tls_of(pages, listen))
        for listen, served in self._served.items():
            served.server.show({path: _page(handler) for path, (handler, _) in pages[listen].items()})

    async def _start(self, listen: str, tls: SSLContext | None) -> _Served:
        server = StatusServer(listen, self._report, tls=tls)
        await server.start()
        return _Served(server, tls)

    async def _start_anew(self, listen: str, tls: SSLContext | None) -> None:
        """Other certificates, or none: a server keeps those it began with."""
        await self._served.pop(listen).server.stop()
        try:
            self._served[listen] = await self._start(listen, tls)
        except CannotListen as error:  # in the moment between the two somebody else took the port
            self._report(str(error))

    async def close(self) -> None:
        await self.show({})


def _tls_of(pages: Pages, listen: str) -> SSLContext | None:
    """One server has one TLS for all its pages."""
    return next((tls for _, tls in pages[listen].values() if tls is not None), None)


def _page(handler: StatusHandler) -> http_status.StatusHandler:
    def page(_: Mapping[str, str]) -> tuple[int, str, bytes]:
        return handler()

    return page
