from resolver.testing import running
from resolver.testing.failure_report import failure_report, so_far
from tests.support.dns_servers import WEB, ask


def test_what_was_asked_since_is_told():
    with running(WEB) as server:
        ask(server, "web.default", "A")
        with server.fault("web.default", qtype="A", ttl=9):
            ask(server, "web.default", "A")
        before = so_far()
        assert failure_report(before) == ""
        fault = server.fault("web.default", qtype="AAAA", rcode="SERVFAIL", times=1)
        ask(server, "web.default", "AAAA")
        text = failure_report(before)
        assert "web.default.svc.cluster.local AAAA -> SERVFAIL" in text
        assert " A -> " not in text
        assert f"fault {fault.id}: web.default AAAA rcode SERVFAIL times 1: fired once" in text
        assert [line for line in text.splitlines() if "(ttl)" in line] == []
    assert failure_report(before).splitlines()[0] == f"<DnsServer {server.number}, ended>:"
    assert failure_report(so_far()) == ""


def test_servers_that_are_new_are_told_of_though_nobody_asked():
    before = so_far()
    with running() as server:
        assert failure_report(before) == f"{server!r}:\n  no question was asked"
        assert failure_report(before, silent=False) == ""
        assert failure_report(so_far()) == ""


def test_servers_come_in_turn():
    before = so_far()
    with running() as one, running() as two:
        lines = failure_report(before).splitlines()
        assert [line for line in lines if line.startswith("<")] == [f"{one!r}:", f"{two!r}:"]
