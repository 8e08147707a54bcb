"""One kind's watch machine with its requests, timers and sink: the shell that carries out the commands."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from http import HTTPStatus
from typing import Final, Protocol

import aiohttp
import msgspec

from resolver import limits
from resolver.cluster.decoding import Decoder
from resolver.cluster.raw import Status
from resolver.kubeapi import commands, events
from resolver.kubeapi.connection import Connection, Patience
from resolver.kubeapi.errors import UNREADABLE, ApiSilent, ApiUnavailable, NotAList, Oversized
from resolver.kubeapi.json_lines import LineSplitter
from resolver.kubeapi.list_body import ListSplitter
from resolver.kubeapi.outage import Log, Outages
from resolver.kubeapi.watch_machine import WatchMachine
from resolver.kubeapi.watched import ClusterSink, WatchedKind

_PAGE: Final = b'{"items":[%b]}'


class Timer(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    """Monotonic seconds, and calls made later; an event loop is one when wrapped (`LoopClock`)."""

    def now(self) -> float: ...

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer: ...


class KindWatch:
    """Keeps one kind in step. `begin` it in a running event loop and `stop` it there.

    `synced` is set by the first whole list, of `first_list` objects. `repaired` counts objects that audits put right.
    """

    def __init__(
        self,
        watched: WatchedKind,
        machine: WatchMachine,
        connection: Connection,
        sink: ClusterSink,
        decoder: Decoder,
        clock: Clock,
        patience: Patience,
        outages: Outages,
        log: Log,
    ) -> None:
        self._watched = watched
        self._kind = watched.kind
        self._machine = machine
        self._connection = connection
        self._sink = sink
        self._decoder = decoder
        self._clock = clock
        self._patience = patience
        self._outages = outages
        self._log = log
        self._requests: dict[int, asyncio.Task[None]] = {}
        self._timers: dict[int, Timer] = {}
        self.synced = asyncio.Event()
        self.first_list = 0
        self.repaired = 0

    @property
    def machine(self) -> WatchMachine:
        return self._machine

    def begin(self) -> None:
        self._carry_out(self._machine.begin(self._clock.now()))

    async def stop(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        running = list(self._requests.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _feed(self, event: events.Event) -> None:
        self._carry_out(self._machine.handle(event, self._clock.now()))

    def _carry_out(self, wanted: list[commands.Command]) -> None:
        for command in wanted:
            match command:
                case commands.Apply():
                    self._sink.apply(self._kind, command.changes)
                case commands.Replace():
                    self._replace(command)
                case commands.List() | commands.Watch():
                    self._begin_request(command)
                case commands.Cancel():
                    self._cancel(command.request)
                case commands.Wait():
                    self._wait(command)
                case commands.Lost():
                    self._outages.lost(self._kind.name, command.text, command.cause, self._clock.now())
                case commands.Found():
                    self._outages.found(self._kind.name, self._clock.now())
                case commands.Reauthenticate():
                    self._connection.reauthenticate()
                case commands.Report():
                    self._log(command.level, command.text)

    def _replace(self, command: commands.Replace) -> None:
        different = self._sink.replace(self._kind, command.objects)
        if not self.synced.is_set():
            self.first_list = len(command.objects)
            self.synced.set()
        if command.audit and different:
            self.repaired += different
            objects = "1 object" if different == 1 else f"{different} objects"
            self._log("WARNING", f"audit: repaired {objects} of {self._kind.name} that the watch had lost")

    def _wait(self, command: commands.Wait) -> None:
        def fire() -> None:
            self._timers.pop(command.timer, None)
            self._feed(events.TimerFired(command.timer))

        self._timers[command.timer] = self._clock.call_later(command.seconds, fire)

    def _begin_request(self, command: commands.List | commands.Watch) -> None:
        task = asyncio.get_running_loop().create_task(
            self._request(command), name=f"{type(command).__name__} {self._kind.name}"
        )
        self._requests[command.request] = task
        task.add_done_callback(partial(self._ended, command.request))

    def _ended(self, request: int, task: asyncio.Task[None]) -> None:
        del self._requests[request]
        error = None if task.cancelled() else task.exception()
        if error is not None:  # a fault of ours: it must be seen, and must not end the watch
            task.get_loop().call_exception_handler(
                {"message": f"in {task.get_name()}", "exception": error, "task": task}
            )
            self._feed(events.ConnectionFailed(request, f"internal error: {error!r}"))

    def _cancel(self, request: int) -> None:
        task = self._requests.get(request)
        if task is not None:
            task.cancel()

    async def _request(self, command: commands.List | commands.Watch) -> None:
        request = command.request
        try:
            await (self._list(command) if isinstance(command, commands.List) else self._watch(command))
        except ApiSilent:
            silence = self._patience.list if isinstance(command, commands.List) else self._patience.watch
            self._feed(events.Silence(request, silence))
        except (Oversized, NotAList, *UNREADABLE) as error:
            self._feed(events.Malformed(request, f"{self._connection.server}: {self._kind.name}: {error}"))
        except ApiUnavailable as error:
            self._feed(events.ConnectionFailed(request, str(error)))

    async def _list(self, command: commands.List) -> None:
        request, kind, splitter = command.request, self._kind, ListSplitter()
        async with self._connection.get(kind.path, self._watched.query(command), self._patience.list) as response:
            if response.status != HTTPStatus.OK:
                return self._feed(await _refusal(request, response))
            self._feed(events.Opened(request))
            async for data in _pieces(response):
                for run in splitter.feed(data):
                    self._feed(events.ItemsArrived(request, self._decoder.page(kind, _PAGE % run).objects))
        end = splitter.finish()
        if end.kind not in (f"{kind.name}List", "List", ""):
            raise NotAList(f"asked for a {kind.name}List, got a {end.kind[: limits.LABEL_SIZE]!r}")
        return self._feed(events.PageEnded(request, end.resource_version, end.continue_token))

    async def _watch(self, command: commands.Watch) -> None:
        request, kind, splitter = command.request, self._kind, LineSplitter(limits.API_OBJECT)
        decode = self._decoder.event
        async with self._connection.get(kind.path, self._watched.query(command), self._patience.watch) as response:
            if response.status != HTTPStatus.OK:
                return self._feed(await _refusal(request, response))
            self._feed(events.Opened(request))
            async for data in _pieces(response):
                lines = splitter.feed(data)
                if lines:
                    self._feed(events.LinesArrived(request, [decode(kind, line) for line in lines]))
        return self._feed(events.StreamEnded(request))


async def _pieces(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """What arrives, in pieces small enough to be handled at one go."""
    async for data in response.content.iter_any():
        if len(data) <= 2 * limits.API_READ:
            yield data
            continue
        for at in range(0, len(data), limits.API_READ):
            yield data[at : at + limits.API_READ]
            await asyncio.sleep(0)


async def _refusal(request: int, response: aiohttp.ClientResponse) -> events.HttpFailed:
    """A response other than 200, with its Status where it has one."""
    body = await response.content.read(limits.API_REFUSAL)
    try:
        status = msgspec.json.decode(body, type=Status)
    except UNREADABLE:
        status = Status(message=body[: limits.LOG_LINE].decode("utf-8", "replace").strip())
    retry_after: float | None
    try:
        retry_after = float(response.headers.get("Retry-After", ""))
    except ValueError:
        retry_after = None  # absent, or a date, which no API server sends
    return events.HttpFailed(request, response.status, retry_after, status.reason or "", status.message or "")
