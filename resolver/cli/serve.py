"""``dualdns serve``: the server in the foreground."""

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from resolver.cli import serve_options
from resolver.cli.event_loop import run_fastest
from resolver.cli.serve_options import CLUSTER_DOMAIN, DEFAULT_ADDRESSES, DEFAULT_PORT, STANDARD_INPUT

if TYPE_CHECKING:
    from resolver.server.configuration import Source
    from resolver.server.embedded import Embedded
    from resolver.server.log import Log
    from resolver.server.server import Server


def run(arguments: Sequence[str]) -> int:
    """Serves until told to end. Returns the exit status: 0 after a signal, 1 where it could not start or go on."""
    options = serve_options.parse(arguments)
    if options.plugins:
        return _print_plugins()
    return run_fastest(_serve(options))


def _print_plugins() -> int:
    from resolver.plugins import chain

    print("Server types:\n  dns\n\nOther plugins:")
    for name in chain.known():
        print(f"  dns.{name}")
    return 0


async def _serve(options: argparse.Namespace) -> int:
    from resolver.corefile.tokens import BadConfig
    from resolver.server.feeds import Feeds
    from resolver.server.host import pid_file
    from resolver.server.log import Log
    from resolver.server.server import Server
    from resolver.transports.listening import CannotListen

    log = Log(json=options.log_format == "json", quiet=options.quiet)
    embedded: Embedded | None = None
    try:
        if serve_options.wants_embedded(options):
            embedded = _embedded(options, log)
        server = Server(_source(options), log, Feeds(embedded, options.kubeconfig, options.context, log).make)
        _answer_signals(server)
        if options.pidfile:
            pid_file(options.pidfile)
        if embedded is not None:
            await embedded.start()
        if not await server.start():
            return server.exit_status
        if embedded is not None:
            embedded.up()
        _greet(options, log, server, embedded)
        gc.collect()
        gc.freeze()
        await server.wait()
        await server.stop()
    except (BadConfig, CannotListen, OSError) as error:
        print(f"dualdns: {error}", file=sys.stderr)
        return 1
    finally:
        if embedded is not None:
            await embedded.stop()
    return server.exit_status


def _embedded(options: argparse.Namespace, log: "Log") -> "Embedded":
    """The embedded cluster, to be started. Raises BadConfig."""
    from resolver.cli import cluster_options
    from resolver.controlplane.manifest_files import ManifestPaths, ManifestSource, PackagedManifests
    from resolver.server.embedded import Embedded

    settings = cluster_options.embedded_options(options, cluster_dns=True)
    options.domain = options.domain or settings.domain
    manifests: ManifestSource | None = PackagedManifests() if options.demo else None
    if options.paths:
        manifests = ManifestPaths(options.paths)
    return Embedded(settings, log, manifests, watch=options.watch, domain=options.domain or CLUSTER_DOMAIN)


def _greet(options: argparse.Namespace, log: "Log", server: "Server", embedded: "Embedded | None") -> None:
    """What the start prints."""
    from resolver.server.server import banner

    for line in server.instance.zone_lines():
        log.banner(line)
    log.banner(banner())
    for line in embedded.lines() if embedded is not None else ():
        log.banner(line)
    if not options.conf:
        log.banner(_try_line(options, server.ports()))


def _answer_signals(server: "Server") -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, server.ask_for_end)
    loop.add_signal_handler(signal.SIGINT, server.ask_for_end)
    loop.add_signal_handler(signal.SIGUSR1, server.ask_for_reload)
    loop.add_signal_handler(signal.SIGHUP, server.ask_for_reload)
    loop.add_signal_handler(signal.SIGQUIT, lambda: os._exit(0))


def _source(options: argparse.Namespace) -> "Source":
    from resolver.server.configuration import Source

    if options.conf == STANDARD_INPUT:  # read once: a reload takes up its imports, not an empty stream
        text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        return Source(STANDARD_INPUT, text, options.dns_port)
    if options.conf:
        return Source(options.conf, default_port=options.dns_port)
    return Source("the command line", _corefile(options), by_options=True)


def _corefile(options: argparse.Namespace) -> str:
    """The Corefile that the options stand for."""
    port = DEFAULT_PORT if options.port is None else options.port
    domain = options.domain or CLUSTER_DOMAIN
    zones = [domain, "in-addr.arpa", "ip6.arpa"]
    lines = [f"bind {' '.join(options.bind or DEFAULT_ADDRESSES)}", "errors", "loadbalance"]
    kubernetes = ["pods insecure"]
    if options.upstream:
        keys = [f".:{port}"]
        lines += ["cache 30", f"forward . {' '.join(options.upstream)}"]
        kubernetes.append("fallthrough in-addr.arpa ip6.arpa")
    else:
        keys = [f"{zone}:{port}" for zone in zones]
    lines += [f"kubernetes {' '.join(zones)} {{", *kubernetes, "}"]
    return "\n".join([f"{' '.join(keys)} {{", *lines, "}"]) + "\n"


def _try_line(options: argparse.Namespace, ports: list[int]) -> str:
    from resolver.transports.listening import ALL_ADDRESSES

    port = ports[0] if ports else DEFAULT_PORT
    bound = (options.bind or DEFAULT_ADDRESSES)[0]
    address = "localhost" if bound in ALL_ADDRESSES else bound
    name = "kubernetes.default"
    if options.demo:
        name = "web.shop"
    elif serve_options.wants_embedded(options):
        name = "kube-dns.kube-system"
    return f"Try: dig @{address} -p {port} {name}.svc.{options.domain or CLUSTER_DOMAIN} AAAA"
