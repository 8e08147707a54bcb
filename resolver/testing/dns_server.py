"""The DNS server of a test: an embedded cluster, what answers for it, and the means to steer and to question both.

It runs in a thread of its own, with its own event loop. All methods do their work there and return when it is done, so
they are the same in a plain function and in a coroutine, whatever event loop that runs on, and none is to be awaited.
"""

import weakref
from collections.abc import Callable, Coroutine, Sequence
from itertools import count
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypeVar, overload

from resolver import limits
from resolver.controlplane.applying import Refused
from resolver.controlplane.embedded_cluster import DOMAIN, SERVICE_CIDRS
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject
from resolver.server.history import History
from resolver.testing.loop_thread import LoopThread
from resolver.testing.manifests import Manifests, RefusedByApi, each_source, refused_by_api
from resolver.testing.questions import Questions
from resolver.testing.served_cluster import ServedCluster, ServedOptions

_T = TypeVar("_T")

alive: Final[weakref.WeakSet["DnsServer"]] = weakref.WeakSet()
"""All servers that somebody still holds, those that have ended too: what the report of a failed test looks at."""

_numbers: Final = count(1)
_SCALED: Final = ("Deployment", "StatefulSet", "ReplicaSet")


class DnsServer:
    """Made by `running` and the fixtures, which also end it. `number` counts the servers of this process."""

    def __init__(self, options: ServedOptions, folders: Sequence[Path] = ()) -> None:
        """Starts it. Raises BadConfig, BadRange, CannotListen; then nothing is left. `folders`: see each_source."""
        self.number = next(_numbers)
        self.domain = options.domain
        self._folders = tuple(folders)
        self._thread = LoopThread(f"dualdns-{self.number}")
        try:
            self._served = self._thread.call(lambda: ServedCluster(options))
            self._thread.run(self._started)
        except BaseException:
            self._thread.stop()
            raise
        alive.add(self)

    def __repr__(self) -> str:
        if not self.running:
            return f"<DnsServer {self.number}, ended>"
        return f"<DnsServer {self.number} at {' and '.join(f'{host} port {port}' for host, port in self.addresses)}>"

    async def _started(self) -> None:
        try:
            await self._served.start()
        except BaseException:
            await self._served.stop()
            raise
        self.addresses = self._served.addresses()

    def stop(self) -> None:
        """Ends it, held-back replies too; what was asked can still be read. Idempotent."""
        if self._thread.running:
            try:
                self._thread.run(self._served.stop)
            finally:
                self._thread.stop()

    # -- where it is

    @property
    def running(self) -> bool:
        return self._thread.running

    @property
    def address(self) -> tuple[str, int]:
        """(host, port), of IPv4 where there is any; the same port for UDP and TCP. `addresses` has both families."""
        return self.addresses[0]

    @property
    def host(self) -> str:
        return self.address[0]

    @property
    def port(self) -> int:
        return self.address[1]

    @property
    def log(self) -> list[str]:
        """What the server has had to say, the last lines of it."""
        return list(self._served.output.lines)

    # -- the cluster

    def apply(self, *manifests: Manifests, namespace: str = "default") -> list[JsonObject]:
        """Makes or changes objects, as ``kubectl apply`` does; returns when controllers are done and answers show it.

        Files, folders, text, objects, lists of these. Objects that name no namespace go to the one given here. The
        result is the objects as they are stored. Raises RefusedByApi with the API's words and file and line.
        """
        __tracebackhide__ = True

        async def apply() -> list[JsonObject]:
            cluster = self._served.cluster
            return [
                applied
                for source in each_source(manifests, self._folders)
                for applied in await cluster.apply(source, namespace=namespace)
            ]

        return self._settled(apply)

    def delete(self, what: Manifests, name: str | None = None, *, namespace: str = "default") -> None:
        """Deletes ``delete("service/web")``, ``delete("Service", "web")``, or the objects that manifests describe.

        Returns when what belonged to them is gone too. Raises RefusedByApi.
        """
        __tracebackhide__ = True
        if name is None and isinstance(what, str) and what.count("/") == 1 and not self._is_there(what):
            what, name = what.split("/")

        async def delete() -> None:
            if name is not None:
                await self._served.cluster.delete(str(what), name, namespace=namespace)
                return
            for source in each_source([what], self._folders):
                await self._served.cluster.delete(source, namespace=namespace)

        self._settled(delete)

    @overload
    def scale(self, what: str, replicas: int, /, *, namespace: str = "default") -> None: ...

    @overload
    def scale(self, kind: str, name: str, replicas: int, /, *, namespace: str = "default") -> None: ...

    def scale(self, *arguments: Any, namespace: str = "default") -> None:
        """``scale("web", 3)``, ``scale("deployment/web", 3)`` or ``scale("Deployment", "web", 3)``: so many Pods.

        Returns when they are there. Raises RefusedByApi.
        """
        __tracebackhide__ = True
        *what, replicas = arguments
        words = "/".join(what).split("/")
        if not 1 <= len(words) <= 2 or not isinstance(replicas, int):
            raise TypeError(f'scale takes ("web", 3), ("deployment/web", 3) or ("Deployment", "web", 3): {arguments}')

        async def scale() -> None:
            cluster = self._served.cluster
            kind = words[0] if len(words) == 2 else await self._kind_of(words[0], namespace)
            await cluster.scale(kind, words[-1], replicas, namespace=namespace)

        self._settled(scale)

    async def _kind_of(self, name: str, namespace: str) -> str:
        cluster = self._served.cluster
        for kind in _SCALED:
            if any(each["metadata"]["name"] == name for each in await cluster.list(kind, namespace=namespace)):
                return kind
        raise RefusedByApi(f'nothing in the namespace "{namespace}" is called "{name}" and can be scaled')

    # -- what was asked

    @property
    def history(self) -> History:
        """The last questions and replies; `queries` is the way to most of it."""
        return self._served.history

    def queries(
        self,
        *,
        name: str | None = None,
        type: str | None = None,
        client: str | None = None,
        protocol: str | None = None,
        rcode: str | None = None,
    ) -> Questions:
        """The questions that fit, oldest first; also after the server has ended.

        `name`: a pattern, ``web.shop``, ``*.shop``, ``**``. `client`: an address or a network. `rcode`: ``NXDOMAIN``,
        ``none`` where no reply was sent. Raises BadFilter, which says what there is.
        """
        if self.running:  # a reply is on its way before its question is written down
            self._thread.call(lambda: None)
        asked = self.history.questions(name=name, type=type, client=client, protocol=protocol, rcode=rcode)
        wanted = {"name": name, "type": type, "client": client, "protocol": protocol, "rcode": rcode}
        selection = ", ".join(f"{key}={value!r}" for key, value in wanted.items() if value is not None)
        return Questions(asked, self.domain, selection)

    def forget_queries(self) -> None:
        """From now on `queries` has only what is asked after this."""
        self._thread.call(self.history.clear)

    def _is_there(self, text: str) -> bool:
        return any((folder / text).exists() for folder in self._folders or (Path(),))

    def _settled(self, work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Does the work, and returns when all that follows from it is done."""
        __tracebackhide__ = True

        async def done() -> _T:
            try:
                return await work()
            finally:
                await self._served.cluster.settled()

        self._check()
        try:
            return self._thread.run(done)
        except (Refused, StatusError) as error:
            raise refused_by_api(error) from None

    def _check(self) -> None:
        if not self._thread.running:
            raise RuntimeError(
                f"{self!r} answers no more: use it within its `with` block, or within the fixture's test"
            )


class Running:
    """A context manager, plain and asynchronous, that starts a server and ends it."""

    def __init__(self, manifests: Sequence[Manifests], options: ServedOptions, folders: Sequence[Path] = ()) -> None:
        self._manifests = manifests
        self._options = options
        self._folders = folders
        self._server: DnsServer | None = None

    def __enter__(self) -> DnsServer:
        __tracebackhide__ = True
        if self._server is not None:
            raise RuntimeError("this server runs already: call running() for another one")
        server = DnsServer(self._options, self._folders)
        try:
            server.apply(*self._manifests)
        except BaseException:
            server.stop()
            raise
        self._server = server
        return server

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    async def __aenter__(self) -> DnsServer:
        __tracebackhide__ = True
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


def running(
    *manifests: Manifests,
    domain: str = DOMAIN,
    corefile: str | PathLike[str] = "",
    service_cidrs: Sequence[str] = SERVICE_CIDRS,
    cluster_cidrs: Sequence[str] = (),
    simulate: bool = True,
    nodes: int = limits.SIMULATED_NODES,
    seed: int | None = 0,
    history: int = limits.HISTORY,
    folders: Sequence[str | PathLike[str]] = (),
) -> Running:
    """A DNS server for these manifests: ``with running("web.yaml") as server:``, and with ``async with`` the same.

    `domain`: of the cluster. `corefile`: text or path of a Corefile instead of the usual one; zones without a port get
    a free one. `service_cidrs`, `cluster_cidrs`: ranges of Services and Pods, one or two, the first one's family being
    the first choice. `simulate` False: workloads get no Pods. `nodes`: simulated ones. `seed`: of generated names; None
    for others each time. `history`: how many questions are remembered. `folders`: where files are looked for that have
    no absolute path, by default where the process is.

    Entering raises RefusedByApi where the API refuses a manifest, BadConfig, BadRange, CannotListen.
    """
    cluster = {
        "service_cidrs": service_cidrs,
        "cluster_cidrs": cluster_cidrs,
        "simulate": simulate,
        "nodes": nodes,
        "seed": seed,
    }
    options = ServedOptions(domain.strip("."), fspath(corefile), cluster, history)
    return Running(manifests, options, [Path(folder) for folder in folders])
