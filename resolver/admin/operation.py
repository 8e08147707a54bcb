"""What an operation of the API is: its place, what it takes, what it gives, who does it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from resolver.faults.fault_list import FaultList
from resolver.server.history import History
from resolver.server.server import Server

Method = Literal["GET", "POST", "DELETE"]


class Refused(Exception):
    """The request is answered with this status and these words: what is wrong and what there is."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Problem(msgspec.Struct):
    """Why a request was refused."""

    error: str


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No parameters."""


@dataclass(slots=True)
class Desk:
    """What operations work on. `stopping` is set when the API ends; `followers` counts who follows the questions."""

    server: Server
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    followers: int = 0

    @property
    def history(self) -> History | None:
        return self.server.history

    @property
    def faults(self) -> FaultList | None:
        return self.server.faults


@dataclass(frozen=True, slots=True)
class Lines:
    """An answer of JSON lines (application/x-ndjson), each chunk one or several of them, sent as they come."""

    chunks: AsyncGenerator[bytes, None]


Answer = msgspec.Struct | dict[str, Any] | Lines
Handler = Callable[[Desk, Any, Any], Awaitable[Answer]]
"""Takes the desk, the parameters and the body, as the operation's types have them. Raises Refused."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`path` as aiohttp and OpenAPI both write it: ``/v1/faults/{id}``.

    `parameters` are those of path and query, `body` is of JSON; `answer` is one document, `lines` are JSON lines.
    `errors`: statuses beside those any operation may have, and when.
    """

    method: Method
    path: str
    handler: Handler
    summary: str
    parameters: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] | None = None
    answer: Any = None
    lines: tuple[type[Any], ...] = ()
    errors: dict[int, str] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        return self.method != "GET"
