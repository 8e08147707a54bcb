"""reload: looks at the configuration on disk now and then and has it read anew (CoreDNS plugin/reload)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from resolver import limits
from resolver.corefile.directives import Directive
from resolver.corefile.settings import between, duration
from resolver.corefile.tokens import BadConfig
from resolver.plugins.metric_rows import MetricRow
from resolver.plugins.plugin import Host

NAME: Final = "reload"


@dataclass(slots=True)
class Reloads:
    """What became of reloads; one for the whole program."""

    failed: int = 0
    version: str = ""
    """The SHA-512 of the configuration last tried, once one has been."""

    def metrics(self) -> Iterator[MetricRow]:
        yield MetricRow(
            "coredns_reload_failed_total", "counter", "Configurations that could not be used.", (), self.failed
        )
        if self.version:
            labels = (("hash", "sha512"), ("value", self.version))
            yield MetricRow(
                "coredns_reload_version_info", "gauge", "Always 1; the configuration last tried.", labels, 1
            )


class Watch:
    """Compares the configuration on disk with the last one tried; a bad one is tried and complained about once."""

    def __init__(self, host: Host, reloads: Reloads, interval: float) -> None:
        self.interval = interval
        self._host = host
        self._reloads = reloads
        self._tried = ""
        self._complaint = ""

    async def start(self) -> None:
        try:
            fingerprints = self._host.fingerprint()
        except (BadConfig, OSError):
            fingerprints = ("", "")  # it changed for the worse since it was read: what comes next is read in any case
        if fingerprints is None:
            return
        self._tried = fingerprints[0]
        if self._tried:
            self._host.log("INFO", f"plugin/reload: Running configuration SHA512 = {self._tried}")
        self._host.every(self.interval, self.look)

    def look(self) -> None:
        try:
            fingerprints = self._host.fingerprint()
        except BadConfig as error:
            self._complain(f"Corefile parse failed: {error}")
            return
        except OSError:
            return  # a file in the middle of being replaced; the next look finds it
        self._complaint = ""
        if fingerprints is not None and fingerprints[1] != self._tried:
            self._tried = self._reloads.version = fingerprints[1]
            self._host.reload(self._fail)

    def _complain(self, text: str) -> None:
        if text != self._complaint:
            self._complaint = text
            self._host.log("WARNING", f"plugin/reload: {text}")

    def _fail(self, reason: str) -> None:
        self._reloads.failed += 1
        self._host.log("ERROR", f"plugin/reload: Corefile changed but reload failed: {reason}")


def setup(uses: Sequence[Directive], host: Host) -> None:
    """One watch for all blocks; the interval of the last one counts, as in CoreDNS. Raises BadConfig."""
    words = between(uses[0], 0, 2)
    interval, jitter = limits.RELOAD_INTERVAL, limits.RELOAD_JITTER
    if words:
        interval = duration(words[0])
    if interval < limits.RELOAD_INTERVAL_LEAST:
        raise BadConfig.at(words[0], "interval value must be greater or equal to 2s")
    if len(words) > 1:
        jitter = duration(words[1])
    if jitter and jitter < limits.RELOAD_JITTER_LEAST:
        raise BadConfig.at(words[1], "jitter value must be 0 or greater or equal to 1s")
    jitter = min(jitter, interval / 2)
    interval += jitter * (host.random.random() - 0.5)
    reloads = host.shared("reloads", Reloads, lasting=True)
    watch = host.shared("reload watch", lambda: _begin(host, reloads))
    watch.interval = interval


def _begin(host: Host, reloads: Reloads) -> Watch:
    host.add_metrics(reloads.metrics)
    watch = Watch(host, reloads, limits.RELOAD_INTERVAL)
    host.on_listening(watch.start)
    return watch
