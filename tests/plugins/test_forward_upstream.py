import asyncio
from dataclasses import replace
from typing import Any

import pytest

from resolver import limits
from resolver.plugins.forward_channels import UpstreamFailed
from resolver.plugins.forward_settings import ForwardSettings
from resolver.plugins.forward_targets import Endpoint
from resolver.plugins.forward_upstream import Upstream, question_bytes
from resolver.plugins.metric_rows import Buckets, MetricRow
from resolver.wire import codes
from resolver.wire.message import parse_message
from resolver.wire.names import ROOT, name_from_text
from resolver.wire.peer import Network
from tests.support.fake_host import FakeHost
from tests.support.stub_upstream import StubUpstream, answering, silent, unused_port, upstream

WEB = name_from_text("web.shop")
QUESTION = question_bytes(codes.RD, WEB, codes.A, codes.IN)
ADDRESS = "web.shop. 30 IN A 10.0.0.1"
QUICK = ForwardSettings(probe_interval=0.001, read_timeout=0.001)


def upstream_at(stub: StubUpstream, settings: ForwardSettings | None = None) -> tuple[Upstream, FakeHost]:
    host = FakeHost()
    endpoint = Endpoint(stub.host, stub.port)
    return Upstream(endpoint, settings or ForwardSettings(), 1, host), host


async def ask(asked: Upstream, network: Network = "udp", limit: int = 512) -> Any:
    return await asked.exchange(QUESTION, network, limit, asyncio.get_running_loop().time() + 30)


def rows(asked: Upstream, name: str) -> dict[tuple[str, ...], Any]:
    """Values of a metric by the labels after proxy_name and to."""
    return {
        tuple(value for _, value in row.labels[2:]): row.value for row in asked.metrics() if row.name.endswith(name)
    }


@pytest.mark.parametrize("network", ["udp", "tcp"])
async def test_the_second_question_uses_the_socket_of_the_first(network: Network) -> None:
    async with upstream(answering(ADDRESS)) as stub:
        asked, _ = upstream_at(stub)
        for _ in range(2):
            assert len((await ask(asked, network)).answer) == 1
        asked.close()
    assert len({port for _, _, port in stub.seen}) == 1
    assert rows(asked, "cache_hits_total") == {(network,): 1}
    assert rows(asked, "cache_misses_total") == {(network,): 1}


async def test_durations_are_counted_by_rcode() -> None:
    async with upstream(answering(rcode=codes.NXDOMAIN)) as stub:
        asked, _ = upstream_at(stub)
        await ask(asked)
        stub.respond = answering(rcode=11)
        await ask(asked)
        asked.close()
    counted = rows(asked, "request_duration_seconds")
    assert set(counted) == {("NXDOMAIN",), ("DSOTYPENI",)}
    assert all(isinstance(value, Buckets) and sum(value.counts) == 1 for value in counted.values())
    assert next(iter(asked.metrics())).labels[:2] == (("proxy_name", "forward"), ("to", stub.address))


MANY = [f"web.shop. 30 IN A 10.0.0.{n}" for n in range(60)]


async def test_a_datagram_larger_than_the_asker_takes_counts_as_truncated_and_empty() -> None:
    async with upstream(answering(*MANY)) as stub:
        asked, _ = upstream_at(stub)
        message = await ask(asked, limit=512)
        asked.close()
    assert message.flags & codes.TC
    assert message.answer == []
    assert message.questions[0].name == WEB


async def test_a_datagram_that_ends_within_a_record_counts_as_truncated_and_empty() -> None:
    def cut(packet: bytes, network: str) -> list[bytes]:
        return [answering(ADDRESS)(packet, network)[0][:-2]]

    async with upstream(cut) as stub:
        asked, _ = upstream_at(stub)
        message = await ask(asked)
        assert message.flags & codes.TC
        assert message.answer == []
        with pytest.raises(UpstreamFailed, match=r"^dns: record data runs past the end of the message$"):
            await ask(asked, "tcp")
        asked.close()


async def test_over_tcp_size_is_no_matter() -> None:
    async with upstream(answering(*MANY)) as stub:
        asked, _ = upstream_at(stub)
        assert len((await ask(asked, "tcp")).answer) == 60
        asked.close()


def broken(packet: bytes, network: str) -> list[bytes]:
    reply = bytearray(answering(ADDRESS)(packet, network)[0])
    reply[-16:-14] = b"\xc0\xff"  # the owner points forwards
    return [bytes(reply)]


async def test_a_broken_datagram_counts_as_truncated_and_empty() -> None:
    async with upstream(broken) as stub:
        asked, _ = upstream_at(stub)
        message = await ask(asked)
        asked.close()
    assert message.flags & codes.TC
    assert (message.questions[0].name, message.answer) == (WEB, [])


async def test_a_broken_reply_over_tcp_is_a_failure_and_its_connection_is_not_used_again() -> None:
    async with upstream(broken) as stub:
        asked, _ = upstream_at(stub)
        for _ in range(2):
            with pytest.raises(UpstreamFailed, match=r"^dns: a compression pointer leads"):
                await ask(asked, "tcp")
        asked.close()
    assert stub.connections == 2


