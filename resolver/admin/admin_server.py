"""The admin API on a socket: routes from the table, strict about what it takes, errors as JSON that say what there is.

aiohttp is imported when one is made.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import msgspec

from resolver import limits
from resolver.admin.address import Address, TcpAddress, UnixAddress
from resolver.admin.guard import Guard
from resolver.admin.openapi import JSON, JSON_LINES
from resolver.admin.operation import Answer, Desk, Lines, Operation, Problem, Refused
from resolver.admin.operations import OPERATIONS
from resolver.admin.reading import nearest, read_body, read_parameters
from resolver.admin.socket_file import SocketFile
from resolver.transports.http_status import parse_listen
from resolver.transports.listening import CannotListen, PortTaken, open_streams

if TYPE_CHECKING:
    from aiohttp import web

    from resolver.server.server import Server

Report = Callable[[str], None]


class _BrokenOff(Exception):
    """A stream of lines failed: it has begun, so there can be no other answer, and is not whole."""

    def __init__(self, response: "web.StreamResponse", error: Exception) -> None:
        super().__init__(str(error))
        self.response = response
        self.error = error


class AdminServer:
    """`open`, then `serve` once the server has started, then `stop`, which is allowed at any point."""

    def __init__(
        self,
        server: "Server",
        address: Address,
        *,
        token: str | None = None,
        report: Report = lambda _: None,
    ) -> None:
        """Raises CannotListen for an address that others reach, unless there is a token."""
        if isinstance(address, TcpAddress) and not address.loopback and not token:
            raise CannotListen(
                f"the admin API on {address.host} could be reached by others: give --admin-token-file FILE, "
                "or listen on 127.0.0.1 or a unix socket"
            )
        self._address = address
        self._token = token
        self._report = report
        self._file = SocketFile(address.path) if isinstance(address, UnixAddress) else None
        self._sockets: list[socket.socket] = []
        self._listening: list[asyncio.Server] = []
        self._runner: web.AppRunner | None = None
        self._desk: Final = Desk(server)

    @property
    def address(self) -> Address:
        """Where it listens, its port a number once it is open."""
        if isinstance(self._address, TcpAddress) and self._sockets:
            return TcpAddress(self._address.host, self._sockets[0].getsockname()[1])
        return self._address

    def open(self) -> None:
        """Takes its place; who connects waits for `serve`. Raises CannotListen."""
        if self._file is not None:
            self._sockets = [self._file.open()]
        elif isinstance(self._address, TcpAddress):
            host = f"[{self._address.host}]" if ":" in self._address.host else self._address.host
            addresses, port = parse_listen(f"{host}:{self._address.port}")
            try:
                self._sockets = open_streams(addresses, port)
            except PortTaken as taken:
                instead = "take another place: --admin PORT, --admin unix:PATH"
                raise PortTaken(taken.address, taken.port, taken.protocol, taken.holder, instead) from taken

    async def serve(self) -> None:
        """Answers from now on."""
        from aiohttp import web

        app = web.Application(middlewares=[self._middleware()], client_max_size=limits.ADMIN_BODY)
        for operation in OPERATIONS:
            app.router.add_route(operation.method, operation.path, _route(self._desk, operation))
        # Without cancellation a follower that has gone would stay until the next question.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=limits.ADMIN_GRACE
        )
        await self._runner.setup()
        protocol = self._runner.server
        if protocol is None:
            raise RuntimeError("the runner has been set up and has no server")
        loop = asyncio.get_running_loop()
        make = loop.create_unix_server if self._file is not None else loop.create_server
        for sock in self._sockets:
            self._listening.append(await make(protocol, sock=sock))

    async def stop(self) -> None:
        """Ends what follows, then listens no more. Idempotent."""
        self._desk.stopping.set()
        for listening in self._listening:
            listening.close()
        for sock in self._sockets:
            sock.close()
        if self._file is not None:
            self._file.remove()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner, self._sockets, self._listening = None, [], []

    def _middleware(self) -> Callable[..., Awaitable["web.StreamResponse"]]:
        from aiohttp import web

        guard = Guard(self._token, host_matters=self._file is None)

        @web.middleware
        async def checked(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            try:
                guard.check(request.method, request.headers, has_body=request.body_exists)
                return await handler(request)
            except _BrokenOff as broken:
                if not isinstance(broken.error, ConnectionError):  # that is a client that has gone
                    self._report_failure(request, broken.error)
                return broken.response
            except Refused as refused:
                return _problem(refused.status, refused.message)
            except web.HTTPRequestEntityTooLarge:
                return _problem(413, f"the body is larger than {limits.ADMIN_BODY} bytes")
            except web.HTTPException as error:
                return _problem(error.status, _what_there_is(request.method, request.path, error.status))
            except Exception as error:  # noqa: BLE001 - one request fails, and says so
                self._report_failure(request, error)
                return _problem(500, "the server failed; its log says how")

        return checked

    def _report_failure(self, request: "web.Request", error: Exception) -> None:
        line = f"admin: {request.method} {request.path} failed: {type(error).__name__}: {error}"
        self._report(line.replace("\n", " ")[: limits.LOG_LINE])


def _route(desk: Desk, operation: Operation) -> "Callable[[web.Request], Awaitable[web.StreamResponse]]":
    from aiohttp import web

    async def respond(request: web.Request) -> web.StreamResponse:
        parameters = read_parameters(operation.parameters, request.query.items(), request.match_info)
        content = await request.read() if request.body_exists else b""
        if operation.body is None and content.strip() not in (b"", b"{}"):
            raise Refused(400, f"{operation.method} {operation.path} takes no body")
        body = read_body(operation.body, content) if operation.body is not None else None
        answer = await operation.handler(desk, parameters, body)
        if isinstance(answer, Lines):
            return await _stream(request, answer)
        return web.Response(body=_encoded(answer), headers=_headers(JSON))

    return respond


async def _stream(request: "web.Request", answer: Lines) -> "web.StreamResponse":
    from aiohttp import web

    response = web.StreamResponse(headers=_headers(JSON_LINES))
    response.enable_chunked_encoding()
    try:
        await response.prepare(request)
        async for chunk in answer.chunks:
            if chunk:
                await response.write(chunk)
        await response.write_eof()
    except Exception as error:
        if request.transport is not None:
            request.transport.abort()
        raise _BrokenOff(response, error) from error
    finally:
        await answer.chunks.aclose()
    return response


def _headers(content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _encoded(answer: Answer | Problem) -> bytes:
    return msgspec.json.encode(answer) + b"\n"


def _problem(status: int, message: str) -> "web.Response":
    from aiohttp import web

    headers = _headers(JSON)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return web.Response(status=status, body=_encoded(Problem(message)), headers=headers)


def _what_there_is(method: str, path: str, status: int) -> str:
    """The words of a 404 or 405."""
    if status == 405:
        methods = [each.method for each in OPERATIONS if each.path == path or _is_like(each.path, path)]
        return f"{path} takes no {method}: it takes {', '.join(methods)}"
    paths = list(dict.fromkeys(each.path for each in OPERATIONS))
    return f"there is no {path}: there are {', '.join(paths)}{nearest(path, paths)}"


def _is_like(pattern: str, path: str) -> bool:
    parts, given = pattern.split("/"), path.split("/")
    return len(parts) == len(given) and all(
        part == each or part.startswith("{") for part, each in zip(parts, given, strict=True)
    )
