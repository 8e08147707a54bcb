import asyncio

import pytest

from resolver.plugins.forward_channels import Channel, PeerClosed, TcpChannel, UdpChannel, UpstreamFailed
from resolver.plugins.forward_targets import Endpoint
from resolver.plugins.forward_upstream import question_bytes
from resolver.wire import codes
from resolver.wire.message import parse_message
from resolver.wire.names import name_from_text
from tests.support.hosts import rows
from tests.support.stub_upstream import Respond, StubUpstream, answering, silent, unused_port, upstream

QUESTION = question_bytes(codes.RD, name_from_text("web.shop"), codes.A, codes.IN)
ADDRESS = "web.shop. 30 IN A 10.0.0.1"
LONG = 30.0  # seconds that no test waits


def channel_to(stub: StubUpstream, network: str) -> Channel:
    endpoint = Endpoint(stub.host, stub.port)
    return UdpChannel(endpoint) if network == "udp" else TcpChannel(endpoint)


@pytest.mark.parametrize("host", rows(["127.0.0.1", "::1"]))
@pytest.mark.parametrize("network", ["udp", "tcp"])
async def test_a_reply_comes_back_whole(network: str, host: str) -> None:
    async with upstream(answering(ADDRESS), host) as stub:
        channel = channel_to(stub, network)
        await channel.open(LONG)
        message = parse_message(await channel.ask(QUESTION, LONG))
        channel.close()
    assert message.answer[0].rdata == b"\x0a\0\0\x01"
    ((packet, asked_over, _),) = stub.seen
    assert (packet[2:], asked_over) == (QUESTION, network)
    assert int.from_bytes(packet[:2], "big") == message.id


@pytest.mark.parametrize("network", ["udp", "tcp"])
async def test_questions_that_share_a_channel_each_get_their_own_reply(network: str) -> None:
    held: list[bytes] = []

    def backwards(packet: bytes, network: str) -> list[bytes]:
        held.append(packet)
        return [answering()(each, network)[0] for each in reversed(held)] if len(held) == 3 else []

    names = [name_from_text(f"{word}.shop") for word in ("one", "two", "three")]
    async with upstream(backwards) as stub:
        channel = channel_to(stub, network)
        await channel.open(LONG)
        asked = [channel.ask(question_bytes(0, name, codes.A, codes.IN), LONG) for name in names]
        replies = [parse_message(packet) for packet in await asyncio.gather(*asked)]
        channel.close()
    assert [reply.questions[0].name for reply in replies] == names


def with_noise(packet: bytes, network: str) -> list[bytes]:
    """A message of another id and one below the size of a header come before the reply."""
    (reply,) = answering(ADDRESS)(packet, network)
    other = bytes((reply[0] ^ 0xFF,)) + reply[1:]
    return [other, reply] if network == "tcp" else [other, reply[:5], reply]


@pytest.mark.parametrize("network", ["udp", "tcp"])
async def test_messages_that_nobody_waits_for_are_passed_over(network: str) -> None:
    async with upstream(with_noise) as stub:
        channel = channel_to(stub, network)
        await channel.open(LONG)
        message = parse_message(await channel.ask(QUESTION, LONG))
        channel.close()
    assert len(message.answer) == 1


@pytest.mark.parametrize("network", ["udp", "tcp"])
async def test_silence_ends_in_the_words_of_go_and_spends_the_channel(network: str) -> None:
    async with upstream(silent) as stub:
        channel = channel_to(stub, network)
        await channel.open(LONG)
        with pytest.raises(UpstreamFailed, match=rf"^read {network} 127\.0\.0\.1:\d+->{stub.address}: i/o timeout$"):
            await channel.ask(QUESTION, 0.001)
        assert (channel.spent, channel.closed) == (True, False)
        channel.close()


