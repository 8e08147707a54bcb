import platform

import pytest
from prometheus_client.parser import text_string_to_metric_families

import resolver
from resolver.answers.observation import observe
from resolver.answers.outcome import Answer, Failure, Reply, tell
from resolver.corefile.tokens import BadConfig
from resolver.plugins.metric_rows import MetricRow
from resolver.plugins.metrics import Metrics, setup
from resolver.wire import codes
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import Neighbour, Next, pending, question

ADDRESS = "127.0.0.1:9153"


async def started(*zones: str, behind: tuple[str, ...] = ("errors", "whoami")) -> tuple[Metrics, FakeHost]:
    host = FakeHost(*zones)
    plugin = setup(directives(f"prometheus {ADDRESS}"), host)
    host.plugins = [plugin, *(Neighbour(name) for name in behind)]
    await host.start()
    return plugin, host


def ask(plugin: Metrics, answer: Answer) -> None:
    """One question whose reply is sent at once, as the door does it."""
    query = question()
    outcome = plugin.answer(query, Next(lambda: answer))
    assert not hasattr(outcome, "then")
    if outcome is not None:
        tell(query, outcome, observe(query, outcome.rcode, codes.QR, 88, written=True), 0.001)


def scrape(host: FakeHost, name: str) -> list[tuple[dict[str, str], float]]:
    status, content_type, page = host.page(ADDRESS, "/metrics")
    assert (status, content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return [
        (sample.labels, sample.value)
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
        if sample.name == name
    ]


def labels_of_block(**more: str) -> dict[str, str]:
    return {"server": "dns://:53", "zone": ".", "view": "", **more}


async def test_replies_are_counted_for_the_plugin_behind() -> None:
    plugin, host = await started()
    ask(plugin, Reply())
    ask(plugin, Reply(codes.SERVFAIL))
    ask(plugin, Failure(codes.SERVFAIL))
    assert scrape(host, "coredns_dns_responses_total") == [
        (labels_of_block(rcode="SERVFAIL", plugin=""), 1),
        (labels_of_block(rcode="NOERROR", plugin="errors"), 1),
        (labels_of_block(rcode="SERVFAIL", plugin="errors"), 1),
    ]
    assert host.flushes == 1


async def test_silence_counts_as_a_reply_of_no_size() -> None:
    plugin, host = await started()
    ask(plugin, None)
    assert scrape(host, "coredns_dns_responses_total") == [(labels_of_block(rcode="NOERROR", plugin=""), 1)]
    assert scrape(host, "coredns_dns_response_size_bytes_sum") == [(labels_of_block(proto="udp"), 0)]


async def test_a_reply_that_comes_later_is_counted_when_it_is_sent() -> None:
    plugin, _ = await started()
    reply = Reply()
    await plugin.answer(question(), Next(lambda: pending(reply)))  # type: ignore[misc]
    assert len(reply.counters) == 1


async def test_the_last_in_the_chain_has_nobody_behind() -> None:
    plugin, host = await started(behind=())
    ask(plugin, Reply())
    assert scrape(host, "coredns_dns_responses_total") == [(labels_of_block(rcode="NOERROR", plugin=""), 1)]


async def test_the_versions_in_use_are_told() -> None:
    _, host = await started()
    python = f"python{platform.python_version()}"
    assert scrape(host, "coredns_build_info") == [
        ({"version": resolver.__version__, "revision": "", "goversion": python}, 1)
    ]


async def test_the_plugins_of_a_block_are_told_for_its_first_zone_and_each_listener() -> None:
    host = FakeHost("a.test.", "b.test.")
    host.servers = ("dns://127.0.0.1:53", "dns://[::1]:53")
    plugin = setup(directives(f"prometheus {ADDRESS}"), host)
    host.plugins = [plugin, Neighbour("whoami")]
    await host.start()
    found = [(row["server"], row["zone"], row["name"]) for row, _ in scrape(host, "coredns_plugin_enabled")]
    assert found == [(server, "a.test.", name) for server in host.servers for name in ("prometheus", "whoami")]


async def test_rows_of_the_whole_program_are_on_the_page() -> None:
    _, host = await started()
    host.add_metrics(lambda: [MetricRow("coredns_panics_total", "counter", "", (), 2)])
    assert scrape(host, "coredns_panics_total") == [({}, 2)]


async def test_blocks_with_one_address_share_its_page() -> None:
    plugin, host = await started()
    other = FakeHost("shop.")
    other.shared_objects, other.pages = host.shared_objects, host.pages
    second = setup(directives(f"prometheus {ADDRESS}"), other)
    other.plugins = [second]
    await other.start()
    ask(plugin, Reply())
    ask(second, Reply())
    assert [row["zone"] for row, _ in scrape(host, "coredns_dns_requests_total")] == [".", "shop."]


def test_the_page_is_on_localhost_unless_told_otherwise() -> None:
    host = FakeHost()
    setup(directives("prometheus"), host)
    assert list(host.pages) == [("localhost:9153", "/metrics")]


def test_a_page_may_have_tls() -> None:
    host = FakeHost(files={"web.yml": b""})
    setup(directives("prometheus {\ntls web.yml\n}"), host)
    assert host.tls == {"localhost:9153": None}


async def test_runtime_metrics_are_on_all_pages() -> None:
    host = FakeHost()
    host.plugins = [setup(directives(f"prometheus {ADDRESS} {{\nruntime_metrics\n}}"), host)]
    await host.start()
    assert scrape(host, "python_gc_collections_total")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prometheus 9153", "address 9153: missing port in address"),
        ("prometheus :1 :2", "Wrong argument count or unexpected line ending after ':2'"),
        ("prometheus {\nruntime_metrics all\n}", "Wrong argument count"),
        ("prometheus {\ntls\n}", "Wrong argument count"),
        ("prometheus {\ntls a\ntls b\n}", "tls block already specified"),
        ("prometheus {\ntls missing.yml\n}", "Invalid TLS config: missing.yml"),
        ("prometheus {\nhistograms\n}", "unknown property 'histograms'"),
        ("prometheus\nprometheus", "this plugin can only be used once per Server Block"),
    ],
)
def test_other_settings_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        setup(directives(text), FakeHost())
