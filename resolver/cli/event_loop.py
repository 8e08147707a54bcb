"""The event loop a command runs on. asyncio is imported when one runs: it takes half the time of a `--help`."""

from collections.abc import Coroutine
from typing import Any


def run_fastest(work: Coroutine[Any, Any, int]) -> int:
    """uvloop where it is installed (extra `uvloop`), the standard loop elsewhere."""
    import asyncio

    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
