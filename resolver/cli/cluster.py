"""``dualdns cluster``: the embedded cluster behind its API, without DNS."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

from resolver.cli import cluster_options
from resolver.cli.event_loop import run_fastest
from resolver.cli.spelling import Parser


def run(arguments: Sequence[str]) -> int:
    """Serves until told to end. Returns the exit status: 0 after a signal, 1 where it could not start."""
    return run_fastest(_serve(_parsed(arguments)))


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(
        prog="dualdns cluster",
        description="Serves a Kubernetes API with an empty dual-stack cluster behind it: Services get their addresses,"
        " workloads simulated Pods, and both their EndpointSlices.",
        epilog="`dualdns serve --api PORT` does the same and answers DNS questions too.",
    )
    cluster_options.add_flags(parser)
    parser.add_argument("-quiet", "--quiet", action="store_true", help="print no start-up lines")
    parser.add_argument("-log-format", "--log-format", dest="log_format", choices=("text", "json"), default="text",
                        help="lines of text, or one JSON object a line")  # fmt: skip
    options = parser.parse_args(arguments)
    if options.api is None:
        parser.error("give --api [HOST:]PORT; --api 0 picks a free port")
    cluster_options.check(parser, options)
    return options


async def _serve(options: argparse.Namespace) -> int:
    from resolver.corefile.tokens import BadConfig
    from resolver.server.embedded import Embedded
    from resolver.server.log import Log
    from resolver.server.server import banner

    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    log = Log(json=options.log_format == "json", quiet=options.quiet)
    try:
        embedded = Embedded(cluster_options.embedded_options(options, cluster_dns=False), log)
    except BadConfig as error:
        return _failed(error)
    try:
        await embedded.start()
        embedded.up()
        for line in (*embedded.lines(), banner()):
            log.banner(line)
        await ended.wait()
    except BadConfig as error:
        return _failed(error)
    finally:
        await embedded.stop()
    return 0


def _failed(error: Exception) -> int:
    print(f"dualdns: {error}", file=sys.stderr)
    return 1
