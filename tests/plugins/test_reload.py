import pytest

from resolver.corefile.tokens import BadConfig
from resolver.plugins.reload import setup
from tests.support.fake_host import FakeHost, directives

RUNNING = "[INFO] plugin/reload: Running configuration SHA512 = a1"


class Disk:
    """The configuration on disk: its fingerprint, or why it cannot be read."""

    def __init__(self) -> None:
        self.now: str | Exception = "a1"

    def fingerprints(self) -> tuple[str, str]:
        if isinstance(self.now, Exception):
            raise self.now
        return "a1", self.now


async def started(text: str = "reload 2s 0s") -> tuple[FakeHost, Disk]:
    host, disk = FakeHost(), Disk()
    host.fingerprints = disk.fingerprints
    setup(directives(text), host)
    await host.start()
    return host, disk


def metrics(host: FakeHost) -> list[tuple[str, dict[str, str], object]]:
    return [(row.name.removeprefix("coredns_reload_"), dict(row.labels), row.value) for row in host.metrics()]


async def test_the_running_configuration_is_told_at_the_start() -> None:
    host, _ = await started()
    assert host.lines == [RUNNING]
    assert metrics(host) == [("failed_total", {}, 0)]


async def test_a_changed_configuration_is_read_anew_once() -> None:
    host, disk = await started()
    host.advance(10)
    assert host.reloads == 0
    disk.now = "b2"
    host.advance(2)
    assert host.reloads == 1
    host.advance(10)
    assert host.reloads == 1
    assert metrics(host) == [("failed_total", {}, 0), ("version_info", {"hash": "sha512", "value": "b2"}, 1)]


async def test_one_that_cannot_be_used_is_complained_about_once() -> None:
    host, disk = await started()
    host.reload_error, disk.now = "plugin/forward: Corefile:3 - Error", "b2"
    host.advance(10)
    failed = "[ERROR] plugin/reload: Corefile changed but reload failed: plugin/forward: Corefile:3 - Error"
    assert host.lines == [RUNNING, failed]
    assert metrics(host)[0] == ("failed_total", {}, 1)
    disk.now = "a1"  # back to what runs: tried again all the same, as in CoreDNS
    host.reload_error = ""
    host.advance(2)
    assert host.reloads == 2


async def test_one_that_cannot_be_parsed_is_complained_about_once_and_not_tried() -> None:
    host, disk = await started()
    disk.now = BadConfig("Unexpected EOF", file="Corefile", line=9)
    host.advance(10)
    parse_failed = "[WARNING] plugin/reload: Corefile parse failed: Corefile:9 - Error during parsing: Unexpected EOF"
    assert host.lines == [RUNNING, parse_failed]
    disk.now = "a1"
    host.advance(2)
    disk.now = BadConfig("Unexpected EOF", file="Corefile", line=9)
    host.advance(2)
    assert host.lines == [RUNNING, parse_failed, parse_failed]
    assert host.reloads == 0


async def test_a_file_that_is_being_replaced_is_looked_at_again() -> None:
    host, disk = await started()
    disk.now = FileNotFoundError()
    host.advance(10)
    disk.now = "b2"
    host.advance(2)
    assert (host.reloads, host.lines) == (1, [RUNNING])


async def test_one_that_broke_before_the_start_was_over_is_read_when_it_is_mended() -> None:
    host = FakeHost()
    disk = Disk()
    host.fingerprints, disk.now = disk.fingerprints, FileNotFoundError()
    setup(directives("reload 2s 0s"), host)
    await host.start()
    disk.now = "a1"
    host.advance(2)
    assert host.reloads == 1


async def test_a_configuration_from_no_file_is_not_watched() -> None:
    host = FakeHost()
    setup(directives("reload"), host)
    await host.start()
    host.advance(600)
    assert (host.lines, host.reloads) == ([], 0)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("reload", 22.5, 37.5),
        ("reload 10s", 7.5, 12.5),
        ("reload 2s", 1.5, 2.5),
        ("reload 1m 10s", 55, 65),
        ("reload 1m 0", 60, 60),
    ],
)
async def test_the_interval_is_blurred_by_at_most_half_of_the_jitter(text: str, least: float, most: float) -> None:
    host, disk = await started(text)
    disk.now = "b2"
    host.advance(least - 0.001)
    assert host.reloads == 0
    host.advance(most - least + 0.002)
    assert host.reloads == 1


async def test_blocks_share_one_watch_and_the_last_ones_interval() -> None:
    host, disk = FakeHost(), Disk()
    host.fingerprints = disk.fingerprints
    for text in ("reload 2s 0", "reload 10s 0"):
        setup(directives(text), host)
    await host.start()
    disk.now = "b2"
    host.advance(9)
    assert host.reloads == 0
    host.advance(1)
    assert (host.reloads, host.lines) == (1, [RUNNING])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("reload 1s 1s 1s", "Wrong argument count or unexpected line ending after '1s'"),
        ("reload soon", 'time: invalid duration "soon"'),
        ("reload 10", 'time: missing unit in duration "10"'),
        ("reload 1s", "interval value must be greater or equal to 2s"),
        ("reload 5s x", 'time: invalid duration "x"'),
        ("reload 5s 500ms", "jitter value must be 0 or greater or equal to 1s"),
        ("reload 5s -1s", "jitter value must be 0 or greater or equal to 1s"),
    ],
)
def test_other_settings_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        setup(directives(text), FakeHost())
