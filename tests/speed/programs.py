"""The programs under measurement: started on a core of their own, watched through /proc, ended by their id."""

import os
import re
import select
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

CHECKOUT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")

COREFILE = """.:{port} {{
    errors
    health 127.0.0.1:{health} {{
       lameduck 5s
    }}
    ready 127.0.0.1:{ready}
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
       {source}
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }}
    prometheus 127.0.0.1:{metrics}
    forward . 127.0.0.1:{upstream} {{
       max_concurrent 1000
    }}
    cache 30 {{
       disable success cluster.local
       disable denial cluster.local
    }}
    loop
    reload
    loadbalance
}}
"""
"""kubeadm's, but for the addresses: status pages on loopback, an API server and an upstream of the bench's own."""

KUBECONFIG = """apiVersion: v1
kind: Config
current-context: bench
clusters: [{{name: bench, cluster: {{server: "{server}"}}}}]
contexts: [{{name: bench, context: {{cluster: bench, user: bench}}}}]
users: [{{name: bench, user: {{token: none}}}}]
"""


class Missing(Exception):
    """Something the bench cannot do without is not there; the message says what to install."""


def require(*names: str) -> None:
    """Raises Missing where a command is not on the PATH."""
    for name in names:
        if shutil.which(name) is None:
            raise Missing(f"{name} is not on the PATH; the bench needs it")


def two_cores() -> tuple[int, int]:
    """A core for the server and one for what loads it. Raises Missing."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise Missing("the bench needs two cores: one for the server, one for what loads it")
    return cores[0], cores[1]


class Program:
    """A process and its children, on one core if it is told which. Ends with the `with` block.

    It prints to its log, or, where it `announces` something in its first line, to us.
    """

    def __init__(
        self,
        command: Sequence[str],
        core: int | None,
        log: Path,
        environment: dict[str, str] | None = None,
        *,
        announces: bool = False,
    ) -> None:
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*(("taskset", "-c", str(core)) if core is not None else ()), *command],
                stdout=subprocess.PIPE if announces else out,
                stderr=out,
                cwd=CHECKOUT,
                env={**os.environ, **(environment or {})},
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def announced(self, seconds: float) -> str:
        """The first line the program prints. Raises Missing where none comes."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline().decode() if ready else ""
        if not line.strip():
            raise Missing(f"{self.process.args!r} did not start: {self._log.read_text()[-500:]}")
        return line

    def check(self) -> None:
        """Raises Missing where the program has ended by itself."""
        if self.process.poll() is not None:
            raise Missing(f"{self.process.args!r} ended by itself: {self._log.read_text()[-500:]}")

    def _tree(self) -> list[int]:
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in task.read_text().split()]
        return found

    def cpu_seconds(self) -> float:
        """User and system time of the process tree so far."""
        ticks = 0
        for pid in self._tree():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def memory(self, field: str = "VmRSS") -> float:
        """Resident MiB of the process tree; ``VmHWM`` is the most there was."""
        kib = 0
        for pid in self._tree():
            match = re.search(rf"{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
            kib += int(match[1]) if match else 0
        return kib / 1024


def free_port() -> int:
    """A port free for UDP and TCP on all addresses, as far as anybody can tell."""
    while True:
        with socket.socket(socket.AF_INET6) as tcp, socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
            tcp.bind(("::", 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind(("::", port))
            except OSError:
                continue
            return port


def write_corefile(file: Path, api: str, upstream: int, kubeconfig: Path | None = None) -> int:
    """kubeadm's Corefile for this API; with a kubeconfig, through that. Returns the port it listens on."""
    source = f"endpoint {api}"
    if kubeconfig is not None:
        kubeconfig.write_text(KUBECONFIG.format(server=api))
        source = f"kubeconfig {kubeconfig} bench"
    port = free_port()
    pages = {name: free_port() for name in ("health", "ready", "metrics")}
    file.write_text(COREFILE.format(port=port, source=source, upstream=upstream, **pages))
    return port


def api_stand_in(folder: Path, worlds: int, core: int | None, log: Path) -> tuple[Program, list[str]]:
    """The API of a cluster on disk, and the URL of each of its worlds."""
    command = [sys.executable, "-m", "tests.speed.api_stand_in", str(folder), "--worlds", str(worlds)]
    program = Program(command, core, log, announces=True)
    return program, [f"http://127.0.0.1:{port}" for port in program.announced(120).split()]


def compile_echo(folder: Path) -> Path | None:
    """The floor, compiled; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    built = folder / "echo"
    subprocess.run([compiler, "-O2", "-o", str(built), str(Path(__file__).with_name("echo.c"))], check=True)
    return built


class Upstream:
    """A name server that knows no name, for `forward`: without one a server would retry and log."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            packet, asker = self._socket.recvfrom(4_096)
            if not packet:
                self._socket.close()
                return
            question = packet[12 : packet.index(0, 12) + 5]
            self._socket.sendto(packet[:2] + b"\x81\x83\0\x01\0\0\0\0\0\0" + question, asker)

    def close(self) -> None:
        """An empty datagram ends it."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
