"""Scenarios: every one that is promised is there, whole, and shows what its story tells."""

from collections.abc import Sequence
from pathlib import Path

import dns.message
import pytest
import yaml

import resolver.scenarios
from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.faults.fault import Fault
from resolver.faults.fault_list import FaultList
from resolver.scenarios.playing import Playing
from resolver.scenarios.scenario import UnknownScenario, scenario, scenario_names
from resolver.server.configuration import Source
from resolver.server.embedded import Embedded, EmbeddedOptions
from resolver.server.feeds import Feeds
from resolver.server.server import Server
from tests.support.exchanges import Stream, over_tcp, over_udp, packet
from tests.support.log_lines import LogLines

PROMISED = [
    "broken-aaaa",
    "flapping-headless",
    "lost-second-reply",
    "nxdomain-instead-of-nodata",
    "search-path-storm",
    "server-restart",
    "slow-ipv6",
    "stale-endpoint",
    "truncated-headless",
    "unroutable-ipv6",
]
FOLDER = Path(resolver.scenarios.__file__).parent


def test_there_are_the_scenarios_that_are_promised() -> None:
    assert scenario_names() == PROMISED


@pytest.mark.parametrize("name", PROMISED)
def test_a_scenario_is_whole(name: str) -> None:
    found = scenario(name)
    assert found.name == name
    assert all((found.title, found.story, found.client, found.tries, found.manifest, found.faults))
    for line in found.tries:
        assert "{" not in line.format(address="127.0.0.1", port=1053)
    assert max(len(line) for line in (found.title, *found.story.splitlines(), *found.client.splitlines())) <= 120
    assert [fault.describe() for fault in found.make_faults("corp.test")] != []
    for step in found.steps:
        assert step.say
        for words in step.faults:
            Fault.from_words(words)


@pytest.mark.parametrize("name", PROMISED)
def test_a_file_has_no_member_that_nobody_reads(name: str) -> None:
    members = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    known = {"title", "story", "client", "tries", "faults", "manifest", "steps", "repeat", "hosts"}
    assert members.keys() <= known
    for step in members.get("steps", ()):
        assert step.keys() <= {"after", "say", "clear", "apply", "scale", "faults"}


@pytest.mark.parametrize(
    ("name", "part"), [("broken-aaa", "did you mean broken-aaaa"), ("", "there are broken-aaaa, "), ("../x", "no scen")]
)
def test_an_unknown_scenario_is_told_which_there_are(name: str, part: str) -> None:
    with pytest.raises(UnknownScenario, match=part):
        scenario(name)


# -- what they show ---------------------------------------------------------------------------------------------------


class Stage:
    """A scenario played on a whole server, without the time between its steps."""

    def __init__(self, name: str) -> None:
        self.scenario = scenario(name)
        self.output = LogLines()
        self.faults = FaultList()
        self.embedded = Embedded(EmbeddedOptions({"with_kube_dns": True}), self.output.log)
        source = Source("the scenario", self.scenario.corefile("127.0.0.1"), by_options=True)
        feeds = Feeds(self.embedded, "", "", self.output.log)
        self.server = Server(source, self.output.log, feeds.make, faults=self.faults)
        self.said: list[str] = []

    async def __aenter__(self) -> "Stage":
        await self.embedded.start()
        self.playing = Playing(self.scenario, self.cluster, self.faults, self.said.append)
        await self.playing.prepare()
        await self.server.start()
        self.playing.begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.stop(0.0)
        await self.embedded.stop()

    @property
    def cluster(self) -> EmbeddedCluster:
        return self.embedded.source.cluster

    async def take(self, number: int) -> None:
        await self.playing.take(self.scenario.steps[number])

    async def ask(self, name: str, qtype: str = "A", times: int = 1, *, late: int = 0) -> list[str]:
        """What came back over UDP, each as its rcode and records."""
        packets = [packet(name, qtype, id=number) for number in range(times)]
        replies = await over_udp(self.server.ports()[0], *packets, sentinel="10.in-addr.arpa", late=late)
        return [told(reply) for reply in replies]

    async def ask_over_tcp(self, name: str, qtype: str = "A") -> Stream:
        return await over_tcp(self.server.ports()[0], packet(name, qtype), sentinel="10.in-addr.arpa")


