"""The HTTP pages of plugins (health, ready, metrics) across reloads: servers stay, their pages change."""

from collections.abc import Callable
from ssl import SSLContext

from resolver.plugins.plugin import StatusHandler
from resolver.transports.http_status import StatusServer
from resolver.transports.listening import CannotListen

Pages = dict[str, dict[str, tuple[StatusHandler, SSLContext | None]]]


class StatusPages:
    """Keyed by listen text."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._servers: dict[str, StatusServer] = {}

    async def serve(self, pages: Pages) -> None:
        """Serves these pages and no others. Raises CannotListen; then what was served before still is."""
        started: dict[str, StatusServer] = {}
        try:
            for listen, handlers in pages.items():
                if listen not in self._servers:
                    tls = next((tls for _, tls in handlers.values() if tls is not None), None)
                    server = StatusServer(listen, self._report, tls=tls)
                    await server.start()
                    started[listen] = server
        except CannotListen:
            for server in started.values():
                await server.stop()
            raise
        self._servers |= started
        for listen in [listen for listen in self._servers if listen not in pages]:
            await self._servers.pop(listen).stop()
        for listen, handlers in pages.items():
            self._servers[listen].show({path: _page(handler) for path, (handler, _) in handlers.items()})

    async def close(self) -> None:
        servers, self._servers = list(self._servers.values()), {}
        for server in servers:
            await server.stop()


def _page(handler: StatusHandler):  # type: ignore[no-untyped-def]
    return lambda _headers: handler()
