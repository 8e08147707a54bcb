"""``python -m tests.speed.control_plane``: the embedded cluster beside a real kube-apiserver, and how it grows.

Creates from 8 clients; what a create costs at 100 and at 100,000 Services; memory; a folder of manifests to its first
answer; an apply to its first answer. The server is on one core, its clients on another; a real kube-apiserver and its
etcd have both.
"""

import argparse
import http.client
import json
import os
import ssl
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from tests.speed.asking import Asker, NeverSaid, answers
from tests.speed.bench import default_dualdns
from tests.speed.creating import PATH, Creates, NotCreated, create, service
from tests.speed.programs import Missing, Program, free_port, two_cores
from tests.speed.report import DUALDNS, KUBE_APISERVER, Figure, Target, percentile, table
from tests.support.real_api import TOKEN, RealApi, missing_program

START_PATIENCE = 90.0  # seconds
POLL = 0.002  # seconds between two questions to a server that is starting
COUNTED = 1_000  # creates whose CPU time is taken, at each size
RANGES = "10.0.0.0/12,fd00:10:96::/108"  # room for more than 100,000 Services


@dataclass(frozen=True)
class Plan:
    """How many Services to create on each server, and how often to repeat what is short."""

    creates: int
    real_creates: int
    large: int
    manifests: int
    applies: int
    repeats: int


@dataclass
class ClusterBench:
    """Carries out a plan in a folder of its own."""

    plan: Plan
    folder: Path
    cores: tuple[int, int]
    figures: list[Figure] = field(default_factory=list)

    def run(self) -> list[Figure]:
        """All of it. Raises Missing, NotCreated, NeverSaid."""
        self._creates()
        if self.plan.large:
            self._large()
        self._first_answer()
        self._apply_to_answer()
        return self.figures

    def _figure(self, name: str, unit: str, *targets: Target) -> Figure:
        figure = Figure(name, unit, targets)
        self.figures.append(figure)
        return figure

    def _cluster(self, stack: ExitStack, *arguments: str) -> tuple[Program, str]:
        """An embedded cluster with an API; where that is."""
        command = [*default_dualdns(), "cluster", "--api", "0", "--service-cluster-ip-range", RANGES, *arguments]
        log = self.folder / "cluster.log"
        program = stack.enter_context(Program(command, self.cores[0], log, announces=True))
        line = program.announced(START_PATIENCE)
        return program, next(word.strip(",") for word in line.split() if word.startswith("http"))

    def _creates(self) -> None:
        plan = self.plan
        pace = self._figure(
            f"{plan.creates:,} creates from 8 clients", "ms each", Target(10.0, KUBE_APISERVER, times=True)
        )
        middle = self._figure("... median", "ms")
        slowest = self._figure("... the slowest", "medians", Target(50, ""))
        memory = self._figure("... memory then", "MiB", Target(300, ""))
        with ExitStack() as stack:
            program, url = self._cluster(stack)
            create(url, 0, 50)
            done = create(url, 50, plan.creates)
            _add(DUALDNS, done, (pace, middle, slowest))
            memory.add(DUALDNS, program.memory())
        if missing_program():
            print(f"no comparison with kube-apiserver: {missing_program()}", file=sys.stderr)
            return
        real = RealApi(self.folder)
        os.sched_setaffinity(0, self.cores)
        try:
            real.prepare()
            real.start()
            _wait_until_ready(real)
            create(real.url, 0, 50, TOKEN)
            done = create(real.url, 50, plan.real_creates, TOKEN)
            _add(KUBE_APISERVER, done, (pace, middle, slowest))
        finally:
            real.stop()
            os.sched_setaffinity(0, {self.cores[1]})

    def _large(self) -> None:
        size = self.plan.large
        costs = [self._figure(f"a create at {n:,} Services", "us CPU") for n in (100, size)]
        growth = self._figure("... growth", "times", Target(1.5, ""))
        memory = self._figure(f"memory with {size:,} Services", "MiB", Target(1024, ""))
        with ExitStack() as stack:
            program, url = self._cluster(stack)
            create(url, 0, 100)
            spent = []
            for figure, first in zip(costs, (100, size), strict=True):
                if first > 100:
                    create(url, 100 + COUNTED, first - 100 - COUNTED)
                before = program.cpu_seconds()
                create(url, first, COUNTED)
                spent.append((program.cpu_seconds() - before) / COUNTED * 1e6)
                figure.add(DUALDNS, spent[-1])
            growth.add(DUALDNS, spent[1] / spent[0])
            memory.add(DUALDNS, program.memory())

    def _first_answer(self) -> None:
        count = self.plan.manifests
        figure = self._figure(f"serve a folder of {count:,} manifests: first answer", "s", Target(2.0, ""))
        folder = self.folder / "manifests"
        folder.mkdir()
        for number in range(count):
            (folder / f"{number}.json").write_text(json.dumps(service(number)))
        for _ in range(self.plan.repeats):
            with ExitStack() as stack:
                port = free_port()
                command = [*default_dualdns(), "serve", str(folder), "--port", str(port)]
                begun = time.monotonic()
                program = stack.enter_context(Program(command, self.cores[0], self.folder / "serve.log"))
                seen = self._until_answered(program, port, f"bulk-{count - 1}.default.svc.cluster.local")
                figure.add(DUALDNS, seen - begun)

    @staticmethod
    def _until_answered(program: Program, port: int, name: str) -> float:
        def pause() -> None:
            program.check()
            time.sleep(POLL)

        with Asker(port) as asker:
            return asker.wait(name, "A", lambda reply: answers(reply) > 0, START_PATIENCE, pause)

    def _apply_to_answer(self) -> None:
        middle = self._figure("apply to first changed answer, median", "ms", Target(5.0, ""))
        slow = self._figure("... p99", "ms")
        with ExitStack() as stack:
            port, api = free_port(), free_port()
            command = [*default_dualdns(), "serve", "--api", str(api), "--port", str(port)]
            program = stack.enter_context(Program(command, self.cores[0], self.folder / "apply.log"))
            self._until_answered(program, port, "kubernetes.default.svc.cluster.local")
            taken = apply_times(api, port, self.plan.applies)
            middle.add(DUALDNS, percentile(taken, 0.5))
            slow.add(DUALDNS, percentile(taken, 0.99))


