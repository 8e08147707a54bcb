"""A whole server: what it answers, and that starts, reloads and ends are whole or not at all."""

import asyncio
import contextlib
import socket

import dns.asyncquery
import dns.message
import pytest

from resolver import __version__
from resolver.corefile.tokens import BadConfig
from resolver.server.configuration import Source
from resolver.server.listeners import Listeners
from resolver.server.log import Log
from resolver.server.server import Server, banner
from resolver.transports.listening import PortTaken
from tests.support.held_upstream import ANSWER, held_upstream
from tests.support.hosts import needs_ipv6
from tests.support.log_lines import LogLines
from tests.support.serving import StaticFeed, endpoint_slice, namespace, service, serving

SHOP = (
    namespace("default"),
    service("web", "10.96.0.20", "fd00:10:96::20"),
    service("db", "None"),
    endpoint_slice("db-4", "db", "10.244.0.5", "10.244.0.6"),
    endpoint_slice("db-6", "db", "fd00:10:244::5"),
)
COREFILE = """cluster.local:0 in-addr.arpa:0 ip6.arpa:0 {
    bind 127.0.0.1
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
    }
    loadbalance
}
"""


def texts(message):
    return sorted(str(item) for rrset in message.answer for item in rrset)


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize(
    ("name", "rtype", "expected"),
    [
        ("web.default.svc.cluster.local", "A", ["10.96.0.20"]),
        ("web.default.svc.cluster.local", "AAAA", ["fd00:10:96::20"]),
        ("db.default.svc.cluster.local", "A", ["10.244.0.5", "10.244.0.6"]),
        ("db.default.svc.cluster.local", "AAAA", ["fd00:10:244::5"]),
        ("10-244-0-5.db.default.svc.cluster.local", "A", ["10.244.0.5"]),
        ("20.0.96.10.in-addr.arpa", "PTR", ["web.default.svc.cluster.local."]),
        ("dns-version.cluster.local", "TXT", ['"1.1.0"']),
    ],
)
async def test_a_whole_server_answers(tcp, name, rtype, expected):
    async with serving(COREFILE, SHOP) as server:
        for _ in range(3):  # from the chain, from the answer memo, from the packet memo
            assert texts(await server.ask(name, rtype, tcp=tcp)) == expected


async def test_udp_and_tcp_share_the_picked_port():
    async with serving(COREFILE, SHOP) as server:
        assert len(server.server.ports()) == 1
        assert server.port > 0


@needs_ipv6
async def test_both_families_share_the_picked_port():
    async with serving(COREFILE.replace("bind 127.0.0.1", "bind 127.0.0.1 ::1"), SHOP) as server:
        assert len(server.server.ports()) == 1
        for address in ("127.0.0.1", "::1"):
            reply = await server.ask("web.default.svc.cluster.local", address=address)
            assert texts(reply) == ["10.96.0.20"]


async def test_addresses_of_a_headless_service_take_turns():
    async with serving(COREFILE, SHOP) as server:
        seen = set()
        for _ in range(8):
            reply = await server.ask("db.default.svc.cluster.local")
            seen.add(tuple(str(item) for rrset in reply.answer for item in rrset))
        assert len(seen) == 2


async def test_before_the_first_sync_names_of_our_zones_are_servfail_and_others_refused():
    corefile = COREFILE.replace("pods insecure", "pods insecure\nstartup_timeout 10ms")
    async with serving(corefile, SHOP, hold=True) as server:
        assert (await server.ask("web.default.svc.cluster.local")).rcode() == 2
        assert (await server.ask("example.org")).rcode() == 5
        server.feeds[0].deliver()
        assert texts(await server.ask("web.default.svc.cluster.local")) == ["10.96.0.20"]


async def test_a_change_is_answered_at_once_and_nothing_else_is_forgotten():
    async with serving(COREFILE, SHOP) as server:
        assert texts(await server.ask("web.default.svc.cluster.local")) == ["10.96.0.20"]
        feed = server.feeds[0]
        feed._objects = (*SHOP[:1], service("web", "10.96.0.99"), *SHOP[2:])
        feed.deliver()
        assert texts(await server.ask("web.default.svc.cluster.local")) == ["10.96.0.99"]
        assert texts(await server.ask("web.default.svc.cluster.local", "AAAA")) == []
        assert texts(await server.ask("db.default.svc.cluster.local", "AAAA")) == ["fd00:10:244::5"]


