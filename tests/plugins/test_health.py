import pytest

from resolver.corefile.tokens import BadConfig
from resolver.plugins.health import setup
from resolver.plugins.metric_rows import Buckets
from tests.support.fake_host import FakeHost, directives


def waits(host: FakeHost) -> Buckets:
    row = next(row for row in host.metrics() if row.name == "coredns_health_request_duration_seconds")
    assert isinstance(row.value, Buckets)
    return row.value


def test_the_page_says_ok() -> None:
    host = FakeHost()
    setup(directives("health"), host)
    assert host.page(":8080", "/health") == (200, "text/plain; charset=utf-8", b"OK")


def test_it_is_where_the_corefile_says() -> None:
    host = FakeHost()
    setup(directives("health localhost:1234"), host)
    assert list(host.pages) == [("localhost:1234", "/health")]


async def test_at_the_end_it_waits_for_the_lameduck_time() -> None:
    host = FakeHost()
    setup(directives("health {\nlameduck 90s\n}"), host)
    await host.stop(final=True)
    assert host.lines == ["[INFO] plugin/health: Going into lameduck mode for 1m30s"]
    assert host.slept == [90.0]


async def test_at_a_reload_it_does_not_wait() -> None:
    host = FakeHost()
    setup(directives("health {\nlameduck 5s\n}"), host)
    await host.stop(final=False)
    assert (host.lines, host.slept) == ([], [])


async def test_each_second_it_looks_how_long_a_request_would_wait() -> None:
    host = FakeHost()
    setup(directives("health"), host)
    await host.start()
    host.advance(3)
    assert waits(host) == Buckets((0.00025, 0.0025, 0.025, 0.25, 2.5), (3, 0, 0, 0, 0, 0), 0.0)
    assert host.lines == []


async def test_a_long_wait_is_worth_a_warning() -> None:
    host = FakeHost()
    setup(directives("health :9999"), host)
    await host.start()
    host.stall(3.5)
    assert waits(host).counts == (0, 0, 0, 0, 1, 0)
    expected = 'Local health request to "http://localhost:9999/health" took more than 1s: 2.5s'
    assert host.lines[:1] == [f"[WARNING] plugin/health: {expected}"]


async def test_blocks_share_a_page_and_one_look_a_second() -> None:
    host = FakeHost()
    for _ in range(2):
        setup(directives("health"), host)
    await host.start()
    host.advance(1)
    assert sum(waits(host).counts) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("health 8080", "address 8080: missing port in address"),
        ("health :1 :2", "Wrong argument count or unexpected line ending after ':2'"),
        ("health {\nlameduck\n}", "Wrong argument count"),
        ("health {\nlameduck a\n}", "unable to parse lameduck duration value: 'a' : time: invalid duration \"a\""),
        ("health {\nlamedudk 4\n}", "unknown property 'lamedudk'"),
    ],
)
def test_other_settings_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        setup(directives(text), FakeHost())
