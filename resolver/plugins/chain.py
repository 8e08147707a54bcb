"""The order of plugins, as data, and the linking of those a block uses into one handler.

The order is CoreDNS's (plugin.cfg): a Corefile says which plugins there are, never which comes first. `faults`, which
CoreDNS has not, stands right behind those that observe, so that metrics, log and errors tell what clients got, and
before all that answer, keep or put in order, so that none of these takes a fault for an answer. `explain`, ours too,
is behind it: it gives the reasons of true answers.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Final

from resolver.answers.outcome import Answer, Handler, no_next_plugin
from resolver.plugins.plugin import Plugin, Setup
from resolver.wire.query import Query

ORDER: Final = (
    "root", "metadata", "geoip", "cancel", "proxyproto", "quic", "grpc_server", "https", "https3", "timeouts",
    "multisocket", "reload", "nsid", "bufsize", "bind", "debug", "trace", "ready", "health", "pprof", "shed",
    "prometheus", "errors", "log", "dnstap", "faults", "explain", "local", "dns64", "siit", "any", "chaos",
    "loadbalance", "tsig", "rewrite", "autopath", "acl", "cache", "header", "dnssec", "tls", "minimal", "template",
    "transfer", "dynupdate", "hosts", "route53", "azure", "clouddns", "k8s_external", "kubernetes", "file", "auto",
    "secondary", "etcd", "loop", "forward", "grpc", "erratic", "whoami", "on", "sign", "view", "nomad",
)  # fmt: skip

MODULES: Final[dict[str, str]] = {
    "bind": "bind",
    "bufsize": "bufsize",
    "cache": "cache",
    "errors": "errors",
    "explain": "explain",
    "faults": "faults",
    "forward": "forward",
    "health": "health",
    "hosts": "hosts",
    "kubernetes": "kubernetes_setup",
    "loadbalance": "loadbalance",
    "log": "log",
    "loop": "loop",
    "prometheus": "metrics",
    "ready": "ready",
    "reload": "reload",
    "transfer": "transfer",
    "whoami": "whoami",
}
"""The module in resolver/plugins of each directive there is; imported when a Corefile names it."""

OTHER_CLASSES: Final = frozenset(("forward", "chaos"))
"""Plugins that let questions of other classes than IN into the chains of their listener (CoreDNS's EnableChaos)."""


def known() -> list[str]:
    """The directives there are, in alphabetical order."""
    return sorted(MODULES)


def setup_of(directive: str) -> Setup:
    """What sets the directive's plugin up. Raises KeyError for one there is not."""
    setup: Setup = import_module(f"resolver.plugins.{MODULES[directive]}").setup
    return setup


def link(plugins: Sequence[Plugin]) -> Handler:
    """One handler out of plugins in chain order; what the last one passes on is a SERVFAIL that names it."""
    handler: Handler | None = None
    for plugin in reversed(plugins):
        handler = _before(plugin, handler or _end_of_chain(plugin.name))
    return handler or _end_of_chain("")


def _before(plugin: Plugin, next: Handler) -> Handler:
    answer = plugin.answer

    def handle(query: Query, /) -> Answer:
        return answer(query, next)

    return handle


def _end_of_chain(name: str) -> Handler:
    def handle(_: Query, /) -> Answer:
        return no_next_plugin(name)

    return handle