def told(message: bytes) -> str:
    reply = dns.message.from_wire(message)
    data = [str(item) for group in reply.answer for item in group]
    return " ".join(
        [reply.rcode().to_text(reply.rcode()), *(["TC"] if "TC" in dns.flags.to_text(reply.flags) else []), *data]
    )


WEB = "web.shop.svc.cluster.local"
DB = "db.shop.svc.cluster.local"
GOOD_A, GOOD_AAAA = ["NOERROR 10.96.0.20"], ["NOERROR fd00:10:96::14"]


async def test_broken_aaaa() -> None:
    async with Stage("broken-aaaa") as stage:
        assert (await stage.ask(WEB), await stage.ask(WEB, "AAAA", 2)) == (GOOD_A, ["SERVFAIL"] * 2)


async def test_lost_second_reply() -> None:
    async with Stage("lost-second-reply") as stage:
        for _ in range(2):
            assert await stage.ask(WEB) == GOOD_A
            assert await stage.ask(WEB, "AAAA", 3) == GOOD_AAAA * 2
            await stage.take(0)
        assert len(stage.faults.faults) == 1
        assert stage.said == ["the next AAAA question is lost again"] * 2


async def test_slow_ipv6() -> None:
    async with Stage("slow-ipv6") as stage:
        assert await stage.ask(WEB) == GOOD_A
        assert await stage.ask(WEB, "AAAA") == []


async def test_unroutable_ipv6() -> None:
    async with Stage("unroutable-ipv6") as stage:
        assert await stage.ask(WEB) == GOOD_A
        assert await stage.ask(WEB, "AAAA") == ["NOERROR 2001:db8:dead::1"]


async def test_flapping_headless() -> None:
    async with Stage("flapping-headless") as stage:
        assert [len(each.split()) for each in await stage.ask(DB, "A", 3)] == [4, 4, 1]
        await stage.take(0)
        assert await stage.ask(DB, "AAAA") == ["NXDOMAIN"]
        await stage.take(1)
        assert len((await stage.ask(f"db-0.{DB}"))[0].split()) == 2


async def test_truncated_headless() -> None:
    async with Stage("truncated-headless") as stage:
        name = "crowd.shop.svc.cluster.local"
        assert await stage.ask(name) == ["NOERROR TC"]
        (reply,) = (await stage.ask_over_tcp(name)).frames
        assert len(told(reply).split()) == 81


async def test_stale_endpoint() -> None:
    async with Stage("stale-endpoint") as stage:
        before = sorted((await stage.ask(DB))[0].split())
        await stage.take(0)
        assert sorted((await stage.ask(DB))[0].split()) == before
        stage.playing.end()
        assert len((await stage.ask(DB))[0].split()) == 2


async def test_nxdomain_instead_of_nodata() -> None:
    async with Stage("nxdomain-instead-of-nodata") as stage:
        name = "stock.shop.svc.cluster.local"
        assert (await stage.ask(name), await stage.ask(name, "AAAA")) == (["NOERROR 10.96.0.30"], ["NXDOMAIN"])


async def test_search_path_storm() -> None:
    async with Stage("search-path-storm") as stage:
        assert await stage.ask("api.example.com.shop.svc.cluster.local") == []
        assert await stage.ask("api.example.com.cluster.local", late=1) == ["NXDOMAIN"]
        assert await stage.ask("api.example.com", "AAAA") == ["NOERROR 2001:db8::10"]


async def test_server_restart() -> None:
    async with Stage("server-restart") as stage:
        port = stage.server.ports()[0]
        drop, reset, _ = stage.faults.faults
        stream = await stage.ask_over_tcp(WEB)
        assert (stream.frames, stream.reset) == ([], True)
        assert drop.seen == 0
        for fault in (drop, reset):
            stage.faults.remove(fault.id)
        assert told((await answers(port, 1))[0]) == "SERVFAIL"
        stage.playing.end()
        assert await stage.ask(WEB) == GOOD_A


async def answers(port: int, count: int) -> Sequence[bytes]:
    """So many replies where the sentinel is broken too."""
    return await over_udp(port, packet(WEB), sentinel=WEB)


async def test_what_is_dropped_by_a_restart_is_dropped_for_everybody() -> None:
    async with Stage("server-restart") as stage:
        await stage.take(0)
        assert [fault.describe() for fault in stage.faults.faults] == [
            "** drop for 3s protocol udp",
            "** tcp-reset for 3s",
            "** rcode SERVFAIL for 5s",
        ]
