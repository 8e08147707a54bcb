import asyncio
import os
import socket
import tempfile
from contextlib import suppress

import dns.message
import dns.query
import pytest

from resolver.corefile.tokens import BadConfig
from resolver.explain.asking import BadQuestion
from resolver.faults.bad_fault import BadFault
from resolver.server.history_filter import BadFilter
from resolver.testing import DnsServer, RefusedByApi, running
from tests.support.dns_servers import DEPLOYMENT, WEB, addresses, ask, service
from tests.support.leftovers import held, is_free


@pytest.fixture(scope="module")
def shared():
    """A server for tests that read only."""
    with running(WEB) as server:
        yield server


def test_a_server_answers_for_its_manifests_in_both_families_and_over_udp_and_tcp(shared):
    for at in range(len(shared.addresses)):
        for tcp in (False, True):
            assert len(addresses(ask(shared, "web.default", "A", tcp=tcp, at=at))) == 1
            assert len(addresses(ask(shared, "web.default", "AAAA", tcp=tcp, at=at))) == 1


def test_its_address_is_host_and_port(shared):
    assert shared.address == (shared.host, shared.port) == ("127.0.0.1", shared.port)
    assert {port for _, port in shared.addresses} == {shared.port}
    assert repr(shared).startswith(f"<DnsServer {shared.number} at 127.0.0.1 port {shared.port}")


def test_names_outside_its_zones_are_refused(shared):
    assert ask(shared, "example.com.").rcode() == dns.rcode.REFUSED


def test_the_dns_service_of_the_cluster_is_there(shared):
    assert addresses(ask(shared, "kube-dns.kube-system")) == ["10.96.0.10"]


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


def test_what_is_applied_is_answered_at_once():
    with running() as server:
        assert ask(server, "web.default").rcode() == dns.rcode.NXDOMAIN
        stored = server.apply(WEB)
        for _ in range(3):
            assert addresses(ask(server, "web.default")) == [stored[0]["spec"]["clusterIP"]]
            server.delete("service/web")
            assert ask(server, "web.default").rcode() == dns.rcode.NXDOMAIN
            stored = server.apply(WEB)


def test_manifests_come_as_files_folders_text_objects_and_lists(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "web.yaml").write_text(WEB)
    (tmp_path / "b.yaml").write_text(WEB.replace("web", "b"))
    with running(tmp_path / "folder", folders=[tmp_path]) as server:
        server.apply(
            "b.yaml", [service("c"), service("d")], {"apiVersion": "v1", "kind": "List", "items": [service("e")]}
        )
        server.apply(service("f"), namespace="shop")
        for name in ("web.default", "b.default", "c.default", "d.default", "e.default", "f.shop"):
            assert addresses(ask(server, name)), name


@pytest.mark.parametrize(
    "arguments", [("service/web",), ("Service", "web"), ("svc/web",), (WEB,), (service("web"),), ([WEB],)]
)
def test_objects_are_deleted_by_name_or_by_manifest(arguments):
    with running(WEB) as server:
        server.delete(*arguments)
        assert ask(server, "web.default").rcode() == dns.rcode.NXDOMAIN


def test_deleting_a_deployment_takes_its_pods_along():
    with running(DEPLOYMENT) as server:
        assert len(addresses(ask(server, "db.default"))) == 2
        server.delete("deployment/db")
        assert ask(server, "db.default").rcode() == dns.rcode.NXDOMAIN


@pytest.mark.parametrize("what", [("db",), ("deployment/db",), ("Deployment", "db"), ("deploy/db",)])
def test_scaling_is_answered_at_once(what):
    with running(DEPLOYMENT) as server:
        for replicas in (3, 1, 5):
            server.scale(*what, replicas)
            assert len(addresses(ask(server, "db.default", "AAAA"))) == replicas
            assert len(addresses(ask(server, "db.default", "A"))) == replicas