def apply_times(api: int, port: int, times: int) -> list[float]:
    """Milliseconds from sending each create of a Service to the first answer with its address."""
    connection = http.client.HTTPConnection("127.0.0.1", api)
    taken = []
    with Asker(port) as asker:
        for number in range(times):
            address = ip_address("10.96.128.0") + number
            wanted = service(number)
            wanted["spec"] = {"clusterIP": str(address), "ports": [{"port": 80}]}
            begun = time.monotonic()
            connection.request("POST", PATH, json.dumps(wanted), {"Content-Type": "application/json"})
            response = connection.getresponse()
            body = response.read()
            if response.status != http.client.CREATED:
                raise NotCreated(body.decode())
            name = f"bulk-{number}.default.svc.cluster.local"
            seen = asker.wait(name, "A", partial(_holds, address.packed), START_PATIENCE)
            taken.append((seen - begun) * 1000)
    connection.close()
    return taken


def _holds(part: bytes, reply: bytes) -> bool:
    return part in reply


def _add(program: str, done: Creates, figures: tuple[Figure, Figure, Figure]) -> None:
    middle = percentile(done.milliseconds, 0.5)
    values = 1000 / done.per_second, middle, max(done.milliseconds) / middle
    for figure, value in zip(figures, values, strict=True):
        figure.add(program, value)


def _wait_until_ready(real: RealApi) -> None:
    """Raises Missing where it does not get ready."""
    trust = ssl.create_default_context()
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    address = urlsplit(real.url)
    end = time.monotonic() + START_PATIENCE
    while time.monotonic() < end:
        connection = http.client.HTTPSConnection(address.hostname or "", address.port, context=trust, timeout=10)
        try:
            connection.request("GET", "/readyz", headers={"Authorization": f"Bearer {TOKEN}"})
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise Missing(f"kube-apiserver was not ready within {START_PATIENCE:g} s")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.speed.control_plane", description=__doc__)
    parser.add_argument("--creates", type=int, default=10_000)
    parser.add_argument("--real-creates", type=int, default=2_000, help="on kube-apiserver, where there is one")
    parser.add_argument("--large", type=int, default=100_000, help="0: leave this out")
    parser.add_argument("--manifests", type=int, default=1_000)
    parser.add_argument("--applies", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    try:
        cores = two_cores()
        os.sched_setaffinity(0, {cores[1]})  # ours, and what is started from here unless it says otherwise
        with tempfile.TemporaryDirectory(prefix="dualdns-speed-") as folder:
            print(table(ClusterBench(Plan(**vars(options)), Path(folder), cores).run(), [KUBE_APISERVER]))
    except (Missing, NotCreated, NeverSaid) as error:
        print(f"tests.speed.control_plane: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
