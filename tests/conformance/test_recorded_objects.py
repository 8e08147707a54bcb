"""The recorded clusters as manifests for the embedded one, taken by its rules: its answers are CoreDNS 1.15.0's."""

import json
import re
from pathlib import Path
from string import Template
from typing import Any

import pytest

from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.server import instance
from tests.support.answer_text import SECTIONS, ask, differences
from tests.support.example_zone import respond
from tests.support.matrix_corners import dualdns
from tests.support.stub_upstream import upstream

RECORDED = Path(__file__).parent / "recorded"
SCENARIOS = sorted(path.name for path in RECORDED.iterdir() if path.is_dir())
ASKED: dict[str, dict[str, Any]] = {"plain-edns": {"edns": 1232}, "plain-tcp": {"tcp": True}}
RANGES = {"seed": ("10.0.0.0/24", "fd00::/108")}
DEFAULT_RANGES = ("10.96.0.0/16", "fd00:10:96::/112")
ADDRESSES = [("lo", "127.0.0.1"), ("eth0", "192.0.2.2"), ("eth0", "fd00::2"), ("eth0", "fe80::fc:ff:fe00:1%eth0")]
"""Of the machine that was recorded."""


LONG, SHORT = ("fc00:0:0:db4d:", "fc00-0-0-db4d-"), ("fc00::db4d:", "fc00--db4d-")
"""An address kube-apiserver takes in its short form only since 1.36, and the name made of it."""
UNKNOWN = ('{"q": "fc00--db4d-', '{"q": "3.8.1.a.9.9.b.3.d.2.0.4.2.f.2.f.d.4.b.d.0.0.0.0.0.0.0.0.0.0.c.f.ip6.arpa.')
"""Questions about the short form, of which the recorded server knew nothing."""


def lines(path: Path) -> list[dict[str, Any]]:
    """With short forms for long ones, and without questions about these."""
    text = path.read_text()
    kept = (line for line in text.splitlines() if not line.startswith(UNKNOWN))
    return [json.loads(line.replace(LONG[0], SHORT[0]).replace(LONG[1], SHORT[1])) for line in kept]


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_manifests_of_a_recorded_cluster_give_its_answers(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "interfaces", lambda: ADDRESSES)
    folder = RECORDED / scenario
    corefile = re.sub(r"\n *endpoint .*", "", (folder / "Corefile").read_text())
    ranges = RANGES.get(scenario, DEFAULT_RANGES)
    async with EmbeddedCluster(service_cidrs=ranges, simulate=False) as cluster, upstream(respond) as stub:
        await cluster.delete("endpointslice", "kubernetes")  # the recorded cluster had none
        for item in lines(folder / "objects.jsonl"):
            await cluster.apply([item])
        ports = {"PORT": 0, "HEALTH": 0, "READY": 0, "METRICS": 0, "STUB": stub.port}
        async with dualdns(cluster, Template(corefile).substitute(ports)) as port:
            wrong = []
            for expected in lines(folder / "answers.jsonl"):
                for section in SECTIONS:
                    expected[section] = sorted(expected.get(section) or [])
                found = await ask(expected["q"], "127.0.0.1", port, **ASKED.get(scenario, {}))
                if different := differences(expected, found, cached="cache " in corefile):
                    wrong.append((expected["q"], different))
    assert wrong == []