def test_what_the_api_refuses_fails_with_its_words_file_and_line(tmp_path):
    file = tmp_path / "web.yaml"
    file.write_text(WEB.replace("port: 80", "port: 0"))
    with running() as server:
        with pytest.raises(RefusedByApi) as caught:
            server.apply(file)
        assert str(caught.value) == (
            f"{file}:8: Service default/web: spec.ports[0].port: Invalid value: 0: "
            "must be between 1 and 65535, inclusive\n"
            f"{file}:8: Service default/web: spec.ports[0].targetPort: Invalid value: 0: "
            "must be between 1 and 65535, inclusive"
        )
        assert server.running
    with pytest.raises(AssertionError, match="must be between 1 and 65535, inclusive"), running(file):
        pytest.fail("unreachable")


def test_a_kind_that_is_not_there_is_refused_with_its_place(tmp_path):
    with running() as server, pytest.raises(RefusedByApi, match="no such kind here: Thing; there are"):
        server.apply("apiVersion: x/v1\nkind: Thing\nmetadata: {name: a}\n")


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda server: server.delete("service/wbe"), 'services "wbe" not found'),
        (lambda server: server.delete("thing/web"), 'the server has no resource type "thing"'),
        (lambda server: server.scale("deployment/db", 2), 'deployments.apps "db" not found'),
        (lambda server: server.scale("db", 2), 'nothing in the namespace "default" is called "db" and can be scaled'),
        (lambda server: server.apply("nix.yaml"), "nix.yaml: there is no such file or folder"),
        (lambda server: server.apply("a: b: c\n"), "<text>:1"),
    ],
)
def test_what_is_not_there_is_told_in_the_words_of_the_api(shared, work, words):
    with pytest.raises(RefusedByApi) as caught:
        work(shared)
    assert words in str(caught.value)


@pytest.mark.parametrize("arguments", [("a", "b"), (1,), ("a/b/c", 1), (1, 2), ("a", "b", "c", 1)])
def test_scale_says_what_it_takes(shared, arguments):
    with pytest.raises(TypeError, match="scale takes"):
        shared.scale(*arguments)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"service_cidrs": ["10.0.0.0/33"]}, BadConfig, "is not a valid cidr"),
        ({"corefile": "cluster.local {\nkubernets\n}\n"}, BadConfig, "kubernets"),
        ({"corefile": "nix/Corefile"}, BadConfig, "nix/Corefile"),
    ],
)
def test_a_server_that_cannot_start_leaves_nothing(options, error, words):
    before = held()
    with pytest.raises(error, match=words), running(**options):
        pytest.fail("unreachable")
    assert held() == before


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


def test_questions_can_be_looked_through():
    with running(WEB) as server:
        ask(server, "web.default", "A")
        ask(server, "web.default", "AAAA", tcp=True)
        ask(server, "nix.shop", "A")
        assert server.queries().types == ["A", "AAAA", "A"]
        assert server.queries(name="web.default").types == ["A", "AAAA"]
        assert server.queries(name="*.shop").rcodes == ["NXDOMAIN"]
        assert server.queries(type="aaaa", client="127.0.0.0/8").count == 1
        assert server.queries(client="::1").count == 0
        assert server.queries(protocol="tcp").names == ["web.default.svc.cluster.local"]
        assert server.queries(rcode="NXDOMAIN").count == 1
        with pytest.raises(BadFilter, match="did you mean AAAA"):
            server.queries(type="AAAAA")
        with pytest.raises(AssertionError, match=r"SRV was not asked \(type='A'\)"):
            server.queries(type="A").in_order("SRV")
        server.forget_queries()
        assert not server.queries()
        ask(server, "web.default")
    assert server.queries().count == 1  # after the end, too


