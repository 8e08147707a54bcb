"""hosts: answers from a hosts file and from lines in the Corefile (CoreDNS plugin/hosts)."""

from collections.abc import Iterator, Sequence
from typing import Final

from resolver.answers.outcome import Answer, Failure, Handler, Key, Reply, Settled, after
from resolver.cluster.dns_names import reverse_address
from resolver.corefile import go_syntax
from resolver.corefile.directives import Directive
from resolver.corefile.settings import only_once
from resolver.plugins.hosts_file import HostTable, lookup_all, read_table
from resolver.plugins.hosts_settings import Options, read_options
from resolver.plugins.metric_rows import MetricRow
from resolver.plugins.plugin import Host
from resolver.wire import codes
from resolver.wire.names import closest_zone
from resolver.wire.query import Query
from resolver.wire.reply import Record

NAME: Final = "hosts"


class Hosts:
    """Replies, and those of plugins behind it, are kept until the file changes."""

    name = NAME

    def __init__(self, host: Host, options: Options) -> None:
        self.options = options
        self._host = host
        self._file = HostTable()
        self._inline = read_table(
            options.inline, "Inline hosts entries", options.zones, self._report, reverse=options.reverse
        )
        self._tables: tuple[HostTable, HostTable] = (self._file, self._inline)
        self._stamp: tuple[int, int] | None = None
        self._key: Key = (NAME, options.path)

    # -- the file -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        self.read()

    def read(self) -> None:
        """Reads the file if it changed; what cannot be read leaves all as it is."""
        options = self.options
        try:
            stamp = self._host.file_stamp(options.path)
            if stamp is None or stamp == self._stamp:
                return
            content = self._host.read_file(options.path)
        except OSError:
            return
        source = f"Hosts file {go_syntax.quote(options.path)}"
        self._file = read_table(content, source, options.zones, self._report, reverse=options.reverse)
        self._tables = (self._file, self._inline)
        self._stamp = stamp
        self._host.forget([self._key])

    def _report(self, text: str) -> None:
        self._host.log("ERROR", f"plugin/hosts: {text}")

    def metrics(self) -> Iterator[MetricRow]:
        if self._stamp is None:
            return
        labels = (("hostsfile", self.options.path),)
        entries = len(self._file) + len(self._inline)
        yield MetricRow(
            "coredns_hosts_entries", "gauge", "Entries of the hosts file and the Corefile.", labels, entries
        )
        changed = self._stamp[0] / 1e9
        help_text = "When the hosts file last read was changed, in seconds since 1970."
        yield MetricRow("coredns_hosts_reload_timestamp_seconds", "gauge", help_text, (), changed)

    # -- questions ----------------------------------------------------------------------------------------------------

    def answer(self, query: Query, next: Handler, /) -> Answer:
        name, qtype = query.name, query.qtype
        if qtype == codes.PTR:
            pointers = self._pointers(name)
            return self._reply(pointers) if pointers else self._pass_on(query, next)
        if closest_zone(name, self.options.zones) is None:
            return next(query)
        if qtype in (codes.A, codes.AAAA):
            v6 = qtype == codes.AAAA
            addresses = lookup_all(self._tables, name, v6=v6)
            if addresses:
                return self._reply([Record(name, qtype, codes.IN, self.options.ttl, packed) for packed in addresses])
        elif self.options.fall_through_unsupported and self._falls_through(name):
            return self._pass_on(query, next)
        if any(lookup_all(self._tables, name, v6=v6) for v6 in (False, True)):
            return self._reply([])
        if self._falls_through(name):
            return self._pass_on(query, next)
        return Failure(codes.SERVFAIL)

    def _pointers(self, name: bytes) -> list[Record]:
        address = reverse_address(name)
        if not address:
            return []
        ttl = self.options.ttl
        return [
            Record(name, codes.PTR, codes.IN, ttl, target)
            for table in self._tables
            for target in table.addresses.get(address, ())
        ]

    def _falls_through(self, name: bytes) -> bool:
        return closest_zone(name, self.options.fall_through) is not None

    def _reply(self, records: list[Record]) -> Reply:
        reply = Reply(flags=codes.AA, answer=records, depends=(self._key,))
        reply.own_letters = True
        return reply

    def _pass_on(self, query: Query, next: Handler) -> Answer:
        return after(next(query), self._mark)

    def _mark(self, outcome: Settled) -> Settled:
        """A reply from further down holds only while the name is not in the file."""
        if isinstance(outcome, Reply) and outcome.depends is not None:
            outcome.depends = (*outcome.depends, self._key)
        return outcome


def setup(uses: Sequence[Directive], host: Host) -> Hosts:
    """Raises BadConfig."""
    options = read_options(uses[0], host)
    only_once(uses)
    plugin = Hosts(host, options)
    host.on_start(plugin.start)
    if options.reload:
        host.every(options.reload, plugin.read)
    return plugin
