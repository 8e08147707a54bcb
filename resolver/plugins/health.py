"""health: a page that says OK while the process answers (CoreDNS plugin/health)."""

from collections.abc import Iterator, Sequence
from typing import Final

from resolver import limits
from resolver.corefile.directives import Directive
from resolver.corefile.settings import between, duration, exactly, listen_address, unknown_option
from resolver.plugins.durations import duration_text
from resolver.plugins.metric_rows import Histogram, MetricRow
from resolver.plugins.plugin import Host

NAME: Final = "health"

_DEFAULT_ADDRESS: Final = ":8080"
_BUCKETS: Final = (0.00025, 0.0025, 0.025, 0.25, 2.5)
"""Seconds, CoreDNS plugin.SlimTimeBuckets."""


class Pulse:
    """How late the event loop comes to a step that is due each second: as long as a request for the page would wait.

    CoreDNS asks its own page over HTTP for this figure. One for the whole program; it outlives reloads.
    """

    def __init__(self) -> None:
        self.waits = Histogram(_BUCKETS)

    def metrics(self) -> Iterator[MetricRow]:
        help_text = "Seconds that a request for the health page waits, tried each second."
        yield MetricRow("coredns_health_request_duration_seconds", "histogram", help_text, (), self.waits.value)
        yield MetricRow("coredns_health_request_failures_total", "counter", "Health requests that failed.", (), 0)


class Health:
    """The page of one block, which goes on through its lameduck time."""

    def __init__(self, host: Host, pulse: Pulse, listen: str, lameduck: float) -> None:
        self._host = host
        self._pulse = pulse
        self._url = f"http://{'localhost' if listen.startswith(':') else ''}{listen}/health"
        self._lameduck = lameduck
        self._last_beat = 0.0

    def page(self) -> tuple[int, str, bytes]:
        return 200, "text/plain; charset=utf-8", b"OK"

    async def start_beating(self) -> None:
        self._last_beat = self._host.monotonic()
        self._host.every(limits.HEALTH_BEAT, self.beat)

    def beat(self) -> None:
        now = self._host.monotonic()
        wait = max(0.0, now - self._last_beat - limits.HEALTH_BEAT)
        self._last_beat = now
        self._pulse.waits.observe(wait)
        if wait > limits.HEALTH_SLOW:
            self._host.log(
                "WARNING",
                f'plugin/health: Local health request to "{self._url}" took more than 1s: {duration_text(wait)}',
            )

    async def shut_down(self) -> None:
        """Waits until those who watch the ready page have had time to look elsewhere."""
        if self._lameduck > 0:
            self._host.log("INFO", f"plugin/health: Going into lameduck mode for {duration_text(self._lameduck)}")
            await self._host.sleep(self._lameduck)


def setup(uses: Sequence[Directive], host: Host) -> None:
    """The last use counts, as in CoreDNS. Raises BadConfig."""
    listen, lameduck = _DEFAULT_ADDRESS, 0.0
    for use in uses:
        arguments = between(use, 0, 1)
        if arguments:
            listen_address(arguments[0])
            listen = arguments[0].text
        for option in use.options:
            if option.name.text != "lameduck":
                raise unknown_option(option, ("lameduck",))
            word = exactly(option, 1)[0]
            lameduck = duration(word, invalid=f"unable to parse lameduck duration value: '{word.text}' : ")
    pages = host.shared("health pages", set[str])
    pulse = host.shared("health pulse", Pulse, lasting=True)
    health = Health(host, pulse, listen, lameduck)
    host.on_shutdown(health.shut_down)
    if not pages:
        host.add_metrics(pulse.metrics)
        host.on_listening(health.start_beating)
    if listen not in pages:
        host.add_status(listen, "/health", health.page)
    pages.add(listen)
