"""A client of the admin API: blocking, of the standard library alone, so that a command starts at once."""

import json
import socket
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Final
from urllib.parse import urlencode

from resolver import limits
from resolver.admin.address import Address, UnixAddress

_START: Final = "start the server with `dualdns serve --admin`, or name another with --server"


class AdminUnreachable(Exception):
    """Nobody answers there, or not as this API does; the message says what to do."""


class AdminRefused(Exception):
    """The server refused the request; the message is its own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class AdminClient:
    """Asks one server. A connection is made for each request."""

    def __init__(self, address: Address, token: str | None = None) -> None:
        self.address: Final = address
        self._token = token

    def get(self, path: str, parameters: Mapping[str, object] | None = None) -> Any:
        """The JSON document. Raises AdminUnreachable, AdminRefused."""
        return self._ask("GET", path, parameters)

    def post(self, path: str, body: object) -> Any:
        """As `get`."""
        return self._ask("POST", path, body=body)

    def delete(self, path: str) -> Any:
        """As `get`."""
        return self._ask("DELETE", path)

    def lines(self, path: str, parameters: Mapping[str, object] | None = None) -> Iterator[Any]:
        """The JSON lines as they come; ends when the server ends them, however long they pause. Raises as `get`."""
        connection = self._connection()
        try:
            response = self._response(connection, "GET", path, parameters, None)
            if connection.sock is not None:
                connection.sock.settimeout(None)
            with response:
                while line := response.readline():
                    yield json.loads(line)
        except (OSError, HTTPException, ValueError) as error:
            raise AdminUnreachable(f"the connection to {self.address} broke: {_words(error)}") from error
        finally:
            connection.close()

    def _ask(
        self, method: str, path: str, parameters: Mapping[str, object] | None = None, body: object | None = None
    ) -> Any:
        connection = self._connection()
        try:
            return json.loads(self._response(connection, method, path, parameters, body).read())
        except (OSError, HTTPException, ValueError) as error:
            raise AdminUnreachable(f"{self.address} did not answer as it should: {_words(error)}") from error
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        """Raises AdminUnreachable."""
        address = self.address
        connection: HTTPConnection
        if isinstance(address, UnixAddress):
            connection = _UnixConnection(address.path)
        else:
            connection = HTTPConnection(address.host, address.port, timeout=limits.ADMIN_TIMEOUT)
        try:
            connection.connect()
        except PermissionError:
            raise AdminUnreachable(f"{address} belongs to another user: only who started the server may ask") from None
        except OSError as error:
            raise AdminUnreachable(f"no server at {address} ({_words(error)}): {_START}") from error
        return connection

    def _response(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        parameters: Mapping[str, object] | None,
        body: object | None,
    ) -> HTTPResponse:
        """Raises AdminRefused, and what the connection raises."""
        headers = {"Accept": "application/json, application/x-ndjson"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        content = None
        if body is not None:
            content = json.dumps(body)
            headers["Content-Type"] = "application/json"
        query = urlencode({name: _text(value) for name, value in (parameters or {}).items() if value is not None})
        connection.request(method, f"{path}?{query}" if query else path, body=content, headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            raise AdminRefused(response.status, _error(response.read(limits.ADMIN_BODY), response.status))
        return response


class _UnixConnection(HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=limits.ADMIN_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except OSError:
            self.sock.close()
            raise


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _words(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__


def _error(content: bytes, status: int) -> str:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    message = found.get("error") if isinstance(found, dict) else None
    return message if isinstance(message, str) else f"the server answered with status {status}"
