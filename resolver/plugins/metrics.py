"""prometheus: counts questions and replies, and serves all metrics of the program (CoreDNS plugin/metrics).

Blocks with the same address share one page; every page shows the whole program, as CoreDNS's do.
"""

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import resolver
from resolver.answers.observation import observe
from resolver.answers.outcome import Answer, Handler, Reply, Settled, after
from resolver.corefile.directives import Directive
from resolver.corefile.settings import between, exactly, listen_address, no_arguments, only_once, unknown_option
from resolver.corefile.tokens import BadConfig
from resolver.plugins.metric_rows import MetricRow
from resolver.plugins.plugin import Host
from resolver.plugins.request_totals import RequestTotals
from resolver.wire import codes
from resolver.wire.names import name_to_text
from resolver.wire.query import Query

NAME: Final = "prometheus"

_DEFAULT_ADDRESS: Final = "localhost:9153"


@dataclass(slots=True)
class Pages:
    """What the blocks of one configuration put on the pages together."""

    addresses: set[str] = field(default_factory=set)
    enabled: list[MetricRow] = field(default_factory=list)
    runtime: bool = False


class Metrics:
    """The link in the chain: has the reply counted under the server that was asked."""

    name = NAME

    def __init__(self, host: Host, totals: RequestTotals, pages: Pages) -> None:
        self._host = host
        self._totals = totals
        self._pages = pages
        self._written = self._bare = (totals.counter(host.zones, bare=True),)

    async def start(self) -> None:
        """Learns who stands behind it."""
        host = self._host
        names = [plugin.name for plugin in host.neighbours()]
        behind = "".join(names[names.index(NAME) + 1 :][:1])
        self._written = (self._totals.counter(host.zones, behind),)
        self._pages.enabled += [_enabled(server, host.zones[0], name) for server in host.servers for name in names]

    def answer(self, query: Query, next: Handler, /) -> Answer:
        answer = next(query)
        if isinstance(answer, Reply):
            answer.counters += self._written
            return answer
        return after(answer, lambda outcome: self._count(query, outcome))

    def _count(self, query: Query, outcome: Settled) -> Settled:
        if isinstance(outcome, Reply):
            outcome.counters += self._written
        elif outcome is not None:
            outcome.counters += self._bare
        else:
            dropped = observe(query, codes.NOERROR, 0, 0, written=False)
            self._bare[0].count(dropped, 1, 0.0)
        return outcome


def _enabled(server: str, zone: bytes, name: str) -> MetricRow:
    labels = (("server", server), ("zone", name_to_text(zone)), ("view", ""), ("name", name))
    return MetricRow("coredns_plugin_enabled", "gauge", "Plugins in the chain, by server and zone.", labels, 1)


def _build_info() -> MetricRow:
    versions = (
        ("version", resolver.__version__),
        ("revision", ""),
        ("goversion", f"python{platform.python_version()}"),
    )
    return MetricRow("coredns_build_info", "gauge", "Always 1; the labels are the versions in use.", versions, 1)


def setup(uses: Sequence[Directive], host: Host) -> Metrics:
    """Raises BadConfig."""
    use = uses[0]
    arguments = between(use, 0, 1)
    listen = _DEFAULT_ADDRESS
    if arguments:
        listen_address(arguments[0])
        listen = arguments[0].text
    totals = host.shared("prometheus totals", RequestTotals, lasting=True)
    pages = host.shared("prometheus pages", Pages)
    tls_file = ""
    for option in use.options:
        match option.name.text:
            case "runtime_metrics":
                no_arguments(option)
                pages.runtime = True
            case "tls":
                if tls_file:
                    raise BadConfig.at(option.name, "tls block already specified")
                tls_file = exactly(option, 1)[0].text
            case _:
                raise unknown_option(option, ("runtime_metrics", "tls"))
    only_once(uses)
    if listen not in pages.addresses:
        pages.addresses.add(listen)
        _add_page(host, listen, tls_file, totals, pages)
    plugin = Metrics(host, totals, pages)
    host.on_start(plugin.start)
    return plugin


def _add_page(host: Host, listen: str, tls_file: str, totals: RequestTotals, pages: Pages) -> None:
    from resolver.plugins import exposition  # prometheus_client takes 50 ms to import

    def rows() -> Iterator[MetricRow]:
        yield _build_info()
        yield from pages.enabled
        yield from totals.rows()
        yield from host.metrics()

    def page() -> tuple[int, str, bytes]:
        host.flush_counts()
        return 200, exposition.CONTENT_TYPE, make_page()

    make_page = exposition.page_maker(rows, runtime=lambda: pages.runtime)
    tls = None
    if tls_file:
        from resolver.plugins.metrics_tls import server_context

        tls = server_context(tls_file, host.read_file)
    host.add_status(listen, "/metrics", page, tls=tls)
