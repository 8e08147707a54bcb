from dataclasses import dataclass

import pytest

from resolver.corefile.tokens import BadConfig
from resolver.plugins.ready import setup
from tests.support.fake_host import FakeHost, directives
from tests.support.questions import Neighbour

TEXT = "text/plain; charset=utf-8"


@dataclass
class Slow(Neighbour):
    """A plugin that says whether it is ready."""

    is_ready: bool = False

    def ready(self) -> bool:
        return self.is_ready


async def started(text: str, *plugins: Neighbour) -> FakeHost:
    host = FakeHost()
    host.plugins = list(plugins)
    setup(directives(text), host)
    await host.start()
    return host


async def test_without_plugins_that_report_it_is_ready() -> None:
    host = await started("ready", Neighbour("errors"))
    assert host.page(":8181", "/ready") == (200, TEXT, b"OK")


async def test_the_unready_are_named_in_order() -> None:
    host = await started("ready", Slow("kubernetes"), Slow("auto"), Slow("erratic", is_ready=True), Slow("auto"))
    assert host.page(":8181", "/ready") == (503, TEXT, b"auto,kubernetes")
    assert host.lines == ['[INFO] plugin/ready: Plugins not ready: "auto,kubernetes"']


@pytest.mark.parametrize(
    ("text", "status"),
    [("ready", 200), ("ready {\nmonitor until-ready\n}", 200), ("ready {\nmonitor continuously\n}", 503)],
)
async def test_once_ready_is_ready_for_good_unless_monitored(text: str, status: int) -> None:
    plugin = Slow("kubernetes", is_ready=True)
    host = await started(text, plugin)
    assert host.page(":8181", "/ready")[0] == 200
    plugin.is_ready = False
    assert host.page(":8181", "/ready")[0] == status


async def test_blocks_wait_for_each_others_plugins_on_one_page() -> None:
    host = await started("ready", Slow("kubernetes"))
    other = FakeHost()
    other.plugins = [Slow("auto")]
    other.shared_objects, other.pages = host.shared_objects, host.pages
    setup(directives("ready"), other)
    await other.start()
    assert host.page(":8181", "/ready")[2] == b"auto,kubernetes"


async def test_at_the_end_it_is_not_ready_any_more() -> None:
    host = await started("ready localhost:1234")
    await host.stop(final=True)
    assert host.page("localhost:1234", "/ready") == (503, TEXT, b"Shutting down")


async def test_at_a_reload_it_stays_as_it_is() -> None:
    host = await started("ready")
    await host.stop(final=False)
    assert host.page(":8181", "/ready")[0] == 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ready 8181", "address 8181: missing port in address"),
        ("ready :1 :2", "Wrong argument count or unexpected line ending after ':2'"),
        ("ready {\nmonitor\n}", "Wrong argument count"),
        ("ready {\nmonitor often\n}", "monitor type 'often' not supported"),
        ("ready {\nwatch\n}", "unknown property 'watch'"),
        ("ready\nready", "this plugin can only be used once per Server Block"),
    ],
)
def test_other_settings_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        setup(directives(text), FakeHost())
