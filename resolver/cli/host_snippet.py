"""``dualdns host-snippet``: prints how to set a host's resolver up, and how to undo it. Changes nothing."""

from collections.abc import Sequence

from resolver.cli.host_snippets import SNIPPETS, Listening
from resolver.cli.serve_options import CLUSTER_DOMAIN, DEFAULT_PORT
from resolver.cli.spelling import Parser

_ADDRESS = "127.0.0.1"
_PORT = 0xFFFF


def run(arguments: Sequence[str]) -> int:
    """Prints the snippet. Returns 0."""
    parser = _parser()
    options = parser.parse_args(arguments)
    addresses = [_checked(parser, part) for text in options.address or [_ADDRESS] for part in text.split(",")]
    if not 0 < options.port <= _PORT:
        parser.error(f"--port {options.port}: a port is a number from 1 to 65535")
    domains = [_domain(parser, part) for text in options.domain or [CLUSTER_DOMAIN] for part in text.split(",")]
    print(SNIPPETS[options.tool](Listening(addresses, options.port, domains)), end="")
    return 0


def _checked(parser: Parser, text: str) -> str:
    from ipaddress import ip_address

    try:
        return str(ip_address(text.strip()))
    except ValueError:
        parser.error(f"--address {text}: is no IP address")


def _domain(parser: Parser, text: str) -> str:
    """A domain that can stand in a file name and a shell command."""
    domain = text.strip().removesuffix(".")
    if not domain or not all(
        label and label.replace("-", "").replace("_", "").isalnum() for label in domain.split(".")
    ):
        parser.error(f"--domain {text}: is no domain: write it like {CLUSTER_DOMAIN}")
    return domain


def _parser() -> Parser:
    parser = Parser(
        prog="dualdns host-snippet",
        description="Prints how to make this host, or containers, ask dualdns for a cluster's names, and how to undo"
        " it. Nothing is changed.",
    )
    parser.add_argument("tool", choices=list(SNIPPETS), metavar="TOOL", help=", ".join(SNIPPETS))
    parser.add_argument(
        "--address", action="append", metavar="IP[,IP]", help=f"where dualdns listens, default {_ADDRESS}"
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, metavar="N", help=f"default {DEFAULT_PORT}")
    parser.add_argument("--domain", action="append", metavar="ZONE[,ZONE]", help=f"default {CLUSTER_DOMAIN}")
    return parser
