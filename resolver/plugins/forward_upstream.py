"""One upstream of a forward: exchanges, and the checks of its health once one failed (CoreDNS plugin/pkg/proxy)."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from struct import Struct
from typing import Final

from resolver import limits
from resolver.plugins.forward_channels import Channel, PeerClosed, TcpChannel, UdpChannel, UpstreamFailed
from resolver.plugins.forward_pool import Pool
from resolver.plugins.forward_settings import ForwardSettings
from resolver.plugins.forward_targets import Endpoint
from resolver.plugins.metric_rows import Histogram, MetricRow
from resolver.plugins.plugin import Host
from resolver.wire import codes
from resolver.wire.message import Message, parse_message
from resolver.wire.peer import Network
from resolver.wire.rdata import Malformed

_AFTER_ID: Final = Struct("!HHHHH")  # flags and counts
_QUESTION: Final = Struct("!HH")
_ONE_QUESTION: Final = b"\0\1\0\0\0\0\0\0"  # the counts of a message without records


def question_bytes(flags: int, name: bytes, qtype: int, qclass: int, opt: bytes = b"") -> bytes:
    """A query in wire form, all but its id."""
    return _AFTER_ID.pack(flags, 1, 0, 0, 1 if opt else 0) + name + _QUESTION.pack(qtype, qclass) + opt


class Upstream:
    """`share` is how many upstreams the sockets of this forward are for; `fails` counts failed health checks since the
    last good one."""

    def __init__(self, endpoint: Endpoint, settings: ForwardSettings, share: int, host: Host) -> None:
        self.endpoint = endpoint
        self.fails = 0
        self.probe_failures = 0
        self._settings = settings
        self._host = host
        self._probing = False
        self._closed = False
        self._dial_seconds = limits.FORWARD_DIAL[1] / 2
        self._durations: dict[int, Histogram] = {}
        kept = (settings.expire, settings.max_age, settings.max_idle, host.random)
        self._pools: dict[Network, Pool] = {
            "udp": Pool(self._udp_channel, max(3, limits.FORWARD_UDP_SOCKETS // share), *kept),
            "tcp": Pool(self._tcp_channel, max(1, limits.FORWARD_TCP_SOCKETS // share), *kept),
        }

    def _udp_channel(self) -> UdpChannel:
        return UdpChannel(self.endpoint, self._settings.source)

    def _tcp_channel(self) -> TcpChannel:
        return TcpChannel(self.endpoint, self._settings.source)

    # -- exchanges ----------------------------------------------------------------------------------------------------

    async def exchange(self, question: bytes, network: Network, limit: int, deadline: float) -> Message:
        """Asks, and gives the reply whose id fits. Raises UpstreamFailed.

        `question` is the query but for its id. A datagram of more than `limit` bytes counts as truncated and empty, as
        does a broken one. `deadline` is on the event loop's clock; connecting takes no longer.
        """
        clock = asyncio.get_running_loop().time
        start = now = clock()
        pool = self._pools[network]
        while True:
            channel, kept = pool.take(now)
            try:
                if network == "tcp":
                    await self._open(channel, deadline - now, kept=kept)
                message = _read(await channel.ask(question, self._settings.read_timeout), network, limit)
            except PeerClosed:
                if not kept:
                    raise
            except Malformed as error:
                channel.spent = True
                raise UpstreamFailed(f"dns: {error}") from error
            else:
                self._observe(message.rcode, clock() - start)
                return message
            finally:
                now = clock()
                pool.give_back(channel, now)

    async def _open(self, channel: Channel, at_most: float, *, kept: bool) -> None:
        """Connects within twice the time that it took lately."""
        if kept:
            await channel.open(at_most)
            return
        clock = asyncio.get_running_loop().time
        start, (least, most) = clock(), limits.FORWARD_DIAL
        try:
            await channel.open(min(max(at_most, 0), max(least, min(2 * self._dial_seconds, most))))
        finally:
            self._dial_seconds += (clock() - start - self._dial_seconds) / 4

    def _observe(self, rcode: int, seconds: float) -> None:
        durations = self._durations.get(rcode)
        if durations is None:
            durations = self._durations[rcode] = Histogram()
        durations.observe(seconds)

    # -- health -------------------------------------------------------------------------------------------------------

    @property
    def down(self) -> bool:
        """Whether more health checks failed than `max_fails` allows."""
        return 0 < self._settings.max_fails < self.fails

    def check_health(self) -> None:
        """Sends probes until one is answered; no more than one series at a time."""
        if not self._probing and not self._closed:
            self._probing = True
            self._host.spawn(self._probe())

    async def _probe(self) -> None:
        try:
            while not await self._is_alive():
                self.probe_failures += 1
                self.fails += 1
                await self._host.sleep(max(self._settings.probe_interval, limits.FORWARD_PROBE_FLOOR))
            self.fails = 0
        finally:
            self._probing = False

    async def _is_alive(self) -> bool:
        """Whether any reply comes to a question for name servers, over a socket of its own."""
        settings = self._settings
        flags = codes.RD if settings.probe_recursion else 0
        question = question_bytes(flags, settings.probe_domain, codes.NS, codes.IN)
        channel: Channel | None = None
        try:
            channel = self._tcp_channel() if settings.force_tcp else self._udp_channel()
            await channel.open(limits.FORWARD_PROBE_READ)
            await channel.ask(question, limits.FORWARD_PROBE_READ)
        except UpstreamFailed:
            return False
        finally:
            if channel is not None:
                channel.close()
        return True

    # -- upkeep -------------------------------------------------------------------------------------------------------

    def sweep(self) -> None:
        """Closes sockets that lay idle too long."""
        now = asyncio.get_running_loop().time()
        for pool in self._pools.values():
            pool.sweep(now)

    def close(self) -> None:
        """Gives up what is on its way."""
        self._closed = True
        for pool in self._pools.values():
            pool.close()

    def metrics(self) -> Iterable[MetricRow]:
        labels = (("proxy_name", "forward"), ("to", str(self.endpoint)))
        for rcode, durations in self._durations.items():
            yield MetricRow(
                "coredns_proxy_request_duration_seconds",
                "histogram",
                "Time each exchange with an upstream took, connecting included.",
                (*labels, ("rcode", codes.RCODES.get(rcode) or str(rcode))),
                durations.value,
            )
        yield MetricRow(
            "coredns_proxy_healthcheck_failures_total",
            "counter",
            "Health checks of upstreams that got no reply.",
            labels,
            self.probe_failures,
        )
        for network, pool in self._pools.items():
            per_network = (*labels, ("proto", network))
            for name, what, value in (
                ("hits", "Questions that went out over a socket used before.", pool.hits),
                ("misses", "Questions that took a new socket.", pool.misses),
            ):
                if value:
                    yield MetricRow(f"coredns_proxy_conn_cache_{name}_total", "counter", what, per_network, value)


def _read(packet: bytes, network: Network, limit: int) -> Message:
    """The reply. Raises Malformed, but over UDP: a reply that is too large or broken is there only its question, or not
    even that, with TC set, so that the asker comes again over TCP (as CoreDNS has it for nearly all that can break)."""
    if network == "tcp":
        return parse_message(packet)
    if len(packet) <= limit:
        with suppress(Malformed):
            return parse_message(packet)
    try:
        message = parse_message(packet[:4] + _ONE_QUESTION + packet[limits.HEADER_SIZE :])
    except Malformed:
        message = parse_message(packet[: limits.HEADER_SIZE])
    return message._replace(flags=message.flags | codes.TC)
