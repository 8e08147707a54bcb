"""The command ``dualdns``. Each subcommand is a file of this package, imported only when it is run."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from resolver import __version__
from resolver.cli.spelling import Parser

COMMANDS: Final = {
    "serve": "answer DNS questions from a Kubernetes cluster, from manifests or from the demo",
    "explain": "why a question is answered as it is: objects, rules, and what was left out",
    "query": "ask a DNS server one question, with dig's output",
    "resolve": "walk a Pod's search path as glibc or musl would, question by question",
    "resolv-conf": "the resolv.conf kubelet would write for a Pod",
    "host-snippet": "how to point this host's resolver at dualdns, and how to undo it",
    "fault": "break answers of a running server on purpose, list what is broken, mend it",
    "log": "the questions a running server was asked, and what it said",
    "scenario": "play a real bug of DNS in clusters, to see what a client makes of it",
    "cluster": "a Kubernetes API with an embedded dual-stack cluster behind it, without DNS",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits with its status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in COMMANDS:
        sys.exit(_run(words[0], words[1:]))
    parser = _parser()
    parser.parse_args(words)
    parser.print_help()
    sys.exit(0 if not words else 2)


def _run(command: str, words: Sequence[str]) -> int:
    """The command's exit status. A reader of its output that has had enough is nobody's failure."""
    try:
        status: int = import_module(f"resolver.cli.{command.replace('-', '_')}").run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:  # before the command listens to signals
        return 128 + signal.SIGINT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python writes at the end
        return 0
    return status


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="dualdns",
        description="A dual-stack Kubernetes DNS server that answers as CoreDNS does.",
        epilog="`dualdns serve --demo` needs no cluster. `dualdns COMMAND --help` tells more.",
    )
    parser.add_argument("--version", action="version", version=f"dualdns-{__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for name, text in COMMANDS.items():
        commands.add_parser(name, help=text, add_help=False)
    return parser
