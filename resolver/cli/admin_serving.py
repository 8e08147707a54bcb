"""What commands share that let a running server be asked and steered: the flags of the admin API, and the API."""

import argparse
import os
from typing import TYPE_CHECKING

from resolver import limits

if TYPE_CHECKING:
    from resolver.admin.admin_server import AdminServer
    from resolver.server.history import History
    from resolver.server.log import Log
    from resolver.server.server import Server


def add_flags(parser: argparse.ArgumentParser) -> None:
    """`admin` is None where it is not given, and empty where it has no address."""
    group = parser.add_argument_group("for testers")
    group.add_argument(
        "--admin",
        nargs="?",
        const="",
        metavar="ADDRESS",
        help="serve the admin API, which `dualdns fault`, `log` and `explain` ask: [HOST:]PORT or unix:PATH, "
        "default a socket only you can reach",
    )
    group.add_argument("--admin-token-file", metavar="FILE", default="",
                       help="its clients must send this token; needed on other addresses than loopback")  # fmt: skip
    group.add_argument("--history", type=int, metavar="N",
                       help=f"how many questions it remembers, default {limits.HISTORY}, 0 for none")  # fmt: skip


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exits with status 2 and the reason where the flags make no sense together."""
    if options.admin is None:
        for flag, given in (
            ("--history", options.history is not None),
            ("--admin-token-file", options.admin_token_file),
        ):
            if given:
                parser.error(f"{flag} is about the admin API: give --admin too")
    if options.history is not None and not 0 <= options.history <= limits.HISTORY_MOST:
        parser.error(f"--history {options.history}: from 0 (none) to {limits.HISTORY_MOST} questions can be kept")


def history(options: argparse.Namespace, zone: str) -> "History | None":
    """What the server remembers questions in; None without --admin, and where none are to be kept."""
    kept = limits.HISTORY if options.history is None else options.history
    if options.admin is None or not kept:
        return None
    from resolver.server.history import History

    return History(kept, zone=zone)


def admin_server(options: argparse.Namespace, server: "Server", log: "Log") -> "AdminServer | None":
    """The admin API, its place taken; None without --admin. Raises BadConfig, CannotListen."""
    if options.admin is None:
        return None
    from resolver.admin.address import BadAddress, default_address, parse_address
    from resolver.admin.admin_server import AdminServer
    from resolver.corefile.tokens import BadConfig
    from resolver.server.token_file import read_token

    try:
        address = parse_address(options.admin) if options.admin else default_address(os.environ)
    except BadAddress as error:
        raise BadConfig(str(error)) from error
    token = read_token(options.admin_token_file, "--admin-token-file")
    admin = AdminServer(server, address, token=token, report=log.error)
    admin.open()
    return admin
