"""An event loop in a thread of its own, which other threads have work done in."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

_T = TypeVar("_T")


class LoopThread:
    """Lives from its making to `stop`. The thread is a daemon: a forgotten one does not keep the program."""

    def __init__(self, name: str) -> None:
        self._started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self.thread = threading.Thread(target=self._work, name=name, daemon=True)
        self.thread.start()
        self._loop, self._end = self._started.result()

    @property
    def running(self) -> bool:
        """False after `stop`, and in a process that was forked from the one it was made in."""
        return self.thread.is_alive()

    def run(self, work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Has a coroutine made and run there; its result, or what it raises. RuntimeError if it does not run."""
        if not self.running:
            raise RuntimeError("the thread does not run (any more, or in this process)")
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result()

    def call(self, work: Callable[[], _T]) -> _T:
        """The same for a plain function."""

        async def called() -> _T:
            return work()

        return self.run(called)

    def stop(self) -> None:
        """Ends all tasks, the loop and the thread. Idempotent."""
        if self.running:
            self._loop.call_soon_threadsafe(self._end.set)
            self.thread.join()

    def _work(self) -> None:
        """The stock loop whatever the policy says: that of a test may play with time."""
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._until_the_end())

    async def _until_the_end(self) -> None:
        end = asyncio.Event()
        self._started.set_result((asyncio.get_running_loop(), end))
        await end.wait()
