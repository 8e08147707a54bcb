"""``dualdns serve``: the server in the foreground."""

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from resolver.cli import serve_options
from resolver.cli.serve_options import CLUSTER_DOMAIN, DEFAULT_ADDRESSES, DEFAULT_PORT, STANDARD_INPUT

if TYPE_CHECKING:
    from resolver.server.configuration import Source
    from resolver.server.server import Server


def run(arguments: Sequence[str]) -> int:
    """Serves until told to end. Returns the exit status: 0 after a signal, 1 where it could not start or go on."""
    options = serve_options.parse(arguments)
    if options.plugins:
        return _print_plugins()
    return _with_fastest_loop(_serve(options))


def _print_plugins() -> int:
    from resolver.plugins import chain

    print("Server types:\n  dns\n\nOther plugins:")
    for name in chain.known():
        print(f"  dns.{name}")
    return 0


def _with_fastest_loop(work: Coroutine[Any, Any, int]) -> int:
    """uvloop where it is installed (extra `uvloop`), the standard loop elsewhere."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


async def _serve(options: argparse.Namespace) -> int:
    from resolver.corefile.tokens import BadConfig
    from resolver.server.feeds import Feeds
    from resolver.server.host import pid_file
    from resolver.server.log import Log
    from resolver.server.server import Server, banner
    from resolver.transports.listening import CannotListen

    log = Log(json=options.log_format == "json", quiet=options.quiet)
    feeds = Feeds(
        options.paths,
        options.kubeconfig,
        options.context,
        log,
        demo=options.demo,
        watch=options.watch,
        domain=options.domain or CLUSTER_DOMAIN,
    )
    server = Server(_source(options), log, feeds.make)
    _answer_signals(server)
    try:
        if options.pidfile:
            pid_file(options.pidfile)
        await server.start()
    except (BadConfig, CannotListen, OSError) as error:
        print(f"dualdns: {error}", file=sys.stderr)
        return 1
    for line in server.instance.zone_lines():
        log.banner(line)
    log.banner(banner())
    if not options.conf:
        log.banner(_try_line(options, server.ports()))
    gc.collect()
    gc.freeze()
    await server.wait()
    await server.stop()
    return server.exit_status


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
    name = "web.shop" if options.demo else "kubernetes.default"
    return f"Try: dig @{address} -p {port} {name}.svc.{options.domain or CLUSTER_DOMAIN} AAAA"
