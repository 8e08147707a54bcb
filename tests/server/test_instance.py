"""One configuration set up: its chains, its listeners, what its plugins share, and its steps in order."""

import pytest

from resolver.answers.finished import Finished
from resolver.answers.outcome import Failure, Reply
from resolver.corefile.tokens import BadConfig
from resolver.faults.fault_list import FaultList
from resolver.plugins import chain
from resolver.plugins.metric_rows import MetricRow
from resolver.server import instance as instance_module
from resolver.server.instance import Instance
from resolver.wire.names import name_to_text
from tests.support.instances import Lab
from tests.support.questions import question


@pytest.fixture
def lab() -> Lab:
    return Lab()


KUBERNETES = "kubernetes {\nendpoint http://127.0.0.1:1\nstartup_timeout 1ms\n}"

# -- blocks and listeners ---------------------------------------------------------------------------------------------


async def test_plugins_stand_in_the_order_of_the_chain(lab: Lab) -> None:
    (block,) = lab.set_up(". {\nwhoami\nloadbalance\nlog\nerrors\nbind 127.0.0.1\n}\n").blocks
    assert [plugin.name for plugin in block.host.plugins] == ["errors", "log", "loadbalance", "whoami"]
    assert block.host.enabled() == ("whoami", "loadbalance", "log", "errors", "bind")
    assert block.handler is not None


async def test_a_block_without_a_plugin_that_answers_has_no_chain(lab: Lab) -> None:
    (block,) = lab.set_up(". {\nbind 127.0.0.1\n}\n").blocks
    assert block.handler is None
    answer = lab.set_up(". {\nbind 127.0.0.1\n}\n").router_named("dns://127.0.0.1:53").route(question("a."))
    assert isinstance(answer, Failure)


LAID_OUT = [
    (". {\nwhoami\n}\n", {"dns://:53": ["."]}, [[".:53"]]),
    ("b. a. {\nwhoami\n}\n", {"dns://:53": ["b.", "a."]}, [["a.:53", "b.:53"]]),
    (
        "a.:53 a.:54 {\nwhoami\n}\nb. {\nwhoami\n}\n",
        {"dns://:53": ["a.", "b."], "dns://:54": ["a."]},
        [["a.:53", "b.:53"], ["a.:54"]],
    ),
    (
        ". {\nbind 127.0.0.1 ::1\nwhoami\n}\n",
        {"dns://127.0.0.1:53": ["."], "dns://[::1]:53": ["."]},
        [[".:53 on 127.0.0.1"], [".:53 on ::1"]],
    ),
    (
        "a. {\nbind 127.0.0.1\nwhoami\n}\nb. {\nwhoami\n}\n",
        {"dns://127.0.0.1:53": ["a."], "dns://:53": ["b."]},
        [["a.:53 on 127.0.0.1"], ["b.:53"]],
    ),
    ("10.0.0.0/15 {\nwhoami\n}\n", {"dns://:53": ["0.10.in-addr.arpa.", "1.10.in-addr.arpa."]}, None),
]


@pytest.mark.parametrize(("text", "listeners", "lines"), LAID_OUT)
async def test_listeners_hold_the_zones_of_all_blocks(
    lab: Lab, text: str, listeners: dict[str, list[str]], lines: list[list[str]] | None
) -> None:
    instance = lab.set_up(text)
    found = {listening.server: [name_to_text(zone) for zone in listening.zones] for listening in instance.listening}
    assert found == listeners
    assert {server for block in instance.blocks for server in block.host.servers} == set(listeners)
    if lines is not None:
        assert [text.splitlines() for text in instance.zone_lines()] == lines


async def test_a_listener_without_an_address_has_those_of_both_families(lab: Lab) -> None:
    bound, everywhere = lab.set_up("a. {\nbind 127.0.0.1\nwhoami\n}\nb. {\nwhoami\n}\n").listening
    assert bound.addresses == ("127.0.0.1",)
    assert everywhere.addresses == ("0.0.0.0", "::")


async def test_zones_that_are_no_host_names_are_warned_of(lab: Lab) -> None:
    lab.set_up("_tcp.shop. shop. 10.in-addr.arpa. {\nwhoami\n}\n").warn_of_zones()
    assert lab.output.lines == ["[WARNING] Domain '_tcp.shop.' does not follow RFC1035 preferred syntax"]


async def test_a_listener_lets_other_classes_in_if_any_of_its_blocks_forwards(lab: Lab) -> None:
    instance = lab.set_up("a.:53 a.:54 {\nwhoami\n}\nb. {\nforward . 127.0.0.1\n}\n")
    assert {one.port: instance.router(one).any_class for one in instance.listening} == {53: True, 54: False}
    await instance.stop()