async def test_a_reload_takes_up_the_new_corefile_on_the_same_port(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as server:
        port = server.port
        assert (await server.ask("web.default.svc.cluster.local")).answer[0].ttl == 5
        path.write_text(COREFILE.replace("pods insecure", "pods insecure\nttl 77"))
        assert await server.server.reload() == ""
        assert server.port == port
        assert (await server.ask("web.default.svc.cluster.local")).answer[0].ttl == 77
        assert server.lines()[-2:] == ["[INFO] Reloading", "[INFO] Reloading complete"]
        assert len(server.feeds) == 1  # the cluster is not read anew


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("loadbalance", "lodbalance"), ["Unknown directive 'lodbalance'", "did you mean 'loadbalance'", "Corefile:7"]),
        (("pods insecure", "pods sometimes"), ["plugin/kubernetes", "Corefile:5", "disabled, verified, insecure"]),
        (("127.0.0.1", "203.0.113.9"), ["203.0.113.9"]),
    ],
)
async def test_a_bad_corefile_leaves_the_old_one_at_work(tmp_path, change, words):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as server:
        path.write_text(COREFILE.replace(*change))
        problem = await server.server.reload()
        assert all(word in problem for word in words)
        assert texts(await server.ask("web.default.svc.cluster.local")) == ["10.96.0.20"]


