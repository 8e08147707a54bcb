"""The program on kubeadm's Corefile, as a process: its API server is a stand-in, its upstream a stub."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
import dns.asyncquery
import dns.message
from prometheus_client.parser import text_string_to_metric_families

from tests.support.api_server import ApiServer
from tests.support.commands import PATIENCE, Command, running
from tests.support.example_zone import respond
from tests.support.stub_upstream import unused_port, upstream

COREFILE: Final = Path(__file__).parents[2] / "config" / "corefiles" / "kubeadm.Corefile"
_TRIES: Final = 5


@dataclass
class Kubeadm:
    """A running program, the port of its DNS, and those of its pages by name."""

    command: Command
    port: int
    pages: dict[str, int]

    async def ask(self, name: str, rtype: str = "A", *, tcp: bool = False, do: bool = False) -> dns.message.Message:
        query = dns.message.make_query(name, rtype, want_dnssec=do)
        send = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
        return await send(query, "127.0.0.1", timeout=PATIENCE, port=self.port)

    async def records(self, name: str, rtype: str = "A") -> list[str]:
        """The data of all records of an answer, or the rcode where there is none."""
        reply = await self.ask(name, rtype)
        return sorted(str(item) for rrset in reply.answer for item in rrset) or [reply.rcode().name]

    async def until_answered(self, name: str, *expected: str) -> None:
        """Asks until these are the A records."""
        async with asyncio.timeout(PATIENCE):
            while await self.records(name) != list(expected):
                continue

    async def page(self, name: str) -> tuple[int, str]:
        """Status and body of ``health``, ``ready`` or ``metrics``."""
        url = f"http://127.0.0.1:{self.pages[name]}/{name}"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status, await response.text()

    async def metrics(self) -> dict[str, dict[str, float]]:
        """Values by name and then labels, of all that Prometheus would read."""
        found: dict[str, dict[str, float]] = {}
        for family in text_string_to_metric_families((await self.page("metrics"))[1]):
            for sample in family.samples:
                labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
                found.setdefault(sample.name, {})[labels] = sample.value
        return found

    def lines(self, word: str) -> list[str]:
        """Lines with this word that have been read so far."""
        return [line for line in self.command.lines if word in line]


def corefile(pages: dict[str, int], forward_to: str, kubernetes: str = "") -> str:
    """kubeadm's, with its ports moved, another upstream, and more lines for the kubernetes block."""
    text = COREFILE.read_text()
    for old, new in (
        (".:53 {", ". {"),
        ("health {", f"health 127.0.0.1:{pages['health']} {{"),
        ("    ready\n", f"    ready 127.0.0.1:{pages['ready']}\n"),
        ("prometheus :9153", f"prometheus 127.0.0.1:{pages['metrics']}"),
        ("/etc/resolv.conf", forward_to),
        ("       ttl 30\n", f"       ttl 30\n{kubernetes}\n"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def kubeconfig(url: str) -> str:
    cluster = {"name": "here", "cluster": {"server": url}}
    context = {"name": "here", "context": {"cluster": "here", "user": "me"}}
    user = {"name": "me", "user": {"token": "secret"}}
    return json.dumps({"clusters": [cluster], "contexts": [context], "users": [user], "current-context": "here"})


@asynccontextmanager
async def kubeadm(api: ApiServer, folder: Path, *, kubernetes: str = "") -> AsyncIterator[Kubeadm]:
    """Starts ``dualdns serve -conf Corefile -dns.port 0 --kubeconfig FILE`` and kills it in the end."""
    config = folder / "config"
    config.write_text(kubeconfig(api.url))
    path = folder / "Corefile"
    async with upstream(respond) as stub:
        for tries_left in reversed(range(_TRIES)):
            pages = {name: unused_port() for name in ("health", "ready", "metrics")}
            path.write_text(corefile(pages, stub.address, kubernetes))
            async with running("serve", "-conf", str(path), "-dns.port", "0", "--kubeconfig", str(config)) as command:
                started = await command.until(r"^\.:(\d+)$|is taken by")
                if started[1] is None and tries_left:  # somebody else took the port of a page first
                    continue
                yield Kubeadm(command, int(started[1]), pages)
                return
