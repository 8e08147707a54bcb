import asyncio
import os
import socket
import tempfile
from contextlib import suppress

import pytest

from resolver.corefile.tokens import BadConfig
from resolver.testing import DnsServer, running
from tests.support.dns_servers import DEPLOYMENT, WEB, addresses, ask, service
from tests.support.leftovers import held, is_free, left_since


def test_two_servers_share_nothing():
    with running(WEB) as one, running(service("db")) as two:
        assert addresses(ask(one, "web.default"))
        assert not addresses(ask(two, "web.default"))
        assert addresses(ask(two, "db.default"))
        assert one.port != two.port
        assert (one.queries().count, two.queries().count) == (1, 2)


def test_addresses_are_the_same_each_time():
    found = []
    for _ in range(2):
        with running(WEB, DEPLOYMENT) as server:
            found.append([addresses(ask(server, name, "AAAA")) for name in ("web.default", "db.default")])
    assert found[0] == found[1]
    assert len(found[0][1]) == 2


async def test_a_server_serves_coroutines_too():
    async with running(WEB) as server:
        assert len(addresses(await asyncio.to_thread(ask, server, "web.default"))) == 1
        assert len(addresses(ask(server, "web.default"))) == 1  # it does not need this loop
        server.apply(service("db"))
        assert len(addresses(ask(server, "db.default"))) == 1
    assert not server.running


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"domain": "two words"}, "domain is a name such as cluster.local, not 'two words'"),
        ({"domain": "a..b"}, "domain is a name such as cluster.local, not 'a..b'"),
        ({"domain": "."}, "domain is a name"),
        ({"nodes": 0}, "nodes is a number from 1 to"),
        ({"nodes": "3"}, "nodes is a number from 1 to"),
        ({"history": -1}, "history is a number from 1 to"),
    ],
)
def test_options_that_cannot_be_are_refused_at_once(options, words):
    with pytest.raises(BadConfig, match=words):
        running(**options)


def test_ranges_may_be_one_text():
    with running(WEB, service_cidrs="fd99::/112, 10.9.0.0/16", cluster_cidrs="fd77::/64") as server:
        assert addresses(ask(server, "web.default", "AAAA"))[0].startswith("fd99:")
        assert addresses(ask(server, "web.default", "A"))[0].startswith("10.9.")


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"service_cidrs": ["10.0.0.0/33"]}, BadConfig, "is not a valid cidr"),
        ({"corefile": "cluster.local {\nkubernets\n}\n"}, BadConfig, "kubernets"),
        ({"corefile": "nix/Corefile"}, BadConfig, "nix/Corefile"),
    ],
)
def test_a_server_that_cannot_start_leaves_nothing(options, error, words, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = held()
    with pytest.raises(error, match=words), running(**options):
        pytest.fail("unreachable")
    assert left_since(before) == {}


def test_ranges_domain_and_nodes_are_as_asked_for():
    with running(
        DEPLOYMENT, WEB, domain="k8s.test", service_cidrs=["fd99::/112"], cluster_cidrs=["fd77::/64"]
    ) as server:
        found = addresses(ask(server, "web.default", "AAAA"))
        assert len(found) == 1
        assert found[0].startswith("fd99::")
        assert not addresses(ask(server, "web.default", "A"))
        assert all(each.startswith("fd77:") for each in addresses(ask(server, "db.default", "AAAA")))
    with running(DEPLOYMENT, simulate=False) as server:
        assert not addresses(ask(server, "db.default", "AAAA"))


def test_a_corefile_of_ones_own_is_served(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text("example.test {\nbind 127.0.0.1\nhosts {\n192.0.2.7 a.example.test\n}\n}\n")
    with running(corefile=path) as server:
        assert server.addresses == [("127.0.0.1", server.port)]
        assert addresses(ask(server, "a.example.test.")) == ["192.0.2.7"]
    with running(corefile="example.test {\nwhoami\n}\n") as server:
        assert server.host == "127.0.0.1"
        assert ask(server, "example.test.").rcode() == 0


def test_one_running_is_entered_once_at_a_time():
    once = running(WEB)
    with once as first:
        with pytest.raises(RuntimeError, match="runs already"), once:
            pytest.fail("unreachable")
        assert addresses(ask(first, "web.default"))
    with once as second:
        assert addresses(ask(second, "web.default"))
    assert first is not second


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="this system has no /proc/self/fd to look into")
@pytest.mark.parametrize("fails", [False, True])
def test_nothing_is_left_of_it(fails, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = held()
    with suppress(KeyError), running(WEB, DEPLOYMENT) as server:
        places = server.addresses
        ask(server, "web.default", tcp=True)
        connection = socket.create_connection(server.address)
        assert left_since(before) != {}
        if fails:
            raise KeyError
    assert connection.recv(1) == b""
    connection.close()
    assert left_since(before) == {}
    assert all(is_free(*place) for place in places)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="this system has no /proc/self/fd to look into")
def test_many_servers_leave_no_more_than_one(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before, places = held(), []
    for _ in range(40):
        with running(WEB) as server:
            assert addresses(ask(server, "web.default"))
            places += server.addresses
    assert left_since(before) == {}
    assert all(is_free(*place) for place in places)


def test_it_can_be_made_without_with():
    server = running(WEB).__enter__()
    try:
        assert isinstance(server, DnsServer)
        assert server.log == []
    finally:
        server.stop()
        server.stop()
