"""What a block's plugins get from the program: timers, tasks and steps that end with the block, and the ways out."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from resolver.cluster.source import ClusterRequest, Location
from resolver.server.clusters import Clusters
from resolver.server.host import BlockHost
from resolver.server.instance import Instance
from tests.support.log_lines import LogLines
from tests.support.questions import question

ZONES = (b"\x04shop\x00",)


class Hosted:
    """A host in a block of an instance that notes what it is asked for."""

    def __init__(self) -> None:
        self.output = LogLines()
        self.instance = Mock(spec=Instance)
        self.host = BlockHost(self.instance, self.output.log, ZONES, ["errors", "log"])


@pytest.fixture
async def hosted() -> AsyncIterator[Hosted]:
    world = Hosted()
    yield world
    await world.host.stop()


def times(count: int) -> tuple[Callable[[], None], asyncio.Event]:
    """A step, and what is set when it has been called so often."""
    called, done = 0, asyncio.Event()

    def step() -> None:
        nonlocal called
        called += 1
        if called == count:
            done.set()

    return step, done


async def test_a_step_comes_later_once(hosted: Hosted) -> None:
    step, done = times(1)
    hosted.host.later(0, step)
    assert not done.is_set()
    await asyncio.wait_for(done.wait(), 5)


async def test_a_step_comes_again_and_again(hosted: Hosted) -> None:
    step, done = times(5)
    hosted.host.every(0.001, step)
    await asyncio.wait_for(done.wait(), 5)


async def test_a_step_that_fails_is_told_and_comes_again(hosted: Hosted) -> None:
    count, done = times(3)

    def step() -> None:
        count()
        raise ValueError("no" * 500)

    hosted.host.every(0.001, step)
    await asyncio.wait_for(done.wait(), 5)
    assert hosted.output.lines[0].startswith("[ERROR] a timer failed: ValueError: nono")
    assert max(map(len, hosted.output.lines)) < 300


async def test_timers_end_with_the_block() -> None:
    world = Hosted()
    fired: list[int] = []
    world.host.later(0, lambda: fired.append(1))
    world.host.every(0, lambda: fired.append(2))
    await world.host.stop()
    world.host.later(0, lambda: fired.append(3))
    fence, done = times(1)
    asyncio.get_running_loop().call_later(0.001, fence)
    await asyncio.wait_for(done.wait(), 5)
    assert fired == []


async def until_cancelled(ended: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("cancelled")


async def test_what_was_spawned_is_cancelled_at_the_end() -> None:
    world = Hosted()
    ended: list[str] = []
    world.host.spawn(until_cancelled(ended))
    await asyncio.sleep(0)
    await world.host.stop()
    assert ended == ["cancelled"]


async def test_nothing_is_spawned_after_the_end() -> None:
    world = Hosted()
    await world.host.stop()
    ended: list[str] = []
    world.host.spawn(until_cancelled(ended))
    await asyncio.sleep(0)
    assert ended == []
    assert len(asyncio.all_tasks()) == 1


async def failing() -> None:
    raise OSError("no way")


RUNNERS: list[Callable[[BlockHost, Coroutine[Any, Any, None]], Any]] = [
    lambda host, work: host.spawn(work),
    lambda host, work: host.within(5, work),
]


@pytest.mark.parametrize("run", RUNNERS)
async def test_a_task_that_fails_is_told(hosted: Hosted, run: Callable[..., Any]) -> None:
    waited = run(hosted.host, failing())
    if waited is not None:
        assert await waited
    assert await hosted.output.until(bool) == ["[ERROR] a task failed: OSError: no way"]


async def test_work_is_waited_for_as_long_as_it_may_take(hosted: Hosted) -> None:
    going = asyncio.Event()
    ended: list[str] = []

    async def work() -> None:
        await going.wait()
        ended.append("done")

    assert not await hosted.host.within(0, work())
    assert await hosted.host.within(5, asyncio.sleep(0))
    going.set()
    assert await hosted.host.within(5, work())
    assert ended == ["done", "done"]  # the first went on beside it


async def test_last_steps_run_in_order_and_none_keeps_another_back() -> None:
    world = Hosted()
    said: list[str] = []

    def saying(word: str) -> Callable[[], Coroutine[Any, Any, None]]:
        async def step() -> None:
            said.append(word)
            if word == "first":
                raise RuntimeError("stuck")

        return step

    world.host.on_stop(saying("first"))
    world.host.on_stop(saying("second"))
    world.host.on_shutdown(saying("before"))
    await world.host.shut_down()
    assert said == ["before"]
    await world.host.stop()
    assert said == ["before", "first", "second"]
    assert world.output.lines == ["[ERROR] stopping failed: RuntimeError: stuck"]


async def test_steps_are_kept_for_the_instance(hosted: Hosted) -> None:
    async def step() -> None: ...

    hosted.host.on_start(step)
    hosted.host.on_listening(step)
    hosted.host.add_metrics(lambda: ())
    assert (hosted.host.starting, hosted.host.listening) == ([step], [step])
    assert len(hosted.host.metric_sources) == 1


async def test_lines_go_to_the_log(hosted: Hosted) -> None:
    hosted.host.log("WARNING", "plugin/errors: careful", {"qname": "a."})
    hosted.host.print("a line")
    assert hosted.output.lines == ["[WARNING] plugin/errors: careful", "a line"]
    assert not hosted.host.json_log


async def test_addresses_of_several_binds_add_up(hosted: Hosted) -> None:
    assert hosted.host.bound() == ()
    hosted.host.bind(["127.0.0.1"])
    hosted.host.bind(["::1", "10.0.0.1"])
    assert hosted.host.bound() == ("127.0.0.1", "::1", "10.0.0.1")


async def test_a_question_of_the_block_goes_through_the_listener_that_was_asked(hosted: Hosted) -> None:
    query = question()
    query.router = router = Mock()
    assert hosted.host.ask(query) is router.ask.return_value
    router.ask.assert_called_once_with(query)


async def test_a_question_that_nobody_asked_goes_through_the_first_listener(hosted: Hosted) -> None:
    query = question()
    query.router = None
    hosted.host.servers = ("dns://:53", "dns://:54")
    router = hosted.instance.router_named.return_value
    assert hosted.host.ask(query) is router.ask.return_value
    hosted.instance.router_named.assert_called_once_with("dns://:53")


PASSED_ON: list[tuple[Callable[[BlockHost], Any], str]] = [
    (lambda host: host.add_status(":8080", "/health", Mock()), "add_status"),
    (lambda host: host.shared("pages", list), "shared"),
    (lambda host: host.metrics(), "metrics"),
    (lambda host: host.flush_counts(), "flush_counts"),
    (lambda host: host.forget([("service", b"x")]), "forget"),
    (lambda host: host.local_addresses(), "local_addresses"),
    (lambda host: host.reload(), "ask_for_reload"),
    (lambda host: host.fingerprint(), "fingerprints"),
    (lambda host: host.fatal("over"), "ask_for_end"),
]


@pytest.mark.parametrize(("call", "asked"), PASSED_ON, ids=[name for _, name in PASSED_ON])
async def test_what_is_beyond_the_block_is_asked_of_the_instance(
    hosted: Hosted, call: Callable[[BlockHost], Any], asked: str
) -> None:
    result = call(hosted.host)
    method = getattr(hosted.instance, asked)
    method.assert_called_once()
    assert result in (None, method.return_value)


async def test_a_cluster_is_one_of_the_instance(hosted: Hosted) -> None:
    hosted.instance.clusters = Mock(spec=Clusters)
    request = ClusterRequest(Location())
    assert hosted.host.cluster(request) is hosted.instance.clusters.inventory.return_value
    hosted.instance.clusters.inventory.assert_called_once_with(request)


async def test_facts_about_the_block(hosted: Hosted) -> None:
    host = hosted.host
    assert host.zones == ZONES
    assert host.enabled() == ("errors", "log")
    assert host.neighbours() is host.plugins
    assert not host.stacktraces
    host.show_stacktraces()
    assert host.stacktraces


async def test_clocks_are_those_of_the_system(hosted: Hosted) -> None:
    before, ticks = time.time(), time.monotonic()
    assert before <= hosted.host.now() <= time.time()
    assert ticks <= hosted.host.monotonic() <= time.monotonic()
    await hosted.host.sleep(0)


async def test_files_are_read_as_bytes(hosted: Hosted, tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    with pytest.raises(FileNotFoundError):
        hosted.host.read_file(str(path))
    assert hosted.host.file_stamp(str(path)) is None
    path.write_bytes(b"\xff")
    assert hosted.host.read_file(str(path)) == b"\xff"
    assert hosted.host.file_stamp(str(path)) == (path.stat().st_mtime_ns, 1)


async def test_the_machine_has_interfaces(hosted: Hosted) -> None:
    assert ("127.0.0.1") in [address for _, address in hosted.host.interfaces()]


# -- pauses -----------------------------------------------------------------------------------------------------------


async def test_a_pause_takes_its_time(hosted: Hosted) -> None:
    await asyncio.wait_for(hosted.host.pause(0.001), 5)


@pytest.mark.parametrize("end", ["shut_down", "stop"])
async def test_pauses_end_when_the_program_or_the_block_does(hosted: Hosted, end: str) -> None:
    pauses = [asyncio.ensure_future(hosted.host.pause(300)) for _ in range(3)]
    await asyncio.sleep(0)
    await getattr(hosted.host, end)()
    await asyncio.wait_for(asyncio.gather(*pauses), 5)
    await asyncio.wait_for(hosted.host.pause(300), 5)


async def test_a_pause_that_is_given_up_leaves_nothing(hosted: Hosted) -> None:
    pause = asyncio.ensure_future(hosted.host.pause(300))
    await asyncio.sleep(0)
    pause.cancel()
    await asyncio.gather(pause, return_exceptions=True)
    assert hosted.host._pauses == set()


async def test_all_kept_replies_are_dropped_on_demand(hosted: Hosted) -> None:
    hosted.host.forget_all()
    hosted.instance.forget_all.assert_called_once_with()
