"""The DNS server of a test: an embedded cluster, what answers for it, and the means to steer and to question both.

It runs in a thread of its own, with its own event loop. All methods do their work there and return when it is done, so
they are the same in a plain function and in a coroutine, whatever event loop that runs on, and none is to be awaited.
"""

import weakref
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, overload

from resolver.client.resolv_conf import DnsConfig, ResolvConf, resolv_conf
from resolver.controlplane.applying import Refused
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject
from resolver.faults.fault import Fault
from resolver.faults.fault_list import Firing
from resolver.server.history import History
from resolver.testing.active_fault import ActiveFault
from resolver.testing.loop_thread import LoopThread
from resolver.testing.manifests import Manifests, RefusedByApi, each_source, refused_by_api
from resolver.testing.pod_namespace import PodNamespace
from resolver.testing.questions import Questions
from resolver.testing.served_cluster import ServedCluster, ServedOptions

if TYPE_CHECKING:
    from resolver.explain.explanation import Explanation
    from resolver.wire.peer import Network

_T = TypeVar("_T")

alive: Final[weakref.WeakSet["DnsServer"]] = weakref.WeakSet()
"""All servers that somebody still holds, those that have ended too: what the report of a failed test looks at."""

_numbers: Final = count(1)
_SCALED: Final = ("Deployment", "StatefulSet", "ReplicaSet")


class DnsServer:
    """Made by `running` and the fixtures, which also end it. `number` counts the servers of this process."""

    def __init__(self, options: ServedOptions, folders: Sequence[Path] = ()) -> None:
        """Starts it. Raises BadConfig, CannotListen; then nothing is left. `folders`: see each_source."""
        self.number = next(_numbers)
        self.domain = options.domain
        self.added_faults: list[Fault] = []
        """All that `fault` has made, those too that are removed."""
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

    @property
    def resolv_conf(self) -> str:
        """What a Pod of the namespace ``default`` has in /etc/resolv.conf, with this server as the cluster's DNS.

        A resolv.conf knows no ports: it is of use where this server has the port 53, see `pod_namespace`.
        """
        return self.resolv_conf_in("default").text()

    def resolv_conf_in(self, namespace: str, options: Sequence[str] = ()) -> ResolvConf:
        """The same for another namespace, as a value. `options` as in a Pod's dnsConfig. Raises BadResolvConf."""
        parts = (option.partition(":") for option in options)
        own = DnsConfig(options=tuple((name, value or None) for name, _, value in parts))
        return resolv_conf(namespace, cluster_dns=[self.host], cluster_domain=self.domain, dns_config=own)

    def as_process_resolver(
        self,
        *,
        namespace: str = "default",
        options: Sequence[str] = (),
        otherwise: Literal["system"] | None = None,
    ) -> AbstractContextManager[None]:
        """Within this block names are looked up as in a Pod of that namespace, with this server as its DNS.

        That goes for the whole process and for what is named in `resolver.testing.process_resolver`; glibc's ways with
        search path, retries and order are kept. `options`: further ones of resolv.conf, ``ndots:2``. `otherwise`: who
        is asked for names outside the cluster; without it there are none.
        """
        from resolver.testing.host_lookups import HostLookups
        from resolver.testing.process_resolver import process_resolver

        if otherwise not in (None, "system"):
            raise ValueError(f'otherwise is "system" or None, not {otherwise!r}')
        self._check()
        conf = self.resolv_conf_in(namespace, options)
        lookups = HostLookups(self._thread, self.address, conf, self.domain, elsewhere=otherwise == "system")
        return process_resolver(lookups)

    def pod_namespace(self, namespace: str = "default", *, options: Sequence[str] = ()) -> PodNamespace:
        """Runs child processes that look names up as in a Pod: ``with server.pod_namespace() as pod: pod.run([...])``.

        `options`: as in `as_process_resolver`. Entering raises CannotIsolate, which skips the test, with the reason.
        """

        def conf(nameserver: str) -> ResolvConf:
            return replace(self.resolv_conf_in(namespace, options), nameservers=(nameserver,))

        self._check()
        return PodNamespace(self._thread, self._served, conf)

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

    # -- what goes wrong

    def fault(self, pattern: str, **settings: Any) -> ActiveFault:
        """From now on something goes wrong: ``fault("web.shop", qtype="AAAA", drop=True, times=3)``.

        It ends with ``.remove()``, with the block where it stands in ``with``, or with the server. The settings are
        those of `resolver.faults.fault.Fault.make`. Raises BadFault, which says what there is.
        """
        __tracebackhide__ = True
        fault = Fault.make(pattern, **{"zone": self.domain, **settings})
        self._check()
        self._thread.call(lambda: self._served.faults.add(fault))
        self.added_faults.append(fault)
        return ActiveFault(fault, self._remove_fault)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that have been added and not removed, those too that will not fire again."""
        return self._thread.call(lambda: self._served.faults.faults)

    @property
    def firings(self) -> tuple[Firing, ...]:
        """Which faults have fired, and for which questions, in that order; the last ones of very many."""
        return tuple(self._served.faults.fired)

    def clear_faults(self) -> int:
        """Removes them all; how many there were."""
        return self._thread.call(self._served.faults.clear)

    def _remove_fault(self, fault: Fault) -> bool:
        return self.running and self._thread.call(lambda: self._served.faults.remove(fault.id))

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

    def explain(
        self,
        name: str,
        type: str = "A",
        *,
        client: str = "127.0.0.1",
        protocol: "Network" = "udp",
        namespace: str = "default",
    ) -> "Explanation":
        """Why the answer is what it is: ``print(server.explain("web.shop", "AAAA").text())``.

        Nothing is asked and no fault fires. Names may lack the zone and, for a Service of `namespace`, that too.
        Raises BadQuestion, which says what there is.
        """
        from resolver.explain.explaining import explain_question

        self._check()
        return self._thread.run(
            lambda: explain_question(
                self._served.server, name, type, client=client, protocol=protocol, namespace=namespace
            )
        )

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
