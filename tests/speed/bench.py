"""The measurements: servers side by side over one API, turn by turn, so that a slow moment is slow for all."""

import http.client
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from tests.speed import dnsperf
from tests.speed.asking import Asker, answers, rcode
from tests.speed.big_cluster import Size, service, service_name, write_objects, write_questions
from tests.speed.loads import LOADS, Load
from tests.speed.programs import Program, Upstream, api_stand_in, compile_echo, write_corefile
from tests.speed.report import COREDNS, DUALDNS, FLOOR, Figure, Target, percentile

START_PATIENCE = 300.0  # seconds until a server must know the cluster
CHANGE_PATIENCE = 10.0
POLL = 0.01  # seconds between two questions to a server that is starting
SETTLING = 1.0  # seconds between a server's start and the look at its memory
WARMING = 20  # seconds at most in which all questions of a load are asked before it counts
MANY = 10_000  # questions of a load, for the cost of asking them the first time to be a figure of its own
SMALL = Size(100, 10)
LARGE = Size(100_000, 1)
CHANGED = 0  # the number of the Service whose address is changed
FIRST_CHANGED_IP = ip_address("10.112.0.1")  # of those it is given, one after the other


@dataclass(frozen=True)
class Plan:
    """What to measure: seconds of one run of a load, how often all is repeated, and which programs there are.

    `cores`: one for the server under measurement, one for all else.
    """

    cores: tuple[int, int]
    size: Size
    seconds: int
    repeats: int
    loads: Sequence[str]
    changes: int
    dualdns: Sequence[str]
    coredns: str | None = None
    small: bool = True
    large: bool = False


@dataclass
class Server:
    """A running server that knows its cluster; `started` is the seconds from its start to that."""

    program: Program
    port: int
    api: str = ""
    started: float = 0.0


