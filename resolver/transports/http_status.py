"""The small HTTP servers of health, ready and metrics. aiohttp is imported when the first of them starts."""

import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from resolver import limits
from resolver.transports.answering import Report
from resolver.transports.listening import ALL_ADDRESSES, CannotListen, PortTaken, is_address, open_streams

if TYPE_CHECKING:
    from ssl import SSLContext

    from aiohttp import web

StatusHandler: TypeAlias = Callable[[Mapping[str, str]], tuple[int, str, bytes]]
"""From the headers of a request (names in any case) to status, content type and body."""

TEXT: Final = "text/plain; charset=utf-8"
"""The content type of CoreDNS's health and ready pages."""


class PathTaken(CannotListen):
    """Two owners want the same page of the same server."""

    def __init__(self, listen: str, path: str) -> None:
        self.listen = listen
        self.path = path
        super().__init__(f"{path} on {listen} is served already: give one of its plugins another address")


def parse_listen(listen: str) -> tuple[tuple[str, ...], int]:
    """Addresses and port of a text such as `:8080`, `127.0.0.1:9153`, `[::1]:8181`, `localhost:9153`.

    No host means all addresses of both families. Raises CannotListen.
    """
    host, colon, port = listen.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    if not colon or not port.isdecimal() or int(port) > limits.PORT or (":" in host) != bracketed:
        raise CannotListen(f"{listen!r} is no place to listen on: write `:8080`, `127.0.0.1:8080` or `[::1]:8080`")
    if not host:
        return ALL_ADDRESSES, int(port)
    return (host if is_address(host) else _resolved(host, listen),), int(port)


def _resolved(host: str, listen: str) -> str:
    """One address of a name, an IPv4 one if there is any, as Go's net.Listen chooses it."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotListen(f"cannot listen on {listen}: {host} has no address ({error.strerror})") from error
    return str(min(found, key=lambda entry: entry[0] != socket.AF_INET)[4][0])


class StatusServer:
    """The pages under one listen text; other paths are 404."""

    def __init__(self, listen: str, report: Report, *, tls: "SSLContext | None" = None) -> None:
        self.listen: Final = listen
        self._tls = tls
        self._report = report
        self._pages: dict[str, StatusHandler] = {}
        self._runner: web.ServerRunner | None = None
        self.addresses: list[tuple[str, int]] = []
        """Where it listens while it does: address and port."""

    def add(self, path: str, handler: StatusHandler) -> None:
        """Raises PathTaken."""
        if path in self._pages:
            raise PathTaken(self.listen, path)
        self._pages[path] = handler

    def show(self, pages: dict[str, StatusHandler]) -> None:
        """These pages and no others from now on."""
        self._pages = dict(pages)

    async def start(self) -> None:
        """Raises CannotListen, PortTaken among them; then nothing is open."""
        from aiohttp import web

        addresses, port = parse_listen(self.listen)
        try:
            sockets = open_streams(addresses, port)
        except PortTaken as taken:
            instead = f"change {self.listen} in the plugin that asks for it"
            raise PortTaken(taken.address, taken.port, taken.protocol, taken.holder, instead) from taken
        self._runner = web.ServerRunner(web.Server(self._respond), shutdown_timeout=limits.STATUS_GRACE)
        await self._runner.setup()
        for sock in sockets:
            await web.SockSite(self._runner, sock, ssl_context=self._tls).start()
        self.addresses = [sock.getsockname()[:2] for sock in sockets]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None
        self.addresses = []

    async def _respond(self, request: "web.BaseRequest") -> "web.StreamResponse":
        from aiohttp import web

        handler = self._pages.get(request.path)
        if handler is None:
            status, content_type, body = 404, TEXT, b"404 page not found\n"
        else:
            try:
                status, content_type, body = handler(request.headers)
            except Exception as error:  # noqa: BLE001 - a page that fails says so and the server goes on
                line = f"{request.path} on {self.listen} failed: {type(error).__name__}: {error}"
                self._report(line.replace("\n", " ")[: limits.LOG_LINE])
                status, content_type, body = 500, TEXT, b"internal error\n"
        response = web.Response(status=status, body=body, headers={"Content-Type": content_type})
        if len(body) > limits.STATUS_COMPRESS and "gzip" in request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response


class StatusServers:
    """All status servers of a process, one per listen text, shared by whoever names the same one."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._servers: dict[str, StatusServer] = {}

    def add(self, listen: str, path: str, handler: StatusHandler) -> StatusServer:
        """Before `start_all`. Raises PathTaken."""
        server = self._servers.setdefault(listen, StatusServer(listen, self._report))
        server.add(path, handler)
        return server

    async def start_all(self) -> None:
        """Raises CannotListen, PortTaken among them; then none is left running."""
        try:
            for server in self._servers.values():
                await server.start()
        except CannotListen:
            await self.stop_all()
            raise

    async def stop_all(self) -> None:
        for server in self._servers.values():
            await server.stop()
