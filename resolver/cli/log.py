"""``dualdns log``: the questions a running server was asked, and what it said to them."""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from resolver import limits
from resolver.cli import admin_asking
from resolver.cli.spelling import Parser

if TYPE_CHECKING:
    from resolver.admin.client import AdminClient

_QUESTIONS: Final = "/v1/queries"
_FILTERS: Final = ("name", "type", "client", "protocol", "rcode")
_AGO: Final = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def run(arguments: Sequence[str]) -> int:
    """Returns the exit status: 1 where the server cannot be reached, refuses, or ends while it is followed."""
    parser = _parser()
    options = parser.parse_args(arguments)
    since = None
    if options.since is not None:
        since = _since(options.since, time.time())
        if since is None:
            parser.error(f"--since {options.since}: write how long ago, such as 30s, 10m or 2h, or seconds since 1970")
    client = admin_asking.client_of(options, parser)
    parameters = {name: getattr(options, name) for name in _FILTERS} | {"since": since, "limit": options.limit}
    show = json.dumps if options.output == "json" else line
    if options.follow:
        return admin_asking.asked(lambda: _follow(client, parameters, show))
    return admin_asking.asked(lambda: _print(client.get(_QUESTIONS, parameters)["questions"], show))


def _parser() -> Parser:
    parser = Parser(
        prog="dualdns log",
        description="Shows the questions a running server (`dualdns serve --admin`) was asked, oldest first.",
        epilog="A line: when, who asked, how, what type, what name, the reply's rcode, its answers.",
    )
    parser.add_argument("-f", "--follow", action="store_true", help="go on with those that are asked from now on")
    parser.add_argument("--name", metavar="PATTERN", help="with or without the zone; * is one label, ** any number")
    parser.add_argument("--type", metavar="TYPE", help="such as AAAA")
    parser.add_argument("--client", metavar="ADDRESS", help="an address or a network, such as 10.0.0.0/8")
    parser.add_argument("--protocol", metavar="udp|tcp")
    parser.add_argument("--rcode", metavar="RCODE", help="such as NXDOMAIN; none for questions without a reply")
    parser.add_argument("--since", metavar="TIME", help="how long ago (30s, 10m, 2h), or seconds since 1970")
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help=f"how many at the most, the last ones; default {limits.ADMIN_QUESTIONS_DEFAULT}",
    )
    parser.add_argument("--output", choices=("text", "json"), default="text", help="lines of text, or of JSON")
    admin_asking.add_flags(parser)
    return parser


def _since(text: str, now: float) -> float | None:
    """Seconds since 1970; None where the text is no time."""
    if found := _AGO.fullmatch(text):
        return now - float(found[1]) * _SECONDS[found[2]]
    try:
        return float(text)
    except ValueError:
        return None


def _print(questions: list[dict[str, Any]], show: "Callable[[dict[str, Any]], str]") -> int:
    for question in questions:
        print(show(question))
    sys.stdout.flush()
    return 0


def _follow(client: "AdminClient", parameters: dict[str, Any], show: "Callable[[dict[str, Any]], str]") -> int:
    news: Iterator[dict[str, Any]] = client.lines(_QUESTIONS, parameters | {"follow": True})
    try:
        for question in news:
            if "lost" in question:
                print(f"dualdns: {question['lost']} questions came too fast and are not shown", file=sys.stderr)
            else:
                print(show(question), flush=True)
    except KeyboardInterrupt:
        return 0
    print(f"dualdns: the server at {client.address} has ended", file=sys.stderr)
    return 1


def line(question: dict[str, Any]) -> str:
    """``04:32:50.123  127.0.0.1  udp  AAAA  web.shop.svc.cluster.local  NOERROR  fd00::1, fd00::2``."""
    at = question["at"]
    clock = time.strftime("%H:%M:%S", time.localtime(at)) + f".{int(at * 1_000) % 1_000:03d}"
    asked = f"{question['type']:<5} {question['name']}" if question["type"] else "no question"
    return f"{clock}  {question['client']}  {question['protocol']}  {asked}  {_outcome(question)}"


def _outcome(question: dict[str, Any]) -> str:
    if question["rcode"] is None:
        return "no reply"
    words = [question["rcode"]]
    if "tc" in question["flags"]:
        words.append("truncated")
    if question["messages"] > 1:
        words.append(f"{question['messages']} messages")
    if question["answers"]:
        words.append(", ".join(_data(record, question["type"]) for record in question["answers"]))
    elif question["rcode"] == "NOERROR" and "tc" not in question["flags"]:
        words.append("no data")
    return "  ".join(words)


def _data(record: str, asked: str) -> str:
    """The data of a record, its type before it where that was not asked for."""
    _, _, _, kind, data = record.split(" ", 4)
    return data if kind == asked else f"{kind} {data}"
