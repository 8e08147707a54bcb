import asyncio
import socket

import pytest

from resolver.corefile.tokens import BadConfig, Token
from resolver.plugins.forward_names import endpoints_of
from resolver.plugins.forward_targets import Endpoint, HostName
from tests.support.stub_upstream import Respond, answering, unused_port, upstream

TOKEN = Token("dns.shop:5353", "Corefile", 4)
NAMED = HostName("dns.shop", 5353, TOKEN)


def no_file(path: str) -> bytes:
    raise FileNotFoundError(2, "No such file or directory", path)


def both_families(packet: bytes, network: str) -> list[bytes]:
    line = "dns.shop. 30 IN AAAA 2001:db8::1" if b"\0\x1c\0\x01" in packet else "dns.shop. 30 IN A 10.0.0.1"
    return answering(line)(packet, network)


async def test_a_name_stands_for_its_addresses_of_both_families_where_it_was_written() -> None:
    before, after = Endpoint("10.0.0.8", 53), Endpoint("10.0.0.9", 53)
    async with upstream(both_families) as stub:
        found = await endpoints_of([(before,), NAMED, (after,)], [(stub.host, stub.port)], no_file)
    assert found == [before, Endpoint("10.0.0.1", 5353), Endpoint("2001:db8::1", 5353), after]


async def test_the_next_resolver_is_asked_where_one_is_away_or_does_not_know() -> None:
    nowhere = ("127.0.0.1", unused_port())
    async with upstream(answering(rcode=3)) as ignorant, upstream(both_families) as knowing:
        resolvers = [nowhere, (ignorant.host, ignorant.port), (knowing.host, knowing.port)]
        found = await endpoints_of([NAMED], resolvers, no_file)
    assert [endpoint.host for endpoint in found] == ["10.0.0.1", "2001:db8::1"]


def only_ipv4(packet: bytes, network: str) -> list[bytes]:
    return [packet[:12]] if b"\0\x1c\0\x01" in packet else both_families(packet, network)


def broken(packet: bytes, network: str) -> list[bytes]:
    return [packet[:14]]


async def test_one_family_is_enough() -> None:
    async with upstream(only_ipv4) as stub:
        assert await endpoints_of([NAMED], [(stub.host, stub.port)], no_file) == [Endpoint("10.0.0.1", 5353)]


@pytest.mark.parametrize(
    ("respond", "message"),
    [
        (answering(rcode=3), 'failed to resolve "dns.shop": no addresses found for "dns.shop"'),
        (
            broken,
            'failed to resolve "dns.shop": no addresses found for "dns.shop": a name runs past the end of the message',
        ),
    ],
)
async def test_a_name_without_address_stops_the_start_where_it_stands(respond: Respond, message: str) -> None:
    async with upstream(respond) as stub:
        with pytest.raises(BadConfig) as raised:
            await endpoints_of([NAMED], [(stub.host, stub.port)], no_file)
    assert (raised.value.message, raised.value.line) == (message, 4)


async def test_without_resolvers_the_file_of_hosts_is_looked_into() -> None:
    text = b"# local\n127.0.0.1 localhost\n10.0.0.1 other DNS.shop # here\n2001:db8::1\tdns.shop\nnonsense dns.shop\n"
    found = await endpoints_of([NAMED], [], {"/etc/hosts": text}.__getitem__)
    assert found == [Endpoint("10.0.0.1", 5353), Endpoint("2001:db8::1", 5353)]


async def test_then_the_system_is_asked_for_the_absolute_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    async def getaddrinfo(host: str, port: object, *, type: int) -> list[object]:
        asked.append(host)
        return [(2, type, 17, "", ("10.0.0.1", 0)), (10, type, 17, "", ("fe80::1%eth0", 0, 0, 2))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    found = await endpoints_of([NAMED], [], no_file)
    assert found == [Endpoint("10.0.0.1", 5353), Endpoint("fe80::1", 5353)]
    assert asked == ["dns.shop."]


async def test_what_the_system_does_not_know_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(host: str, port: object, *, type: int) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    with pytest.raises(BadConfig, match=r'failed to resolve "dns\.shop": .*Name or service not known'):
        await endpoints_of([NAMED], [], no_file)