REFUSED = [
    ("shop. {\nwhoami\n}\nshop. {\nwhoami\n}\n", "Corefile:4 - Error during parsing: cannot serve dns://shop.:53 - "),
    ("shop. shop. {\nwhoami\n}\n", "Corefile:1 - Error during parsing: cannot serve dns://shop.:53 - "),
    ("a. {\nwhoami\n}\na. {\nbind 127.0.0.1\nwhoami\n}\n", "Corefile:4 - .* zone overlap listener capacity with "),
    (". {\nbind 127.0.0.1 127.0.0.1\nwhoami\n}\n", "cannot serve dns://.:53 on 127.0.0.1 - it is already defined"),
    (". {\nwhoami\nbufsize 1\n}\n", "plugin/bufsize: Corefile:3 - Error during parsing: "),
    (
        ". {\nkubernetes {\nnamespaces \udcff\n}\n}\n",
        "plugin/kubernetes: Corefile:2 - .* holds bytes that are no UTF-8",
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
async def test_what_cannot_be_set_up_is_told_with_its_place(lab: Lab, text: str, message: str) -> None:
    instance = lab.instance(text)
    with pytest.raises(BadConfig, match=message):
        instance.set_up()
    await instance.stop()


async def test_what_was_set_up_before_something_was_refused_ends(lab: Lab) -> None:
    instance = lab.instance(". {\nforward . 127.0.0.1\n}\nshop. {\nbufsize 1\n}\n")
    with pytest.raises(BadConfig):
        instance.set_up()
    host = instance.blocks[0].host
    (timer,) = host._timers
    await instance.stop()
    assert timer.cancelled()


async def test_keys_without_a_number_get_the_one_that_was_picked(lab: Lab) -> None:
    instance = lab.set_up("a.:0 b.:54 {\nbind 127.0.0.1\nwhoami\n}\nc.:0 {\nbind 127.0.0.1\nwhoami\n}\n")
    instance.number(1053)
    assert [listening.server for listening in instance.listening] == ["dns://127.0.0.1:1053", "dns://127.0.0.1:54"]
    assert [[key.port for key in block.keys] for block in instance.blocks] == [[1053, 54], [1053]]
    assert instance.blocks[1].host.servers == ("dns://127.0.0.1:1053",)


async def test_a_number_that_was_picked_may_not_be_one_of_another_block(lab: Lab) -> None:
    instance = lab.set_up("a.:0 {\nwhoami\n}\na.:1053 {\nwhoami\n}\n")
    with pytest.raises(BadConfig, match="Corefile:4"):
        instance.number(1053)


# -- routers and memos ------------------------------------------------------------------------------------------------


async def test_a_listener_has_one_router_and_one_memo(lab: Lab) -> None:
    instance = lab.set_up("a.:53 a.:54 {\nwhoami\n}\n")
    one, other = instance.listening
    assert instance.router(one) is instance.router(one) is instance.router_named("dns://:53")
    assert instance.memo_of(one) is instance.memo_of(one)
    assert instance.router(one) is not instance.router(other)
    assert instance.memo_of(one) is not instance.memo_of(other)
    assert not instance.router(one).stacktraces


async def test_stacktraces_are_shown_where_any_block_asks_for_them(lab: Lab) -> None:
    instance = lab.set_up("a. {\nwhoami\n}\nb. {\nerrors {\nstacktrace\n}\n}\n")
    assert instance.router(instance.listening[0]).stacktraces


async def test_with_prometheus_what_reaches_no_block_is_counted(lab: Lab) -> None:
    plain = lab.set_up("a. {\nwhoami\n}\n")
    assert plain.router(plain.listening[0]).refused() == ()
    counting = lab.set_up("a. {\nprometheus\nwhoami\n}\n")
    assert counting.router(counting.listening[0]).refused() == (lab.owner.lasting["prometheus totals"].dropped,)


async def test_keys_are_forgotten_in_every_memo(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = lab.set_up("a.:53 a.:54 {\nwhoami\n}\n")
    forgotten: list[tuple[object, ...]] = []
    for listening in instance.listening:
        monkeypatch.setattr(instance.memo_of(listening), "forget", forgotten.append)
    instance.forget(iter([("service", b"web")]))
    assert forgotten == [(("service", b"web"),)] * 2


# -- steps ------------------------------------------------------------------------------------------------------------


async def test_clusters_start_first_then_blocks_step_by_step(lab: Lab) -> None:
    instance = lab.set_up(f"a. {{\n{KUBERNETES}\n}}\nb. {{\nwhoami\n}}\n")
    said: list[str] = []

    def note(word: str) -> None:
        async def step() -> None:
            said.append(f"{word}, fed: {lab.feeds[0].running}")

        instance.blocks[1].host.on_start(step) if word == "start" else instance.blocks[0].host.on_listening(step)

    note("start")
    note("listening")
    assert lab.feeds == []
    await instance.start()
    assert said == ["start, fed: True"]
    await instance.listen()
    assert said[1:] == ["listening, fed: True"]
    await instance.stop()
    assert not lab.feeds[0].running


async def test_a_cluster_that_a_successor_has_taken_over_goes_on(lab: Lab) -> None:
    text = f"a. {{\n{KUBERNETES}\n}}\n"
    old = lab.set_up(text)
    await old.start()
    new = lab.set_up(text.replace("a.", "b."), old)
    await new.start()
    await old.stop(successor=new)
    assert [feed.running for feed in lab.feeds] == [True]
    await new.stop()
    assert [feed.running for feed in lab.feeds] == [False]


# -- what plugins share -----------------------------------------------------------------------------------------------


async def test_objects_are_shared_within_a_configuration_or_for_good(lab: Lab) -> None:
    one, other = lab.set_up(". {\nwhoami\n}\n"), lab.set_up(". {\nwhoami\n}\n")
    assert one.shared("a", list, lasting=False) is one.shared("a", list, lasting=False)
    assert one.shared("a", list, lasting=False) is not other.shared("a", list, lasting=False)
    assert one.shared("a", list, lasting=True) is other.shared("a", list, lasting=True)
    assert one.shared("none", lambda: None, lasting=True) is None


async def test_rows_are_those_of_plugins_sources_and_feeds(lab: Lab) -> None:
    instance = lab.set_up(f". {{\ncache\n{KUBERNETES}\n}}\n")
    assert {row.name for row in instance.own_metrics()} >= {"coredns_cache_entries"}
    instance.blocks[0].host.add_metrics(lambda: (MetricRow("of_the_source", "gauge", "", (), 1),))
    await instance.start()
    assert {row.name for row in instance.own_metrics()} >= {"of_the_source", "of_the_feed"}
    await instance.stop()


async def test_status_pages_are_listed_by_where_they_are_served(lab: Lab) -> None:
    instance = lab.set_up(". {\nhealth :8080\nready :8080\nprometheus :9153\nwhoami\n}\n")
    assert {listen: list(pages) for listen, pages in instance.pages.items()} == {
        ":8080": ["/ready", "/health"],
        ":9153": ["/metrics"],
    }


async def test_local_addresses_are_those_beyond_loopback(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = [("lo", "127.0.0.1"), ("lo", "127.1.2.3"), ("eth0", "192.0.2.2"), ("lo", "::1"), ("eth0", "fe80::2%eth0")]
    monkeypatch.setattr(instance_module, "interfaces", lambda: machine)
    instance = lab.set_up(". {\nwhoami\n}\n")
    assert instance.local_addresses() == ["192.0.2.2", "fe80::2"]
    machine.clear()
    assert instance.local_addresses() == ["192.0.2.2", "fe80::2"]  # as they were at the start


async def test_the_rest_is_asked_of_the_server(lab: Lab) -> None:
    instance: Instance = lab.set_up(". {\nwhoami\n}\n")
    instance.ask_for_reload(None)
    instance.ask_for_end("over")
    instance.flush_counts()
    assert lab.owner.asked == [("reload", None), ("end", "over")]
    assert lab.owner.flushes == 1
    assert instance.fingerprints() == ("used", "on disk")
    assert [row.name for row in instance.metrics()] == ["all_of_them"]


def test_every_directive_of_the_chain_that_there_is_can_be_set_up() -> None:
    assert set(chain.known()) <= set(chain.ORDER)


# -- faults -----------------------------------------------------------------------------------------------------------


async def test_a_server_with_faults_has_the_plugin_in_every_block_that_answers(lab: Lab) -> None:
    lab.owner.faults = FaultList()
    text = "a. {\nwhoami\nlog\nloadbalance\n}\nb. {\nbind 127.0.0.1\n}\nc. {\nwhoami\nfaults\n}\n"
    answering, silent, naming = lab.set_up(text).blocks
    assert [plugin.name for plugin in answering.host.plugins] == ["log", "faults", "loadbalance", "whoami"]
    assert answering.host.enabled() == ("whoami", "log", "loadbalance")
    assert (silent.host.plugins, silent.handler) == ([], None)
    assert [plugin.name for plugin in naming.host.plugins] == ["faults", "whoami"]


async def test_a_server_without_faults_has_the_plugin_where_it_is_named(lab: Lab) -> None:
    plain, naming = lab.set_up("a. {\nwhoami\n}\nb. {\nwhoami\nfaults\n}\n").blocks
    assert [plugin.name for plugin in plain.host.plugins] == ["whoami"]
    assert [plugin.name for plugin in naming.host.plugins] == ["faults", "whoami"]


async def test_all_replies_of_all_listeners_are_forgotten_at_once(lab: Lab) -> None:
    instance = lab.set_up("a.:53 a.:54 {\nwhoami\n}\n")
    for listening in instance.listening:
        instance.memo_of(listening).put(b"x", Finished(Reply(depends=()), b"\x01a\x00"))
    instance.forget_all()
    assert [len(memo) for memo in instance.memos.values()] == [0, 0]