async def test_a_closed_udp_port_is_known_at_once() -> None:
    port = unused_port()
    channel = UdpChannel(Endpoint("127.0.0.1", port))
    way = rf"127\.0\.0\.1:\d+->127\.0\.0\.1:{port}"
    with pytest.raises(UpstreamFailed, match=rf"^read udp {way}: read: connection refused$"):
        await channel.ask(QUESTION, LONG)
    assert channel.closed


async def test_a_closed_tcp_port_is_known_at_once_to_all_who_wait_for_the_connection() -> None:
    port = unused_port()
    channel = TcpChannel(Endpoint("127.0.0.1", port))
    errors = await asyncio.gather(channel.open(LONG), channel.open(LONG), return_exceptions=True)
    assert [str(error) for error in errors] == [f"dial tcp 127.0.0.1:{port}: connect: connection refused"] * 2
    assert channel.closed


async def test_a_source_that_is_not_ours_fails_when_the_socket_is_made() -> None:
    with pytest.raises(UpstreamFailed, match=r"^dial udp 127\.0\.0\.1:53: connect: cannot assign requested address$"):
        UdpChannel(Endpoint("127.0.0.1", 53), "192.0.2.1")
    channel = TcpChannel(Endpoint("127.0.0.1", 53), "192.0.2.1")
    with pytest.raises(UpstreamFailed, match=r"^dial tcp 127\.0\.0\.1:53: connect: .*assign requested address"):
        await channel.open(LONG)


@pytest.mark.parametrize("network", ["udp", "tcp"])
async def test_questions_leave_from_the_source_address(network: str) -> None:
    sources: list[str] = []

    def respond(packet: bytes, network: str) -> list[bytes]:
        return answering()(packet, network)

    async with upstream(respond) as stub:
        endpoint = Endpoint(stub.host, stub.port)
        channel = UdpChannel(endpoint, "127.0.0.5") if network == "udp" else TcpChannel(endpoint, "127.0.0.5")
        await channel.open(LONG)
        sources.append(channel._local_address())
        await channel.ask(QUESTION, LONG)
        channel.close()
    assert sources[0].startswith("127.0.0.5:")


async def test_a_connection_that_ends_instead_of_a_reply_is_told_apart() -> None:
    async with upstream(silent) as stub:
        stub.hang_up = True
        channel = channel_to(stub, "tcp")
        await channel.open(LONG)
        with pytest.raises(PeerClosed, match=r"^EOF$"):
            await channel.ask(QUESTION, LONG)
        assert channel.closed
        with pytest.raises(PeerClosed):
            await channel.ask(QUESTION, LONG)


async def test_a_frame_below_the_size_of_a_header_ends_the_connection() -> None:
    short: Respond = lambda packet, network: [packet[:5]]  # noqa: E731 - a table's entry
    async with upstream(short) as stub:
        channel = channel_to(stub, "tcp")
        await channel.open(LONG)
        with pytest.raises(UpstreamFailed, match=r"^dns: short read$"):
            await channel.ask(QUESTION, LONG)
        assert channel.closed


async def test_a_connection_closed_while_it_is_made_fails_who_waits_for_it() -> None:
    async with upstream(silent) as stub:
        channel = channel_to(stub, "tcp")
        opening = asyncio.ensure_future(channel.open(LONG))
        await asyncio.sleep(0)
        channel.close()
        with pytest.raises(UpstreamFailed, match="transport stopped"):
            await opening


async def test_a_connection_that_takes_too_long_is_given_up() -> None:
    async with upstream(silent) as stub:
        channel = channel_to(stub, "tcp")
        with pytest.raises(UpstreamFailed, match=rf"^dial tcp {stub.address}: i/o timeout$"):
            await channel.open(0)


async def test_ids_and_ports_differ_from_question_to_question() -> None:
    async with upstream(answering()) as stub:
        channels = [channel_to(stub, "udp") for _ in range(8)]
        for channel in channels:
            for _ in range(8):
                await channel.ask(QUESTION, LONG)
            channel.close()
    assert len({port for _, _, port in stub.seen}) == 8
    assert len({packet[:2] for packet, _, _ in stub.seen}) > 50