async def test_a_reload_opens_new_listeners_and_closes_those_gone(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as server:
        path.write_text(COREFILE.replace("bind 127.0.0.1", "bind 127.0.0.2"))
        assert await server.server.reload() == ""
        reply = await server.ask("web.default.svc.cluster.local", address="127.0.0.2")
        assert texts(reply) == ["10.96.0.20"]
        with pytest.raises(ConnectionRefusedError):
            await server.ask("web.default.svc.cluster.local", tcp=True)


async def test_a_taken_port_is_named_with_its_holder():
    async with serving(COREFILE, SHOP) as server:
        second = Server(
            Source("Corefile", COREFILE.replace(":0", f":{server.port}")), Log(quiet=True), server.server._make_feed
        )
        with pytest.raises(PortTaken) as error:
            await second.start()
        assert str(server.port) in str(error.value)


async def test_a_start_that_fails_leaves_nothing_open():
    corefile = COREFILE + "cluster.local:0 {\nbind 127.0.0.1\nwhoami\n}\n"
    with pytest.raises(BadConfig, match="already defined"):
        async with serving(corefile, SHOP):
            pass
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1


async def test_the_end_can_be_asked_for_with_a_reason():
    async with serving(COREFILE, SHOP) as server:
        server.server.ask_for_end("Loop detected")
        await asyncio.wait_for(server.server.wait(), 5)
        assert server.server.exit_status == 1
        assert "[FATAL] Loop detected" in server.lines()


async def test_status_pages_are_served_and_survive_a_reload(tmp_path):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    path = tmp_path / "Corefile"
    path.write_text(COREFILE.replace("errors", f"errors\nhealth 127.0.0.1:{port}"))
    async with serving("", SHOP, path=str(path)) as server:
        assert (await _get(port, "/health")).endswith(b"OK")
        assert await server.server.reload() == ""
        assert (await _get(port, "/health")).endswith(b"OK")


async def _get(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    body = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return body


def test_ports_of_a_server_that_was_not_started_are_none():
    server = Server(Source("Corefile", COREFILE), Log(quiet=True), lambda *_: pytest.fail("no feed is wanted"))
    assert server.ports() == []
    with pytest.raises(RuntimeError):
        _ = server.instance


# -- starts and ends --------------------------------------------------------------------------------------------------

PATIENT = COREFILE.replace("pods insecure", "pods insecure\nstartup_timeout 1h")


class Gate:
    """Feeds that say nothing; `asked` is set when one has begun, `deliver` fills all there are."""

    def __init__(self):
        self.feeds = []
        self.asked = asyncio.Event()

    def __call__(self, request, inventory):
        feed = StaticFeed(request, inventory, SHOP, hold=True)
        self.feeds.append(feed)
        self.asked.set()
        return feed

    def deliver(self):
        for feed in self.feeds:
            feed.deliver()

    async def waiting(self):
        """Returns when one more feed has begun."""
        await asyncio.wait_for(self.asked.wait(), 5)
        self.asked.clear()


def gated(corefile=PATIENT, path=""):
    gate, output = Gate(), LogLines()
    return Server(Source(path) if path else Source("Corefile", corefile), output.log, gate), gate, output


def only_this_task():
    return asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_end_asked_for_during_the_start_is_heeded_at_once():
    server, gate, _ = gated()
    starting = asyncio.ensure_future(server.start())
    await gate.waiting()
    server.ask_for_end()
    assert not await asyncio.wait_for(starting, 5)
    assert server.ports() == []
    assert not gate.feeds[0].running
    assert only_this_task()


async def test_a_start_after_the_end_was_asked_for_does_nothing():
    server, gate, _ = gated()
    server.ask_for_end()
    assert not await server.start()
    assert gate.feeds == []


async def test_a_start_that_is_cancelled_leaves_nothing():
    server, gate, _ = gated()
    starting = asyncio.ensure_future(server.start())
    await gate.waiting()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not gate.feeds[0].running
    assert only_this_task()


async def test_a_start_that_fails_does_not_go_through_the_lameduck_time():
    async with serving(COREFILE, SHOP) as holder:
        corefile = COREFILE.replace("errors", "health 127.0.0.1:0 {\nlameduck 1h\n}").replace(":0 ", f":{holder.port} ")
        server, gate, output = gated(corefile.replace("insecure", "insecure\nstartup_timeout 1ms"))
        with pytest.raises(PortTaken):
            await asyncio.wait_for(server.start(), 5)
    assert not gate.feeds[0].running
    assert not any("lameduck" in line for line in output.lines)


async def test_before_the_end_there_is_time_in_which_all_is_answered():
    server, gate, _ = gated(COREFILE.replace("insecure", "insecure\nstartup_timeout 1ms"))
    assert await server.start()
    gate.deliver()
    answered = []

    async def last_step():
        query = dns.message.make_query("web.default.svc.cluster.local", "A")
        reply = await dns.asyncquery.udp(query, "127.0.0.1", timeout=5, port=server.ports()[0])
        answered.append(texts(reply))

    server.instance.blocks[0].host.on_shutdown(last_step)
    await server.stop()
    assert answered == [["10.96.0.20"]]
    assert server.ports() == []
    assert only_this_task()


# -- reloads ----------------------------------------------------------------------------------------------------------


async def test_a_reload_asked_for_during_the_start_follows_it(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(PATIENT)
    server, gate, output = gated(path=str(path))
    starting = asyncio.ensure_future(server.start())
    await gate.waiting()
    path.write_text(COREFILE.replace("pods insecure", "pods insecure\nttl 77"))
    server.ask_for_reload()
    gate.deliver()
    assert await asyncio.wait_for(starting, 5)
    await output.until(lambda lines: "[INFO] Reloading complete" in lines)
    assert server.instance.blocks[0].host.plugins[-1].options.ttl == 77
    await server.stop()


async def test_a_reload_asked_for_during_another_follows_it(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as serving_:
        server = serving_.server
        problems = []
        server.ask_for_reload(problems.append)
        server.ask_for_reload(problems.append)  # not begun yet: one reload serves both
        await server._reloading
        assert serving_.lines().count("[INFO] Reloading complete") == 1
        reload = server.reload

        async def with_another_meanwhile():
            server.reload = reload
            server.ask_for_reload(problems.append)
            return await reload()

        server.reload = with_another_meanwhile
        server.ask_for_reload(problems.append)
        await server._reloading
        assert serving_.lines().count("[INFO] Reloading complete") == 3
        assert problems == []


async def test_who_asked_for_a_reload_is_told_why_it_failed(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as serving_:
        path.unlink()
        problems = []
        serving_.server.ask_for_reload(problems.append)
        await serving_.server._reloading
        serving_.server.ask_for_reload()
        await serving_.server._reloading
        assert len(problems) == 1
        assert problems[0].startswith(f"cannot read the Corefile {path}: ")
        assert serving_.lines()[-2:] == ["[INFO] Reloading", f"[ERROR] Restart failed: {problems[0]}"]


async def test_all_who_asked_for_one_reload_are_told_why_it_failed(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as serving_:
        server = serving_.server
        assert await server.reload_now() == ""
        path.unlink()
        problems = []
        server.ask_for_reload(problems.append)
        problem = await server.reload_now()
        assert problem.startswith(f"cannot read the Corefile {path}: ")
        assert problems == [problem]
        server.ask_for_end()
        assert await server.reload_now() == "the server is ending"


async def test_the_end_answers_who_waits_for_a_reload(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE.replace("insecure", "insecure\nstartup_timeout 1ms"))
    server, gate, _ = gated(path=str(path))
    await server.start()
    await gate.waiting()
    path.write_text(PATIENT.replace("insecure", "insecure\nnoendpoints\nlabels a=b"))
    waiting = asyncio.ensure_future(server.reload_now())
    await gate.waiting()
    await asyncio.wait_for(server.stop(), 5)
    assert await waiting == "the server is ending"


async def test_a_reload_that_fails_leaves_nothing_behind(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as server:
        tasks = asyncio.all_tasks()
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as holder:
            taken = holder.getsockname()[1]
            more = f"health 127.0.0.2:0\nready 127.0.0.1:{taken}\nforward . 127.0.0.1\nerrors"
            wanted = COREFILE.replace("bind 127.0.0.1", "bind 127.0.0.1 127.0.0.2").replace("errors", more)
            path.write_text(wanted.replace("pods insecure", "endpoint http://127.0.0.1:1"))
            problem = await server.server.reload()
        assert f"127.0.0.1:{taken}" in problem
        assert [feed.running for feed in server.feeds] == [True, False]
        assert list(server.server._pages._served) == []
        socket.create_server(("127.0.0.2", server.port)).close()
        assert texts(await server.ask("web.default.svc.cluster.local")) == ["10.96.0.20"]
        assert asyncio.all_tasks() == tasks


async def test_a_bug_in_a_reload_is_told_and_the_old_configuration_goes_on(tmp_path, monkeypatch):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as server:

        async def broken(instance):
            raise ZeroDivisionError("oops")

        with monkeypatch.context() as patched:
            patched.setattr("resolver.server.instance.Instance.start", broken)
            assert await server.server.reload() == "ZeroDivisionError: oops"
        assert texts(await server.ask("web.default.svc.cluster.local")) == ["10.96.0.20"]
        assert await server.server.reload() == ""


@pytest.mark.parametrize("tcp", [False, True])
async def test_replies_that_are_owed_when_a_reload_comes_are_those_of_the_old_configuration(tmp_path, tcp, monkeypatch):
    taken_over = asyncio.Event()
    retire = Listeners.retire

    async def noted(listeners, instance):
        taken_over.set()
        await retire(listeners, instance)

    monkeypatch.setattr(Listeners, "retire", noted)
    path = tmp_path / "Corefile"
    async with held_upstream() as upstream:
        path.write_text(f".:0 {{\nbind 127.0.0.1\nforward . {upstream.address} {{\nprefer_udp\n}}\n}}\n")
        async with serving("", path=str(path)) as server:
            owed = asyncio.ensure_future(server.ask("slow.example", tcp=tcp))
            await upstream.asked()
            path.write_text(".:0 {\nbind 127.0.0.1\nwhoami\n}\n")
            reloading = asyncio.ensure_future(server.server.reload())
            await asyncio.wait_for(taken_over.wait(), 5)
            assert (await server.ask("quick.example", tcp=tcp)).additional
            assert not reloading.done()
            upstream.answer()
            assert texts(await owed) == [ANSWER]
            assert await asyncio.wait_for(reloading, 5) == ""


async def test_the_end_interrupts_a_reload(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE.replace("insecure", "insecure\nstartup_timeout 1ms"))
    server, gate, _ = gated(path=str(path))
    await server.start()
    await gate.waiting()
    path.write_text(PATIENT.replace("insecure", "insecure\nnoendpoints\nlabels a=b"))
    server.ask_for_reload()
    await gate.waiting()
    await asyncio.wait_for(server.stop(), 5)
    assert [feed.running for feed in gate.feeds] == [False, False]
    assert only_this_task()


async def test_a_server_that_was_not_started_can_be_stopped():
    server, _, _ = gated()
    await server.stop()
    await asyncio.wait_for(server.wait(), 5)
    assert server.exit_status == 0


async def test_an_import_without_a_match_is_warned_of(tmp_path):
    async with serving(COREFILE.replace("errors", f"errors\nimport {tmp_path}/*.conf"), SHOP) as server:
        assert server.lines()[0].startswith("[WARNING] ")
        assert f"{tmp_path}/*.conf" in server.lines()[0]


def test_the_banner_is_the_version():
    assert banner() == f"dualdns-{__version__}"


async def test_a_configuration_has_a_fingerprint_where_it_is_a_file(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(COREFILE)
    async with serving("", SHOP, path=str(path)) as server:
        used, on_disk = server.server.fingerprints()
        assert used == on_disk
        path.write_text(COREFILE.replace("errors", "errors\nlog"))
        assert server.server.fingerprints()[0] == used
        assert server.server.fingerprints()[1] != used
    async with serving(COREFILE, SHOP) as server:
        assert server.server.fingerprints() is None


async def test_plugins_that_failed_are_counted(monkeypatch):
    async with serving(COREFILE, SHOP) as server:

        def panics():
            return {row.name: row.value for row in server.server.metrics()}["coredns_panics_total"]

        assert panics() == 0
        monkeypatch.setattr("resolver.server.router.ListenerRouter.route", lambda *_: 1 / 0)
        assert (await server.ask("new.default.svc.cluster.local")).rcode() == 2
        assert panics() == 1
        server.server.flush_counts()