@dataclass
class Bench:
    """Carries out a plan in a folder of its own. `say` takes a line of progress."""

    plan: Plan
    folder: Path
    say: Callable[[str], None]
    figures: list[Figure] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server_core, self._load_core = self.plan.cores
        self._commands: dict[str, tuple[list[str], dict[str, str]]] = {
            DUALDNS: ([*self.plan.dualdns, "serve", "-conf"], {})
        }
        if self.plan.coredns:
            self._commands[COREDNS] = ([self.plan.coredns, "-conf"], {"GOMAXPROCS": "1"})
        self._runs = 0

    def run(self) -> list[Figure]:
        """All of the plan. Raises Missing, UnexpectedOutput, NeverSaid."""
        with ExitStack() as stack:
            self._upstream = Upstream()
            stack.callback(self._upstream.close)
            self._main_cluster()
            if self.plan.small:
                self._small_cluster()
            if self.plan.large:
                self._large_cluster()
        return self.figures

    # -- the parts

    def _main_cluster(self) -> None:
        plan = self.plan
        started = self._figure(f"start to synced, {plan.size.objects:,} objects", "s", Target(1.0))
        memory = self._figure("memory then", "MiB", Target(0.6))
        after = self._figure("memory after the loads", "MiB", Target(0.6))
        with ExitStack() as stack:
            urls = self._cluster(plan.size, "main", stack)
            servers = self._start_in_turn(urls, started, memory, stack)
            floor = compile_echo(self.folder)
            if floor is not None:
                echo = stack.enter_context(
                    Program([str(floor)], self._server_core, self.folder / "echo.log", announces=True)
                )
                servers[FLOOR] = Server(echo, int(echo.announced(10)))
            lost = self._figure("queries lost, all runs over UDP", "", Target(0, ""))
            for name in plan.loads:
                self._load(LOADS[name], plan.size, servers, lost)
            for name in self._commands:
                after.add(name, servers[name].program.memory())
            self._changes(servers, f"{plan.size.services:,} Services")

    def _small_cluster(self) -> None:
        """Memory with 100 Services, once through a plain endpoint and once with a kubeconfig."""
        for text, kubeconfig in (("plain endpoint", False), ("kubeconfig", True)):
            then = self._figure(f"memory, 100 Services, {text}", "MiB", Target(65.0, ""))
            after = self._figure("... after a load", "MiB", Target(65.0, ""))
            with ExitStack() as stack:
                urls = self._cluster(SMALL, "small", stack)
                questions = self._questions(LOADS["clusterip"], SMALL)
                for name, url in urls.items():
                    server = self._start(name, url, stack, kubeconfig=kubeconfig)
                    time.sleep(SETTLING)
                    then.add(name, server.program.memory())
                    dnsperf.run(server.port, questions, self.plan.seconds)
                    after.add(name, server.program.memory())

    def _large_cluster(self) -> None:
        """100,000 Services beside 100, both sizes served in turn."""
        started = self._figure(f"start to synced, {LARGE.objects:,} objects", "s", Target(1.0))
        memory = self._figure("memory then", "MiB", Target(0.5))
        with ExitStack() as stack:
            many = self._start_in_turn(self._cluster(LARGE, "large", stack), started, memory, stack)
            few = {name: self._start(name, url, stack) for name, url in self._cluster(SMALL, "small", stack).items()}
            costs = {text: self._figure(f"A/AAAA with {text} Services", "us CPU/query") for text in ("100", "100,000")}
            growth = self._figure("cost with 100,000 Services, with 100 = 1", "times", Target(1.15, ""))
            load = LOADS["clusterip"]
            turns = (("100", few, self._questions(load, SMALL)), ("100,000", many, self._questions(load, LARGE)))
            for _, servers, questions in turns:
                self._ask_through(load, servers, questions)
            for _ in range(self.plan.repeats):
                for name in self._commands:
                    for text, servers, questions in turns:
                        cost, _ = self._cost(servers[name], load, questions)
                        costs[text].add(name, cost)
            for name in self._commands:
                pairs = zip(costs["100,000"].samples[name], costs["100"].samples[name], strict=True)
                growth.samples[name] = [big / little for big, little in pairs]
            self._changes(many, "100,000 Services")
            after = self._figure("memory after the loads", "MiB", Target(0.5))
            for name, server in many.items():
                after.add(name, server.program.memory())

    # -- steps

    def _figure(self, name: str, unit: str, *targets: Target) -> Figure:
        figure = Figure(name, unit, targets)
        self.figures.append(figure)
        return figure

    def _cluster(self, size: Size, name: str, stack: ExitStack) -> dict[str, str]:
        """An API that serves such a cluster; its URL for each program."""
        folder = self.folder / name
        if not folder.exists():
            folder.mkdir()
            written = write_objects(size, folder)
            self.say(f"{name} cluster: {size.objects:,} objects, {written / (1 << 20):.0f} MiB of JSON")
        log = self.folder / f"{name}-api.log"
        program, urls = api_stand_in(folder, len(self._commands), self._load_core, log)
        stack.enter_context(program)
        return dict(zip(self._commands, urls, strict=True))

    def _start_in_turn(
        self, urls: Mapping[str, str], started: Figure, memory: Figure, stack: ExitStack
    ) -> dict[str, Server]:
        """Starts each program as often as the plan says, in turn; the last of each goes on."""
        servers = {}
        for left in reversed(range(self.plan.repeats)):
            for name, url in urls.items():
                with ExitStack() as once:
                    server = self._start(name, url, once)
                    time.sleep(SETTLING)
                    started.add(name, server.started)
                    memory.add(name, server.program.memory())
                    self.say(f"{name}: synced after {server.started:.2f} s, {memory.samples[name][-1]:.0f} MiB")
                    if not left:
                        servers[name] = server
                        stack.push(once.pop_all())
        return servers

    def _start(self, name: str, api: str, stack: ExitStack, *, kubeconfig: bool = False) -> Server:
        command, environment = self._commands[name]
        self._runs += 1
        file = self.folder / f"{name}-{self._runs}.Corefile"
        config = self.folder / f"{name}-{self._runs}.kubeconfig" if kubeconfig else None
        port = write_corefile(file, api, self._upstream.port, config)
        log = file.with_suffix(".log")
        begun = time.monotonic()
        program = stack.enter_context(Program([*command, str(file)], self._server_core, log, environment))

        def pause() -> None:
            program.check()
            time.sleep(POLL)

        with Asker(port) as asker:
            asker.wait(service_name(0), "A", lambda reply: answers(reply) > 0, START_PATIENCE, pause)
            missing = "missing.ns-1.svc.cluster.local"
            moment = asker.wait(missing, "A", lambda reply: rcode(reply) == 3, START_PATIENCE, pause)
        return Server(program, port, api, moment - begun)

    def _questions(self, load: Load, size: Size) -> Path:
        """A file of questions; of fresh ones a new one each time."""
        lines = load.lines * (self.plan.seconds if load.fresh else 1)
        self._runs += 1
        file = self.folder / f"{load.name}-{size.services}{f'-{self._runs}' if load.fresh else ''}.txt"
        return write_questions(load.questions(size, lines, self._runs if load.fresh else 1), file)

    def _load(self, load: Load, size: Size, servers: Mapping[str, Server], lost: Figure) -> None:
        figure = self._figure(load.text, "us CPU/query", *load.targets)
        names = [name for name in (DUALDNS, COREDNS, FLOOR) if name in servers and not (load.tcp and name == FLOOR)]
        questions = self._questions(load, size)
        if not load.fresh:
            several = load.lines >= MANY and not load.tcp
            first = self._figure("... when first asked", "us CPU/query") if several else None
            self._ask_through(load, servers, questions, first)
        for _ in range(self.plan.repeats):
            for name in names:
                if load.fresh and name != FLOOR:
                    questions.unlink()
                    questions = self._questions(load, size)
                cost, report = self._cost(servers[name], load, questions)
                figure.add(name, cost)
                if not load.tcp:
                    lost.add(name, report.lost)
                codes = ", ".join(f"{code} {count}" for code, count in report.codes.items())
                rate = report.completed / report.seconds
                self.say(f"{load.text}: {name}: {cost:.2f} us/query, {rate:,.0f}/s, lost {report.lost}, {codes}")

    def _ask_through(
        self, load: Load, servers: Mapping[str, Server], questions: Path, first: Figure | None = None
    ) -> None:
        """Asks all questions twice before they count: dualdns keeps a reply the first time, a denial the second.

        `first` takes what the first time cost.
        """
        for _ in range(2):
            for name in self._commands:
                cost, _ = self._cost(servers[name], load, questions, once=True)
                if first is not None and name not in first.samples:
                    first.add(name, cost)

    def _cost(self, server: Server, load: Load, questions: Path, *, once: bool = False) -> tuple[float, dnsperf.Report]:
        """Microseconds of the server's CPU for each query of one run, or of asking all questions once."""
        before = server.program.cpu_seconds()
        seconds = WARMING if once else self.plan.seconds
        report = dnsperf.run(server.port, questions, seconds, tcp=load.tcp, once=once)
        spent = server.program.cpu_seconds() - before
        return spent * 1e6 / max(1, report.completed), report

    def _changes(self, servers: Mapping[str, Server], text: str) -> None:
        """From the moment the API tells of a change to the first changed answer."""
        middle = self._figure(f"API change to changed answer, {text}, median", "ms", Target(1.2))
        slow = self._figure("... the slowest of 100", "ms", Target(2.0))
        every: dict[str, list[float]] = {}
        for turn in range(self.plan.repeats):
            for name in self._commands:
                taken = change_times(servers[name], self.plan.changes, turn)
                every.setdefault(name, []).extend(taken)
                middle.add(name, percentile(taken, 0.5))
        for name, taken in every.items():
            slow.add(name, percentile(taken, 0.99))


def change_times(server: Server, times: int, turn: int) -> list[float]:
    """Milliseconds from each change of a Service's address to the first reply with it; one question after the other."""
    host, _, port = server.api.removeprefix("http://").partition(":")
    api = http.client.HTTPConnection(host, int(port))
    taken = []
    with Asker(server.port) as asker:
        for number in range(times):
            address = str(FIRST_CHANGED_IP + turn * times + number)
            change = [{"type": "MODIFIED", "object": service(CHANGED, address)}]
            api.request("POST", "/mutate", json.dumps(change))
            told = json.loads(api.getresponse().read())["time"]
            wanted = partial(_holds, ip_address(address).packed)
            seen = asker.wait(service_name(CHANGED), "A", wanted, CHANGE_PATIENCE)
            taken.append((seen - told) * 1000)
    api.close()
    return taken


def _holds(part: bytes, reply: bytes) -> bool:
    return part in reply


def default_dualdns() -> list[str]:
    """dualdns as this interpreter finds it."""
    return [sys.executable, "-m", "resolver"]
