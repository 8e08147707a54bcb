"""An embedded cluster and a DNS server for it, on free ports of loopback: what runs inside a DnsServer's thread."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from resolver import limits
from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.faults.fault_list import FaultList
from resolver.server.configuration import Source
from resolver.server.embedded import Embedded, EmbeddedOptions
from resolver.server.feeds import Feeds
from resolver.server.history import History
from resolver.server.log import Log
from resolver.server.server import Server
from resolver.transports.listening import ALL_ADDRESSES, LOOPBACK, loopback_addresses


@dataclass(frozen=True, slots=True)
class ServedOptions:
    """`corefile`: its text or, without a line break, its path; empty for the usual one. `cluster`: what EmbeddedCluster
    is made with. `history`: how many questions are remembered."""

    domain: str
    corefile: str = ""
    cluster: Mapping[str, Any] = field(default_factory=dict)
    history: int = limits.HISTORY


class LogLines(StringIO):
    """Keeps what the server has to say: the last lines of it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=limits.TEST_LOG_LINES)

    def write(self, text: str) -> int:
        self.lines.append(text.rstrip("\n"))
        return len(text)


class ServedCluster:
    """`start`, then `stop`, which is due after a failed start too; all within one event loop."""

    def __init__(self, options: ServedOptions) -> None:
        self._options = options
        self.output = LogLines()
        log = Log(stream=self.output)
        cluster = {"domain": options.domain, "with_kube_dns": True, **options.cluster}
        self._embedded = Embedded(EmbeddedOptions(cluster), log, domain=options.domain)
        self.history = History(options.history, zone=options.domain)
        feeds = Feeds(self._embedded, "", "", log)
        self.faults = FaultList()
        self.server = Server(_source(options), log, feeds.make, history=self.history, faults=self.faults)

    @property
    def cluster(self) -> EmbeddedCluster:
        return self._embedded.source.cluster

    async def start(self) -> None:
        """Raises BadConfig, CannotListen."""
        await self._embedded.start()
        await self.server.start()

    async def stop(self) -> None:
        """At once: replies that are held back are not waited for."""
        try:
            await self.server.stop(grace=0.0)
        finally:
            await self._embedded.stop()

    def addresses(self) -> list[tuple[str, int]]:
        """Where to ask, IPv4 first; a server on all addresses is asked at loopback."""
        here = [(host, one.port) for one in self.server.instance.listening for host in one.addresses]
        asked = [(LOOPBACK[ALL_ADDRESSES.index(host)] if host in ALL_ADDRESSES else host, port) for host, port in here]
        return sorted(dict.fromkeys(asked), key=lambda place: ":" in place[0])


def _source(options: ServedOptions) -> Source:
    if not options.corefile:
        return Source("Corefile", usual_corefile(options.domain), default_port=0, by_options=True)
    if "\n" in options.corefile:
        return Source("Corefile", options.corefile, default_port=0)
    return Source(options.corefile, default_port=0)


def usual_corefile(domain: str) -> str:
    """The zones of a cluster and nothing else, as `dualdns serve` has it; but nothing is shuffled."""
    zones = f"{domain} in-addr.arpa ip6.arpa"
    here = " ".join(loopback_addresses())
    return f"{zones} {{\nbind {here}\nerrors\nkubernetes {zones} {{\npods insecure\n}}\n}}\n"
