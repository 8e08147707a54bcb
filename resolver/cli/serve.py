"""``dualdns serve``: the server in the foreground."""

import argparse
import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from resolver.cli import admin_serving, cluster_options, serve_options
from resolver.cli.event_loop import run_fastest
from resolver.cli.process import Process
from resolver.cli.serve_options import CLUSTER_DOMAIN, DEFAULT_PORT, STANDARD_INPUT

if TYPE_CHECKING:
    from resolver.admin.admin_server import AdminServer
    from resolver.server.clusters import FeedFactory
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
    from resolver.server.log import Log
    from resolver.transports.listening import CannotListen

    json = options.log_format == "json"
    log = Log(json=json, quiet=options.quiet)
    embedded: Embedded | None = None
    admin: AdminServer | None = None
    try:
        if serve_options.wants_embedded(options):
            embedded = cluster_options.embedded(options, log, watch=options.watch)
        server = _server(options, log, Feeds(embedded, options.kubeconfig, options.context, log).make)
        admin = admin_serving.admin_server(options, server, log)
        process = Process(server, log, options.pidfile)
        process.answer_signals()
        if embedded is not None:
            await embedded.start()
        if not await server.start():
            return server.exit_status
        if embedded is not None:
            embedded.up()
        if admin is not None:
            await admin.serve()
        process.write_number()
        _greet(options, log, server, embedded, admin)
        gc.collect()
        gc.freeze()
        await server.wait()
        if admin is not None:
            await admin.stop()
        await server.stop()
        process.remove_number()
    except (BadConfig, CannotListen, OSError) as error:
        Log(json=json, stream=sys.stderr).fatal(f"dualdns: {error}")
        return 1
    finally:
        if admin is not None:
            await admin.stop()
        if embedded is not None:
            await embedded.stop()
    return server.exit_status


def _server(options: argparse.Namespace, log: "Log", make_feed: "FeedFactory") -> "Server":
    """With --admin, one that remembers questions and takes faults."""
    from resolver.server.server import Server

    if options.admin is None:
        return Server(_source(options), log, make_feed)
    from resolver.faults.fault_list import FaultList

    faults = FaultList()
    faults.zone = _domain(options)
    history = admin_serving.history(options, _domain(options))
    return Server(_source(options), log, make_feed, history=history, faults=faults)


def _greet(
    options: argparse.Namespace,
    log: "Log",
    server: "Server",
    embedded: "Embedded | None",
    admin: "AdminServer | None",
) -> None:
    """What the start prints; with a Corefile no more than CoreDNS does."""
    from resolver.server.server import banner

    for line in server.instance.zone_lines():
        log.banner(line)
    log.banner(banner())
    for line in embedded.lines() if embedded is not None else ():
        log.banner(line)
    if admin is not None:
        log.banner(f"Admin API at {admin.address}")
    if not options.conf:
        log.banner(_try_line(options, server))


def _try_line(options: argparse.Namespace, server: "Server") -> str:
    """A command that shows an answer."""
    from resolver.server.example import Example, example
    from resolver.transports.listening import ALL_ADDRESSES

    listening = server.instance.listening[0]
    address = "localhost" if listening.address in ALL_ADDRESSES else listening.address
    inventories = [cluster.inventory for cluster in server.instance.clusters.clusters()]
    service, qtype = Example("web.shop", "AAAA") if options.demo else example(inventories)
    return f"Try: dig @{address} -p {listening.port} {service}.svc.{_domain(options)} {qtype}"


def _source(options: argparse.Namespace) -> "Source":
    from resolver.corefile.keys import DEFAULT_PORTS
    from resolver.server.configuration import Source

    port = DEFAULT_PORTS["dns"] if options.dns_port is None else options.dns_port
    if options.conf == STANDARD_INPUT:  # read once: a reload takes up its imports, not an empty stream
        text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        return Source(STANDARD_INPUT, text, port)
    if options.conf:
        return Source(options.conf, default_port=port)
    return Source("the command line", _corefile(options), by_options=True)


def _corefile(options: argparse.Namespace) -> str:
    """The Corefile that the options stand for."""
    from resolver.transports.listening import loopback_addresses

    port = next(number for number in (options.port, options.dns_port, DEFAULT_PORT) if number is not None)
    zones = [_domain(options), "in-addr.arpa", "ip6.arpa"]
    lines = [f"bind {' '.join(options.bind or loopback_addresses())}", "errors", "loadbalance"]
    if options.explain:
        lines.append("explain")
    kubernetes = ["pods insecure"]
    if options.upstream:
        keys = [f".:{port}"]
        lines += ["cache 30", f"forward . {' '.join(options.upstream)}"]
        kubernetes.append("fallthrough in-addr.arpa ip6.arpa")
    else:
        keys = [f"{zone}:{port}" for zone in zones]
    lines += [f"kubernetes {' '.join(zones)} {{", *kubernetes, "}"]
    return "\n".join([f"{' '.join(keys)} {{", *lines, "}"]) + "\n"


def _domain(options: argparse.Namespace) -> str:
    return options.domain or CLUSTER_DOMAIN
