"""``dualdns resolve``: the walk of a C library along a Pod's search path, question by question."""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from resolver.cli import pod_options
from resolver.cli.event_loop import run_fastest
from resolver.cli.servers import DEFAULT_SERVER, START_ONE, BadServer, addresses, server_words
from resolver.cli.spelling import Parser

if TYPE_CHECKING:
    from resolver.client.resolv_conf import ResolvConf
    from resolver.client.walking import Walked

_FAILED, _BAD_WORDS, _NO_SERVER = 1, 2, 9
_LIBCS: Final = ("glibc", "musl")
_HOSTS: Final = {"localhost": ("::1", "127.0.0.1"), "ip6-localhost": ("::1",), "ip6-loopback": ("::1",)}
"""Names in the /etc/hosts that kubelet writes, which are never asked for."""


def run(arguments: Sequence[str]) -> int:
    """Walks and prints. Returns 0 where getaddrinfo would give addresses, 1 where an error, 9 without a server."""
    return run_fastest(_resolve(_parse(arguments)))


async def resolve_and_print(arguments: Sequence[str]) -> int:
    """The same within an event loop."""
    return await _resolve(_parse(arguments))


async def _resolve(options: argparse.Namespace) -> int:
    from resolver.cli import walk_text
    from resolver.cli.pod_manifests import BadPod
    from resolver.client.exchange import NoReply, NoServer
    from resolver.client.resolv_conf import BadResolvConf
    from resolver.wire.names import BadName, name_from_text

    try:
        name_from_text(options.name)
        conf = _conf(options)
        words = [server_words(text, options.port) for text in options.server or (DEFAULT_SERVER,)]
        servers = [((await addresses(each))[0], each.port) for each in words]
        walk = await _walked(options, conf, servers)
    except (BadName, BadPod, BadResolvConf, BadServer) as error:
        print(f"dualdns resolve: {error}", file=sys.stderr)
        return _BAD_WORDS
    except NoReply as error:
        hint = (
            f": {START_ONE.replace('@SERVER and -p PORT', '--server HOST:PORT')}" if isinstance(error, NoServer) else ""
        )
        print(f"dualdns resolve: {error}{hint}", file=sys.stderr)
        return _NO_SERVER
    told = walk_text.Told(
        options.libc, options.name, options.pod or f"a Pod in {options.namespace}", conf, walk, options.source
    )
    for line in walk_text.json_lines(told) if options.output == "json" else walk_text.lines(told):
        print(line)
    return _FAILED if walk.verdict.error else 0


def _conf(options: argparse.Namespace) -> "ResolvConf":
    """The Pod's resolv.conf with the options of the command line. Raises BadPod, BadResolvConf."""
    from dataclasses import replace

    from resolver.cli.pod_manifests import read_pod

    space, _, name = options.pod.rpartition("/")
    options.namespace = options.namespace or space
    pod = read_pod(options.manifest, name, options.namespace) if options.manifest else None
    conf = pod_options.pod_resolv_conf(options, pod)
    extra = [*options.option, *([f"ndots:{options.ndots}"] if options.ndots is not None else [])]
    names = {option.partition(":")[0] for option in extra}
    kept = [option for option in conf.options if option.partition(":")[0] not in names]
    return replace(conf, options=(*kept, *extra))


async def _walked(options: argparse.Namespace, conf: "ResolvConf", places: Sequence[tuple[str, int]]) -> "Walked":
    """The walk with these servers in place of the Pod's; no question where none would be asked. Raises NoReply."""
    from dataclasses import replace

    from resolver.client.search import Verdict, walk_of
    from resolver.client.walking import Server, Walked, walked

    servers = [Server(*place) for place in places]
    known = _known_without_asking(options.name)
    if known:
        return Walked(Verdict(known), servers)
    asked = replace(conf, nameservers=tuple(server.address for server in servers))
    return await walked(walk_of(options.libc, options.name, asked), servers)


def _known_without_asking(name: str) -> tuple[str, ...]:
    """The addresses of a name that is one, or that is in every Pod's /etc/hosts."""
    from ipaddress import ip_address

    try:
        return (str(ip_address(name)),)
    except ValueError:
        return _HOSTS.get(name.lower(), ())


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    from ipaddress import ip_address

    parser = _parser()
    options = parser.parse_args(arguments)
    if not options.pod and not options.namespace:
        parser.error("say whose search path: --namespace NS, or --pod NS/POD")
    if options.pod and ("/" not in options.pod or options.pod.count("/") > 1):
        parser.error(f"--pod {options.pod}: write NAMESPACE/POD")
    if options.pod and options.namespace and not options.pod.startswith(f"{options.namespace}/"):
        parser.error(f"--namespace {options.namespace} and --pod {options.pod} name two namespaces: leave one out")
    if options.ndots is not None and options.ndots < 0:
        parser.error(f"--ndots {options.ndots}: write 0 or more")
    options.source = [part for text in options.source or [] for part in text.split(",") if part]
    try:
        families = [ip_address(source).version for source in options.source]
    except ValueError as error:
        parser.error(f"--source: {error}")
    if len(set(families)) != len(families):
        parser.error("--source: give one address of a family, the one the Pod would send from")
    if not options.source:
        from resolver.client.address_order import DEFAULT_SOURCES

        options.source = list(DEFAULT_SOURCES)
    return options


def _parser() -> Parser:
    parser = Parser(
        prog="dualdns resolve",
        description="Asks for a name's addresses as a C library in a Pod would: along the Pod's search path, both"
        " families. Prints each question with its answer and time, and what getaddrinfo gives in the end.",
        epilog="Exit status: 0 addresses, 1 an error of getaddrinfo, 9 no server listens, 2 the words make no sense.",
    )
    add = parser.add_argument
    add("name", metavar="NAME")
    add("--pod", metavar="NS/POD", default="", help="whose search path")
    add("--manifest", metavar="FILE", default="", help="where that Pod's dnsPolicy, dnsConfig and hostNetwork are read")
    add("--libc", choices=_LIBCS, default=_LIBCS[0], help="default glibc")
    add("--ndots", type=int, metavar="N", help="instead of the Pod's")
    add("--option", action="append", metavar="NAME[:VALUE]", default=[],
        help="of resolv.conf, such as single-request or timeout:1; may be repeated")  # fmt: skip
    add("--server", action="append", metavar="HOST[:PORT]",
        help="who is asked instead of the Pod's nameservers; may be repeated; default 127.0.0.1:1053")  # fmt: skip
    add("-p", "--port", type=int, metavar="PORT", help="of servers written without one, default 1053")
    add("--source", action="append", metavar="IP[,IP]", help="the Pod's own addresses, which decide the order")
    add("--output", choices=("text", "json"), default="text")
    pod_options.add_flags(parser)
    return parser
