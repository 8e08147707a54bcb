"""forward: questions to other servers, replies unchanged (CoreDNS plugin/forward)."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from functools import partial
from typing import Any, Final

from resolver import limits
from resolver.answers.outcome import Answer, Failure, Handler, Pending, Reply
from resolver.answers.received import reply_of
from resolver.corefile.directives import Directive
from resolver.corefile.tokens import Token
from resolver.plugins.forward_channels import UpstreamFailed
from resolver.plugins.forward_names import endpoints_of
from resolver.plugins.forward_settings import ForwardSettings, read_settings
from resolver.plugins.forward_targets import Endpoint, HostName, distinct
from resolver.plugins.forward_upstream import Upstream, question_bytes
from resolver.plugins.metric_rows import MetricRow
from resolver.plugins.plugin import Host
from resolver.wire import codes
from resolver.wire.edns import opt_record
from resolver.wire.message import Message
from resolver.wire.names import is_at_or_below
from resolver.wire.peer import Network
from resolver.wire.query import Query

NAME: Final = "forward"


class Forwarder:
    """One `forward` line: whom it asks about what, in which order, and when it gives up."""

    def __init__(self, settings: ForwardSettings, host: Host, at: Token) -> None:
        self.settings = settings
        self.upstreams: tuple[Upstream, ...] = ()
        self.concurrent = 0
        self.rejects = 0
        self.all_down = 0
        self._host = host
        self._at = at
        self._turn = 0
        names = [target for target in settings.targets if isinstance(target, HostName)]
        if names:
            host.on_start(self._resolve)
        else:
            self._use([endpoint for target in settings.targets for endpoint in _plain(target)])

    async def _resolve(self) -> None:
        self._use(await endpoints_of(self.settings.targets, self.settings.resolvers, self._host.read_file))

    def _use(self, endpoints: Iterable[Endpoint]) -> None:
        found = distinct(endpoints, self._at)
        self.upstreams = tuple(Upstream(endpoint, self.settings, len(found), self._host) for endpoint in found)

    def takes(self, name: bytes) -> bool:
        """Whether a lower-case name is for these upstreams."""
        settings = self.settings
        if not is_at_or_below(name, settings.zone):
            return False
        return name == settings.zone or not any(is_at_or_below(name, zone) for zone in settings.excepted)

    def order(self) -> Sequence[Upstream]:
        """The upstreams in the order this query tries them."""
        upstreams = self.upstreams
        if len(upstreams) == 1 or self.settings.policy == "sequential":
            return upstreams
        if self.settings.policy == "random":
            return self._host.random.sample(upstreams, len(upstreams))
        self._turn += 1
        first = self._turn % len(upstreams)
        return (upstreams[first], *upstreams[:first], *upstreams[first + 1 :])

    def refusal(self) -> Failure | None:
        """What to say to a query too many, None to one that may go on."""
        most = self.settings.max_concurrent
        if not most or self.concurrent < most:
            return None
        self.rejects += 1
        return Failure(codes.REFUSED, f"concurrent queries exceeded maximum {most}")

    async def ask(self, exchange: "Exchange") -> Failure | Message:
        """Goes through the upstreams, round after round, until one answers, time is up or too many failed."""
        settings, upstreams, order = self.settings, self.upstreams, self.order()
        clock = asyncio.get_running_loop().time
        now = clock()
        deadline = now + limits.FORWARD_SECONDS
        attempts_left = settings.max_attempts
        if attempts_left is None:
            attempts_left = limits.FORWARD_ATTEMPTS * len(order)
        place = down = failovers = 0
        error = ""
        while now < deadline:
            if place == len(order):
                place = down = 0
            upstream = order[place]
            place += 1
            if upstream.down:
                down += 1
                if down < len(upstreams):
                    continue
                self.all_down += 1
                if settings.fail_fast:
                    break
                upstream = self._host.random.choice(upstreams)  # the checks themselves may be what is broken
            try:
                message = await upstream.exchange(exchange.question, exchange.network, exchange.limit, deadline)
                if settings.prefer_udp and message.flags & codes.TC and exchange.network == "udp":
                    message = await upstream.exchange(exchange.question, "tcp", exchange.limit, deadline)
            except UpstreamFailed as failure:
                error = str(failure)
                if settings.max_fails:
                    upstream.check_health()
                attempts_left -= 1
                if attempts_left == 0 or down >= len(upstreams):
                    break
                await self._host.sleep(0 if attempts_left > 0 else limits.FORWARD_PAUSE)
                now = clock()
                continue
            error = ""
            if message.rcode in settings.failover and exchange.is_answered_by(message):
                failovers += 1
                if failovers < len(upstreams):
                    now = clock()
                    continue
            return message
        return Failure(codes.SERVFAIL, error or "no healthy proxies")

    def passes_on(self, message: Message) -> bool:
        """Whether a reply is left to the next forward."""
        settings = self.settings
        if message.rcode in settings.next_rcodes:
            return True
        return settings.next_on_nodata and message.rcode == codes.NOERROR and not message.answer

    def sweep(self) -> None:
        for upstream in self.upstreams:
            upstream.sweep()

    async def close(self) -> None:
        for upstream in self.upstreams:
            upstream.close()


def _plain(target: object) -> Iterable[Endpoint]:
    return target if isinstance(target, tuple) else ()


class Exchange(Awaitable[Answer]):
    """One question on its way through a forwarder. Nothing runs before it is awaited.

    `question` is the query as sent but for its id, `network` the client's own or what the settings say, `limit`
    how many bytes of a datagram it takes. `further` asks the next forwarder, None where there is none.
    """

    __slots__ = ("_forwarder", "_further", "_name", "_type_class", "limit", "network", "question")

    def __init__(self, forwarder: Forwarder, query: Query, further: Callable[[], Answer] | None) -> None:
        settings, edns = forwarder.settings, query.edns
        opt = opt_record(edns.size, edns.do, edns.options) if edns is not None else b""
        self._forwarder = forwarder
        self._further = further
        self._name = query.name
        self._type_class = query.qtype, query.qclass
        self.network: Network = query.client.protocol
        if settings.force_tcp:
            self.network = "tcp"
        elif settings.prefer_udp:
            self.network = "udp"
        self.limit = query.limit
        self.question = question_bytes(query.flags, query.asked, query.qtype, query.qclass, opt)

    def __await__(self) -> Generator[Any, Any, Answer]:
        return self._run().__await__()

    async def _run(self) -> Answer:
        forwarder = self._forwarder
        refusal = forwarder.refusal()
        if refusal is not None:
            return refusal
        forwarder.concurrent += 1
        try:
            found = await forwarder.ask(self)
        finally:
            forwarder.concurrent -= 1
        if isinstance(found, Failure):
            return found
        if not self.is_answered_by(found):
            return Reply(codes.FORMERR)
        if self._further is not None and forwarder.passes_on(found):
            return self._further()
        return reply_of(found)

    def is_answered_by(self, message: Message) -> bool:
        """Whether it is a response, and to this question (CoreDNS request.Match)."""
        if not message.flags & codes.QR or len(message.questions) != 1:
            return False
        name, qtype, qclass = message.questions[0]
        return (qtype, qclass) == self._type_class and name.lower() == self._name


class Forward:
    """The plugin: the forwarders of a block in the order written; the first that takes the name asks."""

    name = NAME

    def __init__(self, forwarders: Sequence[Forwarder]) -> None:
        self.forwarders = tuple(forwarders)

    def answer(self, query: Query, next: Handler, /) -> Answer:
        return self._answer_from(0, query, next)

    def _answer_from(self, first: int, query: Query, next: Handler) -> Answer:
        last = len(self.forwarders) - 1
        for place in range(first, last + 1):
            forwarder = self.forwarders[place]
            if forwarder.takes(query.name):
                further = partial(self._answer_from, place + 1, query, next) if place < last else None
                return Pending(Exchange(forwarder, query, further))
        return next(query)

    def metrics(self) -> Iterable[MetricRow]:
        """Proxy rows of an address that two forwards share are to be added up, as all rows are."""
        yield MetricRow(
            "coredns_forward_max_concurrent_rejects_total",
            "counter",
            "Queries refused because max_concurrent others were on their way.",
            (),
            sum(forwarder.rejects for forwarder in self.forwarders),
        )
        yield MetricRow(
            "coredns_forward_healthcheck_broken_total",
            "counter",
            "Times that all upstreams were down at once.",
            (),
            sum(forwarder.all_down for forwarder in self.forwarders),
        )
        for forwarder in self.forwarders:
            for upstream in forwarder.upstreams:
                yield from upstream.metrics()


def setup(directives: Sequence[Directive], host: Host) -> Forward:
    """Reads the directives of one block. Raises BadConfig."""

    def warn(text: str) -> None:
        host.log("WARNING", text)

    forwarders = []
    for directive in directives:
        settings = read_settings(directive, host.read_file, warn)
        forwarder = Forwarder(settings, host, directive.arguments[1])
        host.every(limits.FORWARD_EXPIRE, forwarder.sweep)
        host.on_stop(forwarder.close)
        forwarders.append(forwarder)
    return Forward(forwarders)
