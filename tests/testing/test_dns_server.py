import dns.message
import dns.query
import pytest

from resolver.explain.asking import BadQuestion
from resolver.faults.bad_fault import BadFault
from resolver.server.history_filter import BadFilter
from resolver.testing import running
from tests.support.dns_servers import DEPLOYMENT, WEB, addresses, ask


@pytest.fixture(scope="module")
def shared():
    """A server for tests that read only."""
    with running(WEB) as server:
        yield server


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


def test_a_fault_may_be_said_in_words_with_settings_beside_them(shared):
    with (
        shared.fault("web.default AAAA drop times 3") as words,
        shared.fault("web.default nodata", family=4, every=2) as both,
    ):
        assert words.fault.words() == ("web.default", "AAAA", "drop", "times", "3")
        assert both.fault.words() == ("web.default", "A", "nodata", "every", "2")
        with pytest.raises(BadFault, match="times is there twice, as a word and as a setting"):
            shared.fault("web.default drop times 3", times=2)
        with pytest.raises(BadFault, match="did you mean times"):
            shared.fault("web.default drop tiems 3")


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
