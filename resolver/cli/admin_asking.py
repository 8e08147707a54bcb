"""What commands share that ask a running server through its admin API."""

import argparse
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from resolver.cli.spelling import Parser

if TYPE_CHECKING:
    from resolver.admin.client import AdminClient

REFUSED: Final = 1
"""The exit status where the server cannot be reached, or refuses."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the server")
    group.add_argument(
        "--server",
        metavar="ADDRESS",
        help="where its admin API is: unix:PATH, PORT or HOST:PORT; default $DUALDNS_ADMIN, else the usual socket",
    )
    group.add_argument("--admin-token-file", metavar="FILE", default="", help="the token that server asks for")


def client_of(options: argparse.Namespace, parser: Parser) -> "AdminClient":
    """The client of the server that is meant; exits with status 2 where the options name none."""
    from resolver.admin.address import BadAddress, client_address
    from resolver.admin.client import AdminClient
    from resolver.corefile.tokens import BadConfig
    from resolver.server.token_file import read_token

    try:
        return AdminClient(
            client_address(options.server, os.environ), read_token(options.admin_token_file, "--admin-token-file")
        )
    except (BadAddress, BadConfig) as error:
        parser.error(str(error))


def asked(work: Callable[[], int]) -> int:
    """Runs the work; what the server or the way to it says against it goes to standard error."""
    from resolver.admin.client import AdminRefused, AdminUnreachable

    try:
        return work()
    except (AdminRefused, AdminUnreachable) as error:
        print(f"dualdns: {error}", file=sys.stderr)
        return REFUSED
