"""The command line of ``dualdns serve``: its own words, and CoreDNS's flags so that it can stand in its place."""

import argparse
import os
from collections.abc import Sequence
from typing import Final

from resolver import __version__
from resolver.cli import admin_serving, cluster_options
from resolver.cli.spelling import Parser

DEFAULT_PORT: Final = 1053
CLUSTER_DOMAIN: Final = "cluster.local"
STANDARD_INPUT: Final = "stdin"
"""What `-conf` calls standard input, as CoreDNS does."""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Reads the words; exits with status 2 and the reason where they make no sense."""
    parser = _parser()
    options = parser.parse_intermixed_args(arguments)
    _take_path_from_admin(options)
    for flag, port in (("--port", options.port), ("-dns.port", options.dns_port)):
        if port is not None and not 0 <= port <= 0xFFFF:
            parser.error(f"{flag} {port}: a port is a number from 0 (pick one) to 65535")
    if options.demo and (options.paths or options.kubeconfig):
        parser.error("--demo brings its own cluster: leave out the paths and --kubeconfig, or --demo")
    if options.paths and options.kubeconfig:
        parser.error("give manifests or --kubeconfig, not both")
    embedded = cluster_options.given_flags(options)
    if options.kubeconfig and embedded:
        parser.error(
            f"{embedded[0]} is about the embedded cluster, --kubeconfig names a real one: leave one of them out"
        )
    cluster_options.check(parser, options)
    if options.context and not options.kubeconfig:
        parser.error("--context names a context of --kubeconfig FILE: give that too")
    if options.watch and set(options.paths) <= {"-"}:
        parser.error("--watch follows manifests on disk: give their files or folders")
    if options.conf and options.port is not None:
        parser.error("--port and -conf exclude each other: write it into the Corefile, or give -dns.port")
    for flag in ("bind", "upstream", "domain", "explain"):
        if getattr(options, flag) and options.conf:
            parser.error(f"--{flag} and -conf exclude each other: write it into the Corefile")
    admin_serving.check(parser, options)
    if options.conf == STANDARD_INPUT and "-" in options.paths:
        parser.error("standard input can be the Corefile or the manifests: write one of them to a file")
    return options


def _take_path_from_admin(options: argparse.Namespace) -> None:
    """`--admin shop.yaml`: the word is no address, so it was meant for a path of manifests."""
    word = options.admin
    if word and not word.startswith("unix:") and not word.rpartition(":")[2].isdecimal() and os.path.exists(word):
        options.admin = ""
        options.paths.insert(0, word)


def wants_embedded(options: argparse.Namespace) -> bool:
    """Manifests, the demo, or any flag of the embedded cluster."""
    return bool(options.demo or options.paths or cluster_options.given_flags(options))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="dualdns serve",
        description="Answers DNS questions from a cluster: a real one, manifests on disk, or the demo.",
        epilog="Without a Corefile it listens on 127.0.0.1 and ::1, port 1053, and asks no other server.",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="manifests: files, folders, or - for standard input")
    cluster = parser.add_argument_group("the cluster")
    cluster.add_argument("--demo", action="store_true", help="a built-in dual-stack shop, no cluster needed")
    cluster.add_argument("--watch", action="store_true", help="read the manifests again whenever they are saved")
    cluster.add_argument("--kubeconfig", metavar="FILE", default="", help="the API server of a kubeconfig file")
    cluster.add_argument("--context", metavar="NAME", default="", help="which of its contexts")
    cluster_options.add_flags(parser)
    listen = parser.add_argument_group("listening, without a Corefile")
    listen.add_argument(
        "--port", type=int, metavar="N", help=f"default {DEFAULT_PORT}; 0 picks a free one, UDP and TCP"
    )
    listen.add_argument("--bind", action="append", metavar="ADDRESS", help="default 127.0.0.1 and ::1; may be repeated")
    listen.add_argument("--domain", metavar="ZONE", help=f"the cluster's domain, default {CLUSTER_DOMAIN}")
    listen.add_argument(
        "--upstream", action="append", metavar="SERVER", help="forward other names there: an address or resolv.conf"
    )
    listen.add_argument(
        "--explain", action="store_true", help="say in replies why there is no answer (Extended DNS Errors, RFC 8914)"
    )
    admin_serving.add_flags(parser)
    core = parser.add_argument_group("as CoreDNS")
    core.add_argument(
        "-conf", "--conf", metavar="FILE", default="", help="Corefile to load; `stdin` reads it from there"
    )
    core.add_argument("-dns.port", "--dns.port", "-p", dest="dns_port", type=int, metavar="N",
                      help="port of blocks that name none, default 53")  # fmt: skip
    core.add_argument("-plugins", "--plugins", action="store_true", help="list the plugins there are and exit")
    core.add_argument("-version", "--version", action="version", version=f"dualdns-{__version__}")
    core.add_argument("-quiet", "--quiet", action="store_true", help="print no start-up lines")
    core.add_argument("-pidfile", "--pidfile", metavar="FILE", default="", help="write the process id there")
    core.add_argument("-log-format", "--log-format", dest="log_format", choices=("text", "json"), default="text",
                      help="lines of text, or one JSON object a line")  # fmt: skip
    return parser
