"""``python -m tests.clients``: real programs ask for a name while the server goes wrong; prints what each made of it.

Needs Linux and root: everything happens in network and mount namespaces of its own, with a resolv.conf as in a Pod and
the Service's addresses on the loopback interface, where a page is served. Takes some minutes, for clients wait long.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import AF_INET6
from threading import Thread

from resolver.faults.words import arguments
from resolver.scenarios.scenario import scenario
from resolver.testing import DnsServer, running
from tests.clients.clients import Client, clients

SCENARIOS = ("broken-aaaa", "slow-ipv6", "lost-second-reply")
INSIDE = "DUALDNS_CLIENTS_INSIDE"
PATIENCE = 60  # seconds for one run of a client
NAMESPACE = "shop"
NAME = "web"
WHOLE_NAME = f"{NAME}.{NAMESPACE}.svc.cluster.local"
COREFILE = """.:53 {
    bind 127.0.0.1
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
    }
}
"""
RESOLV_CONF = f"""search {NAMESPACE}.svc.cluster.local svc.cluster.local cluster.local
nameserver 127.0.0.1
options ndots:5
"""


@dataclass(frozen=True)
class Outcome:
    """What one client made of one scenario."""

    found: Sequence[str]
    problem: str
    seconds: float
    asked: Sequence[str]


class Page(BaseHTTPRequestHandler):
    """Says which address it was reached at."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Server-Address", self.connection.getsockname()[0])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


class Pages(ThreadingHTTPServer):
    daemon_threads = True


class Pages6(Pages):
    address_family = AF_INET6


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.clients", description=__doc__)
    parser.add_argument("scenarios", nargs="*", default=["none", *SCENARIOS], metavar="SCENARIO")
    parser.add_argument("--only", default="", metavar="TEXT", help="clients whose name has this in it")
    options = parser.parse_args()
    if os.environ.get(INSIDE):
        return _inside(options.scenarios, options.only)
    for program in ("unshare", "ip", "mount"):
        if shutil.which(program) is None:
            print(f"tests.clients: there is no {program}", file=sys.stderr)
            return 1
    again = ["unshare", "--net", "--mount", sys.executable, "-m", "tests.clients", *sys.argv[1:]]
    return subprocess.run(again, env={**os.environ, INSIDE: "1"}, check=False).returncode


def _inside(names: Sequence[str], only: str) -> int:
    with tempfile.TemporaryDirectory(prefix="dualdns-clients-") as folder, ExitStack() as stack:
        _set_up(Path(folder))
        all_clients = [client for client in clients(Path(folder)) if only in client.name]
        for name in names:
            print(f"\n### {name}\n\n| client | found | seconds | asked |\n|---|---|---|---|", flush=True)
            for client in all_clients:
                with running(corefile=COREFILE) as server:  # each its own: late replies to one are nobody else's
                    _serve_pages(server, name, stack)
                    print(_row(client, _try(client, name, server)), flush=True)
    return 0


def _set_up(folder: Path) -> None:
    """The loopback interface and the resolv.conf of this namespace."""
    _run("ip", "link", "set", "lo", "up")
    written = folder / "resolv.conf"
    written.write_text(RESOLV_CONF)
    _run("mount", "--bind", str(written), "/etc/resolv.conf")


def _serve_pages(server: DnsServer, name: str, stack: ExitStack) -> None:
    """The scenario's Services; their addresses on this host, and a page at each."""
    manifest = scenario(name if name != "none" else SCENARIOS[0]).manifest
    services = [each["spec"] for each in server.apply(manifest) if each["kind"] == "Service"]
    for address in (address for spec in services for address in spec["clusterIPs"]):
        six = ":" in address
        shown = subprocess.run(["ip", "addr", "show", "lo"], capture_output=True, text=True, check=True).stdout
        if f" {address}/" not in shown:
            _run("ip", "-6" if six else "-4", "addr", "add", f"{address}/{128 if six else 32}", "dev", "lo")
            pages = stack.enter_context((Pages6 if six else Pages)((address, 80), Page))
            stack.callback(pages.shutdown)
            Thread(target=pages.serve_forever, daemon=True).start()


def _try(client: Client, name: str, server: DnsServer) -> Outcome:
    lines = scenario(name).faults if name != "none" else ()
    faults = [arguments(words, server.fault) for words in lines]
    server.forget_queries()
    begun = time.monotonic()
    try:
        done = subprocess.run(
            [*client.command, NAME if client.searches else WHOLE_NAME],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env={**os.environ, **client.environment},
            check=False,
        )
        found, problem = done.stdout.split(), done.stderr.strip().split("\n")[-1] if done.returncode else ""
    except subprocess.TimeoutExpired:
        found, problem = [], f"nothing within {PATIENCE} s"
    taken = time.monotonic() - begun
    asked = [f"{each.type} {each.name.partition('.')[2]}" for each in server.queries()]
    for fault in faults:
        fault.remove()
    return Outcome(list(dict.fromkeys(found)), problem, taken, asked)


def _row(client: Client, outcome: Outcome) -> str:
    types: dict[str, int] = {}
    for each in outcome.asked:
        kind = each.split()[0]
        types[kind] = types.get(kind, 0) + 1
    asked = ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in sorted(types.items()))
    families = ["IPv6" if ":" in address else "IPv4" for address in outcome.found]
    found = ("page over " if client.pages else "") + ", ".join(dict.fromkeys(families))
    return f"| {client.name} | {found if families else outcome.problem} | {outcome.seconds:.1f} | {asked} |"


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
