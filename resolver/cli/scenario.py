"""``dualdns scenario``: a real bug to be met on purpose, on a server of its own."""

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from resolver.cli import admin_serving
from resolver.cli.event_loop import run_fastest
from resolver.cli.serve_options import CLUSTER_DOMAIN, DEFAULT_PORT
from resolver.cli.spelling import Parser

if TYPE_CHECKING:
    from resolver.admin.admin_server import AdminServer
    from resolver.faults.fault_list import FaultList
    from resolver.scenarios.playing import Playing
    from resolver.scenarios.scenario import Scenario
    from resolver.server.log import Log
    from resolver.server.server import Server

_LOOK: Final = 0.1  # seconds between looks for faults that fired, so that a line comes while one still watches


def run(arguments: Sequence[str]) -> int:
    """Lists scenarios, or plays one until it is told to end. Returns the exit status."""
    options = _parse(arguments)
    from resolver.scenarios.scenario import UnknownScenario, scenario

    if options.action == "list":
        return _list()
    try:
        chosen = scenario(options.name)
    except UnknownScenario as error:
        print(f"dualdns scenario: {error}", file=sys.stderr)
        return 2
    return run_fastest(_play(chosen, options))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(
        prog="dualdns scenario",
        description="Plays real bugs of DNS in clusters, so that a client can be seen to bear them.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    actions.add_parser("list", help="the scenarios there are", description="The scenarios there are.")
    play = actions.add_parser(
        "run", help="play one on a server of its own", description="Plays a scenario on 127.0.0.1 and ::1 until Ctrl-C."
    )
    play.add_argument("name", nargs="?", metavar="NAME", help="one of `dualdns scenario list`")
    play.add_argument(
        "--port", type=int, default=DEFAULT_PORT, metavar="N", help=f"default {DEFAULT_PORT}; 0 picks a free one"
    )
    play.add_argument("--for", dest="seconds", metavar="SECONDS", help="end after so long: 90, 90s, 5m")
    admin_serving.add_flags(play)
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        (play if options.action == "run" else parser).error(f"unrecognized arguments: {' '.join(unknown)}")
    if options.action == "run":
        _take_name_from_admin(play, options)
        admin_serving.check(play, options)
        if not 0 <= options.port <= 0xFFFF:
            play.error(f"--port {options.port}: a port is a number from 0 (pick one) to 65535")
        if options.seconds is not None:
            options.seconds = _seconds(play, options.seconds)
    return options


def _take_name_from_admin(parser: Parser, options: argparse.Namespace) -> None:
    """`--admin broken-aaaa`: the word is no address, so it was meant for the name."""
    word = options.admin
    if options.name is None and word and ":" not in word and not word.isdecimal():
        options.name, options.admin = word, ""
    if options.name is None:
        parser.error("say which scenario: one of `dualdns scenario list`")


def _seconds(parser: Parser, text: str) -> float:
    from resolver.faults.bad_fault import BadFault
    from resolver.faults.values import seconds

    try:
        return seconds(text, "--for", float("inf"))
    except BadFault as error:
        parser.error(str(error))


def _list() -> int:
    from resolver.scenarios.scenario import scenario, scenario_names

    names = scenario_names()
    width = max(map(len, names))
    for name in names:
        print(f"{name:<{width}}  {scenario(name).title}")
    return 0


async def _play(chosen: "Scenario", options: argparse.Namespace) -> int:
    """Serves it until a signal comes or the time is over."""
    import asyncio

    from resolver.corefile.tokens import BadConfig
    from resolver.faults.fault_list import FaultList
    from resolver.scenarios.playing import Playing
    from resolver.server.configuration import Source
    from resolver.server.embedded import Embedded, EmbeddedOptions
    from resolver.server.feeds import Feeds
    from resolver.server.log import Log
    from resolver.server.server import Server
    from resolver.transports.listening import CannotListen, loopback_addresses

    log, faults = Log(), FaultList()
    embedded = Embedded(EmbeddedOptions({"with_kube_dns": True}), log)
    history = admin_serving.history(options, CLUSTER_DOMAIN)
    source = Source("the scenario", chosen.corefile(" ".join(loopback_addresses()), options.port), by_options=True)
    server = Server(source, log, Feeds(embedded, "", "", log).make, history=history, faults=faults)
    admin: AdminServer | None = None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.ask_for_end)
    try:
        admin = admin_serving.admin_server(options, server, log)
        await embedded.start()
        playing = Playing(chosen, embedded.source.cluster, faults, lambda text: log.print(f"{_clock()}  {text}"))
        await playing.prepare()
        if not await server.start():
            return server.exit_status
        playing.begin()
        if admin is not None:
            await admin.serve()
        for line in _opening(chosen, faults, server):
            log.print(line)
        if admin is not None:
            log.print(f"Admin API at {admin.address}")
        await _until_the_end(playing, faults, server, log, options.seconds)
    except (BadConfig, CannotListen, OSError) as error:
        print(f"dualdns scenario: {error}", file=sys.stderr)
        return 1
    finally:
        if admin is not None:
            await admin.stop()
        await server.stop()
        await embedded.stop()
    return server.exit_status


async def _until_the_end(
    playing: "Playing", faults: "FaultList", server: "Server", log: "Log", seconds: float | None
) -> None:
    """Takes the steps and tells of each fault that fires, until the end is asked for or the time is over."""
    import asyncio

    work = [asyncio.ensure_future(playing.go_on()), asyncio.ensure_future(_tell_firings(faults, log))]
    end = asyncio.ensure_future(server.wait())
    try:
        await asyncio.wait([end, work[1]], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (end, *work):
            task.cancel()
        for result in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(result, Exception):
                log.error(f"the scenario ended early: {type(result).__name__}: {result}")


async def _tell_firings(faults: "FaultList", log: "Log") -> None:
    """A line for each fault that fires; where very many do, for the last of them."""
    import asyncio

    told = 0
    while True:
        await asyncio.sleep(_LOOK)
        new = min(faults.fired_count - told, len(faults.fired))
        told = faults.fired_count
        for firing in list(faults.fired)[len(faults.fired) - new :]:
            log.print(f"{_clock(firing.at)}  {firing.kind}: {firing.name} {firing.qtype} from {firing.client}")


def _opening(chosen: "Scenario", faults: "FaultList", server: "Server") -> Iterator[str]:
    """The story, what to try and what a right client does."""
    listening = server.instance.listening[0]
    place = {"address": listening.address, "port": listening.port}
    yield f"{chosen.name}: {chosen.title}"
    yield from ("", *chosen.story.splitlines(), "", "A right client:")
    yield from (f"  {line}" for line in chosen.client.splitlines())
    yield from ("", "Faults:", *(f"  {fault.describe()}" for fault in faults.faults))
    yield from ("", "Try:", *(f"  {line.format(**place)}" for line in chosen.tries))
    end = "Ctrl-C ends it."
    yield from ("", f"Listening on {' and '.join(dict.fromkeys(_places(server)))}. {end}", "")


def _places(server: "Server") -> Iterator[str]:
    from resolver.transports.listening import shown

    for listening in server.instance.listening:
        yield from (shown(address, listening.port) for address in listening.addresses)


def _clock(at: float | None = None) -> str:
    """The time of day, now or at these seconds since 1970."""
    moment = datetime.now() if at is None else datetime.fromtimestamp(at)
    return f"{moment:%H:%M:%S}"
