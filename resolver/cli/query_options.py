"""The command line of ``dualdns query``: dig's words where dig has them, flags for what dig writes with a plus."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from resolver import limits
from resolver.cli.servers import DEFAULT_SERVER, BadServer, ServerWords, server_words
from resolver.cli.spelling import Parser, did_you_mean

_CLASSES: Final = {"IN": 1, "CH": 3, "HS": 4, "NONE": 254, "ANY": 255}
_COMMON_TYPES: Final = "A, AAAA, SRV, PTR, CNAME, TXT, NS, SOA, MX, ANY"
_ANY: Final = 255
_TRANSFERS: Final = {251: "IXFR", 252: "AXFR"}
_COOKIE: Final = (8, 40)  # bytes, RFC 7873 §4


@dataclass(frozen=True)
class QueryOptions:
    """What to ask and how. `name` is text; `edns_size` None: no EDNS; `cookie` None: one at random."""

    name: str
    qtype: int
    qclass: int
    server: ServerWords
    words: Sequence[str]
    tcp: bool
    output: str
    edns_size: int | None
    do: bool
    cookie: bytes | None
    recurse: bool
    keep_truncated: bool
    timeout: float
    tries: int
    search: str
    domain: str
    ndots: int


def parse(arguments: Sequence[str]) -> QueryOptions:
    """Reads the words; exits with status 2 and the reason where they make no sense."""
    parser = _parser()
    given = parser.parse_intermixed_args(arguments)
    server, words = DEFAULT_SERVER, []
    for word in given.words:
        if word.startswith("@"):
            server = word[1:]
        elif word.startswith("+"):
            parser.error(f"{word} is dig's: write {_as_flag(word)}")
        else:
            words.append(word)
    try:
        where = server_words(server, given.port)
    except BadServer as error:
        parser.error(str(error))
    name, qtype, qclass = _question(parser, given, words)
    if qtype in _TRANSFERS:
        parser.error(f"{_TRANSFERS[qtype]} asks for a whole zone, in many messages: take `dig {_TRANSFERS[qtype]}`")
    tcp = given.tcp or qtype == _ANY  # as dig
    return QueryOptions(
        name, qtype, qclass, where, arguments, tcp, "short" if given.short else given.output,
        _edns_size(parser, given), given.dnssec, _cookie(parser, given), given.recurse, given.keep_truncated,
        _positive(parser, "--timeout", given.timeout), int(_positive(parser, "--tries", given.tries)), given.search,
        given.domain, given.ndots,
    )  # fmt: skip


def type_of(text: str) -> int | None:
    """The number of a record type by name or ``TYPE123``."""
    from resolver.wire.codes import type_number

    return type_number(text)


def _question(parser: Parser, given: argparse.Namespace, words: list[str]) -> tuple[str, int, int]:
    name, qtype, qclass = "", 0, _CLASSES["IN"]
    if given.reverse:
        name, qtype = _reverse_name(parser, given.reverse), 12
    for word in words:
        number = type_of(word)
        if not name and (number is None or len(words) == 1):
            name = word
        elif number is not None and not name:
            qtype = number
        elif word.upper() in _CLASSES and number is None:
            qclass = _CLASSES[word.upper()]
        elif number is None:
            parser.error(_unknown_type(word))
        else:
            qtype = number
    if not name:
        parser.error("give a NAME to ask for, or -x ADDRESS")
    return name, qtype or 1, qclass


def _unknown_type(word: str) -> str:
    from dnslib import QTYPE

    near = did_you_mean(word, [*QTYPE.forward.values(), "HTTPS", "SVCB", *_CLASSES])
    return f"there is no record type or class {word!r}: there are {_COMMON_TYPES} and more, others as TYPE123{near}"


def _reverse_name(parser: Parser, text: str) -> str:
    from ipaddress import ip_address

    try:
        return ip_address(text).reverse_pointer + "."
    except ValueError:
        parser.error(f"-x {text}: is no IP address: write it like 10.96.0.10 or fd00::a")


def _edns_size(parser: Parser, given: argparse.Namespace) -> int | None:
    if given.no_edns:
        if given.dnssec or given.bufsize is not None or given.cookie:
            parser.error("--no-edns leaves out what --dnssec, --bufsize and --cookie are part of")
        return None
    size: int = limits.BUFSIZE_DEFAULT if given.bufsize is None else given.bufsize
    if not 0 <= size <= limits.MESSAGE_SIZE:
        parser.error(f"--bufsize {size}: a reply has from 0 to {limits.MESSAGE_SIZE} bytes")
    return size


def _cookie(parser: Parser, given: argparse.Namespace) -> bytes | None:
    if given.no_cookie or given.no_edns:
        return b""
    if not given.cookie:
        return None
    try:
        cookie = bytes.fromhex(given.cookie)
    except ValueError:
        parser.error(f"--cookie {given.cookie}: is no hexadecimal number")
    if not _COOKIE[0] <= len(cookie) <= _COOKIE[1]:
        parser.error(f"--cookie: {len(cookie)} bytes; a cookie has from {_COOKIE[0]} to {_COOKIE[1]}")
    return cookie


def _positive(parser: Parser, flag: str, number: float) -> float:
    if number <= 0:
        parser.error(f"{flag} {number:g}: write a number above 0")
    return number


def _as_flag(word: str) -> str:
    name, _, value = word[1:].partition("=")
    number = value or "N"
    known = {
        "short": "--short", "tcp": "--tcp", "vc": "--tcp", "noedns": "--no-edns", "dnssec": "--dnssec",
        "do": "--dnssec", "nocookie": "--no-cookie", "norecurse": "--no-recurse", "norec": "--no-recurse",
        "ignore": "--keep-truncated", "bufsize": f"--bufsize {number}", "timeout": f"--timeout {number}",
        "time": f"--timeout {number}", "tries": f"--tries {number}", "search": "--search NAMESPACE",
    }  # fmt: skip
    return known.get(name.lower()) or "a flag of `dualdns query --help`"


def _parser() -> Parser:
    parser = Parser(
        prog="dualdns query",
        usage="dualdns query NAME [TYPE] [CLASS] [@SERVER] [-p PORT] [flags]",
        description="Asks a DNS server one question and prints the reply as dig does.",
        epilog="Exit status: 0 a reply came, whatever it says; 9 none came; 2 the words make no sense.",
    )
    add = parser.add_argument
    add("words", nargs="*", metavar="NAME [TYPE] [CLASS] [@SERVER]", help="default A, IN, @127.0.0.1")
    add("-p", "--port", type=int, metavar="PORT", help="of the server, default 1053")
    add("-x", dest="reverse", metavar="ADDRESS", help="the name of an address (PTR)")
    add("--tcp", action="store_true", help="ask over TCP; else only where a reply over UDP is cut")
    add("--short", action="store_true", help="the data of the answer and nothing else")
    add("--output", choices=("text", "json"), default="text", help="json: one object")
    add("--bufsize", type=int, metavar="N", help=f"bytes of a reply over UDP, default {limits.BUFSIZE_DEFAULT}")
    add("--no-edns", action="store_true", help="ask as before 1999: replies of 512 bytes")
    add("--dnssec", action="store_true", help="set DO")
    add("--cookie", metavar="HEX", default="", help="send this cookie instead of one at random")
    add("--no-cookie", action="store_true", help="send none")
    add("--no-recurse", dest="recurse", action="store_false", help="leave out RD")
    add("--keep-truncated", action="store_true", help="show a cut reply instead of asking over TCP")
    add("--timeout", type=float, default=limits.ASK_SECONDS, metavar="SECONDS", help="of one try, default 5")
    add("--tries", type=int, default=limits.ASK_TRIES, metavar="N", help="over UDP, default 3")
    add("--search", metavar="NAMESPACE", default="", help="walk the search path of a Pod in this namespace")
    add("--domain", metavar="ZONE", default="cluster.local", help="of the cluster, for --search")
    add("--ndots", type=int, metavar="N", default=5, help="for --search, default 5")
    return parser
