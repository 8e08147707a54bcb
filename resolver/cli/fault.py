"""``dualdns fault``: breaks answers of a running server on purpose, lists what is broken, and mends it."""

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from resolver.cli import admin_asking
from resolver.cli.spelling import Parser

if TYPE_CHECKING:
    from resolver.admin.client import AdminClient

_ACTIONS: Final = {
    "add": "add a fault",
    "list": "the faults there are, and how often they fired",
    "clear": "remove faults: these, or all but those of the Corefile",
}
_EXAMPLES: Final = """examples:
  dualdns fault add web.shop AAAA drop times 3
  dualdns fault add '*.shop' ipv6 delay 100ms-2s for 5m
  dualdns fault add '**' servfail probability 10% client 10.0.0.0/8
"""
_WORDS: Final = """WORDS: a name (with or without the zone; * is a label, ** any number), record types or ipv4 or ipv6,
what goes wrong (drop, delay TIME, servfail, refused, nxdomain, nodata, truncate, wrong-id, wrong-question,
garbage, duplicate, tcp-slow, tcp-reset, stale, ttl N, only N, replace ADDRESS, order fixed),
and when (times N, every N, probability P, for TIME, client NETWORK, protocol udp).

"""


def run(arguments: Sequence[str]) -> int:
    """Returns the exit status: 1 where the server cannot be reached or refuses."""
    if not arguments or arguments[0] not in _ACTIONS:
        _parser().parse_args(arguments)
    action = arguments[0]
    parser = _action_parser(action)
    options = parser.parse_args(arguments[1:])
    if action == "add" and not options.words:
        parser.error("say what goes wrong, such as: dualdns fault add web.shop AAAA drop times 3")
    client = admin_asking.client_of(options, parser)
    work = {"add": _add, "list": _list, "clear": _clear}[action]
    return admin_asking.asked(lambda: work(client, options))


def _parser() -> Parser:
    """Of the first word alone: it prints help, or says what is wrong."""
    parser = Parser(
        prog="dualdns fault",
        description="Breaks the answers of a running server (`dualdns serve --admin`) on purpose.",
        epilog=_WORDS + _EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    for name, text in _ACTIONS.items():
        actions.add_parser(name, help=text, add_help=False)
    return parser


def _action_parser(action: str) -> Parser:
    text = _ACTIONS[action]
    parser = Parser(
        prog=f"dualdns fault {action}",
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=_WORDS + _EXAMPLES if action == "add" else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if action == "add":
        parser.add_argument("words", nargs="*", metavar="WORDS", help="the fault, as below")
    elif action == "clear":
        parser.add_argument("words", nargs="*", metavar="ID", type=int, help="numbers of the list; none: all of them")
    parser.add_argument("--output", choices=("text", "json"), default="text", help="lines of text, or JSON")
    admin_asking.add_flags(parser)
    return parser


def _add(client: "AdminClient", options: argparse.Namespace) -> int:
    fault = client.post("/v1/faults", {"words": options.words})
    print(json.dumps(fault) if options.output == "json" else f"fault {fault['id']}: {fault['text']}")
    return 0


def _list(client: "AdminClient", options: argparse.Namespace) -> int:
    found = client.get("/v1/faults")
    if options.output == "json":
        print(json.dumps(found))
    elif found["faults"]:
        print("\n".join(_table(found["faults"])))
    else:
        print("no faults")
    return 0


def _table(faults: list[dict[str, Any]]) -> list[str]:
    """A line a fault: its id, how often it fired, its words."""
    rows = [("ID", "FIRED", "FAULT")]
    for fault in faults:
        over = "  (over)" if fault["exhausted"] else ""
        origin = f"  ({fault['origin']})" if fault["origin"] else ""
        rows.append((str(fault["id"]), str(fault["count"]), f"{fault['text']}{over}{origin}"))
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [f"{id:>{first}}  {fired:>{second}}  {text}" for id, fired, text in rows]


def _clear(client: "AdminClient", options: argparse.Namespace) -> int:
    ids = list(dict.fromkeys(options.words))
    paths = [f"/v1/faults/{id}" for id in ids] or ["/v1/faults"]
    cleared = sum(client.delete(path)["cleared"] for path in paths)
    print(json.dumps({"cleared": cleared}) if options.output == "json" else f"{cleared} removed")
    return 0