async def test_a_datagram_whose_very_question_is_broken_has_none() -> None:
    async with upstream(lambda packet, network: [packet[:14]]) as stub:
        asked, _ = upstream_at(stub)
        assert (await ask(asked)).questions == ()
        asked.close()


async def test_a_kept_connection_that_the_peer_closed_costs_the_question_nothing() -> None:
    async with upstream(answering(ADDRESS)) as stub:
        asked, _ = upstream_at(stub)
        await ask(asked, "tcp")
        stub.hang_up = True
        with pytest.raises(UpstreamFailed, match=r"^EOF$"):  # the kept one, then a new one that ends too
            await ask(asked, "tcp")
        assert stub.connections == 2
        stub.hang_up = False
        assert len((await ask(asked, "tcp")).answer) == 1
        asked.close()


async def test_connecting_takes_no_longer_than_the_deadline() -> None:
    async with upstream(silent) as stub:
        asked, _ = upstream_at(stub)
        with pytest.raises(UpstreamFailed, match="i/o timeout"):
            await asked.exchange(QUESTION, "tcp", 512, asyncio.get_running_loop().time() - 1)
        asked.close()


async def test_a_timeout_is_that_of_the_settings() -> None:
    async with upstream(silent) as stub:
        asked, _ = upstream_at(stub, QUICK)
        with pytest.raises(UpstreamFailed, match="i/o timeout"):
            await ask(asked)
        asked.close()


# -- health -----------------------------------------------------------------------------------------------------------


def gone() -> StubUpstream:
    return StubUpstream(port=unused_port())


async def test_an_upstream_is_down_after_more_failed_checks_than_max_fails_and_up_after_one_reply() -> None:
    async with upstream(answering()) as stub:
        asked, host = upstream_at(gone(), replace(QUICK, max_fails=2, probe_interval=0.5))
        seen: list[tuple[int, bool]] = []

        async def sleep(seconds: float) -> None:
            assert seconds == 0.5
            seen.append((asked.fails, asked.down))
            if len(seen) == 4:
                asked.endpoint = Endpoint(stub.host, stub.port)

        host.sleep = sleep  # type: ignore[method-assign]
        asked.check_health()
        asked.check_health()
        assert len(host.tasks) == 1
        await host.tasks[0]
        assert seen == [(1, False), (2, False), (3, True), (4, True)]
        assert (asked.fails, asked.down) == (0, False)
        assert rows(asked, "healthcheck_failures_total") == {(): 4}
        asked.check_health()
        assert len(host.tasks) == 2
        await host.stop()


async def test_checks_are_never_sent_without_a_pause() -> None:
    asked, host = upstream_at(gone(), replace(QUICK, probe_interval=0))
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        raise asyncio.CancelledError

    host.sleep = sleep  # type: ignore[method-assign]
    asked.check_health()
    await asyncio.wait(host.tasks)
    assert pauses == [limits.FORWARD_PROBE_FLOOR]


async def test_with_max_fails_0_an_upstream_is_never_down() -> None:
    asked, _ = upstream_at(gone(), replace(QUICK, max_fails=0))
    asked.fails = 100
    assert not asked.down


PROBES: list[tuple[ForwardSettings, str, int, bytes]] = [
    (QUICK, "udp", codes.RD, ROOT),
    (replace(QUICK, force_tcp=True), "tcp", codes.RD, ROOT),
    (replace(QUICK, probe_recursion=False, probe_domain=WEB), "udp", 0, WEB),
]


@pytest.mark.parametrize(("settings", "network", "flags", "name"), PROBES)
async def test_a_check_asks_for_name_servers(settings: ForwardSettings, network: str, flags: int, name: bytes) -> None:
    async with upstream(answering(rcode=codes.REFUSED)) as stub:
        asked, host = upstream_at(stub, settings)
        asked.check_health()
        await host.tasks[0]
    ((packet, asked_over, _),) = stub.seen
    probe = parse_message(packet)
    assert (asked_over, probe.flags) == (network, flags)
    assert probe.questions == ((name, codes.NS, codes.IN),)
    assert asked.fails == 0


async def test_after_the_end_nothing_is_checked() -> None:
    asked, host = upstream_at(gone())
    asked.close()
    asked.check_health()
    assert host.tasks == []


async def test_sweeping_leaves_fresh_sockets_alone() -> None:
    async with upstream(answering(ADDRESS)) as stub:
        asked, _ = upstream_at(stub)
        await ask(asked)
        asked.sweep()
        await ask(asked)
        asked.close()
    assert rows(asked, "cache_hits_total") == {("udp",): 1}


def test_a_row_says_what_it_counts() -> None:
    row = next(iter(Upstream(Endpoint("10.0.0.1", 53), QUICK, 1, FakeHost()).metrics()))
    assert row == MetricRow(
        "coredns_proxy_healthcheck_failures_total",
        "counter",
        "Health checks of upstreams that got no reply.",
        (("proxy_name", "forward"), ("to", "10.0.0.1:53")),
        0,
    )
