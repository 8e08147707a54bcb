"""The DNS server of a test: an embedded cluster, what answers for it, and the means to steer and to question both.

It runs in a thread of its own, with its own event loop. All methods do their work there and return when it is done, so
they are the same in a plain function and in a coroutine, whatever event loop that runs on, and none is to be awaited.
"""

import weakref
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from resolver.client.resolv_conf import DnsConfig, ResolvConf, resolv_conf
from resolver.faults.bad_fault import BadFault
from resolver.faults.fault import Fault
from resolver.faults.fault_list import Firing
from resolver.server.history import History
from resolver.server.history_filter import BadFilter
from resolver.testing.active_fault import ActiveFault
from resolver.testing.pod_namespace import PodNamespace
from resolver.testing.questions import Questions
from resolver.testing.served_cluster import ServedOptions
from resolver.testing.steered_server import SteeredServer

if TYPE_CHECKING:
    from resolver.explain.explanation import Explanation
    from resolver.wire.peer import Network

alive: Final[weakref.WeakSet["DnsServer"]] = weakref.WeakSet()
"""All servers that somebody still holds, those that have ended too: what the report of a failed test looks at."""


class DnsServer(SteeredServer):
    """Made by `running` and the fixtures, which also end it."""

    def __init__(self, options: ServedOptions, folders: Sequence[Path] = ()) -> None:
        super().__init__(options, folders)
        self.added_faults: list[Fault] = []
        """All that `fault` has made, those too that are removed."""
        alive.add(self)

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

    # -- what goes wrong

    def fault(self, pattern: str, **settings: Any) -> ActiveFault:
        """From now on something goes wrong: ``fault("web.shop", qtype="AAAA", drop=True, times=3)``.

        It ends with ``.remove()``, with the block where it stands in ``with``, or with the server. The settings are
        those of `resolver.faults.fault.Fault.make`; the words of docs/faults.md may say them too:
        ``fault("web.shop AAAA drop times 3")``. Raises BadFault, which says what there is.
        """
        __tracebackhide__ = True
        try:
            fault = Fault.from_words(pattern.split(), **{"zone": self.domain, **settings})
        except BadFault as error:
            raise error.with_traceback(None) from None
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
        __tracebackhide__ = True
        if self.running:  # a reply is on its way before its question is written down
            self._thread.call(lambda: None)
        try:
            asked = self.history.questions(name=name, type=type, client=client, protocol=protocol, rcode=rcode)
        except BadFilter as error:
            raise error.with_traceback(None) from None
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
        __tracebackhide__ = True
        from resolver.explain.asking import BadQuestion
        from resolver.explain.explaining import explain_question

        self._check()
        try:
            return self._thread.run(
                lambda: explain_question(
                    self._served.server, name, type, client=client, protocol=protocol, namespace=namespace
                )
            )
        except BadQuestion as error:
            raise error.with_traceback(None) from None

    def forget_queries(self) -> None:
        """From now on `queries` has only what is asked after this."""
        self._thread.call(self.history.clear)
