"""Every recorded answer of CoreDNS 1.15.0, asked of a whole server over sockets that watches an API."""

import io
import json
from pathlib import Path
from string import Template

import pytest

from resolver.server import instance
from resolver.server.configuration import Source
from resolver.server.feeds import Feeds
from resolver.server.log import Log
from resolver.server.server import Server
from tests.support.answer_text import ask, differences
from tests.support.api_server import ApiServer
from tests.support.example_zone import respond
from tests.support.stub_upstream import upstream

RECORDED = Path(__file__).parent / "recorded"
ASKED = {"plain-edns": {"edns": 1232}, "plain-tcp": {"tcp": True}}
SCENARIOS = sorted(path.name for path in RECORDED.iterdir() if path.is_dir())
RECORDED_ADDRESSES = [
    ("lo", "127.0.0.1"),
    ("eth0", "192.0.2.2"),
    ("eth0", "fd00::2"),
    ("eth0", "fe80::fc:ff:fe00:1%eth0"),
]


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_answers_are_those_of_coredns(scenario, monkeypatch):
    monkeypatch.setattr(instance, "interfaces", lambda: RECORDED_ADDRESSES)
    folder = RECORDED / scenario
    corefile = Template((folder / "Corefile").read_text())
    cached = "cache " in corefile.template
    log = Log(stream=io.StringIO())
    async with (
        ApiServer(lines(folder / "objects.jsonl"), selectors=True) as api,
        upstream(respond) as stub,
    ):
        ports = {"PORT": 0, "HEALTH": 0, "READY": 0, "METRICS": 0, "STUB": stub.port}
        text = corefile.substitute(ports, API=api.url.rpartition(":")[2])
        server = Server(Source("Corefile", text), log, Feeds((), "", "", log).make)
        await server.start()
        try:
            assert all(cluster.inventory.synced for cluster in server.instance.clusters.clusters())
            wrong = []
            for expected in lines(folder / "answers.jsonl"):
                found = await ask(expected["q"], "127.0.0.1", server.ports()[0], **ASKED.get(scenario, {}))
                different = differences(expected, found, cached=cached)
                if different:
                    wrong.append((expected["q"], different))
            assert wrong == []
        finally:
            await server.stop()
