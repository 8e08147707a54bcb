import asyncio
import threading

import pytest

from resolver.testing.loop_thread import LoopThread


@pytest.fixture
def thread():
    made = LoopThread("test-loop")
    yield made
    made.stop()


def test_work_is_done_in_the_thread_and_its_result_comes_back(thread):
    async def where():
        await asyncio.sleep(0)
        return threading.current_thread().name

    assert thread.run(where) == "test-loop"
    assert thread.call(lambda: threading.current_thread().name) == "test-loop"


def test_what_the_work_raises_comes_back(thread):
    def fail():
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        thread.call(fail)


def test_the_loop_is_the_stock_one_whatever_the_policy(thread):
    assert thread.call(lambda: type(asyncio.get_running_loop())) is asyncio.SelectorEventLoop


def test_the_end_ends_tasks_loop_and_thread(thread):
    ended = []

    async def forever():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(asyncio.get_running_loop())

    tasks = []

    async def begin():
        tasks.append(asyncio.ensure_future(forever()))
        await asyncio.sleep(0)

    thread.run(begin)
    thread.stop()
    thread.stop()
    assert not thread.running
    assert ended[0].is_closed()
    assert "test-loop" not in [each.name for each in threading.enumerate()]


def test_work_after_the_end_is_refused(thread):
    thread.stop()
    with pytest.raises(RuntimeError, match="does not run"):
        thread.call(lambda: None)
