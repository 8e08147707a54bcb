"""The command line of ``dualdns explain``."""

import argparse
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final

from resolver import limits
from resolver.cli import admin_asking, cluster_options
from resolver.cli.spelling import Parser

CLUSTER_DOMAIN: Final = "cluster.local"
_TYPE_LENGTH: Final = 10


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Reads the words; exits with status 2 and the reason where they make no sense.

    `type` is empty where none was given. `running` is the client of a running server, where one is meant.
    """
    parser = _parser()
    options = parser.parse_intermixed_args(arguments)
    options.type, options.paths = _type_and_paths(options.words)
    options.watch = False
    sources = [bool(options.paths), options.demo, bool(options.kubeconfig), options.server is not None]
    if sum(sources) > 1:
        parser.error("give one of: paths of manifests, --demo, --kubeconfig FILE, --server ADDRESS")
    cluster_options.check(parser, options)
    if options.api is not None:
        parser.error("--api serves an API, and explain serves nothing: leave it out")
    embedded = cluster_options.given_flags(options)
    if embedded and (options.kubeconfig or options.server is not None):
        parser.error(f"{embedded[0]} is about the embedded cluster: leave it out, or give paths of manifests")
    if options.context and not options.kubeconfig:
        parser.error("--context names a context of --kubeconfig FILE: give that too")
    if not 0 <= options.bufsize <= 0xFFFF:
        parser.error(f"--bufsize {options.bufsize}: 0 (no EDNS) to 65535 bytes")
    try:
        ip_address(options.client)
    except ValueError:
        parser.error(f"--client {options.client}: is no address; write 127.0.0.1 or ::1")
    running = options.server is not None or not (any(sources) or embedded)
    if running and (options.conf or options.domain):
        parser.error("-conf and --domain are the running server's own: leave them out, or give paths of manifests")
    if options.conf and options.domain:
        parser.error("--domain and -conf exclude each other: write it into the Corefile")
    options.running = admin_asking.client_of(options, parser) if running else None
    return options


def _type_and_paths(words: Sequence[str]) -> tuple[str, list[str]]:
    """The first word is a type if it looks like one and nothing on disk is called so."""
    if words and _is_type_like(words[0]):
        return words[0], list(words[1:])
    return "", list(words)


def _is_type_like(word: str) -> bool:
    from pathlib import Path

    return word.isalnum() and len(word) <= _TYPE_LENGTH and not Path(word).exists()


def _parser() -> Parser:
    parser = Parser(
        prog="dualdns explain",
        usage="dualdns explain NAME [TYPE] (PATH... | --demo | --kubeconfig FILE | --server ADDRESS) [options]",
        description="Says why a question is answered as it is: the objects and rules behind each record, and what was "
        "left out and why. The exit status is 0 where the name resolves, 1 where it does not, 2 for a bad question.",
        epilog="Without a place to look, it asks the dualdns that runs here with --admin.",
    )
    parser.add_argument("name", metavar="NAME", help="with or without the zone: web.shop, _http._tcp.web.shop, fd00::1")
    parser.add_argument("words", nargs="*", metavar="[TYPE] PATH", help="default A; manifests: files, folders, or -")
    place = parser.add_argument_group("where to look")
    place.add_argument("--demo", action="store_true", help="the built-in dual-stack shop")
    place.add_argument("--kubeconfig", metavar="FILE", default="", help="the API server of a kubeconfig file")
    place.add_argument("--context", metavar="NAME", default="", help="which of its contexts")
    place.add_argument("-conf", "--conf", metavar="FILE", default="", help="the Corefile that answers")
    place.add_argument("--domain", metavar="ZONE", default="", help=f"the cluster's domain, default {CLUSTER_DOMAIN}")
    asking = parser.add_argument_group("the question")
    asking.add_argument(
        "--namespace", metavar="NAME", default="default", help="of a name of one label; default default"
    )
    asking.add_argument("--tcp", action="store_true", help="as asked over TCP")
    asking.add_argument("--bufsize", type=int, metavar="N", default=limits.EXPLAINED_BUFSIZE,
                        help=f"what EDNS asks for, default {limits.EXPLAINED_BUFSIZE}; 0: no EDNS")  # fmt: skip
    asking.add_argument("--client", metavar="ADDRESS", default="127.0.0.1", help="who asks; default 127.0.0.1")
    parser.add_argument("--output", choices=("text", "json"), default="text", help="default text")
    cluster_options.add_flags(parser)
    admin_asking.add_flags(parser)
    return parser