def test_a_fault_lasts_as_long_as_its_block():
    with running(WEB) as server:
        with server.fault("web.default", qtype="AAAA", rcode="SERVFAIL") as fault:
            assert ask(server, "web.default", "AAAA").rcode() == dns.rcode.SERVFAIL
            assert ask(server, "web.default", "A").rcode() == 0
            assert fault.count == 1
            assert server.faults == (fault.fault,)
            assert repr(fault) == "<fault 1: web.default AAAA rcode SERVFAIL; fired 1 times>"
        assert ask(server, "web.default", "AAAA").rcode() == 0
        assert (server.faults, fault.remove()) == ((), False)
        assert [(each.fault_id, each.qtype) for each in server.firings] == [(1, "AAAA")]


async def test_a_fault_lasts_until_it_is_removed():
    async with running(WEB, domain="k8s.test") as server:
        fault = server.fault("web.default", nodata=True)
        assert not addresses(ask(server, "web.default", "AAAA"))
        assert fault.remove()
        assert addresses(ask(server, "web.default", "AAAA"))
        async with server.fault("**", rcode="REFUSED"):
            assert ask(server, "web.default").rcode() == dns.rcode.REFUSED
        server.fault("**", rcode="REFUSED")
        assert server.clear_faults() == 1
        assert addresses(ask(server, "web.default", "AAAA"))
        left = server.fault("web.default", nodata=True)
    assert not left.remove()


def test_a_reply_that_is_held_back_does_not_hold_back_the_end():
    with running(WEB) as server:
        server.fault("web.default", delay=30)
        with pytest.raises(dns.exception.Timeout):
            dns.query.udp(
                dns.message.make_query("web.default.svc.cluster.local", "A"), *server.address[:1], 0.1, server.port
            )
        ended = server.stop
    ended()
    assert server.queries().rcodes == [None]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"dorp": True}, "drop"),
        ({"rcode": "SERVFIAL"}, "SERVFAIL"),
        ({"qtype": "AAAAA", "drop": True}, "AAAA"),
        ({}, "drop"),
    ],
)
def test_a_fault_that_does_not_exist_is_told_with_the_nearest(shared, settings, words):
    with pytest.raises(BadFault, match=words):
        shared.fault("web", **settings)
    assert shared.faults == ()


def test_answers_are_explained_with_the_line_of_the_manifest(tmp_path):
    file = tmp_path / "web.yaml"
    file.write_text(WEB)
    with running(file, DEPLOYMENT) as server:
        found = server.explain("web", "AAAA")
        assert found.rcode == "NOERROR"
        assert f"{file}:" in found.text()
        assert "Deployment default/db" in server.explain("db.default", "A").text()
        assert server.explain("nix", namespace="shop").rcode == "NXDOMAIN"
        assert not server.queries()
        with pytest.raises(BadQuestion, match="AAAA"):
            server.explain("web", "AAAAA")


def test_its_resolv_conf_is_a_pods():
    with running(domain="k8s.test") as server:
        assert server.resolv_conf.splitlines() == [
            "search default.svc.k8s.test svc.k8s.test k8s.test",
            "nameserver 127.0.0.1",
            "options ndots:5",
        ]
        assert server.resolv_conf_in("shop").searches[0] == "shop.svc.k8s.test"


def test_after_the_end_it_says_so():
    with running() as server:
        pass
    assert repr(server) == f"<DnsServer {server.number}, ended>"
    with pytest.raises(RuntimeError, match="answers no more"):
        server.apply(WEB)


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
        assert held() != before
        if fails:
            raise KeyError
    assert connection.recv(1) == b""
    connection.close()
    assert held() == before
    assert all(is_free(*place) for place in places)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="this system has no /proc/self/fd to look into")
def test_many_servers_leave_no_more_than_one(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before, places = held(), []
    for _ in range(40):
        with running(WEB) as server:
            assert addresses(ask(server, "web.default"))
            places += server.addresses
    assert held() == before
    assert all(is_free(*place) for place in places)


def test_it_can_be_made_without_with():
    server = running(WEB).__enter__()
    try:
        assert isinstance(server, DnsServer)
        assert server.log == []
    finally:
        server.stop()
        server.stop()
