"""A server in a thread of its own: where it is, and what its cluster holds."""

from collections.abc import Callable, Coroutine, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar, overload

from resolver.controlplane.applying import Refused
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject
from resolver.testing.loop_thread import LoopThread
from resolver.testing.manifests import Manifests, RefusedByApi, each_source, refused_by_api
from resolver.testing.served_cluster import ServedCluster, ServedOptions

_T = TypeVar("_T")

_numbers: Final = count(1)
_SCALED: Final = ("Deployment", "StatefulSet", "ReplicaSet")


class SteeredServer:
    """Runs from its making to `stop`. `number` counts the servers of this process.

    All methods do their work in the server's thread and return when it is done.
    """

    def __init__(self, options: ServedOptions, folders: Sequence[Path] = ()) -> None:
        """Starts it. Raises BadConfig, CannotListen; then nothing is left. `folders`: see each_source."""
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

    def __repr__(self) -> str:
        if not self.running:
            return f"<{type(self).__name__} {self.number}, ended>"
        where = " and ".join(f"{host} port {port}" for host, port in self.addresses)
        return f"<{type(self).__name__} {self.number} at {where}>"

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

    def get(self, what: str, name: str | None = None, *, namespace: str = "default") -> JsonObject:
        """``get("service/web")`` or ``get("Service", "web")``: a copy of the object as it is stored.

        Raises RefusedByApi where there is none.
        """
        __tracebackhide__ = True
        words = what.split("/") if name is None else [what, name]
        if len(words) != 2 or not all(words):
            raise TypeError(f'get takes ("service/web") or ("Service", "web"): {what!r}')
        kind, wanted = words
        return self._settled(lambda: self._served.cluster.get(kind, wanted, namespace=namespace))

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
        words = "/".join(map(str, what)).split("/")
        if (
            not all(words)
            or len(words) > 2
            or not all(isinstance(each, str) for each in what)
            or not isinstance(replicas, int)
        ):
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
        except RefusedByApi as error:
            raise error.with_traceback(None) from None

    def _check(self) -> None:
        if not self._thread.running:
            raise RuntimeError(
                f"{self!r} answers no more: use it within its `with` block, or within the fixture's test"
            )
